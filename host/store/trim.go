package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
)

// TrimPoint says how much of a session may go: entries up to Old are older than
// what is kept, and the bodies of those up to Large are more than is kept.
type TrimPoint struct {
	Conversation, Session string
	Old, Large            int64
	Over                  bool // the session is over for good
	forget                bool
	sid, cid              int64
}

// TrimPoints finds what may go of everything that its plugin has acked: entries
// older than before (Unix ms), and the oldest bodies of sessions with more than
// maxBytes. It only reads and may run beside everything else.
func (s *Store) TrimPoints(ctx context.Context, before, maxBytes int64) (list []*TrimPoint, err error) {
	size, err := s.size()
	if err != nil {
		return nil, err
	}
	acked := map[*TrimPoint]int64{}
	err = s.query(ctx, func(scan func(...any) error) error {
		p, n := &TrimPoint{}, int64(0)
		list = append(list, p)
		err := scan(&p.sid, &p.Conversation, &p.Session, &n)
		acked[p] = n
		return err
	}, `SELECT s.sid, c.id, s.id, s.acked FROM sessions s JOIN conversations c ON c.cid=s.cid WHERE s.acked>0 AND
		(?1 OR (SELECT e.time_ms FROM envelopes e WHERE e.sid=s.sid ORDER BY e.seq LIMIT 1)<?2)`, size > maxBytes, before)
	if err != nil {
		return nil, err
	}
	found := list[:0]
	for _, p := range list {
		if err := s.trimPoint(ctx, p, acked[p], before, maxBytes); err != nil {
			return nil, err
		}
		if p.Old+p.Large > 0 {
			found = append(found, p)
		}
	}
	return found, nil
}

func (s *Store) trimPoint(ctx context.Context, p *TrimPoint, acked, before, maxBytes int64) error {
	var total, held int64
	if err := s.rdb.QueryRowContext(ctx, "SELECT coalesce(max(seq),0) FROM envelopes WHERE sid=? AND seq<=? AND time_ms<?",
		p.sid, acked, before).Scan(&p.Old); err != nil {
		return mapError(err)
	}
	if err := s.rdb.QueryRowContext(ctx, "SELECT coalesce(sum(length(body)),0), (SELECT held FROM sessions WHERE sid=?1) FROM envelopes WHERE sid=?1 AND seq>?2",
		p.sid, p.Old).Scan(&total, &held); err != nil {
		return mapError(err)
	}
	if total <= maxBytes {
		return nil
	}
	// The first seq at which enough of the oldest bodies would be gone.
	var at sql.NullInt64
	err := s.rdb.QueryRowContext(ctx, `SELECT min(seq) FROM (SELECT seq, sum(length(coalesce(body,''))) OVER (ORDER BY seq) AS gone
		FROM envelopes WHERE sid=? AND seq>?) WHERE gone>=?`, p.sid, p.Old, total-maxBytes).Scan(&at)
	if p.Large = min(at.Int64, acked); p.Large <= held {
		p.Large = 0 // only what is not acked is left
	}
	return mapError(err)
}

// size is that of the database file.
func (s *Store) size() (int64, error) {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Trim drops what may go of a session. The ids of bodies that went alone stay,
// so that repeats are recognised. Held is from where the rest is complete.
func (tx *Tx) Trim(p *TrimPoint) (held int64, err error) {
	if p.forget {
		return 0, tx.forgetSession(p.sid, p.cid, p.Session)
	}
	if err := tx.run("DELETE FROM envelopes WHERE sid=? AND seq<=?", p.sid, p.Old); err != nil {
		return 0, err
	}
	if err := tx.run("UPDATE envelopes SET body=NULL WHERE sid=? AND seq>? AND seq<=? AND body IS NOT NULL", p.sid, p.Old, p.Large); err != nil {
		return 0, err
	}
	_, err = tx.row("UPDATE sessions SET held=max(held,?) WHERE sid=? RETURNING held", []any{max(p.Old, p.Large), p.sid}, &held)
	return held, err
}

// TrimOver forgets up to limit sessions that are over since before (Unix ms),
// with everything that belongs to them; more tells whether there are others.
func (tx *Tx) TrimOver(before int64, limit int) (more bool, err error) {
	for range limit {
		var sid, cid int64
		var id string
		found, err := tx.row("SELECT sid, cid, id FROM sessions WHERE NOT open AND updated_ms<? LIMIT 1", []any{before}, &sid, &cid, &id)
		if err != nil || !found {
			return false, err
		}
		if err := tx.forgetSession(sid, cid, id); err != nil {
			return false, err
		}
	}
	return true, nil
}

// OverPoints finds sessions that are over: those that are so since before (Unix
// ms) and still have entries, of which nothing can come any more, and those
// beyond the newest keep of their conversation, which are forgotten. It only reads.
func (s *Store) OverPoints(ctx context.Context, before int64, keep int) (list []*TrimPoint, err error) {
	each := func(forget bool) func(func(...any) error) error {
		return func(scan func(...any) error) error {
			p := &TrimPoint{Old: MaxSeq, Over: true, forget: forget}
			list = append(list, p)
			return scan(&p.sid, &p.cid, &p.Conversation, &p.Session)
		}
	}
	if err := s.query(ctx, each(false), `SELECT s.sid, c.cid, c.id, s.id FROM sessions s JOIN conversations c ON c.cid=s.cid
		WHERE NOT s.open AND s.updated_ms<? AND EXISTS (SELECT 1 FROM envelopes e WHERE e.sid=s.sid)`, before); err != nil {
		return nil, err
	}
	err = s.query(ctx, each(true), `SELECT s.sid, c.cid, c.id, s.id FROM
		(SELECT sid, cid, id, row_number() OVER (PARTITION BY cid ORDER BY sid DESC) AS n FROM sessions WHERE NOT open) s
		JOIN conversations c ON c.cid=s.cid WHERE s.n>? ORDER BY s.sid`, keep)
	return list, err
}

// forgetSession deletes a session with everything that belongs to it.
func (tx *Tx) forgetSession(sid, cid int64, id string) error {
	if err := tx.run("DELETE FROM envelopes WHERE sid=?", sid); err != nil {
		return err
	}
	for _, table := range []string{"states", "editors", "summaries", "compacts"} {
		if err := tx.run("DELETE FROM "+table+" WHERE cid=? AND session=?", cid, id); err != nil {
			return err
		}
	}
	if err := tx.run("DELETE FROM sessions WHERE sid=?", sid); err != nil {
		return err
	}
	delete(tx.s.ids.sessions, sessionName{cid, id})
	return nil
}
