package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"switchboard/plugins/im/wire"
)

// importBase is where the numbers of imported rows begin: below all others, and of
// each conversation in the order of its transcript.
const (
	importBase = -(int64(1) << 61)
	importRoom = int64(1) << 40 // of one conversation
	// Above this are the numbers of all rows that were not imported.
	importEnd = -(int64(1) << 60)
)

// readKey is the cursor of what somebody has read.
const readKey = "read"

// OrderFrom reads at most limit rows of the order from a place on, oldest first, as
// they are kept.
func (l *Log) OrderFrom(ctx context.Context, pos int64, limit int) ([]Row, error) {
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
		WHERE conv = ? AND pos >= ? AND pos < ? ORDER BY pos LIMIT ?`, l.conv, pos, pendingBase, limit))
	if err != nil {
		return nil, err
	}
	return rows, l.react(ctx, rows)
}

// Older is a row as it is given to others.
func (r *Row) Older() wire.OlderRow {
	return wire.OlderRow{Seq: r.Pos, ID: r.ID, From: r.From, Device: r.Device, Time: r.Time, Kind: r.Kind, ReplyTo: r.ReplyTo,
		Text: r.Text, Edited: r.Edited, Deleted: r.Deleted, Mention: r.Mention, Event: r.Event, Picture: r.Picture,
		Forwarded: r.Forwarded, EditTime: r.EditTime, Reactions: olderReactions(r)}
}

// AddImported stores rows of a file in their places, where nothing is. What is here
// stays as it is, so that a repeat does nothing; what the network tells of such a place
// later counts instead. Imported rows are never unread.
func (l *Log) AddImported(ctx context.Context, rows []wire.OlderRow) (added int, err error) {
	err = l.in(ctx, "store imported messages", func(tx *sql.Tx) error {
		added = 0
		lowest, highest := int64(0), int64(0)
		for i := range rows {
			r := &rows[i]
			if r.Seq < 1 || r.Seq >= importRoom {
				continue
			}
			res, err := tx.ExecContext(ctx, `INSERT INTO messages (n, conv, pos, id, sender, device, time, kind, reply_to, text, state, edited, deleted, mention, event, picture, forwarded, edit_time, imported)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING`,
				importBase+l.conv*importRoom+r.Seq, l.conv, r.Seq, r.ID, r.From, r.Device, r.Time, r.Kind, r.ReplyTo, r.Text, Stored, r.Edited, r.Deleted,
				r.Mention, r.Event, r.Picture, r.Forwarded, r.EditTime)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				continue
			}
			if err := errors.Join(l.addOlderReactions(ctx, tx, r), l.adopt(ctx, tx, r)); err != nil {
				return err
			}
			added++
			if highest = max(highest, r.Seq); lowest == 0 || r.Seq < lowest {
				lowest = r.Seq
			}
		}
		if added == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE conversations SET imported = max(imported, ?), floor = min(floor, ?) WHERE n = ?`, highest, lowest-1, l.conv)
		return err
	})
	return added, err
}

// unimport takes away what a file said of an entry that the network now tells. The id
// alone is not enough: anybody can give what they write the id of another's message.
// Moved says that what the file put behind the entry went, too, because it is older:
// the order follows the network's clock, so no such place was ever given.
func (l *Log) unimport(ctx context.Context, tx *sql.Tx, e *Entry) (was, moved bool, err error) {
	del := func(where string, args ...any) (bool, error) {
		res, err := tx.ExecContext(ctx, `DELETE FROM messages WHERE conv = ?1 AND imported = 1 AND `+where, append([]any{l.conv}, args...)...)
		if err != nil {
			return false, err
		}
		n, err := res.RowsAffected()
		return n > 0, err
	}
	if was, err = del(`(pos = ?2 OR id = ?3 AND sender = ?4)`, e.Seq, e.ID, e.From); err != nil {
		return false, false, err
	}
	if moved, err = del(`pos > ?2 AND time < ?3`, e.Seq, e.Time); err != nil || !moved {
		return was, false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE conversations SET imported = coalesce((SELECT pos FROM messages WHERE conv = ?1 AND imported = 1 AND pos > ?2
		ORDER BY pos DESC LIMIT 1), ?2) WHERE n = ?1`, l.conv, e.Seq)
	return was, moved, err
}

// Floor is the place up to which rows were removed because of their age; 0 for none.
func (l *Log) Floor(ctx context.Context) (floor int64, err error) {
	if err = l.store.read.QueryRowContext(ctx, `SELECT floor FROM conversations WHERE n = ?`, l.conv).Scan(&floor); err != nil {
		return 0, fmt.Errorf("read what was removed: %w", err)
	}
	return floor, nil
}

// Position is up to where the network has told everything. Rows of a file may stand
// above it, at places that nobody but the file knows.
func (l *Log) Position(ctx context.Context) (pos int64, err error) {
	if err = l.store.read.QueryRowContext(ctx, `SELECT position FROM conversations WHERE n = ?`, l.conv).Scan(&pos); err != nil {
		return 0, fmt.Errorf("read the position: %w", err)
	}
	return pos, nil
}

// Conversation names a log.
type Conversation struct{ Name, Session string }

// Known are all conversations that the history has.
func (s *Store) Known(ctx context.Context) ([]Conversation, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, session FROM conversations ORDER BY n`)
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	defer rows.Close()
	var out []Conversation
	for rows.Next() {
		var c Conversation
		if err := rows.Scan(&c.Name, &c.Session); err != nil {
			return nil, fmt.Errorf("list conversations: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// MaxKept is how many messages that me has not read stay in a conversation whatever
// their age: the newest.
const MaxKept = 10_000

// Forget removes the oldest rows of the order that were written before a time, Unix
// ms, at most limit of them, with what is known of them, and says whether there are
// more. What waits to be sent stays, what is being edited, and what me has not read
// yet with all above it. The position stays too, so that the network does not bring
// them back.
func (l *Log) Forget(ctx context.Context, me string, before int64, limit int) (removed int, more bool, err error) {
	err = l.in(ctx, "remove old messages", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM orphans WHERE conv = ? AND time < ?`, l.conv, before); err != nil {
			return err
		}
		var last int64
		var err error
		if last, removed, err = l.aged(ctx, tx, me, before, limit); err != nil || removed == 0 {
			more = false
			return err
		}
		more = removed == limit
		for _, q := range []struct {
			text string
			args []any
		}{
			{`DELETE FROM messages WHERE conv = ?1 AND pos <= ?2 AND id <> (SELECT editing FROM conversations WHERE n = ?1)`, []any{l.conv, last}},
			{`DELETE FROM changes WHERE conv = ? AND done = 1 AND time < ?`, []any{l.conv, before}},
			{`DELETE FROM moves WHERE conv = ? AND seq <= ?`, []any{l.conv, last}},
			{`UPDATE conversations SET floor = max(floor, ?2) WHERE n = ?1`, []any{l.conv, last}},
		} {
			if _, err := tx.ExecContext(ctx, q.text, q.args...); err != nil {
				return err
			}
		}
		return nil
	})
	return removed, more, err
}

// unreadRows are the rows that ?2 has not read.
const unreadRows = `SELECT pos FROM messages WHERE conv = ?1 AND pos > coalesce((SELECT seq FROM cursors WHERE conv = ?1 AND who = ?2 AND key = ?3), 0)
	AND pos < ?4 AND sender <> ?2 AND deleted = 0 AND imported = 0 AND kind <> ?5 ORDER BY pos `

// aged is the place of the last of the oldest rows that may be removed, and how many
// these are.
func (l *Log) aged(ctx context.Context, tx *sql.Tx, me string, before int64, limit int) (last int64, count int, err error) {
	found, err := tx.QueryContext(ctx, `SELECT pos, time FROM messages WHERE conv = ?1 AND pos <
			max(coalesce((`+unreadRows+`LIMIT 1), ?4), coalesce((`+unreadRows+`DESC LIMIT 1 OFFSET ?7), 0))
		AND id <> (SELECT editing FROM conversations WHERE n = ?1) ORDER BY pos LIMIT ?6`,
		l.conv, me, readKey, pendingBase, Event, limit, MaxKept-1)
	if err != nil {
		return 0, 0, err
	}
	defer found.Close()
	for found.Next() {
		var pos, at int64
		if err := found.Scan(&pos, &at); err != nil {
			return 0, 0, err
		}
		if at >= before {
			break
		}
		last = pos
		count++
	}
	if err := found.Err(); err != nil {
		return 0, 0, err
	}
	return last, count, found.Close()
}

// Pause between two batches of Forget lets what a person waits for go first.
const Pause = 20 * time.Millisecond
