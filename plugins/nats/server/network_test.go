package server_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

const conv = "dm.alice.bob"

// four starts a network with two people on two devices each, who are friends.
func four(t *testing.T, o server.Options) (s *server.Server, all []*peer) {
	s = start(t, o)
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	return s, []*peer{alice, bob, signIn(t, second(t, s, alice)), signIn(t, second(t, s, bob))}
}

func TestTwoPeopleOnTwoDevicesEach(t *testing.T) {
	t.Parallel()
	_, all := four(t, server.Options{})
	const each = 40
	var wg sync.WaitGroup
	for _, p := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range each {
				p.say(conv, fmt.Sprintf("%s %d", p.a.User, i))
			}
		}()
	}
	wg.Wait()
	want := all[0].waitEntries(conv, 4*each)
	for _, p := range all[1:] {
		same(t, want, p.waitEntries(conv, 4*each))
	}
	for _, e := range want {
		if e.TimeMs == 0 || (e.From != "alice@local" && e.From != "bob@local") || !wire.ValidDevice(e.Device) {
			t.Fatalf("an entry without its author: %v", e)
		}
	}
}

func TestBatchInOrderAndPrefix(t *testing.T) {
	t.Parallel()
	_, all := four(t, server.Options{Rate: 5, Burst: 10})
	var batch []*contractv1.Envelope
	for i := range 20 {
		batch = append(batch, entry(fmt.Sprint(i)))
	}
	batch[3].Kind = contractv1.Envelope_MEMBERSHIP // not ours to write: refused, and the rest goes on
	r := all[0].post(conv, batch...)
	if len(r) >= 20 || r[3].GetRefused() == nil || r[len(r)-1].GetRetry() == nil {
		t.Fatalf("answers: %v", r)
	}
	last := int64(0)
	for i, x := range r[:len(r)-1] {
		if s := x.GetStored(); i != 3 && (s == nil || s.Seq <= last || x.Id != batch[i].Id) {
			t.Fatalf("answer %d: %v", i, x)
		} else if s != nil {
			last = s.Seq
		}
	}
}

func TestAnIdCountsOnceForAsLongAsItIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder, Listen: "127.0.0.1:0"})
	a := join(t, s, "alice")
	alice := signIn(t, a)
	e := entry("first")
	first := alice.post("dm.alice.alice", e)[0].GetStored()
	for range 3 {
		again := alice.post("dm.alice.alice", e)[0].GetStored()
		if again == nil || again.Seq != first.Seq || again.TimeMs != first.TimeMs {
			t.Fatalf("a repeat: %v, want %v", again, first)
		}
	}
	bob := signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	if r := alice.post(conv, e)[0]; r.GetRefused() == nil {
		t.Fatalf("the same id in another conversation: %v", r)
	}
	other := bob.post(conv, e)[0].GetStored() // somebody else's ids are their own
	if other == nil || other.Seq == first.Seq {
		t.Fatalf("another's entry with the same id: %v", other)
	}
	alice.leave()
	bob.leave()
	s.Close()

	// After a restart without the index it is read from the store again.
	removeIndex(t, folder)
	s = start(t, server.Options{Folder: folder})
	a.Addresses = s.Addresses()
	alice = signIn(t, a)
	if again := alice.post("dm.alice.alice", e)[0].GetStored(); again == nil || again.Seq != first.Seq || again.TimeMs != first.TimeMs {
		t.Fatalf("a repeat after a restart: %v, want %v", again, first)
	}
}

func TestCatchUpInPages(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{Rate: 100000, Burst: 100000})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	bob.leave()
	const n = 1000
	for i := 0; i < n; i += 50 {
		var batch []*contractv1.Envelope
		for j := range 50 {
			batch = append(batch, entry(fmt.Sprint(i+j)))
		}
		for _, r := range alice.post(conv, batch...) {
			if r.GetStored() == nil {
				t.Fatalf("not stored: %v", r)
			}
		}
	}
	want := alice.waitEntries(conv, n)

	back := signIn(t, bob.a) // nothing yet
	same(t, want, back.entries(conv))
	pages := 0
	for _, e := range back.events[:back.mark()] {
		if e.GetEnvelopes() != nil {
			pages++
			if len(e.GetEnvelopes().Envelopes) > wire.MaxPageEntries || e.GetEnvelopes().Trimmed {
				t.Fatalf("a page of %d, trimmed %v", len(e.GetEnvelopes().Envelopes), e.GetEnvelopes().Trimmed)
			}
		}
	}
	if pages < n/wire.MaxPageEntries {
		t.Fatalf("%d pages", pages)
	}
	back.leave()

	half := want[n/2-1].Seq // yesterday's cursor
	back = signIn(t, bob.a, &contractv1.Cursor{Conversation: conv, Seq: half})
	same(t, want[n/2:], back.entries(conv))

	f, err := back.c.Fetch(short(t), &contractv1.NetFetch{Conversation: conv, AfterSeq: want[9].Seq, BeforeSeq: want[20].Seq, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	same(t, want[10:20], f.Envelopes)
}

func TestRosterBothSides(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	change := func(p *peer, op contractv1.RosterChange_Op, who, text string) {
		t.Helper()
		if err := p.c.Roster(short(t), &contractv1.RosterChange{Op: op, Address: who, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	if r := alice.post(conv, entry("stranger"))[0]; r.GetRefused() == nil {
		t.Fatalf("a stranger's message: %v", r)
	}
	change(alice, contractv1.RosterChange_REQUEST, "bob@local", "it is me")
	alice.wait("requested", contact("bob@local", contractv1.Contact_REQUESTED))
	got := bob.wait("request", contact("alice@local", contractv1.Contact_REQUEST))
	if c := got.GetRoster().Contacts[0]; c.Text != "it is me" || c.Name != "Name of alice" || c.Conversation != conv {
		t.Fatalf("the request: %v", c)
	}
	change(bob, contractv1.RosterChange_ACCEPT, "alice", "")
	alice.wait("friend", contact("bob@local", contractv1.Contact_FRIEND))
	bob.wait("friend", contact("alice@local", contractv1.Contact_FRIEND))
	alice.wait("bob here", presence("bob@local", contractv1.SetPresence_AVAILABLE))
	change(bob, contractv1.RosterChange_ACCEPT, "alice", "") // again: no harm
	change(alice, contractv1.RosterChange_RENAME, "bob", "Bobby")
	alice.say(conv, "hello")

	from := alice.mark()
	change(bob, contractv1.RosterChange_BLOCK, "alice", "")
	bob.wait("blocked", contact("alice@local", contractv1.Contact_BLOCKED))
	alice.waitFrom(from, "bob away", presence("bob@local", contractv1.SetPresence_OFFLINE))
	if r := alice.post(conv, entry("still there?"))[0]; r.GetRefused() == nil {
		t.Fatalf("a blocked person's message: %v", r)
	}
	if r := bob.post(conv, entry("?"))[0]; r.GetRefused() == nil {
		t.Fatalf("a message to somebody blocked: %v", r)
	}
	for _, e := range alice.events[from:alice.mark()] {
		if e.GetRoster() != nil {
			t.Fatalf("the blocked one is told: %v", e)
		}
	}
	change(bob, contractv1.RosterChange_UNBLOCK, "alice", "")
	alice.say(conv, "again")
	bob.leave()
	bob = signIn(t, bob.a)
	full := alice.mark()
	_ = full
	bob.wait("roster", contact("alice@local", contractv1.Contact_FRIEND))
	change(alice, contractv1.RosterChange_REMOVE, "bob", "")
	alice.wait("removed", contact("bob@local", contractv1.Contact_REMOVED))
	bob.wait("removed", contact("alice@local", contractv1.Contact_REMOVED))

	for _, bad := range []struct {
		who  string
		code contractv1.Error_Code
	}{{"nobody", contractv1.Error_NOT_FOUND}, {"*", contractv1.Error_INVALID}, {"bob@elsewhere", contractv1.Error_NOT_FOUND},
		{">", contractv1.Error_INVALID}, {"..", contractv1.Error_INVALID}, {"alice", contractv1.Error_INVALID}} {
		err := alice.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_REQUEST, Address: bad.who})
		var e *wire.Error
		if !errors.As(err, &e) || e.Code != bad.code {
			t.Errorf("request to %q: %v", bad.who, err)
		}
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	_, all := four(t, server.Options{})
	alice, bob, alice2 := all[0], all[1], all[2]
	set := func(p *peer, s contractv1.SetPresence_Status, text string, caps ...string) {
		t.Helper()
		if err := p.c.SetPresence(short(t), &contractv1.SetPresence{Status: s, Text: text, Capabilities: caps}); err != nil {
			t.Fatal(err)
		}
	}
	set(alice, contractv1.SetPresence_BUSY, "thinking", "im/1", "whiteboard/3")
	e := bob.wait("busy", presence("alice@local", contractv1.SetPresence_BUSY)).GetPresence()
	if e.Text != "thinking" || len(e.Capabilities) != 2 {
		t.Fatalf("presence: %v", e)
	}
	alice2.wait("own presence", func(e *contractv1.NetEvent) bool {
		return e.GetPresence().GetMine() && e.GetPresence().Status == contractv1.SetPresence_BUSY
	})
	from := bob.mark()
	set(alice2, contractv1.SetPresence_INVISIBLE, "", "im/1")
	bob.waitFrom(from, "offline", presence("alice@local", contractv1.SetPresence_OFFLINE))
	from = bob.mark()
	set(alice2, contractv1.SetPresence_AVAILABLE, "", "im/1")
	bob.waitFrom(from, "available", presence("alice@local", contractv1.SetPresence_AVAILABLE))

	idle := func(p *peer, on bool) {
		t.Helper()
		if err := p.c.SetPresence(short(t), &contractv1.SetPresence{Idle: on, Capabilities: []string{"im/1"}}); err != nil {
			t.Fatal(err)
		}
	}
	from = bob.mark()
	idle(alice, true) // somebody is still at the other device
	time.Sleep(100 * time.Millisecond)
	for _, e := range bob.events[from:bob.mark()] {
		if p := e.GetPresence(); p.GetStatus() == contractv1.SetPresence_AWAY {
			t.Fatal("away with a device that is in use")
		}
	}
	idle(alice2, true)
	bob.waitFrom(from, "away", presence("alice@local", contractv1.SetPresence_AWAY))
	from = bob.mark()
	idle(alice, false)
	bob.waitFrom(from, "available", presence("alice@local", contractv1.SetPresence_AVAILABLE))
	from = bob.mark()
	set(alice, contractv1.SetPresence_BUSY, "", "im/1")
	idle(alice, true)
	idle(alice2, true)
	bob.waitFrom(from, "busy", presence("alice@local", contractv1.SetPresence_BUSY))
	time.Sleep(100 * time.Millisecond)
	for _, e := range bob.events[from:bob.mark()] {
		if p := e.GetPresence(); p.GetStatus() == contractv1.SetPresence_AWAY {
			t.Fatal("what was set by hand became away")
		}
	}

	alice2.leave() // one device is still here
	from = bob.mark()
	time.Sleep(700 * time.Millisecond)
	for _, e := range bob.events[from:bob.mark()] {
		if p := e.GetPresence(); p != nil && p.Status == contractv1.SetPresence_OFFLINE {
			t.Fatal("offline with a device here")
		}
	}
}

func TestACrashShowsWithinASecond(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	cut := &cutter{}
	a := join(t, s, "alice")
	bob := signIn(t, join(t, s, "bob"))
	alice := open(t, a, cut.dial)
	alice.wait("connected", connection(contractv1.ConnectionChanged_CONNECTED))
	befriend(t, alice, bob)
	bob.wait("alice here", presence("alice@local", contractv1.SetPresence_AVAILABLE))

	// Gone and back within the debounce: nobody notices.
	from, mine := bob.mark(), alice.mark()
	cut.cut()
	alice.waitFrom(mine, "connected again", connection(contractv1.ConnectionChanged_CONNECTED))
	time.Sleep(700 * time.Millisecond)
	for _, e := range bob.events[from:bob.mark()] {
		if e.GetPresence() != nil {
			t.Fatalf("a short break shows: %v", e)
		}
	}

	from = bob.mark()
	began := time.Now()
	cut.stop()
	bob.waitFrom(from, "offline", presence("alice@local", contractv1.SetPresence_OFFLINE))
	if d := time.Since(began); d > soon {
		t.Errorf("it took %v", d)
	}
}

func TestRevokedDeviceIsLockedOut(t *testing.T) {
	t.Parallel()
	_, all := four(t, server.Options{})
	alice, alice2 := all[0], all[2]
	l, err := alice.c.Devices(short(t))
	if err != nil || len(l.Devices) != 2 || !l.Devices[0].Online || !l.Devices[0].This || l.Devices[1].This {
		t.Fatalf("devices: %v, %v", l, err)
	}
	began := time.Now()
	if err := alice.c.DeviceRevoke(short(t), &contractv1.DeviceRevoke{Id: alice2.a.Device}); err != nil {
		t.Fatal(err)
	}
	alice2.wait("refused", connection(contractv1.ConnectionChanged_REFUSED))
	alice2.wait("signed out", func(e *contractv1.NetEvent) bool { return e.GetSignedOut() != nil })
	if d := time.Since(began); d > soon {
		t.Errorf("it took %v", d)
	}
	if l, err = alice.c.Devices(short(t)); err != nil || len(l.Devices) != 1 {
		t.Fatalf("devices: %v, %v", l, err)
	}
	err = alice.c.DeviceRevoke(short(t), &contractv1.DeviceRevoke{Id: all[1].a.Device})
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != contractv1.Error_NOT_FOUND {
		t.Fatalf("revoke another's device: %v", err)
	}
}

func TestStateAndSignals(t *testing.T) {
	t.Parallel()
	_, all := four(t, server.Options{})
	alice, bob, alice2, bob2 := all[0], all[1], all[2], all[3]
	state := func(key, value string, scope contractv1.StateValue_Scope) *contractv1.NetState {
		return &contractv1.NetState{Conversation: conv, Session: "im", Plugin: "im",
			Value: &contractv1.StateValue{Key: key, Value: []byte(value), Scope: scope}}
	}
	has := func(key, value string) func(*contractv1.NetEvent) bool {
		return func(e *contractv1.NetEvent) bool {
			for _, v := range e.GetState().GetValues() {
				if v.Value.Key == key && string(v.Value.Value) == value && v.Value.Author == "alice@local" {
					return true
				}
			}
			return false
		}
	}
	for _, v := range []string{"1", "2", "3"} {
		if err := alice.c.SetState(short(t), state("read.cursor", v, contractv1.StateValue_EVERYONE)); err != nil {
			t.Fatal(err)
		}
	}
	if err := alice.c.SetState(short(t), state("draft", "half", contractv1.StateValue_MY_DEVICES)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*peer{bob, bob2, alice2} {
		p.wait("cursor", has("read.cursor", "3"))
	}
	alice2.wait("draft", has("draft", "half"))

	fresh := signIn(t, alice2.a) // the same device once more: a snapshot
	fresh.wait("cursor", has("read.cursor", "3"))
	fresh.wait("draft", has("draft", "half"))
	for _, e := range bob.events[:bob.mark()] {
		if has("draft", "half")(e) {
			t.Fatal("a draft reached the contact")
		}
	}

	sig := &contractv1.NetSignal{Conversation: conv, Session: "im", Plugin: "im", Signal: &contractv1.Signal{Body: []byte("typing"), From: "bob@local"}}
	if err := alice.c.Signal(sig); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*peer{bob, bob2} {
		s := p.wait("signal", func(e *contractv1.NetEvent) bool { return e.GetSignal() != nil }).GetSignal().Signal
		if s.From != "alice@local" || s.Device != alice.a.Device || string(s.Body) != "typing" {
			t.Fatalf("signal: %v", s)
		}
	}
	sig.Signal = &contractv1.Signal{Body: []byte("ice"), TargetDevice: bob2.a.Device}
	if err := alice.c.Signal(sig); err != nil {
		t.Fatal(err)
	}
	bob2.wait("targeted", func(e *contractv1.NetEvent) bool { return string(e.GetSignal().GetSignal().GetBody()) == "ice" })
}

func TestWhatIsNoLongerKeptIsSaid(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	const own = "dm.alice.alice"
	for i := range 10 {
		alice.say(own, fmt.Sprint(i))
	}
	all := alice.waitEntries(own, 10)
	alice.leave()
	if err := s.KeepOnly(short(t), 4); err != nil {
		t.Fatal(err)
	}
	if store, index, err := s.Stored(short(t)); err != nil || store != 4 || index != 4 {
		t.Fatalf("the store has %d, the index %d: %v", store, index, err)
	}
	for _, c := range []struct {
		cursor  int64
		trimmed bool
	}{{0, true}, {all[2].Seq, true}, {all[5].Seq, false}, {all[7].Seq, false}} {
		p := signIn(t, alice.a, &contractv1.Cursor{Conversation: own, Seq: c.cursor})
		e := p.wait("entries", func(e *contractv1.NetEvent) bool { return e.GetEnvelopes() != nil }).GetEnvelopes()
		if e.Trimmed != c.trimmed || e.Envelopes[len(e.Envelopes)-1].Seq != all[9].Seq || e.Head != all[9].Seq {
			t.Errorf("after %d: trimmed %v, head %d", c.cursor, e.Trimmed, e.Head)
		}
		p.leave()
	}
}
