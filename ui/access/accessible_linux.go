package access

import (
	"image"
	"sort"
	"strconv"

	"gioui.org/io/key"
)

// Numbers of AT-SPI's states.
const (
	stateActive       = 1
	stateChecked      = 4
	stateEditable     = 7
	stateEnabled      = 8
	stateFocusable    = 11
	stateFocused      = 12
	stateModal        = 16
	stateMultiLine    = 17
	stateResizable    = 21
	stateSelectable   = 22
	stateSelected     = 23
	stateSensitive    = 24
	stateShowing      = 25
	stateSingleLine   = 26
	stateVisible      = 30
	stateInvalidEntry = 36
	stateSelectedText = 38
	stateCheckable    = 41
	stateHasPopup     = 42
	stateReadOnly     = 43
	roleApplication   = 75
	rolePasswordText  = 40
	roleText          = 61
	roleCheckMenuItem = 8
	layerWidget       = 3
	coordsScreen      = 0
	coordsParent      = 2
)

// roles are AT-SPI's numbers and words for ours.
var roles = map[Role]struct {
	number uint32
	name   string
}{
	Label: {29, "label"}, Panel: {39, "panel"}, Button: {43, "push button"}, Switch: {62, "toggle button"},
	CheckBox: {7, "check box"}, Radio: {44, "radio button"}, Entry: {79, "entry"}, List: {31, "list"}, ListItem: {32, "list item"},
	Menu: {41, "popup menu"}, MenuItem: {35, "menu item"}, Dialog: {16, "dialog"}, Notice: {101, "notification"},
	Heading: {83, "heading"}, Image: {27, "image"}, Link: {88, "link"}, Slider: {51, "slider"}, Progress: {42, "progress bar"},
	Tab: {37, "page tab"}, Canvas: {6, "canvas"}, Calendar: {5, "calendar"}, Frame: {23, "frame"},
}

func (x *object) role() (uint32, string) {
	n := x.node
	switch {
	case n == nil:
		return roleApplication, "application"
	case n.Text != nil && n.Text.Secret:
		return rolePasswordText, "password text"
	case n.Text != nil && n.Text.Lines:
		return roleText, "text"
	case n.Role == MenuItem && n.Selectable:
		return roleCheckMenuItem, "check menu item"
	}
	r := roles[n.Role]
	return r.number, r.name
}

// states are the states of a node as a set of bits.
func states(v shown, n *Node) uint64 {
	var bits uint64
	put := func(on bool, of ...uint) {
		for _, b := range of {
			if on {
				bits |= 1 << b
			}
		}
	}
	put(true, stateShowing, stateVisible)
	put(!n.Disabled, stateEnabled, stateSensitive)
	put(n == v.tree.Root, stateResizable)
	put(n == v.tree.Root && v.active, stateActive)
	put(n.Tag != nil || n.Take != nil || n.Stands, stateFocusable)
	put(n == v.tree.Focus && v.active, stateFocused)
	put(n.Modal, stateModal)
	put(n.Invalid, stateInvalidEntry)
	put(n.Popup, stateHasPopup)
	toggled := n.Role == Switch || n.Role == CheckBox || n.Role == Radio || n.Role == MenuItem && n.Selectable
	put(toggled, stateCheckable)
	put(toggled && n.Selected, stateChecked)
	put(!toggled && n.Selectable, stateSelectable)
	put(!toggled && n.Selected, stateSelected)
	if t := n.Text; t != nil {
		put(t.Set != nil && !n.Disabled, stateEditable)
		put(t.Set == nil || n.Disabled, stateReadOnly)
		put(t.Lines, stateMultiLine)
		put(!t.Lines, stateSingleLine)
		put(true, stateSelectedText)
	}
	return bits
}

// parent is what an object lies in.
func (x *object) parent() ref {
	switch {
	case x.node == nil:
		x.s.mu.Lock()
		defer x.s.mu.Unlock()
		if x.s.parent.Path == "" {
			return ref{"", nullPath}
		}
		return x.s.parent
	case x.node.Parent == nil:
		return x.s.ref(rootPath)
	}
	return x.s.ref(pathOf(x.node.Parent.ID))
}

func (x *object) children() []ref {
	if x.node == nil {
		return []ref{x.s.ref(pathOf(0))}
	}
	out := make([]ref, len(x.node.Children))
	for i, c := range x.node.Children {
		out[i] = x.s.ref(pathOf(c.ID))
	}
	return out
}

func (x *object) child(i int32) ref {
	all := x.children()
	if i < 0 || int(i) >= len(all) {
		return ref{"", nullPath}
	}
	return all[i]
}

// attributes are what has no place of its own: the place in a list.
func (x *object) attributes() map[string]string {
	out := map[string]string{"toolkit": toolkit}
	n := x.node
	if n == nil || n.Role != ListItem {
		return out
	}
	list, before := n.Parent, 0
	if list == nil || list.Role != List || list.Count == 0 {
		return out
	}
	for _, c := range list.Children[:n.Index] {
		if c.Role == ListItem {
			before++
		}
	}
	place := n.Place
	if place == 0 {
		place = list.First + before + 1
	}
	out["posinset"] = strconv.Itoa(min(place, list.Count))
	out["setsize"] = strconv.Itoa(list.Count)
	return out
}

const toolkit = "Switchboard"

var accessibleProperties = map[string]func(x *object) any{
	"Name": func(x *object) any {
		if x.node == nil {
			return x.s.o.Name
		}
		return x.node.Name
	},
	"Description": func(x *object) any {
		if x.node == nil {
			return ""
		}
		return x.node.Description
	},
	"Parent":       func(x *object) any { return x.parent() },
	"ChildCount":   func(x *object) any { return int32(len(x.children())) },
	"Locale":       func(*object) any { return "" },
	"AccessibleId": func(*object) any { return "" },
	"HelpText":     func(*object) any { return "" },
}

// get is a method without arguments.
func get(do func(x *object) any) method {
	return method{nil, func(x *object, _ []any) ([]any, error) { return []any{do(x)}, nil }}
}

var accessibleMethods = map[string]method{
	"GetChildAtIndex": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) { return []any{x.child(in[0].(int32))}, nil }},
	"GetChildren":     get(func(x *object) any { return x.children() }),
	"GetIndexInParent": get(func(x *object) any {
		if x.node == nil {
			return int32(-1)
		}
		return int32(x.node.Index)
	}),
	"GetRelationSet": get(func(*object) any {
		return []struct {
			Kind    uint32
			Targets []ref
		}{}
	}),
	"GetRole":              get(func(x *object) any { n, _ := x.role(); return n }),
	"GetRoleName":          get(func(x *object) any { _, n := x.role(); return n }),
	"GetLocalizedRoleName": get(func(x *object) any { _, n := x.role(); return n }),
	"GetState": get(func(x *object) any {
		if x.node == nil {
			return []uint32{1<<stateEnabled | 1<<stateSensitive | 1<<stateShowing | 1<<stateVisible, 0}
		}
		bits := states(x.view, x.node)
		return []uint32{uint32(bits), uint32(bits >> 32)}
	}),
	"GetAttributes":  get(func(x *object) any { return x.attributes() }),
	"GetApplication": get(func(x *object) any { return x.s.ref(rootPath) }),
	"GetInterfaces": get(func(x *object) any {
		var out []string
		for name := range interfaces {
			if x.has(name) {
				out = append(out, atspi+name)
			}
		}
		sort.Strings(out)
		return out
	}),
}

var applicationProperties = map[string]func(x *object) any{
	"ToolkitName":  func(*object) any { return toolkit },
	"Version":      func(*object) any { return "1" },
	"AtspiVersion": func(*object) any { return "2.1" },
	"Id": func(x *object) any {
		x.s.mu.Lock()
		defer x.s.mu.Unlock()
		return x.s.id
	},
}

var applicationMethods = map[string]method{
	"GetLocale": {[]any{uint32(0)}, func(*object, []any) ([]any, error) { return []any{""}, nil }},
}

// box is where a node is, in the coordinates that are asked for.
func (x *object) box(coords uint32) image.Rectangle {
	b := x.node.Bounds
	switch {
	case coords == coordsScreen && x.s.o.Origin != nil:
		return b.Add(x.s.o.Origin())
	case coords == coordsParent && x.node.Parent != nil:
		return b.Sub(x.node.Parent.Bounds.Min)
	}
	return b
}

// at finds the innermost node at a place.
func at(n *Node, p image.Point) *Node {
	for i := len(n.Children) - 1; i >= 0; i-- { // what is drawn last lies on top
		if c := n.Children[i]; p.In(c.Bounds) {
			return at(c, p)
		}
	}
	return n
}

func (x *object) point(in []any) image.Point {
	p := image.Pt(int(in[0].(int32)), int(in[1].(int32)))
	if coords := in[2].(uint32); coords == coordsScreen && x.s.o.Origin != nil {
		p = p.Sub(x.s.o.Origin())
	}
	return p
}

var componentMethods = map[string]method{
	"Contains": {[]any{int32(0), int32(0), uint32(0)}, func(x *object, in []any) ([]any, error) {
		return []any{x.point(in).In(x.node.Bounds)}, nil
	}},
	"GetAccessibleAtPoint": {[]any{int32(0), int32(0), uint32(0)}, func(x *object, in []any) ([]any, error) {
		p := x.point(in)
		if !p.In(x.node.Bounds) {
			return []any{ref{"", nullPath}}, nil
		}
		return []any{x.s.ref(pathOf(at(x.node, p).ID))}, nil
	}},
	"GetExtents": {[]any{uint32(0)}, func(x *object, in []any) ([]any, error) {
		b := x.box(in[0].(uint32))
		return []any{struct{ X, Y, W, H int32 }{int32(b.Min.X), int32(b.Min.Y), int32(b.Dx()), int32(b.Dy())}}, nil
	}},
	"GetPosition": {[]any{uint32(0)}, func(x *object, in []any) ([]any, error) {
		b := x.box(in[0].(uint32))
		return []any{int32(b.Min.X), int32(b.Min.Y)}, nil
	}},
	"GetSize": {nil, func(x *object, _ []any) ([]any, error) {
		return []any{int32(x.node.Bounds.Dx()), int32(x.node.Bounds.Dy())}, nil
	}},
	"GetLayer":      get(func(*object) any { return uint32(layerWidget) }),
	"GetMDIZOrder":  get(func(*object) any { return int16(0) }),
	"GetAlpha":      get(func(*object) any { return float64(1) }),
	"GrabFocus":     get(func(x *object) any { return x.grab() }),
	"ScrollTo":      {[]any{uint32(0)}, func(*object, []any) ([]any, error) { return []any{false}, nil }},
	"ScrollToPoint": {[]any{uint32(0), int32(0), int32(0)}, func(*object, []any) ([]any, error) { return []any{false}, nil }},
}

// grab asks for the keyboard.
func (x *object) grab() bool {
	n := x.node
	switch {
	case n.Disabled:
		return false
	case n.Take != nil:
		return x.do(n.Take)
	case n.Tag != nil:
		return x.do(func(gtx C) { gtx.Execute(key.FocusCmd{Tag: n.Tag}) })
	}
	return false
}
