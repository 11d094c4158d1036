package server

import (
	"context"
	"fmt"
	"sort"
	"time"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

const (
	// keepEnded is how long those who were in a group that ended can read it here;
	// the network's retention may be shorter.
	keepEnded = 30 * 24 * time.Hour
	// keepLeft is how many groups that somebody left are remembered for them.
	keepLeft = 500
)

// expireGroups forgets groups that ended long ago, and of those that somebody
// left all but the newest.
func (d *directory) expireGroups(ctx context.Context) {
	before := d.s.nowMS() - min(keepEnded, max(d.s.retention, 48*time.Hour)).Milliseconds()
	var keys []string
	revisions := map[string]uint64{}
	d.mu.RLock()
	for id, r := range d.rooms {
		if r.rec != nil && r.rec.EndedMS != 0 && r.rec.EndedMS < before && r.rec.Pending == nil {
			for user := range r.members {
				keys = append(keys, memberKey(id, user))
			}
			keys = append(keys, roomKey(id)) // last: a crash before it leaves the rest for the next time
		}
	}
	for user, groups := range d.groups {
		keys = append(keys, d.leftTooMany(user, groups)...)
	}
	for _, k := range keys {
		revisions[k] = d.revisions[k]
	}
	d.mu.RUnlock()
	if err := d.s.rooms.at("forget"); err != nil {
		return
	}
	d.write.Lock()
	defer d.write.Unlock()
	for _, k := range keys {
		// Somebody may have come back meanwhile: what has changed stays.
		if err := d.dropAt(ctx, k, revisions[k]); err != nil {
			d.s.o.Log.Warn("forget groups that ended", "error", err)
			return
		}
	}
}

// leftTooMany lists the oldest memberships that ended; the caller holds the lock.
func (d *directory) leftTooMany(user string, groups map[string]bool) []string {
	if len(groups) <= keepLeft {
		return nil
	}
	type left struct {
		key   string
		since int64
	}
	var all []left
	for id := range groups {
		if m := d.rooms[id].members[user]; m != nil && m.State == contractv1.Group_OUT {
			all = append(all, left{memberKey(id, user), m.SinceMS})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].since > all[j].since })
	var keys []string
	for _, l := range all[min(keepLeft, len(all)):] {
		keys = append(keys, l.key)
	}
	return keys
}

// leaveGroups takes an account that was removed out of its groups, as if it
// left them.
func (s *Server) leaveGroups(ctx context.Context, user string) error {
	for _, id := range s.dir.groupsOf(user) {
		if rec, _ := s.dir.group(id); rec.EndedMS != 0 || s.dir.member(id, user).State == contractv1.Group_OUT {
			continue
		}
		done := make(chan error, 1)
		if !s.shards.do(wire.RoomConversation(id), func() {
			_, err := s.changeGroup(ctx, user, &contractv1.GroupChange{Op: contractv1.GroupChange_LEAVE, Group: id})
			done <- err
		}) {
			return errBusy
		}
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("leave the group %s: %w", id, err)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// leaveRemoved makes good what a crash left of it.
func (s *Server) leaveRemoved(ctx context.Context) {
	var gone []string
	s.dir.mu.RLock()
	for user := range s.dir.groups {
		if u := s.dir.users[user]; u != nil && u.RemovedMS != 0 {
			gone = append(gone, user)
		}
	}
	s.dir.mu.RUnlock()
	for _, user := range gone {
		if err := s.leaveGroups(ctx, user); err != nil {
			s.o.Log.Warn("take a removed account out of its groups", "user", user, "error", err)
		}
	}
}
