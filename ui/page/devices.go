package page

import (
	"context"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Devices is the page of my installations.
type Devices struct {
	list    []model.Device
	loaded  bool
	failed  string
	busy    bool
	code    string
	link    widget.Click
	copy    widget.Click
	retry   widget.Click
	revoke  map[string]*widget.Click
	linking bool
}

func (p *Devices) load(s *Shell) {
	if p.busy {
		return
	}
	p.busy, p.failed = true, ""
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
		p.code = ""
		p.load(s)
	}
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
	out = append(out, heading(th, words.LinkDevice.Text()), note(th, words.LinkExplain.Text()))
	if p.code != "" {
		out = append(out, p.showCode(s))
	} else {
		out = append(out, natural(widget.Button{State: &p.link, Text: words.MakeCode.Text(), Icon: "devices", Role: widget.Primary, Disabled: p.linking}.W(th)))
	}
	return out
}

func (p *Devices) update(gtx C, s *Shell) {
	if p.retry.Clicked(gtx) {
		p.load(s)
	}
	if p.copy.Clicked(gtx) {
		s.Copy(p.code)
	}
	if p.link.Clicked(gtx) && !p.linking {
		p.linking = true
		s.Jobs.Go(func(ctx context.Context) func() {
			code, err := s.Backend.LinkDevice(ctx)
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

func (p *Devices) line(s *Shell, d model.Device) layout.Widget {
	if p.revoke == nil {
		p.revoke = make(map[string]*widget.Click)
	}
	click := p.revoke[d.ID]
	if click == nil {
		click = new(widget.Click)
		p.revoke[d.ID] = click
	}
	th := s.Theme
	name := d.Name
	if name == "" {
		name = d.ID
	}
	return func(gtx C) D {
		if click.Clicked(gtx) {
			s.Ask(words.RevokeName(name), words.RevokeText.Text(), words.Revoke.Text(), true, func() { p.doRevoke(s, d.ID, name) })
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
		}
		if !d.This {
			children = append(children, layout.Rigid(widget.Button{State: click, Text: words.Revoke.Text(), Role: widget.Danger, Small: true}.W(th)))
		}
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, children...)
	}
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

func (p *Devices) showCode(s *Shell) layout.Widget {
	th := s.Theme
	return func(gtx C) D {
		return widget.Card{Padding: theme.Space16}.Layout(gtx, th, full(func(gtx C) D {
			t := th.Code()
			t.Size, t.Height = th.Page().Size, th.Page().Height
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Flexed(1, named(p.code, label(th, t, th.Text, p.code))),
				layout.Rigid(widget.Button{State: &p.copy, Text: words.Copy.Text(), Icon: "copy"}.W(th)))
		}))
	}
}
