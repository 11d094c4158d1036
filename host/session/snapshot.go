package session

import (
	"cmp"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"switchboard/shared/model"
)

// snapshot is what others may read; it is never changed.
type snapshot struct {
	sessions      []model.Session
	conversations []model.Conversation
	queued        int
	fault         string
}

// Sessions are the sessions that have not been over for long, newest first.
func (e *Engine) Sessions() []model.Session { return e.snap.Load().sessions }

// Conversations are the rows that the host knows something about, as the list
// shows them; contacts without any are the caller's.
func (e *Engine) Conversations() []model.Conversation { return e.snap.Load().conversations }

// Queued counts own entries that are not yet at the network.
func (e *Engine) Queued() int { return e.snap.Load().queued }

// Fault is one sentence when nothing can be stored, empty otherwise.
func (e *Engine) Fault() string { return e.snap.Load().fault }

// Refresh makes what is published anew: names or devices are others now.
func (e *Engine) Refresh() { e.box.put(refresh{}) }

type refresh struct{}

func (refresh) apply(e *Engine) { e.named, e.dirty = "", true }

// settle publishes what changed, at most every 20 ms.
func (e *Engine) settle() {
	if !e.dirty || e.closing {
		return
	}
	if wait := publishEvery - time.Since(e.published); wait > 0 {
		e.alarmOnce(alarmKey{what: "publish"}, wait, func(*Engine) {})
		return
	}
	e.publish()
}

func (e *Engine) publish() {
	old := e.snap.Load()
	if old != nil && !e.dirty {
		return
	}
	s := &snapshot{fault: e.fault, queued: e.own.queued}
	for _, one := range e.sessions {
		if !one.standing || one.crashed != "" {
			s.sessions = append(s.sessions, e.describeSession(one))
		}
	}
	slices.SortFunc(s.sessions, func(a, b model.Session) int {
		return cmp.Or(b.Offered.Compare(a.Offered), cmp.Compare(a.Key.Session, b.Key.Session),
			cmp.Compare(a.Key.Conversation, b.Key.Conversation))
	})
	if e.describeRows() || old == nil {
		s.conversations = make([]model.Conversation, 0, len(e.order))
		for _, c := range e.order {
			s.conversations = append(s.conversations, c.shown)
		}
	} else {
		s.conversations = old.conversations
	}
	e.snap.Store(s)
	e.dirty, e.published = false, time.Now()
	e.o.Changed()
}

// describeRows brings the rows that changed up to date, in their order; false
// when there is none.
func (e *Engine) describeRows() (changed bool) {
	address, _ := e.self()
	anew := e.named != address || address == ""
	e.named = address
	for _, c := range e.order {
		if anew || c.stale || c.shown.NotSent != (e.own.failed[c.id] > 0) {
			c.shown, c.stale, changed = e.describeRow(c), false, true
		}
	}
	if changed {
		slices.SortFunc(e.order, func(a, b *conversation) int {
			return cmp.Or(boolCompare(b.shown.Pinned, a.shown.Pinned), b.shown.Time.Compare(a.shown.Time), cmp.Compare(a.id, b.id))
		})
	}
	return changed
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (e *Engine) describeSession(s *session) model.Session {
	f := &s.fold
	address, _ := e.self()
	out := model.Session{Key: s.key, Plugin: s.plugin, Title: f.Title, Protocol: int(e.protocol(s)), Standing: s.standing,
		Solo: f.Solo, Mine: f.By == address, By: f.By, Seq: f.Seq, Crashed: s.crashed != ""}
	out.State, out.Reason = e.shownState(s)
	if f.Time > 0 {
		out.Offered = time.UnixMilli(f.Time)
		out.Idle = time.UnixMilli(max(f.Time, s.entry))
	}
	if f.TTL > 0 {
		out.Expires = time.UnixMilli(f.Time + f.TTL)
	}
	for _, seat := range f.Seats {
		out.Members = append(out.Members, model.SessionMember{Address: seat.Address, Name: e.o.Name(seat.Address),
			Device: seat.Device, State: string(seat.State)})
		if out.State == model.Elsewhere && seat.Address == address && seat.State == SeatJoined {
			out.AnsweredOn = e.o.DeviceName(seat.Device)
		}
	}
	return out
}

// shownState is state for people: what they take part in is impossible for as
// long as its plugin cannot run here, and what it was again when it can. They
// may leave it all the same.
func (e *Engine) shownState(s *session) (model.SessionState, string) {
	st, reason := e.state(s)
	if st == model.Active && !s.standing {
		if why := e.cannot(s.plugin, s.fold.Protocol); why != "" {
			return model.Impossible, why
		}
	}
	return st, reason
}

func (e *Engine) describeRow(c *conversation) model.Conversation {
	address, _ := e.self()
	kind, peer := kindOf(c.id, address)
	row := model.Conversation{ID: c.id, Kind: kind, Peer: peer, Pinned: c.row.Pinned, Archived: c.row.Archive, Title: c.id}
	if kind != model.Group {
		row.Title = e.o.Name(peer)
	}
	if kind != model.Direct {
		row.Peer = ""
	}
	if c.row.MutedMs > 0 {
		row.Muted = time.UnixMilli(c.row.MutedMs)
	}
	newest := int64(-1)
	for _, s := range c.sessions {
		row.Typing = row.Typing || s.typing
		r := s.summary
		if r == nil {
			continue
		}
		row.Unread += r.Unread
		row.Mentions += r.Mentions
		if r.Draft != "" {
			row.Draft = r.Draft
		}
		if r.TimeMs > newest {
			newest = r.TimeMs
			row.Summary, row.From = r.Text, r.From
		}
	}
	if ms := max(newest, c.row.TimeMs); ms > 0 {
		row.Time = time.UnixMilli(ms)
	}
	row.NotSent = e.own.failed[c.id] > 0
	return row
}

// sentence makes an error one for people.
func sentence(err error) string {
	text := err.Error()
	first, n := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[n:]
	if last, _ := utf8.DecodeLastRuneInString(text); unicode.IsLetter(last) || unicode.IsDigit(last) {
		text += "."
	}
	return cut(text, 1024)
}
