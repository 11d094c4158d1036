package server

import (
	"context"
	"fmt"

	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// AddUsers writes accounts with a device each straight into the directory, all
// contacts of one who is there; it returns the devices' secrets.
func (s *Server) AddUsers(ctx context.Context, contactOf string, names ...string) ([][]byte, error) {
	var seeds [][]byte
	for _, name := range names {
		kp, err := nkeys.CreateUser()
		if err != nil {
			return nil, err
		}
		seed, err := kp.Seed()
		if err != nil {
			return nil, err
		}
		key, err := kp.PublicKey()
		if err != nil {
			return nil, err
		}
		dev := s.dir.newDevice(name, key, "d")
		for k, v := range map[string]any{
			"user." + name:               &userRecord{Name: "Name of " + name},
			"dev." + name + "." + dev.ID: dev,
			pairKey(contactOf, name):     &pairRecord{Friends: true},
		} {
			if err := s.dir.put(ctx, k, v); err != nil {
				return nil, err
			}
		}
		seeds = append(seeds, seed)
	}
	return seeds, nil
}

// FillGroup writes members straight into the directory, in the group from now on.
func (s *Server) FillGroup(ctx context.Context, id string, names ...string) error {
	for _, name := range names {
		m := memberRecord{State: 1, Role: 1, By: "alice", SinceMS: s.nowMS(), Revision: 1, Spans: spans{{From: 1}}}
		if err := s.dir.put(ctx, memberKey(id, name), &m); err != nil {
			return err
		}
	}
	return nil
}

// AtStep calls f between the writes of a group's change: "decided", "entry", "member".
func (s *Server) AtStep(f func(step string) error) { s.rooms.step = f }

// Spans tells what a member may see, as pairs of sequences.
func (s *Server) Spans(conversation, user string) (all [][2]uint64) {
	id, _ := wire.Room(conversation)
	for _, r := range s.dir.member(id, user).Spans {
		all = append(all, [2]uint64{r.From, r.To})
	}
	return all
}

// Unsettled counts the groups with a change that is not carried out.
func (s *Server) Unsettled() int { return len(s.dir.unsettled()) }

// ReturnsWhileForgotten gives somebody more groups that were left than are
// remembered, and lets them come back into the oldest while it is being forgotten;
// it reports whether they are still in it, and how many are remembered.
func (s *Server) ReturnsWhileForgotten(ctx context.Context, user string) (in bool, remembered int, err error) {
	oldest := fmt.Sprintf("group%015d", 0)
	for i := range keepLeft + 2 {
		id := fmt.Sprintf("group%015d", i)
		if err := s.dir.put(ctx, roomKey(id), &roomRecord{Name: "g", By: user, Revision: 1}); err != nil {
			return false, 0, err
		}
		m := memberRecord{State: contractv1.Group_OUT, SinceMS: int64(i), Revision: 1, Spans: spans{{From: 1, To: 2}}}
		if err := s.dir.put(ctx, memberKey(id, user), &m); err != nil {
			return false, 0, err
		}
	}
	s.rooms.step = func(step string) error {
		if step != "forget" {
			return nil
		}
		return s.dir.put(ctx, memberKey(oldest, user), &memberRecord{State: contractv1.Group_IN, Role: contractv1.Group_MEMBER, Revision: 2, Spans: spans{{From: 1}}})
	}
	s.dir.expireGroups(ctx)
	s.rooms.step = nil
	return s.dir.isIn(oldest, user), len(s.dir.groupsOf(user)), nil
}

// WaitingValues is how many bytes of a group's values wait in memory.
func (s *Server) WaitingValues(id string) int {
	s.rooms.mu.Lock()
	defer s.rooms.mu.Unlock()
	if f := s.rooms.states[id]; f != nil {
		return f.size
	}
	return 0
}
