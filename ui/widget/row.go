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

// Row is a row of a list: a leading picture, a name, one line below it, and at
// the right a time and marks. Its places are fixed, so nothing moves when a mark
// appears. In the compact density it is one line.
type Row struct {
	State    *Click
	Leading  func(gtx C, rim color.NRGBA) D // gets the row's ground, for the presence rim
	Title    string
	Strong   bool // unread
	Line     string
	LineIcon string
	LineTint color.NRGBA // zero is secondary
	Meta     string      // time
	Marks    []layout.Widget
	Selected bool
	Dimmed   bool   // blocked, archived
	Label    string // what a screen reader says, everything in one
	Spoken   string // the same with what else the row shows, when one listens
	Actions  []access.Action
	Ground   color.NRGBA
}

// Layout draws the row as wide as it may be.
func (r Row) Layout(gtx C, th *theme.Theme) D {
	if r.Ground.A == 0 {
		r.Ground = th.Sidebar
	}
	ground := tint(th, r.State, r.Ground)
	if r.Selected { // a shade more under the pointer would take contrast from what is on it
		ground = th.Selected(r.Ground)
	}
	label := r.Label
	if label == "" {
		label = r.Title
	}
	d := r.State.areaAs(gtx, access.ListItem, semantic.Button, label, func(gtx C) D {
		semantic.SelectedOp(r.Selected).Add(gtx.Ops)
		access.Set(gtx, func(n *access.Note) {
			n.Actions = r.Actions
			if r.Spoken != "" {
				n.Name = r.Spoken
			}
		})
		access.Selected(gtx, r.Selected)
		pointer.CursorPointer.Add(gtx.Ops)
		size := image.Pt(gtx.Constraints.Max.X, max(gtx.Dp(th.RowHeight()), r.needs(gtx, th)))
		gtx.Constraints = layout.Exact(size)
		if ground != r.Ground {
			side := gtx.Dp(theme.Space4)
			call, _ := Measure(gtx, func(gtx C) D {
				box := size.Sub(image.Pt(2*side, 0))
				Fill(gtx, box, 8, ground)
				if r.Selected && th.Options.HighContrast { // a shade alone is too little there
					Outline(gtx, box, 8, 1, th.Accent)
				}
				return D{}
			})
			Offset(gtx, image.Pt(side, 0), call)
		}
		layout.Inset{Left: theme.Space12, Right: theme.Space12}.Layout(gtx, func(gtx C) D { return r.body(gtx, th, ground) })
		return D{Size: size}
	})
	if r.State.Ringed(gtx, th) {
		w := max(1, gtx.Dp(theme.FocusRing))
		outlineAt(gtx, image.Rectangle{Max: d.Size}.Inset(w), gtx.Dp(8), w, th.Accent)
	}
	return d
}

// needs is the height of the words when the text is larger than usual.
func (r Row) needs(gtx C, th *theme.Theme) int {
	n := gtx.Sp(th.Body().Height)
	if th.Density == theme.Comfortable {
		n += gtx.Sp(th.Caption().Height) + gtx.Dp(theme.Space8)
	}
	return n + gtx.Dp(theme.Space8)
}

func (r Row) body(gtx C, th *theme.Theme, ground color.NRGBA) D {
	var parts []layout.FlexChild
	if r.Leading != nil {
		parts = append(parts, layout.Rigid(func(gtx C) D {
			gtx.Constraints.Min = image.Point{}
			return r.Leading(gtx, ground)
		}), Gap(theme.Space12))
	}
	if th.Density == theme.Compact {
		parts = append(parts, layout.Flexed(1, func(gtx C) D {
			gtx.Constraints.Min.Y = 0
			return r.title(gtx, th)
		}), layout.Rigid(func(gtx C) D { return r.marks(gtx) }))
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, parts...)
	}
	parts = append(parts, layout.Flexed(1, func(gtx C) D {
		gtx.Constraints.Min.Y = 0
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return r.top(gtx, th) }),
			layout.Rigid(layout.Spacer{Height: 2}.Layout),
			layout.Rigid(func(gtx C) D { return r.bottom(gtx, th) }))
	}))
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, parts...)
}

func (r Row) title(gtx C, th *theme.Theme) D {
	t := th.Body().Medium()
	if r.Strong {
		t = th.Body().Bold()
	}
	c := th.Text
	if r.Dimmed {
		c = th.Secondary
	}
	return Text{Type: t, Text: r.Title, Color: c, MaxLines: 1}.Layout(gtx, th)
}

func (r Row) top(gtx C, th *theme.Theme) D {
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	return layout.Flex{Alignment: layout.Baseline}.Layout(gtx,
		layout.Flexed(1, func(gtx C) D { return r.title(gtx, th) }),
		layout.Rigid(layout.Spacer{Width: theme.Space8}.Layout),
		layout.Rigid(Text{Type: th.Caption(), Text: r.Meta, Color: th.Secondary, MaxLines: 1}.W(th)))
}

func (r Row) bottom(gtx C, th *theme.Theme) D {
	c := r.LineTint
	if c.A == 0 {
		c = th.Secondary
	}
	high := gtx.Dp(20)
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, high)
	gtx.Constraints.Max.Y = max(high, gtx.Sp(th.Body().Height))
	parts := []layout.FlexChild{}
	if r.LineIcon != "" {
		parts = append(parts, layout.Rigid(func(gtx C) D { return theme.IconOf(r.LineIcon).Layout(gtx, 16, c) }), Gap(theme.Space4))
	}
	parts = append(parts, layout.Flexed(1, func(gtx C) D {
		gtx.Constraints.Min.Y = 0
		return Text{Type: lineType(th), Text: r.Line, Color: c, MaxLines: 1}.Layout(gtx, th)
	}), layout.Rigid(func(gtx C) D { return r.marks(gtx) }))
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, parts...)
}

// lineType is the second line of a row: between caption and body.
func lineType(th *theme.Theme) theme.Type {
	t := th.Caption()
	t.Size *= 13.0 / 12
	t.Height *= 13.0 / 12
	return t
}

func (r Row) marks(gtx C) D {
	gtx.Constraints.Min = image.Point{}
	var parts []layout.FlexChild
	for _, m := range r.Marks {
		parts = append(parts, layout.Rigid(func(gtx C) D {
			return layout.Inset{Left: theme.Space4}.Layout(gtx, m)
		}))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, parts...)
}
