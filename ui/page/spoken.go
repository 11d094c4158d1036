package page

import (
	"switchboard/shared/model"
	"switchboard/ui/access"
	"switchboard/ui/words"
)

// rowSpoken is a row of the list as one sentence for a screen reader: the person,
// whether they are there, what is new, the last line and its time.
func rowSpoken(s *Shell, c *model.Conversation, name, line, at string) string {
	status, unread := "", ""
	if c.Kind == model.Direct {
		status = words.Presence(s.seenStatus(s.contact(c.Peer)))
	}
	if n := s.news(c); n > 0 {
		unread = words.Unread(n)
	}
	return words.Spoken(name, status, unread, line, at)
}

// spokenActions are the choices of a menu that can be made.
func spokenActions(items []MenuItem) []access.Action {
	var out []access.Action
	for _, m := range items {
		if m.Reason == "" && m.Do != nil {
			out = append(out, access.Action{Name: m.Text, Do: m.Do})
		}
	}
	return out
}
