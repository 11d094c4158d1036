package viewcheck

import (
	"fmt"
	"math"

	contractv1 "switchboard/shared/contract/v1"
)

// walker visits a tree once.
type walker struct {
	compact, item bool
	nodes         int
	ids           map[string]bool
}

func (w *walker) node(n *contractv1.Node, depth int) error {
	if n == nil {
		return nil // an optional child
	}
	if depth > contractv1.MaxDepth {
		return fmt.Errorf("node %q is deeper than %d", n.GetId(), contractv1.MaxDepth)
	}
	w.nodes++
	if w.nodes > contractv1.MaxNodes {
		return fmt.Errorf("the view has more than %d nodes", contractv1.MaxNodes)
	}
	if id := n.GetId(); id != "" {
		if len(id) > MaxID {
			return fmt.Errorf("a node's id is longer than %d bytes", MaxID)
		}
		if w.ids[id] {
			return fmt.Errorf("id %q stands for two nodes", id)
		}
		w.ids[id] = true
	}
	if needsID(n) && n.GetId() == "" {
		return fmt.Errorf("a %s needs an id", kind(n))
	}
	if err := w.body(n); err != nil {
		return err
	}
	for _, c := range Children(n) {
		if err := w.node(c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// needsID: what acts or keeps state must be named.
func needsID(n *contractv1.Node) bool {
	switch n.GetBody().(type) {
	case *contractv1.Node_Button, *contractv1.Node_IconButton, *contractv1.Node_Field, *contractv1.Node_Editor,
		*contractv1.Node_Toggle, *contractv1.Node_Select, *contractv1.Node_Slider, *contractv1.Node_List,
		*contractv1.Node_Tabs, *contractv1.Node_Menu, *contractv1.Node_ContextMenu, *contractv1.Node_Popover,
		*contractv1.Node_Dialog, *contractv1.Node_Chips, *contractv1.Node_DropTarget, *contractv1.Node_Message:
		return true
	}
	return false
}

func (w *walker) body(n *contractv1.Node) error {
	switch b := n.GetBody().(type) {
	case *contractv1.Node_List:
		if w.compact {
			return fmt.Errorf("list %q: a compact view has no lists", n.GetId())
		}
		if w.item {
			return fmt.Errorf("list %q: a list item has no lists", n.GetId())
		}
	case *contractv1.Node_Session:
		if w.compact {
			return fmt.Errorf("a compact view has no other session in it")
		}
	case *contractv1.Node_Field:
		return text(n, b.Field.GetInitial(), b.Field.GetMaxBytes())
	case *contractv1.Node_Editor:
		return text(n, b.Editor.GetInitial(), b.Editor.GetMaxBytes())
	case *contractv1.Node_Slider:
		s := b.Slider
		for _, v := range []float64{s.GetMin(), s.GetMax(), s.GetValue(), s.GetStep()} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("slider %q: not a number", n.GetId())
			}
		}
		if s.GetMax() <= s.GetMin() || s.GetStep() < 0 {
			return fmt.Errorf("slider %q: an empty range", n.GetId())
		}
	case *contractv1.Node_Progress:
		if math.IsNaN(b.Progress.GetFraction()) {
			return fmt.Errorf("progress %q: not a number", n.GetId())
		}
	case *contractv1.Node_Image:
		if b.Image.GetWidth() > MaxPicture || b.Image.GetHeight() > MaxPicture {
			return fmt.Errorf("image %q: a side of more than %d pixels", n.GetId(), MaxPicture)
		}
	case *contractv1.Node_Grid:
		if b.Grid.GetColumns() > 64 {
			return fmt.Errorf("grid %q: more than 64 columns", n.GetId())
		}
	}
	return entries(n)
}

func text(n *contractv1.Node, initial string, limit uint32) error {
	if len(initial) > contractv1.MaxEditor || limit > contractv1.MaxEditor {
		return fmt.Errorf("%s %q: a text of more than %d bytes", kind(n), n.GetId(), contractv1.MaxEditor)
	}
	return nil
}

// entries checks the keyed entries of menus and their like.
func entries(n *contractv1.Node) error {
	ids := []string{}
	for _, i := range Entries(n) {
		ids = append(ids, i.GetId())
	}
	chips := n.GetChips().GetChips()
	if m := n.GetMessage(); m != nil {
		chips = m.GetReactions()
	}
	if len(ids) > MaxEntries || len(chips) > MaxEntries {
		return fmt.Errorf("%s %q: more than %d entries", kind(n), n.GetId(), MaxEntries)
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if id == "" || len(id) > MaxID || seen[id] {
			return fmt.Errorf("%s %q: entries need different ids of 1 to %d bytes", kind(n), n.GetId(), MaxID)
		}
		seen[id] = true
	}
	for _, c := range chips {
		if c.GetId() == "" || len(c.GetId()) > MaxID {
			return fmt.Errorf("%s %q: a chip needs an id", kind(n), n.GetId())
		}
	}
	return nil
}

// Entries are the items of a select, tabs, menu, context menu or message.
func Entries(n *contractv1.Node) []*contractv1.Item {
	switch b := n.GetBody().(type) {
	case *contractv1.Node_Select:
		return b.Select.GetItems()
	case *contractv1.Node_Tabs:
		return b.Tabs.GetItems()
	case *contractv1.Node_Menu:
		return b.Menu.GetItems()
	case *contractv1.Node_ContextMenu:
		return b.ContextMenu.GetItems()
	case *contractv1.Node_Message:
		return b.Message.GetMenu()
	}
	return nil
}

// Children are the nodes directly below a node, in the order of drawing. Some
// may be nil.
func Children(n *contractv1.Node) []*contractv1.Node {
	switch b := n.GetBody().(type) {
	case *contractv1.Node_Column:
		return b.Column.GetChildren()
	case *contractv1.Node_Row:
		return b.Row.GetChildren()
	case *contractv1.Node_Grid:
		return b.Grid.GetChildren()
	case *contractv1.Node_Editor:
		e := b.Editor
		return join([]*contractv1.Node{e.GetBanner()}, e.GetLeading(), e.GetTrailing())
	case *contractv1.Node_Tabs:
		return []*contractv1.Node{b.Tabs.GetContent()}
	case *contractv1.Node_ContextMenu:
		return []*contractv1.Node{b.ContextMenu.GetChild()}
	case *contractv1.Node_Popover:
		return []*contractv1.Node{b.Popover.GetAnchor(), b.Popover.GetContent()}
	case *contractv1.Node_Dialog:
		return join([]*contractv1.Node{b.Dialog.GetContent()}, b.Dialog.GetActions())
	case *contractv1.Node_Message:
		return b.Message.GetExtra()
	case *contractv1.Node_Card:
		return join([]*contractv1.Node{b.Card.GetContent()}, b.Card.GetActions())
	case *contractv1.Node_DropTarget:
		return []*contractv1.Node{b.DropTarget.GetChild()}
	}
	return nil
}

func join(parts ...[]*contractv1.Node) []*contractv1.Node {
	var all []*contractv1.Node
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// kind is the name of a node's body in the contract.
func kind(n *contractv1.Node) string {
	m := n.ProtoReflect()
	if f := m.WhichOneof(m.Descriptor().Oneofs().ByName("body")); f != nil {
		return string(f.Name())
	}
	return "node"
}
