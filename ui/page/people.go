package page

import (
	"context"
	"strings"

	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// AddContact is the page that asks somebody to be a contact.
type AddContact struct {
	address, greeting widget.Input
	send              widget.Click
	failed            string
	busy              bool
}

func (p *AddContact) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if fresh {
		p.address.Replace(s.AddAddress)
		p.greeting.Replace("")
		p.failed = ""
		p.address.Focus(gtx)
	}
	if p.address.Changed(gtx) {
		p.failed = ""
	}
	if p.address.Submitted(gtx) || p.greeting.Submitted(gtx) || p.send.Clicked(gtx) {
		p.submit(s)
	}
	return []layout.Widget{
		note(th, words.AddExplain.Text()),
		widget.Field{State: &p.address, Caption: words.AddAddress.Text(), Hint: words.AddAddressHint.Text(), Error: p.failed, MaxBytes: 128}.W(th),
		space(theme.Space12),
		widget.Field{State: &p.greeting, Caption: words.AddGreeting.Text(), Hint: words.AddGreetingHint.Text(), MaxBytes: 512}.W(th),
		space(theme.Space16),
		func(gtx C) D {
			return layout.W.Layout(gtx, widget.Button{State: &p.send, Text: words.AddSend.Text(), Role: widget.Primary, Disabled: p.busy}.W(th))
		},
	}
}

// submit checks the address and sends the request.
func (p *AddContact) submit(s *Shell) {
	address := strings.ToLower(strings.TrimSpace(p.address.Text()))
	user, _, _ := strings.Cut(address, "@")
	full := address
	if me := s.Snap.Account; me != nil && !strings.Contains(address, "@") {
		full = address + "@" + me.Network
	}
	switch k := contactOf(s.Snap, full); {
	case address == "":
		p.failed = words.AddNeeded.Text()
	case checkUser(user) != "":
		p.failed = checkUser(user)
	case s.Snap.Account != nil && full == s.Snap.Account.Address:
		p.failed = words.AddSelf.Text()
	case k != nil && k.State == "friend":
		p.failed = words.AddKnown.Text()
	case !p.busy:
		p.send1(s, address)
	}
}

func (p *AddContact) send1(s *Shell, address string) {
	p.busy = true
	text := strings.TrimSpace(p.greeting.Text())
	s.Call(func(ctx context.Context) error { return s.Backend.Contact(ctx, "add", address, text) }, func(err error) {
		p.busy, p.failed = false, Sentence(err)
		if err != nil {
			return
		}
		p.address.Replace("")
		p.greeting.Replace("")
		s.Say(words.ContactAdded(address))
		s.Back()
	})
}
