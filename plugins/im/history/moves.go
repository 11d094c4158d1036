package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// maxMoves is of how many moves of one cursor the time is kept.
const maxMoves = 200

// MoveCursor moves somebody's cursor forward and keeps when it did, so that it can
// be said of a message. Time is in Unix ms.
func (l *Log) MoveCursor(ctx context.Context, who, key string, seq, time int64) error {
	return l.in(ctx, "keep cursor", func(tx *sql.Tx) error {
		var before int64
		err := tx.QueryRowContext(ctx, `SELECT seq FROM cursors WHERE conv = ? AND who = ? AND key = ?`, l.conv, who, key).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if seq <= before {
			return nil
		}
		// Where it stood when nothing was kept yet: nobody knows since when.
		if _, err := tx.ExecContext(ctx, `INSERT INTO moves (conv, who, key, seq, time) SELECT ?1, ?2, ?3, ?4, 0
			WHERE ?4 > 0 AND NOT EXISTS (SELECT 1 FROM moves WHERE conv = ?1 AND who = ?2 AND key = ?3)`, l.conv, who, key, before); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO cursors (conv, who, key, seq) VALUES (?, ?, ?, ?)
			ON CONFLICT (conv, who, key) DO UPDATE SET seq = excluded.seq`, l.conv, who, key, seq); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO moves (conv, who, key, seq, time) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			l.conv, who, key, seq, time); err != nil {
			return err
		}
		return l.forgetMoves(ctx, tx, who, key)
	})
}

// forgetMoves drops the oldest ones. Of what the oldest that is left covers, it is
// no longer known when that came.
func (l *Log) forgetMoves(ctx context.Context, tx *sql.Tx, who, key string) error {
	var oldest int64
	err := tx.QueryRowContext(ctx, `SELECT seq FROM moves WHERE conv = ? AND who = ? AND key = ? ORDER BY seq DESC LIMIT 1 OFFSET ?`,
		l.conv, who, key, maxMoves).Scan(&oldest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM moves WHERE conv = ? AND who = ? AND key = ? AND seq < ?`, l.conv, who, key, oldest); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE moves SET time = 0 WHERE conv = ? AND who = ? AND key = ? AND seq = ?`, l.conv, who, key, oldest)
	return err
}

// Moved is when somebody's cursor came to a place or beyond, in Unix ms; 0 when it
// has not, or nobody knows any more.
func (l *Log) Moved(ctx context.Context, who, key string, seq int64) (time int64, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT time FROM moves WHERE conv = ? AND who = ? AND key = ? AND seq >= ? ORDER BY seq LIMIT 1`,
		l.conv, who, key, seq).Scan(&time)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find when a message was read: %w", err)
	}
	return time, nil
}
