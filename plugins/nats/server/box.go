package server

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

const headsPage = 4000

// onBox takes box.U.D: what a device missed.
func (s *Server) onBox(msg *nats.Msg) {
	t, ok := wire.Tokens(msg.Subject, 3)
	if !ok {
		return
	}
	c, ok := s.caller(t, msg)
	if !ok || c.request == "" {
		return
	}
	data := append([]byte(nil), msg.Data...)
	if !s.reads.do(c.user, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*storeTimeout)
		defer cancel()
		s.box(ctx, c, data)
	}) {
		s.answer(c, nil, errBusy)
	}
}

func (s *Server) box(ctx context.Context, c caller, data []byte) {
	var q wire.BoxRequest
	if err := wire.Decode(data, &q); err != nil {
		s.answer(c, nil, err)
		return
	}
	switch q.Op {
	case wire.BoxHeads:
		h, err := s.heads(ctx, c.user, q)
		var body []byte
		if err == nil {
			body, err = json.Marshal(h)
		}
		s.answer(c, body, err)
	case wire.BoxPage:
		page, more, err := s.page(ctx, c.user, q)
		var body []byte
		if err == nil {
			body, err = proto.Marshal(page)
		}
		if more {
			s.answer(c, body, err, wire.HeaderMore, "1")
		} else {
			s.answer(c, body, err)
		}
	case wire.BoxState:
		change, next, err := s.stateSnapshot(ctx, c.user, q.After)
		var body []byte
		if err == nil {
			body, err = proto.Marshal(change)
		}
		if next != "" {
			s.answer(c, body, err, wire.HeaderNext, next)
		} else {
			s.answer(c, body, err)
		}
	default:
		s.answer(c, nil, wire.Errorf(contractv1.Error_INVALID, "The server does not know this request."))
	}
}

// heads tells how far the conversations of a user reach.
func (s *Server) heads(ctx context.Context, user string, q wire.BoxRequest) (*wire.Heads, error) {
	upTo := q.UpTo
	if upTo == 0 {
		st, err := s.js.Stream(ctx, streamConv)
		if err != nil {
			return nil, fmt.Errorf("read the store: %w", err)
		}
		upTo = st.CachedInfo().State.LastSeq
	}
	out := &wire.Heads{Heads: map[string]uint64{}, UpTo: upTo}
	open, fresh, all := s.roomHeads(user, q.Since)
	if upTo == 0 || q.Since >= upTo && len(fresh) == 0 {
		return out, nil
	}
	filters := append([]string{wire.ConvSubject("dm." + user + ".*"), wire.ConvSubject("dm.*." + user)}, open...)
	ceiling := upTo
	if s.o.Cluster != nil {
		ceiling = 0 // the copy that answers says how far it is
	}
	var msgs []*nats.Msg
	if q.Since < upTo {
		var reached uint64
		var err error
		if msgs, reached, err = s.lastReached(ctx, streamConv, filters, q.Since+1, ceiling); err != nil {
			return nil, err
		}
		if s.o.Cluster != nil {
			// Nothing is promised that the copy which answered did not have.
			out.UpTo = max(q.Since, min(upTo, reached))
		}
	}
	if len(fresh) > 0 {
		lately, err := s.last(ctx, streamConv, fresh, 0, 0)
		if err != nil {
			return nil, err
		}
		msgs = append(msgs, lately...)
	}
	for _, m := range msgs {
		conv := strings.TrimPrefix(m.Header.Get(jetstream.SubjectHeader), "conv.")
		all[conv] = max(all[conv], sequence(m))
	}
	names := make([]string, 0, len(all))
	for n := range all {
		if n > q.After {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	if len(names) > headsPage {
		names = names[:headsPage]
		out.Next = names[headsPage-1]
	}
	for _, n := range names {
		out.Heads[n] = all[n]
	}
	return out, nil
}

// page is a part of a conversation in order, after From and before Before.
func (s *Server) page(ctx context.Context, user string, q wire.BoxRequest) (*contractv1.Envelopes, bool, error) {
	if q.From < 0 || q.Before < 0 || q.Limit < 0 {
		return nil, false, wire.Errorf(contractv1.Error_INVALID, "The request is malformed.")
	}
	limit := q.Limit
	if limit == 0 || limit > wire.MaxPageEntries {
		limit = wire.MaxPageEntries
	}
	if room, ok := wire.Room(q.Conversation); ok {
		return s.roomPage(ctx, user, room, q, limit)
	}
	if _, err := wire.Peer(q.Conversation, user); err != nil {
		return nil, false, err
	}
	msgs, more, err := s.promised(ctx, q.Head, directGet{
		NextFor: wire.ConvSubject(q.Conversation), Seq: uint64(q.From) + 1, Batch: limit, MaxBytes: wire.MaxPageBytes,
	})
	if err != nil {
		return nil, false, err
	}
	out := &contractv1.Envelopes{Conversation: q.Conversation}
	for i, m := range msgs {
		e, prev, err := envelope(m)
		if err != nil {
			return nil, false, fmt.Errorf("conversation %s: %w", q.Conversation, err)
		}
		if q.Before > 0 && e.Seq >= q.Before {
			more = false
			break
		}
		if i == 0 {
			out.Trimmed = prev > q.From
		}
		out.Envelopes = append(out.Envelopes, e)
	}
	return out, more, nil
}

// promised reads entries; a copy of the store that ends before head is behind,
// and another one, or the same a moment later, is asked.
func (s *Server) promised(ctx context.Context, head int64, q directGet) (msgs []*nats.Msg, more bool, err error) {
	for {
		if msgs, more, err = s.direct(ctx, streamConv, q); err != nil || more || s.o.Cluster == nil || head <= 0 {
			return msgs, more, err
		}
		if n := len(msgs); n > 0 && sequence(msgs[n-1]) >= uint64(head) {
			return msgs, more, nil
		}
		// It may be gone for good.
		st, err := s.js.Stream(ctx, streamConv)
		if err != nil {
			return nil, false, fmt.Errorf("read the store: %w", err)
		}
		if state := st.CachedInfo().State; state.FirstSeq > uint64(head) || state.LastSeq < uint64(head) {
			return msgs, more, nil
		}
		select {
		case <-ctx.Done():
			return nil, false, wire.Errorf(contractv1.Error_UNAVAILABLE, "The servers are finding together; try again in a moment.")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// envelope reads a stored entry and gives it its place.
func envelope(m *nats.Msg) (*contractv1.Envelope, int64, error) {
	e := &contractv1.Envelope{}
	if err := proto.Unmarshal(m.Data, e); err != nil {
		return nil, 0, fmt.Errorf("a damaged entry at %d: %w", sequence(m), err)
	}
	e.Seq = int64(sequence(m))
	prev, _ := strconv.ParseInt(m.Header.Get(wire.HeaderPrevious), 10, 64)
	return e, prev, nil
}
