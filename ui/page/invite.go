package page

import (
	"context"
	"net"
	"net/url"
	"strings"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Invite is the page with links that bring people in, and those that are open.
type Invite struct {
	link, failed       string
	busy               bool
	copy, create, open widget.Click
	people, days       widget.MenuButton
	uses, length       int
	qr                 widget.QR
	list               []model.Invitation
	listed             bool
	revoke             map[string]*widget.Click
}

// What can be chosen for an invitation; the first of each is where it begins.
var (
	inviteUses = [...]int{1, 5, 10, 25, 100}
	inviteDays = [...]int{7, 1, 3, 30, 90}
)

func (p *Invite) make(s *Shell) {
	if p.busy {
		return
	}
	p.busy, p.failed = true, ""
	uses, days := p.uses, p.length
	s.Jobs.Go(func(ctx context.Context) func() {
		link, err := s.Backend.InviteFor(ctx, uses, days)
		return func() {
			p.busy, p.failed = false, Sentence(err)
			if err == nil {
				p.link = link
				p.load(s)
			}
		}
	})
}

// load lists the open invitations; that they cannot be listed is told only when
// nothing else is wrong.
func (p *Invite) load(s *Shell) {
	s.Jobs.Go(func(ctx context.Context) func() {
		list, err := s.Backend.Invitations(ctx)
		return func() {
			if err == nil {
				p.list, p.listed = list, true
			} else if p.failed == "" {
				p.failed = Sentence(err)
			}
		}
	})
}

func (p *Invite) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if fresh {
		p.link, p.failed, p.uses, p.length = "", "", inviteUses[0], inviteDays[0]
		p.revoke = make(map[string]*widget.Click)
		p.load(s)
	}
	if p.create.Clicked(gtx) {
		p.make(s)
	}
	if p.copy.Clicked(gtx) && p.link != "" {
		s.Copy(p.link)
	}
	if p.open.Clicked(gtx) {
		s.Go(PageNetwork)
	}
	out := append([]layout.Widget{note(th, words.InviteText2.Text())}, p.body(gtx, s)...)
	return append(out, p.openOnes(s)...)
}

// body is what makes a link, and the link that was made last.
func (p *Invite) body(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	text, role := words.InviteMake.Text(), widget.Primary
	switch {
	case p.busy:
		text = words.InviteMaking.Text()
	case p.link != "":
		text, role = words.InviteAnother.Text(), widget.Normal
	}
	var out []layout.Widget
	if p.link != "" {
		out = append(out, p.shown(s), space(theme.Space16))
		if loopback(p.link) {
			out = append(out, label(th, th.Body(), th.Warning, words.InviteOpenFirst.Text()), space(theme.Space8),
				natural(widget.Button{State: &p.open, Text: words.OpenNetworkPage.Text(), Icon: "hub"}.W(th)), space(theme.Space16))
		}
	}
	out = append(out, group(th, p.choice(gtx, s, &p.people, words.InvitePeople.Text(), inviteUses[:], words.People, &p.uses),
		p.choice(gtx, s, &p.days, words.InviteDays.Text(), inviteDays[:], words.Days, &p.length)), space(theme.Space16),
		natural(widget.Button{State: &p.create, Text: text, Icon: "link", Role: role, Disabled: p.busy}.W(th)))
	if p.failed != "" {
		out = append(out, space(theme.Space8), named(p.failed, label(th, th.Body(), th.Danger, p.failed)))
	}
	return out
}

// choice is a number that is chosen from a few.
func (p *Invite) choice(gtx C, s *Shell, m *widget.MenuButton, title string, of []int, say func(int) string, to *int) layout.Widget {
	items := make([]MenuItem, len(of))
	for i, n := range of {
		items[i] = MenuItem{Text: say(n), Checked: n == *to, Do: func() { *to = n }}
	}
	choose(gtx, &m.Menu, items)
	th, shown := s.Theme, say(*to)
	return func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, label(th, th.Body(), th.Text, title)), widget.Gap(theme.Space16),
			layout.Rigid(func(gtx C) D {
				gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(160))
				return m.Layout(gtx, th, menuItems(items), func(gtx C, click *widget.Click) D {
					return widget.Select{State: click, Text: shown, Label: words.Chosen(title, shown)}.Layout(gtx, th)
				})
			}))
	}
}

// shown is the link that was made.
func (p *Invite) shown(s *Shell) layout.Widget {
	th := s.Theme
	return codeCard(th, &p.qr, p.link, func(gtx C) D {
		return vertical(gtx, label(th, th.Caption(), th.Secondary, words.PhoneHint.Text()), space(theme.Space8),
			named(p.link, label(th, th.Code(), th.Text, p.link)), space(theme.Space12),
			natural(widget.Button{State: &p.copy, Text: words.InviteCopy.Text(), Icon: "copy", Role: widget.Primary}.W(th)))
	})
}

// openOnes are the invitations that still open something.
func (p *Invite) openOnes(s *Shell) []layout.Widget {
	th := s.Theme
	if !p.listed {
		return nil
	}
	out := []layout.Widget{heading(th, words.Invitations.Text())}
	if len(p.list) == 0 {
		return append(out, label(th, th.Body(), th.Secondary, words.InvitationsNone.Text()))
	}
	var lines []layout.Widget
	for _, i := range p.list {
		lines = append(lines, p.openOne(s, i))
	}
	return append(out, group(th, lines...))
}

func (p *Invite) openOne(s *Shell, i model.Invitation) layout.Widget {
	th, click := s.Theme, clickOf(p.revoke, i.ID)
	return func(gtx C) D {
		if click.Clicked(gtx) {
			s.Call(func(ctx context.Context) error { return s.Backend.RevokeInvitation(ctx, i.ID) }, func(err error) {
				if err != nil {
					s.Say(Sentence(err))
					return
				}
				s.Say(words.InvitationRevoked.Text())
				p.load(s)
			})
		}
		title := words.InvitationLine(i.Used, i.Uses, words.DateAndTime(i.Expires.In(s.local().Location())))
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon("link", theme.IconSize, th.Secondary)), widget.Gap(theme.Space12),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, named(title, label(th, th.Body(), th.Text, title)),
					label(th, th.Caption(), th.Secondary, words.InvitationBy(nameOf(s.Snap, i.By), longTime(i.Created, s.local()))))
			}), widget.Gap(theme.Space12),
			layout.Rigid(widget.Button{State: click, Text: words.Revoke.Text(), Role: widget.Danger, Small: true}.W(th)))
	}
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

// isCommand tells a command from a sentence: it stands alone and is not ended.
func isCommand(text string) bool { return strings.HasPrefix(text, "sudo ") }
