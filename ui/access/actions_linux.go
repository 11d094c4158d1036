package access

import "math"

// actions are what can be done to a node, the press first. Their names are fixed
// words for the press, which screen readers know, and the menu's own for the rest.
func (x *object) actions() []Action {
	n := x.node
	if n.Disabled {
		return nil
	}
	var out []Action
	if n.Press != nil {
		name := "press"
		switch n.Role {
		case Switch, CheckBox:
			name = "toggle"
		case Radio, Tab:
			name = "select"
		case ListItem, MenuItem, Link:
			name = "activate"
		}
		out = append(out, Action{name, n.Press})
	}
	return append(out, n.Actions...)
}

// act does the i-th action in the next frame, if the node still offers it then.
func (x *object) act(i int32) bool {
	all := x.actions()
	if i < 0 || int(i) >= len(all) {
		return false
	}
	do, id := all[i].Do, x.node.ID
	return x.do(func(C) {
		if now, ok := x.s.object(pathOf(id)); ok && !now.node.Disabled {
			do()
		}
	})
}

func (x *object) action(i any) Action {
	if all, n := x.actions(), i.(int32); n >= 0 && int(n) < len(all) {
		return all[n]
	}
	return Action{}
}

var actionProperties = map[string]func(x *object) any{
	"NActions": func(x *object) any { return int32(len(x.actions())) },
}

var actionMethods = map[string]method{
	"GetName":          {[]any{int32(0)}, func(x *object, in []any) ([]any, error) { return []any{x.action(in[0]).Name}, nil }},
	"GetLocalizedName": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) { return []any{x.action(in[0]).Name}, nil }},
	"GetDescription":   {[]any{int32(0)}, func(*object, []any) ([]any, error) { return []any{""}, nil }},
	"GetKeyBinding":    {[]any{int32(0)}, func(*object, []any) ([]any, error) { return []any{""}, nil }},
	"GetActions": get(func(x *object) any {
		out := []struct{ Name, Description, Key string }{}
		for _, a := range x.actions() {
			out = append(out, struct{ Name, Description, Key string }{a.Name, "", ""})
		}
		return out
	}),
	"DoAction": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) { return []any{x.act(in[0].(int32))}, nil }},
}

// chosen are the selected children of a list.
func (x *object) chosen() []*Node {
	var out []*Node
	for _, c := range x.node.Children {
		if c.Selected {
			out = append(out, c)
		}
	}
	return out
}

var selectionProperties = map[string]func(x *object) any{
	"NSelectedChildren": func(x *object) any { return int32(len(x.chosen())) },
}

func refused(in ...any) method {
	return method{in, func(*object, []any) ([]any, error) { return []any{false}, nil }}
}

var selectionMethods = map[string]method{
	"GetSelectedChild": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) {
		if all, i := x.chosen(), in[0].(int32); i >= 0 && int(i) < len(all) {
			return []any{x.s.ref(pathOf(all[i].ID))}, nil
		}
		return []any{ref{"", nullPath}}, nil
	}},
	"SelectChild": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) {
		i := in[0].(int32)
		if i < 0 || int(i) >= len(x.node.Children) {
			return []any{false}, nil
		}
		c := &object{s: x.s, view: x.view, node: x.node.Children[i]}
		return []any{c.node.Press != nil && c.act(0)}, nil
	}},
	"IsChildSelected": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) {
		i := in[0].(int32)
		return []any{i >= 0 && int(i) < len(x.node.Children) && x.node.Children[i].Selected}, nil
	}},
	"DeselectSelectedChild": refused(int32(0)),
	"DeselectChild":         refused(int32(0)),
	"SelectAll":             refused(),
	"ClearSelection":        refused(),
}

var valueProperties = map[string]func(x *object) any{
	"MinimumValue":     func(x *object) any { return x.node.Value.Min },
	"MaximumValue":     func(x *object) any { return x.node.Value.Max },
	"MinimumIncrement": func(x *object) any { return x.node.Value.Step },
	"CurrentValue":     func(x *object) any { return x.node.Value.Now },
	"Text":             func(*object) any { return "" },
}

var valueMethods = map[string]method{}

func (x *object) setValue(f float64) bool {
	v := x.node.Value
	if v.Set == nil || x.node.Disabled || math.IsNaN(f) || math.IsInf(f, 0) {
		return false
	}
	return x.do(func(C) { v.Set(min(max(f, v.Min), v.Max)) })
}
