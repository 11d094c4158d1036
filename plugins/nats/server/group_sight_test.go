package server_test

import (
	"fmt"
	"strings"
	"testing"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// fetch reads everything that a person can, page by page.
func (p *peer) fetch(conv string, limit uint32) []*contractv1.Envelope {
	p.t.Helper()
	var all []*contractv1.Envelope
	for after := int64(0); ; {
		r, err := p.c.Fetch(short(p.t), &contractv1.NetFetch{Conversation: conv, AfterSeq: after, Limit: limit})
		if err != nil {
			p.t.Fatal(err)
		}
		all = append(all, r.Envelopes...)
		if !r.More {
			return all
		}
		after = all[len(all)-1].Seq
	}
}

// TestWhoSeesWhatOfAGroup: exactly from one's own coming to one's own going,
// however it is asked for.
func TestWhoSeesWhatOfAGroup(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob", "chris", "dora")
	alice, bob, chris, dora := all[0], all[1], all[2], all[3]
	g := with(alice)
	room := g.Conversation
	alice.say(room, "a1")
	alice.do(contractv1.GroupChange_INVITE, g.Id, about(bob))
	alice.say(room, "a2")
	alice.do(contractv1.GroupChange_REMOVE, g.Id, about(bob))
	alice.say(room, "hidden")
	chris.wait("connected", connection(contractv1.ConnectionChanged_CONNECTED))
	alice.do(contractv1.GroupChange_INVITE, g.Id, about(bob))
	alice.say(room, "a3")
	bob.do(contractv1.GroupChange_LEAVE, g.Id)
	alice.say(room, "hidden too")
	alice.do(contractv1.GroupChange_EARLIER, g.Id, on(true))
	alice.do(contractv1.GroupChange_INVITE, g.Id, about(chris))
	alice.do(contractv1.GroupChange_EARLIER, g.Id, on(false))
	alice.do(contractv1.GroupChange_INVITE, g.Id, about(dora))
	alice.say(room, "a4")

	whole := alice.waitEntries(room, 15)
	want := map[*peer]string{
		alice: "CREATED alice, a1, JOINED alice>bob, a2, REMOVED alice>bob, hidden, JOINED alice>bob, a3, LEFT bob>bob, hidden too, " +
			"EARLIER alice, JOINED alice>chris, EARLIER alice, JOINED alice>dora, a4",
		bob:   "JOINED alice>bob, a2, REMOVED alice>bob, JOINED alice>bob, a3, LEFT bob>bob",
		chris: "CREATED alice, a1, JOINED alice>bob, a2, REMOVED alice>bob, hidden, JOINED alice>bob, a3, LEFT bob>bob, hidden too, EARLIER alice, JOINED alice>chris, EARLIER alice, JOINED alice>dora, a4",
		dora:  "JOINED alice>dora, a4",
	}
	for p, text := range want {
		n := strings.Count(text, ",") + 1
		if got := ops(p.waitEntries(room, n)); got != text {
			t.Errorf("%s was given %s", p.a.User, got)
		}
		for _, limit := range []uint32{1, 2, 3, 0} {
			if got := ops(p.fetch(room, limit)); got != text {
				t.Errorf("%s fetches %s with pages of %d", p.a.User, got, limit)
			}
		}
		again := signIn(t, p.a)
		if got := ops(again.waitEntries(room, n)); got != text {
			t.Errorf("a new device of %s was given %s", p.a.User, got)
		}
		for _, e := range again.told() {
			if e.GetEnvelopes().GetTrimmed() {
				t.Errorf("%s is told that something is lost", p.a.User)
			}
		}
	}
	// Every pair of borders gives what lies between them, and nothing else.
	for _, p := range []*peer{bob, dora} {
		mine := p.entries(room)
		for _, from := range whole {
			for _, before := range whole {
				r, err := p.c.Fetch(short(t), &contractv1.NetFetch{Conversation: room, AfterSeq: from.Seq, BeforeSeq: before.Seq})
				if err != nil {
					t.Fatal(err)
				}
				var between []*contractv1.Envelope
				for _, e := range mine {
					if e.Seq > from.Seq && e.Seq < before.Seq {
						between = append(between, e)
					}
				}
				same(t, between, r.Envelopes)
			}
		}
	}
}

// TestALateMemberHasNoGap: whoever comes late is given what follows live, not
// told of a gap and not made to fetch.
func TestALateMemberHasNoGap(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	g := with(alice)
	for round := range 4 {
		alice.say(g.Conversation, "before")
		alice.do(contractv1.GroupChange_INVITE, g.Id, about(bob))
		alice.say(g.Conversation, "during")
		bob.waitEntries(g.Conversation, 3*round+2)
		alice.do(contractv1.GroupChange_REMOVE, g.Id, about(bob))
		bob.waitEntries(g.Conversation, 3*round+3)
	}
	got := bob.entries(g.Conversation)
	if len(got) != 12 || strings.Contains(ops(got), "before") {
		t.Errorf("bob has %s", ops(got))
	}
	same(t, got, bob.fetch(g.Conversation, 0))
	for _, e := range bob.told() {
		if e.GetEnvelopes().GetTrimmed() {
			t.Error("bob is told that something is lost")
		}
	}
}

func TestWhatAGroupNoLongerKeepsIsSaid(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	g := with(alice)
	for range 5 {
		alice.say(g.Conversation, "old")
	}
	alice.do(contractv1.GroupChange_INVITE, g.Id, about(bob))
	bob.waitEntries(g.Conversation, 1)
	bob.leave()
	for i := range 6 {
		alice.say(g.Conversation, fmt.Sprint(i))
	}
	if err := s.KeepOnly(short(t), 3); err != nil {
		t.Fatal(err)
	}
	again := signIn(t, bob.a, &contractv1.Cursor{Conversation: g.Conversation, Seq: bob.entries(g.Conversation)[0].Seq})
	got := again.waitEntries(g.Conversation, 3)
	if ops(got) != "3, 4, 5" {
		t.Errorf("bob has %s", ops(got))
	}
	if e := again.wait("entries", func(e *contractv1.NetEvent) bool { return e.GetEnvelopes() != nil }); !e.GetEnvelopes().Trimmed {
		t.Error("bob is not told that something is lost")
	}
}

func TestGroupsAtSignIn(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	var ids []string
	for range 5 {
		ids = append(ids, with(alice, bob).Id)
	}
	bob.do(contractv1.GroupChange_LEAVE, ids[0])
	again := signIn(t, bob.a)
	connected, groups := -1, -1
	for i, e := range again.told() {
		switch {
		case e.GetGroups().GetFull():
			groups = i
		case e.GetConnection().GetState() == contractv1.ConnectionChanged_CONNECTED:
			connected = i
		}
	}
	if groups < 0 || connected < groups {
		t.Fatalf("groups at %d, connected at %d", groups, connected)
	}
	full := again.told()[groups].GetGroups()
	states := map[string]contractv1.Group_State{}
	for _, g := range full.Groups {
		states[g.Id] = g.State
		if g.State == contractv1.Group_IN && (!g.MembersFull || len(g.Members) != 2) || g.Name != "Team" {
			t.Errorf("bob is told %v", g)
		}
	}
	for i, id := range ids {
		want := contractv1.Group_IN
		if i == 0 {
			want = contractv1.Group_OUT
		}
		if states[id] != want {
			t.Errorf("group %d is %v", i, states[id])
		}
	}
}

func TestGroupsComeInPages(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{}, "alice", "bob")
	var names []string
	for i := range 900 {
		names = append(names, fmt.Sprintf("somebody-with-a-long-name-%06d", i))
	}
	ids := map[string]bool{}
	for range 5 {
		g := with(all[0], all[1])
		ids[g.Id] = true
		if err := s.FillGroup(short(t), g.Id, names...); err != nil {
			t.Fatal(err)
		}
	}
	var pages []*contractv1.Groups
	for _, e := range signIn(t, all[1].a).told() {
		if g := e.GetGroups(); g != nil {
			pages = append(pages, g)
		}
	}
	if len(pages) < 2 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		if !p.Full || p.Page != uint32(i) || p.More != (i < len(pages)-1) {
			t.Errorf("page %d is %v, number %d, more %v", i, p.Full, p.Page, p.More)
		}
		for _, g := range p.Groups {
			if !ids[g.Id] || len(g.Members) != 902 || !g.MembersFull {
				t.Errorf("%s has %d members", g.Id, len(g.Members))
			}
			delete(ids, g.Id)
		}
	}
	if len(ids) > 0 {
		t.Errorf("%d groups are missing", len(ids))
	}
}
