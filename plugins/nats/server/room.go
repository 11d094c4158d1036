package server

import (
	"sort"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// What the directory stores of groups, as JSON in the bucket DIR. Keys:
//
//	room.<R>   mem.<R>.<user>
//
// A change is written first into the group's record (Pending), then as entries
// of the group's order, then into the members' records, and last the group's
// record loses Pending. A crash between any two of these is made good before
// the next write to the group and at the next start: see settle.

// roomRecord is a group. The group itself knows nobody: members have records of
// their own.
type roomRecord struct {
	Name      string         `json:"name"`
	Picture   string         `json:"picture,omitempty"`
	Earlier   bool           `json:"earlier,omitempty"`
	Open      bool           `json:"open,omitempty"`
	By        string         `json:"by"`
	CreatedMS int64          `json:"created_ms"`
	Revision  int64          `json:"revision"`
	EndedMS   int64          `json:"ended_ms,omitempty"`
	Recent    []string       `json:"recent,omitempty"` // changes done lately, for repeats
	Pending   *pendingChange `json:"pending,omitempty"`
}

// memberRecord is somebody's place in a group.
type memberRecord struct {
	State   contractv1.Group_State `json:"state"`
	Role    contractv1.Group_Role  `json:"role,omitempty"`
	By      string                 `json:"by,omitempty"` // who invited
	SinceMS int64                  `json:"since_ms"`
	// Name is the group's name when this person went.
	Name string `json:"name,omitempty"`
	// Revision is that of the change that made this record.
	Revision int64 `json:"revision"`
	Spans    spans `json:"spans,omitempty"`
}

// pendingChange is a change that is decided and being carried out.
type pendingChange struct {
	By      string         `json:"by"`
	Entries []pendingEntry `json:"entries,omitempty"`
	Members []memberChange `json:"members,omitempty"`
	Next    roomRecord     `json:"next"`
}

type pendingEntry struct {
	ID   string `json:"id"`
	Body []byte `json:"body"` // contract MembershipBody
}

// memberChange is one person's part of a change. Spans of Record are those
// before it; the last entry opens or closes them.
type memberChange struct {
	User    string       `json:"user"`
	Record  memberRecord `json:"record"`
	Opens   bool         `json:"opens,omitempty"`
	Closes  bool         `json:"closes,omitempty"`
	Earlier bool         `json:"earlier,omitempty"`
	Gone    bool         `json:"gone,omitempty"` // nothing is left of it
}

// room is a group in memory. Records are replaced, never changed; seats is made
// when it is wanted.
type room struct {
	rec     *roomRecord
	members map[string]*memberRecord
	seats   []seat
}

// seat is a member that hears the group: where the open run begins and what
// was visible before it.
type seat struct {
	user  string
	spans spans
}

func (r *room) count(states ...contractv1.Group_State) int {
	n := 0
	for _, m := range r.members {
		for _, s := range states {
			if m.State == s {
				n++
			}
		}
	}
	return n
}

// roomOf finds or makes a group's place in memory; the caller holds the lock.
func (d *directory) roomOf(id string) *room {
	r := d.rooms[id]
	if r == nil {
		r = &room{members: map[string]*memberRecord{}}
		d.rooms[id] = r
	}
	return r
}

// learnRoom takes in a record of a group; the caller holds the lock.
func (d *directory) learnRoom(id string, data []byte) error {
	v, err := parse[roomRecord](data)
	if err == nil {
		d.roomOf(id).rec = v
	}
	return err
}

func (d *directory) learnMember(id, user string, data []byte) error {
	v, err := parse[memberRecord](data)
	if err != nil {
		return err
	}
	r := d.roomOf(id)
	r.members[user], r.seats = v, nil
	if d.groups[user] == nil {
		d.groups[user] = map[string]bool{}
	}
	d.groups[user][id] = true
	return nil
}

func (d *directory) forgetRoom(id string) {
	if r := d.rooms[id]; r != nil && len(r.members) > 0 {
		r.rec = nil
		return
	}
	delete(d.rooms, id)
}

func (d *directory) forgetMember(id, user string) {
	if r := d.rooms[id]; r != nil {
		delete(r.members, user)
		r.seats = nil
	}
	delete(d.groups[user], id)
}

// group is a group's record, if there is such a group.
func (d *directory) group(id string) (roomRecord, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if r := d.rooms[id]; r != nil && r.rec != nil {
		return *r.rec, true
	}
	return roomRecord{}, false
}

// member is somebody's record in a group; the zero record for strangers.
func (d *directory) member(id, user string) memberRecord {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if r := d.rooms[id]; r != nil && r.members[user] != nil {
		return *r.members[user]
	}
	return memberRecord{}
}

// isIn reports whether somebody is a member now.
func (d *directory) isIn(id, user string) bool {
	return d.member(id, user).State == contractv1.Group_IN
}

// seats lists who hears a group now, in order of name. The list is not changed
// afterwards.
func (d *directory) seats(id string) []seat {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.rooms[id]
	if r == nil {
		return nil
	}
	if r.seats == nil {
		for user, m := range r.members {
			if m.State == contractv1.Group_IN {
				r.seats = append(r.seats, seat{user, m.Spans})
			}
		}
		sort.Slice(r.seats, func(i, j int) bool { return r.seats[i].user < r.seats[j].user })
	}
	return r.seats
}

// groupsOf lists the groups that a user has a record in, in order.
func (d *directory) groupsOf(user string) []string {
	d.mu.RLock()
	all := make([]string, 0, len(d.groups[user]))
	for id := range d.groups[user] {
		all = append(all, id)
	}
	d.mu.RUnlock()
	sort.Strings(all)
	return all
}

// live counts the groups that a user is in, invited to or waits for, without
// one, and those that the user made since a time.
func (d *directory) live(user, without string, since int64) (live, made int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for id := range d.groups[user] {
		r := d.rooms[id]
		if r == nil || r.rec == nil || id == without {
			continue
		}
		if r.rec.By == user && r.rec.CreatedMS >= since {
			made++
		}
		if m := r.members[user]; m != nil && m.State != contractv1.Group_OUT && r.rec.EndedMS == 0 {
			live++
		}
	}
	return live, made
}

// unsettled lists the groups whose last change is not carried out.
func (d *directory) unsettled() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []string
	for id, r := range d.rooms {
		if r.rec != nil && r.rec.Pending != nil {
			all = append(all, id)
		}
	}
	return all
}

func roomKey(id string) string         { return "room." + id }
func memberKey(id, user string) string { return "mem." + id + "." + user }

// mayHear says why a user may see nothing of a group.
func (d *directory) mayHear(id, user string) (spans, error) {
	m := d.member(id, user)
	if len(m.Spans) == 0 {
		return nil, wire.ErrNoMember
	}
	return m.Spans, nil
}
