package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"switchboard/plugins/im/wire"
)

// Window reads up to before rows above a place and up to after rows from it on,
// oldest first, and says whether there are more at either side.
func (l *Log) Window(ctx context.Context, at Place, before, after int) (rows []Row, moreBefore, moreAfter bool, err error) {
	if rows, err = l.above(ctx, at, before+1); err != nil {
		return nil, false, false, err
	}
	if moreBefore = len(rows) > before; moreBefore {
		rows = rows[:before]
	}
	slices.Reverse(rows)
	later, err := l.below(ctx, at, after+1)
	if err != nil {
		return nil, false, false, err
	}
	if moreAfter = len(later) > after; moreAfter {
		later = later[:after]
	}
	rows = append(rows, later...)
	return rows, moreBefore, moreAfter, l.overlay(ctx, rows)
}

// End is a position above every row.
const End = math.MaxInt64

// overlay adds own changes that are still on their way.
func (l *Log) overlay(ctx context.Context, rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	if err := l.places(ctx, rows); err != nil {
		return err
	}
	if err := l.react(ctx, rows); err != nil {
		return err
	}
	found, err := l.store.read.QueryContext(ctx, `SELECT id, target, kind, time, reason, text FROM changes WHERE conv = ? AND done = 0 ORDER BY n`, l.conv)
	if err != nil {
		return fmt.Errorf("read changes: %w", err)
	}
	defer found.Close()
	byTarget, reacting := map[string]*Change{}, map[string][]*Change{}
	for found.Next() {
		c := &Change{}
		if err := found.Scan(&c.ID, &c.Target, &c.Kind, &c.Time, &c.Reason, &c.Text); err != nil {
			return fmt.Errorf("read changes: %w", err)
		}
		if c.Kind == wire.React {
			reacting[c.Target] = append(reacting[c.Target], c)
			continue
		}
		byTarget[c.Target] = c
	}
	for i := range rows {
		for _, c := range reacting[rows[i].ID] {
			rows[i].overlayReaction(c)
		}
		if c := byTarget[rows[i].ID]; c != nil && !rows[i].Deleted {
			rows[i].Change = c
		}
	}
	return found.Err()
}

func (l *Log) one(ctx context.Context, query string, args ...any) (*Row, error) {
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages WHERE conv = ?1 AND `+query+` LIMIT 1`,
		append([]any{l.conv}, args...)...))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], l.overlay(ctx, rows[:1])
}

// Row finds a message by its id; nil when there is none.
func (l *Log) Row(ctx context.Context, id string) (*Row, error) {
	return l.one(ctx, `id = ?2`, id)
}

// Editing is the id of the message that was being edited, empty for none, and
// the draft that waits meanwhile.
func (l *Log) Editing(ctx context.Context) (id, draft string, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT editing, draft FROM conversations WHERE n = ?`, l.conv).Scan(&id, &draft)
	if err != nil {
		return "", "", fmt.Errorf("read what is being edited: %w", err)
	}
	return id, draft, nil
}

// Change finds an own change that is on its way or was refused; nil for none.
func (l *Log) Change(ctx context.Context, id string) (*Change, error) {
	c := &Change{}
	err := l.store.read.QueryRowContext(ctx, `SELECT id, target, kind, time, reason, text FROM changes WHERE conv = ? AND id = ? AND done = 0`,
		l.conv, id).Scan(&c.ID, &c.Target, &c.Kind, &c.Time, &c.Reason, &c.Text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read change: %w", err)
	}
	return c, nil
}

// Before is the row above a place; nil at the beginning.
func (l *Log) Before(ctx context.Context, at Place) (*Row, error) {
	rows, err := l.above(ctx, at, 1)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], l.overlay(ctx, rows)
}

// LastStored is the newest row of the order; nil when there is none.
func (l *Log) LastStored(ctx context.Context) (*Row, error) {
	return l.one(ctx, `pos < ?2 ORDER BY pos DESC`, pendingBase)
}

// Ordered reads at most limit rows of the order from a place on, oldest first.
func (l *Log) Ordered(ctx context.Context, pos int64, limit int) ([]Row, error) {
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
		WHERE conv = ? AND pos >= ? AND pos < ? ORDER BY pos LIMIT ?`, l.conv, pos, pendingBase, limit))
	if err != nil {
		return nil, err
	}
	return rows, l.overlay(ctx, rows)
}

// Unsettled are the ids of own messages and changes that wait to be ordered.
func (l *Log) Unsettled(ctx context.Context) ([]string, error) {
	return l.ids(ctx, `SELECT id FROM messages WHERE conv = ?1 AND pos >= ?2 AND state = ?3
		UNION ALL SELECT id FROM changes WHERE conv = ?1 AND done = 0 AND reason = ''`, l.conv, pendingBase, Waiting)
}

// Looking back for something of one person goes no further than this, so that
// it is quick in a conversation in which that person is silent.
const lookBack = 5000

// recent are the newest rows of a conversation at or below a position.
const recent = `(SELECT ` + columns + ` FROM messages WHERE conv = ?1 AND pos <= ?2 ORDER BY pos DESC LIMIT ?3)`

func (l *Log) oneRecent(ctx context.Context, pos int64, where string, args ...any) (*Row, error) {
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM `+recent+` WHERE `+where+` LIMIT 1`,
		append([]any{l.conv, pos, lookBack}, args...)...))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], l.overlay(ctx, rows[:1])
}

// LastEditable is me's newest message whose text can be changed; nil for none.
func (l *Log) LastEditable(ctx context.Context, me string) (*Row, error) {
	r, err := l.oneRecent(ctx, End, `sender = ?4 AND kind = ?5 AND deleted = 0 AND state <> ?6`, me, wire.Text, Failed)
	if err != nil || r == nil || r.Gone() {
		return nil, err
	}
	return r, nil
}

// Mine are the ids of me's stored messages in (after, upTo], newest first, at
// most limit. Many says that there may be more of them.
func (l *Log) Mine(ctx context.Context, me string, after, upTo int64, limit int) (ids []string, many bool, err error) {
	ids, err = l.ids(ctx, `SELECT id FROM `+recent+` WHERE pos > ?4 AND sender = ?5 LIMIT ?6`,
		l.conv, upTo, lookBack, after, me, limit+1)
	if err != nil {
		return nil, false, err
	}
	if len(ids) > limit {
		return ids[:limit], true, nil
	}
	var oldest sql.NullInt64
	err = l.store.read.QueryRowContext(ctx, `SELECT min(pos) FROM (SELECT pos FROM messages
		WHERE conv = ?1 AND pos <= ?2 AND pos > ?4 ORDER BY pos DESC LIMIT ?3) HAVING count(*) = ?3`,
		l.conv, upTo, lookBack, after).Scan(&oldest)
	if errors.Is(err, sql.ErrNoRows) {
		return ids, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read message ids: %w", err)
	}
	return ids, true, nil
}

// Answers are the ids of the newest messages that quote one.
func (l *Log) Answers(ctx context.Context, id string, limit int) ([]string, error) {
	return l.ids(ctx, `SELECT id FROM messages WHERE conv = ? AND reply_to = ? AND reply_to <> '' ORDER BY pos DESC LIMIT ?`,
		l.conv, id, limit)
}

func (l *Log) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := l.store.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read message ids: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read message ids: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// MaxUnread is where counting stops.
const MaxUnread = 9999

// Unread counts what others wrote after a position, up to MaxUnread, and gives
// the first of them.
func (l *Log) Unread(ctx context.Context, me string, after int64) (count int, first string, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM messages
		WHERE conv = ? AND pos > ? AND pos < ? AND sender <> ? AND deleted = 0 AND imported = 0 AND kind <> ? LIMIT ?)`,
		l.conv, after, pendingBase, me, Event, MaxUnread).Scan(&count)
	if err != nil {
		return 0, "", fmt.Errorf("count unread messages: %w", err)
	}
	if count == 0 {
		return 0, "", nil
	}
	ids, err := l.ids(ctx, `SELECT id FROM messages WHERE conv = ? AND pos > ? AND pos < ? AND sender <> ? AND imported = 0 AND kind <> ? ORDER BY pos LIMIT 1`,
		l.conv, after, pendingBase, me, Event)
	if err != nil || len(ids) == 0 {
		return count, "", err
	}
	return count, ids[0], nil
}

// Mentions counts the messages after a position that name me, up to MaxUnread.
func (l *Log) Mentions(ctx context.Context, after int64) (count int, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT coalesce(sum(mention), 0) FROM (SELECT mention FROM messages
		WHERE conv = ? AND pos > ? AND pos < ? AND deleted = 0 AND imported = 0 LIMIT ?)`, l.conv, after, pendingBase, MaxUnread).Scan(&count)
	if err != nil {
		return 0, fmt.Errorf("count mentions: %w", err)
	}
	return count, nil
}

// Messages are the newest rows below a position that are messages and were not
// refused, oldest first, at most limit.
func (l *Log) Messages(ctx context.Context, below int64, limit int) ([]Row, error) {
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
		WHERE conv = ? AND pos < ? AND kind <> ? AND state <> ? ORDER BY pos DESC LIMIT ?`, l.conv, below, Event, Failed, limit))
	if err != nil {
		return nil, err
	}
	slices.Reverse(rows)
	return rows, l.overlay(ctx, rows)
}

// NotSent are the newest own messages that were refused and written in [from,
// until), oldest first, at most limit.
func (l *Log) NotSent(ctx context.Context, from, until int64, limit int) ([]Row, error) {
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
		WHERE conv = ? AND pos >= ? AND state = ? AND time >= ? AND time < ? ORDER BY time DESC, pos DESC LIMIT ?`,
		l.conv, pendingBase, Failed, from, until, limit))
	if err != nil {
		return nil, err
	}
	slices.Reverse(rows)
	return rows, l.overlay(ctx, rows)
}

// LastMessage is the newest message of the order; nil when there is none lately.
func (l *Log) LastMessage(ctx context.Context) (*Row, error) {
	return l.oneRecent(ctx, pendingBase-1, `kind <> ?4`, Event)
}

// Events are the newest rows of what was done to the group, oldest first, at
// most limit.
func (l *Log) Events(ctx context.Context, limit int) ([]Row, error) {
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
		WHERE conv = ? AND kind = 100 ORDER BY pos DESC LIMIT ?`, l.conv, limit))
	slices.Reverse(rows)
	return rows, err
}

// LastIncoming is the position of the newest message of somebody else, 0 when
// there is none lately.
func (l *Log) LastIncoming(ctx context.Context, me string) (int64, error) {
	r, err := l.oneRecent(ctx, pendingBase-1, `sender <> ?4 AND kind <> ?5`, me, Event)
	if err != nil || r == nil {
		return 0, err
	}
	return r.Pos, nil
}

// Cursors are everybody's, by address and key.
func (l *Log) Cursors(ctx context.Context) (map[string]map[string]int64, error) {
	rows, err := l.store.read.QueryContext(ctx, `SELECT who, key, seq FROM cursors WHERE conv = ?`, l.conv)
	if err != nil {
		return nil, fmt.Errorf("read cursors: %w", err)
	}
	defer rows.Close()
	out := map[string]map[string]int64{}
	for rows.Next() {
		var who, key string
		var seq int64
		if err := rows.Scan(&who, &key, &seq); err != nil {
			return nil, fmt.Errorf("read cursors: %w", err)
		}
		if out[who] == nil {
			out[who] = map[string]int64{}
		}
		out[who][key] = seq
	}
	return out, rows.Err()
}

// Search finds messages that hold every word of the query, the last one as a
// beginning, newest first.
func (l *Log) Search(ctx context.Context, query string, limit int) ([]Row, error) {
	match := matchOf(query)
	if match == "" {
		return nil, nil
	}
	rows, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+prefixed+` FROM words JOIN messages m ON m.n = words.rowid
		WHERE words MATCH ? AND m.conv = ? ORDER BY words.rowid DESC LIMIT ?`, match, l.conv, limit))
	if err != nil {
		return nil, err
	}
	return rows, l.overlay(ctx, rows)
}

var prefixed = "m." + strings.ReplaceAll(columns, ", ", ", m.")

// matchOf quotes every word, so that nothing in the query is an operator.
func matchOf(query string) string {
	words := strings.Fields(strings.ReplaceAll(query, "\x00", " "))
	if len(words) > 16 {
		words = words[:16]
	}
	for i, w := range words {
		words[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, " ") + "*"
}
