package page

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"switchboard/shared/model"
	"switchboard/ui/words"
)

// Filter says which conversations the list shows.
type Filter int

// The filters above the list.
const (
	FilterAll Filter = iota
	FilterUnread
	FilterGroups
	FilterArchived
)

// rows are the conversations that a filter lets through, in the host's order.
// The open one stays in an Unread list, so that reading does not make it vanish
// from under the pointer.
func rows(s *model.Snapshot, f Filter, open string) []model.Conversation {
	out := make([]model.Conversation, 0, len(s.Conversations))
	for _, c := range s.Conversations {
		switch f {
		case FilterArchived:
			if !c.Archived {
				continue
			}
		case FilterUnread:
			if c.Archived || c.Unread == 0 && c.Mentions == 0 && c.ID != open {
				continue
			}
		case FilterGroups:
			if c.Archived || c.Kind != model.Group {
				continue
			}
		default:
			if c.Archived {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// requests are the people who ask me, by address.
func requests(s *model.Snapshot) []model.Contact {
	var out []model.Contact
	for _, c := range s.Contacts {
		if c.State == model.Request {
			out = append(out, c)
		}
	}
	words.Sort(out, func(c model.Contact) string { return c.Address }) // the only name of theirs that shows
	return out
}

// contactOf is the contact with an address, or nil.
func contactOf(s *model.Snapshot, address string) *model.Contact {
	for i := range s.Contacts {
		if s.Contacts[i].Address == address {
			return &s.Contacts[i]
		}
	}
	return nil
}

// conversationOf is the conversation with an id, or nil.
func conversationOf(s *model.Snapshot, id string) *model.Conversation {
	for i := range s.Conversations {
		if s.Conversations[i].ID == id {
			return &s.Conversations[i]
		}
	}
	return nil
}

// titleOf is what a conversation is called.
func titleOf(s *model.Snapshot, c *model.Conversation) string {
	if c == nil {
		return ""
	}
	if c.Kind == model.Self {
		return words.NotesTitle.Text()
	}
	if c.Title != "" {
		return c.Title
	}
	if k := contactOf(s, c.Peer); k != nil && k.Name != "" {
		return k.Name
	}
	if c.Peer != "" {
		return c.Peer
	}
	return c.ID
}

// nameOf is what a person is called in the window.
func nameOf(s *model.Snapshot, address string) string {
	if s.Account != nil && s.Account.Address == address && s.Account.Name != "" {
		return s.Account.Name
	}
	if k := contactOf(s, address); k != nil && k.Name != "" {
		return k.Name
	}
	user, _, _ := strings.Cut(address, "@")
	return user
}

// shows tells whether a conversation is the one that is open before the person.
func (s *Shell) shows(conversation string) bool {
	return conversation == s.Open && s.Page == PageConversation
}

// news is how many messages of a conversation wait to be seen. What arrives while
// it is open before the person's eyes is being read and raises no count.
func (s *Shell) news(c *model.Conversation) int {
	if s.shows(c.ID) && s.Focused {
		return 0
	}
	return c.Unread
}

// muted tells whether a conversation is quiet now.
func muted(c *model.Conversation, now time.Time) bool { return c.Muted.After(now) }

// fold makes a text comparable for searching: no case, no marks.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// matches tells whether every word of a folded query begins a word of the texts.
func matches(query string, texts ...string) bool {
	for _, q := range strings.Fields(query) {
		found := false
		for _, t := range texts {
			if t = fold(t); strings.HasPrefix(t, q) || strings.Contains(t, " "+q) || len(q) > 1 && strings.Contains(t, q) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// hitKind tells the kinds of line in the jump list apart.
type hitKind int

const (
	hitConversation hitKind = iota
	hitPerson
	hitPage
	hitAdd
	hitCommand  // something that can be done
	hitMessage  // something that was written
	hitAllFound // leads to the page of everything that was found
)

// hit is a line of the jump list.
type hit struct {
	kind            hitKind
	id, name, extra string
	address         string
	status          model.Status
	group           bool
	icon            string    // of a command
	do              func()    // of a command
	found           model.Hit // of a message
}

// maxHits bounds the jump list; more is not a choice but a search to refine.
const maxHits = 50

// jump finds people, conversations and pages for what was typed.
func jump(s *model.Snapshot, query string, pages []Entry) []hit {
	q := fold(strings.TrimSpace(query))
	var out []hit
	seen := make(map[string]bool, len(s.Conversations))
	for i := range s.Conversations {
		c := &s.Conversations[i]
		seen[c.Peer] = c.Peer != ""
		title := titleOf(s, c)
		if len(out) < maxHits && matches(q, title, c.Peer) {
			h := hit{kind: hitConversation, id: c.ID, name: title, extra: c.Peer, address: rowAddress(s, c), group: c.Kind == model.Group}
			if h.group {
				h.extra = words.MemberCount(c.Members)
			}
			if k := contactOf(s, c.Peer); k != nil {
				h.status = k.Presence.Status
			}
			out = append(out, h)
		}
	}
	for _, k := range s.Contacts {
		if seen[k.Address] || k.State == model.Request || len(out) >= maxHits || !matches(q, k.Name, k.Address) {
			continue
		}
		out = append(out, hit{kind: hitPerson, id: k.Conversation, name: nameOf(s, k.Address), extra: k.Address, address: k.Address, status: k.Presence.Status})
	}
	if q == "" {
		return out
	}
	for _, p := range pages {
		if matches(q, p.Title) {
			out = append(out, hit{kind: hitPage, id: p.ID, name: p.Title})
		}
	}
	if user, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(query)), "@"); len(out) == 0 && checkUser(user) == "" {
		out = append(out, hit{kind: hitAdd, id: strings.ToLower(strings.TrimSpace(query))})
	}
	return out
}

// rowAddress is what colours a conversation's avatar.
func rowAddress(s *model.Snapshot, c *model.Conversation) string {
	if c.Peer != "" {
		return c.Peer
	}
	if c.Kind == model.Self && s.Account != nil {
		return s.Account.Address
	}
	return c.ID
}

// lookalike is the contact whose name a request imitates, or "".
func lookalike(s *model.Snapshot, k model.Contact) string {
	user, _, _ := strings.Cut(k.Address, "@")
	for _, c := range s.Contacts {
		if c.Address == k.Address || c.State != model.Friend {
			continue
		}
		own, _, _ := strings.Cut(c.Address, "@")
		if skeleton(own) == skeleton(user) || c.Name != "" && skeleton(c.Name) == skeleton(user) || k.Name != "" && c.Name != "" && skeleton(k.Name) == skeleton(c.Name) {
			return nameOf(s, c.Address)
		}
	}
	return ""
}

// twins are letters of other scripts that look like Latin ones.
var twins = strings.NewReplacer("а", "a", "в", "b", "с", "c", "е", "e", "ё", "e", "н", "h", "і", "i", "ј", "j", "к", "k", "м", "m",
	"о", "o", "р", "p", "ѕ", "s", "т", "t", "у", "y", "х", "x", "α", "a", "β", "b", "ε", "e", "η", "n", "ι", "i", "κ", "k",
	"ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x")

// skeleton brings names that a hurried reader takes for the same to one form.
func skeleton(s string) string {
	s = strings.TrimRight(userFrom(twins.Replace(strings.ToLower(s))), "0123456789_-")
	return strings.NewReplacer("0", "o", "1", "l", "rn", "m", "vv", "w", "-", "", "_", "", "i", "l").Replace(s)
}
