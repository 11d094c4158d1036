package widget

import (
	"image"

	"gioui.org/gesture"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	"switchboard/ui/theme"
)

// Scroll is the state of a vertical list of many rows, drawn one by one as they
// come into sight. For a plugin's list use package render.
type Scroll struct {
	layout.List
	bar Scrollbar
}

// Layout draws n rows and the scrollbar.
func (s *Scroll) Layout(gtx C, th *theme.Theme, n int, row layout.ListElement) D {
	s.Axis = layout.Vertical
	if by := s.bar.Dragged(gtx); by != 0 && n > 0 {
		s.ScrollBy(by * float32(n))
	}
	d := s.List.Layout(gtx, n, row)
	from, to := s.share(n)
	s.bar.Layout(gtx, th, d.Size, from, to)
	return d
}

// share is which part of everything is in sight.
func (s *Scroll) share(n int) (from, to float32) {
	p := s.Position
	if n == 0 || p.Length == 0 {
		return 0, 1
	}
	each := float32(max(p.Count, 1))
	mean := float32(p.Length) / float32(n)
	if mean <= 0 {
		return 0, 1
	}
	from = (float32(p.First) + float32(p.Offset)/mean) / float32(n)
	to = (float32(p.First) + each + float32(p.OffsetLast)/mean) / float32(n)
	return max(from, 0), min(to, 1)
}

// Scrollbar is the state of a bar at the right edge; it shows under the pointer
// and for as long as it is dragged.
type Scrollbar struct {
	drag   gesture.Drag
	last   float32
	height int
	part   float32
	moved  float32
	hover  gesture.Hover
}

// Dragged is how far the bar was dragged since the last frame, as a part of all.
func (b *Scrollbar) Dragged(gtx C) float32 {
	for {
		e, ok := b.drag.Update(gtx.Metric, gtx.Source, gesture.Vertical)
		if !ok {
			break
		}
		switch e.Kind {
		case pointer.Press:
			b.last = e.Position.Y
		case pointer.Drag:
			if free := float32(b.height); free > 0 {
				b.moved += (e.Position.Y - b.last) / free
			}
			b.last = e.Position.Y
		}
	}
	m := b.moved
	b.moved = 0
	return m
}

// Layout draws the bar over the right edge of an area that shows from..to (0..1).
func (b *Scrollbar) Layout(gtx C, th *theme.Theme, area image.Point, from, to float32) {
	if to-from >= 0.999 || area.Y <= 0 {
		return
	}
	b.height, b.part = area.Y, to-from
	w := gtx.Dp(12)
	s := op.Offset(image.Pt(area.X-w, 0)).Push(gtx.Ops)
	defer s.Pop()
	c := clip.Rect{Max: image.Pt(w, area.Y)}.Push(gtx.Ops)
	defer c.Pop()
	hovered := b.hover.Update(gtx.Source)
	b.hover.Add(gtx.Ops)
	b.drag.Add(gtx.Ops)
	long := max(int(float32(area.Y)*(to-from)), gtx.Dp(theme.Space24))
	y := int(float32(area.Y-long) * from / max(1-(to-from), 1e-3))
	thick := gtx.Dp(4)
	if hovered || b.drag.Dragging() {
		thick = gtx.Dp(8)
	}
	col := th.Veil(th.Text, 0.3)
	if hovered || b.drag.Dragging() {
		col = th.Veil(th.Text, 0.5)
	}
	o := op.Offset(image.Pt(w-thick-gtx.Dp(2), min(max(y, 0), area.Y-long))).Push(gtx.Ops)
	Fill(gtx, image.Pt(thick, long), 4, col)
	o.Pop()
}
