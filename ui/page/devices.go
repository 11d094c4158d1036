package page

import (
	"context"
	"strings"
	"time"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Devices is the page of my installations: which there are, a further one, and
// the way back when all are lost.
type Devices struct {
	list     []model.Device
	loaded   bool
	failed   string
	busy     bool
	asked    int // how many devices waited when the list was loaded
	code     model.LinkCode
	qr       widget.QR
	link     widget.Click
	copy     widget.Click
	copyCode widget.Click
	retry    widget.Click
	recovery widget.Click
	rows     map[string]*deviceRow
	linking  bool
}

// deviceRow is what a device's line keeps between frames.
type deviceRow struct{ revoke, rename widget.Click }

func (p *Devices) load(s *Shell) {
	if p.busy {
		return
	}
	p.busy, p.failed, p.asked = true, "", len(s.Snap.LinkRequests)
	s.Jobs.Go(func(ctx context.Context) func() {
		list, err := s.Backend.Devices(ctx)
		return func() {
			p.busy, p.failed = false, Sentence(err)
			if err == nil {
				p.list, p.loaded = list, true
			}
		}
	})
}

func (p *Devices) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if fresh {
		p.code = model.LinkCode{}
		p.load(s)
	} else if len(s.Snap.LinkRequests) < p.asked { // one was let in, or not
		p.code = model.LinkCode{}
		p.load(s)
	}
	p.asked = max(p.asked, len(s.Snap.LinkRequests))
	p.update(gtx, s)
	out := []layout.Widget{note(th, words.DevicesExplain.Text())}
	switch {
	case p.failed != "":
		out = append(out, label(th, th.Body(), th.Danger, p.failed), space(theme.Space8), natural(widget.Button{State: &p.retry, Text: words.Retry.Text()}.W(th)))
	case !p.loaded:
		out = append(out, func(gtx C) D { return widget.Skeleton{Lines: 3}.Layout(gtx, th) })
	default:
		var lines []layout.Widget
		for _, d := range p.list {
			lines = append(lines, p.line(s, d))
		}
		out = append(out, group(th, lines...))
	}
	out = append(out, heading(th, words.LinkDevice.Text()), note(th, words.LinkHow.Text()))
	text, role := words.LinkDevice.Text(), widget.Primary
	if p.code.Code != "" {
		out = append(out, p.showCode(s), space(theme.Space12))
		text, role = words.LinkNewCode.Text(), widget.Normal
	}
	out = append(out, natural(widget.Button{State: &p.link, Text: text, Icon: "devices", Role: role, Disabled: p.linking}.W(th)))
	return append(out, heading(th, words.Recovery.Text()), p.recoveryLine(s))
}

// recoveryLine leads to the page of the recovery code.
func (p *Devices) recoveryLine(s *Shell) layout.Widget {
	th := s.Theme
	state, text := words.RecoveryNone.Text(), words.RecoveryMake.Text()
	if s.Snap.Recovery {
		state, text = words.RecoveryHave.Text(), words.RecoveryMakeNew.Text()
	}
	return group(th, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon("key", theme.IconSize, th.Secondary)), widget.Gap(theme.Space16),
			layout.Flexed(1, label(th, th.Body(), th.Text, state)), widget.Gap(theme.Space12),
			layout.Rigid(widget.Button{State: &p.recovery, Text: text + "…", Small: true}.W(th)))
	})
}

func (p *Devices) update(gtx C, s *Shell) {
	if p.retry.Clicked(gtx) {
		p.load(s)
	}
	if p.copy.Clicked(gtx) {
		s.Copy(p.code.Link)
	}
	if p.copyCode.Clicked(gtx) {
		s.Copy(p.code.Code)
	}
	if p.recovery.Clicked(gtx) {
		s.Go(PageRecovery)
	}
	if p.link.Clicked(gtx) && !p.linking {
		p.linking = true
		s.Jobs.Go(func(ctx context.Context) func() {
			code, err := s.Backend.AskLink(ctx)
			return func() {
				p.linking = false
				if err != nil {
					s.Say(Sentence(err))
					return
				}
				p.code = code
			}
		})
	}
}

func (p *Devices) row(id string) *deviceRow {
	if p.rows == nil {
		p.rows = make(map[string]*deviceRow)
	}
	r := p.rows[id]
	if r == nil {
		r = new(deviceRow)
		p.rows[id] = r
	}
	return r
}

func (p *Devices) line(s *Shell, d model.Device) layout.Widget {
	r, th := p.row(d.ID), s.Theme
	name := d.Name
	if name == "" {
		name = d.ID
	}
	return func(gtx C) D {
		if r.revoke.Clicked(gtx) {
			s.Ask(words.RevokeName(name), words.RevokeText.Text(), words.Revoke.Text(), true, func() { p.doRevoke(s, d.ID, name) })
		}
		if r.rename.Clicked(gtx) {
			s.AskText(words.RenameDevice.Text(), words.DeviceNameCaption.Text(), name, words.SaveStatus.Text(), func(now string) { p.doRename(s, d.ID, name, now) })
		}
		state, tone := words.LastSeen(longTime(d.Seen, s.local())), th.Secondary
		switch {
		case d.This:
			state, tone = words.ThisDevice.Text(), th.Accent
		case d.Online:
			state, tone = words.DeviceOnline.Text(), th.Success
		case d.Seen.IsZero():
			state = words.Linked(longTime(d.Linked, s.local()))
		}
		children := []layout.FlexChild{
			layout.Rigid(icon("computer", theme.IconSize, th.Secondary)), widget.Gap(theme.Space16),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, named(name, oneLine(th, th.Body().Medium(), th.Text, name)), oneLine(th, th.Caption(), tone, state))
			}),
			layout.Rigid(widget.IconButton{State: &r.rename, Icon: "edit", Tip: words.RenameDeviceOf(name)}.W(th)),
		}
		if !d.This {
			children = append(children, widget.Gap(theme.Space4), layout.Rigid(widget.Button{State: &r.revoke, Text: words.Revoke.Text(), Role: widget.Danger, Small: true}.W(th)))
		}
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, children...)
	}
}

func (p *Devices) doRename(s *Shell, id, was, name string) {
	if name = strings.TrimSpace(name); name == "" || name == was {
		return
	}
	s.Call(func(ctx context.Context) error { return s.Backend.RenameDevice(ctx, id, name) }, func(err error) {
		if err != nil {
			s.Say(Sentence(err))
			return
		}
		p.load(s)
	})
}

func (p *Devices) doRevoke(s *Shell, id, name string) {
	s.Call(func(ctx context.Context) error { return s.Backend.RevokeDevice(ctx, id) }, func(err error) {
		if err != nil {
			s.Say(Sentence(err))
			return
		}
		s.Say(words.DeviceRevoked(name))
		p.load(s)
	})
}

// showCode is the code to scan, to type or to copy.
func (p *Devices) showCode(s *Shell) layout.Widget {
	th := s.Theme
	return codeCard(th, &p.qr, p.code.Link, func(gtx C) D {
		t := th.Code()
		t.Size, t.Height = th.Page().Size, th.Page().Height
		parts := []layout.Widget{
			label(th, th.Caption(), th.Secondary, words.LinkCodeCaption.Text()),
			named(p.code.Code, label(th, t.Medium(), th.Text, p.code.Code)),
		}
		if !p.code.Expires.IsZero() {
			parts = append(parts, label(th, th.Caption(), th.Secondary, words.ValidUntil(validUntil(p.code.Expires, s.local()))))
		}
		parts = append(parts, space(theme.Space12), func(gtx C) D {
			buttons := []layout.Widget{
				widget.Button{State: &p.copyCode, Text: words.Copy.Text(), Icon: "copy"}.W(th),
				widget.Button{State: &p.copy, Text: words.LinkCopy.Text(), Icon: "link"}.W(th),
			}
			return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(buttons), func(gtx C, i int) D { return buttons[i](gtx) })
		})
		return vertical(gtx, parts...)
	})
}

// validUntil is a time that has yet to come: the clock alone when it is soon.
func validUntil(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Sub(now) < 12*time.Hour {
		return words.Clock(t)
	}
	return words.LongDate(t)
}
