package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"switchboard/plugins/im/wire"
)

// Of what is said of messages that are not here, so much is kept of a conversation:
// they may come yet, from another device of the person or from a file.
const (
	maxOrphans     = 2000
	maxOrphanEdits = 200 // these have texts
)

// keepOrphan remembers an edit, deletion or reaction whose message is not here. Of
// each kind, person and emoji the last counts.
func (l *Log) keepOrphan(ctx context.Context, tx *sql.Tx, e *Entry) error {
	var here int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM messages WHERE conv = ? AND id = ?`, l.conv, e.Body.Target).Scan(&here)
	if !errors.Is(err, sql.ErrNoRows) {
		return err // it is here: this did nothing to it, and never will
	}
	active := e.Body.On
	if e.Body.Kind == wire.Edit {
		active = e.Mention
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO orphans (conv, target, kind, emoji, who, seq, time, active, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET seq = excluded.seq, time = excluded.time, active = excluded.active, text = excluded.text`,
		l.conv, e.Body.Target, e.Body.Kind, e.Body.Emoji, e.From, e.Seq, e.Time, active, e.Body.Text)
	return err
}

// trimOrphans takes away what is too many of each kind, the oldest of those who have most:
// one member cannot push out what others said.
func (l *Log) trimOrphans(ctx context.Context, tx *sql.Tx) error {
	for kind, limit := range map[wire.Kind]int{wire.Edit: maxOrphanEdits, wire.Delete: maxOrphans, wire.React: maxOrphans} {
		var all int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM orphans WHERE conv = ? AND kind = ?`, l.conv, kind).Scan(&all); err != nil {
			return err
		}
		if all <= limit {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM orphans WHERE conv = ?1 AND kind = ?2 AND (target, emoji, who) IN (
			SELECT target, emoji, who FROM (SELECT target, emoji, who, seq, row_number() OVER (PARTITION BY who ORDER BY seq DESC) AS depth
				FROM orphans WHERE conv = ?1 AND kind = ?2) ORDER BY depth DESC, seq LIMIT ?3)`, l.conv, kind, all-limit); err != nil {
			return err
		}
	}
	return nil
}

// adopt does to a message that has come late what was said of it meanwhile.
func (l *Log) adopt(ctx context.Context, tx *sql.Tx, r *wire.OlderRow) error {
	found, err := tx.QueryContext(ctx, `SELECT kind, emoji, who, seq, time, active, text FROM orphans
		WHERE conv = ? AND target = ? AND seq > ? ORDER BY seq`, l.conv, r.ID, r.Seq)
	if err != nil {
		return err
	}
	defer found.Close()
	var said []Entry
	for found.Next() {
		e := Entry{Body: wire.Body{Target: r.ID}}
		if err := found.Scan(&e.Body.Kind, &e.Body.Emoji, &e.From, &e.Seq, &e.Time, &e.Mention, &e.Body.Text); err != nil {
			return err
		}
		if e.Body.On = e.Mention; e.Body.Kind == wire.Edit && e.Time <= r.EditTime {
			continue // who gave it knows a later text
		}
		said = append(said, e)
	}
	if err := errors.Join(found.Err(), found.Close()); err != nil || len(said) == 0 {
		return err
	}
	for i := range said {
		if _, err := l.applyChange(ctx, tx, &said[i]); err != nil {
			return fmt.Errorf("what was said of %s: %w", r.ID, err)
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM orphans WHERE conv = ? AND target = ?`, l.conv, r.ID)
	return err
}

// applyChange does an edit, a deletion or a reaction, and tells whether it changed
// anything.
func (l *Log) applyChange(ctx context.Context, tx *sql.Tx, e *Entry) (bool, error) {
	st := &l.store.stmts
	var res sql.Result
	var err error
	switch e.Body.Kind {
	case wire.Edit:
		res, err = tx.StmtContext(ctx, st.edit).ExecContext(ctx, e.Body.Text, e.Mention, e.Time, l.conv, e.Body.Target, e.From, wire.Text)
	case wire.Delete:
		res, err = tx.StmtContext(ctx, st.remove).ExecContext(ctx, l.conv, e.Body.Target, e.From)
	default:
		res, err = l.applyReaction(ctx, tx, e)
	}
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
