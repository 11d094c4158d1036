package views

import (
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// editor is the text of an editor or a field. It is ours: a plugin may set it at
// creation and, as long as the person has not typed since, by SetText.
type editor struct {
	text, initial string
	// revision rises when somebody else than the window changes the text.
	revision int64
	// edits counts what the person typed; plugins name it as base_revision.
	edits int64
	// handed counts submits of this text that nobody has looked at yet.
	handed int
	// field texts stay when they are submitted; secret ones are never kept.
	field, secret bool
}

func newEditor(n *contractv1.Node) *editor {
	if f := n.GetField(); f != nil {
		return &editor{text: f.GetInitial(), initial: f.GetInitial(), revision: 1, field: true, secret: f.GetSecret()}
	}
	initial := n.GetEditor().GetInitial()
	return &editor{text: initial, initial: initial, revision: 1}
}

func (e *editor) set(text string) {
	e.text = cut(text)
	e.revision++
}

// cut bounds a text without splitting a character.
func cut(text string) string {
	if len(text) <= contractv1.MaxEditor {
		return text
	}
	n := contractv1.MaxEditor
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// keepEditors makes the editors that are in the tree or in a cached item known
// and forgets the others: an element that is gone took its text along.
func (v *view) keepEditors() {
	live := make(map[string]*editor, len(v.inTree))
	for _, n := range v.inTree {
		v.keepEditor(live, n)
	}
	for _, l := range v.lists {
		for i := range l.items {
			for _, n := range l.items[i].editors {
				v.keepEditor(live, n)
			}
		}
	}
	v.editors = live
}

func (v *view) keepEditor(live map[string]*editor, n *contractv1.Node) {
	id := n.GetId()
	if live[id] != nil {
		return // the tree's own comes first
	}
	if e := v.editors[id]; e != nil {
		live[id] = e
		return
	}
	e := newEditor(n)
	if text, ok := v.kept[id]; ok && !e.secret {
		e.text = text
		e.edits = 1 // the person typed it, so the plugin does not replace it unseen
	}
	delete(v.kept, id)
	live[id] = e
}

func editorsIn(root *contractv1.Node) []*contractv1.Node {
	var found []*contractv1.Node
	walk(root, func(n *contractv1.Node) {
		if n.GetEditor() != nil || n.GetField() != nil {
			found = append(found, n)
		}
	})
	return found
}

// setText obeys a plugin unless that would destroy what the person typed since
// the revision the plugin knows. An empty text cannot be destroyed.
func (v *view) setText(m *contractv1.SetText) bool {
	e := v.editors[m.GetNode()]
	if e == nil || (e.text != "" && m.GetBaseRevision() < e.edits) || e.text == m.GetText() {
		return false
	}
	e.set(m.GetText())
	return true
}

// Edited takes the text as the person typed it; the answer is its revision, to
// be passed on in the Edited event. 0 means that there is no such editor.
func (c *Cache) Edited(key model.SessionKey, node, text string) (revision int64) {
	c.change(key, func(v *view) bool {
		e := v.editors[node]
		if e == nil {
			return false
		}
		if text = cut(text); e.handed > 0 {
			e.edits++
		} else if e.text != text {
			e.text = text
			e.edits++
			v.snap = nil // the window knows it already: nothing to tell
		}
		revision = e.edits
		return false
	})
	return revision
}

// Submit empties an editor whose text was handed over as an action. A field
// keeps its text.
func (c *Cache) Submit(key model.SessionKey, node string) {
	c.change(key, func(v *view) bool {
		v.acted = c.now()
		e := v.editors[node]
		if e == nil || e.field || e.text == "" {
			return false
		}
		e.set("")
		return true
	})
}

// Hand is Submit for a text whose action is still to be looked at. Until Taken,
// what comes of typing was typed before it and is part of it.
func (c *Cache) Hand(key model.SessionKey, node string) {
	c.change(key, func(v *view) bool {
		v.acted = c.now()
		e := v.editors[node]
		if e == nil || e.field {
			return false
		}
		e.handed++
		if e.text == "" {
			return false
		}
		e.set("")
		return true
	})
}

// Taken says that an action of Hand is looked at now.
func (c *Cache) Taken(key model.SessionKey, node string) {
	c.change(key, func(v *view) bool {
		if e := v.editors[node]; e != nil && e.handed > 0 {
			e.handed--
		}
		return false
	})
}

// Restore puts a text back whose action failed, before what was typed since.
func (c *Cache) Restore(key model.SessionKey, node, text string) {
	c.change(key, func(v *view) bool {
		e := v.editors[node]
		if e == nil {
			// The plugin has not shown it (again) yet.
			v.kept[node] = cut(text)
			return false
		}
		switch {
		case e.text == text || text == "":
			return false
		case e.text == "" || e.field:
			e.set(text)
		default:
			e.set(text + "\n" + e.text)
		}
		e.edits++ // it is the person's text again
		return true
	})
}

// Texts are the editors that hold text which the person wrote and did not
// submit; for keeping. Secrets are left out.
func (c *Cache) Texts(key model.SessionKey) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.views[key]
	if v == nil {
		return nil
	}
	texts := map[string]string{}
	for id, text := range v.kept {
		texts[id] = text
	}
	for id, e := range v.editors {
		if e.text != "" && e.text != e.initial && !e.secret {
			texts[id] = e.text
		}
	}
	return texts
}

// SetTexts gives editors the texts that were kept, before the plugin shows them.
func (c *Cache) SetTexts(key model.SessionKey, texts map[string]string) {
	for node, text := range texts {
		c.Restore(key, node, text)
	}
}
