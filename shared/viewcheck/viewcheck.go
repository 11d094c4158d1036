// Package viewcheck checks what a plugin shows against the published bounds, on
// both ends by the same code. It knows nothing of drawing, sessions or streams.
package viewcheck

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of single things that the contract's general bounds leave open.
const (
	// MaxID is the longest id of a node and the longest key of an item.
	MaxID = 128
	// MaxItem is the largest encoded tree of one list item.
	MaxItem = 128 << 10
	// MaxEntries is the number of entries of one menu, select, tabs or chips.
	MaxEntries = 200
	// MaxPicture is the largest side of an image in pixels.
	MaxPicture = 8192
)

// Tree checks a whole view; compact views have tighter bounds. The error is a
// sentence that names the node.
func Tree(root *contractv1.Node, compact bool) error {
	if root == nil {
		return fmt.Errorf("a view needs a node")
	}
	limit := contractv1.MaxTree
	if compact {
		limit = contractv1.MaxCompact
	}
	if size := proto.Size(root); size > limit {
		return fmt.Errorf("the view is %d bytes, more than %d", size, limit)
	}
	w := walker{compact: compact, ids: map[string]bool{}}
	return w.node(root, 1)
}

// Items checks the answer to a Want.
func Items(m *contractv1.ListItems) error {
	if err := listName(m.GetList()); err != nil {
		return err
	}
	if n := len(m.GetItems()); n > contractv1.MaxListItems {
		return fmt.Errorf("list %q: %d items at once, more than %d", m.GetList(), n, contractv1.MaxListItems)
	}
	keys := make(map[string]bool, len(m.GetItems()))
	for _, i := range m.GetItems() {
		if err := item(m.GetList(), i); err != nil {
			return err
		}
		if keys[i.GetKey()] {
			return fmt.Errorf("list %q: key %q twice", m.GetList(), i.GetKey())
		}
		keys[i.GetKey()] = true
	}
	return nil
}

// Patch checks changes of a list.
func Patch(m *contractv1.ListPatch) error {
	if err := listName(m.GetList()); err != nil {
		return err
	}
	if n := len(m.GetOps()); n > contractv1.MaxListItems {
		return fmt.Errorf("list %q: %d changes at once, more than %d", m.GetList(), n, contractv1.MaxListItems)
	}
	for _, op := range m.GetOps() {
		var err error
		switch o := op.GetOp().(type) {
		case *contractv1.ListOp_Insert:
			if len(o.Insert.GetAfter()) > MaxID {
				return fmt.Errorf("list %q: a key of more than %d bytes", m.GetList(), MaxID)
			}
			err = item(m.GetList(), o.Insert.GetItem())
		case *contractv1.ListOp_Replace:
			err = item(m.GetList(), o.Replace)
		case *contractv1.ListOp_Remove:
			err = key(m.GetList(), o.Remove)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Command checks a one-time command.
func Command(m *contractv1.ViewCommand) error {
	switch c := m.GetCommand().(type) {
	case *contractv1.ViewCommand_ScrollTo:
		return key(c.ScrollTo.GetList(), c.ScrollTo.GetKey())
	case *contractv1.ViewCommand_Flash:
		return key(c.Flash.GetList(), c.Flash.GetKey())
	case *contractv1.ViewCommand_SetText:
		if n := len(c.SetText.GetText()); n > contractv1.MaxEditor {
			return fmt.Errorf("set text: %d bytes, more than %d", n, contractv1.MaxEditor)
		}
		return nodeName(c.SetText.GetNode())
	case *contractv1.ViewCommand_Focus:
		return nodeName(c.Focus.GetNode())
	case *contractv1.ViewCommand_Copy:
		if n := len(c.Copy.GetText()); n > contractv1.MaxEditor {
			return fmt.Errorf("copy: %d bytes, more than %d", n, contractv1.MaxEditor)
		}
	}
	return nil
}

func listName(id string) error {
	if id == "" || len(id) > MaxID {
		return fmt.Errorf("a list needs an id of 1 to %d bytes", MaxID)
	}
	return nil
}

func nodeName(id string) error {
	if id == "" || len(id) > MaxID {
		return fmt.Errorf("a node is named by 1 to %d bytes", MaxID)
	}
	return nil
}

func key(list, k string) error {
	if k == "" || len(k) > MaxID || k[0] == '$' {
		return fmt.Errorf("list %q: a key has 1 to %d bytes and does not begin with $", list, MaxID)
	}
	return nil
}

func item(list string, i *contractv1.ListItem) error {
	if err := key(list, i.GetKey()); err != nil {
		return err
	}
	if i.GetNode() == nil {
		return fmt.Errorf("list %q: item %q has no node", list, i.GetKey())
	}
	if size := proto.Size(i.GetNode()); size > MaxItem {
		return fmt.Errorf("list %q: item %q is %d bytes, more than %d", list, i.GetKey(), size, MaxItem)
	}
	w := walker{item: true, ids: map[string]bool{}}
	if err := w.node(i.GetNode(), 1); err != nil {
		return fmt.Errorf("list %q: item %q: %w", list, i.GetKey(), err)
	}
	return nil
}
