package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// directGet is the store's question; see the server's JSApiMsgGetRequest.
type directGet struct {
	Seq       uint64   `json:"seq,omitempty"`
	LastFor   string   `json:"last_by_subj,omitempty"`
	NextFor   string   `json:"next_by_subj,omitempty"`
	Batch     int      `json:"batch,omitempty"`
	MaxBytes  int      `json:"max_bytes,omitempty"`
	MultiLast []string `json:"multi_last,omitempty"`
	UpToSeq   uint64   `json:"up_to_seq,omitempty"`
	// reached is told how far the copy that answered was; 0 if it did not say.
	reached *uint64
}

var errTooMany = errors.New("too many results")

// direct asks the store and collects its answers; more says that it had to stop.
func (s *Server) direct(ctx context.Context, stream string, q directGet) (msgs []*nats.Msg, more bool, err error) {
	data, err := json.Marshal(q)
	if err != nil {
		return nil, false, fmt.Errorf("read the store: %w", err)
	}
	inbox := s.core.NewInbox()
	sub, err := s.core.SubscribeSync(inbox)
	if err != nil {
		return nil, false, fmt.Errorf("read the store: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := s.core.PublishRequest("$JS.API.DIRECT.GET."+stream, inbox, data); err != nil {
		return nil, false, fmt.Errorf("read the store: %w", err)
	}
	single := q.Batch == 0 && len(q.MultiLast) == 0
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, false, fmt.Errorf("read the store: %w", err)
		}
		switch status := m.Header.Get("Status"); status {
		case "":
			msgs = append(msgs, m)
			if single {
				return msgs, false, nil
			}
		case "204": // the end
			pending, _ := strconv.ParseUint(m.Header.Get("Nats-Num-Pending"), 10, 64)
			if q.reached != nil {
				*q.reached, _ = strconv.ParseUint(m.Header.Get("Nats-UpTo-Sequence"), 10, 64)
			}
			return msgs, pending > 0, nil
		case "404":
			return msgs, false, nil
		case "413":
			return nil, false, errTooMany
		default:
			return nil, false, fmt.Errorf("read the store: %s %s", status, m.Header.Get("Description"))
		}
	}
}

// last is the newest entry of every subject that fits, with sequences from
// min to upTo (0 for any). The store refuses more than 1,024 at once; then the
// subjects are listed and asked for in pages.
func (s *Server) last(ctx context.Context, stream string, filters []string, minSeq, upTo uint64) ([]*nats.Msg, error) {
	all, _, err := s.lastReached(ctx, stream, filters, minSeq, upTo)
	return all, err
}

// lastReached is last, and how far the least of the copies that answered was. In
// a cluster a copy may be a moment behind; 0 means that one did not say.
func (s *Server) lastReached(ctx context.Context, stream string, filters []string, minSeq, upTo uint64) ([]*nats.Msg, uint64, error) {
	all, reached, err := s.lastPage(ctx, stream, filters, minSeq, upTo)
	if !errors.Is(err, errTooMany) {
		return all, reached, err
	}
	subjects, err := s.subjects(ctx, stream, filters)
	if err != nil {
		return nil, 0, err
	}
	reached = ^uint64(0)
	for page := range slices.Chunk(subjects, 500) {
		msgs, r, err := s.lastPage(ctx, stream, page, minSeq, upTo)
		if err != nil {
			return nil, 0, err
		}
		all, reached = append(all, msgs...), min(reached, r)
	}
	return all, reached, nil
}

func (s *Server) lastPage(ctx context.Context, stream string, filters []string, minSeq, upTo uint64) ([]*nats.Msg, uint64, error) {
	var all []*nats.Msg
	least := ^uint64(0)
	for {
		var reached uint64
		msgs, more, err := s.direct(ctx, stream, directGet{MultiLast: filters, Seq: minSeq, UpToSeq: upTo, MaxBytes: 4 << 20, reached: &reached})
		if err != nil {
			return nil, 0, err
		}
		all, least = append(all, msgs...), min(least, reached)
		if !more || len(msgs) == 0 {
			return all, least, nil
		}
		minSeq = sequence(msgs[len(msgs)-1]) + 1
	}
}

// subjects lists what a stream holds, sorted.
func (s *Server) subjects(ctx context.Context, stream string, filters []string) ([]string, error) {
	st, err := s.js.Stream(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("read the store: %w", err)
	}
	var all []string
	for _, f := range filters {
		info, err := st.Info(ctx, jetstream.WithSubjectFilter(f))
		if err != nil {
			return nil, fmt.Errorf("read the store: %w", err)
		}
		for subject := range info.State.Subjects {
			all = append(all, subject)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func sequence(m *nats.Msg) uint64 {
	n, _ := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	return n
}
