package server_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

func value(room, key, v string, scope contractv1.StateValue_Scope) *contractv1.NetState {
	return &contractv1.NetState{Conversation: room, Session: "im", Plugin: "im",
		Value: &contractv1.StateValue{Key: key, Value: []byte(v), Scope: scope}}
}

func (p *peer) set(room, key, v string, scope contractv1.StateValue_Scope) error {
	return p.c.SetState(short(p.t), value(room, key, v, scope))
}

// valueOf is an event that brings a value.
func valueOf(author, key, v string) func(*contractv1.NetEvent) bool {
	return func(e *contractv1.NetEvent) bool { return count(e, author, key, v) > 0 }
}

// count tells how often an event has a value; empty v is any.
func count(e *contractv1.NetEvent, author, key, v string) (n int) {
	for _, x := range e.GetState().GetValues() {
		if x.Value.Author == author+"@local" && x.Value.Key == key && (v == "" || string(x.Value.Value) == v) {
			n++
		}
	}
	return n
}

func TestValuesInAGroup(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{}, "alice", "bob", "chris", "dora")
	alice, bob, chris, dora := all[0], all[1], all[2], all[3]
	alice2 := signIn(t, second(t, s, alice))
	g := with(alice, bob, chris)
	room := g.Conversation
	everyone, mine := contractv1.StateValue_EVERYONE, contractv1.StateValue_MY_DEVICES

	began := time.Now()
	const writes = 60
	for i := range writes {
		if err := alice.set(room, "read", fmt.Sprint(i), everyone); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	newest := fmt.Sprint(writes - 1)
	for _, p := range []*peer{bob, chris, alice2} {
		p.wait("the newest value", valueOf("alice", "read", newest))
	}
	times := 0
	for _, e := range bob.told() {
		times += count(e, "alice", "read", "")
	}
	// The first at once, then one a second, and the last.
	if most := 2 + int(took/time.Second); times > most {
		t.Errorf("bob was told %d values in %v, at most %d", times, took, most)
	}
	if err := alice.set(room, "draft", "half", mine); err != nil {
		t.Fatal(err)
	}
	if err := bob.set(room, "read", "7", everyone); err != nil {
		t.Fatal(err)
	}
	alice2.wait("the draft", valueOf("alice", "draft", "half"))
	alice.wait("bob's", valueOf("bob", "read", "7"))

	fresh := signIn(t, chris.a)
	fresh.wait("alice's", valueOf("alice", "read", newest))
	fresh.wait("bob's", valueOf("bob", "read", "7"))
	signIn(t, alice2.a).wait("the draft", valueOf("alice", "draft", "half"))

	// Who was removed neither writes nor hears values any more.
	alice.do(contractv1.GroupChange_REMOVE, g.Id, about(chris))
	if err := chris.set(room, "read", "9", everyone); err == nil {
		t.Error("who was removed writes a value")
	}
	before := chris.mark()
	if err := bob.set(room, "read", "8", everyone); err != nil {
		t.Fatal(err)
	}
	alice.wait("bob's next", valueOf("bob", "read", "8"))
	late := signIn(t, chris.a)
	for _, e := range append(chris.told()[before:], late.told()...) {
		if e.GetState() != nil {
			t.Errorf("who was removed hears %v", e)
		}
	}
	for _, p := range []*peer{bob, chris, dora, fresh, late} {
		for _, e := range p.told() {
			if valueOf("alice", "draft", "")(e) {
				t.Errorf("%s has alice's draft", p.a.User)
			}
		}
	}
	if n := len(dora.told()); n > 0 {
		for _, e := range dora.told() {
			if e.GetState() != nil || len(e.GetGroups().GetGroups()) > 0 {
				t.Errorf("a stranger hears %v", e)
			}
		}
	}
}

func TestManyValuesComeInPages(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	var rooms []string
	for range 3 {
		rooms = append(rooms, with(alice, bob).Conversation)
	}
	big := string(make([]byte, contractv1.MaxState-100))
	for _, room := range rooms {
		for i := range 50 {
			if err := alice.set(room, fmt.Sprintf("k%d", i), fmt.Sprint(i)+big, contractv1.StateValue_EVERYONE); err != nil {
				t.Fatal(err)
			}
		}
	}
	have := map[string]bool{}
	for _, e := range signIn(t, bob.a).told() {
		for _, v := range e.GetState().GetValues() {
			have[v.Conversation+v.Value.Key] = true
		}
	}
	if len(have) != 150 {
		t.Errorf("%d of 150 values", len(have))
	}
}

func TestSignalsInAGroup(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob", "chris", "dora")
	alice, bob, chris := all[0], all[1], all[2]
	g := with(alice, bob, chris)
	send := func(p *peer, body string, more ...func(*contractv1.Signal)) {
		s := &contractv1.Signal{Body: []byte(body), From: "dora@local"}
		for _, f := range more {
			f(s)
		}
		if err := p.c.Signal(&contractv1.NetSignal{Conversation: g.Conversation, Session: "im", Plugin: "im", Signal: s}); err != nil {
			t.Fatal(err)
		}
	}
	says := func(body string) func(*contractv1.NetEvent) bool {
		return func(e *contractv1.NetEvent) bool { return string(e.GetSignal().GetSignal().GetBody()) == body }
	}
	send(alice, "typing")
	for _, p := range []*peer{bob, chris} {
		if s := p.wait("typing", says("typing")).GetSignal(); s.Conversation != g.Conversation || s.Signal.From != "alice@local" {
			t.Errorf("%s hears %v", p.a.User, s)
		}
	}
	send(alice, "for chris", func(s *contractv1.Signal) { s.Target = "chris@local" })
	chris.wait("it", says("for chris"))
	alice.do(contractv1.GroupChange_REMOVE, g.Id, about(chris))
	send(chris, "from outside")
	send(all[3], "from a stranger")
	send(alice, "without chris")
	bob.wait("the last", says("without chris"))
	send(bob, "end")
	alice.wait("the end", says("end"))
	for p, not := range map[*peer][]string{bob: {"for chris", "from outside", "from a stranger"}, chris: {"without chris", "end"}, all[3]: {"typing", "end"}} {
		for _, e := range p.told() {
			for _, body := range not {
				if says(body)(e) {
					t.Errorf("%s hears %q", p.a.User, body)
				}
			}
		}
	}
}

// TestWhoIsBlockedInAGroup: in a group that both are in, messages of somebody
// one has blocked still come; a new group they cannot bring one into.
func TestWhoIsBlockedInAGroup(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	g := with(alice, bob)
	if err := bob.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_BLOCK, Address: "alice"}); err != nil {
		t.Fatal(err)
	}
	alice.say(g.Conversation, "still here")
	bob.waitEntries(g.Conversation, 2)
	other := with(alice)
	if _, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: other.Id, Address: "bob"}); err == nil {
		t.Error("who is blocked invites the one who blocks")
	}
	if err := bob.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_REMOVE, Address: "alice"}); err != nil {
		t.Fatal(err)
	}
	if err := bob.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_UNBLOCK, Address: "alice"}); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: other.Id, Address: "bob"}); err == nil {
		t.Error("somebody who is no contact is invited")
	}
}

// TestManyCursorsAreFewMessages: what many people set at once comes to a member
// as a few messages that hold all of it.
func TestManyCursorsAreFewMessages(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{}, "alice", "bob")
	g := with(all[0], all[1])
	const n = 40
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("user%d", i))
	}
	seeds, err := s.AddUsers(short(t), "alice", names...)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.FillGroup(short(t), g.Id, names...); err != nil {
		t.Fatal(err)
	}
	var crowd []*peer
	for i := range n {
		crowd = append(crowd, signIn(t, account(s, names[i], seeds[i], t)))
	}
	began := time.Now()
	var wg sync.WaitGroup
	for _, p := range crowd {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 5 {
				if err := p.set(g.Conversation, "read", fmt.Sprint(i), contractv1.StateValue_EVERYONE); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	for _, name := range names {
		all[1].wait("the newest of "+name, valueOf(name, "read", "4"))
	}
	messages, most := 0, 2+int(time.Since(began)/time.Second)
	for _, e := range all[1].told() {
		if e.GetState() != nil {
			messages++
		}
	}
	if messages > most {
		t.Errorf("%d values of %d people came in %d messages, at most %d", 5*n, n, messages, most)
	}
}
