package store

import (
	"context"

	contractv1 "switchboard/shared/contract/v1"
)

// OutState is where an own entry stands.
type OutState int

// States of an own entry.
const (
	OutPending OutState = iota // on this disk, not yet at the network
	OutSent                    // stored by the network, not yet read back
	OutFailed                  // refused; not tried again by itself
)

// OutRow is an own entry on its way.
type OutRow struct {
	N            int64 // its place in the queue
	ID           string
	Conversation string
	Session      string
	Plugin       string
	Protocol     uint32
	Kind         contractv1.Envelope_Kind
	Priority     int    // lower goes first
	Body         []byte // only where it is asked for
	Size         int    // of the body
	ActionID     string
	TimeMs       int64
	State        OutState
	Seq          int64
	SentMs       int64
	Reason       string
	Ended        bool
}

// AddOut queues an own entry and sets its N.
func (tx *Tx) AddOut(r *OutRow) error {
	cid, err := tx.conversation(r.Conversation)
	if err != nil {
		return err
	}
	_, err = tx.row(`INSERT INTO outbox (cid, id, session, plugin, protocol, kind, priority, body, action_id, time_ms, state)
		VALUES (?,?,?,?,?,?,?,?,?,?,?) RETURNING oid`,
		[]any{cid, r.ID, r.Session, r.Plugin, int(r.Protocol), int(r.Kind), r.Priority, r.Body, r.ActionID, r.TimeMs, int(r.State)}, &r.N)
	return err
}

// OutSentAt marks an own entry as stored by the network. Its body stays until it
// is read back: only then is it certain that it counts.
func (tx *Tx) OutSentAt(id string, seq, timeMs int64) error {
	return tx.run("UPDATE outbox SET state=1, seq=?, sent_ms=? WHERE id=?", seq, timeMs, id)
}

// OutFail marks an own entry as failed.
func (tx *Tx) OutFail(id, reason string, ended bool) error {
	return tx.run("UPDATE outbox SET state=2, reason=?, ended=? WHERE id=?", reason, ended, id)
}

// DeleteOut forgets an own entry: it was read back, or it is tried anew.
func (tx *Tx) DeleteOut(id string) error {
	return tx.run("DELETE FROM outbox WHERE id=?", id)
}

// Outbox lists every own entry that was not read back, in order, without bodies.
func (s *Store) Outbox(ctx context.Context) (list []*OutRow, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		r := &OutRow{}
		list = append(list, r)
		return scan(&r.N, &r.ID, &r.Conversation, &r.Session, &r.Plugin, &r.Protocol, &r.Kind, &r.Priority,
			&r.Size, &r.ActionID, &r.TimeMs, &r.State, &r.Seq, &r.SentMs, &r.Reason, &r.Ended)
	}, `SELECT o.oid, o.id, c.id, o.session, o.plugin, o.protocol, o.kind, o.priority,
	coalesce(length(o.body),0), o.action_id, o.time_ms, o.state, o.seq, o.sent_ms, o.reason, o.ended
	FROM outbox o JOIN conversations c ON c.cid=o.cid ORDER BY o.oid`)
	return list, err
}

// OutBody reads the body of an own entry.
func (s *Store) OutBody(ctx context.Context, id string) (body []byte, err error) {
	err = s.query(ctx, func(scan func(...any) error) error { return scan(&body) }, "SELECT body FROM outbox WHERE id=?", id)
	return body, err
}

// OutBodies reads the bodies of a session's own entries by id; those at the
// network are left out.
func (s *Store) OutBodies(ctx context.Context, conversation, session string) (map[string][]byte, error) {
	m := make(map[string][]byte)
	err := s.query(ctx, func(scan func(...any) error) error {
		var id string
		var body []byte
		err := scan(&id, &body)
		m[id] = body
		return err
	}, "SELECT id, body FROM outbox WHERE session=? AND state<>1 AND cid=(SELECT cid FROM conversations WHERE id=?)", session, conversation)
	return m, err
}

// Made answers which update an action has already made, "" when it has not.
func (tx *Tx) Made(conversation, session, action string, ordinal uint32) (id string, err error) {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return "", err
	}
	_, err = tx.row("SELECT id FROM made WHERE cid=? AND session=? AND action_id=? AND ordinal=?",
		[]any{cid, session, action, int(ordinal)}, &id)
	return id, err
}

// AddMade remembers which update an action made.
func (tx *Tx) AddMade(conversation, session, action string, ordinal uint32, id string, timeMs int64) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	return tx.run("INSERT INTO made (cid, session, action_id, ordinal, id, time_ms) VALUES (?,?,?,?,?,?)",
		cid, session, action, int(ordinal), id, timeMs)
}

// AnyMade tells whether an action has made an update.
func (tx *Tx) AnyMade(conversation, session, action string) (bool, error) {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return false, err
	}
	var one int
	return tx.row("SELECT 1 FROM made WHERE cid=? AND session=? AND action_id=? LIMIT 1", []any{cid, session, action}, &one)
}

// TrimOut forgets what actions made and which own entries failed before a time.
func (tx *Tx) TrimOut(before int64) error {
	if err := tx.run("DELETE FROM made WHERE time_ms<?", before); err != nil {
		return err
	}
	return tx.run("DELETE FROM outbox WHERE state<>0 AND time_ms<?", before)
}
