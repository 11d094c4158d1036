package page

import (
	"net/url"

	"switchboard/ui/words"
)

// openAddress opens an address that a view links to, if it is one of the web or of
// mail: whoever asks, nothing else is handed to the desktop.
func (s *Shell) openAddress(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" {
		s.Say(words.LinkBarred.Text())
		return
	}
	s.openLink(address)
}

// JumpToDate opens the calendar of the conversation that shows, if it has days.
func (s *Shell) JumpToDate() {
	if s.askDate != nil && s.Page == PageConversation {
		s.askDate()
	}
}
