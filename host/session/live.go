package session

import (
	"errors"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"switchboard/host/bridge"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
)

// phase is how far a session is open on its plugin.
type phase int

const (
	opening  phase = iota // waiting for SessionReady
	fetching              // the network is asked for what the store lacks
	replaying
	current
	closing // waiting for SessionDone
)

// Bounds of one session on its plugin.
const (
	maxQueue       = 256       // frames queued here before updates are left in the store
	maxOpenBytes   = 512 << 10 // of values and pending updates in SessionOpen
	pageSize       = 64
	againAfter     = 50 * time.Millisecond
	maxCrashes     = 3
	crashesWithin  = 10 * time.Minute
	signalsASecond = 50
	signalsBurst   = 100
)

// live is a session that is open on its plugin.
type live struct {
	s      *session
	plug   *plugin
	handle uint32
	phase  phase
	pos    int64 // updates up to here were queued or are the plugin's own
	queue  []*contractv1.HostFrame
	full   bool // PluginRoom will come
	behind bool // updates are left in the store
	takes  bool // what the person does and asks is queued at once
	ended  bool // Ended was queued
	seats  map[string]Seat
	room   *room  // of a group, as it was told
	late   []Seat // changes that wait for updates left in the store
	used   time.Time
	limit  *rate.Limiter
}

func (e *Engine) plugin(id string) *plugin {
	p := e.plugins[id]
	if p == nil {
		p = &plugin{id: id, handles: map[uint32]*live{}}
		e.plugins[id] = p
	}
	return p
}

// wanted tells whether a session should be open on its plugin.
func (e *Engine) wanted(s *session) bool {
	if !s.standing && (e.over(s) || !e.runsHere(s)) {
		return false
	}
	return s.need || s.views > 0 || len(s.commands) > 0 || len(s.actions) > 0
}

// openAll opens what is wanted of a plugin, "" for all.
func (e *Engine) openAll(id string) {
	for _, s := range e.sessions {
		if id == "" || s.plugin == id {
			e.open(s)
		}
	}
}

// open opens a session on its plugin if it is wanted and not open yet; the
// plugin is started when it does not run.
func (e *Engine) open(s *session) {
	if s.live != nil || e.closing || !e.wanted(s) {
		return
	}
	m, known := e.o.Catalog.Manifest(s.plugin)
	if !known {
		e.cannotOpen(s, "The plugin “"+s.plugin+"” is not installed here.")
		return
	}
	// A network plugin, say, would break down over a session that others made up.
	if s.standing != m.Session.Standing() || m.Session.Kind == manifest.NoSession {
		e.cannotOpen(s, m.Name+" has no such sessions.")
		return
	}
	if ok, reason := e.o.Catalog.Enabled(s.plugin); !ok {
		e.cannotOpen(s, reason)
		return
	}
	if e.crashedTooOften(s) {
		return
	}
	p := e.plugin(s.plugin)
	if !p.up {
		e.ensure(p)
		return
	}
	if err := e.openOn(p, s); err != nil {
		e.log.Error("open a session", "plugin", p.id, "session", s.key.Session, "error", err)
		e.alarmOnce(alarmKey{what: "reopen", id: p.id}, stallRetry, func(e *Engine) { e.openAll(p.id) })
	}
}

// cannotOpen tells whoever waits for a session why it does not open.
func (e *Engine) cannotOpen(s *session, reason string) {
	if s.views > 0 {
		e.o.Views.Fault(s.key, reason)
	}
	for _, c := range slices.Clone(s.commands) {
		c.finish(nil, errors.New(reason))
		e.forget(c)
	}
}

func (e *Engine) openOn(p *plugin, s *session) error {
	open, rest, err := e.sessionOpen(s)
	if err != nil {
		return err
	}
	texts, err := e.o.Store.Editors(e.ctx, s.key.Conversation, s.key.Session)
	if err != nil {
		return err
	}
	p.next++
	l := &live{s: s, plug: p, handle: p.next, seats: map[string]Seat{}, used: e.o.Now(),
		limit: rate.NewLimiter(signalsASecond, signalsBurst)}
	if s.standing {
		l.room = roomOf(open.GetConversation())
	}
	for i, seat := range s.fold.Seats {
		l.seats[seatKey(i, seat)] = seat
	}
	if e.o.Views.View(s.key) == nil {
		e.o.Views.Open(s.key, s.plugin)
		e.o.Views.SetTexts(s.key, texts)
	}
	e.tellAgain(s, "")
	e.o.Views.Fault(s.key, "")
	if err := e.o.Plugins.Send(p.id, &contractv1.HostFrame{Session: l.handle,
		Body: &contractv1.HostFrame_Open{Open: open}}); err != nil {
		return err // PluginDown follows
	}
	s.live, s.crashed, s.need = l, "", false
	p.handles[l.handle] = l
	l.queue = rest
	e.pushVisible(l)
	e.watchIdle(l)
	e.dirty = true
	return nil
}

// ensure starts a plugin that sessions or commands wait for.
func (e *Engine) ensure(p *plugin) {
	if p.up || p.ensuring || e.closing {
		return
	}
	p.ensuring = true
	ctx := e.ctx
	e.spawn(func() input {
		ctx, cancel := withTimeout(ctx, ensureTime)
		defer cancel()
		return &ensured{p: p, err: e.o.Plugins.Ensure(ctx, p.id)}
	})
}

type ensured struct {
	p   *plugin
	err error
}

func (in *ensured) apply(e *Engine) {
	in.p.ensuring = false
	switch {
	case in.p.up:
		e.openAll(in.p.id)
	case in.err != nil:
		e.notStarted(in.p, in.err)
	default: // it came up and went down again meanwhile
		e.alarm(alarmKey{what: "again", id: in.p.id}, againAfter, func(e *Engine) { e.startAgain(in.p) })
	}
}

// startAgain starts a plugin that went down while somebody needs it.
func (e *Engine) startAgain(p *plugin) {
	e.openAll(p.id)
	for _, c := range e.calls {
		if c.plugin == p.id && c.s == nil && !c.sent {
			e.ensure(p)
		}
	}
}

// notStarted tells everybody who waits that a plugin does not come up. What is
// only behind waits for the next try.
func (e *Engine) notStarted(p *plugin, err error) {
	retry := false
	for _, s := range e.sessions {
		if s.plugin != p.id || !e.wanted(s) {
			continue
		}
		e.cannotOpen(s, sentence(err))
		s.crashed, e.dirty = sentence(err), true
		retry = true
	}
	for _, c := range e.calls {
		if c.plugin == p.id && c.s == nil {
			c.finish(nil, err)
			e.forget(c)
		}
	}
	if ok, _ := e.o.Catalog.Enabled(p.id); ok && retry {
		e.alarmOnce(alarmKey{what: "ensure", id: p.id}, ensureRetry, func(e *Engine) { e.openAll(p.id) })
	}
}

// crashedTooOften keeps a session that ends its plugin's handling again and
// again from doing so for ever; looking at it anew tries once more.
func (e *Engine) crashedTooOften(s *session) bool {
	since := e.o.Now().Add(-crashesWithin)
	s.crashes = slices.DeleteFunc(s.crashes, func(t time.Time) bool { return t.Before(since) })
	if len(s.crashes) < maxCrashes {
		return false
	}
	e.cannotOpen(s, s.crashed)
	return true
}

// close ends a session on its plugin, not for its members.
func (e *Engine) closeLive(l *live, why contractv1.SessionClose_Reason) {
	if l.phase == closing {
		return
	}
	e.keepTexts(l.s)
	if e.tellEdited(l.s); l.phase == closing {
		return // it was over, and this was all that was left to say
	}
	l.phase, l.queue = closing, nil
	err := e.o.Plugins.Send(l.plug.id, &contractv1.HostFrame{Session: l.handle,
		Body: &contractv1.HostFrame_Close{Close: &contractv1.SessionClose{Reason: why}}})
	if err != nil {
		e.gone(l, "")
		return
	}
	e.silence(alarmKey{what: "idle", key: l.s.key})
	e.alarm(alarmKey{what: "closing", key: l.s.key}, sessionWait, func(e *Engine) {
		if l.s.live == l {
			e.gone(l, "")
		}
	})
}

// gone is when a session is not open any more, for whatever reason. What the
// plugin was given and did not handle is given back.
func (e *Engine) gone(l *live, fault string) {
	s := l.s
	delete(l.plug.handles, l.handle)
	e.watchUnused(l.plug)
	if s.live != l {
		return
	}
	e.keepTexts(s)
	s.live, e.dirty = nil, true
	s.typing, s.conv.stale = false, s.conv.stale || s.typing
	for _, what := range []string{"idle", "closing", "edited", "typing"} {
		e.silence(alarmKey{what: what, key: s.key})
	}
	if l.phase != closing && (l.behind || l.phase != current || len(l.queue) > 0 || !s.standing) {
		s.need = true
	}
	e.giveBack(s)
	if s.views == 0 {
		e.o.Views.Close(s.key)
	} else if fault != "" {
		e.o.Views.Fault(s.key, fault)
	}
	s.crashed = fault
	for _, c := range s.commands {
		c.sent = false
	}
	if e.closing {
		e.lastGone()
		return
	}
	if !e.wanted(s) {
		s.crashed = "" // nobody misses it
	}
	e.open(s)
}

// watchIdle closes a standing session that nothing happens in.
func (e *Engine) watchIdle(l *live) {
	l.used = e.o.Now()
	if l.s.standing {
		e.alarmOnce(alarmKey{what: "idle", key: l.s.key}, contractv1.IdleSession, func(e *Engine) { e.idle(l) })
	}
}

func (e *Engine) idle(l *live) {
	s := l.s
	if s.live != l || l.phase == closing {
		return
	}
	left := contractv1.IdleSession - e.o.Now().Sub(l.used)
	busy := s.views > 0 || len(s.commands) > 0 || len(s.actions) > 0 || len(l.queue) > 0 || l.phase != current || l.behind
	if left <= 0 && !busy {
		e.closeLive(l, contractv1.SessionClose_IDLE)
		return
	}
	e.alarm(alarmKey{what: "idle", key: s.key}, max(left, time.Second), func(e *Engine) { e.idle(l) })
}

// send hands one frame over; false when the plugin has no room for it now.
func (e *Engine) send(l *live, f *contractv1.HostFrame) bool {
	f.Session = l.handle
	if err := e.o.Plugins.Send(l.plug.id, f); errors.Is(err, bridge.ErrFull) {
		l.full = true
		return false
	}
	return true // a plugin that is gone is told of by PluginDown
}

func eventFrame(handle uint32, ev *contractv1.Event) *contractv1.HostFrame {
	return &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Event{Event: ev}}
}
