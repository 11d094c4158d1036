package server

import (
	"context"
	"hash/maphash"
	"sync"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of the share of state values that one author has, over all
// conversations. Replacing a value costs nothing.
const (
	maxStateValues = 20000
	maxShares      = 2048 // authors remembered at once; more are counted anew
)

// shares counts the state values of each author who has written since the
// start, so that nobody fills the store with keys of their own making.
type shares struct {
	limit int
	seed  maphash.Seed

	mu sync.Mutex
	of map[string]map[uint64]struct{} // author → hashes of subjects
}

func newShares(limit int) *shares {
	return &shares{limit: limit, seed: maphash.MakeSeed(), of: map[string]map[uint64]struct{}{}}
}

// take counts a subject as the author's, or refuses it. stored lists what the
// author has already; it is asked once per author.
func (s *shares) take(ctx context.Context, author, subject string, stored func(context.Context) ([]string, error)) error {
	s.mu.Lock()
	have, known := s.of[author]
	s.mu.Unlock()
	if !known {
		subjects, err := stored(ctx)
		if err != nil {
			return err
		}
		have = make(map[uint64]struct{}, len(subjects))
		for _, subject := range subjects {
			have[maphash.String(s.seed, subject)] = struct{}{}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now, known := s.of[author]; known {
		have = now // somebody else counted meanwhile
	} else {
		if len(s.of) >= maxShares {
			clear(s.of)
		}
		s.of[author] = have
	}
	h := maphash.String(s.seed, subject)
	if _, mine := have[h]; !mine && len(have) >= s.limit {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "You keep more than %d values at this network; nothing more is stored for you.", s.limit)
	}
	have[h] = struct{}{}
	return nil
}

// authored are the subjects of an author's own values.
func authored(user string) []string {
	return []string{"state.e.*.*." + user + ".>", "state.m." + user + ".>", "state.r.*." + user + ".>", "state.n." + user + ".>"}
}
