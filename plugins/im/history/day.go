package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// From is the first row of the order that was written at a time or later, Unix ms; nil
// when there is none. The order follows the network's clock, so that halving finds it
// in a transcript of any length.
func (l *Log) From(ctx context.Context, ms int64) (*Row, error) {
	var first, last int64
	err := l.store.read.QueryRowContext(ctx, `SELECT coalesce(min(pos), 0), coalesce(max(pos), -1) + 1 FROM messages WHERE conv = ? AND pos < ?`,
		l.conv, pendingBase).Scan(&first, &last)
	if err != nil {
		return nil, fmt.Errorf("find a day: %w", err)
	}
	for end := last; first < end; {
		middle := first + (end-first)/2
		var pos, at int64
		err := l.store.read.QueryRowContext(ctx, `SELECT pos, time FROM messages WHERE conv = ? AND pos >= ? AND pos < ? ORDER BY pos LIMIT 1`,
			l.conv, middle, last).Scan(&pos, &at)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			end = middle
		case err != nil:
			return nil, fmt.Errorf("find a day: %w", err)
		case at >= ms:
			end = middle
		default:
			first = pos + 1
		}
	}
	return l.one(ctx, `pos >= ?2 AND pos < ?3 ORDER BY pos`, first, pendingBase)
}
