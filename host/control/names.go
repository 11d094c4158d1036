package control

import (
	"fmt"
	"strings"

	"switchboard/shared/model"
)

// conversation finds what a person calls a conversation: its id, an address, or
// a user's name alone. "me" is the conversation with oneself.
func conversation(s *model.Snapshot, name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("name a conversation")
	}
	for _, c := range s.Conversations {
		if c.ID == name || c.Peer == name {
			return c.ID, nil
		}
	}
	for _, c := range s.Contacts {
		if c.Conversation != "" && (c.Address == name || user(c.Address) == name) {
			return c.Conversation, nil
		}
	}
	for _, c := range s.Conversations {
		if c.Peer != "" && user(c.Peer) == name {
			return c.ID, nil
		}
	}
	if s.Account != nil && (name == "me" || name == s.Account.Address || name == user(s.Account.Address)) {
		me := user(s.Account.Address)
		return "dm." + me + "." + me, nil
	}
	return "", fmt.Errorf("there is no conversation with %s; add the contact first", name)
}

func user(address string) string {
	u, _, _ := strings.Cut(address, "@")
	return u
}

// session finds a session by <conversation>/<id> or by an id that is unique. A
// standing session need not be open yet.
func session(s *model.Snapshot, name string) (model.SessionKey, error) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		conv, err := conversation(s, name[:i])
		return model.SessionKey{Conversation: conv, Session: name[i+1:]}, err
	}
	var found []model.SessionKey
	for _, one := range s.Sessions {
		if one.Key.Session == name {
			found = append(found, one.Key)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return model.SessionKey{}, fmt.Errorf("there is no session %s", name)
	}
	return model.SessionKey{}, fmt.Errorf("%d sessions are called %s; write <conversation>/%s", len(found), name, name)
}
