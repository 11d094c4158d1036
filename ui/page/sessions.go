package page

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"switchboard/shared/model"
	"switchboard/ui/words"
)

// sessionTitle is what a session is called.
func sessionTitle(s *model.Snapshot, x *model.Session) string {
	if x.Title != "" {
		return words.Known(x.Title)
	}
	if p := pluginOf(s, x.Plugin); p != nil && p.Name != "" {
		return words.Known(p.Name)
	}
	return x.Plugin
}

// sessionIcon is the icon of a session's plugin.
func sessionIcon(s *model.Snapshot, x *model.Session) string {
	if p := pluginOf(s, x.Plugin); p != nil {
		if len(p.Actions) > 0 && p.Actions[0].Icon != "" {
			return p.Actions[0].Icon
		}
		return p.Icon
	}
	return "extension"
}

// sessionOf is the session with a key, or nil.
func sessionOf(s *model.Snapshot, key model.SessionKey) *model.Session {
	for i := range s.Sessions {
		if s.Sessions[i].Key == key {
			return &s.Sessions[i]
		}
	}
	return nil
}

// offeredIn are all sessions of a conversation that were ever offered, oldest first.
func offeredIn(s *model.Snapshot, conversation string) []*model.Session {
	var out []*model.Session
	for i := range s.Sessions {
		if x := &s.Sessions[i]; x.Key.Conversation == conversation && !x.Standing {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b *model.Session) int {
		return cmp.Or(a.Offered.Compare(b.Offered), cmp.Compare(a.Seq, b.Seq))
	})
	return out
}

// activeIn are the sessions of a conversation that stand in the panel.
func activeIn(s *model.Snapshot, conversation string) []model.Session {
	var out []model.Session
	for _, x := range s.Sessions {
		if x.Key.Conversation == conversation && !x.Standing && x.State == model.Active {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b model.Session) int { return a.Offered.Compare(b.Offered) })
	return out
}

// idleAfter is when a session counts as one that somebody forgot to leave.
const idleAfter = 24 * time.Hour

// idle is for how many whole days nothing has happened in a session; 0 while it
// is in use.
func idle(x *model.Session, now time.Time) int {
	if x.Idle.IsZero() || now.Sub(x.Idle) < idleAfter {
		return 0
	}
	return int(now.Sub(x.Idle) / (24 * time.Hour))
}

// byUse divides sessions into those in use and those in which nothing has happened
// for long. The one with key keep counts as in use: it is before the person's eyes.
func byUse(all []model.Session, keep model.SessionKey, now time.Time) (used, older []model.Session) {
	for _, x := range all {
		if x.Key != keep && idle(&x, now) > 0 {
			older = append(older, x)
		} else {
			used = append(used, x)
		}
	}
	return used, older
}

// Visible tells whether a session shows in the panel now.
func (s *Shell) Visible(key model.SessionKey) bool {
	return s.Page == PageConversation && s.Open == key.Conversation && s.shown[key.Conversation] == key
}

// ShowSession brings a session into the panel.
func (s *Shell) ShowSession(key model.SessionKey) {
	if s.shown == nil {
		s.shown = make(map[string]model.SessionKey)
	}
	s.shown[key.Conversation] = key
	s.detailed = ""
	s.OpenConversation(key.Conversation)
}

// HideSession puts the panel of the open conversation out of sight; it reports
// whether there was one.
func (s *Shell) HideSession() bool {
	if _, ok := s.shown[s.Open]; !ok {
		return false
	}
	delete(s.shown, s.Open)
	s.FocusText = true
	return true
}

// Leave leaves a session and takes it out of the panel.
func (s *Shell) Leave(key model.SessionKey) {
	s.Session("leave", key)
	if s.Visible(key) {
		s.HideSession()
	}
}

// Panel is the session beside the open conversation, or nil.
func (s *Shell) Panel() *model.Session {
	key, ok := s.shown[s.Open]
	if !ok || s.Page != PageConversation {
		return nil
	}
	x := sessionOf(s.Snap, key)
	if x == nil || x.State != model.Active {
		return nil
	}
	return x
}

// Offer starts a capability in a conversation and shows its session when it runs.
func (s *Shell) Offer(conversation string, c capability) {
	s.Jobs.Go(func(ctx context.Context) func() {
		key, err := s.Backend.Offer(ctx, conversation, c.plugin, c.action)
		return func() {
			if err != nil {
				s.Say(words.CouldNotStart(c.title, Sentence(err)))
				return
			}
			s.expect(key)
		}
	})
}

// expect shows a session as soon as it is active.
func (s *Shell) expect(key model.SessionKey) {
	if s.expected == nil {
		s.expected = make(map[model.SessionKey]time.Time)
	}
	s.expected[key] = s.Now.Add(time.Hour)
}

// arrive shows what was expected and has become active.
func (s *Shell) arrive() {
	for key, until := range s.expected {
		x := sessionOf(s.Snap, key)
		switch {
		case x != nil && x.State == model.Active:
			delete(s.expected, key)
			if s.shown == nil {
				s.shown = make(map[string]model.SessionKey)
			}
			s.shown[key.Conversation] = key
		case s.Now.After(until) || x != nil && x.State != model.Offered:
			delete(s.expected, key)
		}
	}
}

// Session does one thing to a session.
func (s *Shell) Session(op string, key model.SessionKey) {
	if op == "accept" {
		s.expect(key)
	}
	s.Call(func(ctx context.Context) error { return s.Backend.Session(ctx, op, key) }, nil)
}

// Contact does one thing to a contact; then runs when it worked.
func (s *Shell) Contact(op, address, text string, then func()) {
	s.Call(func(ctx context.Context) error { return s.Backend.Contact(ctx, op, address, text) }, func(err error) {
		if err != nil {
			s.Say(Sentence(err))
		} else if then != nil {
			then()
		}
	})
}

// Rename asks what a contact is called here.
func (s *Shell) Rename(address string) {
	k := s.contact(address)
	if k == nil {
		return
	}
	s.AskText(words.RenameTitle(address), words.RenameCaption.Text(), k.Name, words.SaveStatus.Text(), func(name string) {
		s.Contact("rename", address, strings.TrimSpace(name), nil)
	})
}

// RenameOpen is Rename for who is open.
func (s *Shell) RenameOpen() {
	c := conversationOf(s.Snap, s.Open)
	if c == nil || s.Page != PageConversation {
		return
	}
	if g := s.group(c.ID); g != nil && manages(g) {
		s.RenameGroup(g)
	} else if c.Peer != "" {
		s.Rename(c.Peer)
	}
}

// TalkToEcho opens the conversation with the echo account.
func (s *Shell) TalkToEcho() {
	s.Jobs.Go(func(ctx context.Context) func() {
		id, err := s.Backend.TalkToEcho(ctx)
		return func() {
			if err != nil {
				s.Say(Sentence(err))
				return
			}
			s.OpenConversation(id)
			s.FocusText = true
		}
	})
}

// local is the time of this frame where the window shows times.
func (s *Shell) local() time.Time { return s.Now.In(s.Theme.Zone()) }
