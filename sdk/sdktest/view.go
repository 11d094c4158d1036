package sdktest

import (
	"slices"
	"strings"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/viewcheck"
)

// list is what a device holds of a plugin's list: everything that was asked for.
type list struct {
	generation int64
	items      []*contractv1.ListItem
	before     bool
	after      bool
	loaded     bool
	want       uint64
}

// show takes a view in and asks for lists that are new. Called with the lock
// held, as all of this file that is not exported.
func (d *Device) show(s *contractv1.Show) {
	if s.GetCompact() {
		d.compact = s.GetRoot()
		return
	}
	d.full, d.revision = s.GetRoot(), s.GetRevision()
	shown := map[string]bool{}
	walk(d.full, func(n *contractv1.Node) {
		if e := n.GetEditor(); e != nil {
			if _, known := d.texts[n.GetId()]; !known {
				d.texts[n.GetId()] = e.GetInitial()
			}
		}
		l := n.GetList()
		if l == nil {
			return
		}
		shown[n.GetId()] = true
		if old := d.lists[n.GetId()]; old == nil || old.generation != l.GetGeneration() {
			d.lists[n.GetId()] = &list{generation: l.GetGeneration()}
			d.want(n.GetId(), "", 50, 50)
		}
	})
	for id := range d.lists {
		if !shown[id] {
			delete(d.lists, id)
		}
	}
}

func (d *Device) want(id, anchor string, before, after uint32) {
	d.wants++
	d.lists[id].want = d.wants
	d.event(&contractv1.Event{Event: &contractv1.Event_Want{Want: &contractv1.Want{
		List: id, Anchor: anchor, Before: before, After: after, Id: d.wants}}})
}

// items takes an answer in: next to what is held, or in its place.
func (d *Device) items(m *contractv1.ListItems) {
	l := d.lists[m.GetList()]
	if l == nil || l.generation != m.GetGeneration() || l.want != m.GetWantId() {
		return
	}
	l.items, l.before, l.after, l.loaded = slices.Clone(m.GetItems()), m.GetHasBefore(), m.GetHasAfter(), true
}

func (d *Device) patch(m *contractv1.ListPatch) {
	l := d.lists[m.GetList()]
	if l == nil || l.generation != m.GetGeneration() {
		return
	}
	for _, op := range m.GetOps() {
		l.apply(op)
	}
}

func (l *list) index(key string) int {
	return slices.IndexFunc(l.items, func(i *contractv1.ListItem) bool { return i.GetKey() == key })
}

func (l *list) apply(op *contractv1.ListOp) {
	switch o := op.GetOp().(type) {
	case *contractv1.ListOp_Insert:
		at := l.index(o.Insert.GetAfter()) + 1
		switch {
		case o.Insert.GetAfter() == "$end":
			if l.after {
				return // the end is not held
			}
			at = len(l.items)
		case o.Insert.GetAfter() == "":
			if l.before {
				return
			}
		case at == 0:
			return
		}
		if i := l.index(o.Insert.GetItem().GetKey()); i >= 0 {
			l.items[i] = o.Insert.GetItem()
			return
		}
		l.items = slices.Insert(l.items, at, o.Insert.GetItem())
	case *contractv1.ListOp_Replace:
		if i := l.index(o.Replace.GetKey()); i >= 0 {
			l.items[i] = o.Replace
		}
	case *contractv1.ListOp_Remove:
		if i := l.index(o.Remove); i >= 0 {
			l.items = slices.Delete(l.items, i, i+1)
		}
	}
}

func walk(n *contractv1.Node, visit func(*contractv1.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, c := range viewcheck.Children(n) {
		walk(c, visit)
	}
}

// View is what the plugin shows now; nil before it has shown anything.
func (d *Device) View() *contractv1.Node {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.full
}

// Compact is the small view.
func (d *Device) Compact() *contractv1.Node {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.compact
}

// Text is all text of the view, lists included, a line for each node.
func (d *Device) Text() string {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.text()
}

func (d *Device) text() string {
	var b strings.Builder
	walk(d.full, func(n *contractv1.Node) {
		line(&b, textOf(n))
		if l := d.lists[n.GetId()]; l != nil && n.GetList() != nil {
			for _, i := range l.items {
				walk(i.GetNode(), func(n *contractv1.Node) { line(&b, textOf(n)) })
			}
		}
	})
	return b.String()
}

func line(b *strings.Builder, text string) {
	if text != "" {
		b.WriteString(text)
		b.WriteByte('\n')
	}
}

// Items are what the device holds of a list.
func (d *Device) Items(id string) []*contractv1.ListItem {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	if l := d.lists[id]; l != nil {
		return slices.Clone(l.items)
	}
	return nil
}

// Want asks for other items of a list, as scrolling does, and waits for them.
func (d *Device) Want(id, anchor string, before, after int) {
	d.room.t.Helper()
	d.room.mu.Lock()
	l := d.lists[id]
	if l != nil {
		l.loaded = false
		d.want(id, anchor, uint32(max(before, 0)), uint32(max(after, 0)))
	}
	d.room.mu.Unlock()
	d.room.Until("list "+id+" of "+d.name(), func() bool {
		d.room.mu.Lock()
		defer d.room.mu.Unlock()
		return d.lists[id] != nil && d.lists[id].loaded
	})
}

// WaitText waits until the view contains a text.
func (d *Device) WaitText(part string) {
	d.room.t.Helper()
	d.room.Until(d.name()+" to show "+part, func() bool { return strings.Contains(d.Text(), part) })
}

// Describe draws a tree as text, for messages of tests.
func Describe(n *contractv1.Node) string {
	var b strings.Builder
	describe(&b, n, 1)
	return b.String()
}

func describe(b *strings.Builder, n *contractv1.Node, depth int) {
	if n == nil {
		return
	}
	m := n.ProtoReflect()
	kind := "node"
	if f := m.WhichOneof(m.Descriptor().Oneofs().ByName("body")); f != nil {
		kind = string(f.Name())
	}
	b.WriteString(strings.Repeat("  ", depth) + kind)
	if n.GetId() != "" {
		b.WriteString(" #" + n.GetId())
	}
	if t := textOf(n); t != "" {
		b.WriteString(" " + t)
	}
	b.WriteByte('\n')
	for _, c := range viewcheck.Children(n) {
		describe(b, c, depth+1)
	}
}

// textOf is a node's own text.
func textOf(n *contractv1.Node) string {
	switch b := n.GetBody().(type) {
	case *contractv1.Node_Text:
		return b.Text.GetText()
	case *contractv1.Node_RichText:
		return spans(b.RichText.GetSpans())
	case *contractv1.Node_Button:
		return b.Button.GetText()
	case *contractv1.Node_Editor:
		return b.Editor.GetReason()
	case *contractv1.Node_Toggle:
		return b.Toggle.GetText()
	case *contractv1.Node_Card:
		return strings.TrimSpace(b.Card.GetTitle() + " " + b.Card.GetText())
	case *contractv1.Node_Message:
		return strings.TrimSpace(b.Message.GetName() + ": " + spans(b.Message.GetBody()) + b.Message.GetNote())
	case *contractv1.Node_Separator:
		return b.Separator.GetText()
	case *contractv1.Node_Code:
		return b.Code.GetText()
	case *contractv1.Node_Progress:
		return b.Progress.GetText()
	case *contractv1.Node_Dialog:
		return b.Dialog.GetTitle()
	}
	return n.GetLabel()
}

func spans(all []*contractv1.Span) string {
	var b strings.Builder
	for _, s := range all {
		b.WriteString(s.GetText())
	}
	return b.String()
}
