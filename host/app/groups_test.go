package app

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func lab(state contractv1.Group_State, revision int64, members ...*contractv1.GroupMember) *contractv1.Group {
	return &contractv1.Group{Id: "g1", Conversation: "room.g1", Name: "Lab", State: state, Role: contractv1.Group_MEMBER, Revision: revision, Members: members}
}

func in(address string) *contractv1.GroupMember {
	return &contractv1.GroupMember{Address: address, Name: strings.ToUpper(address[:1]), Role: contractv1.Group_MEMBER, State: contractv1.Group_IN}
}

func addresses(g *contractv1.Group) string {
	var all []string
	for _, m := range g.GetMembers() {
		all = append(all, m.Address)
	}
	return strings.Join(all, " ")
}

func TestGroupsAreMerged(t *testing.T) {
	known, seen := map[string]*contractv1.Group{}, map[string]bool{}
	take := func(full bool, groups ...*contractv1.Group) (keep []*contractv1.Group, gone []string) {
		before := len(known)
		next, keep, gone := mergeGroups(known, &contractv1.Groups{Full: full, Groups: groups}, seen)
		if len(known) != before {
			t.Fatal("what was known was changed in place")
		}
		known = next
		return keep, gone
	}
	first := lab(contractv1.Group_IN, 2, in("b@n"), in("a@n"))
	first.MembersFull = true
	take(true, first)
	take(false, lab(contractv1.Group_IN, 3, in("c@n")))
	if got := addresses(known["g1"]); got != "a@n b@n c@n" {
		t.Fatalf("members %s", got)
	}
	out := in("b@n")
	out.State = contractv1.Group_OUT
	take(false, lab(contractv1.Group_IN, 4, out))
	if keep, _ := take(false, lab(contractv1.Group_IN, 3, in("b@n"))); len(keep) != 0 || addresses(known["g1"]) != "a@n c@n" {
		t.Errorf("a change that comes late counts: %s", addresses(known["g1"]))
	}
	gone := lab(contractv1.Group_OUT, 5)
	gone.Name = ""
	take(false, gone)
	if g := known["g1"]; g.GetState() != contractv1.Group_OUT || g.Name != "Lab" || addresses(g) != "a@n c@n" || g.Role != 0 {
		t.Errorf("a group one left: %v", g)
	}
	invited := &contractv1.Group{Id: "g2", Conversation: "room.g2", Name: "Second", State: contractv1.Group_INVITED}
	take(false, invited)
	declined := &contractv1.Group{Id: "g2", Conversation: "room.g2", State: contractv1.Group_OUT}
	if _, gone := take(false, declined); !slices.Equal(gone, []string{"g2"}) || known["g2"] != nil {
		t.Error("a group one never was in stays")
	}
	take(false, lab(contractv1.Group_IN, 6, in("a@n")), invited)
	if keep, gone := take(true); len(keep) != 1 || len(gone) != 1 || known["g1"].GetState() != contractv1.Group_OUT {
		t.Errorf("a full list without them: %v %v", keep, gone)
	}
}

func TestAFullListComesInPages(t *testing.T) {
	known, seen := map[string]*contractv1.Group{}, map[string]bool{}
	group := func(id string) *contractv1.Group {
		return &contractv1.Group{Id: id, Conversation: "room." + id, Name: id, State: contractv1.Group_IN}
	}
	take := func(in *contractv1.Groups) { known, _, _ = mergeGroups(known, in, seen) }
	list := func() {
		take(&contractv1.Groups{Full: true, More: true, Groups: []*contractv1.Group{group("g1")}})
		take(&contractv1.Groups{Groups: []*contractv1.Group{group("g2")}}) // a change in between
		take(&contractv1.Groups{Full: true, Page: 1, More: true, Groups: []*contractv1.Group{group("g3")}})
		for id, g := range known {
			if g.State != contractv1.Group_IN {
				t.Errorf("%s is over before the list is", id)
			}
		}
		take(&contractv1.Groups{Full: true, Page: 2, Groups: []*contractv1.Group{group("g4")}})
	}
	list()
	take(&contractv1.Groups{Full: true, Groups: []*contractv1.Group{group("g1"), group("g2"), group("g3"), group("g4"),
		{Id: "past", Conversation: "room.past", Name: "Past", State: contractv1.Group_OUT}}})
	if known["past"].GetState() != contractv1.Group_OUT {
		t.Error("a new device does not know a group that was left")
	}
	delete(known, "past")
	known["old"] = group("old")
	list()
	for id, g := range known {
		if out := g.State == contractv1.Group_OUT; out != (id == "old") {
			t.Errorf("%s: %v", id, g.State)
		}
	}
}

func TestGroupsFromOutsideAreBounded(t *testing.T) {
	known := map[string]*contractv1.Group{}
	var many []*contractv1.Group
	for i := range maxGroups + 10 {
		id := fmt.Sprint("g", i)
		many = append(many, &contractv1.Group{Id: id, Conversation: "room." + id, State: contractv1.Group_IN})
	}
	known, _, _ = mergeGroups(known, &contractv1.Groups{Groups: many}, map[string]bool{})
	if len(known) != maxGroups {
		t.Errorf("%d groups", len(known))
	}
	crowd := lab(contractv1.Group_IN, 1)
	crowd.Name = strings.Repeat("é\u202e\n", 1000)
	for i := range maxGroupPeople + 10 {
		crowd.Members = append(crowd.Members, in(fmt.Sprint("p", i, "@n")))
	}
	g := mergeGroup(nil, crowd)
	if len(g.Members) != maxGroupPeople || len(g.Name) > maxGroupAddress || strings.ContainsAny(g.Name, "\n\u202e") {
		t.Errorf("%d members, %d bytes of name", len(g.Members), len(g.Name))
	}
	bad := []*contractv1.Group{{Id: "", Conversation: "room."}, {Id: "x", Conversation: "dm.a.b", State: contractv1.Group_IN}, {Id: "y", Conversation: "room.y"}}
	if now, _, _ := mergeGroups(map[string]*contractv1.Group{}, &contractv1.Groups{Groups: bad}, map[string]bool{}); len(now) != 0 {
		t.Error(now)
	}
}

func TestGroupsInTheSnapshot(t *testing.T) {
	a := quietApp(t)
	owner := in("me@n")
	owner.Role, owner.SinceMs = contractv1.Group_OWNER, 1000
	g := lab(contractv1.Group_IN, 1, owner, in("b@n"))
	g.MembersFull, g.Count, g.Role = true, 2, contractv1.Group_OWNER
	a.mu.Lock()
	a.people.account = &model.Account{Address: "me@n", Name: "Me", Device: "d"}
	a.mu.Unlock()
	a.groupsChanged(&contractv1.Groups{Full: true, Groups: []*contractv1.Group{g,
		{Id: "g2", Conversation: "room.g2", Name: "Asked", State: contractv1.Group_INVITED}}})
	s := a.current()
	if len(s.Groups) != 2 || s.Groups[1].Name != "Lab" || s.Groups[1].Members[0].Role != model.GroupOwner || s.Groups[0].State != model.InvitedTo {
		t.Fatalf("%+v", s.Groups)
	}
	i := slices.IndexFunc(s.Conversations, func(c model.Conversation) bool { return c.ID == "room.g1" })
	if i < 0 || s.Conversations[i].Title != "Lab" || s.Conversations[i].Members != 2 || s.Conversations[i].Kind != model.Group || s.Conversations[i].ReadOnly != "" {
		t.Fatalf("%+v", s.Conversations)
	}
	if slices.ContainsFunc(s.Conversations, func(c model.Conversation) bool { return c.ID == "room.g2" }) {
		t.Error("a group one is only invited to has a row")
	}
	if a.nameOf("b@n") != "B" {
		t.Error(a.nameOf("b@n"))
	}
	a.rosterChanged(&contractv1.Roster{Contacts: []*contractv1.Contact{{Address: "b@n", Name: "Bobby", State: contractv1.Contact_FRIEND}}})
	if g := a.current().Groups[1]; g.Members[1].Name != "Bobby" {
		t.Errorf("my name for a member: %+v", g.Members)
	}
	if r, ok := a.groupOf("room.g1"); !ok || r.Members[0].GetName() != "Bobby" || !r.In {
		t.Errorf("the engine is told %+v", r)
	}
	a.groupsChanged(&contractv1.Groups{Full: true})
	s = a.current()
	i = slices.IndexFunc(s.Conversations, func(c model.Conversation) bool { return c.ID == "room.g1" })
	if i < 0 || s.Conversations[i].ReadOnly != outOfGroup {
		t.Fatalf("after leaving: %+v", s.Conversations)
	}
	kept, err := a.store.Groups(t.Context())
	if err != nil || len(kept) != 1 || kept[0].State != contractv1.Group_OUT {
		t.Error(kept, err)
	}
	if _, err := a.ChangeGroup(t.Context(), model.GroupChange{Op: "create", Name: strings.Repeat("x", 65)}); err == nil || !strings.Contains(err.Error(), "1 to 64 bytes") {
		t.Error(err)
	}
	if _, err := a.ChangeGroup(t.Context(), model.GroupChange{Op: "create", Name: "x"}); err == nil || !strings.Contains(err.Error(), "connected") {
		t.Error(err)
	}
}

// quietApp is a host without plugins.
func quietApp(t *testing.T) *App {
	t.Helper()
	dir := t.TempDir()
	a, err := New(t.Context(), Options{Profile: dir, Headless: true, Executable: filepath.Join(dir, "bin", "switchboard")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}
