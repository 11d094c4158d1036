package sdktest

import (
	"slices"

	"github.com/google/uuid"

	contractv1 "switchboard/shared/contract/v1"
)

// The functions of this file are the network in small. They are called with
// the room's lock held.

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// append gives an update its place, tells every device, and returns it; a
// repeated id gives the first place again.
func (r *Room) append(u *contractv1.Update) *contractv1.Update {
	key := u.GetFrom() + "/" + u.GetDevice() + "/" + u.GetId()
	if old := r.posted[key]; old != nil {
		return old
	}
	u.Seq = int64(len(r.order)) + 1
	u.TimeMs = r.now.UnixMilli()
	r.log = append(r.log, u)
	r.posted[key] = u
	r.ordered(&contractv1.Event{Event: &contractv1.Event_Update{Update: u}})
	return u
}

// entry is one place of the order and, in a group, who may know it.
type entry struct {
	event *contractv1.Event
	to    map[string]bool // addresses; nil is everybody
}

// ordered appends an entry for those who are there now.
func (r *Room) ordered(e *contractv1.Event) {
	one := entry{event: e}
	if r.o.Group != "" {
		one.to = map[string]bool{}
		for who, state := range r.members {
			one.to[who] = state == contractv1.Member_JOINED
		}
	}
	r.order = append(r.order, one)
	for _, d := range r.devices {
		d.feed()
	}
}

// membership changes the group: its entry in the order, then what everybody is
// told. Who goes gets the entry that says so as the last one.
func (r *Room) membership(op contractv1.Membership_Op, by, person string) {
	who := person + "@room"
	m := &contractv1.Membership{Id: newID(), Seq: int64(len(r.order)) + 1, TimeMs: r.now.UnixMilli(), Op: op,
		By: &contractv1.Person{Address: by + "@room", Name: by}, Whom: &contractv1.Person{Address: who, Name: person}}
	if op == contractv1.Membership_RENAMED {
		m.Whom, m.Name = nil, r.group
	}
	if op == contractv1.Membership_JOINED {
		r.members[who] = contractv1.Member_JOINED
		for i := range r.order {
			r.order[i].to[who] = r.order[i].to[who] || r.o.Earlier
		}
	}
	r.ordered(&contractv1.Event{Event: &contractv1.Event_Membership{Membership: m}})
	if op == contractv1.Membership_LEFT || op == contractv1.Membership_REMOVED {
		r.members[who] = contractv1.Member_LEFT
	}
	for _, d := range r.devices {
		if m.Whom != nil {
			d.event(&contractv1.Event{Event: &contractv1.Event_Member{Member: &contractv1.Member{
				Address: who, Name: person, State: r.members[who]}}})
		}
		if m.Whom == nil || d.person == person {
			d.event(&contractv1.Event{Event: &contractv1.Event_Conversation{Conversation: &contractv1.Conversation{
				Id: "room", Kind: contractv1.Conversation_GROUP, Title: r.group, ReadOnly: r.readOnly(d)}}})
		}
	}
	r.touch()
}

// readOnly says why a device cannot write, if so.
func (r *Room) readOnly(d *Device) string {
	if r.o.Group != "" && r.members[d.address()] != contractv1.Member_JOINED {
		return "You are no longer in this group."
	}
	return ""
}

// post stores what a device has queued.
func (r *Room) post(d *Device) {
	for d.online && len(d.outbox) > 0 {
		p := d.outbox[0]
		d.outbox = d.outbox[1:]
		if r.ended != nil {
			d.event(&contractv1.Event{Event: &contractv1.Event_Failed{Failed: &contractv1.Failed{
				Id: p.GetId(), Reason: "The session has ended.", Ended: true}}})
			continue
		}
		if why := r.readOnly(d); why != "" {
			d.event(&contractv1.Event{Event: &contractv1.Event_Failed{Failed: &contractv1.Failed{Id: p.GetId(), Reason: why}}})
			continue
		}
		u := r.append(&contractv1.Update{Id: p.GetId(), From: d.address(), Device: d.device(), Body: p.GetBody(), Protocol: uint32(r.o.Protocol)})
		d.event(&contractv1.Event{Event: &contractv1.Event_Sent{Sent: &contractv1.Sent{Id: u.GetId(), Seq: u.GetSeq(), TimeMs: u.GetTimeMs()}}})
	}
	r.touch()
}

// set stores a state value and tells the devices that may know it.
func (r *Room) set(d *Device, c *contractv1.StateCall) {
	v := &contractv1.StateValue{Author: d.address(), Key: c.GetKey(), Value: c.GetValue(), Scope: c.GetScope(), TimeMs: r.now.UnixMilli()}
	r.states[v.GetAuthor()+"/"+v.GetKey()] = v
	for _, other := range r.devices {
		if other != d && other.online && other.mayKnow(v) {
			other.event(&contractv1.Event{Event: &contractv1.Event_State{State: v}})
		}
	}
}

// signal passes a signal on to those who are there.
func (r *Room) signal(d *Device, m *contractv1.Signal) {
	if !d.online {
		return
	}
	for _, other := range r.devices {
		if other == d || !other.online || m.GetTarget() == "" && other.person == d.person ||
			m.GetTarget() != "" && m.GetTarget() != other.address() ||
			m.GetTargetDevice() != "" && m.GetTargetDevice() != other.device() {
			continue
		}
		other.event(&contractv1.Event{Event: &contractv1.Event_Signal{Signal: &contractv1.Signal{
			From: d.address(), Device: d.device(), Body: m.GetBody()}}})
	}
}

func (r *Room) leave(address string) {
	r.members[address] = contractv1.Member_LEFT
	for _, d := range r.devices {
		d.event(&contractv1.Event{Event: &contractv1.Event_Member{Member: &contractv1.Member{Address: address, State: contractv1.Member_LEFT}}})
	}
	r.touch()
}

func (r *Room) end(reason, by string) {
	if r.ended != nil {
		return
	}
	r.ended = &contractv1.Ended{Reason: reason, By: by}
	for _, d := range r.devices {
		d.event(&contractv1.Event{Event: &contractv1.Event_Ended{Ended: r.ended}})
		d.closeSession(contractv1.SessionClose_ENDED)
	}
	r.touch()
}

// between are the updates after one position and before another.
func (r *Room) between(c *contractv1.FetchCall) *contractv1.FetchReply {
	limit := int(c.GetLimit())
	if limit <= 0 || limit > 200 {
		limit = 200
	}
	var found []*contractv1.Update
	for _, u := range r.log {
		if u.GetSeq() > c.GetAfterSeq() && (c.GetBeforeSeq() == 0 || u.GetSeq() < c.GetBeforeSeq()) {
			found = append(found, u)
		}
	}
	more := len(found) > limit
	if more && c.GetBeforeSeq() != 0 && c.GetAfterSeq() == 0 {
		found = slices.Clone(found[len(found)-limit:]) // backwards: the newest of them
	} else if more {
		found = found[:limit]
	}
	return &contractv1.FetchReply{Updates: found, More: more}
}
