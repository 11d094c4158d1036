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

// Toggle is a switch with words. The truth is On, from outside: pressing it only
// makes State.Clicked true.
type Toggle struct {
	State    *Click
	Text     string
	On       bool
	Disabled bool
	Reason   string
	Label    string // for screen readers, when Text is empty
}

// Layout draws the switch; the words stand left of it when there are any.
func (t Toggle) Layout(gtx C, th *theme.Theme) D {
	outer := gtx
	if t.Disabled {
		gtx = gtx.Disabled()
	}
	words := ""
	if t.Disabled {
		words = t.Reason
	}
	return t.State.tip.Layout(outer, th, words, t.State.Ringed(gtx, th), func(C) D { return t.draw(gtx, th) })
}

func (t Toggle) draw(gtx C, th *theme.Theme) D {
	label := t.Text
	if t.Label != "" {
		label = t.Label
	}
	d := t.State.area(gtx, semantic.Switch, label, func(gtx C) D {
		semantic.SelectedOp(t.On).Add(gtx.Ops)
		access.Selected(gtx, t.On)
		if !t.Disabled {
			pointer.CursorPointer.Add(gtx.Ops)
		}
		if t.Text == "" {
			return t.knob(gtx, th)
		}
		c := th.Text
		if t.Disabled {
			c = th.Disabled
		}
		gtx.Constraints.Min.Y = gtx.Dp(theme.Control)
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, func(gtx C) D {
				gtx.Constraints.Min.Y = 0
				return Text{Text: t.Text, Color: c}.Layout(gtx, th)
			}),
			layout.Rigid(layout.Spacer{Width: theme.Space12}.Layout),
			layout.Rigid(func(gtx C) D { return t.knob(gtx, th) }))
	})
	if t.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, theme.RadiusControl)
	}
	return d
}

func (t Toggle) knob(gtx C, th *theme.Theme) D {
	size := image.Pt(gtx.Dp(36), gtx.Dp(20))
	track, line, knob := color.NRGBA{}, th.Control, th.Control
	if t.On {
		track, line, knob = th.Accent, color.NRGBA{}, th.OnAccent
	}
	if t.Disabled {
		line, knob = th.Disabled, th.Disabled
		if t.On {
			track, knob = theme.Mix(th.Background, th.Disabled, 0.5), th.Background
		}
	}
	Fill(gtx, size, 10, track)
	if line.A > 0 && !t.On {
		Outline(gtx, size, 10, 2, line)
	}
	edge := gtx.Dp(12)
	x := gtx.Dp(4)
	if t.On {
		x = size.X - edge - gtx.Dp(4)
	}
	call, _ := Measure(gtx, func(gtx C) D { Fill(gtx, image.Pt(edge, edge), 6, knob); return D{} })
	Offset(gtx, image.Pt(x, (size.Y-edge)/2), call)
	return D{Size: size}
}

// Radio is one of several choices, a ring with a dot, with words.
type Radio struct {
	State    *Click
	Text     string
	Selected bool
	Disabled bool
}

// Layout draws the choice.
func (r Radio) Layout(gtx C, th *theme.Theme) D {
	c, icon := th.Secondary, "radio_off"
	words := th.Text
	if r.Selected {
		c, icon = th.Accent, "radio"
	}
	if r.Disabled {
		gtx, c, words = gtx.Disabled(), th.Disabled, th.Disabled
	}
	d := r.State.area(gtx, semantic.RadioButton, r.Text, func(gtx C) D {
		semantic.SelectedOp(r.Selected).Add(gtx.Ops)
		access.Selected(gtx, r.Selected)
		gtx.Constraints.Min.Y = gtx.Dp(theme.Control)
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return theme.IconNamed(icon).Layout(gtx, theme.IconSize, c) }),
			layout.Rigid(layout.Spacer{Width: theme.Space8}.Layout),
			layout.Rigid(func(gtx C) D {
				gtx.Constraints.Min = image.Point{}
				return Text{Text: r.Text, Color: words}.Layout(gtx, th)
			}))
	})
	if r.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, theme.RadiusControl)
	}
	return d
}

// Check is a box with words that is ticked or not.
type Check struct {
	State *Click
	Text  string
	On    bool
}

// Layout draws the box before its words.
func (c Check) Layout(gtx C, th *theme.Theme) D {
	icon, tint := "check_box_off", th.Control
	if c.On {
		icon, tint = "check_box", th.Accent
	}
	d := c.State.area(gtx, semantic.CheckBox, c.Text, func(gtx C) D {
		semantic.SelectedOp(c.On).Add(gtx.Ops)
		pointer.CursorPointer.Add(gtx.Ops)
		gtx.Constraints.Min.Y = gtx.Dp(theme.Control)
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return theme.IconNamed(icon).Layout(gtx, theme.IconSize, tint) }),
			layout.Rigid(layout.Spacer{Width: theme.Space8}.Layout),
			layout.Flexed(1, func(gtx C) D {
				gtx.Constraints.Min = image.Point{}
				return Text{Text: c.Text}.Layout(gtx, th)
			}))
	})
	if c.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, theme.RadiusControl)
	}
	return d
}

// W is the box as a layout.Widget.
func (c Check) W(th *theme.Theme) layout.Widget { return func(gtx C) D { return c.Layout(gtx, th) } }

// W is the choice as a layout.Widget.
func (r Radio) W(th *theme.Theme) layout.Widget { return func(gtx C) D { return r.Layout(gtx, th) } }
