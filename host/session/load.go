package session

import (
	"context"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// load reads what the store knows. Nothing runs yet.
func (e *Engine) load(ctx context.Context) error {
	rows, err := e.o.Store.Conversations(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		c := e.conversation(r.ID)
		c.cursor, c.skipped, c.row = r.Cursor, r.Skipped, *r
	}
	for _, step := range []func(context.Context) error{
		e.loadSessions, e.loadSummaries, e.loadOutbox, e.loadActions,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) loadSessions(ctx context.Context) error {
	since := e.o.Now().Add(-keepOver).UnixMilli()
	rows, err := e.o.Store.Sessions(ctx, since)
	if err != nil {
		return err
	}
	last, err := e.o.Store.LastUpdates(ctx)
	if err != nil {
		return err
	}
	times, err := e.o.Store.LastTimes(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.ID == store.GroupLog {
			continue // of every session there
		}
		s := e.addSession(model.SessionKey{Conversation: r.Conversation, Session: r.ID}, r.Plugin)
		s.row, s.held, s.acked, s.last = true, r.Held, r.Acked, last[[2]string{r.Conversation, r.ID}]
		s.entry = times[[2]string{r.Conversation, r.ID}]
		if s.standing {
			continue
		}
		if s.fold, err = decodeFold(r.Fold); err != nil {
			e.log.Error("a session in the store cannot be read", "session", r.ID, "error", err)
			e.dropSession(s)
		}
	}
	for _, c := range e.conversations {
		e.boundOver(c)
	}
	return nil
}

func (e *Engine) loadSummaries(ctx context.Context) error {
	rows, err := e.o.Store.Summaries(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		key := model.SessionKey{Conversation: r.Conversation, Session: r.Session}
		s := e.sessions[key]
		if s == nil && r.Session == r.Plugin {
			s = e.addSession(key, r.Plugin)
		}
		if s != nil {
			s.summary = r
		}
	}
	return nil
}

// loadOutbox takes up own entries where they were left. An offer that is still
// waiting is a session already.
func (e *Engine) loadOutbox(ctx context.Context) error {
	rows, err := e.o.Store.Outbox(ctx)
	if err != nil {
		return err
	}
	address, device, _ := e.o.Self()
	for _, r := range rows {
		e.own.add(r)
		if r.State != store.OutPending {
			continue
		}
		e.conversation(r.Conversation).enqueue(r)
		if r.Kind != contractv1.Envelope_OFFER {
			continue
		}
		body, err := e.o.Store.OutBody(ctx, r.ID)
		if err != nil {
			return err
		}
		e.foresee(r, body, address, device)
	}
	return nil
}

// foresee shows an own offer before the network has ordered it.
func (e *Engine) foresee(r *store.OutRow, body []byte, address, device string) *session {
	f, ok := Begin(&contractv1.Envelope{
		Id: r.ID, Conversation: r.Conversation, Session: r.Session, Plugin: r.Plugin, Protocol: r.Protocol,
		Kind: contractv1.Envelope_OFFER, From: address, Device: device, TimeMs: r.TimeMs, Body: body,
	}, 0)
	key := model.SessionKey{Conversation: r.Conversation, Session: r.Session}
	if !ok || e.sessions[key] != nil {
		return e.sessions[key]
	}
	f.TTL = 0 // its time begins when the network has it
	s := e.addSession(key, r.Plugin)
	s.fold, s.foreseen = f, true
	return s
}

// loadActions puts the text of what no plugin has handled back into its editor:
// after a crash nobody can say how far it got, except by what it made.
func (e *Engine) loadActions(ctx context.Context) error {
	rows, err := e.o.Store.Actions(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	return e.o.Store.Update(func(tx *store.Tx) error {
		for _, r := range rows {
			if e.takeUp(r) {
				continue
			}
			if _, err := restore(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// restore clears an action from the journal. A submitted text goes back into
// its editor, unless an update was made from it: then it is on its way.
func restore(tx *store.Tx, r *store.ActionRow) (text string, err error) {
	a := r.Action
	if err := tx.DeleteAction(a.GetId()); err != nil {
		return "", err
	}
	made, err := tx.AnyMade(r.Conversation, r.Session, a.GetId())
	if err != nil || made || a.GetKind() != contractv1.Action_SUBMIT || a.GetValue() == "" {
		return "", err
	}
	old, err := tx.Editor(r.Conversation, r.Session, a.GetNode())
	if err != nil {
		return "", err
	}
	return a.GetValue(), tx.SetEditor(r.Conversation, r.Session, a.GetNode(), join(a.GetValue(), old))
}

// join puts a text before another, as the window does.
func join(text, old string) string {
	switch {
	case old == "" || old == text:
		return text
	case len(text)+len(old) >= contractv1.MaxEditor:
		return text
	}
	return text + "\n" + old
}

// begin opens what the plugins have not heard yet.
func (e *Engine) begin() {
	for _, s := range e.sessions {
		if s.standing && s.last > s.acked {
			s.need = true
		}
	}
	e.openAll("")
	e.upkeep()
}

// conversation finds a conversation or makes it known.
func (e *Engine) conversation(id string) *conversation {
	c := e.conversations[id]
	if c == nil {
		c = &conversation{id: id, sessions: map[string]*session{}, row: store.ConversationRow{ID: id}, stale: true}
		e.conversations[id] = c
		e.order = append(e.order, c)
	}
	return c
}

// addSession makes a session known; it has no row in the store yet.
func (e *Engine) addSession(key model.SessionKey, plugin string) *session {
	c := e.conversation(key.Conversation)
	s := &session{key: key, plugin: plugin, conv: c, standing: key.Session == plugin, held: c.skipped}
	e.sessions[key], c.sessions[key.Session] = s, s
	e.dirty = true
	return s
}

func (e *Engine) dropSession(s *session) {
	delete(e.sessions, s.key)
	delete(s.conv.sessions, s.key.Session)
	e.small.Delete(s.key)
	s.conv.stale, e.dirty = true, true
}

// standingSession finds or makes the session that a plugin always has in a
// conversation; nil when there cannot be one.
func (e *Engine) standingSession(conversation, plugin string) *session {
	key := model.SessionKey{Conversation: conversation, Session: plugin}
	if s := e.sessions[key]; s != nil {
		return s
	}
	address, _, ok := e.o.Self()
	m, known := e.o.Catalog.Manifest(plugin)
	if !ok || !known || !m.Session.Standing() || !e.canRead(conversation, address) {
		return nil
	}
	return e.addSession(key, plugin)
}

// self is this account and device; empty before the first run is done.
func (e *Engine) self() (address, device string) {
	address, device, _ = e.o.Self()
	return address, device
}
