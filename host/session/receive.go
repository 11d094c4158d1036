package session

import (
	"errors"
	"slices"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// envelopesIn are entries of one conversation; they are only collected here.
type envelopesIn struct{ batch *contractv1.Envelopes }

func (in *envelopesIn) apply(e *Engine) {
	if e.receivedN == 0 {
		e.receivedAt = time.Now()
	}
	e.received = append(e.received, in.batch)
	e.receivedN += max(1, len(in.batch.GetEnvelopes()))
}

// flush stores all that was received, entries and cursors in one transaction,
// and only then tells plugins of it. When nothing can be stored, it is tried
// again; until then the network's plugin gets no more credit.
func (e *Engine) flush() {
	if e.receivedN == 0 || e.stalled {
		return
	}
	var t *taking
	err := e.write(func(tx *store.Tx) error {
		t = newTaking(e, tx)
		for _, batch := range e.received {
			if err := t.batch(batch); err != nil {
				return err
			}
		}
		return t.keep()
	})
	if errors.Is(err, store.ErrClosed) {
		return
	}
	if err != nil {
		e.holdOn()
		return
	}
	clear(e.received)
	e.received, e.receivedN = e.received[:0], 0
	t.install()
}

// holdOn keeps the network from handing over more while nothing can be stored,
// and tries again soon.
func (e *Engine) holdOn() {
	e.stall(true)
	e.alarmOnce(alarmKey{what: "stall"}, stallRetry, func(e *Engine) {
		e.stall(false)
		e.flush()
		held := e.heldStates
		e.heldStates = nil
		for _, in := range held {
			in.apply(e) // waits again if need be
		}
	})
}

func (e *Engine) stall(on bool) {
	e.stalled = on
	e.box.hold(on)
}

// taking is one group of received entries on its way into the store: changes
// are made to copies, and what follows from them happens after the commit.
type taking struct {
	e               *Engine
	tx              *store.Tx
	address, device string
	cursors         map[*conversation]int64
	skipped         map[*conversation]int64
	folds           map[model.SessionKey]*folding
	order           []model.SessionKey // folds in the order they were touched
	after           []func()
}

// folding is a session's fold during a group.
type folding struct {
	fold    Fold
	old     *session // nil for a session that begins here
	changed bool
}

func newTaking(e *Engine, tx *store.Tx) *taking {
	t := &taking{e: e, tx: tx, cursors: map[*conversation]int64{}, skipped: map[*conversation]int64{},
		folds: map[model.SessionKey]*folding{}}
	t.address, t.device = e.self()
	return t
}

func (t *taking) then(f func()) { t.after = append(t.after, f) }

func (t *taking) batch(b *contractv1.Envelopes) error {
	if id := b.GetConversation(); id == "" || len(id) > maxConversation {
		return nil
	}
	if ofOthers(b.GetConversation(), t.address) {
		return nil // of two others: not even a cursor is kept of it
	}
	c := t.e.conversation(b.GetConversation())
	cursor, ok := t.cursors[c]
	if !ok {
		cursor = c.cursor
	}
	if b.GetTrimmed() && !ok && c.cursor == 0 && !c.row.Trimmed {
		if err := t.tx.SetTrimmed(c.id); err != nil {
			return err
		}
		t.then(func() { c.row.Trimmed = true })
	}
	for _, env := range b.GetEnvelopes() {
		if env.GetSeq() <= cursor || env.GetSeq() > store.MaxSeq {
			continue // read before
		}
		cursor = env.GetSeq()
		if env.GetConversation() != c.id {
			continue
		}
		if err := t.take(c, env); err != nil {
			return err
		}
	}
	t.cursors[c] = cursor
	return t.tx.SetCursor(c.id, cursor)
}

// take stores one entry or finds that it does not count.
func (t *taking) take(c *conversation, env *contractv1.Envelope) error {
	before := len(t.after)
	refused, ended, err := t.place(c, env)
	if err != nil || env.GetFrom() != t.address || env.GetDevice() != t.device {
		return err
	}
	return t.own(before, env, refused, ended)
}

// place finds the session of an entry and folds it. An own entry that does not
// count is answered with the reason.
func (t *taking) place(c *conversation, env *contractv1.Envelope) (refused string, ended bool, err error) {
	if env.GetKind() == contractv1.Envelope_MEMBERSHIP {
		return "", false, t.membership(c, env)
	}
	if !goodID(env.GetId()) || !goodID(env.GetSession()) || !goodID(env.GetPlugin()) ||
		len(env.GetBody()) > contractv1.MaxUpdate || len(env.GetFrom()) > maxAddress || len(env.GetDevice()) > maxID {
		return "The network delivered the entry damaged.", false, nil
	}
	if env.GetKind() == contractv1.Envelope_OFFER {
		return t.offer(c, env)
	}
	if env.GetSession() == env.GetPlugin() {
		return "", false, t.standing(c, env)
	}
	return t.offered(c, env)
}

// standing takes an update of a session that needs no offer.
func (t *taking) standing(c *conversation, env *contractv1.Envelope) error {
	if env.GetKind() != contractv1.Envelope_UPDATE {
		return nil
	}
	key := model.SessionKey{Conversation: c.id, Session: env.GetSession()}
	s := t.e.sessions[key]
	if s == nil {
		m, known := t.e.o.Catalog.Manifest(env.GetPlugin())
		if !known || !m.Session.Standing() {
			t.skipped[c] = env.GetSeq()
			return t.tx.SetSkipped(c.id, env.GetSeq())
		}
		s = t.e.addSession(key, env.GetPlugin())
	}
	if !s.row {
		held := max(s.held, t.skipped[c])
		if err := t.tx.AddSession(&store.SessionRow{Conversation: c.id, ID: s.key.Session, Plugin: s.plugin,
			Open: true, Held: held, UpdatedMs: t.e.now()}); err != nil {
			return err
		}
		t.then(func() { s.row, s.held = true, held })
	}
	return t.add(s, env)
}

// add stores an update; only the first of several with one id counts.
func (t *taking) add(s *session, env *contractv1.Envelope) error {
	added, err := t.tx.AddEnvelope(env)
	if err == nil && added {
		t.then(func() { t.e.arrived(s, env) })
	}
	return err
}

// folding answers the working copy of a session, nil when there is none.
func (t *taking) folding(key model.SessionKey) *folding {
	if f := t.folds[key]; f != nil {
		return f
	}
	s := t.e.sessions[key]
	if s == nil || s.standing || s.foreseen {
		return nil
	}
	return t.touch(key, &folding{fold: s.fold, old: s})
}

func (t *taking) touch(key model.SessionKey, f *folding) *folding {
	t.folds[key] = f
	t.order = append(t.order, key)
	return f
}

// offer begins a session, once for each id.
func (t *taking) offer(c *conversation, env *contractv1.Envelope) (refused string, ended bool, err error) {
	key := model.SessionKey{Conversation: c.id, Session: env.GetSession()}
	used, err := t.tx.HasSession(c.id, key.Session)
	if err != nil {
		return "", false, err
	}
	if used {
		return "This offer was made before.", false, nil
	}
	fold, ok := Begin(env, t.open(c, env))
	if !ok {
		return "The offer was not accepted: too many are open, or it is damaged.", false, nil
	}
	f := t.touch(key, &folding{fold: fold, old: t.e.sessions[key], changed: true})
	if err := t.row(f); err != nil {
		return "", false, err
	}
	_, err = t.tx.AddEnvelope(bare(env))
	t.then(func() { t.e.offered(key) })
	return "", false, err
}

// open counts the sessions of an entry's author that live at that entry.
func (t *taking) open(c *conversation, env *contractv1.Envelope) (n int) {
	lives := func(f *Fold) bool {
		return f.By == env.GetFrom() && f.Over == "" && !f.Expired(env.GetTimeMs())
	}
	for key, f := range t.folds {
		if key.Conversation == c.id && lives(&f.fold) {
			n++
		}
	}
	for _, s := range c.sessions {
		if t.folds[s.key] == nil && !s.standing && !s.foreseen && lives(&s.fold) {
			n++
		}
	}
	return n
}

// offered folds an entry of an offered session.
func (t *taking) offered(c *conversation, env *contractv1.Envelope) (refused string, ended bool, err error) {
	key := model.SessionKey{Conversation: c.id, Session: env.GetSession()}
	f := t.folding(key)
	if f == nil {
		return "The session is not known any more.", true, nil
	}
	fold, v := f.fold.Apply(env)
	keep := env
	if !v.Deliver {
		keep = bare(env)
	}
	if v.Deliver || v.Changed && v.Refused == "" {
		added, err := t.tx.AddEnvelope(keep)
		if err != nil || !added {
			return "", false, err
		}
	}
	if v.Changed {
		f.fold, f.changed = fold, true
		t.ofKnown(key, func(s *session) {
			s.entry = env.GetTimeMs()
			t.e.lifeChanged(key)
		})
		t.snapshotMembers(key, fold)
	}
	if v.Deliver {
		t.ofKnown(key, func(s *session) { t.e.arrived(s, env) })
	}
	return v.Refused, v.Ended, nil
}

// bare is an entry of a session's life as it is kept, so that a repeat of its id
// is known: what it says is in the fold, and what changes nothing is not kept.
func bare(env *contractv1.Envelope) *contractv1.Envelope {
	return &contractv1.Envelope{Id: env.GetId(), Conversation: env.GetConversation(), Session: env.GetSession(), Kind: env.GetKind(),
		From: env.GetFrom(), Device: env.GetDevice(), Seq: env.GetSeq(), TimeMs: env.GetTimeMs(), Protocol: env.GetProtocol()}
}

// snapshotMembers tells the plugin of changed seats in the order of the entries,
// between the updates, not only how it was at the end of the group.
func (t *taking) snapshotMembers(key model.SessionKey, fold Fold) {
	t.ofKnown(key, func(s *session) { t.e.membersChanged(s, fold.Seats) })
}

// ofKnown is then for a session that is still known: one that the group also
// ends may have been dropped, since too many are over.
func (t *taking) ofKnown(key model.SessionKey, f func(*session)) {
	t.then(func() {
		if s := t.e.sessions[key]; s != nil {
			f(s)
		}
	})
}

// row writes a fold into the store.
func (t *taking) row(f *folding) error {
	return keepFold(t.tx, &f.fold, t.e.now())
}

func keepFold(tx *store.Tx, f *Fold, now int64) error {
	data, err := f.encode()
	if err != nil {
		return err
	}
	return tx.AddSession(&store.SessionRow{Conversation: f.Conversation, ID: f.ID, Plugin: f.Plugin,
		Fold: data, Open: f.Over == "", UpdatedMs: now})
}

// own marks an own entry as read back: it is at the network, whatever the
// answer to its post was. Its plugin hears so before it hears the update.
func (t *taking) own(before int, env *contractv1.Envelope, refused string, ended bool) error {
	r := t.e.own.rows[env.GetId()]
	if r == nil {
		return nil
	}
	if refused != "" && r.Kind == contractv1.Envelope_UPDATE {
		t.then(func() { t.e.outFailed(r, refused, ended) })
		return t.tx.OutFail(r.ID, refused, ended)
	}
	t.after = slices.Insert(t.after, before, func() { t.e.readBack(r, env.GetSeq(), env.GetTimeMs()) })
	return t.tx.DeleteOut(r.ID)
}

// keep writes what changed and is not written yet.
func (t *taking) keep() error {
	for _, key := range t.order {
		if f := t.folds[key]; f.changed {
			if err := t.row(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// install makes the copies the truth and does what follows, in order.
func (t *taking) install() {
	for c, seq := range t.cursors {
		c.cursor = seq
	}
	for c, seq := range t.skipped {
		c.skipped = max(c.skipped, seq)
	}
	for _, key := range t.order {
		f := t.folds[key]
		if !f.changed {
			continue
		}
		s := t.e.sessions[key]
		if s == nil {
			s = t.e.addSession(key, f.fold.Plugin)
			s.held = 0
		}
		s.fold, s.row, s.foreseen = f.fold, true, false
	}
	for _, f := range t.after {
		f()
	}
	t.e.dirty = true
}
