package widget

import (
	"image"

	"gioui.org/io/event"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/unit"

	"switchboard/ui/theme"
)

// where learns from the pointer at what place of the window something is drawn;
// Gio does not tell it otherwise.
type where struct {
	origin  image.Point
	known   bool
	guessed bool // by who opened it
}

func (w *where) update(gtx C, th *theme.Theme) {
	for {
		ev, ok := gtx.Event(pointer.Filter{Target: w, Kinds: pointer.Enter | pointer.Press})
		if !ok {
			return
		}
		if e, ok := ev.(pointer.Event); ok {
			from := th.Frame.Pointer
			if e.Kind == pointer.Press {
				from = th.Frame.Pressed
			}
			w.origin, w.known, w.guessed = from.Sub(e.Position).Round(), true, false
		}
	}
}

// room is the window in local coordinates, or no limit while nobody knows.
func (w *where) room(th *theme.Theme) image.Rectangle {
	if !w.known || th.Frame.Size == (image.Point{}) {
		return image.Rect(-farAway, -farAway, farAway, farAway)
	}
	return image.Rectangle{Max: th.Frame.Size}.Sub(w.origin)
}

const farAway = 1 << 14

// place puts a box of a size below an anchor, or above it where there is no room,
// and moves it sideways until it is inside.
func place(anchor image.Rectangle, size image.Point, room image.Rectangle, gap int) image.Point {
	at := image.Pt(anchor.Min.X, anchor.Max.Y+gap)
	if at.Y+size.Y > room.Max.Y && anchor.Min.Y-gap-size.Y >= room.Min.Y {
		at.Y = anchor.Min.Y - gap - size.Y
	} else {
		at.Y = max(min(at.Y, room.Max.Y-size.Y-gap), room.Min.Y+gap)
	}
	at.X = max(min(at.X, room.Max.X-size.X-gap), room.Min.X+gap)
	return at
}

// scrim catches what is pressed outside a floating box and tells that it was.
type scrim struct{ _ byte }

func (s *scrim) pressed(gtx C) bool {
	hit := false
	for {
		ev, ok := gtx.Event(pointer.Filter{
			Target: s, Kinds: pointer.Press | pointer.Scroll,
			ScrollX: pointer.ScrollRange{Min: -farAway, Max: farAway},
			ScrollY: pointer.ScrollRange{Min: -farAway, Max: farAway},
		})
		if !ok {
			return hit
		}
		if e, ok := ev.(pointer.Event); ok && e.Kind == pointer.Press {
			hit = true
		}
	}
}

func (s *scrim) layout(gtx C) {
	defer clip.Rect{Min: image.Pt(-farAway, -farAway), Max: image.Pt(farAway, farAway)}.Push(gtx.Ops).Pop()
	event.Op(gtx.Ops, s)
}

// raised draws a floating box with its shadow around w.
func raised(gtx C, th *theme.Theme, radius unit.Dp, w layout.Widget) D {
	call, d := Measure(gtx, w)
	for i := range 4 {
		grow := gtx.Dp(unit.Dp(1 + 2*i))
		s := op.Offset(image.Pt(-grow, gtx.Dp(2)-grow/2)).Push(gtx.Ops)
		Fill(gtx, d.Size.Add(image.Pt(2*grow, 2*grow)), radius+unit.Dp(1+2*i), theme.Fade(th.Shadow, 0.5))
		s.Pop()
	}
	Fill(gtx, d.Size, radius, th.Raised)
	Outline(gtx, d.Size, radius, 1, th.Border)
	// What is pressed in the box is not pressed behind it.
	area := clip.UniformRRect(image.Rectangle{Max: d.Size}, gtx.Dp(radius)).Push(gtx.Ops)
	call.Add(gtx.Ops)
	area.Pop()
	return d
}

// Raised draws a floating box with its shadow around w.
func Raised(gtx C, th *theme.Theme, radius unit.Dp, w layout.Widget) D {
	return raised(gtx, th, radius, w)
}
