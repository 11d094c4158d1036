package widget

import (
	"image"
	"image/color"

	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// Select is a field that opens a menu: what is chosen, and an arrow. Use it
// inside MenuButton.Layout.
type Select struct {
	State    *Click
	Text     string
	Label    string
	Disabled bool
}

// Layout draws the field, 160 to 320 dp wide.
func (s Select) Layout(gtx C, th *theme.Theme) D {
	c, ground, outline := th.Text, th.Background, th.Control
	if s.Disabled {
		gtx, c, ground, outline = gtx.Disabled(), th.Disabled, th.Sidebar, th.Border
	}
	if s.State.Hovered() && !s.Disabled {
		ground = th.Hover(ground)
	}
	d := s.State.area(gtx, semantic.Button, s.Label, func(gtx C) D {
		access.Set(gtx, func(n *access.Note) { n.Popup = true })
		pointer.CursorPointer.Add(gtx.Ops)
		size := image.Pt(min(gtx.Constraints.Max.X, gtx.Dp(240)), max(gtx.Dp(theme.Control+4), gtx.Sp(th.Body().Height)))
		gtx.Constraints = layout.Exact(size)
		Fill(gtx, size, theme.RadiusControl, ground)
		Outline(gtx, size, theme.RadiusControl, 1, outline)
		return layout.Inset{Left: theme.Space12, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Flexed(1, func(gtx C) D {
					gtx.Constraints.Min.Y = 0
					return Text{Text: s.Text, Color: c, MaxLines: 1}.Layout(gtx, th)
				}),
				layout.Rigid(func(gtx C) D { return theme.IconNamed("dropdown").Layout(gtx, theme.IconSize, c) }))
		})
	})
	if s.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, theme.RadiusControl)
	}
	return d
}

// Tab is one of several pages; the chosen one is underlined.
type Tab struct {
	State    *Click
	Text     string
	Icon     string
	Count    int
	Selected bool
}

// Layout draws the tab.
func (t Tab) Layout(gtx C, th *theme.Theme) D {
	c := th.Secondary
	if t.Selected {
		c = th.Accent
	}
	d := t.State.areaAs(gtx, access.Tab, semantic.Button, t.Text, func(gtx C) D {
		semantic.SelectedOp(t.Selected).Add(gtx.Ops)
		access.Selected(gtx, t.Selected)
		pointer.CursorPointer.Add(gtx.Ops)
		call, in := Measure(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(func(gtx C) D { return iconText(gtx, th, t.Icon, t.Text, c) }),
				layout.Rigid(func(gtx C) D {
					if t.Count == 0 {
						return D{}
					}
					return layout.Inset{Left: 6}.Layout(gtx, func(gtx C) D { return Badge{Count: t.Count, Quiet: !t.Selected}.Layout(gtx, th) })
				}))
		})
		size := image.Pt(in.Size.X+2*gtx.Dp(theme.Space12), max(gtx.Dp(36), in.Size.Y+gtx.Dp(8)))
		Fill(gtx, size, theme.RadiusControl, tint(th, t.State, color.NRGBA{}))
		Offset(gtx, size.Sub(in.Size).Div(2), call)
		if t.Selected {
			under, _ := Measure(gtx, func(gtx C) D {
				Fill(gtx, image.Pt(size.X-2*gtx.Dp(theme.Space8), gtx.Dp(2)), 1, th.Accent)
				return D{}
			})
			Offset(gtx, image.Pt(gtx.Dp(theme.Space8), size.Y-gtx.Dp(2)), under)
		}
		return D{Size: size}
	})
	if t.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, theme.RadiusControl)
	}
	return d
}
