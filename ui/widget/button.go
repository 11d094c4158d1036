package widget

import (
	"image"
	"image/color"

	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/unit"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// Role is what a button means; it decides its colours.
type Role int

// The roles. Normal has an outline, Primary is the one thing to do here, Danger
// destroys, Quiet is text alone.
const (
	Normal Role = iota
	Primary
	Danger
	Quiet
)

// Button is a button with words and, perhaps, an icon.
type Button struct {
	State    *Click
	Text     string
	Icon     string
	Role     Role
	Disabled bool
	Reason   string // why it is disabled, in the tooltip
	Tip      string
	Label    string // for screen readers, when not Text
	Wide     bool   // fills the width it is given
	Small    bool   // 28 dp, in cards and messages
}

// look is the colours of a control in one state.
type look struct{ ground, text, line color.NRGBA }

func (b Button) look(th *theme.Theme) look {
	var l look
	switch b.Role {
	case Primary:
		l = look{ground: th.Accent, text: th.OnAccent}
	case Danger:
		l = look{text: th.Danger, line: th.Danger}
	case Quiet:
		l = look{text: th.Accent}
	default:
		l = look{text: th.Text, line: th.Control}
	}
	if b.Disabled {
		l = look{text: th.Disabled}
		if b.Role != Quiet {
			l.line = th.Border
		}
	}
	return l
}

// tint is what hovering and pressing lay over a ground; with no ground of its
// own a control is tinted with a part of the text colour.
func tint(th *theme.Theme, c *Click, ground color.NRGBA) color.NRGBA {
	switch {
	case c.Pressed() && ground.A == 0:
		return th.Veil(th.Text, 0.10)
	case c.Hovered() && ground.A == 0:
		return th.Veil(th.Text, 0.06)
	case c.Pressed():
		return th.Pressed(ground)
	case c.Hovered():
		return th.Hover(ground)
	}
	return ground
}

// Layout draws the button.
func (b Button) Layout(gtx C, th *theme.Theme) D {
	words := b.Tip
	if b.Disabled && b.Reason != "" {
		words = b.Reason
	}
	outer := gtx
	if b.Disabled {
		gtx = gtx.Disabled()
	}
	return b.State.tip.Layout(outer, th, words, b.State.Ringed(gtx, th), func(C) D { return b.draw(gtx, th) })
}

func (b Button) draw(gtx C, th *theme.Theme) D {
	l := b.look(th)
	if !b.Disabled {
		l.ground = tint(th, b.State, l.ground)
	}
	label := b.Label
	if label == "" {
		label = b.Text
	}
	d := b.State.area(gtx, semantic.Button, label, func(gtx C) D {
		if !b.Disabled {
			pointer.CursorPointer.Add(gtx.Ops)
		}
		return b.body(gtx, th, l)
	})
	if b.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, theme.RadiusControl)
	}
	return d
}

func (b Button) body(gtx C, th *theme.Theme, l look) D {
	height, side := theme.Control, theme.Space12
	if b.Small {
		height, side = 28, 10
	}
	g := gtx
	g.Constraints.Min = image.Point{}
	g.Constraints.Max.X = max(0, g.Constraints.Max.X-2*gtx.Dp(side))
	call, in := Measure(g, func(gtx C) D { return iconText(gtx, th, b.Icon, b.Text, l.text) })
	size := image.Pt(in.Size.X+2*gtx.Dp(side), max(gtx.Dp(height), in.Size.Y+gtx.Dp(6)))
	if b.Wide {
		size.X = max(size.X, gtx.Constraints.Max.X)
	}
	size = gtx.Constraints.Constrain(size)
	Fill(gtx, size, theme.RadiusControl, l.ground)
	if l.line.A > 0 {
		Outline(gtx, size, theme.RadiusControl, 1, l.line)
	}
	Offset(gtx, image.Pt((size.X-in.Size.X)/2, (size.Y-in.Size.Y)/2), call)
	return D{Size: size, Baseline: (size.Y-in.Size.Y)/2 + in.Baseline}
}

// iconText is an icon before words, both centred on one line.
func iconText(gtx C, th *theme.Theme, icon, words string, c color.NRGBA) D {
	label := Text{Type: th.Body().Medium(), Color: c, Text: words, MaxLines: 1}
	if icon == "" {
		return label.Layout(gtx, th)
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return theme.IconOf(icon).Layout(gtx, 18, c) }),
		layout.Rigid(layout.Spacer{Width: 6}.Layout),
		layout.Rigid(label.W(th)))
}

// IconButton is a round target of 32 dp with an icon of 20. Tip is also its name
// for screen readers.
type IconButton struct {
	State    *Click
	Icon     string
	Tip      string
	Role     Role
	Disabled bool
	Reason   string
	Selected bool
	Size     unit.Dp // of the target, 32 when zero
	Color    color.NRGBA
}

// Layout draws the button.
func (b IconButton) Layout(gtx C, th *theme.Theme) D {
	words := b.Tip
	if b.Disabled && b.Reason != "" {
		words = b.Reason
	}
	outer := gtx
	if b.Disabled {
		gtx = gtx.Disabled()
	}
	return b.State.tip.Layout(outer, th, words, b.State.Ringed(gtx, th), func(C) D { return b.draw(gtx, th) })
}

func (b IconButton) draw(gtx C, th *theme.Theme) D {
	ground, c := color.NRGBA{}, th.Secondary
	switch {
	case b.Disabled:
		c = th.Disabled
	case b.Role == Primary:
		c = th.Accent
	case b.Role == Danger:
		c = th.Danger
	case b.Color.A > 0:
		c = b.Color
	}
	if b.Selected {
		ground, c = th.Veil(th.Accent, 0.12), th.Accent
	}
	if !b.Disabled && (b.State.Hovered() || b.State.Pressed()) {
		ground = tint(th, b.State, color.NRGBA{})
	}
	edge := b.Size
	if edge == 0 {
		edge = theme.Control
	}
	px := gtx.Dp(edge)
	d := b.State.area(gtx, semantic.Button, b.Tip, func(gtx C) D {
		if !b.Disabled {
			pointer.CursorPointer.Add(gtx.Ops)
		}
		if b.Selected {
			semantic.SelectedOp(true).Add(gtx.Ops)
			access.Selected(gtx, true)
		}
		Fill(gtx, image.Pt(px, px), edge/2, ground)
		in := (px - gtx.Dp(theme.IconSize)) / 2
		call, _ := Measure(gtx, func(gtx C) D { return theme.IconOf(b.Icon).Layout(gtx, theme.IconSize, c) })
		Offset(gtx, image.Pt(in, in), call)
		return D{Size: image.Pt(px, px)}
	})
	if b.State.Ringed(gtx, th) {
		Ring(gtx, th, d.Size, edge/2)
	}
	return d
}
