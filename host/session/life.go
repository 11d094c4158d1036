package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// expiryGrace is how much longer than an offer's time we wait for an accept that
// the network ordered just before, since our guess of its clock is a guess.
const expiryGrace = 2 * time.Second

var errNoSession = errors.New("there is no such session")

func key(conversation, session string) model.SessionKey {
	return model.SessionKey{Conversation: conversation, Session: session}
}

// over tells whether a session's life has ended, as far as we know now.
func (e *Engine) over(s *session) bool {
	return !s.standing && (s.blocked != "" || s.fold.Over != "" || s.fold.Expired(e.serverNow()-expiryGrace.Milliseconds()))
}

// runsHere tells whether a session's plugin has work on this device: after our
// device's accept was read back as the first, or from our own offer on.
func (e *Engine) runsHere(s *session) bool {
	if s.standing {
		return true
	}
	st, _ := e.state(s)
	address, device := e.self()
	return st == model.Active || st == model.Offered && s.fold.By == address && s.fold.Device == device && !s.foreseen
}

// state is where a session stands for this device.
func (e *Engine) state(s *session) (st model.SessionState, reason string) {
	f := &s.fold
	if s.standing {
		return model.Active, s.crashed
	}
	if s.blocked != "" {
		return model.Impossible, s.blocked
	}
	switch f.Over {
	case OverEnded:
		return model.Ended, f.OverReason
	case OverCancelled:
		return model.Cancelled, f.OverReason
	case OverDeclined:
		return model.Declined, f.OverReason
	case OverTimedOut:
		return model.TimedOut, ""
	}
	if e.over(s) {
		return model.TimedOut, ""
	}
	return e.seatState(s)
}

// seatState is what our own seat makes of a session that lives.
func (e *Engine) seatState(s *session) (model.SessionState, string) {
	f := &s.fold
	address, device := e.self()
	i := f.seat(&contractv1.Envelope{From: address, Device: device})
	if i < 0 {
		if why := e.cannot(s.plugin, f.Protocol); why != "" {
			return model.Impossible, why
		}
		return model.Offered, ""
	}
	seat := f.Seats[i]
	switch {
	case f.Solo:
		return model.Active, ""
	case seat.State == SeatLeft:
		return model.Left, seat.Reason
	case seat.State == SeatDeclined && !seat.Automatic:
		return model.Declined, seat.Reason
	case seat.State == SeatJoined && seat.Device != device:
		return model.Elsewhere, ""
	case seat.State == SeatJoined && i == 0 && !f.Answered:
		if why, all := f.cannotAll(); all {
			return model.Impossible, why
		}
		return model.Offered, ""
	case seat.State == SeatJoined:
		return model.Active, s.crashed
	}
	if why := e.cannot(s.plugin, f.Protocol); why != "" {
		return model.Impossible, why
	}
	return model.Offered, ""
}

// cannotAll tells whether every invited person's devices have said that they cannot.
func (f *Fold) cannotAll() (why string, all bool) {
	for _, s := range f.Seats[1:] {
		if s.State != SeatDeclined || !s.Automatic {
			return "", false
		}
		why = s.Reason
	}
	return why, len(f.Seats) > 1
}

// cannot says why this device cannot take part in a plugin's sessions, if so.
func (e *Engine) cannot(plugin string, protocol uint32) string {
	m, known := e.o.Catalog.Manifest(plugin)
	if !known {
		return "The plugin “" + plugin + "” is not installed."
	}
	if ok, reason := e.o.Catalog.Enabled(plugin); !ok {
		return cmp.Or(reason, m.Name+" is switched off.")
	}
	if !m.Session.Offered() && !m.Session.Solo() {
		return m.Name + " is not something that can be offered."
	}
	if !m.Speaks(int(protocol)) {
		return m.Name + " is of another version that does not understand this one."
	}
	if ok, reason := e.o.Permit(PermitOffer, plugin); !ok {
		return cmp.Or(reason, m.Name+" is not allowed.")
	}
	return ""
}

// offered is when an offer was read: ours is real now, another's rings or is
// refused with the reason.
func (e *Engine) offered(k model.SessionKey) {
	s := e.sessions[k]
	if s == nil {
		return
	}
	e.lifeChanged(k)
	address, _ := e.self()
	if s.fold.By == address && !s.fold.Self || s.fold.Solo {
		return
	}
	st, reason := e.state(s)
	_, device := e.self()
	switch {
	case s.fold.By == address && s.fold.Device == device:
	case st == model.Impossible && isGroup(k.Conversation): // it is for all: nobody waits for one
	case st == model.Impossible:
		if err := e.queueLife(s, contractv1.Envelope_DECLINE, &contractv1.ReasonBody{Reason: cut(reason, 256), Automatic: true}); err != nil {
			e.log.Warn("an offer could not be refused", "plugin", s.plugin, "error", err)
		}
	case st == model.Offered:
		e.alert(s, "offer", s.fold.By, s.fold.Title, s.fold.Seq)
	}
}

// lifeChanged follows a session's fold: opens, ends, and wakes up at its expiry.
func (e *Engine) lifeChanged(k model.SessionKey) {
	s := e.sessions[k]
	if s == nil || s.standing {
		return
	}
	st, reason := e.state(s)
	if st != model.Offered {
		s.answer = 0
	}
	e.dirty = true
	e.o.Notify(Event{Kind: "session", Conversation: k.Conversation, Session: k.Session, Plugin: s.plugin,
		From: s.fold.By, State: string(st), Text: cmp.Or(reason, s.fold.Title), Time: e.o.Now()})
	ring := alarmKey{what: "expiry", key: k}
	e.silence(ring)
	if s.fold.TTL > 0 && !s.fold.Answered && !e.over(s) {
		left := s.fold.Time + s.fold.TTL - e.serverNow()
		e.alarm(ring, time.Duration(left)*time.Millisecond+expiryGrace+time.Millisecond, func(e *Engine) { e.lifeChanged(k) })
	}
	switch {
	case s.live == nil && e.over(s):
		e.boundOver(s.conv)
	case s.live != nil && e.over(s):
		e.pump(s.live)
	case s.live != nil && !e.runsHere(s):
		e.closeLive(s.live, contractv1.SessionClose_ENDED)
	case s.live == nil && e.runsHere(s) && !e.over(s):
		s.need = true
		e.open(s)
	}
}

// lifeFailed is when our own offer or answer was refused by the network.
func (e *Engine) lifeFailed(s *session, r *store.OutRow) {
	if err := e.write(func(tx *store.Tx) error { return tx.DeleteOut(r.ID) }); err == nil {
		e.dropOut(r)
	}
	s.answer = 0
	if r.Kind == contractv1.Envelope_OFFER && s.foreseen {
		s.blocked = r.Reason
	}
	e.lifeChanged(s.key)
}

// queueLife stores an own entry of a session's life.
func (e *Engine) queueLife(s *session, kind contractv1.Envelope_Kind, body proto.Message) error {
	data, err := proto.Marshal(body)
	if err != nil {
		return err
	}
	r := &store.OutRow{ID: newID(), Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
		Protocol: s.fold.Protocol, Kind: kind, Priority: priority(kind, false), Body: data, TimeMs: e.now()}
	if kind == contractv1.Envelope_OFFER {
		r.ID = s.key.Session
	}
	if err := e.room(s.plugin, len(data)); err != nil {
		return err
	}
	if err := e.write(func(tx *store.Tx) error { return tx.AddOut(r) }); err != nil {
		return err
	}
	e.queueOut(r)
	return nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Accept takes an offer on this device.
func (e *Engine) Accept(ctx context.Context, k model.SessionKey) error {
	return e.lifeAsk(ctx, k, func(e *Engine, s *session, st model.SessionState, mine bool) (contractv1.Envelope_Kind, error) {
		switch {
		case st == model.Left && e.cannot(s.plugin, s.fold.Protocol) == "":
			return contractv1.Envelope_JOIN, nil
		case mine, st != model.Offered:
			return 0, cannotNow("accepted", st, e.reason(s))
		}
		return contractv1.Envelope_ACCEPT, nil
	})
}

// Decline refuses an offer.
func (e *Engine) Decline(ctx context.Context, k model.SessionKey) error {
	return e.lifeAsk(ctx, k, func(e *Engine, s *session, st model.SessionState, mine bool) (contractv1.Envelope_Kind, error) {
		if mine || st != model.Offered && st != model.Impossible {
			return 0, cannotNow("declined", st, e.reason(s))
		}
		return contractv1.Envelope_DECLINE, nil
	})
}

// Cancel takes my offer back.
func (e *Engine) Cancel(ctx context.Context, k model.SessionKey) error {
	return e.lifeAsk(ctx, k, func(e *Engine, s *session, st model.SessionState, mine bool) (contractv1.Envelope_Kind, error) {
		if !mine || e.over(s) {
			return 0, cannotNow("cancelled", st, e.reason(s))
		}
		return contractv1.Envelope_CANCEL, nil
	})
}

// Leave leaves a session.
func (e *Engine) Leave(ctx context.Context, k model.SessionKey) error {
	return e.lifeAsk(ctx, k, func(e *Engine, s *session, st model.SessionState, _ bool) (contractv1.Envelope_Kind, error) {
		if st != model.Active && st != model.Elsewhere && st != model.Offered {
			return 0, cannotNow("left", st, e.reason(s))
		}
		return contractv1.Envelope_LEAVE, nil
	})
}

// End ends a session for everybody, or leaves where that is not mine to decide.
func (e *Engine) End(ctx context.Context, k model.SessionKey) error {
	return e.lifeAsk(ctx, k, func(e *Engine, s *session, st model.SessionState, mine bool) (contractv1.Envelope_Kind, error) {
		if !mine && st == model.Offered {
			return contractv1.Envelope_DECLINE, nil
		}
		if e.over(s) || st == model.Left || st == model.Declined {
			return 0, cannotNow("ended", st, e.reason(s))
		}
		return contractv1.Envelope_END, nil
	})
}

func (e *Engine) reason(s *session) string {
	_, reason := e.state(s)
	return reason
}

func cannotNow(what string, st model.SessionState, reason string) error {
	if reason != "" {
		return fmt.Errorf("this session cannot be %s: %s", what, reason)
	}
	return fmt.Errorf("this session cannot be %s: it is %s", what, st)
}

// lifeAsk queues the entry that decide picks.
func (e *Engine) lifeAsk(ctx context.Context, k model.SessionKey,
	decide func(*Engine, *session, model.SessionState, bool) (contractv1.Envelope_Kind, error)) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if asked := e.ask(func(e *Engine) { err = e.lifeStep(k, decide) }); asked != nil {
		return asked
	}
	return err
}

func (e *Engine) lifeStep(k model.SessionKey,
	decide func(*Engine, *session, model.SessionState, bool) (contractv1.Envelope_Kind, error)) error {
	s := e.sessions[k]
	if s == nil || s.standing {
		return errNoSession
	}
	address, device := e.self()
	st, _ := e.state(s)
	mine := s.fold.By == address && (!s.fold.Self || s.fold.Device == device)
	kind, err := decide(e, s, st, mine)
	if err != nil {
		return err
	}
	if s.answer == kind {
		return nil // on its way already
	}
	if s.answer != 0 && slices.Contains([]contractv1.Envelope_Kind{contractv1.Envelope_ACCEPT, contractv1.Envelope_DECLINE}, kind) {
		return errors.New("your answer is on its way already")
	}
	if err := e.queueLife(s, kind, &contractv1.ReasonBody{}); err != nil {
		return err
	}
	s.answer = kind
	return nil
}
