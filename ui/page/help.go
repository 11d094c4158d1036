package page

import (
	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Keys is the page of the keyboard.
type Keys struct{}

func (Keys) parts(s *Shell) []layout.Widget {
	th := s.Theme
	var out []layout.Widget
	for _, g := range words.KeyGroups() {
		out = append(out, heading(th, g.Title))
		var lines []layout.Widget
		for _, k := range g.Keys {
			lines = append(lines, func(gtx C) D {
				room := gtx.Constraints.Max.X * 6 / 10
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Flexed(1, label(th, th.Body(), th.Text, k.Does)), widget.Gap(theme.Space12),
					layout.Rigid(func(gtx C) D {
						gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, room)
						return keyCombinations(gtx, th, k.Keys)
					}))
			})
		}
		out = append(out, group(th, lines...))
	}
	return out
}

// keyCombinations draws combinations that do the same, in as many lines as it takes.
func keyCombinations(gtx C, th *theme.Theme, all [][]string) D {
	gtx.Constraints.Min.X = 0
	gtx.Constraints.Max.X = max(1, gtx.Constraints.Max.X)
	return widget.Wrap(gtx, gtx.Dp(theme.Space12), len(all), func(gtx C, i int) D { return keyCaps(gtx, th, all[i]) })
}

// keyCaps draws the names of keys as caps.
func keyCaps(gtx C, th *theme.Theme, keys []string) D {
	gtx.Constraints.Min.X = 0
	var children []layout.FlexChild
	for i, k := range keys {
		if i > 0 {
			children = append(children, widget.Gap(theme.Space4))
		}
		children = append(children, layout.Rigid(func(gtx C) D {
			return widget.Card{Padding: -1, Ground: th.Sidebar}.Layout(gtx, th, func(gtx C) D {
				return layout.Inset{Left: 8, Right: 8, Top: 2, Bottom: 2}.Layout(gtx, oneLine(th, th.Caption(), th.Text, k))
			})
		}))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, children...)
}

// About is the page about the program and this installation.
type About struct{ copy widget.Click }

func (p *About) parts(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	out := []layout.Widget{
		func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(func(gtx C) D {
					return ground(gtx, th.Accent, theme.RadiusCard, boxed(48, icon("hub", 28, th.OnAccent)))
				}), widget.Gap(theme.Space16),
				layout.Flexed(1, func(gtx C) D {
					return vertical(gtx, label(th, th.Page(), th.Text, words.Product), label(th, th.Caption(), th.Secondary, words.Version(programVersion())))
				}))
		},
		space(theme.Space16), note(th, words.AboutText.Text()),
	}
	var lines []layout.Widget
	if a := s.Snap.Account; a != nil {
		if p.copy.Clicked(gtx) {
			s.Copy(a.NetworkKey)
		}
		lines = append(lines, pair(th, words.YourAddress.Text(), a.Address), pair(th, words.NetworkName.Text(), a.Network))
		if a.NetworkKey != "" {
			lines = append(lines, func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Flexed(1, pair(th, words.NetworkKeyName.Text(), a.NetworkKey)), widget.Gap(theme.Space8),
					layout.Rigid(widget.IconButton{State: &p.copy, Icon: "copy", Tip: words.Copy.Text()}.W(th)))
			})
		}
		lines = append(lines, pair(th, words.YourDevice.Text(), a.Device))
	}
	if s.Snap.Profile != "" {
		lines = append(lines, pair(th, words.Profile.Text(), s.Snap.Profile))
	}
	if len(lines) > 0 {
		out = append(out, group(th, lines...))
	}
	return append(out, space(theme.Space16), label(th, th.Caption(), th.Secondary, words.LicenceText.Text()))
}
