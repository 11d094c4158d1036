package sdk

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
	"switchboard/shared/viewcheck"
)

// Show replaces the view. Latest wins: when more than 30 a second are shown,
// those between are dropped. A view beyond the published bounds is refused here.
// The nodes must not be changed afterwards.
func (s *Session) Show(n view.Node) error { return s.show(n, false) }

// ShowCompact replaces the small view: at most 8 KiB and without lists.
func (s *Session) ShowCompact(n view.Node) error { return s.show(n, true) }

func (s *Session) show(n view.Node, compact bool) error {
	if err := viewcheck.Tree(n, compact); err != nil {
		return fmt.Errorf("show: %w", err)
	}
	s.mu.Lock()
	s.revision++
	revision := s.revision
	s.mu.Unlock()
	class := flow.Latest
	if compact {
		class = flow.LatestCompact
	}
	return s.shown(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Show{
		Show: &contractv1.Show{Compact: compact, Root: n, Revision: revision}}}, class)
}

// shown queues what carries texts, which must be UTF-8. The constructors of view
// see to that; texts that are put into nodes by hand may not be.
func (s *Session) shown(f *contractv1.PluginFrame, class flow.Class) error {
	if _, err := proto.Marshal(f); err != nil {
		return fmt.Errorf("show: %w", err)
	}
	return s.item(f, class)
}

// Items answers a Want with contiguous items in order, at most 200. Before and
// after say whether there are more on that side.
func (s *Session) Items(w Want, items []view.Item, before, after bool, generation int64) error {
	m := &contractv1.ListItems{List: w.List, WantId: w.ID, Items: items, HasBefore: before, HasAfter: after, Generation: generation}
	if err := viewcheck.Items(m); err != nil {
		return fmt.Errorf("items: %w", err)
	}
	return s.shown(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Items{Items: m}}, flow.Ordered)
}

// Patch changes what the host holds of a list. Changes of keys that it does not
// hold are ignored there, so the plugin need not know the window. More than 200
// changes go in several frames.
func (s *Session) Patch(list string, generation int64, ops ...view.Op) error {
	for len(ops) > 0 {
		n := min(len(ops), contractv1.MaxListItems)
		m := &contractv1.ListPatch{List: list, Ops: ops[:n], Generation: generation}
		if err := viewcheck.Patch(m); err != nil {
			return fmt.Errorf("patch: %w", err)
		}
		if err := s.shown(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Patch{Patch: m}}, flow.Ordered); err != nil {
			return err
		}
		ops = ops[n:]
	}
	return nil
}

func (s *Session) command(c *contractv1.ViewCommand) error {
	if err := viewcheck.Command(c); err != nil {
		return err
	}
	return s.shown(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_ViewCommand{ViewCommand: c}}, flow.Ordered)
}

// SetText replaces an editor's text unless the person typed since baseRevision,
// which Edited told.
func (s *Session) SetText(node, text string, baseRevision int64) error {
	return s.command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_SetText{
		SetText: &contractv1.SetText{Node: node, Text: text, BaseRevision: baseRevision}}})
}

// ScrollTo brings a list item into sight.
func (s *Session) ScrollTo(list, key string) error {
	return s.command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_ScrollTo{
		ScrollTo: &contractv1.ScrollTo{List: list, Key: key}}})
}

// Flash lights a list item up for a moment.
func (s *Session) Flash(list, key string) error {
	return s.command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_Flash{
		Flash: &contractv1.Flash{List: list, Key: key}}})
}

// Focus moves the keyboard to a node.
func (s *Session) Focus(node string) error {
	return s.command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_Focus{
		Focus: &contractv1.FocusNode{Node: node}}})
}

// Copy puts text on the clipboard; only right after an action of the person.
func (s *Session) Copy(text string) error {
	return s.command(&contractv1.ViewCommand{Command: &contractv1.ViewCommand_Copy{
		Copy: &contractv1.Copy{Text: text}}})
}
