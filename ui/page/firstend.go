package page

import (
	"context"
	"image"
	"strconv"
	"strings"
	"time"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// admitPatience bounds waiting to be let in; longer than the host waits.
const admitPatience = 13 * time.Minute

// asked is what was typed, checked; wrong says what is not right with it.
func (f *FirstRun) asked() (set SetUp, wrong string) {
	set = SetUp{Mode: f.way.mode, User: f.user.Text(), Name: strings.TrimSpace(f.name.Text()), DeviceName: strings.TrimSpace(f.device.Text())}
	switch f.way.mode {
	case "start":
		set.Mode = "local"
	case "invite":
		if set.Link = strings.TrimSpace(f.link.Text()); !isInvitation(set.Link) {
			wrong = words.InvitationWrong.Text()
		}
	case "server":
		if set.Link = strings.TrimSpace(f.server.Text()); set.Link == "" {
			wrong = words.ServerNeeded.Text()
		}
	case "found":
		if n := f.nearby.choice(); n != nil {
			set.Link = n.Link
		} else {
			wrong = words.NearbyNone.Text()
		}
	case "recover":
		if set.Link = strings.TrimSpace(f.recovery.Text()); !isInvitation(set.Link) || !model.Restores(set.Link) {
			wrong = words.RecoveryWrong.Text()
		}
	case "device":
		code, link := strings.TrimSpace(f.code.Text()), strings.TrimSpace(f.link.Text())
		switch {
		case strings.Contains(code, "://"):
			set.Link = code
			if model.Restores(code) { // the other kind of link serves as well
				set.Mode = "recover"
			} else if !isInvitation(code) || !model.OpensAccount(code) {
				wrong = words.DeviceCodeNeeded.Text()
			}
		case code == "" && !model.OpensAccount(link):
			wrong = words.DeviceCodeNeeded.Text()
		case !isInvitation(link):
			wrong = words.NetworkLinkNeeded.Text()
		default:
			set.DeviceCode, set.Link = code, link
		}
	}
	return set, wrong
}

// submit checks what was typed and sets the account up.
func (f *FirstRun) submit(s *Shell) {
	if f.busy {
		return
	}
	set, wrong := f.asked()
	if f.failed = wrong; wrong != "" {
		return
	}
	open, approval := f.way.mode == "start", !f.closed
	f.busy = true
	f.stop = s.Jobs.GoFor(admitPatience, func(ctx context.Context) func() {
		err := s.Backend.SetUp(ctx, set)
		var opened error
		if err == nil && open {
			yes := true
			_, opened = s.Backend.Carry(ctx, model.CarryChange{Open: &yes, Approval: &approval})
		}
		return func() {
			f.busy, f.failed, f.stop = false, Sentence(err), nil
			f.welcome = err == nil
			if opened != nil {
				s.Say(Sentence(opened))
			}
		}
	})
}

// waiting shows the digits while somebody elsewhere decides.
func (f *FirstRun) waiting(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	if f.giveUp.Clicked(gtx) && f.stop != nil {
		f.stop()
	}
	if f.focused != stepWaiting {
		f.focused = stepWaiting
		f.giveUp.Focus(gtx)
	}
	big := th.Page()
	big.Size, big.Height = big.Size*2, big.Height*2
	out := []layout.Widget{label(th, th.Page(), th.Text, words.WaitingTitle.Text()), space(theme.Space8)}
	if s.Snap.SignUp.Detail != "" {
		out = append(out, named(s.Snap.SignUp.Detail, label(th, th.Body(), th.Secondary, s.Snap.SignUp.Detail)), space(theme.Space8))
	}
	return append(out,
		func(gtx C) D {
			return widget.Card{Padding: theme.Space24, Ground: th.Sidebar}.Layout(gtx, th, full(func(gtx C) D {
				return layout.N.Layout(gtx, func(gtx C) D {
					gtx.Constraints.Min = image.Point{}
					return digits(gtx, th, s.Snap.SignUp.Digits, big)
				})
			}))
		}, space(theme.Space16),
		label(th, th.Body(), th.Text, words.WaitingCompare.Text()), space(theme.Space8),
		label(th, th.Caption(), th.Secondary, words.WaitingStays.Text()), space(theme.Space24),
		widget.Button{State: &f.giveUp, Text: words.Cancel.Text(), Wide: true}.W(th))
}

// ready is the last step: a first conversation.
func (f *FirstRun) ready(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	leave := func() { f.welcome = false; f.keepStart(s) }
	if f.signIn.Clicked(gtx) {
		f.noStart = !f.noStart
	}
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
	out := []layout.Widget{
		f.mark(th),
		label(th, th.Page(), th.Text, words.AllSet.Text()), space(theme.Space4),
		label(th, th.Body(), th.Secondary, words.YouAre(s.Snap.Account.Address)), space(theme.Space16),
		widget.Button{State: &f.echo, Text: words.TalkToEcho.Text(), Role: widget.Primary, Wide: true}.W(th), space(theme.Space4),
		centred(th, th.Caption(), th.Secondary, words.TalkToEchoText.Text()), space(theme.Space12),
		widget.Button{State: &f.invite, Text: words.InviteSomebody.Text(), Wide: true}.W(th), space(theme.Space4),
		centred(th, th.Caption(), th.Secondary, words.InviteText.Text()), space(theme.Space12),
		widget.Button{State: &f.start, Text: words.JustStart.Text(), Role: widget.Quiet, Wide: true}.W(th),
	}
	if x := settingOf(s.Snap, startSetting); x != nil && x.Locked == "" {
		out = append(out, space(theme.Space12), across(th), space(theme.Space8),
			widget.Check{State: &f.signIn, Text: words.StartAtSignIn.Text(), On: !f.noStart}.W(th))
	}
	return out
}

// startSetting is the setting that starts the program when the person signs in.
const startSetting = "startup.run"

// keepStart sets what was chosen at the last step, once.
func (f *FirstRun) keepStart(s *Shell) {
	if x := settingOf(s.Snap, startSetting); x == nil || x.Locked != "" {
		return
	}
	value := strconv.FormatBool(!f.noStart)
	s.Call(func(ctx context.Context) error { return s.Backend.SetSetting(ctx, startSetting, value) }, nil)
}

// settingOf is the setting with a key, or nil.
func settingOf(s *model.Snapshot, key string) *model.Setting {
	for i := range s.Settings {
		if s.Settings[i].Key == key {
			return &s.Settings[i]
		}
	}
	return nil
}
