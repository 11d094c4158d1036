package page

import (
	"context"
	"strings"

	"switchboard/shared/model"
	"switchboard/ui/words"
)

// Quit ends the window, its plugins and the network that this computer carries.
// It asks first when it carries one, and says how many others it would cut off.
func (s *Shell) Quit() {
	if s.quitting || s.dialog != nil {
		return
	}
	if !carries(s.Snap) {
		s.quit()
		return
	}
	s.quitting = true
	s.Jobs.Go(func(ctx context.Context) func() {
		n, err := s.Backend.Others(ctx)
		return func() {
			s.quitting = false
			text := words.QuitDevices(n)
			if err != nil { // then by who is there
				text = words.QuitText(connectedHere(s.Snap))
			}
			if s.dialog == nil {
				s.Ask(words.QuitTitle.Text(), text, words.QuitNow.Text(), false, s.quit)
			}
		}
	})
}

func (s *Shell) quit() {
	s.quitting = true
	s.Say(words.Quitting.Text())
	s.Call(func(ctx context.Context) error { return s.Backend.Quit(ctx) }, func(err error) {
		s.quitting = false
		if err != nil {
			s.Say(Sentence(err))
		}
	})
}

// carries tells whether this computer carries a network: a plugin's companion
// runs, which closing the window leaves alone and quitting does not.
func carries(s *model.Snapshot) bool {
	for i := range s.Plugins {
		if s.Plugins[i].CompanionPID != 0 {
			return true
		}
	}
	return false
}

// connectedHere counts the friends who are there now, and so connected through
// this computer when it carries the network. My own Echo ends with me.
func connectedHere(s *model.Snapshot) int {
	n := 0
	for i := range s.Contacts {
		k := &s.Contacts[i]
		switch statusOf(k) {
		case model.Available, model.Away, model.Busy:
			if !isEcho(s.Account, k.Address) {
				n++
			}
		}
	}
	return n
}

// isEcho tells whether an address is that of my own Echo.
func isEcho(me *model.Account, address string) bool {
	if me == nil {
		return false
	}
	mine, _, _ := strings.Cut(me.Address, "@")
	user, _, _ := strings.Cut(address, "@")
	return strings.HasPrefix(user, "echo-") && strings.HasPrefix("echo-"+mine, user)
}
