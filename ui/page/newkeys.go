package page

import (
	"strconv"

	"switchboard/shared/model"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// newKeys is the line above a conversation with somebody whose account began anew:
// it may be another person who writes.
type newKeys struct{ ok map[string]*widget.Click }

// keyOfNewKeys is where the window keeps which beginning the person knows of.
func keyOfNewKeys(address string) string { return "newkeys." + address }

// unseen tells whether a contact signs in with keys that I was not told of.
func (s *Shell) unseen(k *model.Contact) bool {
	if k == nil || k.State != model.Friend || k.NewKeys.IsZero() {
		return false
	}
	return s.Backend.Recall(keyOfNewKeys(k.Address)) != strconv.FormatInt(k.NewKeys.UnixMilli(), 10)
}

// Layout draws the line until it was read.
func (n *newKeys) Layout(gtx C, s *Shell, c *model.Conversation) D {
	k := s.contact(c.Peer)
	if !s.unseen(k) {
		return D{}
	}
	if n.ok == nil {
		n.ok = make(map[string]*widget.Click)
	}
	th, click := s.Theme, clickOf(n.ok, k.Address)
	if click.Clicked(gtx) {
		s.Backend.Remember(keyOfNewKeys(k.Address), strconv.FormatInt(k.NewKeys.UnixMilli(), 10))
		delete(n.ok, k.Address)
		return D{}
	}
	return noticeBar(gtx, th, icon("key", 24, th.Warning), words.NewKeys(titleOf(s.Snap, c), longTime(k.NewKeys, s.local())), words.NewKeysText.Text(),
		widget.Button{State: click, Text: words.Understood.Text()}.W(th))
}
