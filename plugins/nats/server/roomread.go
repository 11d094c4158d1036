package server

import (
	"context"
	"fmt"
	"time"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// lately is how long a change of membership makes a group's head be told
// whether or not it is new: an entry of long ago may have come into sight.
const lately = 10 * time.Minute

// roomHeads sorts a user's groups by what is to be asked of the store: those
// that are heard now, those whose membership changed lately, and, without
// asking, the ends of those that were left.
func (s *Server) roomHeads(user string, since uint64) (open, fresh []string, left map[string]uint64) {
	left = map[string]uint64{}
	d, recently := s.dir, s.nowMS()-lately.Milliseconds()
	d.mu.RLock()
	defer d.mu.RUnlock()
	for id := range d.groups[user] {
		m := d.rooms[id].members[user]
		if m == nil || len(m.Spans) == 0 {
			continue
		}
		conv, changed := wire.RoomConversation(id), m.SinceMS >= recently
		end := m.Spans[len(m.Spans)-1].To
		switch {
		case end == 0 && changed:
			fresh = append(fresh, wire.ConvSubject(conv))
		case end == 0:
			open = append(open, wire.ConvSubject(conv))
		case end > since || changed:
			left[conv] = end
		}
	}
	return open, fresh, left
}

// roomPage is a part of a group's order: of it, what the user may see.
func (s *Server) roomPage(ctx context.Context, user, id string, q wire.BoxRequest, limit int) (*contractv1.Envelopes, bool, error) {
	var all spans
	if err := s.dir.settled(ctx, func() (err error) {
		all, err = s.dir.mayHear(id, user)
		return err
	}); err != nil {
		return nil, false, err
	}
	out, size := &contractv1.Envelopes{Conversation: q.Conversation}, 0
	for _, run := range all {
		first := max(uint64(q.From)+1, run.From)
		if run.To != 0 && first > run.To || q.Before > 0 && first >= uint64(q.Before) {
			continue
		}
		if len(out.Envelopes) > 0 && (len(out.Envelopes) >= limit || size > wire.MaxPageBytes/2) {
			return out, true, nil
		}
		head := q.Head
		if run.To != 0 {
			head = min(head, int64(run.To))
		}
		msgs, more, err := s.promised(ctx, head, directGet{
			NextFor: wire.ConvSubject(q.Conversation), Seq: first, Batch: limit - len(out.Envelopes), MaxBytes: wire.MaxPageBytes - size,
		})
		if err != nil {
			return nil, false, err
		}
		for _, m := range msgs {
			seq := sequence(m)
			if run.To != 0 && seq > run.To || q.Before > 0 && seq >= uint64(q.Before) {
				more = false
				break
			}
			e, prev, err := envelope(m)
			if err != nil {
				return nil, false, fmt.Errorf("conversation %s: %w", q.Conversation, err)
			}
			if len(out.Envelopes) == 0 {
				out.Trimmed = all.before(uint64(prev)) > uint64(q.From)
			}
			out.Envelopes = append(out.Envelopes, e)
			size += len(m.Data)
		}
		if more {
			return out, len(out.Envelopes) > 0, nil
		}
	}
	return out, false, nil
}

// mayPostRoom says why a user may not write to a group. A change that a failure
// interrupted is carried out first. A replica that does not know the group's
// newest entry may not know a change either: it takes the entry first, and then
// learns all that was decided before it.
func (s *Server) mayPostRoom(ctx context.Context, id, user string) error {
	conv := wire.RoomConversation(id)
	if s.o.Cluster != nil && !s.tails.known(conv) {
		if _, err := s.tails.before(ctx, s, conv); err != nil {
			return wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot read its store at the moment.")
		}
		if err := s.dir.upToDate(ctx); err != nil {
			return wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot read the directory at the moment.")
		}
	}
	if err := s.settle(ctx, id); err != nil {
		return err
	}
	return s.dir.settled(ctx, func() error {
		if !s.dir.isIn(id, user) {
			return wire.ErrNoMember
		}
		return nil
	})
}

// weight is what an entry costs of its author's share: one, and as much again
// for every MiB that the members of a group are sent.
func (s *Server) weight(conv string, e *contractv1.Envelope) int {
	room, ok := wire.Room(conv)
	if !ok {
		return 1
	}
	return 1 + len(e.Body)*len(s.dir.seats(room))>>20
}
