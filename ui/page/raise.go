package page

import (
	"strings"

	"switchboard/shared/model"
	"switchboard/ui/words"
)

// QuitAsks tells whether quitting asks first, since it would end more than this
// program.
func QuitAsks(s *model.Snapshot) bool { return s != nil && carries(s) }

// AskStays says what closing the window does, before it is done for the first
// time: the program goes on, or is quit instead.
func (s *Shell) AskStays(text string, stay func()) {
	s.dialog = &question{title: words.StaysTitle.Text(), text: text, action: words.QuitInstead.Text(), do: s.Quit,
		instead: words.StaysOn.Text(), doInstead: stay}
}

// QuitOver is Quit whatever else is being asked.
func (s *Shell) QuitOver() {
	s.dialog = nil
	s.Quit()
}

// Raised does what somebody outside the window asked for. A link that makes an
// account is the first run's; it is given back then.
func (s *Shell) Raised(r model.Raise) (link string) {
	if r.Link != "" {
		if s.Snap.Account == nil && isInvitation(r.Link) {
			link = r.Link
		} else {
			s.followLink(r.Link)
		}
	}
	if r.Conversation != "" {
		s.OpenConversation(r.Conversation)
		s.FocusText = true
	}
	if r.Page != "" {
		s.Go(r.Page)
	}
	if r.Quit {
		s.Quit()
	}
	return link
}

// followLink says where a link leads for somebody who has an account.
func (s *Shell) followLink(link string) {
	there := networkOf(link)
	if !isInvitation(link) || there == "" {
		s.Say(words.InvitationWrong.Text())
		return
	}
	_, here, _ := strings.Cut(s.Snap.Account.Address, "@")
	if here == there {
		s.Say(words.Joined(here))
		return
	}
	s.Say(words.Elsewhere(here, there))
}

// Follow brings the first run to where a link is used, and keeps to a name that
// is not given yet. It reports whether the link has found its place.
func (f *FirstRun) Follow(link string) bool {
	if f.busy || f.step == stepReady {
		return true // somebody is on their way already
	}
	if f.link.Text() != link {
		f.link.Replace(link)
	}
	if f.step == stepName {
		return false
	}
	f.step, f.way, f.failed = stepDetails, ways[0], ""
	return true
}
