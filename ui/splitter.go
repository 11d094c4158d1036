package ui

import (
	"image"

	"gioui.org/gesture"
	"gioui.org/io/pointer"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/unit"
)

// grip is how wide the part of an edge is that can be dragged.
const grip unit.Dp = 8

// splitter is an edge between two columns that can be dragged. Its size is in dp,
// so that it survives another scale.
type splitter struct {
	size    float32
	gesture gesture.Drag
	from    float32 // size when the drag began
	at      float32
	offset  int // of the grip, when the drag began
}

// clamp keeps the size between two limits without forgetting what was wished.
func (s *splitter) clamp(low, high float32) float32 { return min(max(s.size, low), max(low, high)) }

// drag lays the grip at x and follows it; it reports the end of a drag. An edge
// from the right grows to the left.
func (s *splitter) drag(gtx C, x int, fromRight bool) (done bool) {
	for {
		e, ok := s.gesture.Update(gtx.Metric, gtx.Source, gesture.Horizontal)
		if !ok {
			break
		}
		switch e.Kind {
		case pointer.Press:
			s.from, s.at, s.offset = s.size, e.Position.X, x
		case pointer.Drag:
			moved := float32(x-s.offset) + e.Position.X - s.at
			if fromRight {
				moved = -moved
			}
			s.size = s.from + moved/gtx.Metric.PxPerDp
		case pointer.Release, pointer.Cancel:
			done = true
		}
	}
	width := gtx.Dp(grip)
	defer op.Offset(image.Pt(x-width/2, 0)).Push(gtx.Ops).Pop()
	defer clip.Rect{Max: image.Pt(width, gtx.Constraints.Max.Y)}.Push(gtx.Ops).Pop()
	pointer.CursorColResize.Add(gtx.Ops)
	s.gesture.Add(gtx.Ops)
	return done
}
