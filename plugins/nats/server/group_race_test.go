package server_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// TestTwoAdminsRemoveEachOther: one of them is first.
func TestTwoAdminsRemoveEachOther(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob", "chris")
	for range 6 {
		g := with(all[0], all[1:]...)
		for _, p := range all[1:] {
			all[0].do(contractv1.GroupChange_ROLE, g.Id, about(p), func(c *contractv1.GroupChange) { c.Role = contractv1.Group_ADMIN })
		}
		errs := both(
			func() error {
				_, err := all[1].try(&contractv1.GroupChange{Op: contractv1.GroupChange_REMOVE, Group: g.Id, Address: "chris"})
				return err
			},
			func() error {
				_, err := all[2].try(&contractv1.GroupChange{Op: contractv1.GroupChange_REMOVE, Group: g.Id, Address: "bob"})
				return err
			})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v", errs)
		}
		got := ops(all[0].fetch(g.Conversation, 0))
		if strings.Count(got, "REMOVED") != 1 {
			t.Errorf("the order is %s", got)
		}
	}
}

// TestLeavingAndHandingOverAtTheSameMoment: a group has one owner, always.
func TestLeavingAndHandingOverAtTheSameMoment(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{}, "alice", "bob", "chris")
	alice2 := signIn(t, second(t, s, all[0]))
	for i := range 8 {
		g := with(all[0], all[1:]...)
		steps := []func() error{
			func() error {
				_, err := all[0].try(&contractv1.GroupChange{Op: contractv1.GroupChange_LEAVE, Group: g.Id, Address: "bob"})
				return err
			},
			func() error {
				_, err := alice2.try(&contractv1.GroupChange{Op: contractv1.GroupChange_ROLE, Group: g.Id, Address: "chris", Role: contractv1.Group_OWNER})
				return err
			},
		}
		if i%2 == 0 { // and who is to have it goes at that moment
			steps[1] = func() error {
				_, err := all[1].try(&contractv1.GroupChange{Op: contractv1.GroupChange_LEAVE, Group: g.Id})
				return err
			}
		}
		both(steps...)
		owners := map[string]bool{}
		for _, m := range all[2].do(contractv1.GroupChange_ACCEPT, g.Id).Members {
			if m.Role == contractv1.Group_OWNER {
				owners[m.Address] = true
			}
		}
		if len(owners) != 1 {
			t.Fatalf("owners: %v; %s", owners, ops(all[2].fetch(g.Conversation, 0)))
		}
	}
}

// both does things at the same moment.
func both(steps ...func() error) []error {
	errs := make([]error, len(steps))
	var wg sync.WaitGroup
	for i, f := range steps {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = f()
		}()
	}
	wg.Wait()
	return errs
}

func TestBoundsOfGroups(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	var names []string
	for i := range contractv1.MaxGroupMembers - 2 {
		names = append(names, fmt.Sprintf("user%d", i))
	}
	g := with(alice)
	if err := s.FillGroup(short(t), g.Id, names...); err != nil {
		t.Fatal(err)
	}
	if v := alice.do(contractv1.GroupChange_INVITE, g.Id, about(bob)); v.Count != contractv1.MaxGroupMembers {
		t.Errorf("the group has %d members", v.Count)
	}
	if v := bob.wait("the group", inGroup(g.Id, contractv1.Group_IN)).GetGroups().Groups[0]; len(v.Members) != contractv1.MaxGroupMembers {
		t.Errorf("bob is told of %d members", len(v.Members))
	}
	one := signIn(t, join(t, s, "onemore"))
	befriend(t, alice, one)
	if _, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: g.Id, Address: "onemore"}); wire.AsError(err).Code != contractv1.Error_TOO_LARGE {
		t.Errorf("the 1,001st: %v", err)
	}
	full := signIn(t, bob.a).wait("all groups", func(e *contractv1.NetEvent) bool { return e.GetGroups().GetFull() }).GetGroups()
	if len(full.Groups) != 1 || len(full.Groups[0].Members) != contractv1.MaxGroupMembers {
		t.Errorf("at sign-in bob has %d groups", len(full.Groups))
	}
	// As many as one makes in a day.
	for i := 1; ; i++ {
		_, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_CREATE, Name: "x"})
		if err != nil {
			if i != wire.MaxGroupsADay || wire.AsError(err).Code != contractv1.Error_TOO_LARGE {
				t.Errorf("after %d groups: %v", i, err)
			}
			break
		}
	}
}

func TestOneIsInSoManyGroups(t *testing.T) {
	t.Parallel()
	var days atomic.Int64
	s, all := people(t, server.Options{Now: func() time.Time { return time.Now().Add(time.Duration(days.Load()) * 24 * time.Hour) }}, "alice", "bob")
	alice, bob := all[0], all[1]
	var rooms []string
	for i := range wire.MaxGroups {
		if i%wire.MaxGroupsADay == 0 {
			days.Add(1)
		}
		rooms = append(rooms, with(alice).Id)
		if err := s.FillGroup(short(t), rooms[i], "bob"); err != nil {
			t.Fatal(err)
		}
	}
	days.Add(1)
	if _, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_CREATE, Name: "x"}); wire.AsError(err).Code != contractv1.Error_TOO_LARGE {
		t.Errorf("one group more: %v", err)
	}
	alice.do(contractv1.GroupChange_LEAVE, rooms[0])
	g := with(alice)
	if _, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: g.Id, Address: "bob"}); wire.AsError(err).Code != contractv1.Error_TOO_LARGE {
		t.Errorf("into one group more: %v", err)
	}
	bob.do(contractv1.GroupChange_LEAVE, rooms[1])
	alice.do(contractv1.GroupChange_INVITE, g.Id, about(bob))
	names := map[string]bool{}
	for _, e := range signIn(t, bob.a).told() {
		for _, v := range e.GetGroups().GetGroups() {
			if v.State == contractv1.Group_IN {
				names[v.Id] = true
			}
		}
	}
	if len(names) != wire.MaxGroups {
		t.Errorf("bob is told of %d groups", len(names))
	}
}

func TestRemovedAndWritingAtTheSameMoment(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{Rate: 1e6, Burst: 1e6}, "alice", "bob")
	alice, bob := all[0], all[1]
	for range 8 {
		g := with(alice, bob)
		var stored []int64
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				r := bob.post(g.Conversation, entry("now"))[0]
				if r.GetRefused() != nil {
					return
				}
				stored = append(stored, r.GetStored().GetSeq())
			}
		}()
		time.Sleep(5 * time.Millisecond)
		alice.do(contractv1.GroupChange_REMOVE, g.Id, about(bob))
		wg.Wait()
		got := alice.fetch(g.Conversation, 0)
		last := got[len(got)-1]
		if last.Kind != contractv1.Envelope_MEMBERSHIP || len(got) != 3+len(stored) {
			t.Fatalf("after %d stored entries: %s", len(stored), ops(got))
		}
		for _, seq := range stored {
			if seq >= last.Seq {
				t.Errorf("an entry at %d, removed at %d", seq, last.Seq)
			}
		}
	}
}
