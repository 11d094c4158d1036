package access

import (
	"github.com/godbus/dbus/v5"
)

// bits and words of the states that are reported when they change.
var reported = []struct {
	bit  uint
	name string
}{
	{stateEnabled, "enabled"}, {stateSensitive, "sensitive"}, {stateChecked, "checked"}, {stateSelected, "selected"},
	{stateInvalidEntry, "invalid-entry"}, {stateFocusable, "focusable"}, {stateEditable, "editable"}, {stateFocused, "focused"},
	{stateActive, "active"},
}

// emitter sends the differences of two trees.
type emitter struct {
	conn *dbus.Conn
	ref  func(dbus.ObjectPath) ref
}

func (e emitter) send(id int64, event, detail string, a, b int, any any) {
	_ = e.conn.Emit(pathOf(id), "org.a11y.atspi.Event."+event, detail, int32(a), int32(b), // a bus that is gone ends serve
		dbus.MakeVariant(any), map[string]dbus.Variant{})
}

func (e emitter) state(id int64, name string, on bool) {
	n := 0
	if on {
		n = 1
	}
	e.send(id, "Object.StateChanged", name, n, 0, int32(0))
}

// emit tells assistive technology how two trees differ: first what came and went,
// then what changed, last where the keyboard is.
func emit(conn *dbus.Conn, r func(dbus.ObjectPath) ref, old, now shown) {
	e := emitter{conn, r}
	if old.active != now.active {
		event := "Window.Deactivate"
		if now.active {
			event = "Window.Activate"
		}
		e.send(0, event, "", 0, 0, now.tree.Root.Name)
	}
	e.children(old.tree, now.tree)
	for id, n := range now.tree.Nodes {
		if o := old.tree.Nodes[id]; o != nil {
			e.changed(old, now, o, n)
		}
	}
	for id, n := range now.tree.Nodes { // what begins to have the keyboard comes last
		o := old.tree.Nodes[id]
		has := states(now, n)&(1<<stateFocused) != 0
		if had := o != nil && states(old, o)&(1<<stateFocused) != 0; has && !had {
			e.state(id, "focused", true)
		}
	}
}

// children tells of what came and what went.
func (e emitter) children(old, now *Tree) {
	for id, o := range old.Nodes {
		for i := len(o.Children) - 1; i >= 0; i-- {
			c := o.Children[i]
			n := now.Nodes[c.ID]
			if n != nil && n.Parent != nil && n.Parent.ID == id || now.Nodes[id] == nil {
				continue
			}
			e.send(id, "Object.ChildrenChanged", "remove", c.Index, 0, e.ref(pathOf(c.ID)))
		}
	}
	for id, n := range now.Nodes {
		for _, c := range n.Children {
			if o := old.Nodes[c.ID]; o != nil && o.Parent != nil && o.Parent.ID == id {
				continue
			}
			e.send(id, "Object.ChildrenChanged", "add", c.Index, 0, e.ref(pathOf(c.ID)))
			e.state(c.ID, "showing", true)
		}
	}
}

// changed tells how one node changed.
func (e emitter) changed(old, now shown, o, n *Node) {
	if o.Name != n.Name {
		e.send(n.ID, "Object.PropertyChange", "accessible-name", 0, 0, n.Name)
	}
	if o.Description != n.Description {
		e.send(n.ID, "Object.PropertyChange", "accessible-description", 0, 0, n.Description)
	}
	if n.Value != nil && o.Value != nil && n.Value.Now != o.Value.Now {
		e.send(n.ID, "Object.PropertyChange", "accessible-value", 0, 0, n.Value.Now)
	}
	was, is := states(old, o), states(now, n)
	for _, s := range reported {
		if (was^is)&(1<<s.bit) != 0 && !(s.name == "focused" && is&(1<<s.bit) != 0) {
			e.state(n.ID, s.name, is&(1<<s.bit) != 0)
		}
	}
	if o.Text != nil && n.Text != nil {
		e.text(n.ID, o.Text, n.Text)
	}
}

// text tells what was typed, taken away, and where the caret went.
func (e emitter) text(id int64, o, n *Text) {
	if o.Content != n.Content {
		a, b := []rune(o.Content), []rune(n.Content)
		from := 0
		for from < len(a) && from < len(b) && a[from] == b[from] {
			from++
		}
		end := 0
		for end < len(a)-from && end < len(b)-from && a[len(a)-1-end] == b[len(b)-1-end] {
			end++
		}
		if gone := a[from : len(a)-end]; len(gone) > 0 {
			e.send(id, "Object.TextChanged", "delete", from, len(gone), string(gone))
		}
		if came := b[from : len(b)-end]; len(came) > 0 {
			e.send(id, "Object.TextChanged", "insert", from, len(came), string(came))
		}
	}
	if o.Caret != n.Caret {
		e.send(id, "Object.TextCaretMoved", "", n.Caret, 0, int32(0))
	}
	if (o.Caret != o.Mark || n.Caret != n.Mark) && (o.Caret != n.Caret || o.Mark != n.Mark) {
		e.send(id, "Object.TextSelectionChanged", "", 0, 0, int32(0))
	}
}
