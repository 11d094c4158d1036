package views

import (
	"slices"

	contractv1 "switchboard/shared/contract/v1"
)

// listEnd in an insert's "after" is the very end of the list.
const listEnd = "$end"

// patch changes what is cached. What lies outside the window is ignored: it
// comes with the answer to the Want that reaches it.
func (v *view) patch(m *contractv1.ListPatch) bool {
	l := v.lists[m.GetList()]
	if l == nil || !l.loaded || l.stale || l.generation != m.GetGeneration() {
		return false
	}
	changed := false
	for _, op := range m.GetOps() {
		switch o := op.GetOp().(type) {
		case *contractv1.ListOp_Insert:
			changed = l.insert(o.Insert) || changed
		case *contractv1.ListOp_Replace:
			changed = l.replace(o.Replace) || changed
		case *contractv1.ListOp_Remove:
			changed = l.remove(o.Remove) || changed
		}
	}
	if !changed {
		return false
	}
	l.trim(l.nearIndex(nil))
	l.version++
	v.keepEditors()
	return true
}

// insert puts an item after a key; an item that is there already moves.
func (l *list) insert(m *contractv1.ListInsert) bool {
	key := m.GetItem().GetKey()
	moved := m.GetAfter() != key && l.remove(key)
	at := -1
	switch after := m.GetAfter(); {
	case after == key:
		return l.replace(m.GetItem())
	case after == "":
		if l.before {
			return moved
		}
		at = 0
	case after == listEnd:
		if l.after {
			return moved
		}
		at = len(l.items)
	default:
		if at = l.index(after); at < 0 {
			return moved
		}
		at++
	}
	l.items = slices.Insert(slices.Clone(l.items), at, newItem(m.GetItem()))
	return true
}

func (l *list) replace(m *contractv1.ListItem) bool {
	i := l.index(m.GetKey())
	if i < 0 {
		return false
	}
	l.items[i] = newItem(m)
	return true
}

func (l *list) remove(key string) bool {
	i := l.index(key)
	if i < 0 {
		return false
	}
	l.items = slices.Delete(l.items, i, i+1)
	return true
}
