// Package views is the host's cache of what plugins show: the tree, a window of
// every list, and the text of every editor, which belongs to the host and not to
// the plugin. It is pure logic: it draws nothing, stores nothing and speaks to
// no plugin; what it hands out is immutable.
package views

import (
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Cache holds the open views. Safe for concurrent use.
type Cache struct{}

// New makes a cache; changed is called, outside any lock, after a view changed.
func New(changed func(model.SessionKey)) *Cache { return &Cache{} }

// Open makes a view known; it is Loading until the plugin shows something.
func (c *Cache) Open(key model.SessionKey, plugin string) {}

// Close forgets a view. Take Texts before.
func (c *Cache) Close(key model.SessionKey) {}

// Frame applies Show, ListItems, ListPatch or ViewCommand. The error names the
// bound that was broken. Frames for views that are not open are checked only.
func (c *Cache) Frame(key model.SessionKey, plugin string, f *contractv1.PluginFrame) error {
	return nil
}

// View is the present state, nil when the view is not open.
func (c *Cache) View(key model.SessionKey) *model.View { return nil }

// Want makes the question for list items, or nothing when it was asked already.
func (c *Cache) Want(key model.SessionKey, list, anchor string, before, after int) (*contractv1.Want, bool) {
	return nil, false
}

// Edited takes the text as the person typed it; the answer is its revision, to
// be passed on in the Edited event.
func (c *Cache) Edited(key model.SessionKey, node, text string) int64 { return 0 }

// Submit empties an editor whose text was handed over as an action.
func (c *Cache) Submit(key model.SessionKey, node string) {}

// Restore puts a text back whose action failed, before what was typed since.
func (c *Cache) Restore(key model.SessionKey, node, text string) {}

// Acted notes that the person did something: a plugin may now copy.
func (c *Cache) Acted(key model.SessionKey) {}

// Fault shows a sentence in place of the view; an empty one takes it away, and
// so does the next Show.
func (c *Cache) Fault(key model.SessionKey, sentence string) {}

// CommandDone forgets the view commands up to n.
func (c *Cache) CommandDone(key model.SessionKey, n uint64) {}

// Texts are the editors that hold unsubmitted text; for keeping.
func (c *Cache) Texts(key model.SessionKey) map[string]string { return nil }

// SetTexts gives editors the texts that were kept, before the plugin shows them.
func (c *Cache) SetTexts(key model.SessionKey, texts map[string]string) {}
