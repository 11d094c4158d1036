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
	u.Seq = int64(len(r.log)) + 1
	u.TimeMs = r.now.UnixMilli()
	r.log = append(r.log, u)
	r.posted[key] = u
	for _, d := range r.devices {
		d.feed()
	}
	return u
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
