package widget

import (
	"image"
	"image/color"
	"math"
	"strconv"
	"time"

	"gioui.org/f32"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/unit"

	"switchboard/ui/access"
	"switchboard/ui/emoji"
	"switchboard/ui/theme"
)

// Badge is the number of unread things, at most "999+"; Quiet (muted) is grey,
// Mention shows @.
type Badge struct {
	Count   int
	Quiet   bool
	Mention bool
}

// Layout draws the badge, nothing for zero.
func (b Badge) Layout(gtx C, th *theme.Theme) D {
	if b.Count <= 0 && !b.Mention {
		return D{}
	}
	words := strconv.Itoa(b.Count)
	if b.Count > 999 {
		words = "999+"
	}
	if b.Mention {
		words = "@"
	}
	ground, c := th.Accent, th.OnAccent
	if b.Quiet && !b.Mention {
		ground, c = th.Secondary, th.Background
	}
	return pill(gtx, th, words, ground, c, color.NRGBA{}, 20, 6)
}

// Pill is a short word in a round box, as for a state.
type Pill struct {
	Text   string
	Icon   string
	Color  color.NRGBA // of the words; the ground is a tint of it
	Ground color.NRGBA
}

// Layout draws the pill.
func (p Pill) Layout(gtx C, th *theme.Theme) D {
	if p.Color.A == 0 {
		p.Color = th.Secondary
	}
	if p.Ground.A == 0 {
		p.Ground = th.Theirs
	}
	return pill(gtx, th, p.Text, p.Ground, p.Color, color.NRGBA{}, 22, 8)
}

func pill(gtx C, th *theme.Theme, words string, ground, c, line color.NRGBA, height, side unit.Dp) D {
	g := gtx
	g.Constraints.Min = image.Point{}
	call, d := Measure(g, Text{Type: th.Caption().Medium(), Color: c, Text: words, MaxLines: 1}.W(th))
	h := max(gtx.Dp(height), d.Size.Y+gtx.Dp(2))
	size := image.Pt(max(h, d.Size.X+2*gtx.Dp(side)), h)
	Fill(gtx, size, height, ground)
	if line.A > 0 {
		Outline(gtx, size, height, 1, line)
	}
	Offset(gtx, image.Pt((size.X-d.Size.X)/2, (size.Y-d.Size.Y)/2), call)
	return D{Size: size}
}

// Separator is a hairline; with words they stand in its middle.
type Separator struct {
	Text   string
	Accent bool // "new"
}

// Layout draws the separator as wide as it may be.
func (s Separator) Layout(gtx C, th *theme.Theme) D {
	c, words := th.Border, th.Secondary
	if s.Accent {
		c, words = th.Accent, th.Accent
	}
	if s.Text == "" {
		return line(gtx, c)
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Flexed(1, func(gtx C) D { return line(gtx, c) }),
		layout.Rigid(func(gtx C) D {
			return layout.Inset{Left: theme.Space12, Right: theme.Space12}.Layout(gtx,
				Text{Type: th.Caption().Medium(), Color: words, Text: s.Text, MaxLines: 1}.W(th))
		}),
		layout.Flexed(1, func(gtx C) D { return line(gtx, c) }))
}

// Divider is a hairline of the width or, with Vertical, the height it may have.
type Divider struct{ Vertical bool }

// Layout draws the line.
func (v Divider) Layout(gtx C, th *theme.Theme) D {
	if !v.Vertical {
		return line(gtx, th.Border)
	}
	size := image.Pt(max(1, gtx.Dp(1)), gtx.Constraints.Max.Y)
	paint.FillShape(gtx.Ops, th.Border, clip.Rect{Max: size}.Op())
	return D{Size: size}
}

// Progress is how far something is, 0..1, or, when negative, that it runs.
type Progress struct {
	Fraction float64
	Text     string
}

// Layout draws a bar with its words below.
func (p Progress) Layout(gtx C, th *theme.Theme) D {
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	bar := layout.Rigid(func(gtx C) D {
		size := image.Pt(gtx.Constraints.Max.X, gtx.Dp(4))
		Fill(gtx, size, 2, th.Veil(th.Text, 0.14))
		defer clip.UniformRRect(image.Rectangle{Max: size}, size.Y/2).Push(gtx.Ops).Pop()
		at, w := 0, int(float64(size.X)*min(max(p.Fraction, 0), 1))
		if p.Fraction < 0 || math.IsNaN(p.Fraction) {
			w = size.X / 3
			at = w
			if th.Motion() > 0 {
				turn := float64(gtx.Now.UnixMilli()%1600) / 1600
				at = int(turn*float64(size.X+w)) - w
				gtx.Execute(op.InvalidateCmd{At: gtx.Now.Add(33 * time.Millisecond)})
			}
		}
		s := op.Offset(image.Pt(at, 0)).Push(gtx.Ops)
		Fill(gtx, image.Pt(w, size.Y), 2, th.Accent)
		s.Pop()
		return D{Size: size}
	})
	if p.Text == "" {
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx, bar)
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, bar, Gap(theme.Space4),
		layout.Rigid(Text{Type: th.Caption(), Color: th.Secondary, Text: p.Text}.W(th)))
}

// Spinner turns while something is under way; nothing moves with reduced motion.
// Show it only after 300 ms.
type Spinner struct{ Size unit.Dp }

// Layout draws three quarters of a ring.
func (s Spinner) Layout(gtx C, th *theme.Theme) D {
	if s.Size == 0 {
		s.Size = theme.IconSize
	}
	px := gtx.Dp(s.Size)
	start := float32(0)
	if th.Motion() > 0 {
		start = float32(gtx.Now.UnixMilli()%1000) / 1000 * 2 * math.Pi
		gtx.Execute(op.InvalidateCmd{At: gtx.Now.Add(33 * time.Millisecond)})
	}
	w := max(float32(px)/10, 1.5)
	r := float32(px)/2 - w
	c := f32.Pt(float32(px)/2, float32(px)/2)
	sin, cos := math.Sincos(float64(start))
	var p clip.Path
	p.Begin(gtx.Ops)
	p.MoveTo(c.Add(f32.Pt(r*float32(cos), r*float32(sin))))
	p.ArcTo(c, c, 1.5*math.Pi)
	paint.FillShape(gtx.Ops, th.Accent, clip.Stroke{Path: p.End(), Width: w}.Op())
	return D{Size: image.Pt(px, px)}
}

// Skeleton is what stands where text will be, when it takes longer than 300 ms.
type Skeleton struct{ Lines int }

// Layout draws grey lines of uneven length.
func (s Skeleton) Layout(gtx C, th *theme.Theme) D {
	n := max(s.Lines, 1)
	step := gtx.Dp(theme.Space24)
	for i := range n {
		share := []int{70, 92, 58, 84}[i%4]
		o := op.Offset(image.Pt(0, i*step+gtx.Dp(6))).Push(gtx.Ops)
		Fill(gtx, image.Pt(gtx.Constraints.Max.X*share/100, gtx.Dp(theme.Space12)), 6, th.Veil(th.Text, 0.08))
		o.Pop()
	}
	return D{Size: image.Pt(gtx.Constraints.Max.X, n*step)}
}

// Chip is a small pressable word with a count, as a reaction or a filter.
type Chip struct {
	State    *Click
	Text     string
	Count    int
	Selected bool
	Tip      string
}

// Layout draws the chip.
func (c Chip) Layout(gtx C, th *theme.Theme) D {
	words := c.Text
	if c.Count > 0 {
		words = th.Say.Sprintf("%s %d", words, c.Count)
	}
	return c.State.tip.Layout(gtx, th, c.Tip, c.State.Ringed(gtx, th), func(gtx C) D {
		ground, line, col := th.Theirs, th.Border, th.Text
		if c.Selected {
			ground, line, col = th.Selected(th.Background), th.Accent, th.Text
		}
		ground = tint(th, c.State, ground)
		d := c.State.area(gtx, semantic.Button, words, func(gtx C) D {
			semantic.SelectedOp(c.Selected).Add(gtx.Ops)
			access.Selected(gtx, c.Selected)
			access.Set(gtx, func(n *access.Note) { n.Name, n.Description = c.told(th), c.Tip })
			pointer.CursorPointer.Add(gtx.Ops)
			return pill(gtx, th, words, ground, col, line, 26, 10)
		})
		if c.State.Ringed(gtx, th) {
			Ring(gtx, th, d.Size, 13)
		}
		return d
	})
}

// told is what it says to somebody who does not see it: an emoji by its name.
func (c Chip) told(th *theme.Theme) string {
	name := c.Text
	if i := emoji.Find(name); i >= 0 {
		name = emoji.All()[i].Name(th.German())
	}
	if c.Count > 0 {
		return th.Say.Sprintf("%s %d", name, c.Count)
	}
	return name
}

// W is the chip as a layout.Widget.
func (c Chip) W(th *theme.Theme) layout.Widget { return func(gtx C) D { return c.Layout(gtx, th) } }

// Card is a raised box with a border around content.
type Card struct {
	Padding unit.Dp // 12 when zero, none when negative
	Ground  color.NRGBA
}

// Layout draws the card around w.
func (c Card) Layout(gtx C, th *theme.Theme, w layout.Widget) D {
	if c.Padding == 0 {
		c.Padding = theme.Space12
	}
	if c.Ground.A == 0 {
		c.Ground = th.Raised
	}
	call, d := Measure(gtx, func(gtx C) D { return layout.UniformInset(max(c.Padding, 0)).Layout(gtx, w) })
	Fill(gtx, d.Size, theme.RadiusCard, c.Ground)
	Outline(gtx, d.Size, theme.RadiusCard, 1, th.Border)
	call.Add(gtx.Ops)
	return d
}
