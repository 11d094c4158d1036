package control

import (
	"context"
	"errors"
	"strings"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// LinkScheme begins every link that the program opens.
const LinkScheme = "switchboard://"

// Bounds of what a second start hands over, in bytes.
const (
	maxLink  = 8 << 10
	maxToken = 1 << 10
)

// Open opens the window or brings it to the front.
func (s *service) Open(_ context.Context, r *controlv1.OpenRequest) (*controlv1.Empty, error) {
	raise, err := s.raise(r)
	if err != nil {
		return nil, refusal(err)
	}
	return done(s.host.RaiseWith(raise))
}

func (s *service) raise(r *controlv1.OpenRequest) (model.Raise, error) {
	raise := model.Raise{Link: r.Link, Token: r.Token}
	if len(r.Token) > maxToken {
		raise.Token = "" // the window then asks for attention without it
	}
	if r.Link != "" && (len(r.Link) > maxLink || !strings.HasPrefix(r.Link, LinkScheme)) {
		return raise, errors.New("a link that Switchboard opens begins with " + LinkScheme + " and is shorter than a page")
	}
	if r.Conversation == "" {
		return raise, nil
	}
	id, err := conversation(s.host.Snapshot(), r.Conversation)
	raise.Conversation = id
	return raise, err
}
