package widget

import (
	"image"
	"image/color"
	"slices"

	"gioui.org/f32"
	"gioui.org/gesture"
	"gioui.org/io/event"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/text"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// RichText draws a Rich. Sel is the selection it shares with its neighbours; nil
// makes it unselectable.
type RichText struct {
	State  *Rich
	Spans  []Span
	Type   theme.Type
	Color  color.NRGBA
	Ground color.NRGBA // what it stands on; the background when zero
	Sel    *Selection
	Label  string // for screen readers; the text itself when empty
}

// Layout draws the text.
func (t RichText) Layout(gtx C, th *theme.Theme) D {
	if !access.On(gtx) {
		return t.layout(gtx, th)
	}
	return access.Wrap(gtx, access.Note{Key: t.State, Plain: true}, func(gtx C) D {
		d := t.layout(gtx, th)
		access.Set(gtx, func(n *access.Note) {
			if n.Name = t.Label; n.Name == "" {
				n.Name = t.State.text
			}
		})
		return d
	})
}

func (t RichText) layout(gtx C, th *theme.Theme) D {
	r := t.State
	if t.Type.Size == 0 {
		t.Type = th.Body()
	}
	if t.Color.A == 0 {
		t.Color = th.Text
	}
	if t.Ground.A == 0 {
		t.Ground = th.Background
	}
	if r.set(th, t.Spans) {
		r.lines = nil
		if t.Sel != nil && t.Sel.owner == r {
			t.Sel.Clear()
		}
	}
	r.shape(gtx, th, t.Type)
	r.at.update(gtx, th)
	r.update(gtx, t.Sel)
	size := gtx.Constraints.Constrain(r.size)
	defer clip.Rect{Max: size}.Push(gtx.Ops).Pop()
	label := t.Label
	if label == "" {
		label = r.text
	}
	semantic.LabelOp(label).Add(gtx.Ops)
	if t.Sel != nil {
		pointer.CursorText.Add(gtx.Ops)
	}
	event.Op(gtx.Ops, &r.at)
	r.click.Add(gtx.Ops)
	r.drag.Add(gtx.Ops)
	r.linkAreas(gtx, th)
	r.paint(gtx, th, t.Sel, ink{
		text: t.Color, accent: th.Accent, code: th.Tint(t.Ground), mention: th.Mention(t.Ground), selection: SelectionColor(th),
	})
	return D{Size: size, Baseline: max(size.Y-r.firstBaseline(), 0)}
}

// linkAreas are the places of links: a hand, and where they lead.
func (r *Rich) linkAreas(gtx C, th *theme.Theme) {
	if n := min(len(r.linkPlaces), maxLinkTips); len(r.tips) != n {
		r.tips = make([]Tip, n)
	}
	for i, p := range r.linkPlaces {
		t := op.Offset(p.box.Min).Push(gtx.Ops)
		draw := func(gtx C) D {
			area := clip.Rect{Max: p.box.Size()}.Push(gtx.Ops)
			pointer.CursorPointer.Add(gtx.Ops)
			area.Pop()
			return D{Size: p.box.Size()}
		}
		if i < len(r.tips) && p.tip != "" {
			r.tips[i].Layout(gtx, th, p.tip, false, draw)
		} else {
			draw(gtx)
		}
		t.Pop()
	}
}

func (r *Rich) firstBaseline() int {
	if len(r.lines) == 0 {
		return 0
	}
	return r.lines[0].baseline
}

// Room is where the window's edges are in the text's coordinates.
func (r *Rich) Room(th *theme.Theme) image.Rectangle { return r.at.room(th) }

func (r *Rich) update(gtx C, sel *Selection) {
	for {
		e, ok := r.click.Update(gtx.Source)
		if !ok {
			break
		}
		r.clicked(e, sel)
	}
	for {
		e, ok := r.drag.Update(gtx.Metric, gtx.Source, gesture.Both)
		if !ok {
			break
		}
		if e.Source != pointer.Mouse || !r.dragging || sel == nil {
			continue
		}
		switch e.Kind {
		case pointer.Drag:
			r.to = r.index(e.Position.Round())
			if r.from != r.to {
				sel.owner = r
			}
		case pointer.Release, pointer.Cancel:
			r.dragging = false
		}
	}
}

func (r *Rich) clicked(e gesture.ClickEvent, sel *Selection) {
	i := r.index(e.Position)
	switch {
	case e.Kind == gesture.KindPress && e.Source == pointer.Mouse && sel != nil:
		if sel.owner != nil {
			sel.Clear()
		}
		r.from, r.to, r.dragging = i, i, true
		if e.NumClicks == 2 {
			r.from, r.to = r.word(i)
			sel.owner, r.dragging = r, false
		} else if e.NumClicks >= 3 {
			r.from, r.to = r.paragraph(i)
			sel.owner, r.dragging = r, false
		}
	case e.Kind == gesture.KindClick && e.NumClicks == 1 && r.from == r.to:
		for _, p := range r.linkPlaces {
			if e.Position.In(p.box) {
				r.link, r.linkAt = p.link, e.Position
			}
		}
	}
}

// index is the rune before which a caret at a place would stand.
func (r *Rich) index(at image.Point) int {
	if len(r.lines) == 0 {
		return 0
	}
	l := r.lines[len(r.lines)-1]
	for _, o := range r.lines {
		if at.Y < o.baseline+o.descent {
			l = o
			break
		}
	}
	best, dist := 0, 1<<30
	for _, c := range r.clusters[l.from:l.to] {
		for _, edge := range [2]struct{ x, i int }{{c.x, c.rune}, {c.x + c.w, c.rune + c.runes}} {
			i := edge.i
			if c.rtl {
				i = 2*c.rune + c.runes - i
			}
			if c.runes == 1 && c.rune < len(r.runes) && r.runes[c.rune] == '\n' {
				i = c.rune
			}
			if d := abs(edge.x - at.X); d < dist {
				best, dist = i, d
			}
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

func (r *Rich) paint(gtx C, th *theme.Theme, sel *Selection, k ink) {
	if sel != nil && sel.owner == r {
		a, b := r.bounds()
		r.boxes(func(c cluster) bool { return c.rune >= a && c.rune < b }, func(box image.Rectangle) {
			paint.FillShape(gtx.Ops, k.selection, clip.Rect(box).Op())
		})
	}
	code, mention := r.has(func(s Span) bool { return s.Code && !s.Mention }), r.has(func(s Span) bool { return s.Mention })
	if code {
		r.grounds(gtx, k.code, func(s Span) bool { return s.Code && !s.Mention })
	}
	if mention {
		r.grounds(gtx, k.mention, func(s Span) bool { return s.Mention })
	}
	for _, l := range r.lines {
		r.paintLine(gtx, th, l, k)
	}
}

// has tells whether any style is of a kind.
func (r *Rich) has(kind func(Span) bool) bool {
	return slices.ContainsFunc(r.styles, func(s styleRun) bool { return kind(s.Span) })
}

// grounds paints what lies under the styles of a kind.
func (r *Rich) grounds(gtx C, ground color.NRGBA, kind func(Span) bool) {
	r.boxes(func(c cluster) bool { return kind(r.styles[c.style].Span) }, func(box image.Rectangle) {
		paint.FillShape(gtx.Ops, ground, clip.UniformRRect(box, gtx.Dp(3)).Op(gtx.Ops))
	})
}

// boxes calls draw with the joined boxes of the clusters that are wanted.
func (r *Rich) boxes(want func(cluster) bool, draw func(image.Rectangle)) {
	for _, l := range r.lines {
		var box image.Rectangle
		for _, c := range r.clusters[l.from:l.to] {
			if !want(c) {
				continue
			}
			b := image.Rect(c.x, l.baseline-l.ascent, c.x+max(c.w, 2), l.baseline+l.descent)
			if !box.Empty() && (b.Min.X > box.Max.X+1 || b.Max.X < box.Min.X-1) {
				draw(box)
				box = image.Rectangle{}
			}
			box = box.Union(b)
		}
		if !box.Empty() {
			draw(box)
		}
	}
}

// maxGlyphs is how many glyphs are drawn as one path.
const maxGlyphs = 64

func (r *Rich) paintLine(gtx C, th *theme.Theme, l richLine, k ink) {
	for i := l.from; i < l.to; {
		style := r.clusters[i].style
		j := i
		x0, x1 := r.clusters[i].x, r.clusters[i].x
		for j < l.to && r.clusters[j].style == style && r.clusters[j].to-r.clusters[i].from <= maxGlyphs {
			x0, x1 = min(x0, r.clusters[j].x), max(x1, r.clusters[j].x+r.clusters[j].w)
			j++
		}
		j = max(j, i+1)
		s := r.styles[style]
		c := k.text
		if s.Link != "" || s.Mention {
			c = k.accent
		}
		r.paintGlyphs(gtx, th, r.glyphs[r.clusters[i].from:r.clusters[j-1].to], l.baseline, c)
		thick := max(1, gtx.Dp(1))
		if s.Link != "" {
			y := l.baseline + gtx.Dp(2)
			paint.FillShape(gtx.Ops, theme.Fade(c, 0.5), clip.Rect(image.Rect(x0, y, min(x1, l.width), y+thick)).Op())
		}
		if s.Strike {
			y := l.baseline - l.ascent*3/10
			paint.FillShape(gtx.Ops, c, clip.Rect(image.Rect(x0, y, min(x1, l.width), y+thick)).Op())
		}
		i = j
	}
}

func (r *Rich) paintGlyphs(gtx C, th *theme.Theme, gs []text.Glyph, baseline int, c color.NRGBA) {
	for len(gs) > 0 && gs[len(gs)-1].Flags&(text.FlagParagraphBreak|text.FlagParagraphStart) != 0 && gs[len(gs)-1].ID == 0 {
		gs = gs[:len(gs)-1]
	}
	if len(gs) == 0 {
		return
	}
	t := op.Affine(f32.AffineId().Offset(f32.Pt(float32(gs[0].X)/64, float32(baseline)))).Push(gtx.Ops)
	o := clip.Outline{Path: th.Shaper.Shape(gs)}.Op().Push(gtx.Ops)
	paint.Fill(gtx.Ops, c)
	o.Pop()
	if call := th.Shaper.Bitmaps(gs); call != (op.CallOp{}) {
		call.Add(gtx.Ops)
	}
	t.Pop()
}

// W is the text as a layout.Widget.
func (t RichText) W(th *theme.Theme) layout.Widget { return func(gtx C) D { return t.Layout(gtx, th) } }
