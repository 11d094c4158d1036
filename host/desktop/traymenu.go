package desktop

import (
	"fmt"
	"sync"

	"github.com/godbus/dbus/v5"
)

// maxAsked bounds how many lines of the menu one call may name.
const maxAsked = 256

// trayMenu is the icon's menu as com.canonical.dbusmenu has it: one level, where
// the line with index n has the number n+1 and 0 is the whole. Its exported
// methods are called by the tray.
type trayMenu struct {
	click    func(id, token string)
	mu       sync.Mutex
	items    []TrayItem
	revision uint32
}

// menuNode is a line with what is below it.
type menuNode struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// menuLine is a line with its properties.
type menuLine struct {
	ID    int32
	Props map[string]dbus.Variant
}

// menuEvent is what a person did with a line.
type menuEvent struct {
	ID   int32
	Kind string
	Data dbus.Variant
	Time uint32
}

// set changes the menu and gives its new revision.
func (m *trayMenu) set(items []TrayItem) uint32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.items = items
	m.revision++
	return m.revision
}

// props are the properties of a line; false where there is none.
func (m *trayMenu) props(id int32) (map[string]dbus.Variant, bool) {
	if id == 0 {
		return map[string]dbus.Variant{"children-display": dbus.MakeVariant("submenu")}, true
	}
	if id < 1 || int(id) > len(m.items) {
		return nil, false
	}
	it := m.items[id-1]
	if it.ID == "" && it.Text == "" {
		return map[string]dbus.Variant{"type": dbus.MakeVariant("separator")}, true
	}
	p := map[string]dbus.Variant{"label": dbus.MakeVariant(underlined(it.Text)), "enabled": dbus.MakeVariant(true), "visible": dbus.MakeVariant(true)}
	if it.Radio || it.Check {
		kind, on := "checkmark", int32(0)
		if it.Radio {
			kind = "radio"
		}
		if it.On {
			on = 1
		}
		p["toggle-type"], p["toggle-state"] = dbus.MakeVariant(kind), dbus.MakeVariant(on)
	}
	return p, true
}

// underlined keeps an underscore one: alone it marks a key.
func underlined(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] == '_' {
			out = append(out, '_')
		}
		out = append(out, text[i])
	}
	return string(out)
}

func noLine(id int32) *dbus.Error {
	return dbus.MakeFailedError(fmt.Errorf("the menu has no line %d", id))
}

// GetLayout gives a line and, unless depth is 0, what is below it.
func (m *trayMenu) GetLayout(parent, depth int32, _ []string) (uint32, menuNode, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	props, ok := m.props(parent)
	if !ok {
		return 0, menuNode{}, noLine(parent)
	}
	node := menuNode{ID: parent, Props: props, Children: []dbus.Variant{}}
	if parent == 0 && depth != 0 {
		for i := range m.items {
			line, _ := m.props(int32(i) + 1)
			node.Children = append(node.Children, dbus.MakeVariant(menuNode{ID: int32(i) + 1, Props: line, Children: []dbus.Variant{}}))
		}
	}
	return m.revision, node, nil
}

// GetGroupProperties gives the properties of lines; of all when none is named.
func (m *trayMenu) GetGroupProperties(ids []int32, _ []string) ([]menuLine, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(ids) == 0 {
		for i := range len(m.items) + 1 {
			ids = append(ids, int32(i))
		}
	}
	lines := []menuLine{}
	for _, id := range ids[:min(len(ids), maxAsked)] {
		if props, ok := m.props(id); ok {
			lines = append(lines, menuLine{id, props})
		}
	}
	return lines, nil
}

// GetProperty gives one property of a line.
func (m *trayMenu) GetProperty(id int32, name string) (dbus.Variant, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	props, ok := m.props(id)
	v, has := props[name]
	if !ok || !has {
		return dbus.MakeVariant(""), noLine(id)
	}
	return v, nil
}

// Event tells what the person did with a line.
func (m *trayMenu) Event(id int32, kind string, _ dbus.Variant, _ uint32) *dbus.Error {
	m.mu.Lock()
	chosen := ""
	if id >= 1 && int(id) <= len(m.items) {
		chosen = m.items[id-1].ID
	}
	m.mu.Unlock()
	if kind == "clicked" && chosen != "" {
		m.click(chosen, "")
	}
	return nil
}

// EventGroup is Event for several; it answers the lines that there are not.
func (m *trayMenu) EventGroup(events []menuEvent) ([]int32, *dbus.Error) {
	missing := []int32{}
	for _, e := range events[:min(len(events), maxAsked)] {
		m.mu.Lock()
		_, ok := m.props(e.ID)
		m.mu.Unlock()
		if !ok {
			missing = append(missing, e.ID)
			continue
		}
		_ = m.Event(e.ID, e.Kind, e.Data, e.Time) // never fails
	}
	return missing, nil
}

// AboutToShow says whether the menu has to be asked for again: never, changes are
// told when they happen.
func (m *trayMenu) AboutToShow(int32) (bool, *dbus.Error) { return false, nil }

// AboutToShowGroup is AboutToShow for several.
func (m *trayMenu) AboutToShowGroup([]int32) ([]int32, []int32, *dbus.Error) {
	return []int32{}, []int32{}, nil
}
