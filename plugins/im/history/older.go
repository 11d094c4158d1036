package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"switchboard/plugins/im/wire"
)

// OldestStored is the place of the first row of the order, or where the first would
// stand: just above the position. Rows of a file do not count: there may be gaps
// between them.
func (l *Log) OldestStored(ctx context.Context) (pos int64, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT coalesce((SELECT pos FROM messages WHERE conv = ?1 AND pos < ?2 AND imported = 0 ORDER BY pos LIMIT 1),
		(SELECT position + 1 FROM conversations WHERE n = ?1))`, l.conv, pendingBase).Scan(&pos)
	if err != nil {
		return 0, fmt.Errorf("find the oldest message: %w", err)
	}
	return pos, nil
}

// WholeBeginning tells whether the beginning, which the network no longer had, has
// come from another device.
func (l *Log) WholeBeginning(ctx context.Context) (whole bool, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT whole FROM conversations WHERE n = ?`, l.conv).Scan(&whole)
	if err != nil {
		return false, fmt.Errorf("read where the beginning is: %w", err)
	}
	return whole, nil
}

// Below reads at most limit stored rows next below a place, oldest first, as they
// are kept, and says whether they are all.
func (l *Log) Below(ctx context.Context, pos int64, limit int) (rows []wire.OlderRow, all bool, err error) {
	list, err := scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
		WHERE conv = ? AND pos < ? AND state = ? ORDER BY pos DESC LIMIT ?`, l.conv, min(pos, pendingBase), Stored, limit+1))
	if err != nil {
		return nil, false, err
	}
	all = len(list) <= limit
	list = list[:min(len(list), limit)]
	if err := l.react(ctx, list); err != nil {
		return nil, false, err
	}
	slices.Reverse(list)
	for _, r := range list {
		rows = append(rows, wire.OlderRow{Seq: r.Pos, ID: r.ID, From: r.From, Device: r.Device, Time: r.Time, Kind: r.Kind, ReplyTo: r.ReplyTo,
			Text: r.Text, Edited: r.Edited, Deleted: r.Deleted, Mention: r.Mention, Event: r.Event, Picture: r.Picture,
			Forwarded: r.Forwarded, EditTime: r.EditTime, Reactions: olderReactions(&r)})
	}
	return rows, all, nil
}

// AddOlder stores rows of another device of the person below all that is here. What
// is here already stays as it is, so a repeat does nothing. end says that nothing
// is below them.
func (l *Log) AddOlder(ctx context.Context, rows []wire.OlderRow, end bool) error {
	return l.in(ctx, "store older messages", func(tx *sql.Tx) error {
		var oldest, floor int64
		err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT pos FROM messages WHERE conv = ?1 AND pos < ?2 AND imported = 0 ORDER BY pos LIMIT 1), position + 1), floor
			FROM conversations WHERE n = ?1`, l.conv, pendingBase).Scan(&oldest, &floor)
		if err != nil {
			return err
		}
		for _, r := range slices.Backward(rows) {
			if r.Seq >= oldest || r.Seq <= floor || r.Seq < 1 { // what was removed because of its age stays away
				continue
			}
			// Numbers below all others but the imported ones': what is searched comes in the
			// order of the transcript.
			res, err := tx.ExecContext(ctx, `INSERT INTO messages (n, conv, pos, id, sender, device, time, kind, reply_to, text, state, edited, deleted, mention, event, picture, forwarded, edit_time)
				SELECT (SELECT min(coalesce(min(n), 0), 0) - 1 FROM messages WHERE n > ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE true ON CONFLICT DO NOTHING`,
				importEnd, l.conv, r.Seq, r.ID, r.From, r.Device, r.Time, r.Kind, r.ReplyTo, r.Text, Stored, r.Edited, r.Deleted, r.Mention, r.Event, r.Picture, r.Forwarded, r.EditTime)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 {
				continue
			}
			if err := errors.Join(l.addOlderReactions(ctx, tx, &r), l.adopt(ctx, tx, &r)); err != nil {
				return err
			}
		}
		if !end {
			return nil
		}
		_, err = tx.ExecContext(ctx, `UPDATE conversations SET whole = 1 WHERE n = ?`, l.conv)
		return err
	})
}
