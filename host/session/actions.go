package session

import (
	"errors"
	"slices"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/shared/viewcheck"
)

// Bounds of what the person did and no plugin has answered yet.
const (
	maxActions   = 64
	editedEvery  = 500 * time.Millisecond
	persistEvery = time.Second
)

var errBusy = errors.New("the plugin is still busy with what you did before")

// action is an entry of the journal.
type action struct {
	row    *store.ActionRow
	typed  map[string]edit // before it and not yet told: the plugin hears of it first
	sent   bool            // the plugin has it
	secret bool            // its text is never on the disk
	again  int             // how often it was given once more
}

// textKeeper holds back what the person types: plugins hear of it twice a
// second, the disk once.
type textKeeper struct {
	fresh  map[string]edit // typed, not told to the plugin
	told   time.Time
	unkept map[string]bool // nodes whose text the store does not have
}

type edit struct {
	text     string
	revision int64
}

// Act journals an action and hands it to the plugin.
func (e *Engine) Act(k model.SessionKey, a model.Action) (err error) {
	if asked := e.ask(func(e *Engine) { err = e.act(k, a) }); asked != nil {
		return asked
	}
	return err
}

// ActSoon is Act for a window, which must not wait for the disk: it takes the
// action and returns. What a person does keeps its order, also with what they
// type. A text that was submitted leaves its editor at once and comes back, with
// the reason, when the action could not be journalled or is refused.
func (e *Engine) ActSoon(k model.SessionKey, a model.Action) error {
	if e.acting.Add(1) > maxActions {
		e.acting.Add(-1)
		return errBusy
	}
	submit := a.Kind == contractv1.Action_SUBMIT
	if submit {
		e.o.Views.Hand(k, a.Node)
	}
	if !e.box.putFirst(&actIn{k, a}) {
		e.acting.Add(-1)
		if submit {
			e.o.Views.Taken(k, a.Node)
			e.o.Views.Restore(k, a.Node, a.Value)
		}
		return errClosed
	}
	return nil
}

type actIn struct {
	key    model.SessionKey
	action model.Action
}

func (in *actIn) apply(e *Engine) {
	e.acting.Add(-1)
	submit := in.action.Kind == contractv1.Action_SUBMIT
	if submit {
		e.o.Views.Taken(in.key, in.action.Node)
	}
	err := e.act(in.key, in.action)
	if err == nil {
		return
	}
	e.o.Views.Refused(in.key, sentence(err))
	if !submit || e.isSecret(in.key, in.action.Node) {
		return
	}
	e.o.Views.Restore(in.key, in.action.Node, in.action.Value)
	if s := e.sessions[in.key]; s != nil {
		e.keepSoon(s, in.action.Node)
	}
}

func (e *Engine) act(k model.SessionKey, a model.Action) error {
	s := e.viewSession(k)
	if s == nil {
		return errNoSession
	}
	switch {
	case e.over(s):
		return errors.New("the session is over")
	case len(s.actions) >= maxActions:
		return errBusy
	case len(a.Value) > contractv1.MaxEditor:
		return errors.New("the text is too long")
	}
	if err := e.mayAct(s, a); err != nil {
		return err
	}
	if ok, reason := e.o.Catalog.Enabled(s.plugin); !ok {
		return errors.New(reason)
	}
	act := &action{secret: e.isSecret(k, a.Node), row: &store.ActionRow{
		Conversation: k.Conversation, Session: k.Session, Plugin: s.plugin, TimeMs: e.now(),
		Action: &contractv1.Action{Id: newID(), Node: a.Node, Kind: a.Kind, Value: a.Value,
			Revision: a.Revision, List: a.List, Item: a.Item,
			SourceConversation: a.Source.Conversation, SourceSession: a.Source.Session, Keys: a.Keys},
	}}
	submit := a.Kind == contractv1.Action_SUBMIT
	if !act.secret {
		if err := e.write(func(tx *store.Tx) error {
			if submit {
				if err := tx.SetEditor(k.Conversation, k.Session, a.Node, ""); err != nil {
					return err
				}
			}
			return tx.AddAction(act.row)
		}); err != nil {
			return err
		}
	}
	if submit {
		delete(s.texts.fresh, a.Node)
		e.o.Views.Submit(k, a.Node)
	}
	e.o.Views.Acted(k)
	act.typed, s.texts.fresh = s.texts.fresh, nil
	s.actions = append(s.actions, act)
	if l := s.live; l != nil && l.takes {
		e.queueAction(l, act)
		e.pump(l)
		return nil
	}
	e.open(s)
	return nil
}

// isSecret tells whether a node of the shown view holds a secret.
func (e *Engine) isSecret(k model.SessionKey, node string) bool {
	v := e.o.Views.View(k)
	return v != nil && secretIn(v.Root, node)
}

func secretIn(n *contractv1.Node, id string) bool {
	if n == nil {
		return false
	}
	if n.GetId() == id && n.GetField().GetSecret() {
		return true
	}
	return slices.ContainsFunc(viewcheck.Children(n), func(c *contractv1.Node) bool { return secretIn(c, id) })
}

func (e *Engine) queueAction(l *live, a *action) {
	if a.sent {
		return
	}
	a.sent = true
	e.watchIdle(l)
	for node, ed := range a.typed {
		l.queue = append(l.queue, eventFrame(l.handle, editedEvent(node, ed)))
	}
	a.typed = nil
	l.queue = append(l.queue, eventFrame(l.handle, &contractv1.Event{Event: &contractv1.Event_Action{Action: a.row.Action}}))
}

func editedEvent(node string, ed edit) *contractv1.Event {
	return &contractv1.Event{Event: &contractv1.Event_Edited{
		Edited: &contractv1.Edited{Node: node, Text: ed.text, Revision: ed.revision}}}
}

// handled clears an action. When it failed, its text returns to its editor.
func (e *Engine) handled(l *live, h *contractv1.Handled) {
	s := l.s
	i := slices.IndexFunc(s.actions, func(a *action) bool { return a.row.Action.GetId() == h.GetActionId() })
	if i < 0 {
		return
	}
	a := s.actions[i]
	reason := cut(h.GetFailed(), 512)
	if reason != "" {
		e.putBack(s, a)
		e.o.Notify(Event{Kind: "failed", Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
			ID: h.GetActionId(), Text: reason, Time: e.o.Now()})
	} else if err := e.write(func(tx *store.Tx) error { return tx.DeleteAction(h.GetActionId()) }); err != nil {
		return // tried again when the session ends
	}
	s.actions = slices.DeleteFunc(s.actions, func(o *action) bool { return o == a })
}

// giveBack returns what a plugin was given and has not handled when it went.
func (e *Engine) giveBack(s *session) {
	s.actions = slices.DeleteFunc(s.actions, func(a *action) bool {
		if a.repeat() {
			return false
		}
		if a.sent {
			e.putBack(s, a)
		}
		return a.sent
	})
}

// putBack restores the text of one action in the store and in the window.
func (e *Engine) putBack(s *session, a *action) {
	if a.secret {
		return
	}
	e.keepTexts(s)
	var text string
	err := e.write(func(tx *store.Tx) (err error) {
		text, err = restore(tx, a.row)
		return err
	})
	if err != nil {
		text = a.row.Action.GetValue() // the journal still has it
	}
	if text != "" {
		e.o.Views.Restore(s.key, a.row.Action.GetNode(), text)
		e.tellAgain(s, a.row.Action.GetNode())
	}
}

// Edited takes an editor's text as the person types.
func (e *Engine) Edited(k model.SessionKey, node, text string) {
	e.box.putFirst(editedIn{k, node, text})
}

type editedIn struct {
	key        model.SessionKey
	node, text string
}

func (in editedIn) apply(e *Engine) {
	s := e.sessions[in.key]
	if s == nil || len(in.node) > viewcheck.MaxID || len(in.text) > contractv1.MaxEditor {
		return
	}
	revision := e.o.Views.Edited(in.key, in.node, in.text)
	e.keepSoon(s, in.node)
	e.freshText(s, in.node, edit{in.text, revision})
}

// keepSoon has the store keep an editor's text.
func (e *Engine) keepSoon(s *session, node string) {
	t := &s.texts
	if t.unkept == nil {
		t.unkept = map[string]bool{}
	}
	t.unkept[node] = true
	e.alarmOnce(alarmKey{what: "texts", key: s.key}, persistEvery, func(e *Engine) { e.keepTexts(s) })
}

// freshText is a text that the plugin does not know; it hears of it soon.
func (e *Engine) freshText(s *session, node string, ed edit) {
	t := &s.texts
	if t.fresh == nil {
		t.fresh = map[string]edit{}
	}
	t.fresh[node] = ed
	e.alarmOnce(alarmKey{what: "edited", key: s.key}, editedEvery-e.o.Now().Sub(t.told), func(e *Engine) { e.tellEdited(s) })
}

// tellEdited tells what was typed; until a plugin can take it, it stays fresh.
func (e *Engine) tellEdited(s *session) {
	t, l := &s.texts, s.live
	if l == nil || !l.takes || l.phase == closing {
		return
	}
	fresh := t.fresh
	t.fresh, t.told = nil, e.o.Now()
	for node, ed := range fresh {
		e.replace(l, editedEvent(node, ed), editedOf(node))
	}
}

// editedOf finds what a plugin is told of one editor's text.
func editedOf(node string) func(*contractv1.Event) bool {
	return func(ev *contractv1.Event) bool { return ev.GetEdited() != nil && ev.GetEdited().GetNode() == node }
}

// tellAgain makes the person's text in an editor fresh, in all of them with "":
// the plugin knows another one, or has just begun.
func (e *Engine) tellAgain(s *session, only string) {
	for node, text := range e.o.Views.Texts(s.key) {
		if only == "" || only == node {
			e.freshText(s, node, edit{text, e.o.Views.Edited(s.key, node, text)})
		}
	}
}

// textSet is when a plugin has put a text into an editor: what was typed there
// before is neither heard afterwards nor kept, as if it were still there.
func (e *Engine) textSet(l *live, m *contractv1.SetText) {
	v := e.o.Views.View(l.s.key)
	if v == nil || v.Editors[m.GetNode()].Text != m.GetText() {
		return // refused: the person typed since
	}
	e.keepSoon(l.s, m.GetNode())
	delete(l.s.texts.fresh, m.GetNode())
	stale := editedOf(m.GetNode())
	l.queue = slices.DeleteFunc(l.queue, func(f *contractv1.HostFrame) bool { return stale(f.GetEvent()) })
}

// keepTexts stores what was typed; the cache of views leaves secrets out.
func (e *Engine) keepTexts(s *session) {
	t := &s.texts
	if len(t.unkept) == 0 {
		return
	}
	e.silence(alarmKey{what: "texts", key: s.key})
	texts := e.o.Views.Texts(s.key)
	err := e.write(func(tx *store.Tx) error {
		for node := range t.unkept {
			if err := tx.SetEditor(s.key.Conversation, s.key.Session, node, texts[node]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		e.alarm(alarmKey{what: "texts", key: s.key}, persistEvery, func(e *Engine) { e.keepTexts(s) })
		return
	}
	clear(t.unkept)
}
