package sdktest

import (
	"slices"
	"strings"

	contractv1 "switchboard/shared/contract/v1"
)

// Press presses a node, found by its id or its label; it waits until there is
// one.
func (d *Device) Press(node string) {
	d.room.t.Helper()
	d.act(node, contractv1.Action_PRESS, "")
}

// Choose presses one entry of a menu, a chip or the like.
func (d *Device) Choose(node, entry string) {
	d.room.t.Helper()
	d.act(node, contractv1.Action_PRESS, entry)
}

// Submit types a text into an editor or field and submits it.
func (d *Device) Submit(node, text string) {
	d.room.t.Helper()
	d.act(node, contractv1.Action_SUBMIT, text)
}

// Change sets a toggle, slider, select or tabs.
func (d *Device) Change(node, value string) {
	d.room.t.Helper()
	d.act(node, contractv1.Action_CHANGE, value)
}

// Cancel is Esc in an editor.
func (d *Device) Cancel(node string) {
	d.room.t.Helper()
	d.act(node, contractv1.Action_CANCEL, "")
}

// Attach attaches a picture to an editor, as the person who pastes one does.
func (d *Device) Attach(node string, p contractv1.Picture) {
	d.room.t.Helper()
	d.act(node, contractv1.Action_PICTURE, p.String())
}

// Wanted are the blobs that the plugin asked to have fetched, by hash, in order.
func (d *Device) Wanted() []string {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return slices.Clone(d.wanted)
}

// React chooses an emoji for a message, or presses the chip of one.
func (d *Device) React(message, emoji string) {
	d.room.t.Helper()
	d.act(message, contractv1.Action_REACT, emoji)
}

// Forward gives this session items of another one of the same plugin, as the
// person does who chooses this conversation for them.
func (d *Device) Forward(conversation, session string, keys ...string) {
	d.journal(&contractv1.Action{Kind: contractv1.Action_FORWARD, SourceConversation: conversation, SourceSession: session, Keys: keys})
}

// EditLast is arrow up in an empty editor.
func (d *Device) EditLast(node string) {
	d.room.t.Helper()
	d.act(node, contractv1.Action_EDIT_LAST, "")
}

// Edit types into an editor without submitting.
func (d *Device) Edit(node, text string) {
	d.room.t.Helper()
	found := d.find(node)
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.texts[found.node] = text
	d.event(&contractv1.Event{Event: &contractv1.Event_Edited{Edited: &contractv1.Edited{
		Node: found.node, Text: text, Revision: d.revision}}})
}

// EditorText is the text that stands in an editor.
func (d *Device) EditorText(node string) string {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.texts[node]
}

// Seen tells the plugin that an item was seen.
func (d *Device) Seen(list, key string) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.event(&contractv1.Event{Event: &contractv1.Event_Seen{Seen: &contractv1.Seen{List: list, Key: key}}})
}

// Visible tells the plugin who looks.
func (d *Device) Visible(full, compact, focused bool) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.event(&contractv1.Event{Event: &contractv1.Event_Visible{Visible: &contractv1.Visible{
		Full: full, Compact: compact, Focused: focused}}})
}

// place is where a node stands.
type place struct{ node, list, item string }

// find waits for a node with an id or label.
func (d *Device) find(what string) place {
	d.room.t.Helper()
	var found place
	d.room.Until(d.name()+" to show "+what, func() bool {
		d.room.mu.Lock()
		defer d.room.mu.Unlock()
		p, ok := d.lookUp(what)
		found = p
		return ok
	})
	return found
}

// lookUp prefers ids over labels. Called with the lock held.
func (d *Device) lookUp(what string) (place, bool) {
	var byID, byLabel []place
	note := func(n *contractv1.Node, p place) {
		if n.GetId() == "" {
			return
		}
		p.node = n.GetId()
		if n.GetId() == what {
			byID = append(byID, p)
		}
		if strings.EqualFold(n.GetLabel(), what) || strings.EqualFold(textOf(n), what) {
			byLabel = append(byLabel, p)
		}
	}
	walk(d.full, func(n *contractv1.Node) {
		note(n, place{})
		if l := d.lists[n.GetId()]; l != nil && n.GetList() != nil {
			for _, i := range l.items {
				walk(i.GetNode(), func(c *contractv1.Node) { note(c, place{list: n.GetId(), item: i.GetKey()}) })
			}
		}
	})
	if all := append(byID, byLabel...); len(all) > 0 {
		return all[0], true
	}
	return place{}, false
}

// act journals an action and passes it on. Until it is handled it is repeated,
// with the same id, after each kill.
func (d *Device) act(node string, kind contractv1.Action_Kind, value string) {
	d.room.t.Helper()
	p := d.find(node)
	d.journal(&contractv1.Action{Node: p.node, Kind: kind, Value: value, List: p.list, Item: p.item})
}

func (d *Device) journal(a *contractv1.Action) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	a.Id, a.Revision = newID(), d.revision
	if a.GetKind() == contractv1.Action_SUBMIT {
		d.texts[a.GetNode()] = ""
	}
	d.actions = append(d.actions, a)
	d.event(&contractv1.Event{Event: &contractv1.Event_Action{Action: a}})
	d.room.touch()
}
