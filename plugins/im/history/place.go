package history

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Place is where a row stands in the transcript: rows of the order by their number,
// then what waits in the order in which it was written. What was not sent stands
// where it was written: behind the row of the order that was last then.
type Place struct {
	Pos int64 // of the row itself, or of the one of the order behind which it stands
	own int64 // of what was not sent, its own
}

// At is the place of a row of the order, whether there is one or not.
func At(pos int64) Place { return Place{Pos: pos} }

// Compare is negative when p is above q, and positive when it is below.
func (p Place) Compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Pos, q.Pos), cmp.Compare(p.own, q.own))
}

// next is the first place below p.
func (p Place) next() Place { return Place{p.Pos, p.own + 1} }

// ordered is the number that rows of the order at or below p have at least.
func (p Place) ordered() int64 {
	if p.own > 0 {
		return p.Pos + 1
	}
	return p.Pos
}

// Place is where the row stands. Of what was not sent it holds as long as nothing that
// was written before it is on its way.
func (r *Row) Place() Place { return r.at }

// unsettled tells whether something was not sent, and the number of the first own row
// that waits, as firstWaiting does.
func (l *Log) unsettled(ctx context.Context) (failed bool, waiting int64, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM messages WHERE conv = ?1 AND state = 2),
		coalesce((SELECT min(pos) FROM messages WHERE conv = ?1 AND state = 1), ?2)`, l.conv, int64(End)).Scan(&failed, &waiting)
	if err != nil {
		return false, 0, fmt.Errorf("read what is not sent: %w", err)
	}
	return failed, waiting, nil
}

// firstWaiting is the number of the first own row that waits; End for none. What was
// not sent and written after it follows it until its place is known.
func (l *Log) firstWaiting(ctx context.Context) (pos int64, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT coalesce(min(pos), ?) FROM messages WHERE conv = ? AND state = 1`, int64(End), l.conv).Scan(&pos)
	if err != nil {
		return 0, fmt.Errorf("read what waits: %w", err)
	}
	return pos, nil
}

// places notes where rows stand.
func (l *Log) places(ctx context.Context, rows []Row) error {
	waiting := int64(-1)
	for i := range rows {
		r := &rows[i]
		if r.at = At(r.Pos); r.State != Failed {
			continue
		}
		if waiting < 0 {
			var err error
			if waiting, err = l.firstWaiting(ctx); err != nil {
				return err
			}
		}
		if r.Pos < waiting {
			r.at = Place{r.place, r.Pos}
		}
	}
	return nil
}

// above reads at most limit rows above a place, nearest first.
func (l *Log) above(ctx context.Context, at Place, limit int) ([]Row, error) {
	return l.side(ctx, -1, limit, func(some bool, waiting int64) (ordered, failed []Row, err error) {
		ordered, err = scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
			WHERE conv = ? AND pos < ? AND (state <> 2 OR pos > ?) ORDER BY pos DESC LIMIT ?`, l.conv, at.ordered(), waiting, limit))
		if err != nil || !some {
			return ordered, nil, err
		}
		failed, err = scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
			WHERE conv = ? AND state = 2 AND (place, pos) < (?, ?) AND pos < ? ORDER BY place DESC, pos DESC LIMIT ?`, l.conv, at.Pos, at.own, waiting, limit))
		return ordered, failed, err
	})
}

// below reads at most limit rows at a place or below it, nearest first.
func (l *Log) below(ctx context.Context, at Place, limit int) ([]Row, error) {
	return l.side(ctx, 1, limit, func(some bool, waiting int64) (ordered, failed []Row, err error) {
		ordered, err = scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
			WHERE conv = ? AND pos >= ? AND (state <> 2 OR pos > ?) ORDER BY pos LIMIT ?`, l.conv, at.ordered(), waiting, limit))
		if err != nil || !some {
			return ordered, nil, err
		}
		failed, err = scanRows(l.store.read.QueryContext(ctx, `SELECT `+columns+` FROM messages
			WHERE conv = ? AND state = 2 AND (place, pos) >= (?, ?) AND pos < ? ORDER BY place, pos LIMIT ?`, l.conv, at.Pos, at.own, waiting, limit))
		return ordered, failed, err
	})
}

// side puts what was not sent among the other rows: both are sorted in a direction.
// Some tells read whether there is anything that was not sent, which is rare.
func (l *Log) side(ctx context.Context, direction, limit int, read func(some bool, waiting int64) (ordered, failed []Row, err error)) ([]Row, error) {
	some, waiting, err := l.unsettled(ctx)
	if err != nil {
		return nil, err
	}
	ordered, failed, err := read(some, waiting)
	if err != nil {
		return nil, err
	}
	if err := l.places(ctx, ordered); err != nil {
		return nil, err
	}
	if len(failed) > 0 {
		if err := l.places(ctx, failed); err != nil {
			return nil, err
		}
		ordered = append(ordered, failed...)
		slices.SortFunc(ordered, func(x, y Row) int { return direction * x.at.Compare(y.at) })
	}
	return ordered[:min(len(ordered), limit)], nil
}

// After reads at most limit rows next below a place, oldest first.
func (l *Log) After(ctx context.Context, at Place, limit int) ([]Row, error) {
	rows, err := l.below(ctx, at.next(), limit)
	if err != nil {
		return nil, err
	}
	return rows, l.overlay(ctx, rows)
}

// follow is when an own row that waited at pos has its place, or has failed: what was
// written next stands behind that. It tells whether anything shown has moved by it.
func (l *Log) follow(ctx context.Context, tx *sql.Tx, pos, place int64) (moved bool, err error) {
	rows, err := tx.QueryContext(ctx, `UPDATE messages SET place = max(place, ?3) WHERE conv = ?1 AND pos > ?2 AND pos >= ?4 AND pos <=
		coalesce((SELECT min(pos) FROM messages WHERE conv = ?1 AND state = 1 AND pos > ?2), ?5) RETURNING state`, l.conv, pos, place, pendingBase, int64(End))
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var state State
		if err := rows.Scan(&state); err != nil {
			return false, err
		}
		moved = moved || state == Failed
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	return moved, rows.Close()
}
