package page

import (
	"context"

	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Recovery is the page of the recovery code, which it shows once.
type Recovery struct {
	code             string
	failed           string
	busy             bool
	make, copy, kept widget.Click
	qr               widget.QR
}

func (p *Recovery) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if fresh {
		p.code, p.failed = "", ""
	}
	if p.copy.Clicked(gtx) {
		s.Copy(p.code)
	}
	s.unkept = p.code != ""
	if p.kept.Clicked(gtx) {
		s.unkept = false
		p.code = ""
		s.Backend.DismissRecovery()
		s.Say(words.RecoveryDone.Text())
		s.Back()
	}
	if p.make.Clicked(gtx) && !p.busy {
		if s.Snap.Recovery {
			s.Ask(words.RecoveryReplace.Text(), words.RecoveryReplaceTxt.Text(), words.RecoveryMakeNew.Text(), false, func() { p.create(s) })
		} else {
			p.create(s)
		}
	}
	out := []layout.Widget{note(th, words.RecoveryText.Text())}
	if p.code != "" {
		return append(out, p.shown(s)...)
	}
	state, text := words.RecoveryNone.Text(), words.RecoveryMake.Text()
	if s.Snap.Recovery {
		state, text = words.RecoveryHave.Text(), words.RecoveryMakeNew.Text()
	}
	if p.busy {
		text = words.RecoveryMaking.Text()
	}
	out = append(out, label(th, th.Body(), th.Text, state), space(theme.Space12),
		natural(widget.Button{State: &p.make, Text: text, Icon: "key", Role: widget.Primary, Disabled: p.busy}.W(th)))
	if p.failed != "" {
		out = append(out, space(theme.Space8), named(p.failed, label(th, th.Body(), th.Danger, p.failed)))
	}
	return out
}

func (p *Recovery) create(s *Shell) {
	p.busy, p.failed = true, ""
	s.Jobs.Go(func(ctx context.Context) func() {
		code, err := s.Backend.CreateRecovery(ctx)
		return func() {
			p.busy, p.failed = false, Sentence(err)
			if err == nil {
				p.code = code
			}
		}
	})
}

// shown is the code, which is seen now and never again.
func (p *Recovery) shown(s *Shell) []layout.Widget {
	th := s.Theme
	return []layout.Widget{
		label(th, th.Body().Medium(), th.Warning, words.RecoveryShown.Text()), space(theme.Space12),
		codeCard(th, &p.qr, p.code, func(gtx C) D {
			return vertical(gtx, named(p.code, label(th, th.Code(), th.Text, p.code)), space(theme.Space12),
				natural(widget.Button{State: &p.copy, Text: words.Copy.Text(), Icon: "copy"}.W(th)))
		}),
		space(theme.Space16),
		natural(widget.Button{State: &p.kept, Text: words.RecoveryKept.Text(), Icon: "check", Role: widget.Primary}.W(th)),
	}
}

// qrEdge is the edge of a QR code; a telephone reads it at arm's length.
const qrEdge = 216

// codeCard is a link as a QR code, with more beside it, or below where it is narrow.
func codeCard(th *theme.Theme, qr *widget.QR, link string, more layout.Widget) layout.Widget {
	return func(gtx C) D {
		return widget.Card{Padding: theme.Space16}.Layout(gtx, th, full(func(gtx C) D {
			code := func(gtx C) D { return qr.Layout(gtx, link, words.QRLabel.Text(), qrEdge) }
			if gtx.Constraints.Max.X < gtx.Dp(qrEdge)*2 {
				return vertical(gtx, code, space(theme.Space12), more)
			}
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Rigid(code), widget.Gap(theme.Space16), layout.Flexed(1, more))
		}))
	}
}
