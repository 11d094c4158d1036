package ui_test

import (
	"fmt"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// room is the conversation of a recorded group.
func room(id string) string { return "room." + id }

// member is somebody in a recorded group.
func member(user, name string, role model.GroupRole, state model.GroupState) model.GroupMember {
	return model.GroupMember{Address: user + "@lab", Name: name, Role: role, State: state, Since: now.AddDate(0, 0, -9), By: "alice@lab"}
}

// withGroups is the lab with groups in which I have every role.
func withGroups() *world {
	w := lab()
	team := model.GroupInfo{ID: "t3amt3amt3amt3amt3am", Conversation: room("t3amt3amt3amt3amt3am"), Name: "Second floor", Role: model.GroupOwner, State: model.InGroup, Earlier: true, Open: true, Count: 5,
		Members: []model.GroupMember{
			member("alice", "Alice", model.GroupOwner, model.InGroup), member("dora", "Dora Lindqvist", model.GroupAdmin, model.InGroup),
			member("bob", "Bob", model.GroupPlain, model.InGroup), member("chris", "Chris Okafor", model.GroupPlain, model.InGroup),
			member("ines", "Inês Carvalho", model.GroupPlain, model.InGroup),
			member("fatima", "Fatima Zahra", model.GroupPlain, model.InvitedTo), member("hana", "Hana Sato", model.GroupPlain, model.RequestedFor),
		}}
	choir := model.GroupInfo{ID: "choirchoirchoirchoir", Conversation: room("choirchoirchoirchoir"), Name: "Choir", Role: model.GroupPlain, State: model.InGroup, Count: 2,
		Members: []model.GroupMember{member("bob", "Bob", model.GroupOwner, model.InGroup), member("alice", "Alice", model.GroupPlain, model.InGroup)}}
	asked := model.GroupInfo{ID: "picnicpicnicpicnicpi", Conversation: room("picnicpicnicpicnicpi"), Name: "Picnic on Saturday", State: model.InvitedTo, Count: 4, Why: "You are invited to this group; accept to take part.",
		Members: []model.GroupMember{{Address: "alice@lab", Name: "Alice", State: model.InvitedTo, By: "dora@lab"}}}
	left := model.GroupInfo{ID: "oldoldoldoldoldoldol", Conversation: room("oldoldoldoldoldoldol"), Name: "Move to the new building", State: model.OutOfGroup, Why: "You are no longer in this group."}
	w.change(func(s *model.Snapshot) {
		s.Groups = []model.GroupInfo{choir, left, asked, team}
		s.Contacts = s.Contacts[:6] // without the request
		s.Conversations = append([]model.Conversation{
			{ID: team.Conversation, Kind: model.Group, Title: team.Name, Summary: "@alice the key is at the front desk", From: "dora@lab", Time: now.Add(-time.Minute), Unread: 3, Mentions: 1, Members: 5},
			{ID: choir.Conversation, Kind: model.Group, Title: choir.Name, Summary: "Thursday as always", From: "alice@lab", Time: now.Add(-time.Hour), Members: 2},
			{ID: left.Conversation, Kind: model.Group, Title: left.Name, Summary: "All boxes are there", From: "chris@lab", Time: now.AddDate(0, 0, -2), ReadOnly: left.Why},
		}, s.Conversations...)
	})
	w.views[model.SessionKey{Conversation: team.Conversation, Session: "im"}] = groupTranscript(team, "")
	w.views[model.SessionKey{Conversation: choir.Conversation, Session: "im"}] = groupTranscript(choir, "")
	w.views[model.SessionKey{Conversation: left.Conversation, Session: "im"}] = groupTranscript(left, left.Why)
	return w
}

// groupTranscript is a group's view as the chat plugin shows it.
func groupTranscript(g model.GroupInfo, closed string) *model.View {
	v := transcript("bob", []line{
		{"bob", "Who has the key of the meeting room?", now.Add(-6 * time.Minute), 0},
		{"alice", "Not me. Dora had it yesterday.", now.Add(-5 * time.Minute), contractv1.Message_READ},
		{"bob", "Then we wait for her.", now.Add(-2 * time.Minute), 0},
	})
	v.Key = model.SessionKey{Conversation: g.Conversation, Session: "im"}
	v.Root.GetColumn().Children[1].Body = &contractv1.Node_Editor{Editor: &contractv1.Editor{
		Composer: true, Hint: "Message " + g.Name, MaxBytes: 32768, Mentions: true}}
	if closed != "" {
		v.Root.GetColumn().Children[1].Body = &contractv1.Node_Editor{Editor: &contractv1.Editor{Composer: true, Disabled: true, Reason: closed}}
	}
	return v
}

// bigGroup is a group of many, with names that do not fit.
func bigGroup(n int) *world {
	w := withGroups()
	w.change(func(s *model.Snapshot) {
		g := s.Groups[3]
		g.Name = "Everybody who ever worked on the second prototype of the board"
		for i := range n {
			g.Members = append(g.Members, member(fmt.Sprintf("user%04d", i), fmt.Sprintf("Person %d with quite a long name for a line", i), model.GroupPlain, model.InGroup))
		}
		g.Count += n
		s.Groups = append(append([]model.GroupInfo(nil), s.Groups[:3]...), g)
		s.Conversations[0].Title = g.Name
	})
	return w
}
