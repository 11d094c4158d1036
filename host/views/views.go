// Package views is the host's cache of what plugins show: the tree, a window of
// every list, and the text of every editor, which belongs to the host and not to
// the plugin. It is pure logic: it draws nothing, stores nothing and speaks to
// no plugin; what it hands out is immutable.
package views

import (
	"fmt"
	"sync"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/shared/viewcheck"
)

// Bounds of the cache.
const (
	// MaxItems and maxListBytes bound what is kept of one list.
	MaxItems     = 600
	maxListBytes = 8 << 20
	// maxCommands are kept for a window that does not carry them out.
	maxCommands = 64
	// copyAfter is how long after an action a plugin may put text on the clipboard.
	copyAfter = 10 * time.Second
)

// Cache holds the open views. Safe for concurrent use.
type Cache struct {
	changed func(model.SessionKey)
	now     func() time.Time

	mu    sync.Mutex
	views map[model.SessionKey]*view
}

// view is the state behind one model.View.
type view struct {
	plugin   string
	root     *contractv1.Node
	revision int64
	lists    map[string]*list
	editors  map[string]*editor
	inTree   []*contractv1.Node // the editors of the tree
	kept     map[string]string  // texts for editors that are not shown yet
	commands []model.Command
	lastN    uint64
	wantID   uint64
	shown    bool
	fault    string
	refused  string
	refusals uint64
	acted    time.Time
	snap     *model.View // nil when something changed since
}

// New makes a cache; changed is called, outside any lock, after a view changed.
func New(changed func(model.SessionKey)) *Cache {
	return &Cache{changed: changed, now: time.Now, views: map[model.SessionKey]*view{}}
}

// Open makes a view known; it is Loading until the plugin shows something.
func (c *Cache) Open(key model.SessionKey, plugin string) {
	c.mu.Lock()
	if c.views[key] == nil {
		c.views[key] = &view{
			plugin: plugin, lists: map[string]*list{}, editors: map[string]*editor{}, kept: map[string]string{},
		}
	}
	c.mu.Unlock()
	c.changed(key)
}

// Close forgets a view. Take Texts before.
func (c *Cache) Close(key model.SessionKey) {
	c.mu.Lock()
	delete(c.views, key)
	c.mu.Unlock()
	c.changed(key)
}

// Frame applies Show, ListItems, ListPatch or ViewCommand. The error names the
// bound that was broken. Frames for views that are not open are checked only,
// and so are compact views, which are kept in the store.
func (c *Cache) Frame(key model.SessionKey, plugin string, f *contractv1.PluginFrame) error {
	apply, err := check(f)
	if err != nil {
		return fmt.Errorf("%s: %w", plugin, err)
	}
	if apply != nil {
		c.change(key, func(v *view) bool { return apply(c, v) })
	}
	return nil
}

// check finds what to do with a frame, or what is wrong with it.
func check(f *contractv1.PluginFrame) (func(*Cache, *view) bool, error) {
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_Show:
		if err := viewcheck.Tree(b.Show.GetRoot(), b.Show.GetCompact()); err != nil || b.Show.GetCompact() {
			return nil, err
		}
		return func(_ *Cache, v *view) bool { return v.show(b.Show) }, nil
	case *contractv1.PluginFrame_Items:
		return func(_ *Cache, v *view) bool { return v.items(b.Items) }, viewcheck.Items(b.Items)
	case *contractv1.PluginFrame_Patch:
		return func(_ *Cache, v *view) bool { return v.patch(b.Patch) }, viewcheck.Patch(b.Patch)
	case *contractv1.PluginFrame_ViewCommand:
		return func(c *Cache, v *view) bool { return v.command(b.ViewCommand, c.now()) }, viewcheck.Command(b.ViewCommand)
	}
	return nil, fmt.Errorf("a frame that shows nothing")
}

// change runs f on an open view and tells of it when f says that it changed.
func (c *Cache) change(key model.SessionKey, f func(*view) bool) {
	c.mu.Lock()
	v := c.views[key]
	changed := v != nil && f(v)
	if changed {
		v.snap = nil
	}
	c.mu.Unlock()
	if changed {
		c.changed(key)
	}
}

// View is the present state, nil when the view is not open.
func (c *Cache) View(key model.SessionKey) *model.View {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.views[key]
	if v == nil {
		return nil
	}
	if v.snap == nil {
		v.snap = v.snapshot(key)
	}
	return v.snap
}

func (v *view) snapshot(key model.SessionKey) *model.View {
	s := &model.View{
		Key: key, Plugin: v.plugin, Root: v.root, Revision: v.revision,
		Lists:   make(map[string]*model.List, len(v.lists)),
		Editors: make(map[string]model.Editor, len(v.editors)),
		Loading: !v.shown, Fault: v.fault, Refused: v.refused, Refusals: v.refusals,
	}
	for id, l := range v.lists {
		s.Lists[id] = l.snapshot()
	}
	for id, e := range v.editors {
		s.Editors[id] = model.Editor{Text: e.text, Revision: e.revision}
	}
	s.Commands = append(s.Commands, v.commands...)
	return s
}

// Fault shows a sentence in place of the view; an empty one takes it away, and
// so does the next Show.
func (c *Cache) Fault(key model.SessionKey, sentence string) {
	c.change(key, func(v *view) bool {
		changed := v.fault != sentence
		v.fault = sentence
		if sentence != "" {
			v.stale() // a plugin that stopped answers nothing
		}
		return changed
	})
}

// Refused tells, once, why something that the person did could not be taken.
func (c *Cache) Refused(key model.SessionKey, sentence string) {
	c.change(key, func(v *view) bool {
		v.refused = sentence
		v.refusals++
		return true
	})
}

// Acted notes that the person did something: a plugin may now copy.
func (c *Cache) Acted(key model.SessionKey) {
	c.change(key, func(v *view) bool {
		v.acted = c.now()
		return false
	})
}

// CommandDone forgets the view commands up to n.
func (c *Cache) CommandDone(key model.SessionKey, n uint64) {
	c.change(key, func(v *view) bool {
		i := 0
		for i < len(v.commands) && v.commands[i].N <= n {
			i++
		}
		v.commands = append([]model.Command(nil), v.commands[i:]...)
		return i > 0
	})
}

// show replaces the tree; lists and editors that are in it again keep their
// contents, since the same id means the same element.
func (v *view) show(s *contractv1.Show) bool {
	v.root, v.revision, v.shown, v.fault = s.GetRoot(), s.GetRevision(), true, ""
	lists := map[string]*list{}
	var found []*contractv1.Node
	walk(v.root, func(n *contractv1.Node) {
		switch b := n.GetBody().(type) {
		case *contractv1.Node_List:
			lists[n.GetId()] = v.list(n.GetId(), b.List)
		case *contractv1.Node_Editor, *contractv1.Node_Field:
			found = append(found, n)
		}
	})
	v.lists, v.inTree = lists, found
	v.keepEditors()
	return true
}

func (v *view) list(id string, n *contractv1.List) *list {
	l := v.lists[id]
	if l == nil || l.generation != n.GetGeneration() {
		l = &list{generation: n.GetGeneration()}
	}
	l.home = n.GetStickToEnd()
	return l
}

// command carries out what concerns text, which is ours, and queues the rest.
func (v *view) command(m *contractv1.ViewCommand, now time.Time) bool {
	switch b := m.GetCommand().(type) {
	case nil:
		return false // of a newer contract
	case *contractv1.ViewCommand_SetText:
		return v.setText(b.SetText)
	case *contractv1.ViewCommand_Copy:
		if v.acted.IsZero() || now.Sub(v.acted) > copyAfter {
			return false // a plugin does not touch the clipboard by itself
		}
		v.acted = time.Time{} // once for each action
	}
	v.lastN++
	v.commands = append(v.commands, model.Command{N: v.lastN, Command: m})
	if n := len(v.commands) - maxCommands; n > 0 {
		v.commands = append([]model.Command(nil), v.commands[n:]...)
	}
	return true
}

// walk visits a checked tree, so depth and size are bounded.
func walk(n *contractv1.Node, f func(*contractv1.Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, c := range viewcheck.Children(n) {
		walk(c, f)
	}
}
