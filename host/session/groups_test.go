package session

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

const room1 = "room.g1"

var roomKey = key(room1, "im")

// groups is who is in which group, in the test's network.
type groups struct {
	mu sync.Mutex
	in map[string][]string // conversation → members
	at map[string]string   // conversation → title
}

func (g *groups) of(conversation, self string) (Group, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := Group{Title: g.at[conversation]}
	for _, m := range g.in[conversation] {
		out.Members = append(out.Members, &contractv1.Person{Address: m, Name: strings.ToUpper(m[:1])})
		out.In = out.In || m == self
	}
	if !out.In {
		out.Why = "You were removed from this group."
	}
	return out, out.Title != ""
}

func (n *network) hears(conversation, address string) bool {
	n.groups.mu.Lock()
	defer n.groups.mu.Unlock()
	return takesPart(conversation, address) || slices.Contains(n.groups.in[conversation], address)
}

// tell is the directory's entry and, before it for who comes and after it for
// who goes, what everybody is told of the group.
func (n *network) member(op contractv1.MembershipBody_Op, by, who string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	set := func() {
		n.groups.mu.Lock()
		if n.groups.in == nil {
			n.groups.in, n.groups.at = map[string][]string{}, map[string]string{}
		}
		n.groups.at[room1] = "Lab"
		list := slices.DeleteFunc(slices.Clone(n.groups.in[room1]), func(m string) bool { return m == who })
		if op == contractv1.MembershipBody_CREATED || op == contractv1.MembershipBody_JOINED {
			list = append(list, who)
		}
		n.groups.in[room1] = list
		n.groups.mu.Unlock()
	}
	comes := op == contractv1.MembershipBody_CREATED || op == contractv1.MembershipBody_JOINED
	if comes {
		set()
	}
	body, _ := proto.Marshal(&contractv1.MembershipBody{Op: op, By: by, Address: who, Name: who[:1]})
	n.force(by, "", &contractv1.Envelope{Id: newID(), Conversation: room1, Kind: contractv1.Envelope_MEMBERSHIP, Body: body})
	if !comes {
		set()
	}
	for _, h := range n.hosts {
		h.e.GroupsChanged(room1)
	}
}

// inGroup are three hosts of three people in one group.
func inGroup(t *testing.T) (n *network, a, b, c *host) {
	t.Helper()
	n = newNetwork()
	a, b, c = newHost(t, n, "a@n", "a1"), newHost(t, n, "b@n", "b1"), newHost(t, n, "c@n", "c1")
	for _, h := range []*host{a, b, c} {
		h.connect()
	}
	n.member(contractv1.MembershipBody_CREATED, "a@n", "a@n")
	n.member(contractv1.MembershipBody_JOINED, "a@n", "b@n")
	n.member(contractv1.MembershipBody_JOINED, "a@n", "c@n")
	return n, a, b, c
}

func TestAGroupHasOneOrderWithItsMembershipInIt(t *testing.T) {
	n, a, b, c := inGroup(t)
	defer a.e.OpenView(roomKey)()
	for i, h := range []*host{a, b, c, a} {
		if _, err := h.send(room1, fmt.Sprint("m", i)); err != nil {
			t.Fatal(err)
		}
	}
	same := func(want int, hosts ...*host) {
		t.Helper()
		eventually(t, "all agree", func() bool {
			for _, h := range hosts {
				if l := h.log("im", roomKey); len(l) != want || !slices.Equal(l, hosts[0].log("im", roomKey)) {
					return false
				}
			}
			return true
		})
	}
	c2 := c // joined last, and was told from its own joining on
	same(7, a)
	if l := a.log("im", roomKey); !strings.Contains(strings.Join(l, ","), "JOINED a@n b@n") {
		t.Errorf("%v", l)
	}
	// What the plugin loses comes again, in the same order.
	a.kill("im", nil)
	before := a.log("im", roomKey)
	a.mu.Lock()
	a.data["im"].sessions = map[model.SessionKey]*sessionData{}
	a.mu.Unlock()
	a.crash()
	a.connect()
	defer a.e.OpenView(roomKey)()
	eventually(t, "replayed", func() bool { return slices.Equal(a.log("im", roomKey), before) })
	n.member(contractv1.MembershipBody_REMOVED, "a@n", "c@n")
	eventually(t, "the last entry of c", func() bool {
		l := c2.log("im", roomKey)
		return len(l) > 0 && strings.HasSuffix(l[len(l)-1], "REMOVED a@n c@n")
	})
	if _, err := c.send(room1, "still here"); err == nil || err.Error() != "You were removed from this group." {
		t.Errorf("a removed member writes: %v", err)
	}
	had := c.log("im", roomKey)
	if _, err := b.send(room1, "without c"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a has it", func() bool { return strings.HasSuffix(strings.Join(a.log("im", roomKey), ","), "without c") })
	if !slices.Equal(c.log("im", roomKey), had) {
		t.Error("a removed member read on")
	}
	for _, h := range []*host{a, b, c} {
		h.mu.Lock()
		if f := h.data["im"].faults; len(f) > 0 {
			t.Error(f)
		}
		h.mu.Unlock()
	}
}

func TestSessionsAreToldOfTheirGroup(t *testing.T) {
	n, a, b, _ := inGroup(t)
	defer a.e.OpenView(roomKey)()
	defer b.e.OpenView(roomKey)()
	eventually(t, "open", func() bool {
		return b.process("im").sessionOf(roomKey) != nil && a.process("im").sessionOf(roomKey) != nil
	})
	open := a.process("im").sessionOf(roomKey).open.GetConversation()
	if open.GetKind() != contractv1.Conversation_GROUP || open.GetTitle() != "Lab" || len(open.GetMembers()) != 3 || open.GetReadOnly() != "" {
		t.Fatal(open)
	}
	n.member(contractv1.MembershipBody_LEFT, "b@n", "b@n")
	told := func(h *host, what func(*contractv1.Event) bool) func() bool {
		return func() bool {
			p := h.process("im")
			return slices.ContainsFunc(p.eventsOf(p.sessionOf(roomKey)), what)
		}
	}
	eventually(t, "a hears that b left", told(a, func(ev *contractv1.Event) bool {
		return ev.GetMember().GetAddress() == "b@n" && ev.GetMember().GetState() == contractv1.Member_LEFT && ev.GetMember().GetName() == "B"
	}))
	eventually(t, "b hears that it is read only", told(b, func(ev *contractv1.Event) bool {
		return ev.GetConversation().GetReadOnly() == "You were removed from this group."
	}))
	n.member(contractv1.MembershipBody_JOINED, "a@n", "b@n")
	eventually(t, "b may write again", told(b, func(ev *contractv1.Event) bool {
		return ev.GetConversation() != nil && ev.GetConversation().GetReadOnly() == ""
	}))
	if _, err := b.send(room1, "back"); err != nil {
		t.Error(err)
	}
}

func TestOffersInAGroup(t *testing.T) {
	n, a, b, c := inGroup(t)
	k, err := a.e.Offer(t.Context(), room1, "game", "Chess", nil)
	must(t, err)
	for _, h := range []*host{b, c} {
		h.waitState(k, model.Offered)
	}
	must(t, b.e.Accept(t.Context(), k))
	for _, h := range []*host{a, b} {
		h.waitState(k, model.Active)
	}
	must(t, c.e.Decline(t.Context(), k))
	c.waitState(k, model.Declined)
	n.member(contractv1.MembershipBody_REMOVED, "a@n", "b@n")
	b.waitState(k, model.Ended)
	if s := b.session(k); s.Reason != notInGroup {
		t.Errorf("the reason is %q", s.Reason)
	}
	eventually(t, "b's seat is empty for the others", func() bool {
		for _, h := range []*host{a, c} {
			if !slices.ContainsFunc(h.session(k).Members, func(m model.SessionMember) bool { return m.Address == "b@n" && m.State == "left" }) {
				return false
			}
		}
		return true
	})
	if _, err := b.e.Offer(t.Context(), room1, "game", "", nil); err == nil || err.Error() != "You were removed from this group." {
		t.Errorf("a removed member offers: %v", err)
	}
	n.member(contractv1.MembershipBody_JOINED, "a@n", "b@n")
	eventually(t, "what ended stays so", func() bool { return b.session(k).State == model.Ended })
	n.member(contractv1.MembershipBody_LEFT, "a@n", "a@n") // the owner of the session
	for _, h := range []*host{a, c} {
		h.waitState(k, model.Ended)
	}
}

// TestGoneIsALeave: a membership entry does to a fold what a leave does.
func TestGoneIsALeave(t *testing.T) {
	for _, ends := range []contractv1.OfferBody_Ends{contractv1.OfferBody_OWNER, contractv1.OfferBody_LAST, contractv1.OfferBody_NEVER} {
		for _, who := range []string{"a@n", "b@n", "c@n", "d@n"} {
			body, _ := proto.Marshal(&contractv1.OfferBody{Ends: ends})
			f, ok := Begin(&contractv1.Envelope{Conversation: room1, Session: uid("s"), Plugin: "game", From: "a@n", Device: "a1", Seq: 1, TimeMs: 1, Body: body}, 0)
			if !ok {
				t.Fatal("no offer")
			}
			step := func(f Fold, from string, kind contractv1.Envelope_Kind) Fold {
				f, _ = f.Apply(&contractv1.Envelope{Conversation: room1, Session: uid("s"), Plugin: "game", From: from, Device: from[:1] + "1", Kind: kind, TimeMs: 2})
				return f
			}
			f = step(f, "b@n", contractv1.Envelope_ACCEPT)
			f = step(f, "c@n", contractv1.Envelope_DECLINE)
			seats := slices.Clone(f.Seats)
			gone, changed := f.Gone(&contractv1.Envelope{TimeMs: 3}, who, false)
			if !slices.Equal(f.Seats, seats) {
				t.Error("the value was changed")
			}
			left := step(f, who, contractv1.Envelope_LEAVE)
			if gone.Over != left.Over || gone.OverBy != left.OverBy || gone.joined() != left.joined() {
				t.Errorf("%v, %s: %+v, not %+v", ends, who, gone, left)
			}
			if again, twice := gone.Gone(&contractv1.Envelope{TimeMs: 4}, who, true); changed != (who != "d@n") || twice || again.Over != gone.Over {
				t.Errorf("%v, %s: changed %v, then %v", ends, who, changed, twice)
			}
		}
	}
}

func TestMembershipFromOutsideIsBounded(t *testing.T) {
	n, a, _, _ := inGroup(t)
	defer a.e.OpenView(roomKey)()
	good, _ := proto.Marshal(&contractv1.MembershipBody{Op: contractv1.MembershipBody_RENAMED, Name: "A\nB"})
	for _, e := range []*contractv1.Envelope{
		{Body: []byte{255}}, {Body: make([]byte, maxMembership+1)}, {Id: strings.Repeat("x", maxID+1), Body: good}, {Id: "a b", Body: good},
		{Body: good},
	} {
		e.Conversation, e.Kind = room1, contractv1.Envelope_MEMBERSHIP
		n.inject("a@n", "", e)
	}
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Kind: contractv1.Envelope_MEMBERSHIP, Body: good}) // not of a group
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: room1, Session: "@group", Plugin: "@group", Kind: contractv1.Envelope_UPDATE, Body: good})
	if _, err := a.send(room1, "x"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the rest counts", func() bool { return len(a.log("im", roomKey)) == 3+1+1 })
	if len(a.log("im", imKey)) != 0 {
		t.Error("a conversation of two has membership")
	}
}

func TestALargeGroupFitsIntoTheOpening(t *testing.T) {
	n, a, _, _ := inGroup(t)
	n.groups.mu.Lock()
	for i := range contractv1.MaxGroupMembers + 50 {
		n.groups.in[room1] = append(n.groups.in[room1], fmt.Sprintf("%s%04d@n", strings.Repeat("p", 200), i))
	}
	n.groups.mu.Unlock()
	defer a.e.OpenView(roomKey)()
	eventually(t, "open", func() bool { return a.process("im").sessionOf(roomKey) != nil })
	open := a.process("im").sessionOf(roomKey).open
	if got := len(open.GetConversation().GetMembers()); got != contractv1.MaxGroupMembers {
		t.Errorf("%d members", got)
	}
	if size := proto.Size(open); size > contractv1.MaxFrame {
		t.Errorf("%d bytes", size)
	}
}
