package store

import (
	"context"

	contractv1 "switchboard/shared/contract/v1"
)

// StateRow is a durable value outside the log.
type StateRow struct {
	Conversation string
	Session      string
	Plugin       string
	Value        *contractv1.StateValue
	// Dirty numbers an own value that the network does not have yet; 0 when it has.
	Dirty int64
}

// SetState keeps a value, whatever was there.
func (tx *Tx) SetState(r *StateRow) error {
	cid, err := tx.conversation(r.Conversation)
	if err != nil {
		return err
	}
	v := r.Value
	return tx.run(`INSERT INTO states (cid, session, plugin, author, key, scope, value, time_ms, dirty) VALUES (?,?,?,?,?,?,?,?,?)
		ON CONFLICT (cid, session, author, key) DO UPDATE SET
		plugin=excluded.plugin, scope=excluded.scope, value=excluded.value, time_ms=excluded.time_ms, dirty=excluded.dirty`,
		cid, r.Session, r.Plugin, v.GetAuthor(), v.GetKey(), int(v.GetScope()), v.GetValue(), v.GetTimeMs(), r.Dirty)
}

// StateTime answers the time and dirtiness of a value.
func (tx *Tx) StateTime(conversation, session, author, key string) (timeMs, dirty int64, found bool, err error) {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return 0, 0, false, err
	}
	found, err = tx.row("SELECT time_ms, dirty FROM states WHERE cid=? AND session=? AND author=? AND key=?",
		[]any{cid, session, author, key}, &timeMs, &dirty)
	return timeMs, dirty, found, err
}

// CountStates counts the values of one author in a session.
func (tx *Tx) CountStates(conversation, session, author string) (n int, err error) {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return 0, err
	}
	_, err = tx.row("SELECT count(*) FROM states WHERE cid=? AND session=? AND author=?", []any{cid, session, author}, &n)
	return n, err
}

// CountAuthor counts the values of one author in a conversation.
func (tx *Tx) CountAuthor(conversation, author string) (n int, err error) {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return 0, err
	}
	_, err = tx.row("SELECT count(*) FROM states WHERE cid=? AND author=?", []any{cid, author}, &n)
	return n, err
}

// CleanState says that the network has a value, unless it was set again since.
func (tx *Tx) CleanState(conversation, session, author, key string, dirty, timeMs int64) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	return tx.run("UPDATE states SET dirty=0, time_ms=max(time_ms,?) WHERE cid=? AND session=? AND author=? AND key=? AND dirty=?",
		timeMs, cid, session, author, key, dirty)
}

const stateColumns = `SELECT c.id, s.session, s.plugin, s.author, s.key, s.scope, s.value, s.time_ms, s.dirty
	FROM states s JOIN conversations c ON c.cid=s.cid `

func (s *Store) states(ctx context.Context, where string, args ...any) (list []*StateRow, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		v := &contractv1.StateValue{}
		r := &StateRow{Value: v}
		list = append(list, r)
		return scan(&r.Conversation, &r.Session, &r.Plugin, &v.Author, &v.Key, &v.Scope, &v.Value, &v.TimeMs, &r.Dirty)
	}, stateColumns+where, args...)
	return list, err
}

// States lists the values of a session.
func (s *Store) States(ctx context.Context, conversation, session string) ([]*StateRow, error) {
	return s.states(ctx, "WHERE c.id=? AND s.session=? ORDER BY s.author, s.key", conversation, session)
}

// DirtyStates lists up to limit own values that the network does not have, in
// the order in which they were set, from after a number on.
func (s *Store) DirtyStates(ctx context.Context, after int64, limit int) ([]*StateRow, error) {
	return s.states(ctx, "WHERE s.dirty<>0 AND s.dirty>? ORDER BY s.dirty LIMIT ?", after, limit)
}
