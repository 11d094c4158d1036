package store

import (
	"context"
	"database/sql"
	"errors"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// ConversationRow is what the host itself knows about a conversation.
type ConversationRow struct {
	ID      string
	Cursor  int64 // the network's position up to which everything was taken
	Skipped int64 // entries up to here were perhaps not kept
	Pinned  bool
	MutedMs int64 // muted until, Unix ms
	Archive bool
	TimeMs  int64 // of the last thing that moved it up
	Trimmed bool  // the network no longer had its beginning when it was first read here
}

// Conversations lists all rows.
func (s *Store) Conversations(ctx context.Context) (list []*ConversationRow, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		r := &ConversationRow{}
		list = append(list, r)
		return scan(&r.ID, &r.Cursor, &r.Skipped, &r.Pinned, &r.MutedMs, &r.Archive, &r.TimeMs, &r.Trimmed)
	}, "SELECT id, cursor, skipped, pinned, muted, archived, time_ms, trimmed FROM conversations ORDER BY cid")
	return list, err
}

// SetRow keeps pin, mute, archive and time of a conversation, not its cursor.
func (tx *Tx) SetRow(r *ConversationRow) error {
	cid, err := tx.conversation(r.ID)
	if err != nil {
		return err
	}
	return tx.run("UPDATE conversations SET pinned=?, muted=?, archived=?, time_ms=? WHERE cid=?",
		r.Pinned, r.MutedMs, r.Archive, r.TimeMs, cid)
}

// SessionRow is a session as it was last folded. Fold is the engine's own.
type SessionRow struct {
	Conversation string
	ID           string
	Plugin       string
	Fold         []byte
	Open         bool  // its life is not over
	Held         int64 // updates after this seq are all in the store
	Acked        int64 // the plugin has everything up to here in its own store
	UpdatedMs    int64
}

// AddSession makes the row of a session; one that exists keeps its positions.
func (tx *Tx) AddSession(r *SessionRow) error {
	cid, err := tx.conversation(r.Conversation)
	if err != nil {
		return err
	}
	return tx.run(`INSERT INTO sessions (cid, id, plugin, fold, open, held, acked, updated_ms) VALUES (?,?,?,?,?,?,?,?)
		ON CONFLICT (cid, id) DO UPDATE SET fold=excluded.fold, open=excluded.open, updated_ms=excluded.updated_ms`,
		cid, r.ID, r.Plugin, r.Fold, r.Open, r.Held, r.Acked, r.UpdatedMs)
}

// SetAcked raises how far a plugin has a session in its own store.
func (tx *Tx) SetAcked(conversation, session string, seq int64) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	return tx.run("UPDATE sessions SET acked=max(acked,?) WHERE cid=? AND id=?", seq, cid, session)
}

// SetHeld says from where a session's updates are complete.
func (tx *Tx) SetHeld(conversation, session string, seq int64) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	return tx.run("UPDATE sessions SET held=? WHERE cid=? AND id=?", seq, cid, session)
}

// Sessions lists the sessions that are open or were changed since a time (Unix ms).
func (s *Store) Sessions(ctx context.Context, since int64) (list []*SessionRow, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		r := &SessionRow{}
		list = append(list, r)
		return scan(&r.Conversation, &r.ID, &r.Plugin, &r.Fold, &r.Open, &r.Held, &r.Acked, &r.UpdatedMs)
	}, `SELECT c.id, s.id, s.plugin, s.fold, s.open, s.held, s.acked, s.updated_ms
		FROM sessions s JOIN conversations c ON c.cid=s.cid WHERE s.open OR s.updated_ms>=? ORDER BY s.sid`, since)
	return list, err
}

// HasSession tells whether a session ever had a row.
func (tx *Tx) HasSession(conversation, session string) (bool, error) {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return false, err
	}
	_, found, err := tx.session(cid, session)
	return found, err
}

// SummaryRow is a session's line in the list of conversations.
type SummaryRow struct {
	Conversation string
	Session      string
	Plugin       string
	Text, From   string
	TimeMs, Seq  int64
	Unread       int
	Mentions     int
	Draft        string
	Alerted      int64 // the last seq that disturbed somebody
}

// SetSummary keeps a summary.
func (tx *Tx) SetSummary(r *SummaryRow) error {
	cid, err := tx.conversation(r.Conversation)
	if err != nil {
		return err
	}
	return tx.run(`INSERT INTO summaries (cid, session, plugin, text, author, time_ms, seq, unread, mentions, draft, alerted)
		VALUES (?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT (cid, session) DO UPDATE SET plugin=excluded.plugin, text=excluded.text, author=excluded.author,
		time_ms=excluded.time_ms, seq=excluded.seq, unread=excluded.unread, mentions=excluded.mentions,
		draft=excluded.draft, alerted=excluded.alerted`,
		cid, r.Session, r.Plugin, r.Text, r.From, r.TimeMs, r.Seq, r.Unread, r.Mentions, r.Draft, r.Alerted)
}

// Summaries lists all summaries.
func (s *Store) Summaries(ctx context.Context) (list []*SummaryRow, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		r := &SummaryRow{}
		list = append(list, r)
		return scan(&r.Conversation, &r.Session, &r.Plugin, &r.Text, &r.From, &r.TimeMs, &r.Seq, &r.Unread, &r.Mentions, &r.Draft, &r.Alerted)
	}, `SELECT c.id, s.session, s.plugin, s.text, s.author, s.time_ms, s.seq, s.unread, s.mentions, s.draft, s.alerted
		FROM summaries s JOIN conversations c ON c.cid=s.cid`)
	return list, err
}

// SetCompact keeps a session's last compact view.
func (tx *Tx) SetCompact(conversation, session, plugin string, node *contractv1.Node) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	data, err := proto.Marshal(node)
	if err != nil {
		return err
	}
	return tx.run(`INSERT INTO compacts (cid, session, plugin, node) VALUES (?,?,?,?)
		ON CONFLICT (cid, session) DO UPDATE SET plugin=excluded.plugin, node=excluded.node`, cid, session, plugin, data)
}

// Compact reads a session's last compact view, nil when there is none.
func (s *Store) Compact(ctx context.Context, conversation, session string) (plugin string, node *contractv1.Node, err error) {
	var data []byte
	err = s.rdb.QueryRowContext(ctx, `SELECT plugin, node FROM compacts
		WHERE session=? AND cid=(SELECT cid FROM conversations WHERE id=?)`, session, conversation).Scan(&plugin, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, mapError(err)
	}
	node = &contractv1.Node{}
	return plugin, node, proto.Unmarshal(data, node)
}

// LastUpdates answers the newest stored update of every session that has one.
func (s *Store) LastUpdates(ctx context.Context) (map[[2]string]int64, error) {
	m := make(map[[2]string]int64)
	err := s.query(ctx, func(scan func(...any) error) error {
		var conversation, session string
		var seq int64
		if err := scan(&conversation, &session, &seq); err != nil {
			return err
		}
		m[[2]string{conversation, session}] = seq
		return nil
	}, `SELECT c.id, s.id, (SELECT seq FROM envelopes e WHERE e.sid=s.sid ORDER BY seq DESC LIMIT 1) AS last
		FROM sessions s JOIN conversations c ON c.cid=s.cid WHERE last IS NOT NULL`)
	return m, err
}

// LastTimes answers when the newest stored entry of every open session that
// began with an offer was ordered (Unix ms).
func (s *Store) LastTimes(ctx context.Context) (map[[2]string]int64, error) {
	m := make(map[[2]string]int64)
	err := s.query(ctx, func(scan func(...any) error) error {
		var conversation, session string
		var ms int64
		if err := scan(&conversation, &session, &ms); err != nil {
			return err
		}
		m[[2]string{conversation, session}] = ms
		return nil
	}, `SELECT c.id, s.id, (SELECT time_ms FROM envelopes e WHERE e.sid=s.sid ORDER BY seq DESC LIMIT 1) AS last
		FROM sessions s JOIN conversations c ON c.cid=s.cid WHERE s.open AND s.fold IS NOT NULL AND last IS NOT NULL`)
	return m, err
}
