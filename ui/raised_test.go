package ui_test

import (
	"strings"
	"testing"

	"gioui.org/io/key"

	"switchboard/shared/model"
	"switchboard/ui/page"
)

const invitation = "switchboard://h.example:4222/lab#k=abc&i=def"

// raise asks for something from outside the window.
func (s *shown) raise(r model.Raise) {
	s.ui.Raise(r)
	s.Settle()
	s.wait()
}

// TestRaisedConversation: it is chosen, and what is typed goes into its composer.
func TestRaisedConversation(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.raise(model.Raise{Page: page.PageSettings})
	if !s.Has("Settings") {
		t.Fatalf("no settings in\n%s", s.Tree())
	}
	s.raise(model.Raise{Conversation: dm("bob")})
	s.Type("hello")
	s.wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range w.texts {
		if text != "" && strings.HasPrefix("hello", text) { // the rest follows
			return
		}
	}
	t.Errorf("the composer of the conversation has not got the text: %v %v", w.texts, w.calls)
}

func TestRaisedToQuit(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.raise(model.Raise{Quit: true})
	if !s.Has("Quit Switchboard?") || w.asked("quit") {
		t.Errorf("no question in\n%s", s.Tree())
	}
}

// TestRaisedLink: an invitation says where one is already, and else leads to
// where it is used.
func TestRaisedLink(t *testing.T) {
	for link, want := range map[string]string{
		invitation: "already in the network lab",
		strings.Replace(invitation, "/lab", "/office", 1): "To be in office as well",
		"switchboard://nonsense":                          "not an invitation link",
	} {
		s := show(t, lab(), desk, 1)
		s.raise(model.Raise{Link: link})
		if tree := s.Tree(); !strings.Contains(tree, want) {
			t.Errorf("%s: no %q in\n%s", link, want, tree)
		}
	}
	w := fresh()
	s := show(t, w, desk, 1)
	s.raise(model.Raise{Link: invitation})
	s.Type("Alice")
	s.Key(key.NameReturn, 0)
	s.wait()
	s.Settle()
	s.Click("Join")
	s.wait()
	if got := w.setUp.Link; got != invitation {
		t.Errorf("joining with the link %q:\n%s", got, s.Tree())
	}
}
