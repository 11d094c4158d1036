package page

import (
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// reveal is a place that is to be shown as soon as its view is open.
type reveal struct {
	key  model.SessionKey
	item string
}

// Reveal opens the conversation of a hit and shows the place in it.
func (s *Shell) Reveal(h model.Hit) {
	if x := sessionOf(s.Snap, h.Key); x != nil && !x.Standing && x.State == model.Active {
		s.ShowSession(h.Key)
	} else {
		s.OpenConversation(h.Key.Conversation)
	}
	s.revealing = reveal{h.Key, h.Item}
}

// revealIn hands the place over to its view, once that is drawn.
func (s *Shell) revealIn(key model.SessionKey) {
	r := s.revealing
	if r.item == "" || r.key != key {
		return
	}
	s.revealing = reveal{}
	if err := s.Backend.Act(key, model.Action{Kind: contractv1.Action_REVEAL, Value: r.item}); err != nil {
		s.Say(Sentence(err))
	}
}
