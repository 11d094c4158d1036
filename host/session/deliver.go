package session

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// arrived is when an update is in the store.
func (e *Engine) arrived(s *session, env *contractv1.Envelope) {
	s.last, s.entry = max(s.last, env.GetSeq()), max(s.entry, env.GetTimeMs())
	e.o.Notify(Event{Kind: "update", Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
		ID: env.GetId(), Seq: env.GetSeq(), From: env.GetFrom(), Time: time.UnixMilli(env.GetTimeMs())})
	e.arrivedAs(s, env.GetSeq(), func() *contractv1.Event { return updateEvent(env) })
}

func updateEvent(env *contractv1.Envelope) *contractv1.Event {
	return &contractv1.Event{Event: &contractv1.Event_Update{Update: &contractv1.Update{
		Id: env.GetId(), Seq: env.GetSeq(), From: env.GetFrom(), Device: env.GetDevice(),
		TimeMs: env.GetTimeMs(), Body: env.GetBody(), Protocol: env.GetProtocol(),
	}}}
}

// arrivedAs hands over an entry that is in the store, as its event, or leaves it
// there for now.
func (e *Engine) arrivedAs(s *session, seq int64, event func() *contractv1.Event) {
	s.last = max(s.last, seq)
	l := s.live
	if l == nil || l.phase == closing {
		s.need = true
		e.open(s)
		return
	}
	e.watchIdle(l)
	switch {
	case l.phase != current:
	case l.behind || l.full || len(l.queue) >= maxQueue:
		l.behind = true
	case seq > l.pos:
		l.pos = seq
		e.push(l, event())
		return
	}
	e.pump(l)
}

// push queues an event behind what is queued already and sends what can be sent.
func (e *Engine) push(l *live, ev *contractv1.Event) {
	l.queue = append(l.queue, eventFrame(l.handle, ev))
	e.pump(l)
}

// tell pushes an event to a session that is open.
func (e *Engine) tell(s *session, ev *contractv1.Event) bool {
	if s.live == nil || s.live.phase == closing {
		return false
	}
	e.push(s.live, ev)
	return true
}

// replace pushes an event of which only the newest is worth anything: one that
// same finds in the queue gives way to it, unless the person did something since.
func (e *Engine) replace(l *live, ev *contractv1.Event, same func(old *contractv1.Event) bool) {
	for _, f := range slices.Backward(l.queue) {
		b, ok := f.GetBody().(*contractv1.HostFrame_Event)
		switch {
		case !ok || b.Event.GetAction() != nil:
			e.push(l, ev)
			return
		case same(b.Event):
			b.Event = ev
			return
		}
	}
	e.push(l, ev)
}

// pump sends what is queued, then what was left in the store, until the plugin
// has no room or nothing is left.
func (e *Engine) pump(l *live) {
	if l.phase == opening {
		return
	}
	for !l.full && l.phase != closing && l.s.live == l {
		switch {
		case len(l.queue) > 0:
			if e.send(l, l.queue[0]) {
				l.queue[0] = nil
				l.queue = l.queue[1:]
			}
		case l.phase == fetching:
			return
		case l.phase == replaying || l.behind:
			if !e.page(l) {
				return
			}
		case !e.finish(l):
			return
		}
	}
}

// page queues the next updates that were left in the store; false on a failure.
func (e *Engine) page(l *live) bool {
	list, pos, more, err := e.timeline(l)
	if err != nil {
		e.log.Error("read updates", "session", l.s.key.Session, "error", err)
		e.alarm(alarmKey{what: "page", key: l.s.key}, stallRetry, func(e *Engine) {
			if l.s.live == l {
				e.pump(l)
			}
		})
		return false
	}
	l.pos = pos
	for _, ev := range list {
		l.queue = append(l.queue, eventFrame(l.handle, ev))
	}
	if !more {
		e.complete(l)
	}
	return true
}

// complete is when nothing is left in the store: what had to wait follows.
func (e *Engine) complete(l *live) {
	first := l.phase == replaying
	l.behind, l.phase = false, current
	for _, seat := range l.late {
		e.queueSeat(l, seat)
	}
	l.late = nil
	if !first {
		return
	}
	l.queue = append(l.queue, eventFrame(l.handle, &contractv1.Event{
		Event: &contractv1.Event_CaughtUp{CaughtUp: &contractv1.CaughtUp{Seq: max(l.pos, l.s.last), Trimmed: l.s.conv.row.Trimmed,
			ServerTimeMs: e.serverTime()}}}))
	e.queueWaiting(l)
}

// queueWaiting queues what the person did and asked while the session opened.
func (e *Engine) queueWaiting(l *live) {
	l.takes = true
	for _, a := range l.s.actions {
		e.queueAction(l, a)
	}
	for _, c := range l.s.commands {
		e.queueCommand(l, c)
	}
	e.tellEdited(l.s)
}

// finish says that the session is over once everything before that was said;
// false when there is nothing to do.
func (e *Engine) finish(l *live) bool {
	if l.s.standing || l.phase != current {
		return false
	}
	if l.ended {
		e.closeLive(l, contractv1.SessionClose_ENDED)
		return false
	}
	if !e.over(l.s) {
		return false
	}
	l.ended = true
	l.queue = append(l.queue, eventFrame(l.handle, &contractv1.Event{Event: &contractv1.Event_Ended{
		Ended: &contractv1.Ended{Reason: l.s.fold.OverReason, By: l.s.fold.OverBy}}}))
	return true
}

// seatKey tells the seats of a session apart; with oneself both have one address.
func seatKey(i int, s Seat) string {
	if i == 0 {
		return "1 " + s.Address
	}
	return "2 " + s.Address
}

// membersChanged tells a plugin of changed seats, in order with the updates.
func (e *Engine) membersChanged(s *session, seats []Seat) {
	if s == nil || s.live == nil || s.live.phase == closing {
		return
	}
	l := s.live
	for i, seat := range seats {
		key := seatKey(i, seat)
		if l.seats[key] == seat {
			continue
		}
		l.seats[key] = seat
		if l.behind || l.phase != current {
			l.late = append(l.late, seat)
			continue
		}
		e.queueSeat(l, seat)
	}
	e.pump(l)
}

func (e *Engine) queueSeat(l *live, seat Seat) {
	l.queue = append(l.queue, eventFrame(l.handle, &contractv1.Event{Event: &contractv1.Event_Member{Member: memberOf(seat)}}))
}

// ready is the plugin's answer to SessionOpen.
func (e *Engine) ready(l *live, from int64) {
	if l.phase != opening {
		return
	}
	l.pos = min(max(from, 0), store.MaxSeq)
	if l.pos < l.s.held {
		l.phase = fetching
		if !e.net.connected {
			e.queueWaiting(l) // nobody knows for how long
		}
		e.fetchHeld(l)
		e.pump(l)
		return
	}
	l.phase = replaying
	e.pump(l)
}

// fetchHeld asks the network for updates that the store does not hold: they are
// put into the store, then everything is delivered from there.
func (e *Engine) fetchHeld(l *live) {
	s, from, upto := l.s, l.pos, l.s.held
	ctx := e.net.ctx
	if !e.net.connected || !e.keepRow(s) {
		return // begun again when the network is there
	}
	e.spawn(func() input {
		in := &fetched{l: l, from: from}
		for after := from; ; {
			list, more, err := e.netFetch(ctx, s.key.Conversation, after, upto+1, store.Page)
			if err != nil {
				in.err = err
				return in
			}
			if in.err = e.backfill(s, list); in.err != nil || !more || len(list) == 0 {
				return in
			}
			after = list[len(list)-1].GetSeq()
		}
	})
}

// keepRow makes sure that a session has its row in the store.
func (e *Engine) keepRow(s *session) bool {
	if s.row {
		return true
	}
	s.row = e.write(func(tx *store.Tx) error {
		return tx.AddSession(&store.SessionRow{Conversation: s.key.Conversation, ID: s.key.Session, Plugin: s.plugin,
			Open: true, Held: s.held, UpdatedMs: e.now()})
	}) == nil
	return s.row
}

// backfill stores fetched updates of one session. It runs beside the loop: the
// store is safe for that, and the session holds nothing there yet.
func (e *Engine) backfill(s *session, list []*contractv1.Envelope) error {
	return e.o.Store.Update(func(tx *store.Tx) error {
		for _, env := range list {
			if env.GetKind() != contractv1.Envelope_UPDATE || env.GetSession() != s.key.Session ||
				env.GetPlugin() != s.plugin || !goodID(env.GetId()) || len(env.GetBody()) > contractv1.MaxUpdate {
				continue
			}
			if _, err := tx.AddEnvelope(env); err != nil {
				return err
			}
		}
		return nil
	})
}

type fetched struct {
	l    *live
	from int64
	err  error
}

func (in *fetched) apply(e *Engine) {
	l := in.l
	if l.s.live != l || l.phase != fetching {
		return
	}
	err := in.err
	if err == nil {
		err = e.write(func(tx *store.Tx) error {
			return tx.SetHeld(l.s.key.Conversation, l.s.key.Session, in.from)
		})
	}
	if err != nil {
		e.log.Warn("older entries could not be read from the network", "session", l.s.key.Session, "error", err)
		e.queueWaiting(l) // what the person does does not wait for them any longer
		e.pump(l)
		e.alarm(alarmKey{what: "fetch", key: l.s.key}, ensureRetry, func(e *Engine) {
			if l.s.live == l && l.phase == fetching {
				e.fetchHeld(l)
			}
		})
		return
	}
	l.s.held, l.phase = in.from, replaying
	e.pump(l)
}

// netFetch reads entries of a conversation with after < seq < before again.
func (e *Engine) netFetch(ctx context.Context, conversation string, after, before int64, limit int) ([]*contractv1.Envelope, bool, error) {
	ctx, cancel := withTimeout(ctx, contractv1.CallTimeout)
	defer cancel()
	r, err := e.netCall(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Fetch{Fetch: &contractv1.NetFetch{
		Conversation: conversation, AfterSeq: after, BeforeSeq: before, Limit: uint32(limit)}}})
	if err != nil {
		return nil, false, err
	}
	list := r.GetFetch().GetEnvelopes()
	for i, env := range list {
		if env.GetSeq() <= after || env.GetSeq() >= before || i > 0 && env.GetSeq() <= list[i-1].GetSeq() {
			return nil, false, errOutOfOrder
		}
	}
	return list, r.GetFetch().GetMore(), nil
}

// size is what a frame weighs in the mailbox.
func size(m proto.Message) int { return proto.Size(m) }
