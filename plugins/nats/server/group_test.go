package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nkeys"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func (p *peer) try(c *contractv1.GroupChange) (*contractv1.Group, error) {
	return p.c.Group(short(p.t), c)
}

// do changes a group and insists.
func (p *peer) do(op contractv1.GroupChange_Op, group string, more ...func(*contractv1.GroupChange)) *contractv1.Group {
	p.t.Helper()
	c := &contractv1.GroupChange{Op: op, Group: group, Id: id()}
	for _, f := range more {
		f(c)
	}
	g, err := p.try(c)
	if err != nil {
		p.t.Fatalf("%s: %v: %v", p.a.User, op, err)
	}
	return g
}

func about(who *peer) func(*contractv1.GroupChange) {
	return func(c *contractv1.GroupChange) { c.Address = who.a.Address() }
}

func on(v bool) func(*contractv1.GroupChange) {
	return func(c *contractv1.GroupChange) { c.On = v }
}

// people starts a network of people who are all contacts of the first.
func people(t *testing.T, o server.Options, names ...string) (*server.Server, []*peer) {
	t.Helper()
	s := start(t, o)
	all := []*peer{signIn(t, join(t, s, names[0]))}
	for _, n := range names[1:] {
		p := signIn(t, join(t, s, n))
		befriend(t, all[0], p)
		all = append(all, p)
	}
	return s, all
}

// with makes a group of the first and the others.
func with(owner *peer, others ...*peer) *contractv1.Group {
	owner.t.Helper()
	g := owner.do(contractv1.GroupChange_CREATE, "", func(c *contractv1.GroupChange) { c.Name = "Team" })
	for _, p := range others {
		owner.do(contractv1.GroupChange_INVITE, g.Id, about(p))
	}
	return g
}

// inGroup is an event by which a device learns its own place in a group.
func inGroup(group string, state contractv1.Group_State) func(*contractv1.NetEvent) bool {
	return func(e *contractv1.NetEvent) bool {
		for _, g := range e.GetGroups().GetGroups() {
			if g.Id == group && g.State == state {
				return true
			}
		}
		return false
	}
}

// ops are the membership entries among what a device was given.
func ops(all []*contractv1.Envelope) string {
	var out []string
	for _, e := range all {
		if e.Kind != contractv1.Envelope_MEMBERSHIP {
			out = append(out, string(e.Body))
			continue
		}
		b := &contractv1.MembershipBody{}
		if err := proto.Unmarshal(e.Body, b); err != nil {
			panic(err)
		}
		who, _, _ := strings.Cut(b.Address, "@")
		by, _, _ := strings.Cut(b.By, "@")
		out = append(out, strings.TrimSuffix(b.Op.String()+" "+by+">"+who, ">"))
	}
	return strings.Join(out, ", ")
}

func TestAGroupFromItsBeginningToItsEnd(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob", "chris")
	alice, bob, chris := all[0], all[1], all[2]
	g := with(alice, bob, chris)
	room := g.Conversation
	if g.Conversation != wire.RoomConversation(g.Id) || !wire.ValidRoom(g.Id) || g.Role != contractv1.Group_OWNER ||
		g.State != contractv1.Group_IN || g.Name != "Team" || !g.MembersFull || len(g.Members) != 1 || g.Count != 1 {
		t.Fatalf("made %v", g)
	}
	// Whoever comes in learns the whole group.
	e := chris.wait("the group", inGroup(g.Id, contractv1.Group_IN)).GetGroups()
	if v := e.Groups[0]; e.Full || !v.MembersFull || len(v.Members) != 3 || v.Count != 3 || v.Role != contractv1.Group_MEMBER ||
		v.Members[0].Name != "Name of alice" || v.Members[2].By != "alice@local" {
		t.Fatalf("chris was told %v", v)
	}
	alice.say(room, "one")
	bob.say(room, "two")
	chris.say(room, "three")
	want := "CREATED alice, JOINED alice>bob, JOINED alice>chris, one, two, three"
	if got := ops(alice.waitEntries(room, 6)); got != want {
		t.Errorf("alice has %s", got)
	}
	if got := ops(bob.waitEntries(room, 5)); got != "JOINED alice>bob, JOINED alice>chris, one, two, three" {
		t.Errorf("bob has %s", got)
	}
	if got := ops(chris.waitEntries(room, 4)); got != "JOINED alice>chris, one, two, three" {
		t.Errorf("chris has %s", got)
	}
	same(t, alice.entries(room)[2:], chris.entries(room))
	for _, e := range alice.entries(room) {
		if e.Id == "" || e.TimeMs == 0 || e.From == "" ||
			(e.Kind == contractv1.Envelope_MEMBERSHIP) != (e.Device == "" && e.Session == "" && e.Plugin == "") {
			t.Errorf("an entry like this: %v", e)
		}
	}

	face, hash := content(t, 2000)
	put(t, bob, face, hash, 60)
	alice.do(contractv1.GroupChange_ROLE, g.Id, about(bob), func(c *contractv1.GroupChange) { c.Role = contractv1.Group_ADMIN })
	bob.do(contractv1.GroupChange_RENAME, g.Id, func(c *contractv1.GroupChange) { c.Name = "The team" })
	bob.do(contractv1.GroupChange_PICTURE, g.Id, func(c *contractv1.GroupChange) { c.Picture = hash })
	bob.do(contractv1.GroupChange_EARLIER, g.Id, on(true))
	bob.do(contractv1.GroupChange_OPEN, g.Id, on(true))
	v := chris.wait("all of it", func(e *contractv1.NetEvent) bool {
		for _, g := range e.GetGroups().GetGroups() {
			if g.Open {
				return true
			}
		}
		return false
	}).GetGroups().Groups[0]
	if v.Name != "The team" || v.Picture != hash || !v.Earlier || v.MembersFull || v.Count != 3 {
		t.Errorf("chris was told %v", v)
	}
	bob.do(contractv1.GroupChange_REMOVE, g.Id, about(chris))
	chris.wait("out", inGroup(g.Id, contractv1.Group_OUT))
	if got := ops(chris.waitEntries(room, 9)); !strings.HasSuffix(got, "three, ROLE alice>bob, RENAMED bob, PICTURE bob, EARLIER bob, REMOVED bob>chris") {
		t.Errorf("chris has %s", got)
	}
	if r := chris.post(room, entry("after"))[0]; r.GetRefused() == nil {
		t.Errorf("chris writes after being removed: %v", r)
	}
	alice.do(contractv1.GroupChange_LEAVE, g.Id) // bob is admin and has it now
	v = bob.wait("the group", func(e *contractv1.NetEvent) bool {
		for _, g := range e.GetGroups().GetGroups() {
			if g.Role == contractv1.Group_OWNER {
				return true
			}
		}
		return false
	}).GetGroups().Groups[0]
	if v.Count != 1 {
		t.Errorf("bob was told %v", v)
	}
	if got := bob.do(contractv1.GroupChange_LEAVE, g.Id); got.State != contractv1.Group_OUT || got.Name != "The team" {
		t.Errorf("bob left %v", got)
	}
	got := ops(bob.waitEntries(room, 13))
	if !strings.HasSuffix(got, "REMOVED bob>chris, ROLE alice>bob, LEFT alice>alice, LEFT bob>bob") {
		t.Errorf("bob has %s", got)
	}
	for _, p := range all { // it is over
		if _, err := p.try(&contractv1.GroupChange{Op: contractv1.GroupChange_REQUEST, Group: g.Id}); err == nil {
			t.Errorf("%s asks to be let into a group that ended", p.a.User)
		}
	}
	same(t, bob.entries(room), signIn(t, bob.a).waitEntries(room, 13))
}

// told is everything that a device was told so far.
func (p *peer) told() []*contractv1.NetEvent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.events)
}

func TestAskingBeforeAGroup(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob", "chris")
	alice, bob, chris := all[0], all[1], all[2]
	yes := true
	if err := bob.c.Profile(short(t), &contractv1.ProfileChange{AskGroups: &yes}); err != nil {
		t.Fatal(err)
	}
	g := with(alice, bob)
	room := g.Conversation
	v := bob.wait("the invitation", inGroup(g.Id, contractv1.Group_INVITED)).GetGroups().Groups[0]
	if v.Name != "Team" || len(v.Members) != 1 || v.Members[0].Address != "bob@local" || v.Members[0].By != "alice@local" {
		t.Errorf("bob was told %v", v)
	}
	if r := bob.post(room, entry("x"))[0]; r.GetRefused() == nil {
		t.Error("who is only invited writes")
	}
	if _, err := bob.c.Fetch(short(t), &contractv1.NetFetch{Conversation: room}); err == nil {
		t.Error("who is only invited reads")
	}
	bob.do(contractv1.GroupChange_DECLINE, g.Id)
	alice.say(room, "without bob")
	alice.do(contractv1.GroupChange_INVITE, g.Id, about(bob))
	if v := bob.do(contractv1.GroupChange_ACCEPT, g.Id); !v.MembersFull || len(v.Members) != 2 || v.State != contractv1.Group_IN {
		t.Errorf("bob comes into %v", v)
	}
	alice.say(room, "with bob")
	if got := ops(bob.waitEntries(room, 2)); got != "JOINED bob>bob, with bob" {
		t.Errorf("bob has %s", got)
	}
	if got := ops(alice.waitEntries(room, 7)); got != "CREATED alice, INVITED alice>bob, DECLINED bob>bob, without bob, INVITED alice>bob, JOINED bob>bob, with bob" {
		t.Errorf("alice has %s", got)
	}

	// Requests, only where the group takes them.
	if _, err := chris.try(&contractv1.GroupChange{Op: contractv1.GroupChange_REQUEST, Group: g.Id}); err == nil {
		t.Error("a closed group takes requests")
	}
	alice.do(contractv1.GroupChange_OPEN, g.Id, on(true))
	before := bob.mark()
	if v := chris.do(contractv1.GroupChange_REQUEST, g.Id); v.State != contractv1.Group_REQUESTED || len(v.Members) != 1 {
		t.Errorf("chris asked %v", v)
	}
	asked := func(e *contractv1.NetEvent) bool {
		for _, g := range e.GetGroups().GetGroups() {
			for _, m := range g.Members {
				if m.Address == "chris@local" && m.State == contractv1.Group_REQUESTED {
					return true
				}
			}
		}
		return false
	}
	alice.wait("the request", asked)
	if _, err := bob.try(&contractv1.GroupChange{Op: contractv1.GroupChange_ADMIT, Group: g.Id, Address: "chris"}); err == nil {
		t.Error("a member lets people in")
	}
	alice.do(contractv1.GroupChange_REFUSE, g.Id, about(chris))
	chris.wait("the refusal", inGroup(g.Id, contractv1.Group_OUT))
	chris.do(contractv1.GroupChange_REQUEST, g.Id)
	alice.do(contractv1.GroupChange_ADMIT, g.Id, about(chris))
	chris.wait("in", inGroup(g.Id, contractv1.Group_IN))
	bob.waitEntries(room, 3)
	if slices.ContainsFunc(bob.told()[before:], asked) {
		t.Error("a member hears who asks to be let in")
	}
	if got := ops(chris.waitEntries(room, 1)); got != "JOINED alice>chris" {
		t.Errorf("chris has %s", got)
	}
}

func TestAChangeOfAGroupCountsOnce(t *testing.T) {
	t.Parallel()
	o := server.Options{Folder: t.TempDir()}
	s, all := people(t, o, "alice", "bob")
	alice, bob := all[0], all[1]
	make := &contractv1.GroupChange{Op: contractv1.GroupChange_CREATE, Id: id(), Name: "Once"}
	g, err := alice.try(make)
	if err != nil {
		t.Fatal(err)
	}
	rename := &contractv1.GroupChange{Op: contractv1.GroupChange_RENAME, Group: g.Id, Id: id(), Name: "First"}
	invite := &contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: g.Id, Id: id(), Address: "bob"}
	for _, c := range []*contractv1.GroupChange{rename, invite} {
		if _, err := alice.try(c); err != nil {
			t.Fatal(err)
		}
	}
	alice.do(contractv1.GroupChange_RENAME, g.Id, func(c *contractv1.GroupChange) { c.Name = "Second" })
	bob.do(contractv1.GroupChange_LEAVE, g.Id)
	repeat := func(p *peer) {
		for range 3 {
			for _, c := range []*contractv1.GroupChange{make, rename, invite} {
				got, err := p.try(c)
				if err != nil || got.Id != g.Id || got.Name != "Second" {
					t.Fatalf("%v: %v, %v", c, got, err)
				}
			}
		}
	}
	repeat(alice)
	alice.leave()
	bob.leave()
	s.Close()
	s = start(t, o)
	moved := *alice.a
	moved.Addresses = s.Addresses()
	alice = signIn(t, &moved)
	repeat(alice)
	want := "CREATED alice, RENAMED alice, JOINED alice>bob, RENAMED alice, LEFT bob>bob"
	if got := ops(alice.fetch(g.Conversation, 0)); got != want {
		t.Errorf("alice has %s", got)
	}
	// Somebody else's id is their own.
	if v, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_CREATE, Id: id(), Name: "Other"}); err != nil || v.Id == g.Id {
		t.Errorf("%v, %v", v, err)
	}
}

func account(s *server.Server, user string, seed []byte, t testing.TB) *client.Account {
	t.Helper()
	return &client.Account{User: user, Name: user, Device: deviceOf(t, seed), Network: s.Network(), Key: s.Key(), Addresses: s.Addresses(), Seed: seed}
}

func deviceOf(t testing.TB, seed []byte) string {
	t.Helper()
	kp, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return wire.DeviceID(pub)
}

func TestARemovedAccountLeavesItsGroups(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	g := with(alice, bob)
	if err := s.RemoveUser(short(t), "alice"); err != nil {
		t.Fatal(err)
	}
	bob.wait("the group", func(e *contractv1.NetEvent) bool {
		for _, v := range e.GetGroups().GetGroups() {
			if v.Id == g.Id && v.Role == contractv1.Group_OWNER && v.Count == 1 {
				return true
			}
		}
		return false
	})
	if got := ops(bob.waitEntries(g.Conversation, 3)); got != "JOINED alice>bob, ROLE alice>bob, LEFT alice>alice" {
		t.Errorf("bob has %s", got)
	}
}
