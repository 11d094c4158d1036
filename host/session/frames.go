package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

func contextWithCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// frameIn is a checked frame of a plugin.
type frameIn struct {
	id string
	f  *contractv1.PluginFrame
}

func (in *frameIn) apply(e *Engine) {
	f := in.f
	if r := f.GetCommandReply(); r != nil {
		e.commandReply(in.id, r)
		return
	}
	p := e.plugin(in.id)
	l := p.handles[f.GetSession()]
	if c := f.GetCall(); c != nil {
		e.call(p, l, f.GetSession(), c)
		return
	}
	if l == nil {
		return // closed in the meantime
	}
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_SessionReady:
		e.ready(l, b.SessionReady.GetFromSeq())
	case *contractv1.PluginFrame_SessionDone:
		e.sessionDone(l, b.SessionDone.GetError())
	case *contractv1.PluginFrame_Show, *contractv1.PluginFrame_Items, *contractv1.PluginFrame_Patch,
		*contractv1.PluginFrame_ViewCommand:
		e.shows(l, f)
	case *contractv1.PluginFrame_Signal:
		e.signal(l, b.Signal)
	case *contractv1.PluginFrame_Handled:
		e.handled(l, b.Handled)
	case *contractv1.PluginFrame_Ack:
		e.ack(l, b.Ack.GetSeq())
	}
}

// sessionDone is when a plugin has finished with a session, by itself or
// because it was asked to.
func (e *Engine) sessionDone(l *live, fault string) {
	if l.phase == closing || fault == "" {
		l.phase = closing // whatever else it wanted is answered
		e.gone(l, "")
		return
	}
	l.s.crashes = append(l.s.crashes, e.o.Now())
	e.gone(l, sentence(errors.New(cut(fault, 512))))
}

// shows hands what a plugin shows to the cache of views.
func (e *Engine) shows(l *live, f *contractv1.PluginFrame) {
	s := l.s
	if err := e.o.Views.Frame(s.key, s.plugin, f); err != nil {
		e.log.Warn("a view was not shown", "plugin", s.plugin, "session", s.key.Session, "error", err)
		return
	}
	if m := f.GetViewCommand().GetSetText(); m != nil {
		e.textSet(l, m)
	}
	if show := f.GetShow(); show.GetCompact() {
		e.compact(s, show.GetRoot())
	}
}

// ack notes that a plugin has updates in its own store. It is written lazily:
// when it is lost, they are only delivered from the plugin's own position.
func (e *Engine) ack(l *live, seq int64) {
	s := l.s
	if seq = min(seq, s.last); seq <= s.acked {
		return
	}
	s.acked = seq
	e.lazily(s)
}

// answer is what a call gets back.
type answer struct {
	reply *contractv1.HostReply
	err   error
}

func done() answer {
	return answer{reply: &contractv1.HostReply{Reply: &contractv1.HostReply_Done{Done: &contractv1.Empty{}}}}
}

func failed(code contractv1.Error_Code, format string, args ...any) answer {
	return answer{err: &callError{code, fmt.Sprintf(format, args...)}}
}

type callError struct {
	code contractv1.Error_Code
	text string
}

func (e *callError) Error() string { return e.text }

// wireError is an error as it crosses the stream.
func wireError(err error) *contractv1.Error {
	var c *callError
	var n *netError
	switch {
	case errors.As(err, &c):
		return &contractv1.Error{Code: c.code, Message: c.text}
	case errors.As(err, &n):
		return &contractv1.Error{Code: n.code, Message: n.Error()}
	case errors.Is(err, store.ErrFull), errors.Is(err, errTooMuch), errors.Is(err, errOffline):
		return &contractv1.Error{Code: contractv1.Error_UNAVAILABLE, Message: sentence(err)}
	}
	return &contractv1.Error{Code: contractv1.Error_INTERNAL, Message: sentence(err)}
}

// call answers a plugin's question, at once or, when it takes longer, later.
func (e *Engine) call(p *plugin, l *live, handle uint32, c *contractv1.HostCall) {
	a, later := e.answer(p, l, c)
	if !later {
		e.reply(p, handle, c.GetId(), a)
	}
}

func (e *Engine) reply(p *plugin, handle uint32, id uint64, a answer) {
	r := a.reply
	if a.err != nil {
		r = &contractv1.HostReply{Error: wireError(a.err)}
	}
	r.Id = id
	_ = e.o.Plugins.Send(p.id, &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Reply{Reply: r}})
}

func (e *Engine) answer(p *plugin, l *live, c *contractv1.HostCall) (a answer, later bool) {
	if b := c.GetOffer(); b != nil {
		return e.callOffer(p, l, b), false
	}
	if l == nil {
		return failed(contractv1.Error_ENDED, "The session is not open any more."), false
	}
	switch b := c.GetCall().(type) {
	case *contractv1.HostCall_Update:
		return e.callUpdate(l, b.Update), false
	case *contractv1.HostCall_SetState:
		return e.callState(l, b.SetState), false
	case *contractv1.HostCall_Summary:
		return e.callSummary(l, b.Summary), false
	case *contractv1.HostCall_End:
		return e.callLife(l, contractv1.Envelope_END, b.End.GetReason()), false
	case *contractv1.HostCall_Leave:
		return e.callLife(l, contractv1.Envelope_LEAVE, ""), false
	case *contractv1.HostCall_Discard:
		return e.callDiscard(l, b.Discard.GetId()), false
	case *contractv1.HostCall_Fetch:
		return e.callFetch(p, l, c.GetId(), b.Fetch)
	}
	return failed(contractv1.Error_INVALID, "This host does not know the call."), false
}

// callUpdate appends to the log that everybody shares: it is on this disk when
// the call is answered, and the same call never makes two.
func (e *Engine) callUpdate(l *live, c *contractv1.UpdateCall) answer {
	s := l.s
	if err := e.mayUpdate(s, c); err != nil {
		return answer{err: err}
	}
	r := &store.OutRow{ID: c.GetId(), Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
		Protocol: e.protocol(s), Kind: contractv1.Envelope_UPDATE, Body: c.GetBody(),
		Priority: priority(contractv1.Envelope_UPDATE, s.standing), ActionID: c.GetActionId(), TimeMs: e.now()}
	old := e.own.rows[c.GetId()]
	if old != nil && (old.Session != r.Session || old.Conversation != r.Conversation || old.Kind != r.Kind) {
		return failed(contractv1.Error_TAKEN, "The id is already used.")
	}
	known, err := e.storeUpdate(r, old, c.GetOrdinal())
	if err != nil {
		return answer{err: err}
	}
	if !known {
		e.watchIdle(l)
		e.push(l, &contractv1.Event{Event: &contractv1.Event_Pending{Pending: pendingOf(r, r.Body)}})
		e.notifyOut("pending", r, "")
		e.queueOut(r)
	}
	return answer{reply: &contractv1.HostReply{Reply: &contractv1.HostReply_Update{Update: &contractv1.UpdateReply{Id: r.ID}}}}
}

// storeUpdate commits an own update, or finds (known) that it was made before;
// r has its id then. One that failed is tried anew.
func (e *Engine) storeUpdate(r, old *store.OutRow, ordinal uint32) (known bool, err error) {
	address, device := e.self()
	given := r.ID
	err = e.write(func(tx *store.Tx) (err error) {
		known, r.ID = false, given
		if r.ActionID != "" {
			made, err := tx.Made(r.Conversation, r.Session, r.ActionID, ordinal)
			if err != nil {
				return err
			}
			if known = made != ""; known {
				r.ID = made
				return nil
			}
		}
		if r.ID != "" {
			if known, err = e.usedID(tx, r, old, address, device); err != nil || known {
				return err
			}
		} else {
			r.ID = newID()
		}
		if r.ActionID != "" {
			if err := tx.AddMade(r.Conversation, r.Session, r.ActionID, ordinal, r.ID, r.TimeMs); err != nil {
				return err
			}
		}
		return tx.AddOut(r)
	})
	return known, err
}

// usedID tells whether an update with a given id exists; a failed one makes way.
func (e *Engine) usedID(tx *store.Tx, r, old *store.OutRow, address, device string) (bool, error) {
	if old != nil && old.State != store.OutFailed {
		return true, nil
	}
	if old != nil {
		return false, tx.DeleteOut(old.ID)
	}
	return tx.HasUpdate(r.Conversation, r.Session, address, device, r.ID)
}

func (e *Engine) mayUpdate(s *session, c *contractv1.UpdateCall) error {
	switch {
	case len(c.GetBody()) > contractv1.MaxUpdate:
		return &callError{contractv1.Error_TOO_LARGE, fmt.Sprintf("The update is larger than %d bytes.", contractv1.MaxUpdate)}
	case c.GetId() != "" && !goodID(c.GetId()), len(c.GetActionId()) > 2*maxID:
		return &callError{contractv1.Error_INVALID, "The id cannot be used."}
	case e.over(s):
		return &callError{contractv1.Error_ENDED, "The session is over."}
	case !e.runsHere(s):
		return &callError{contractv1.Error_ENDED, "This device does not take part in the session."}
	case e.readOnly(s.key.Conversation) != "":
		return &callError{contractv1.Error_REFUSED, e.readOnly(s.key.Conversation)}
	case e.net.refused:
		return &callError{contractv1.Error_REFUSED, "The network does not accept this device any more; sign in again to send."}
	}
	if err := e.maySend(s); err != nil {
		return err
	}
	return e.room(s.plugin, len(c.GetBody()))
}

// maySend asks the policy whether anything of a plugin may leave.
func (e *Engine) maySend(s *session) error {
	if ok, reason := e.o.Permit(PermitSend, s.plugin); !ok {
		return &callError{contractv1.Error_REFUSED, reason}
	}
	return nil
}

func (e *Engine) protocol(s *session) uint32 {
	if !s.standing {
		return s.fold.Protocol
	}
	if m, known := e.o.Catalog.Manifest(s.plugin); known {
		return uint32(m.Protocol)
	}
	return 0
}

// callLife ends or leaves a session for the person.
func (e *Engine) callLife(l *live, kind contractv1.Envelope_Kind, reason string) answer {
	s := l.s
	switch {
	case s.standing:
		return failed(contractv1.Error_INVALID, "A session that always exists cannot be ended or left.")
	case e.over(s):
		return failed(contractv1.Error_ENDED, "The session is over.")
	case s.answer == kind:
		return done()
	}
	if err := e.queueLife(s, kind, &contractv1.ReasonBody{Reason: cut(reason, 256)}); err != nil {
		return answer{err: err}
	}
	s.answer = kind
	return done()
}

// callOffer proposes a new session of the calling plugin.
func (e *Engine) callOffer(p *plugin, l *live, c *contractv1.OfferCall) answer {
	conversation := c.GetConversation()
	if conversation == "" && l != nil {
		conversation = l.s.key.Conversation
	}
	k, err := e.offer(conversation, p.id, c.GetTitle(), c.GetPayload())
	if err != nil {
		return failed(contractv1.Error_REFUSED, "%s", sentence(err))
	}
	return answer{reply: &contractv1.HostReply{Reply: &contractv1.HostReply_Offer{Offer: &contractv1.OfferReply{SessionId: k.Session}}}}
}

// callFetch reads a session's updates again, from the store as far as it holds
// them, else from the network.
func (e *Engine) callFetch(p *plugin, l *live, id uint64, c *contractv1.FetchCall) (a answer, later bool) {
	s, after, before := l.s, max(c.GetAfterSeq(), 0), c.GetBeforeSeq()
	limit := int(c.GetLimit())
	if limit <= 0 || limit > pageSize {
		limit = pageSize
	}
	if after >= s.held {
		list, more, err := e.o.Store.Updates(e.ctx, s.key.Conversation, s.key.Session, after, before, limit)
		return fetchAnswer(list, more, err), false
	}
	if !e.net.connected {
		return answer{err: errOffline}, false
	}
	if before <= 0 || before > s.held+1 {
		before = s.held + 1
	}
	ctx, k := e.net.ctx, s.key
	e.spawn(func() input {
		list, more, err := e.netUpdates(ctx, k.Conversation, k.Session, after, before, limit)
		return &replyLater{p: p, handle: l.handle, id: id, a: fetchAnswer(list, more || before == s.held+1, err)}
	})
	return answer{}, true
}

// netUpdates reads pages from the network until there are limit updates of a session.
func (e *Engine) netUpdates(ctx context.Context, conversation, session string, after, before int64, limit int) (list []*contractv1.Update, more bool, err error) {
	for bytes := 0; ; {
		page, rest, err := e.netFetch(ctx, conversation, after, before, store.Page)
		if err != nil {
			return nil, false, err
		}
		for _, env := range page {
			if env.GetKind() != contractv1.Envelope_UPDATE || env.GetSession() != session || len(env.GetBody()) > contractv1.MaxUpdate {
				continue
			}
			if slices.ContainsFunc(list, func(u *contractv1.Update) bool {
				return u.GetId() == env.GetId() && u.GetFrom() == env.GetFrom() && u.GetDevice() == env.GetDevice()
			}) {
				continue
			}
			if bytes += len(env.GetBody()); len(list) == limit || len(list) > 0 && bytes > store.MaxPageBytes {
				return list, true, nil
			}
			list = append(list, &contractv1.Update{Id: env.GetId(), Seq: env.GetSeq(), From: env.GetFrom(),
				Device: env.GetDevice(), TimeMs: env.GetTimeMs(), Body: env.GetBody(), Protocol: env.GetProtocol()})
		}
		if !rest || len(page) == 0 {
			return list, false, nil
		}
		after = page[len(page)-1].GetSeq()
	}
}

func fetchAnswer(list []*contractv1.Update, more bool, err error) answer {
	if err != nil {
		return answer{err: err}
	}
	return answer{reply: &contractv1.HostReply{Reply: &contractv1.HostReply_Fetch{
		Fetch: &contractv1.FetchReply{Updates: list, More: more}}}}
}

type replyLater struct {
	p      *plugin
	handle uint32
	id     uint64
	a      answer
}

func (in *replyLater) apply(e *Engine) { e.reply(in.p, in.handle, in.id, in.a) }
