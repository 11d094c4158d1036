package page

import (
	"context"
	"strings"

	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// submit checks what was typed and sets the account up.
func (f *FirstRun) submit(s *Shell) {
	if f.busy {
		return
	}
	set := SetUp{Mode: f.way.mode, User: f.user.Text(), Name: strings.TrimSpace(f.name.Text()), DeviceName: strings.TrimSpace(f.device.Text())}
	f.failed = ""
	switch f.way.mode {
	case "invite":
		if set.Link = strings.TrimSpace(f.link.Text()); !isInvitation(set.Link) {
			f.failed = words.InvitationWrong.Text()
		}
	case "server":
		if set.Link = strings.TrimSpace(f.server.Text()); set.Link == "" {
			f.failed = words.ServerNeeded.Text()
		}
	case "device":
		set.DeviceCode, set.Link = strings.TrimSpace(f.code.Text()), strings.TrimSpace(f.link.Text())
		if set.DeviceCode == "" {
			f.failed = words.DeviceCodeNeeded.Text()
		}
	}
	if f.failed != "" {
		return
	}
	f.busy = true
	s.Call(func(ctx context.Context) error { return s.Backend.SetUp(ctx, set) }, func(err error) {
		f.busy, f.failed = false, Sentence(err)
		f.welcome = err == nil
	})
}

// ready is the last step: a first conversation.
func (f *FirstRun) ready(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	leave := func() { f.welcome = false }
	if f.focused != stepReady {
		f.focused = stepReady
		f.echo.Focus(gtx)
	}
	if f.echo.Clicked(gtx) {
		leave()
		s.TalkToEcho()
	}
	if f.invite.Clicked(gtx) {
		leave()
		s.Go(PageInvite)
	}
	if f.start.Clicked(gtx) {
		leave()
	}
	return []layout.Widget{
		f.mark(th),
		label(th, th.Page(), th.Text, words.AllSet.Text()), space(theme.Space4),
		label(th, th.Body(), th.Secondary, words.YouAre(s.Snap.Account.Address)), space(theme.Space16),
		widget.Button{State: &f.echo, Text: words.TalkToEcho.Text(), Role: widget.Primary, Wide: true}.W(th), space(theme.Space4),
		centred(th, th.Caption(), th.Secondary, words.TalkToEchoText.Text()), space(theme.Space12),
		widget.Button{State: &f.invite, Text: words.InviteSomebody.Text(), Wide: true}.W(th), space(theme.Space4),
		centred(th, th.Caption(), th.Secondary, words.InviteText.Text()), space(theme.Space12),
		widget.Button{State: &f.start, Text: words.JustStart.Text(), Role: widget.Quiet, Wide: true}.W(th),
	}
}
