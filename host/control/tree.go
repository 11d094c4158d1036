package control

import (
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// drawing is a view as JSON: what a person would see.
type drawing struct {
	Conversation string          `json:"conversation"`
	Session      string          `json:"session"`
	Plugin       string          `json:"plugin"`
	Revision     int64           `json:"revision"`
	Loading      bool            `json:"loading"`
	Fault        string          `json:"fault,omitempty"`
	Root         json.RawMessage `json:"root,omitempty"`
}

// draw merges the items of lists and the text of editors into the tree.
func draw(v *model.View) ([]byte, error) {
	d := drawing{Conversation: v.Key.Conversation, Session: v.Key.Session, Plugin: v.Plugin, Revision: v.Revision, Loading: v.Loading, Fault: v.Fault}
	if v.Root != nil {
		tree, err := plain(v.Root)
		if err != nil {
			return nil, err
		}
		if err := merge(tree, v); err != nil {
			return nil, err
		}
		if d.Root, err = json.Marshal(tree); err != nil {
			return nil, fmt.Errorf("the view cannot be written: %w", err)
		}
	}
	return json.Marshal(d)
}

func plain(n *contractv1.Node) (map[string]any, error) {
	data, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("the view cannot be written: %w", err)
	}
	var tree map[string]any
	err = json.Unmarshal(data, &tree)
	return tree, err
}

// merge walks the tree of one node and its children.
func merge(node map[string]any, v *model.View) error {
	id, _ := node["id"].(string)
	if list, ok := node["list"].(map[string]any); ok {
		if err := mergeList(list, v.Lists[id]); err != nil {
			return err
		}
	}
	for _, kind := range []string{"editor", "field"} {
		if body, ok := node[kind].(map[string]any); ok {
			if e, ok := v.Editors[id]; ok {
				body["text"] = e.Text
			}
		}
	}
	return mergeChildren(node, v)
}

func mergeChildren(value any, v *model.View) error {
	switch value := value.(type) {
	case map[string]any:
		for _, child := range value {
			if m, ok := child.(map[string]any); ok {
				if err := merge(m, v); err != nil {
					return err
				}
				continue
			}
			if err := mergeChildren(child, v); err != nil {
				return err
			}
		}
	case []any:
		for _, child := range value {
			if m, ok := child.(map[string]any); ok {
				if err := merge(m, v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func mergeList(body map[string]any, l *model.List) error {
	if l == nil {
		return nil
	}
	items := make([]map[string]any, 0, len(l.Items)) // of a type that merge does not walk
	for _, it := range l.Items {
		one := map[string]any{"key": it.Key, "revision": it.Revision}
		if it.Node != nil {
			tree, err := plain(it.Node)
			if err != nil {
				return err
			}
			one["node"] = tree
		}
		items = append(items, one)
	}
	body["items"], body["loaded"] = items, l.Loaded
	body["has_before"], body["has_after"] = l.HasBefore, l.HasAfter
	return nil
}

// place is where a node was found.
type place struct {
	node       *contractv1.Node
	list, item string
	revision   int64
}

// find looks for a node by id, or by <item key>/<id> in lists. An id of a chip
// or of a menu's item is given as the value of its node instead.
func find(v *model.View, name string) (place, error) {
	if v.Root == nil {
		return place{}, fmt.Errorf("the view shows nothing yet")
	}
	var found []place
	walk(v.Root, func(n *contractv1.Node) {
		if n.Id == name {
			found = append(found, place{node: n, revision: v.Revision})
		}
	})
	for id, l := range v.Lists {
		for _, it := range l.Items {
			walk(it.Node, func(n *contractv1.Node) {
				if n.Id == name || it.Key+"/"+n.Id == name || (it.Key == name && n == it.Node) {
					found = append(found, place{node: n, list: id, item: it.Key, revision: it.Revision})
				}
			})
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return place{}, fmt.Errorf("the view has no node %s", name)
	}
	return place{}, fmt.Errorf("%d nodes are called %s; write <item>/%s", len(found), name, name)
}

// walk calls f for a node and all nodes within it, by reflection: a kind of
// node that is added to the contract needs no line here.
func walk(n *contractv1.Node, f func(*contractv1.Node)) {
	if n == nil {
		return
	}
	f(n)
	walkMessage(n.ProtoReflect(), f)
}

func walkMessage(m protoreflect.Message, f func(*contractv1.Node)) {
	m.Range(func(fd protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if fd.Message() == nil || fd.IsMap() {
			return true
		}
		if fd.IsList() {
			for i := range value.List().Len() {
				visit(value.List().Get(i).Message(), f)
			}
			return true
		}
		visit(value.Message(), f)
		return true
	})
}

func visit(m protoreflect.Message, f func(*contractv1.Node)) {
	if n, ok := m.Interface().(*contractv1.Node); ok {
		walk(n, f)
		return
	}
	walkMessage(m, f)
}

// action is what a person does to a node: the kind follows from its body.
func action(p place, value string) (model.Action, error) {
	a := model.Action{Node: p.node.Id, Value: value, List: p.list, Item: p.item, Revision: p.revision}
	switch body := p.node.Body.(type) {
	case *contractv1.Node_Editor, *contractv1.Node_Field:
		a.Kind = contractv1.Action_SUBMIT
	case *contractv1.Node_Toggle:
		if value == "" {
			a.Value = map[bool]string{true: "false", false: "true"}[body.Toggle.On]
		}
		a.Kind = contractv1.Action_CHANGE
	case *contractv1.Node_Select, *contractv1.Node_Slider, *contractv1.Node_Tabs:
		a.Kind = contractv1.Action_CHANGE
	case *contractv1.Node_RichText:
		a.Kind = contractv1.Action_LINK
	case *contractv1.Node_Button:
		if body.Button.Disabled {
			return a, disabled(body.Button.Reason)
		}
		a.Kind = contractv1.Action_PRESS
	case *contractv1.Node_IconButton:
		if body.IconButton.Disabled {
			return a, disabled(body.IconButton.Reason)
		}
		a.Kind = contractv1.Action_PRESS
	default:
		a.Kind = contractv1.Action_PRESS
		if strings.HasPrefix(value, "plugin:") {
			a.Kind = contractv1.Action_LINK
		}
	}
	return a, nil
}

func disabled(reason string) error {
	if reason == "" {
		return fmt.Errorf("that cannot be pressed now")
	}
	return fmt.Errorf("that cannot be pressed now: %s", reason)
}
