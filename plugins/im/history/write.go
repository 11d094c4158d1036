package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"switchboard/plugins/im/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// statements of the hot path: receiving and sending.
type statements struct {
	position, setPosition *sql.Stmt
	find, insert, settle  *sql.Stmt
	edit, remove, changed *sql.Stmt
}

func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&s.stmts.position, `SELECT position, imported FROM conversations WHERE n = ?`},
		{&s.stmts.setPosition, `UPDATE conversations SET position = ? WHERE n = ?`},
		{&s.stmts.find, `SELECT pos FROM messages WHERE conv = ? AND id = ?`},
		{&s.stmts.insert, `INSERT INTO messages (conv, pos, id, sender, device, time, kind, reply_to, text, state, mention, event, picture, forwarded)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.stmts.settle, `UPDATE messages SET pos = ?, sender = ?, device = ?, time = ?, kind = ?, reply_to = ?, text = ?, picture = ?, forwarded = ?,
			state = 0, reason = '' WHERE conv = ? AND id = ?`},
		{&s.stmts.edit, `UPDATE messages SET text = ?, edited = 1, mention = ?, edit_time = ?
			WHERE conv = ? AND id = ? AND sender = ? AND kind = ? AND deleted = 0 AND state = 0`},
		{&s.stmts.remove, `UPDATE messages SET text = '', reply_to = '', picture = '', forwarded = '', deleted = 1, edited = 0, edit_time = 0
			WHERE conv = ? AND id = ? AND sender = ? AND deleted = 0 AND state = 0`},
		{&s.stmts.changed, `INSERT INTO changes (conv, id, target, kind, time, done) VALUES (?, ?, ?, ?, ?, 1)
			ON CONFLICT (conv, id) DO UPDATE SET done = 1, reason = '', text = ''`},
	} {
		stmt, err := s.write.PrepareContext(ctx, p.text)
		if err != nil {
			return fmt.Errorf("prepare message history: %w", err)
		}
		*p.stmt = stmt
	}
	return nil
}

// Log is one conversation.
type Log struct {
	store *Store
	conv  int64
}

// Log opens a conversation's session, making it when it is new.
func (s *Store) Log(ctx context.Context, conversation, session string) (*Log, error) {
	l := &Log{store: s}
	find := func() error {
		return s.write.QueryRowContext(ctx, `SELECT n FROM conversations WHERE name = ? AND session = ?`,
			conversation, session).Scan(&l.conv)
	}
	err := find()
	if errors.Is(err, sql.ErrNoRows) {
		_, err = s.write.ExecContext(ctx, `INSERT INTO conversations (name, session) VALUES (?, ?) ON CONFLICT DO NOTHING`,
			conversation, session)
		if err == nil {
			err = find()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open conversation %s: %w", conversation, err)
	}
	return l, nil
}

// Position is the sequence number up to which everything is stored; 0 for a
// conversation that is not known.
func (s *Store) Position(ctx context.Context, conversation, session string) (int64, error) {
	var pos int64
	err := s.write.QueryRowContext(ctx, `SELECT position FROM conversations WHERE name = ? AND session = ?`,
		conversation, session).Scan(&pos)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("position of %s: %w", conversation, err)
	}
	return pos, nil
}

// in runs f in one transaction on the writing connection.
func (l *Log) in(ctx context.Context, what string, f func(tx *sql.Tx) error) error {
	tx, err := l.store.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	if err := f(tx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Entry is an update as the conversation's order has it.
type Entry struct {
	ID, From, Device string
	Seq, Time        int64
	Body             wire.Body
	Own              bool   // by this user
	Mention          bool   // it names this user
	Event            string // of the kind Event, which no body on the wire has
}

// Applied says what entries did to the transcript.
type Applied struct {
	Position int64
	Added    []Added
	Changed  []string // ids of messages that were edited or deleted
	// Moved says that messages which were not sent have come to stand elsewhere, or that
	// some of a file have gone.
	Moved bool

	orphans bool // something was said of messages that are not here
}

// Added is a message that now has its place. Own is set when it was one of the
// waiting rows before.
type Added struct {
	ID  string
	Was bool
}

// Apply stores entries and the new position in one transaction. Entries at or
// below the position have been here before and are skipped, as is a second one
// with the id of an earlier message. Edits and deletions by anybody but the
// author do nothing; those of a message that is not here wait for it.
func (l *Log) Apply(ctx context.Context, entries []Entry) (Applied, error) {
	var a Applied
	err := l.in(ctx, "store messages", func(tx *sql.Tx) error {
		a = Applied{}
		var imported int64
		st := &l.store.stmts
		if err := tx.StmtContext(ctx, st.position).QueryRowContext(ctx, l.conv).Scan(&a.Position, &imported); err != nil {
			return err
		}
		for i := range entries {
			e := &entries[i]
			if e.Seq <= a.Position || e.Seq >= pendingBase {
				continue
			}
			if wire.ValidID(e.ID) {
				if err := l.applyOne(ctx, tx, e, e.Seq <= imported, &a); err != nil {
					return err
				}
			}
			a.Position = e.Seq
		}
		if a.orphans {
			if err := l.trimOrphans(ctx, tx); err != nil {
				return err
			}
		}
		_, err := tx.StmtContext(ctx, st.setPosition).ExecContext(ctx, a.Position, l.conv)
		return err
	})
	return a, err
}

// applyOne stores one entry. Imported says that rows of a file may stand in its way.
func (l *Log) applyOne(ctx context.Context, tx *sql.Tx, e *Entry, imported bool, a *Applied) error {
	st := &l.store.stmts
	switch e.Body.Kind {
	case wire.Idle:
		return nil
	case wire.Edit, wire.Delete, wire.React:
		if e.Own { // remembered, so that a repeated command cannot make it wait again
			if _, err := tx.StmtContext(ctx, st.changed).ExecContext(ctx, l.conv, e.ID, e.Body.Target, e.Body.Kind, e.Time); err != nil {
				return err
			}
		}
		changed, err := l.applyChange(ctx, tx, e)
		if err != nil {
			return err
		}
		if changed || e.Own { // an own one that did nothing is no longer drawn as if it had
			a.Changed = append(a.Changed, e.Body.Target)
		}
		if changed {
			return nil
		}
		a.orphans = true
		return l.keepOrphan(ctx, tx, e)
	}
	was := false
	if imported {
		var err error
		var moved bool
		if was, moved, err = l.unimport(ctx, tx, e); err != nil {
			return err
		}
		a.Moved = a.Moved || moved
	}
	var pos int64
	err := tx.StmtContext(ctx, st.find).QueryRowContext(ctx, l.conv, e.ID).Scan(&pos)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		_, err = tx.StmtContext(ctx, st.insert).ExecContext(ctx, l.conv, e.Seq, e.ID, e.From, e.Device, e.Time,
			e.Body.Kind, e.Body.ReplyTo, e.Body.Text, Stored, e.Mention, e.Event, PictureText(e.Body), e.Body.Forwarded.String())
		a.Added = append(a.Added, Added{ID: e.ID, Was: was})
	case err == nil && pos >= pendingBase:
		_, err = tx.StmtContext(ctx, st.settle).ExecContext(ctx, e.Seq, e.From, e.Device, e.Time,
			e.Body.Kind, e.Body.ReplyTo, e.Body.Text, PictureText(e.Body), e.Body.Forwarded.String(), l.conv, e.ID)
		a.Added = append(a.Added, Added{ID: e.ID, Was: true})
		if err == nil {
			var moved bool
			moved, err = l.follow(ctx, tx, pos, e.Seq)
			a.Moved = a.Moved || moved
		}
	}
	return err
}

// Outgoing is an own message that the host holds for sending.
type Outgoing struct {
	ID, From, Device string
	Time             int64
	Text, ReplyTo    string
	Picture          string // the text form of a contractv1.Picture, or empty
	Forwarded        string // the text form of a wire.Author, or empty
}

// PictureText is a body's picture as it is kept.
func PictureText(b wire.Body) string {
	if b.Picture == (contractv1.Picture{}) {
		return ""
	}
	return b.Picture.String()
}

// AddWaiting keeps an own message below all others until its place is known.
// Repeats do nothing and report false; a failed message waits again.
func (l *Log) AddWaiting(ctx context.Context, m Outgoing) (added bool, err error) {
	err = l.in(ctx, "keep message", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO messages (conv, pos, id, sender, device, time, kind, reply_to, text, state, picture, forwarded, place)
			SELECT ?1, max(?2, (SELECT coalesce(max(pos), 0) FROM messages WHERE conv = ?1) + 1), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?12, ?13,
				(SELECT coalesce(max(pos), 0) FROM messages WHERE conv = ?1 AND pos < ?2)
			WHERE true ON CONFLICT (conv, id) DO UPDATE
			SET pos = excluded.pos, place = excluded.place, time = excluded.time, state = excluded.state, reason = '' WHERE state = ?11`,
			l.conv, pendingBase, m.ID, m.From, m.Device, m.Time, wire.Text, m.ReplyTo, m.Text, Waiting, Failed, m.Picture, m.Forwarded)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		added = n > 0
		return err
	})
	return added, err
}

// AddChange keeps an own edit or deletion until it is in the order, and forgets
// the refused change replaces, if any. Repeats do nothing and report false.
func (l *Log) AddChange(ctx context.Context, c Change, replaces string) (added bool, err error) {
	err = l.in(ctx, "keep change", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM changes WHERE conv = ? AND id = ? AND reason <> '' AND done = 0`, l.conv, replaces); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO changes (conv, id, target, kind, time, text) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (conv, id) DO UPDATE SET reason = '' WHERE reason <> '' AND done = 0`, l.conv, c.ID, c.Target, c.Kind, c.Time, c.Text)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		added = n > 0
		return err
	})
	return added, err
}

// Fail marks what was refused, message or change, and gives the id of the message
// that it concerns; empty when it is neither. A message then stands where it was
// written; moved says that others do which were refused before.
func (l *Log) Fail(ctx context.Context, id, reason string) (message string, moved bool, err error) {
	if reason == "" {
		reason = "refused"
	}
	err = l.in(ctx, "keep refusal", func(tx *sql.Tx) error {
		var pos, place int64
		err := tx.QueryRowContext(ctx, `UPDATE messages SET state = ?, reason = ? WHERE conv = ? AND id = ? AND state <> ? RETURNING pos, place`,
			Failed, reason, l.conv, id, Stored).Scan(&pos, &place)
		if err == nil {
			message = id
			moved, err = l.follow(ctx, tx, pos, place)
			return err
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		err = tx.QueryRowContext(ctx, `UPDATE changes SET reason = ? WHERE conv = ? AND id = ? AND done = 0 RETURNING target`,
			reason, l.conv, id).Scan(&message)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return message, moved, err
}

// Discard drops a message that was not sent, or a refused change.
func (l *Log) Discard(ctx context.Context, id string) error {
	return l.in(ctx, "discard message", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM messages WHERE conv = ? AND id = ? AND state = ?`, l.conv, id, Failed); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM changes WHERE conv = ? AND id = ? AND reason <> ''`, l.conv, id)
		return err
	})
}

// SetEditing keeps which message is being edited and the draft that waits
// meanwhile; an empty id says that it is over.
func (l *Log) SetEditing(ctx context.Context, id, draft string) error {
	return l.in(ctx, "keep what is being edited", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE conversations SET editing = ?, draft = ? WHERE n = ?`, id, draft, l.conv)
		return err
	})
}

// SetCursor moves somebody's cursor forward and reports whether it moved.
func (l *Log) SetCursor(ctx context.Context, who, key string, seq int64) (moved bool, err error) {
	err = l.in(ctx, "keep cursor", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO cursors (conv, who, key, seq) VALUES (?, ?, ?, ?)
			ON CONFLICT (conv, who, key) DO UPDATE SET seq = excluded.seq WHERE seq < excluded.seq`, l.conv, who, key, seq)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		moved = n > 0
		return err
	})
	return moved, err
}
