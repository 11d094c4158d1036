package widget

import (
	"image"

	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/unit"

	"switchboard/ui/theme"
)

// JumpButton floats over a list and leads to its end: an arrow down, and how much
// is new.
type JumpButton struct {
	State       *Click
	Text, Label string
}

// Layout draws the button.
func (b JumpButton) Layout(gtx C, th *theme.Theme) D {
	d := b.State.area(gtx, semantic.Button, b.Label, func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		call, in := Measure(gtx, func(gtx C) D { return theme.IconNamed("down").Layout(gtx, theme.IconSize, th.Accent) })
		size := image.Pt(gtx.Dp(theme.Control), gtx.Dp(theme.Control))
		if b.Text != "" {
			call, in = Measure(gtx, func(gtx C) D { return iconText(gtx, th, "down", b.Text, th.Accent) })
			size = image.Pt(in.Size.X+gtx.Dp(theme.Space24), max(size.Y, in.Size.Y+gtx.Dp(theme.Space8)))
		}
		round := unit.Dp(float32(size.Y) / 2 / gtx.Metric.PxPerDp)
		return raised(gtx, th, round, func(gtx C) D {
			Fill(gtx, size, round, tint(th, b.State, th.Raised))
			Offset(gtx, size.Sub(in.Size).Div(2), call)
			return D{Size: size}
		})
	})
	if b.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, theme.Control/2)
	}
	return d
}

// W is the button as a layout.Widget.
func (b JumpButton) W(th *theme.Theme) layout.Widget {
	return func(gtx C) D { return b.Layout(gtx, th) }
}
