package control

import (
	"strings"
	"testing"

	"switchboard/shared/model"
)

func TestGroupsHaveNames(t *testing.T) {
	s := &model.Snapshot{Account: &model.Account{Address: "alice@lab"},
		Contacts: []model.Contact{{Address: "bob@lab", Conversation: "dm.alice.bob"}},
		Groups: []model.GroupInfo{
			{ID: "g1", Conversation: "room.g1", Name: "Team", State: model.InGroup},
			{ID: "g2", Conversation: "room.g2", Name: "Twins", State: model.InGroup},
			{ID: "g3", Conversation: "room.g3", Name: "Twins", State: model.InvitedTo},
			{ID: "g4", Conversation: "room.g4", Name: "bob", State: model.InGroup},
			{ID: "g5", Conversation: "room.g5", Name: "Team", State: model.OutOfGroup},
			{ID: "g6", Conversation: "room.g6", Name: "Past", State: model.OutOfGroup},
		},
		Conversations: []model.Conversation{{ID: "room.g1", Kind: model.Group}},
	}
	for name, want := range map[string]string{"g1": "room.g1", "room.g1": "room.g1", "Team": "room.g1", "g5": "room.g5", "Past": "room.g6",
		"bob@lab": "dm.alice.bob", "g4": "room.g4"} {
		if got, err := conversation(s, name); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{"Twins": "g2, g3", "bob": "g4, dm.alice.bob", "Nobody": "there is no conversation"} {
		if got, err := conversation(s, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if g, err := group(s, "bob"); err != nil || g.ID != "g4" {
		t.Error(g, err)
	}
	if _, err := group(s, "Twins"); err == nil || !strings.Contains(err.Error(), "g2, g3") {
		t.Error(err)
	}
	if key, err := session(s, "Team/im"); err != nil || key.Conversation != "room.g1" {
		t.Error(key, err)
	}
}
