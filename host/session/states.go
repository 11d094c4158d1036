package session

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of state values.
const (
	maxStateKeys   = 256  // of one author in one session
	maxForeignKeys = 2048 // of one other author in one conversation
	stateEvery     = time.Second
	statesAtATime  = 4
	stateBatchSize = 64
)

// callState keeps a value and sends it, at most once a second for each session.
func (e *Engine) callState(l *live, c *contractv1.StateCall) answer {
	s := l.s
	scope := c.GetScope()
	switch {
	case !goodKey(c.GetKey()):
		return failed(contractv1.Error_INVALID, "A key is 1 to %d of the characters a-z 0-9 . _ -", contractv1.MaxStateKey)
	case len(c.GetValue()) > contractv1.MaxState:
		return failed(contractv1.Error_TOO_LARGE, "The value is larger than %d bytes.", contractv1.MaxState)
	case scope != contractv1.StateValue_EVERYONE && scope != contractv1.StateValue_MY_DEVICES:
		return failed(contractv1.Error_INVALID, "The scope of the value is missing.")
	}
	if scope == contractv1.StateValue_EVERYONE {
		if err := e.maySend(s); err != nil {
			return answer{err: err}
		}
	}
	address, _ := e.self()
	e.stateN = max(e.stateN+1, e.o.Now().UnixMicro())
	r := &store.StateRow{Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin, Dirty: e.stateN,
		Value: &contractv1.StateValue{Author: address, Key: c.GetKey(), Value: c.GetValue(), Scope: scope, TimeMs: e.serverNow()}}
	full := false
	err := e.write(func(tx *store.Tx) (err error) {
		if full, err = tooManyKeys(tx, r); err != nil || full {
			return err
		}
		return tx.SetState(r)
	})
	switch {
	case err != nil:
		return answer{err: err}
	case full:
		return failed(contractv1.Error_TOO_LARGE, "A session holds at most %d values.", maxStateKeys)
	}
	e.sendStatesSoon()
	return done()
}

// tooManyKeys tells whether a value would be one too many of its author.
func tooManyKeys(tx *store.Tx, r *store.StateRow) (bool, error) {
	_, _, found, err := tx.StateTime(r.Conversation, r.Session, r.Value.GetAuthor(), r.Value.GetKey())
	if err != nil || found {
		return false, err
	}
	n, err := tx.CountStates(r.Conversation, r.Session, r.Value.GetAuthor())
	return n >= maxStateKeys, err
}

// sendStatesSoon coalesces: what is set within a second is sent once.
func (e *Engine) sendStatesSoon() {
	if e.net.connected && !e.net.states {
		e.alarmOnce(alarmKey{what: "states"}, time.Until(e.net.statesAt.Add(stateEvery)), func(e *Engine) { e.resendStates() })
	}
}

// resendStates sends every own value that the network does not have.
func (e *Engine) resendStates() {
	if !e.net.connected || e.net.states || e.closing {
		return
	}
	rows, err := e.o.Store.DirtyStates(e.ctx, e.net.statesN, stateBatchSize)
	if err == nil && len(rows) == 0 && e.net.statesN > 0 {
		e.net.statesN = 0 // from the first one again: some had to wait
		rows, err = e.o.Store.DirtyStates(e.ctx, 0, stateBatchSize)
	}
	if err != nil || len(rows) == 0 {
		return
	}
	e.net.statesN = rows[len(rows)-1].Dirty
	e.net.states, e.net.statesAt = true, time.Now()
	ctx := e.net.ctx
	e.spawn(func() input { return &statesSent{rows: rows, sent: e.postStates(ctx, rows)} })
}

// postStates runs beside the loop.
func (e *Engine) postStates(ctx context.Context, rows []*store.StateRow) []stateFate {
	fates := make([]stateFate, len(rows))
	var g errgroup.Group
	g.SetLimit(statesAtATime)
	for i, r := range rows {
		g.Go(func() error {
			ctx, cancel := withTimeout(ctx, contractv1.CallTimeout)
			defer cancel()
			_, err := e.netCall(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_SetState{SetState: &contractv1.NetState{
				Conversation: r.Conversation, Session: r.Session, Plugin: r.Plugin, Value: r.Value}}})
			fates[i] = fateOf(err)
			return nil
		})
	}
	_ = g.Wait()
	return fates
}

type stateFate int

const (
	stateWaits stateFate = iota
	stateSent
	stateRefused // trying again does not help
)

func fateOf(err error) stateFate {
	if err == nil {
		return stateSent
	}
	switch wireError(err).GetCode() {
	case contractv1.Error_INVALID, contractv1.Error_REFUSED, contractv1.Error_TOO_LARGE, contractv1.Error_NOT_FOUND:
		return stateRefused
	}
	return stateWaits
}

type statesSent struct {
	rows []*store.StateRow
	sent []stateFate
}

func (in *statesSent) apply(e *Engine) {
	e.net.states = false
	_ = e.write(func(tx *store.Tx) error {
		for i, r := range in.rows {
			if in.sent[i] == stateWaits {
				continue
			}
			if err := tx.CleanState(r.Conversation, r.Session, r.Value.GetAuthor(), r.Value.GetKey(), r.Dirty, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if rows, err := e.o.Store.DirtyStates(e.ctx, 0, 1); err != nil || len(rows) > 0 {
		e.sendStatesSoon()
	}
}

// statesIn are values of others, and of my other devices.
type statesIn struct{ change *contractv1.StateChange }

func (in *statesIn) apply(e *Engine) {
	if e.stalled {
		e.heldStates = append(e.heldStates, in)
		return
	}
	address, _ := e.self()
	var news []*contractv1.NetState
	err := e.write(func(tx *store.Tx) error {
		news = news[:0]
		for _, v := range in.change.GetValues() {
			isNew, err := e.takeState(tx, v)
			if err != nil {
				return err
			}
			if isNew {
				news = append(news, v)
			}
		}
		return nil
	})
	if err != nil {
		e.heldStates = append(e.heldStates, in)
		e.holdOn()
		return
	}
	for _, v := range news {
		s := e.sessions[key(v.GetConversation(), v.GetSession())]
		if s == nil && v.GetSession() == v.GetPlugin() && v.GetValue().GetAuthor() == address {
			s = e.standingSession(v.GetConversation(), v.GetPlugin())
		}
		if s == nil {
			continue
		}
		if !e.tellState(s, v.GetValue()) && v.GetValue().GetAuthor() == address {
			s.need = true // my other device read or wrote something: the summary is another
			e.open(s)
		}
	}
}

// takeState stores a value unless a newer one is here.
func (e *Engine) takeState(tx *store.Tx, v *contractv1.NetState) (bool, error) {
	val := v.GetValue()
	if len(v.GetConversation()) > maxConversation || v.GetConversation() == "" || !goodID(v.GetSession()) || !goodID(v.GetPlugin()) ||
		!goodKey(val.GetKey()) || len(val.GetValue()) > contractv1.MaxState || val.GetAuthor() == "" || len(val.GetAuthor()) > maxAddress {
		return false, nil
	}
	if address, _ := e.self(); ofOthers(v.GetConversation(), address) {
		return false, nil
	}
	at, dirty, found, err := tx.StateTime(v.GetConversation(), v.GetSession(), val.GetAuthor(), val.GetKey())
	if err != nil || found && (dirty != 0 || at > val.GetTimeMs()) {
		return false, err
	}
	r := &store.StateRow{Conversation: v.GetConversation(), Session: v.GetSession(), Plugin: v.GetPlugin(), Value: val}
	if found {
		return true, tx.SetState(r)
	}
	if full, err := tooManyKeys(tx, r); err != nil || full {
		return false, err
	}
	if address, _ := e.self(); val.GetAuthor() != address {
		if n, err := tx.CountAuthor(v.GetConversation(), val.GetAuthor()); err != nil || n >= maxForeignKeys {
			return false, err
		}
	}
	return true, tx.SetState(r)
}

func (e *Engine) tellState(s *session, v *contractv1.StateValue) bool {
	if s.live == nil || s.live.phase == closing {
		return false
	}
	e.watchIdle(s.live)
	e.replace(s.live, &contractv1.Event{Event: &contractv1.Event_State{State: v}}, func(old *contractv1.Event) bool {
		o := old.GetState()
		return o != nil && o.GetAuthor() == v.GetAuthor() && o.GetKey() == v.GetKey()
	})
	return true
}
