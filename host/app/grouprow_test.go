package app

import (
	"slices"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// TestUnopenedGroupHasALine: who brought me in, from the directory's list, until
// something of a session stands there.
func TestUnopenedGroupHasALine(t *testing.T) {
	a := quietApp(t)
	a.mu.Lock()
	a.people.account = &model.Account{Address: "me@n", Name: "Me", Device: "d"}
	a.mu.Unlock()
	for _, c := range []struct {
		by    string
		role  contractv1.Group_Role
		state contractv1.Group_State
		want  string
	}{
		{"b@n", contractv1.Group_MEMBER, contractv1.Group_IN, "B added you"},
		{"me@n", contractv1.Group_OWNER, contractv1.Group_IN, "You own this group"},
		{"", contractv1.Group_MEMBER, contractv1.Group_IN, "You joined"},
		{"b@n", contractv1.Group_MEMBER, contractv1.Group_OUT, ""},
	} {
		me := in("me@n")
		me.By, me.Role, me.SinceMs = c.by, c.role, 5000
		g := lab(c.state, 1, me, in("b@n"))
		a.mu.Lock()
		a.people.setGroups(map[string]*contractv1.Group{"g1": g})
		row, _ := a.people.groupConversation(model.Conversation{ID: "room.g1"})
		said, _ := a.people.groupConversation(model.Conversation{ID: "room.g1", Summary: "hello", From: "b@n", Time: time.UnixMilli(9000)})
		a.mu.Unlock()
		if row.Summary != c.want || !row.Time.Equal(time.UnixMilli(5000)) {
			t.Errorf("%+v: %q at %v", c, row.Summary, row.Time)
		}
		if said.Summary != "hello" || said.From != "b@n" || !said.Time.Equal(time.UnixMilli(9000)) {
			t.Errorf("what was said is lost: %+v", said)
		}
	}
	var german people
	german.init()
	german.speak("de")
	for want, m := range map[string]*contractv1.GroupMember{"Bob hat Sie hinzugefügt": {Address: "me@n", By: "Bob"},
		"Diese Gruppe gehört Ihnen": {Address: "me@n", Role: contractv1.Group_OWNER}, "Sie sind dabei": {Address: "me@n"}} {
		if got := german.cameBy(m); got != want {
			t.Errorf("in German %q, want %q", got, want)
		}
	}
	me := in("me@n")
	me.By = "b@n"
	a.groupsChanged(&contractv1.Groups{Full: true, Groups: []*contractv1.Group{lab(contractv1.Group_IN, 1, me, in("b@n"))}})
	s := a.current()
	i := slices.IndexFunc(s.Conversations, func(c model.Conversation) bool { return c.ID == "room.g1" })
	if i < 0 || s.Conversations[i].Summary != "B added you" {
		t.Errorf("in the snapshot: %+v", s.Conversations)
	}
}

// TestWhoAsksToBeLetIn: only who may answer is told, once for each request.
func TestWhoAsksToBeLetIn(t *testing.T) {
	asks := in("c@n")
	asks.State = contractv1.Group_REQUESTED
	as := func(role contractv1.Group_Role, members ...*contractv1.GroupMember) *contractv1.Group {
		g := lab(contractv1.Group_IN, 1, members...)
		g.Role = role
		return g
	}
	for _, c := range []struct {
		what     string
		old, now *contractv1.Group
		want     string
	}{
		{"an admin", as(contractv1.Group_ADMIN, in("b@n")), as(contractv1.Group_ADMIN, in("b@n"), asks), "c@n"},
		{"the owner", as(contractv1.Group_OWNER), as(contractv1.Group_OWNER, asks), "c@n"},
		{"a member", as(contractv1.Group_MEMBER), as(contractv1.Group_MEMBER, asks), ""},
		{"known before", as(contractv1.Group_ADMIN, asks), as(contractv1.Group_ADMIN, asks, in("b@n")), ""},
		{"let in", as(contractv1.Group_ADMIN, asks), as(contractv1.Group_ADMIN, in("c@n")), ""},
		{"a new device", nil, as(contractv1.Group_ADMIN, asks), ""},
	} {
		if got := newlyAsking(c.old, c.now); got != c.want {
			t.Errorf("%s: %q, not %q", c.what, got, c.want)
		}
	}
}
