package store

import (
	"context"
	"database/sql"

	contractv1 "switchboard/shared/contract/v1"
)

// MaxSeq is the greatest seq that fits a row number.
const MaxSeq = 1<<seqBits - 1

// AddEnvelope stores an entry of a session that has a row. Of several entries
// with one (user, device, id) the first seq is kept: added is false for a
// repeat, and a repeat with a later seq gives way to an earlier one.
func (tx *Tx) AddEnvelope(e *contractv1.Envelope) (added bool, err error) {
	cid, err := tx.conversation(e.GetConversation())
	if err != nil {
		return false, err
	}
	sid, found, err := tx.session(cid, e.GetSession())
	if err != nil || !found {
		return false, err
	}
	aid, err := tx.author(e.GetFrom(), e.GetDevice())
	if err != nil {
		return false, err
	}
	if n, err := tx.insertEnvelope(cid, sid, aid, e); err != nil || n > 0 {
		return n > 0, err
	}
	n, err := tx.exec("DELETE FROM envelopes WHERE sid=? AND aid=? AND id=? AND seq>?", sid, aid, e.GetId(), e.GetSeq())
	if err != nil || n == 0 {
		return false, err
	}
	n, err = tx.insertEnvelope(cid, sid, aid, e)
	return n > 0, err
}

func (tx *Tx) insertEnvelope(cid, sid, aid int64, e *contractv1.Envelope) (int64, error) {
	return tx.exec(`INSERT INTO envelopes (rid, sid, seq, kind, aid, id, time_ms, protocol, body)
		VALUES (?,?,?,?,?,?,?,?,?)
		ON CONFLICT (rid) DO UPDATE SET body=excluded.body WHERE body IS NULL AND id=excluded.id AND aid=excluded.aid
		ON CONFLICT DO NOTHING`,
		cid<<seqBits|e.GetSeq(), sid, e.GetSeq(), int(e.GetKind()), aid, e.GetId(),
		e.GetTimeMs(), int(e.GetProtocol()), append([]byte{}, e.GetBody()...))
}

// SetCursor moves a conversation's position; it never moves back.
func (tx *Tx) SetCursor(conversation string, seq int64) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	return tx.run("UPDATE conversations SET cursor=max(cursor,?) WHERE cid=?", seq, cid)
}

// SetTrimmed remembers that the network no longer had the beginning of a
// conversation when it was first read here.
func (tx *Tx) SetTrimmed(conversation string) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	return tx.run("UPDATE conversations SET trimmed=1 WHERE cid=?", cid)
}

// SetSkipped remembers that entries up to seq were not kept, because nothing
// here could use them; a session that begins later asks the network for them.
func (tx *Tx) SetSkipped(conversation string, seq int64) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	return tx.run("UPDATE conversations SET skipped=max(skipped,?) WHERE cid=?", seq, cid)
}

// Page is how many updates of a session are read at a time, at most MaxPageBytes.
const (
	Page         = 256
	MaxPageBytes = 768 << 10
)

// Updates reads up to limit updates of a session with after < seq < before (0:
// no end), in order. More tells whether there are others in the range.
func (s *Store) Updates(ctx context.Context, conversation, session string, after, before int64, limit int) (list []*contractv1.Update, more bool, err error) {
	if before <= 0 {
		before = MaxSeq
	}
	if limit <= 0 || limit > Page {
		limit = Page
	}
	size := 0
	err = s.query(ctx, func(scan func(...any) error) error {
		u := &contractv1.Update{}
		var body []byte
		if err := scan(&u.Id, &u.Seq, &u.From, &u.Device, &u.TimeMs, &u.Protocol, &body); err != nil {
			return err
		}
		if more || len(list) == limit || size > 0 && size+len(body) > MaxPageBytes {
			more = true
			return nil
		}
		size += len(body)
		u.Body = body
		list = append(list, u)
		return nil
	}, `SELECT e.id, e.seq, a.address, a.device, e.time_ms, e.protocol, e.body
		FROM envelopes e JOIN authors a ON a.aid=e.aid
		WHERE e.sid=(SELECT sid FROM sessions WHERE id=? AND cid=(SELECT cid FROM conversations WHERE id=?))
		AND e.seq>? AND e.seq<? AND e.kind=1 ORDER BY e.seq LIMIT ?`,
		session, conversation, after, before, limit+1)
	return list, more, err
}

// LastUpdate is the seq of the newest stored update of a session, 0 without one.
func (s *Store) LastUpdate(ctx context.Context, conversation, session string) (seq int64, err error) {
	var n sql.NullInt64
	err = s.rdb.QueryRowContext(ctx, `SELECT max(seq) FROM envelopes
		WHERE sid=(SELECT sid FROM sessions WHERE id=? AND cid=(SELECT cid FROM conversations WHERE id=?)) AND kind=1`,
		session, conversation).Scan(&n)
	return n.Int64, mapError(err)
}

// CountEnvelopes counts the stored entries of a session.
func (s *Store) CountEnvelopes(ctx context.Context, conversation, session string) (n int, err error) {
	err = s.rdb.QueryRowContext(ctx, `SELECT count(*) FROM envelopes
		WHERE sid=(SELECT sid FROM sessions WHERE id=? AND cid=(SELECT cid FROM conversations WHERE id=?))`,
		session, conversation).Scan(&n)
	return n, mapError(err)
}

// HasUpdate tells whether an own update with this id is stored.
func (tx *Tx) HasUpdate(conversation, session, address, device, id string) (bool, error) {
	var one int
	return tx.row(`SELECT 1 FROM envelopes WHERE id=? AND
		sid=(SELECT sid FROM sessions WHERE id=? AND cid=(SELECT cid FROM conversations WHERE id=?)) AND
		aid=(SELECT aid FROM authors WHERE address=? AND device=?)`,
		[]any{id, session, conversation, address, device}, &one)
}
