package page

import (
	"context"
	"net"
	"net/url"
	"strings"

	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Invite is the page with the link that brings somebody in.
type Invite struct {
	link          string
	failed        string
	busy          bool
	copy, another widget.Click
}

func (p *Invite) make(s *Shell) {
	if p.busy {
		return
	}
	p.busy, p.failed = true, ""
	s.Jobs.Go(func(ctx context.Context) func() {
		link, err := s.Backend.Invite(ctx)
		return func() {
			p.busy, p.failed = false, Sentence(err)
			if err == nil {
				p.link = link
			}
		}
	})
}

func (p *Invite) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if fresh {
		p.link = ""
		p.make(s)
	}
	if p.another.Clicked(gtx) {
		p.make(s)
	}
	if p.copy.Clicked(gtx) && p.link != "" {
		s.Copy(p.link)
	}
	return append([]layout.Widget{note(th, words.InviteExplain.Text())}, p.body(th)...)
}

func (p *Invite) body(th *theme.Theme) []layout.Widget {
	switch {
	case p.failed != "":
		return []layout.Widget{label(th, th.Body(), th.Danger, p.failed), space(theme.Space8), natural(widget.Button{State: &p.another, Text: words.Retry.Text()}.W(th))}
	case p.link == "":
		return []layout.Widget{label(th, th.Body(), th.Secondary, words.InviteMaking.Text()), space(theme.Space8), func(gtx C) D { return widget.Skeleton{Lines: 2}.Layout(gtx, th) }}
	}
	all := []layout.Widget{
		func(gtx C) D {
			return widget.Card{Padding: theme.Space16, Ground: th.Sidebar}.Layout(gtx, th, full(named(p.link, label(th, th.Code(), th.Text, p.link))))
		},
		space(theme.Space12),
		func(gtx C) D {
			return layout.Flex{}.Layout(gtx,
				layout.Rigid(widget.Button{State: &p.copy, Text: words.InviteCopy.Text(), Icon: "copy", Role: widget.Primary}.W(th)), widget.Gap(theme.Space8),
				layout.Rigid(widget.Button{State: &p.another, Text: words.InviteAnother.Text(), Disabled: p.busy}.W(th)))
		},
	}
	if loopback(p.link) {
		all = append(all, space(theme.Space16), note(th, words.InviteHere.Text()))
	}
	return all
}

// loopback tells whether a link leads to this computer only.
func loopback(link string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	for host := range strings.SplitSeq(u.Host, ",") {
		name, _, err := net.SplitHostPort(host)
		if err != nil {
			return false
		}
		if ip := net.ParseIP(name); name != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}

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
