package store

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// GroupLog is the session under which a group's membership entries are kept. No
// plugin and no offer can have this name.
const GroupLog = "@group"

// Groups reads the groups as they were last known.
func (s *Store) Groups(ctx context.Context) (list []*contractv1.Group, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		g := &contractv1.Group{}
		list = append(list, g)
		return proto.Unmarshal(data, g)
	}, "SELECT data FROM groups ORDER BY id")
	return list, err
}

// SaveGroups keeps groups, each with all its members, and forgets those that are
// named in gone, in one transaction.
func (s *Store) SaveGroups(ctx context.Context, keep []*contractv1.Group, gone []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Update(func(tx *Tx) error {
		for _, id := range gone {
			if err := tx.run("DELETE FROM groups WHERE id=?", id); err != nil {
				return err
			}
		}
		for _, g := range keep {
			data, err := proto.Marshal(g)
			if err != nil {
				return fmt.Errorf("keep group %q: %w", g.GetId(), err)
			}
			if err := tx.run("INSERT INTO groups (id, data) VALUES (?,?) ON CONFLICT (id) DO UPDATE SET data=excluded.data", g.GetId(), data); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddMembership stores a membership entry of a group once: added is false for
// a repeat. Old ones go like the old entries of a session.
func (tx *Tx) AddMembership(e *contractv1.Envelope) (added bool, err error) {
	if err := tx.AddSession(&SessionRow{Conversation: e.GetConversation(), ID: GroupLog, Plugin: GroupLog, Open: true}); err != nil {
		return false, err
	}
	kept := &contractv1.Envelope{Id: e.GetId(), Conversation: e.GetConversation(), Session: GroupLog, Kind: e.GetKind(),
		From: e.GetFrom(), Device: e.GetDevice(), Seq: e.GetSeq(), TimeMs: e.GetTimeMs(), Body: e.GetBody()}
	if added, err = tx.AddEnvelope(kept); err != nil || !added {
		return false, err
	}
	return true, tx.SetAcked(e.GetConversation(), GroupLog, e.GetSeq())
}

// Timeline reads up to limit entries with seq > after in order: the updates of a
// session, and among them the membership entries of its group. More tells
// whether there are others. Of an entry only kind, id, seq, from, device, time,
// protocol and body are set.
func (s *Store) Timeline(ctx context.Context, conversation, session string, after int64, limit int) (list []*contractv1.Envelope, more bool, err error) {
	if limit <= 0 || limit > Page {
		limit = Page
	}
	size := 0
	err = s.query(ctx, func(scan func(...any) error) error {
		e := &contractv1.Envelope{}
		var kind int32
		if err := scan(&kind, &e.Id, &e.Seq, &e.From, &e.Device, &e.TimeMs, &e.Protocol, &e.Body); err != nil {
			return err
		}
		if more || len(list) == limit || size > 0 && size+len(e.Body) > MaxPageBytes {
			more = true
			return nil
		}
		e.Kind = contractv1.Envelope_Kind(kind)
		size += len(e.Body)
		list = append(list, e)
		return nil
	}, `SELECT e.kind, e.id, e.seq, a.address, a.device, e.time_ms, e.protocol, e.body
		FROM envelopes e JOIN authors a ON a.aid=e.aid WHERE e.rid IN (
			SELECT rid FROM (SELECT rid FROM envelopes WHERE sid=(SELECT s.sid FROM sessions s JOIN conversations c ON c.cid=s.cid WHERE c.id=?1 AND s.id=?2)
				AND seq>?4 AND kind=1 ORDER BY seq LIMIT ?5)
			UNION ALL
			SELECT rid FROM (SELECT rid FROM envelopes WHERE sid=(SELECT s.sid FROM sessions s JOIN conversations c ON c.cid=s.cid WHERE c.id=?1 AND s.id=?3)
				AND seq>?4 AND kind=9 ORDER BY seq LIMIT ?5))
		ORDER BY e.rid LIMIT ?5`, conversation, session, GroupLog, after, limit+1)
	return list, more, err
}
