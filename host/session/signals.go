package session

import (
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of signals: what does not fit is dropped, as the contract says.
const (
	maxSignalsQueued = 256
	signalQueue      = 64 // a plugin that is this far behind gets no signals
	signalTime       = 2 * time.Second
)

// signal sends a plugin's signal, if it may, now or never.
func (e *Engine) signal(l *live, sig *contractv1.Signal) {
	s := l.s
	if !e.net.connected || len(sig.GetBody()) > contractv1.MaxSignal || !e.runsHere(s) || e.over(s) {
		return
	}
	if ok, _ := e.o.Permit(PermitSend, s.plugin); !ok || !l.limit.Allow() {
		return
	}
	c := &contractv1.NetCall{Call: &contractv1.NetCall_Signal{Signal: &contractv1.NetSignal{
		Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
		Signal: &contractv1.Signal{Body: sig.GetBody(), Target: sig.GetTarget(), TargetDevice: sig.GetTargetDevice()},
	}}}
	select {
	case e.signals <- c:
	default:
	}
}

// sendSignals hands signals to the network one after the other, in order.
func (e *Engine) sendSignals() {
	defer e.work.Done()
	for {
		select {
		case <-e.ctx.Done():
			return
		case c := <-e.signals:
			ctx, cancel := withTimeout(e.ctx, signalTime)
			_, _ = e.netCall(ctx, c)
			cancel()
		}
	}
}

// signalIn is a signal of another device.
type signalIn struct{ sig *contractv1.NetSignal }

func (in *signalIn) apply(e *Engine) {
	sig := in.sig.GetSignal()
	s := e.sessions[key(in.sig.GetConversation(), in.sig.GetSession())]
	address, device := e.self()
	switch {
	case s == nil, s.plugin != in.sig.GetPlugin():
		return
	case sig.GetFrom() == address && sig.GetDevice() == device:
		return
	case sig.GetTargetDevice() != "" && sig.GetTargetDevice() != device,
		sig.GetTarget() != "" && sig.GetTarget() != address:
		return
	case len(sig.GetBody()) > contractv1.MaxSignal:
		return
	case !s.standing && !s.fold.joinedBy(sig.GetFrom(), sig.GetDevice()):
		return
	case s.live == nil && s.standing && e.plugin(s.plugin).up:
		s.need = true // it was only idle; nothing is started for a signal
		e.open(s)
	}
	if l := s.live; l == nil || l.phase == closing || len(l.queue) >= signalQueue {
		return
	}
	e.watchIdle(s.live)
	e.push(s.live, &contractv1.Event{Event: &contractv1.Event_Signal{Signal: sig}})
}

// joinedBy tells whether a device takes part.
func (f *Fold) joinedBy(address, device string) bool {
	for _, s := range f.Seats {
		if s.Address == address && s.State == SeatJoined && (f.Solo || s.Device == device) {
			return true
		}
	}
	return false
}
