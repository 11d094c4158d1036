package access

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// ref names an object on the accessibility bus: (so).
type ref struct {
	Name string
	Path dbus.ObjectPath
}

func (s *Server) ref(p dbus.ObjectPath) ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ref{s.name, p}
}

// pathOf is the path of a node. The root of the paths is the application, whose
// only child is the window, node 0.
func pathOf(id int64) dbus.ObjectPath {
	if id < 0 { // what was said; a path has no sign
		return dbus.ObjectPath(nodePath + "s" + strconv.FormatInt(-id, 10))
	}
	return dbus.ObjectPath(nodePath + "n" + strconv.FormatInt(id, 10))
}

// objects finds what a call of the bus is for, in the goroutine that answers calls.
type objects struct{ s *Server }

// LookupObject implements dbus.Handler.
func (o objects) LookupObject(path dbus.ObjectPath) (dbus.ServerObject, bool) {
	if path == cachePath {
		return cache{}, true
	}
	x, ok := o.s.object(path)
	if !ok {
		return nil, false
	}
	return x, true
}

// cachePath is where an application may hand out all its nodes at once.
const cachePath = "/org/a11y/atspi/cache"

// cache is empty: a window's nodes are few and change often, and who reads them
// one by one is never told of something that is gone.
type cache struct{}

// cached is an entry of the cache, as the bus wants it.
type cached struct {
	Object, Application, Parent ref
	Index, Count                int32
	Interfaces                  []string
	Name                        string
	Role                        uint32
	Description                 string
	States                      []uint32
}

// LookupInterface implements dbus.ServerObject.
func (cache) LookupInterface(name string) (dbus.Interface, bool) {
	none := method{nil, func(*object, []any) ([]any, error) { return []any{[]cached{}}, nil }}
	return table{nil, map[string]method{"GetItems": none}}, name == atspi+"Cache"
}

// object is the application or a node, as of now.
type object struct {
	s    *Server
	path dbus.ObjectPath
	view shown
	node *Node // nil is the application
}

func (s *Server) object(path dbus.ObjectPath) (*object, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := &object{s: s, path: path, view: s.now}
	if path == rootPath {
		return x, true
	}
	rest, ok := strings.CutPrefix(string(path), nodePath)
	if !ok || rest == "" || rest[0] != 'n' && rest[0] != 's' {
		return nil, false
	}
	id, err := strconv.ParseInt(rest[1:], 10, 64)
	if err != nil || id < 0 {
		return nil, false
	}
	if rest[0] == 's' {
		id = -id
	}
	x.node = s.now.tree.Nodes[id]
	for _, n := range s.notes {
		if n.ID == id {
			x.node = n
		}
	}
	return x, x.node != nil
}

// Prefix of the names of the interfaces.
const atspi = "org.a11y.atspi."

// LookupInterface implements dbus.ServerObject.
func (x *object) LookupInterface(name string) (dbus.Interface, bool) {
	switch name {
	case propsIface:
		return table{x, propertyMethods}, true
	case "org.freedesktop.DBus.Introspectable":
		return table{x, introspection}, true
	}
	short, ok := strings.CutPrefix(name, atspi)
	if !ok || !x.has(short) {
		return nil, false
	}
	return table{x, interfaces[short].methods}, true
}

// has tells whether the object has an interface.
func (x *object) has(name string) bool {
	n := x.node
	switch name {
	case "Accessible":
		return true
	case "Application":
		return n == nil
	case "Component":
		return n != nil
	case "Action":
		return n != nil && len(x.actions()) > 0
	case "Text":
		return n != nil && n.Text != nil
	case "EditableText":
		return n != nil && n.Text != nil && n.Text.Set != nil && !n.Disabled
	case "Selection":
		return n != nil && n.Role == List
	case "Value":
		return n != nil && n.Value != nil
	}
	return false
}

// table is the methods of one interface of one object.
type table struct {
	x       *object
	methods map[string]method
}

// LookupMethod implements dbus.Interface.
func (t table) LookupMethod(name string) (dbus.Method, bool) {
	m, ok := t.methods[name]
	if !ok {
		return nil, false
	}
	return call{t.x, m}, true
}

// method is what a call needs and does. in is a value of the type of each argument.
type method struct {
	in []any
	do func(x *object, in []any) ([]any, error)
}

// call is one method of one object.
type call struct {
	x *object
	m method
}

// Call implements dbus.Method.
func (c call) Call(args ...any) ([]any, error) { return c.m.do(c.x, args) }

// DecodeArguments implements dbus.ArgumentDecoder: a call whose arguments are of
// other types is refused.
func (c call) DecodeArguments(_ *dbus.Conn, _ string, _ *dbus.Message, args []any) ([]any, error) {
	if len(args) != len(c.m.in) {
		return nil, dbus.ErrMsgInvalidArg
	}
	for i, a := range args {
		if reflect.TypeOf(a) != reflect.TypeOf(c.m.in[i]) {
			return nil, dbus.ErrMsgInvalidArg
		}
	}
	return args, nil
}

// NumArguments implements dbus.Method.
func (c call) NumArguments() int { return len(c.m.in) }

// NumReturns implements dbus.Method.
func (c call) NumReturns() int { return 0 }

// ArgumentValue implements dbus.Method.
func (c call) ArgumentValue(i int) any { return c.m.in[i] }

// ReturnValue implements dbus.Method; godbus never asks.
func (c call) ReturnValue(int) any { return nil }

// iface is an interface: its methods and its properties.
type iface struct {
	methods    map[string]method
	properties map[string]func(x *object) any
}

var interfaces map[string]iface

func init() {
	interfaces = map[string]iface{
		"Accessible":   {accessibleMethods, accessibleProperties},
		"Application":  {applicationMethods, applicationProperties},
		"Component":    {componentMethods, nil},
		"Action":       {actionMethods, actionProperties},
		"Text":         {textMethods, textProperties},
		"EditableText": {editMethods, nil},
		"Selection":    {selectionMethods, selectionProperties},
		"Value":        {valueMethods, valueProperties},
	}
}

var propertyMethods = map[string]method{
	"Get": {[]any{"", ""}, func(x *object, in []any) ([]any, error) {
		p, err := x.property(in[0].(string), in[1].(string))
		if err != nil {
			return nil, err
		}
		return []any{dbus.MakeVariant(p)}, nil
	}},
	"GetAll": {[]any{""}, func(x *object, in []any) ([]any, error) {
		out := map[string]dbus.Variant{}
		short := strings.TrimPrefix(in[0].(string), atspi)
		if x.has(short) {
			for name, get := range interfaces[short].properties {
				out[name] = dbus.MakeVariant(get(x))
			}
		}
		return []any{out}, nil
	}},
	"Set": {[]any{"", "", dbus.Variant{}}, func(x *object, in []any) ([]any, error) {
		return nil, x.setProperty(in[0].(string), in[1].(string), in[2].(dbus.Variant))
	}},
}

func (x *object) property(name, property string) (any, error) {
	short := strings.TrimPrefix(name, atspi)
	if get, ok := interfaces[short].properties[property]; ok && x.has(short) {
		return get(x), nil
	}
	return nil, fmt.Errorf("there is no property %s.%s here", name, property)
}

func (x *object) setProperty(name, property string, v dbus.Variant) error {
	switch {
	case name == atspi+"Application" && property == "Id":
		if id, ok := v.Value().(int32); ok {
			x.s.mu.Lock()
			x.s.id = id
			x.s.mu.Unlock()
		}
		return nil
	case name == atspi+"Value" && property == "CurrentValue" && x.has("Value"):
		if f, ok := v.Value().(float64); ok && x.setValue(f) {
			return nil
		}
	}
	return fmt.Errorf("the property %s.%s cannot be set", name, property)
}

var introspection = map[string]method{
	"Introspect": {nil, func(x *object, _ []any) ([]any, error) {
		var b strings.Builder
		b.WriteString("<node>")
		for name := range interfaces {
			if x.has(name) {
				b.WriteString(`<interface name="` + atspi + name + `"/>`)
			}
		}
		b.WriteString("</node>")
		return []any{b.String()}, nil
	}},
}

// do has something done in the next frame.
func (x *object) do(what func(gtx C)) bool {
	if !x.s.rec.Queue(what) {
		return false
	}
	x.s.o.Wake()
	return true
}
