package session

import (
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// PluginUp says that a plugin's stream is ready.
func (e *Engine) PluginUp(id string) { e.box.put(pluginUp{id}) }

type pluginUp struct{ id string }

func (in pluginUp) apply(e *Engine) {
	p := e.plugin(in.id)
	p.up = true
	e.silence(alarmKey{what: "ensure", id: in.id})
	for _, c := range e.calls {
		if c.plugin == in.id && c.s == nil {
			e.sendCommand(c)
		}
	}
	e.openAll(in.id)
	e.watchUnused(p)
}

// PluginDown says that a plugin's stream has ended; exactly once per PluginUp.
func (e *Engine) PluginDown(id string, err error) { e.box.put(pluginDown{id, err}) }

type pluginDown struct {
	id  string
	err error
}

func (in pluginDown) apply(e *Engine) {
	p := e.plugin(in.id)
	p.up = false
	e.silence(alarmKey{what: "unused", id: in.id})
	fault := ""
	if in.err != nil {
		fault = sentence(in.err)
	}
	enabled, reason := e.o.Catalog.Enabled(in.id)
	if !enabled && fault != "" {
		fault = reason
	}
	for _, l := range p.handles {
		e.gone(l, fault)
	}
	for _, c := range e.calls {
		if c.plugin == in.id && c.s == nil {
			c.sent = false
		}
	}
	e.startAgain(p)
	if m, known := e.o.Catalog.Manifest(in.id); known && m.Kind == manifest.Network {
		e.disconnected()
	}
}

// PluginRoom says that a session's queue, once full, has room again.
func (e *Engine) PluginRoom(id string, handle uint32) { e.box.put(pluginRoom{id, handle}) }

type pluginRoom struct {
	id     string
	handle uint32
}

func (in pluginRoom) apply(e *Engine) {
	if l := e.plugin(in.id).handles[in.handle]; l != nil {
		l.full = false
		e.pump(l)
	}
}

// PluginFrame takes a checked frame: everything of sessions, Handled, Ack,
// CommandReply, and the calls update, set_state, summary, end, leave, offer, fetch.
func (e *Engine) PluginFrame(id string, f *contractv1.PluginFrame) {
	e.box.putWait(&frameIn{id, f}, size(f), false)
}

// PluginEnabled lets a plugin's sessions open again.
func (e *Engine) PluginEnabled(id string) { e.box.put(pluginEnabled{id}) }

type pluginEnabled struct{ id string }

func (in pluginEnabled) apply(e *Engine) {
	for _, s := range e.sessions {
		if s.plugin != in.id {
			continue
		}
		s.crashes, s.crashed = nil, ""
		if s.standing && s.last > s.acked {
			s.need = true
		}
		e.lifeChanged(s.key)
		e.open(s)
	}
	e.dirty = true
}

// PluginDisabled closes a plugin's sessions at once; its offers are refused with
// the reason.
func (e *Engine) PluginDisabled(id, reason string) { e.box.put(pluginDisabled{id, reason}) }

type pluginDisabled struct{ id, reason string }

func (in pluginDisabled) apply(e *Engine) {
	for _, s := range e.sessions {
		if s.plugin != in.id {
			continue
		}
		if l := s.live; l != nil {
			e.closeLive(l, contractv1.SessionClose_DISABLED)
			e.gone(l, "")
		}
		e.cannotOpen(s, in.reason)
		s.crashed = ""
		e.refuseRinging(s, in.reason)
	}
	e.dirty = true
}

// refuseRinging answers an offer that nobody here has answered yet: who made it
// need not wait. Another device may still accept it, and so may this one when
// the plugin is on again in time.
func (e *Engine) refuseRinging(s *session, reason string) {
	address, device := e.self()
	i := s.fold.seat(&contractv1.Envelope{From: address, Device: device})
	if s.standing || s.answer != 0 || i < 1 || s.fold.Seats[i].State != SeatInvited || e.over(s) {
		return
	}
	if err := e.queueLife(s, contractv1.Envelope_DECLINE, &contractv1.ReasonBody{Reason: cut(reason, 256), Automatic: true}); err != nil {
		e.log.Warn("an offer could not be refused", "plugin", s.plugin, "error", err)
	}
}

// NetEvent takes envelopes, state, signal, connection; also info (retention and
// clock) and presence (for sessions with the grant "peers").
func (e *Engine) NetEvent(ev *contractv1.NetEvent) {
	var in input
	switch b := ev.GetEvent().(type) {
	case *contractv1.NetEvent_Envelopes:
		in = &envelopesIn{b.Envelopes}
	case *contractv1.NetEvent_State:
		in = &statesIn{b.State}
	case *contractv1.NetEvent_Signal:
		in = &signalIn{b.Signal}
	case *contractv1.NetEvent_Connection:
		in = &connectionIn{b.Connection}
	case *contractv1.NetEvent_Info:
		in = &infoIn{b.Info}
	case *contractv1.NetEvent_Presence:
		in = &presenceIn{b.Presence}
	default:
		return
	}
	e.box.putWait(in, size(ev), true)
}

type connectionIn struct{ c *contractv1.ConnectionChanged }

func (in *connectionIn) apply(e *Engine) {
	e.net.refused = in.c.GetState() == contractv1.ConnectionChanged_REFUSED
	if in.c.GetState() != contractv1.ConnectionChanged_CONNECTED {
		e.disconnected()
		return
	}
	if e.stalled {
		// What was caught up is not stored yet, so own entries in it are not
		// recognised yet: the outbox waits for that.
		e.alarm(alarmKey{what: "connected"}, stallRetry, in.apply)
		return
	}
	if e.net.connected {
		return
	}
	e.net.connected = true
	for _, c := range e.conversations {
		c.backoff, c.retryAt = 0, time.Time{}
		e.drain(c)
	}
	e.resendStates()
	for _, s := range e.sessions {
		if s.live != nil && s.live.phase == fetching {
			e.fetchHeld(s.live)
		}
	}
}

// disconnected stops what is on its way; a batch without an answer is posted
// again, with the same ids, after everything was caught up.
func (e *Engine) disconnected() {
	e.silence(alarmKey{what: "connected"})
	if !e.net.connected {
		return
	}
	e.net.connected = false
	e.net.cancel()
	e.net.ctx, e.net.cancel = contextWithCancel(e.ctx)
}

type infoIn struct{ info *contractv1.NetworkInfo }

func (in *infoIn) apply(e *Engine) {
	if s := in.info.GetRetentionS(); s > 0 {
		e.net.retention = seconds(s)
	}
	if ms := in.info.GetServerTimeMs(); ms > 0 {
		e.net.offset = milliseconds(ms - e.now())
		e.net.dated, e.net.datedAt = ms, e.o.Now()
	}
}

type presenceIn struct{ p *contractv1.PresenceChange }

func (in *presenceIn) apply(e *Engine) {
	if in.p.GetMine() {
		return
	}
	self, _ := e.self()
	ev := &contractv1.Event{Event: &contractv1.Event_Presence{Presence: &contractv1.Presence{
		Address: in.p.GetAddress(), Status: statusName(in.p.GetStatus()), Text: cut(in.p.GetText(), contractv1.MaxPresenceText)}}}
	for _, p := range e.plugins {
		if len(p.handles) == 0 || !e.mayKnowPeers(p.id) {
			continue
		}
		for _, l := range p.handles {
			if _, peer := kindOf(l.s.key.Conversation, self); peer == in.p.GetAddress() && l.phase != closing {
				e.replace(l, ev, func(old *contractv1.Event) bool {
					return old.GetPresence() != nil && old.GetPresence().GetAddress() == in.p.GetAddress()
				})
			}
		}
	}
}

// mayKnowPeers: the manifest asks for the grant and the policy does not deny it.
func (e *Engine) mayKnowPeers(plugin string) bool {
	m, known := e.o.Catalog.Manifest(plugin)
	if !known {
		return false
	}
	if _, asked := m.Grant(manifest.GrantPeers); !asked {
		return false
	}
	allowed, _ := e.o.Permit(PermitPeers, plugin)
	return allowed
}

var statusNames = map[contractv1.SetPresence_Status]model.Status{
	contractv1.SetPresence_AVAILABLE: model.Available, contractv1.SetPresence_AWAY: model.Away,
	contractv1.SetPresence_BUSY: model.Busy,
}

func statusName(s contractv1.SetPresence_Status) string {
	if name, ok := statusNames[s]; ok {
		return string(name)
	}
	return string(model.Offline)
}

// Cursors are the positions to sign in with.
func (e *Engine) Cursors() (list []*contractv1.Cursor) {
	_ = e.askAfter(func(e *Engine) {
		for _, c := range e.conversations {
			if c.cursor > 0 {
				list = append(list, &contractv1.Cursor{Conversation: c.id, Seq: c.cursor})
			}
		}
	})
	return list
}
