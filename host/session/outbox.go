package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of what waits for the network.
const (
	maxOutRows  = 10_000   // of one plugin
	maxOutBytes = 16 << 20 // of one plugin
	firstRetry  = time.Second
	lastRetry   = 30 * time.Second
	postPadding = 256 // what an entry weighs beside its body
)

var (
	errOffline    = errors.New("the network cannot be reached now")
	errOutOfOrder = errors.New("the network answered out of order")
	errTooMuch    = errors.New("too much is waiting for the network: try again when it is sent")
)

// Priorities of own entries in one conversation: chat and answers to offers
// before all else. What belongs to one session never overtakes itself.
func priority(kind contractv1.Envelope_Kind, standing bool) int {
	switch kind {
	case contractv1.Envelope_OFFER, contractv1.Envelope_ACCEPT, contractv1.Envelope_DECLINE, contractv1.Envelope_CANCEL:
		return 0
	}
	if standing {
		return 0
	}
	return 1
}

// room tells whether a plugin may queue another entry.
func (e *Engine) room(plugin string, size int) error {
	if w := e.own.waiting[plugin]; w != nil && (w.rows >= maxOutRows || w.bytes+size > maxOutBytes) {
		return errTooMuch
	}
	return nil
}

// queueOut takes up an own entry that a transaction has stored.
func (e *Engine) queueOut(r *store.OutRow) {
	r.Size = len(r.Body)
	e.own.add(r)
	c := e.conversation(r.Conversation)
	c.enqueue(r)
	e.dirty = true
	e.drain(c)
}

// drain posts the next batch of a conversation, one at a time, while connected.
func (e *Engine) drain(c *conversation) {
	if !e.net.connected || c.flight != nil || e.closing {
		return
	}
	unsent := errors.Join(e.expireOut(c), e.refuseOut(c))
	if len(c.out) == 0 {
		return
	}
	if wait := c.retryAt.Sub(e.o.Now()); wait > 0 {
		e.alarm(alarmKey{what: "drain", id: c.id}, wait, func(e *Engine) { e.drain(c) })
		return
	}
	batch, post, err := e.batch(c)
	if err = errors.Join(unsent, err); err != nil {
		e.log.Error("read the outbox", "error", err)
		c.later(e.o.Now(), 0)
		e.alarm(alarmKey{what: "drain", id: c.id}, c.backoff, func(e *Engine) { e.drain(c) })
		return
	}
	c.flight = batch
	ctx := e.net.ctx
	e.spawn(func() input {
		ctx, cancel := withTimeout(ctx, contractv1.CallTimeout)
		defer cancel()
		in := &posted{c: c, batch: batch}
		var r *contractv1.NetReply
		if r, in.err = e.netCall(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Post{Post: post}}); in.err == nil {
			in.results = r.GetPost().GetResults()
		}
		return in
	})
}

// expireOut fails what has waited longer than the network keeps entries: a
// repeat of it could not be recognised any more, so a person has to decide.
func (e *Engine) expireOut(c *conversation) error {
	before := e.o.Now().Add(-e.net.retention).UnixMilli()
	var old []*store.OutRow
	for _, r := range c.out {
		if r.TimeMs < before {
			old = append(old, r)
		}
	}
	const reason = "It waited longer than the network keeps entries. Send it again if it still matters."
	if len(old) == 0 {
		return nil
	}
	if err := e.write(func(tx *store.Tx) error {
		for _, r := range old {
			if err := tx.OutFail(r.ID, reason, false); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, r := range old {
		e.outFailed(r, reason, false)
	}
	return nil
}

// batch picks the next entries: more important ones first, each session in its order.
func (e *Engine) batch(c *conversation) (batch []*store.OutRow, post *contractv1.Post, err error) {
	post = &contractv1.Post{Conversation: c.id}
	size := 0
	for _, r := range c.out {
		size += r.Size + postPadding
		if len(batch) == contractv1.MaxPostBatch || len(batch) > 0 && size > contractv1.MaxPostBytes {
			break
		}
		body := r.Body
		if body == nil && r.Size > 0 {
			if body, err = e.o.Store.OutBody(e.ctx, r.ID); err != nil {
				return nil, nil, err
			}
		}
		batch = append(batch, r)
		post.Envelopes = append(post.Envelopes, &contractv1.Envelope{
			Id: r.ID, Conversation: r.Conversation, Session: r.Session, Plugin: r.Plugin,
			Protocol: r.Protocol, Kind: r.Kind, Body: body,
		})
	}
	return batch, post, nil
}

// later sets when the conversation is tried again.
func (c *conversation) later(now time.Time, after time.Duration) {
	if after <= 0 {
		c.backoff = min(max(2*c.backoff, firstRetry), lastRetry)
		after = c.backoff
	}
	c.retryAt = now.Add(after)
}

// posted is the network's answer for a prefix of a batch.
type posted struct {
	c       *conversation
	batch   []*store.OutRow
	results []*contractv1.PostResult
	err     error
}

func (in *posted) apply(e *Engine) {
	c := in.c
	c.flight = nil
	if in.err != nil {
		c.later(e.o.Now(), 0)
		e.drain(c)
		return
	}
	n, retry := in.prefix()
	if err := in.keep(e, n); err != nil {
		// The network has them; the same ids are answered with the same seqs later.
		c.later(e.o.Now(), 0)
		e.drain(c)
		return
	}
	for i := range n {
		in.settle(e, in.batch[i], in.results[i])
	}
	switch {
	case retry != nil:
		c.later(e.o.Now(), min(time.Duration(retry.GetAfterMs())*time.Millisecond, lastRetry))
	case n == 0:
		c.later(e.o.Now(), 0)
	default:
		c.backoff, c.retryAt = 0, time.Time{}
	}
	e.drain(c)
}

// prefix counts the entries that were answered for good, in order.
func (in *posted) prefix() (n int, retry *contractv1.Retry) {
	for i, r := range in.results {
		if i >= len(in.batch) || r.GetId() != in.batch[i].ID {
			return n, nil
		}
		if retry := r.GetRetry(); retry != nil {
			return n, retry
		}
		if r.GetStored() == nil && r.GetRefused() == nil {
			return n, nil
		}
		n++
	}
	return n, nil
}

// keep stores the answers for n entries. Mostly all of them were read back by
// now and are gone from the outbox: that needs no transaction.
func (in *posted) keep(e *Engine, n int) error {
	waits := func(r *store.OutRow) bool { return e.own.rows[r.ID] == r }
	if !slices.ContainsFunc(in.batch[:n], waits) {
		return nil
	}
	return e.write(func(tx *store.Tx) error { return in.write(tx, n) })
}

func (in *posted) write(tx *store.Tx, n int) error {
	for i := range n {
		r, a := in.batch[i], in.results[i]
		var err error
		if s := a.GetStored(); s != nil {
			err = tx.OutSentAt(r.ID, s.GetSeq(), s.GetTimeMs())
		} else {
			err = tx.OutFail(r.ID, refusal(a), a.GetRefused().GetEnded())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func refusal(a *contractv1.PostResult) string {
	return cmp.Or(cut(a.GetRefused().GetReason(), 512), "The network refused it.")
}

func (in *posted) settle(e *Engine, r *store.OutRow, a *contractv1.PostResult) {
	if e.own.rows[r.ID] != r {
		return // read back already
	}
	if s := a.GetStored(); s != nil {
		e.outSent(r, s.GetSeq(), s.GetTimeMs())
		return
	}
	e.outFailed(r, refusal(a), a.GetRefused().GetEnded())
}

// outSent is when the network has stored an own entry.
func (e *Engine) outSent(r *store.OutRow, seq, timeMs int64) {
	e.conversation(r.Conversation).unqueue(r)
	e.dirty = true
	if r.State == store.OutSent {
		return
	}
	e.own.set(r, store.OutSent)
	r.Seq, r.SentMs, r.Body = seq, timeMs, nil
	if r.Kind != contractv1.Envelope_UPDATE {
		return
	}
	e.notifyOut("sent", r, "")
	if s := e.sessionOf(r); s != nil {
		e.tell(s, &contractv1.Event{Event: &contractv1.Event_Sent{Sent: &contractv1.Sent{Id: r.ID, Seq: seq, TimeMs: timeMs}}})
	}
}

// readBack is when an own entry was read in its conversation's order.
func (e *Engine) readBack(r *store.OutRow, seq, timeMs int64) {
	if e.own.rows[r.ID] != r {
		return
	}
	e.outSent(r, seq, timeMs)
	e.dropOut(r)
}

// outFailed is when an own entry will not be tried again by itself.
func (e *Engine) outFailed(r *store.OutRow, reason string, ended bool) {
	if e.own.rows[r.ID] != r {
		return // discarded or read twice
	}
	e.conversation(r.Conversation).unqueue(r)
	e.own.set(r, store.OutFailed)
	r.Reason, r.Ended, r.Body = reason, ended, nil
	e.dirty = true
	e.notifyOut("failed", r, reason)
	s := e.sessionOf(r)
	if s == nil {
		return
	}
	if r.Kind != contractv1.Envelope_UPDATE {
		e.lifeFailed(s, r)
		return
	}
	e.forgetFailed(s)
	if !e.tell(s, failedEvent(r)) {
		s.need = true
		e.open(s)
	}
}

// forgetFailed bounds what failed in a session and nobody discards.
func (e *Engine) forgetFailed(s *session) {
	list := e.own.surplus(s.key)
	if len(list) == 0 || e.write(func(tx *store.Tx) error {
		for _, r := range list {
			if err := tx.DeleteOut(r.ID); err != nil {
				return err
			}
		}
		return nil
	}) != nil {
		return
	}
	for _, r := range list {
		e.dropOut(r)
	}
}

func (e *Engine) sessionOf(r *store.OutRow) *session {
	return e.sessions[key(r.Conversation, r.Session)]
}

func (e *Engine) notifyOut(kind string, r *store.OutRow, text string) {
	e.o.Notify(Event{Kind: kind, Conversation: r.Conversation, Session: r.Session, Plugin: r.Plugin,
		ID: r.ID, Seq: r.Seq, Text: text, Time: e.o.Now()})
}

func failedEvent(r *store.OutRow) *contractv1.Event {
	return &contractv1.Event{Event: &contractv1.Event_Failed{Failed: &contractv1.Failed{Id: r.ID, Reason: r.Reason, Ended: r.Ended}}}
}

func pendingOf(r *store.OutRow, body []byte) *contractv1.Pending {
	return &contractv1.Pending{Id: r.ID, Body: body, TimeMs: r.TimeMs, ActionId: r.ActionID}
}

// netCall asks the network's plugin; an error code in the answer is an error.
func (e *Engine) netCall(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	if deadline, ok := ctx.Deadline(); ok {
		c.TimeoutMs = uint32(max(time.Until(deadline).Milliseconds(), 1))
	}
	r, err := e.o.Network.Call(ctx, c)
	if err != nil {
		return nil, err
	}
	if r.GetErrorCode() != 0 || r.GetError() != "" {
		return nil, &netError{code: contractv1.Error_Code(r.GetErrorCode()), text: r.GetError()}
	}
	return r, nil
}

// netError is a refusal of the network with its sentence.
type netError struct {
	code contractv1.Error_Code
	text string
}

func (e *netError) Error() string {
	return cmp.Or(e.text, fmt.Sprintf("the network answered %s", e.code))
}
