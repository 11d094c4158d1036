package control

import (
	"fmt"
	"strings"

	"switchboard/shared/model"
)

// conversation finds what a person calls a conversation: its id, an address, a
// user's name alone, or a group's id or name. "me" is the conversation with
// oneself. A name that means several is an error that tells them apart.
func conversation(s *model.Snapshot, name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("name a conversation")
	}
	for _, g := range s.Groups {
		if g.ID == name {
			return g.Conversation, nil
		}
	}
	person, err := withPerson(s, name)
	groups := groupsNamed(s, name)
	switch {
	case len(groups) == 0 || person == name || strings.Contains(name, "@") && person != "":
		return person, err
	case len(groups) == 1 && person == "":
		return groups[0].Conversation, nil
	}
	return "", ambiguous(name, groups, person)
}

// group finds a group by its id, its conversation or its name.
func group(s *model.Snapshot, name string) (model.GroupInfo, error) {
	for _, g := range s.Groups {
		if g.ID == name || g.Conversation == name {
			return g, nil
		}
	}
	switch groups := groupsNamed(s, name); len(groups) {
	case 0:
		return model.GroupInfo{}, fmt.Errorf("there is no group %s", name)
	case 1:
		return groups[0], nil
	default:
		return model.GroupInfo{}, ambiguous(name, groups, "")
	}
}

// groupsNamed are the groups with a name; those one is no longer in count only
// where there is no other.
func groupsNamed(s *model.Snapshot, name string) []model.GroupInfo {
	var all, now []model.GroupInfo
	for _, g := range s.Groups {
		if g.Name == name {
			all = append(all, g)
			if g.State != model.OutOfGroup {
				now = append(now, g)
			}
		}
	}
	if len(now) > 0 {
		return now
	}
	return all
}

func ambiguous(name string, groups []model.GroupInfo, person string) error {
	var ids []string
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	if person != "" {
		ids = append(ids, person)
	}
	return fmt.Errorf("%q means several; name one of %s", name, strings.Join(ids, ", "))
}

// withPerson is conversation for people and ids of conversations.
func withPerson(s *model.Snapshot, name string) (string, error) {
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
	return "", fmt.Errorf("there is no conversation with %s; add the contact or join the group first", name)
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
