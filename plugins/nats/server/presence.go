package server

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// debounce is how long a device that vanished may take to come back before its
// contacts see it go.
const debounce = 500 * time.Millisecond

const (
	maxCapability = 64
)

// presence tells contacts who is here. It is directed: what a contact may see
// is computed here and sent to that contact alone, so privacy and blocking
// need nobody's good will.
type presence struct {
	s *Server

	mu     sync.Mutex
	closed bool
	users  map[string]*present
	dirty  map[string]bool
	wake   chan struct{}
}

// present is one user with at least one device here, or lately here.
type present struct {
	status  contractv1.SetPresence_Status
	text    string
	last    []string  // capabilities while nobody is here
	ended   time.Time // when we said that nobody is here any more
	devices map[string]*presentDevice
}

type presentDevice struct {
	capabilities []string
	idle         bool // nobody touches it
	leaving      *time.Timer
	presumed     bool // it is connected; what it said was not heard
}

func newPresence(s *Server) *presence {
	return &presence{s: s, users: map[string]*present{}, dirty: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// user finds or loads; the caller holds the lock.
func (p *presence) user(name string) *present {
	u := p.users[name]
	if u == nil {
		u = &present{status: contractv1.SetPresence_AVAILABLE, devices: map[string]*presentDevice{}}
		p.s.dir.mu.RLock()
		if r := p.s.dir.presences[name]; r != nil {
			u.status, u.text, u.last = contractv1.SetPresence_Status(r.Status), r.Text, r.Capabilities
		}
		p.s.dir.mu.RUnlock()
		p.users[name] = u
	}
	return u
}

func (u *present) online() bool { return len(u.devices) > 0 }

func (u *present) capabilities() []string {
	if !u.online() || u.status == contractv1.SetPresence_INVISIBLE {
		return u.last
	}
	var all []string
	for _, d := range u.devices {
		all = append(all, d.capabilities...)
	}
	sort.Strings(all)
	all = slices.Compact(all)
	return all[:min(len(all), contractv1.MaxCapabilities)]
}

// shown is what contacts see.
func (u *present) shown(address string) *contractv1.PresenceChange {
	c := &contractv1.PresenceChange{Address: address, Status: contractv1.SetPresence_OFFLINE, Capabilities: u.capabilities()}
	if u.online() && u.status != contractv1.SetPresence_INVISIBLE {
		c.Status, c.Text = u.status, u.text
		if u.status == contractv1.SetPresence_AVAILABLE && u.idle() {
			c.Status = contractv1.SetPresence_AWAY
		}
	}
	return c
}

// idle tells that nobody touches any of the devices.
func (u *present) idle() bool {
	for _, d := range u.devices {
		if !d.idle {
			return false
		}
	}
	return u.online()
}

// announce: a device is here. The account's presence is what the person set
// last: this device's, if it set it while away or if no other is here.
func (p *presence) announce(user, device string, a wire.Announce) (contractv1.SetPresence_Status, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.user(user)
	before := u.shown(p.s.address(user))
	others := len(u.devices)
	if _, here := u.devices[device]; here {
		others--
	}
	changed := false
	if a.Status != 0 && (a.Set || others == 0) {
		status := contractv1.SetPresence_Status(a.Status)
		changed = status != u.status || a.Text != u.text
		u.status, u.text = status, a.Text
	}
	d := u.devices[device]
	if d == nil {
		d = &presentDevice{}
		u.devices[device] = d
	}
	if d.leaving != nil {
		d.leaving.Stop()
		d.leaving = nil
	}
	d.capabilities, d.idle = a.Capabilities, a.Idle
	if d.presumed { // nobody was told that it is here
		d.presumed, before = false, &contractv1.PresenceChange{}
	}
	p.publish(user, u, before)
	p.s.tellReplicas(subjectPres, p.news(user, device, u))
	if changed {
		p.tellOwn(user, device, u)
	}
	p.note(user)
	return u.status, u.text
}

// set: the person chose a presence; all its devices follow.
func (p *presence) set(user, device string, a wire.Announce) {
	a.Set = true
	p.announce(user, device, a)
}

func (p *presence) tellOwn(user, device string, u *present) {
	p.s.push(user, wire.PushPresence, &contractv1.PresenceChange{
		Address: p.s.address(user), Status: u.status, Text: u.text, Capabilities: u.capabilities(),
		Mine: true, Device: device,
	})
}

// left: the last connection of a device ended. It has a moment to come back.
func (p *presence) left(user, device string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[user]
	if p.closed || u == nil || u.devices[device] == nil || u.devices[device].leaving != nil {
		return
	}
	u.devices[device].leaving = time.AfterFunc(debounce, func() {
		if !p.s.conns.has(user, device) {
			p.remove(user, device, false) // the other replicas saw it go, too
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if d := u.devices[device]; d != nil {
			d.leaving = nil
		}
	})
}

// drop: a device left on purpose or is locked out.
func (p *presence) drop(user, device string) { p.remove(user, device, true) }

func (p *presence) remove(user, device string, told bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[user]
	if p.closed || u == nil || u.devices[device] == nil {
		return
	}
	before := u.shown(p.s.address(user))
	if t := u.devices[device].leaving; t != nil {
		t.Stop()
	}
	caps := u.capabilities()
	delete(u.devices, device)
	if !u.online() {
		u.last, u.ended = caps, time.Now()
	}
	p.publish(user, u, before)
	if told {
		p.s.tellReplicas(subjectPres, p.news(user, device, u))
	}
	p.dirty[user+"."+device] = true
	p.note(user)
}

// publish tells contacts if what they see has changed.
func (p *presence) publish(user string, u *present, before *contractv1.PresenceChange) {
	now := u.shown(p.s.address(user))
	if proto.Equal(before, now) {
		return
	}
	data, err := proto.Marshal(now)
	if err != nil {
		p.s.o.Log.Error("presence", "error", err)
		return
	}
	for _, contact := range p.s.dir.known(user) {
		if p.s.dir.open(user, contact) {
			p.send(contact, user, data)
		}
	}
}

func (p *presence) send(to, about string, data []byte) {
	if err := p.s.sb.Publish(wire.PresenceSubject(to, about), data); err != nil {
		p.s.o.Log.Debug("presence", "error", err)
	}
}

// of is what viewer sees of somebody.
func (p *presence) of(viewer, about string) *contractv1.PresenceChange {
	if !p.s.dir.open(viewer, about) {
		return &contractv1.PresenceChange{Address: p.s.address(about), Status: contractv1.SetPresence_OFFLINE}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.user(about).shown(p.s.address(about))
}

// refresh tells viewer again what it sees of somebody: they became friends, or
// one blocked the other.
func (p *presence) refresh(viewer, about string) {
	data, err := proto.Marshal(p.of(viewer, about))
	if err == nil {
		p.send(viewer, about, data)
	}
}

// note has the account's presence written soon; the caller holds the lock.
func (p *presence) note(user string) {
	p.dirty[user] = true
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// write keeps what stands for people while nobody is here, and when a device
// was last seen. It is not urgent: many changes become one write.
func (p *presence) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
		p.flush(ctx)
	}
}

func (p *presence) flush(ctx context.Context) {
	p.mu.Lock()
	dirty := p.dirty
	p.dirty = map[string]bool{}
	p.mu.Unlock()
	for name := range dirty {
		if user, device, isDevice := cutName(name); isDevice {
			p.s.dir.seen(ctx, user, device)
			continue
		}
		p.mu.Lock()
		u := p.user(name)
		r := presenceRecord{Status: int32(u.status), Text: u.text, Capabilities: slices.Clone(u.capabilities())}
		if !u.online() {
			delete(p.users, name) // the directory has it now
		}
		p.mu.Unlock()
		if err := p.s.dir.putPresence(ctx, name, r); err != nil {
			p.s.o.Log.Debug("note a presence", "error", err)
		}
	}
}

// close ends the timers; what was not written is learnt again from the devices.
func (p *presence) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, u := range p.users {
		for _, d := range u.devices {
			if d.leaving != nil {
				d.leaving.Stop()
			}
		}
	}
}

// checkAnnounce bounds what a device says about itself.
func checkAnnounce(a wire.Announce) error {
	switch contractv1.SetPresence_Status(a.Status) {
	case contractv1.SetPresence_STATUS_UNSPECIFIED, contractv1.SetPresence_AVAILABLE, contractv1.SetPresence_AWAY,
		contractv1.SetPresence_BUSY, contractv1.SetPresence_INVISIBLE:
	default:
		return wire.Errorf(contractv1.Error_INVALID, "This presence cannot be set.")
	}
	if len(a.Text) > contractv1.MaxPresenceText || !printable(a.Text) {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A presence text has at most %d bytes.", contractv1.MaxPresenceText)
	}
	if len(a.Capabilities) > contractv1.MaxCapabilities {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A device has at most %d capabilities.", contractv1.MaxCapabilities)
	}
	for _, c := range a.Capabilities {
		if c == "" || len(c) > maxCapability || !printable(c) {
			return wire.Errorf(contractv1.Error_INVALID, "A capability is damaged.")
		}
	}
	return nil
}
