package page

import (
	"context"
	"image"
	"io"
	"os"
	"strings"

	"gioui.org/io/clipboard"
	"gioui.org/io/event"
	"gioui.org/io/transfer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// step is where the first run stands.
type step int

const (
	stepName step = iota
	stepWay
	stepAccount // how to get to an account that exists
	stepDetails
	stepReady
	stepWaiting // to be let in; only for the keyboard
)

// way is how to come onto a network.
type way struct {
	mode, icon          string
	title, text, action words.Word
}

var ways = []way{
	{"invite", "link", words.HaveInvitation, words.InvitationText, words.Join},
	{"found", "wifi", words.Nearby, words.NearbyText, words.AskToJoin},
	{"start", "hub", words.StartNetwork, words.StartNetworkText, words.Start},
	{"server", "storage", words.HaveServer, words.ServerText, words.Join},
	{"local", "computer", words.JustTry, words.JustTryAlone, words.Start},
}

var accountWays = []way{
	{"device", "devices", words.WithDevice, words.WithDeviceText, words.LinkThis},
	{"recover", "key", words.WithRecovery, words.WithRecoveryText, words.Restore},
}

// FirstRun is what shows until there is an account: my name, then the way onto a
// network. Afterwards it offers a first conversation.
type FirstRun struct {
	step step
	way  way

	name, user, link, server, code, device widget.Input
	touched                                bool // the address was edited by hand
	nameError, userError, failed           string
	busy, began, welcome                   bool
	focused                                step
	scroll                                 widget.Scroll
	next, back, act, echo, invite, start   widget.Click
	choices                                [5]widget.Click
	recovery                               widget.Input
	nearby                                 nearby
	approval                               widget.Click // whether people nearby may ask
	closed                                 bool
	giveUp                                 widget.Click
	signIn                                 widget.Click
	noStart                                bool               // not to start when the person signs in
	stop                                   context.CancelFunc // ends the setting up that is under way
	clip                                   struct{ asked bool }
}

// Wanted tells whether the first run covers the window.
func (f *FirstRun) Wanted(s *Shell) bool { return s.Snap.Account == nil || f.busy || f.welcome }

// Layout draws the step that is on.
func (f *FirstRun) Layout(gtx C, s *Shell) D {
	was := f.shows()
	defer func() {
		if was != f.shows() {
			gtx.Execute(op.InvalidateCmd{})
		}
	}()
	f.begin(gtx)
	f.readClipboard(gtx)
	var parts []layout.Widget
	switch {
	case s.Snap.Account != nil && !f.busy: // the account is there a little before all of it is done
		parts = f.ready(gtx, s)
	case f.step == stepName:
		parts = f.nameParts(gtx, s)
	case f.busy && s.Snap.SignUp != nil:
		parts = f.waiting(gtx, s)
	case f.step == stepWay:
		parts = f.wayParts(gtx, s)
	case f.step == stepAccount:
		parts = f.accountParts(gtx, s)
	default:
		parts = f.detailParts(gtx, s)
	}
	gtx.Constraints.Min = gtx.Constraints.Max
	return ground(gtx, s.Theme.Sidebar, 0, func(gtx C) D {
		return f.scroll.Layout(gtx, s.Theme, 1, func(gtx C, _ int) D { return f.card(gtx, s.Theme, parts) })
	})
}

// shows is what decides what the first run draws.
func (f *FirstRun) shows() [8]any {
	return [...]any{f.step, f.way, f.welcome, f.busy, f.failed, f.nameError, f.userError, f.nearby.picked}
}

// card is the box in the middle; it moves up when it is taller than the window.
func (f *FirstRun) card(gtx C, th *theme.Theme, parts []layout.Widget) D {
	height := gtx.Constraints.Max.Y
	if height > 1<<15 {
		height = th.Frame.Size.Y
	}
	call, d := widget.Measure(gtx, func(gtx C) D {
		gtx.Constraints.Min = image.Point{}
		return column(gtx, 464, func(gtx C) D {
			return widget.Card{Padding: theme.Space24}.Layout(gtx, th, full(func(gtx C) D { return vertical(gtx, parts...) }))
		})
	})
	top := max(gtx.Dp(theme.Space16), (height-d.Size.Y)*2/5)
	widget.Offset(gtx, image.Pt(0, top), call)
	return D{Size: image.Pt(gtx.Constraints.Max.X, max(top+d.Size.Y+gtx.Dp(theme.Space16), height))}
}

func (f *FirstRun) begin(gtx C) {
	if f.began {
		return
	}
	f.began = true
	if host, err := os.Hostname(); err == nil {
		f.device.Replace(host)
	}
	f.name.Focus(gtx)
}

// readClipboard looks once whether an invitation was copied.
func (f *FirstRun) readClipboard(gtx C) {
	area := clip.Rect{Max: image.Pt(1, 1)}.Push(gtx.Ops)
	event.Op(gtx.Ops, &f.clip)
	area.Pop()
	if !f.clip.asked {
		f.clip.asked = true
		gtx.Execute(clipboard.ReadCmd{Tag: &f.clip})
	}
	for {
		ev, ok := gtx.Event(transfer.TargetFilter{Target: &f.clip, Type: "application/text"})
		if !ok {
			return
		}
		e, ok := ev.(transfer.DataEvent)
		if !ok {
			continue
		}
		data := e.Open()
		text, err := io.ReadAll(io.LimitReader(data, 4096))
		_ = data.Close() // only read from
		if link := strings.TrimSpace(string(text)); err == nil && isInvitation(link) && f.link.Len() == 0 {
			f.link.Replace(link)
		}
	}
}

func (f *FirstRun) nameParts(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	if f.name.Changed(gtx) {
		f.nameError = ""
		if !f.touched {
			f.user.Replace(userFrom(f.name.Text()))
			f.userError = ""
		}
	}
	if f.user.Changed(gtx) {
		f.touched, f.userError = f.user.Len() > 0, ""
		if t := f.user.Text(); t != "" {
			f.userError = checkUser(t)
		}
	}
	named := f.name.Submitted(gtx)
	if f.user.Submitted(gtx) || f.next.Clicked(gtx) || named && f.user.Len() > 0 {
		f.leaveName()
	} else if named && f.nameOK() {
		f.user.Focus(gtx) // a name that spells no address
	}
	if f.back.Clicked(gtx) {
		f.step, f.failed = stepAccount, ""
	}
	preview := words.AddressHint.Text()
	if u := f.user.Text(); u != "" && f.userError == "" {
		preview = words.WithNetwork(u, networkOf(f.link.Text()))
	}
	return []layout.Widget{
		f.mark(th),
		label(th, th.Page(), th.Text, words.Welcome.Text()), space(theme.Space4),
		label(th, th.Body(), th.Secondary, words.WelcomeText.Text()), space(theme.Space24),
		widget.Field{State: &f.name, Caption: words.YourName.Text(), Hint: words.YourNameHint.Text(), Error: f.nameError, MaxBytes: 128}.W(th),
		space(theme.Space12),
		widget.Field{State: &f.user, Caption: words.YourAddress.Text(), Hint: "alice", Help: preview, Error: f.userError, MaxBytes: 64}.W(th),
		space(theme.Space24),
		widget.Button{State: &f.next, Text: words.Continue.Text(), Role: widget.Primary, Wide: true}.W(th),
		space(theme.Space8),
		widget.Button{State: &f.back, Text: words.HaveAccount.Text(), Role: widget.Quiet, Wide: true}.W(th),
	}
}

func (f *FirstRun) nameOK() bool { return strings.TrimSpace(f.name.Text()) != "" }

func (f *FirstRun) leaveName() {
	f.userError, f.nameError = checkUser(f.user.Text()), ""
	if !f.nameOK() {
		f.nameError = words.NameNeeded.Text()
		if f.user.Len() == 0 {
			f.userError = ""
		}
		return
	}
	if f.userError == "" {
		f.step, f.failed = stepWay, ""
	}
}

// mark is the sign of the program.
func (f *FirstRun) mark(th *theme.Theme) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Bottom: theme.Space16}.Layout(gtx, func(gtx C) D {
			gtx.Constraints.Min = image.Point{}
			return ground(gtx, th.Accent, theme.RadiusCard, boxed(48, icon("hub", 28, th.OnAccent)))
		})
	}
}

func (f *FirstRun) detailParts(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	if f.back.Clicked(gtx) && !f.busy {
		f.step = stepWay
		if f.way.mode == "device" || f.way.mode == "recover" {
			f.step = stepAccount
		}
		f.focused = stepName
		return []layout.Widget{space(1)}
	}
	fields, first := f.fields(gtx, s)
	if f.focused != stepDetails {
		f.focused = stepDetails
		if first != nil {
			first.Focus(gtx)
		} else {
			f.act.Focus(gtx)
		}
	}
	if f.act.Clicked(gtx) {
		f.submit(s)
	}
	if f.giveUp.Clicked(gtx) && f.stop != nil {
		f.stop()
	}
	text := f.way.action.Text()
	if f.busy {
		text = words.SettingUp.Text()
	}
	out := []layout.Widget{label(th, th.Page(), th.Text, f.way.title.Text()), space(theme.Space4), label(th, th.Body(), th.Secondary, f.way.text.Text()), space(theme.Space16)}
	back := widget.Button{State: &f.back, Text: words.Back.Text(), Role: widget.Quiet, Wide: true}
	if f.busy {
		back = widget.Button{State: &f.giveUp, Text: words.Cancel.Text(), Role: widget.Quiet, Wide: true}
	}
	act := widget.Button{State: &f.act, Text: text, Role: widget.Primary, Wide: true, Disabled: f.busy || f.way.mode == "found" && f.nearby.choice() == nil}
	return append(append(out, fields...), space(theme.Space4), act.W(th), space(theme.Space8), back.W(th))
}

// fields are what the chosen way asks, and the first of its inputs. What went
// wrong stands below the main one.
func (f *FirstRun) fields(gtx C, s *Shell) (out []layout.Widget, first *widget.Input) {
	th := s.Theme
	field := func(in *widget.Input, caption, hint string, main bool) {
		fld := widget.Field{State: in, Caption: caption, Hint: hint, Disabled: f.busy, MaxBytes: 4096}
		if main {
			fld.Error = f.failed
		}
		out = append(out, fld.W(th), space(theme.Space12))
		if first == nil {
			first = in
		}
		if in.Changed(gtx) {
			f.failed = ""
		}
		if in.Submitted(gtx) {
			f.submit(s)
		}
	}
	switch f.way.mode {
	case "invite":
		field(&f.link, words.InvitationLink.Text(), words.InvitationHint.Text(), true)
	case "server":
		field(&f.server, words.ServerAddress.Text(), words.ServerHint.Text(), true)
	case "device":
		field(&f.code, words.LinkOrCode.Text(), words.LinkOrCodeHint.Text(), true)
		if !strings.Contains(f.code.Text(), "://") {
			field(&f.link, words.InvitationLink.Text(), words.InvitationHint.Text(), false)
		}
		field(&f.device, words.DeviceName.Text(), "", false)
	case "recover":
		field(&f.recovery, words.Recovery.Text(), words.RecoveryCodeHint.Text(), true)
		field(&f.device, words.DeviceName.Text(), "", false)
	case "found":
		out = append(out, f.nearby.parts(gtx, s, f.busy)...)
		out = append(out, f.problem(th)...)
	case "local", "start":
		out = append(append(out, f.localNote(gtx, s)...), f.problem(th)...)
	}
	return out, first
}

// problem is what went wrong, for ways without a field to say it at.
func (f *FirstRun) problem(th *theme.Theme) []layout.Widget {
	if f.failed == "" {
		return nil
	}
	return []layout.Widget{named(f.failed, label(th, th.Body(), th.Danger, f.failed)), space(theme.Space12)}
}

// localNote says what it means that this computer carries the network, and asks
// whether people nearby may come to a network that is for others.
func (f *FirstRun) localNote(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	out := []layout.Widget{func(gtx C) D {
		return widget.Card{Ground: th.Sidebar}.Layout(gtx, th, full(func(gtx C) D {
			return layout.Flex{}.Layout(gtx, layout.Rigid(icon("info", theme.IconSize, th.Secondary)), widget.Gap(theme.Space12),
				layout.Flexed(1, label(th, th.Body(), th.Secondary, words.JustTryNote.Text())))
		}))
	}, space(theme.Space16)}
	if f.way.mode != "start" {
		return out
	}
	if f.approval.Clicked(gtx) {
		f.closed = !f.closed
	}
	return append(out, func(gtx C) D {
		return ruleLine(gtx, s, &f.approval, words.NearbyMayAsk.Text(), words.NearbyMayAskText.Text(), !f.closed, "")
	}, space(theme.Space16))
}
