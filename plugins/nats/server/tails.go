package server

import (
	"context"
	"sync"

	"switchboard/plugins/nats/wire"
)

// tails remembers the newest sequence of conversations, so that every entry
// can name the one before it: a reader then knows when something between is
// no longer kept.
type tails struct {
	mu   sync.Mutex
	last map[string]uint64
}

const maxTails = 100000

func (t *tails) before(ctx context.Context, s *Server, conv string) (uint64, error) {
	t.mu.Lock()
	seq, ok := t.last[conv]
	t.mu.Unlock()
	if ok {
		return seq, nil
	}
	msgs, _, err := s.direct(ctx, streamConv, directGet{LastFor: wire.ConvSubject(conv)})
	if err != nil {
		return 0, err
	}
	if len(msgs) > 0 {
		seq = sequence(msgs[0])
	}
	t.set(conv, seq)
	return seq, nil
}

// known reports whether the newest sequence is remembered.
func (t *tails) known(conv string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.last[conv]
	return ok
}

func (t *tails) set(conv string, seq uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil || len(t.last) >= maxTails {
		t.last = make(map[string]uint64)
	}
	t.last[conv] = seq
}

func (t *tails) forget(conv string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.last, conv)
}
