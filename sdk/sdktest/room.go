// Package sdktest runs a plugin with several people, each on several devices,
// in one process and over the real RPC: the SDK's own server on a unix socket,
// real credit, real batches. What lies between the hosts is replaced by a small
// order in memory, so a test says exactly what is stored, who is offline and
// when something is killed.
//
// It owns its people and their views; it knows nothing of the real host.
package sdktest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// Options describe a room.
type Options struct {
	// Plugin makes the plugin; called at every start of its "process".
	Plugin func() sdk.Plugin
	// ID of the plugin; "plugin" when empty. It is also the id of the session.
	ID string
	// People by user name: "alice", "bob" when empty.
	People []string
	// Devices a person; 1 when 0.
	Devices int
	// Offer makes the session an offered one with this payload, made by the first
	// person; nil is a standing session.
	Offer []byte
	// Group makes the conversation a group with this name, whose membership Join,
	// Remove and Leave change; "" is none. It begins with People but Outside.
	Group string
	// Outside are those of People who are not in the group at first.
	Outside []string
	// Earlier: who joins sees what came before.
	Earlier bool
	// Protocol agreed on; 1 when 0.
	Protocol int
	// Grants and Settings of the plugin, the same everywhere.
	Grants   []string
	Settings map[string]string
	// Timeout of everything that waits; 10 seconds when 0.
	Timeout time.Duration
	// Seed of the kills by Chaos; 0 takes one from the clock and logs it.
	Seed uint64
	// Log of the plugins; nil is none.
	Log hclog.Logger
}

// Room is one session with all its people.
type Room struct {
	t testing.TB
	o Options

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change
	devices []*Device
	log     []*contractv1.Update // the updates
	order   []entry              // the one order: updates and membership entries
	group   string               // its name
	posted  map[string]*contractv1.Update
	states  map[string]*contractv1.StateValue // everyone's, by author and key
	blobs   map[string][]byte                 // by hash
	members map[string]contractv1.Member_State
	offers  []*contractv1.OfferCall
	ended   *contractv1.Ended
	now     time.Time
	random  *rand.Rand
	closed  bool
	running sync.WaitGroup
}

// New makes a room and starts the plugin on every device. It is closed with the
// test.
func New(t testing.TB, o Options) *Room {
	t.Helper()
	if o.Plugin == nil {
		t.Fatal("sdktest: a room needs a plugin")
	}
	if o.ID == "" {
		o.ID = "plugin"
	}
	if len(o.People) == 0 {
		o.People = []string{"alice", "bob"}
	}
	o.Devices = max(o.Devices, 1)
	o.Protocol = max(o.Protocol, 1)
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	if o.Seed == 0 {
		o.Seed = uint64(time.Now().UnixNano())
		t.Logf("sdktest: seed %d", o.Seed)
	}
	r := &Room{t: t, o: o, changed: make(chan struct{}), posted: map[string]*contractv1.Update{},
		states: map[string]*contractv1.StateValue{}, members: map[string]contractv1.Member_State{},
		group: o.Group, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), random: rand.New(rand.NewPCG(o.Seed, 1))}
	for _, p := range o.People {
		r.members[p+"@room"] = contractv1.Member_JOINED
		if slices.Contains(o.Outside, p) {
			r.members[p+"@room"] = contractv1.Member_LEFT
		}
		for n := range o.Devices {
			r.devices = append(r.devices, newDevice(r, p, n))
		}
	}
	t.Cleanup(r.Close)
	for _, d := range r.devices {
		r.running.Go(d.run)
	}
	return r
}

// Device is one device of a person; the first is number 0.
func (r *Room) Device(person string, n int) *Device {
	r.t.Helper()
	for _, d := range r.devices {
		if d.person == person && d.number == n {
			return d
		}
	}
	r.t.Fatalf("sdktest: there is no device %d of %s", n, person)
	return nil
}

// Devices are all devices.
func (r *Room) Devices() []*Device { return r.devices }

// Close ends everything. It is called at the end of the test.
func (r *Room) Close() {
	r.mu.Lock()
	r.closed = true
	for _, d := range r.devices {
		if d.proc != nil {
			d.proc.kill()
		}
	}
	r.touch()
	r.mu.Unlock()
	r.running.Wait()
}

// Log is the session's order as it is stored.
func (r *Room) Log() []sdk.Update {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]sdk.Update, 0, len(r.log))
	for _, u := range r.log {
		all = append(all, sdk.Update{ID: sdk.ID(u.GetId()), Seq: u.GetSeq(), From: u.GetFrom(), Device: u.GetDevice(),
			Time: time.UnixMilli(u.GetTimeMs()), Body: u.GetBody(), Protocol: int(u.GetProtocol())})
	}
	return all
}

// Now is the room's clock; it moves only by Advance.
func (r *Room) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// Advance moves the clock by which the order is dated.
func (r *Room) Advance(by time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(by)
}

// Inject appends an update as if a device of that person had sent it, for tests
// of what another version or a hostile peer would write.
func (r *Room) Inject(person, device string, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.append(&contractv1.Update{Id: newID(), From: person + "@room", Device: device, Body: body, Protocol: uint32(r.o.Protocol)})
	r.touch()
}

// Leave takes a person out of the session, or out of the group.
func (r *Room) Leave(person string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.o.Group != "" {
		r.membership(contractv1.Membership_LEFT, person, person)
		return
	}
	r.leave(person + "@room")
}

// Join brings a person into the group.
func (r *Room) Join(by, person string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.membership(contractv1.Membership_JOINED, by, person)
}

// Remove takes a person out of the group.
func (r *Room) Remove(by, person string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.membership(contractv1.Membership_REMOVED, by, person)
}

// Rename gives the group another name.
func (r *Room) Rename(by, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.group = name
	r.membership(contractv1.Membership_RENAMED, by, "")
}

// End ends the session for everybody.
func (r *Room) End(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(reason, "")
}

// Offers are the new sessions that were proposed.
func (r *Room) Offers() []*contractv1.OfferCall {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*contractv1.OfferCall(nil), r.offers...)
}

// Until waits for a condition, which is asked after each change.
func (r *Room) Until(what string, done func() bool) {
	r.t.Helper()
	limit := time.NewTimer(r.o.Timeout)
	defer limit.Stop()
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		if done() {
			return
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond): // quietness changes without a frame
		case <-limit.C:
			r.t.Fatalf("sdktest: waited %v in vain: %s\n%s", r.o.Timeout, what, r.describe())
		}
	}
}

// Settle waits until nothing moves any more: every update of devices online is
// stored and delivered, every event handled, every view shown.
func (r *Room) Settle() {
	r.t.Helper()
	r.Until("the room to settle", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, d := range r.devices {
			if !d.quiet() {
				return false
			}
		}
		return true
	})
}

// describe helps when something is waited for in vain. It takes the lock.
func (r *Room) describe() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := fmt.Sprintf("%d updates are stored", len(r.log))
	for _, d := range r.devices {
		text += fmt.Sprintf("\n%s: online %t, %d queued, %d to deliver, %d actions open, fault %q, view:\n%s",
			d.name(), d.online, len(d.outbox), len(d.backlog), len(d.actions), d.fault, Describe(d.full))
	}
	return text
}

// touch wakes those who wait. Called with the lock held.
func (r *Room) touch() {
	close(r.changed)
	r.changed = make(chan struct{})
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	if v == nil {
		return []byte("{}")
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("sdktest: %v", err)
	}
	return data
}
