package page

import (
	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

func (f *FirstRun) wayParts(gtx C, s *Shell) []layout.Widget {
	f.nearby.look(gtx, s)
	return f.choose(gtx, s, words.HowToConnect.Text(), stepWay, ways)
}

func (f *FirstRun) accountParts(gtx C, s *Shell) []layout.Widget {
	return f.choose(gtx, s, words.HaveAccountHow.Text(), stepAccount, accountWays)
}

// choose is a step of ways to press.
func (f *FirstRun) choose(gtx C, s *Shell, title string, on step, of []way) []layout.Widget {
	th := s.Theme
	if f.back.Clicked(gtx) {
		f.step = stepName
	}
	if f.focused != on {
		f.focused = on
		f.choices[0].Focus(gtx)
	}
	for i := range of {
		if f.choices[i].Clicked(gtx) {
			f.step, f.way, f.failed = stepDetails, of[i], ""
		}
	}
	out := []layout.Widget{label(th, th.Page(), th.Text, title), space(theme.Space16)}
	for i, w := range of {
		out = append(out, f.choice(th, i, w), space(theme.Space8))
	}
	return append(out, widget.Button{State: &f.back, Text: words.Back.Text(), Role: widget.Quiet, Wide: true}.W(th))
}

// choice is one way as a card to press.
func (f *FirstRun) choice(th *theme.Theme, i int, w way) layout.Widget {
	click := &f.choices[i]
	return func(gtx C) D {
		under := th.Raised
		if click.Hovered() {
			under = th.Hover(under)
		}
		d := click.Area(gtx, w.title.Text(), func(gtx C) D {
			return widget.Card{Padding: theme.Space16, Ground: under}.Layout(gtx, th, full(func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(icon(w.icon, 24, th.Accent)), widget.Gap(theme.Space16),
					layout.Flexed(1, func(gtx C) D {
						text := w.text.Text()
						if w.mode == "found" {
							text = f.nearby.summary()
						}
						return vertical(gtx, label(th, th.Body().Medium(), th.Text, w.title.Text()), label(th, th.Caption(), th.Secondary, text))
					}),
					layout.Rigid(icon("right", theme.IconSize, th.Secondary)))
			}))
		})
		if click.Ringed(gtx, th) {
			widget.Ring(gtx, th, d.Size, theme.RadiusCard)
		}
		return d
	}
}
