package companion

import (
	"fmt"
	"sync"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// post stores a message and insists; false when it is refused.
func (p *person) post(conv, id, text string) (seq int64, stored bool) {
	p.t.Helper()
	e := &contractv1.Envelope{Id: id, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte(text)}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		r, err := p.c.Post(within(p.t), &contractv1.Post{Conversation: conv, Envelopes: []*contractv1.Envelope{e}})
		if err != nil || len(r.Results) == 0 {
			p.t.Errorf("%s: %v", p.a.User, err)
			return 0, false
		}
		switch {
		case r.Results[0].GetStored() != nil:
			return r.Results[0].GetStored().Seq, true
		case r.Results[0].GetRefused() != nil:
			return 0, false
		}
		time.Sleep(time.Duration(r.Results[0].GetRetry().AfterMs) * time.Millisecond)
	}
	p.t.Errorf("%s: a message is not stored", p.a.User)
	return 0, false
}

func (p *person) change(c *contractv1.GroupChange) *contractv1.Group {
	p.t.Helper()
	var err error
	for range 20 {
		var g *contractv1.Group
		if g, err = p.c.Group(within(p.t), c); err == nil {
			return g
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatalf("%s: %v: %v", p.a.User, c.Op, err)
	return nil
}

// TestGroupsOverReplicas: two replicas take turns, and a group has one order all
// the same; who is removed while writing is out from that entry on.
func TestGroupsOverReplicas(t *testing.T) {
	c := newCluster(t, 2)
	alice := online(t, enter(t, c.owner, "alice"))
	bob, chris := invited(t, alice, "bob"), invited(t, alice, "chris")
	friends(t, alice, bob)
	friends(t, alice, chris)
	g := alice.change(&contractv1.GroupChange{Op: contractv1.GroupChange_CREATE, Name: "Team", Id: "create"})
	invite := func(who string, id string) {
		alice.change(&contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: g.Id, Address: who, Id: id})
	}
	invite("bob", "bob")

	const each = 80
	var wg sync.WaitGroup
	for _, p := range []*person{alice, bob} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range each {
				if _, ok := p.post(g.Conversation, fmt.Sprintf("%s-%03d", p.a.User, i), "text"); !ok {
					t.Errorf("%s: message %d is refused", p.a.User, i)
				}
			}
		}()
	}
	const rounds = 6
	for i := range rounds { // chris comes, writes as fast as possible, and is taken out meanwhile
		invite("chris", fmt.Sprintf("in-%d", i))
		last, out := int64(0), make(chan struct{})
		go func() {
			defer close(out)
			for n := 0; ; n++ {
				seq, ok := chris.post(g.Conversation, fmt.Sprintf("chris-%d-%04d", i, n), "mine")
				if !ok {
					return
				}
				last = seq
			}
		}()
		time.Sleep(50 * time.Millisecond)
		alice.change(&contractv1.GroupChange{Op: contractv1.GroupChange_REMOVE, Group: g.Id, Address: "chris", Id: fmt.Sprintf("out-%d", i)})
		<-out
		r, err := alice.c.Fetch(within(t), &contractv1.NetFetch{Conversation: g.Conversation, AfterSeq: last - 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Envelopes {
			if e.From == "chris@office" && e.Seq > last {
				t.Errorf("round %d: chris has an entry at %d that was refused", i, e.Seq)
			}
		}
	}
	wg.Wait()
	whole := everything(t, alice, g.Conversation)
	alice.until("everything", func() bool { return len(alice.entries[g.Conversation]) == len(whole) })
	in, count := false, map[string]int{}
	visible := 0
	for i, e := range whole {
		if i > 0 && e.Seq <= whole[i-1].Seq || alice.all(g.Conversation)[i].Seq != e.Seq {
			t.Fatalf("entry %d is out of order", i)
		}
		if count[e.From+e.Id]++; count[e.From+e.Id] > 1 {
			t.Errorf("%s of %s comes twice", e.Id, e.From)
		}
		mine := e.From == "chris@office"
		member := e.Kind == contractv1.Envelope_MEMBERSHIP && i > 1 // the first are the group and bob
		if mine && !in {
			t.Errorf("chris is out and has an entry at %d", e.Seq)
		}
		if in || member {
			visible++
		}
		if member {
			in = !in
		}
	}
	if got := everything(t, chris, g.Conversation); len(got) != visible {
		t.Errorf("chris can read %d entries, of which %d are for chris", len(got), visible)
	}
	for _, p := range []*person{alice, bob} {
		for i := range each {
			if count[p.a.Address()+fmt.Sprintf("%s-%03d", p.a.User, i)] != 1 {
				t.Errorf("message %d of %s is lost", i, p.a.User)
			}
		}
	}
}

func everything(t *testing.T, p *person, conv string) (all []*contractv1.Envelope) {
	t.Helper()
	for after := int64(0); ; after = all[len(all)-1].Seq {
		r, err := p.c.Fetch(within(t), &contractv1.NetFetch{Conversation: conv, AfterSeq: after})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r.Envelopes...)
		if !r.More || len(all) == 0 {
			return all
		}
	}
}
