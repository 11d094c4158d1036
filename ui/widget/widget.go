// Package widget owns the controls of the window. State (Click, Input, Menu,
// Scroll ...) lives as long as the control; style (Button, Field, Row ...) is a
// plain struct built for every frame from the state and the theme:
//
//	if p.save.Clicked(gtx) { ... }
//	widget.Button{State: &p.save, Text: "Save", Role: widget.Primary}.Layout(gtx, th)
//
// Read the state before the layout, or a frame is stale. Package widget must not
// know views, the host or the pages.
package widget

import (
	"image"
	"image/color"
	"time"

	"gioui.org/f32"
	"gioui.org/io/event"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/unit"

	"switchboard/ui/theme"
)

// C and D shorten the signatures of layout functions.
type (
	C = layout.Context
	D = layout.Dimensions
)

// Root stands around everything a window draws. It tells the theme how large
// the window is and where the pointer was pressed, from which floating parts
// learn how much room they have.
type Root struct {
	at, pressed f32.Point
	touched     time.Time
}

// Layout draws the window's content over its background.
func (r *Root) Layout(gtx C, th *theme.Theme, w layout.Widget) D {
	th.Refresh()
	for {
		ev, ok := gtx.Event(pointer.Filter{Target: r, Kinds: pointer.Press | pointer.Release | pointer.Cancel | pointer.Move | pointer.Drag | pointer.Enter})
		if !ok {
			break
		}
		if e, ok := ev.(pointer.Event); ok {
			switch e.Kind {
			case pointer.Press:
				r.pressed, r.touched = e.Position, gtx.Now
			case pointer.Release, pointer.Cancel:
				r.touched = gtx.Now
			}
			if e.Kind != pointer.Cancel {
				r.at = e.Position
			}
		}
	}
	th.Frame = theme.Frame{Size: gtx.Constraints.Max, Pointer: r.at, Pressed: r.pressed, Touched: r.touched}
	defer clip.Rect{Max: gtx.Constraints.Max}.Push(gtx.Ops).Pop()
	event.Op(gtx.Ops, r)
	paint.Fill(gtx.Ops, th.Background)
	return w(gtx)
}

// Fill paints a rectangle with round corners.
func Fill(gtx C, size image.Point, radius unit.Dp, c color.NRGBA) {
	if c.A == 0 || size.X <= 0 || size.Y <= 0 {
		return
	}
	r := min(gtx.Dp(radius), size.X/2, size.Y/2)
	if r <= 0 {
		paint.FillShape(gtx.Ops, c, clip.Rect{Max: size}.Op())
		return
	}
	paint.FillShape(gtx.Ops, c, clip.UniformRRect(image.Rectangle{Max: size}, r).Op(gtx.Ops))
}

// Outline paints the inside edge of a rectangle with round corners.
func Outline(gtx C, size image.Point, radius, width unit.Dp, c color.NRGBA) {
	outlineAt(gtx, image.Rectangle{Max: size}, gtx.Dp(radius), max(1, gtx.Dp(width)), c)
}

func outlineAt(gtx C, r image.Rectangle, radius, width int, c color.NRGBA) {
	if r.Dx() <= 2*width || r.Dy() <= 2*width {
		return
	}
	half := float32(width) / 2
	rr := float32(min(radius, r.Dx()/2, r.Dy()/2)) - half
	paint.FillShape(gtx.Ops, c, clip.Stroke{
		Path: roundPath(gtx.Ops, float32(r.Min.X)+half, float32(r.Min.Y)+half,
			float32(r.Max.X)-half, float32(r.Max.Y)-half, max(rr, 0)),
		Width: float32(width),
	}.Op())
}

func roundPath(ops *op.Ops, x0, y0, x1, y1, r float32) clip.PathSpec {
	const k = 0.44771525 // 1 - the control distance of a quarter circle
	var p clip.Path
	p.Begin(ops)
	p.MoveTo(f32.Pt(x0+r, y0))
	p.LineTo(f32.Pt(x1-r, y0))
	p.CubeTo(f32.Pt(x1-r*k, y0), f32.Pt(x1, y0+r*k), f32.Pt(x1, y0+r))
	p.LineTo(f32.Pt(x1, y1-r))
	p.CubeTo(f32.Pt(x1, y1-r*k), f32.Pt(x1-r*k, y1), f32.Pt(x1-r, y1))
	p.LineTo(f32.Pt(x0+r, y1))
	p.CubeTo(f32.Pt(x0+r*k, y1), f32.Pt(x0, y1-r*k), f32.Pt(x0, y1-r))
	p.LineTo(f32.Pt(x0, y0+r))
	p.CubeTo(f32.Pt(x0, y0+r*k), f32.Pt(x0+r*k, y0), f32.Pt(x0+r, y0))
	p.Close()
	return p.End()
}

// Ring draws the focus ring around a control of a size: 2 dp outside a 2 dp gap.
func Ring(gtx C, th *theme.Theme, size image.Point, radius unit.Dp) {
	w := max(1, gtx.Dp(theme.FocusRing))
	r := image.Rectangle{Max: size}.Inset(-2 * w)
	outlineAt(gtx, r, gtx.Dp(radius)+2*w, w, th.Accent)
}

// ringRoom is the area of something with a size; with the ring around it when it
// is ringed, which stands outside.
func ringRoom(gtx C, size image.Point, ringed bool) clip.Rect {
	r := image.Rectangle{Max: size}
	if ringed {
		r = r.Inset(-2 * max(1, gtx.Dp(theme.FocusRing)))
	}
	return clip.Rect(r)
}

// Offset draws a recorded call at a place.
func Offset(gtx C, at image.Point, call op.CallOp) {
	t := op.Offset(at).Push(gtx.Ops)
	call.Add(gtx.Ops)
	t.Pop()
}

// Measure lays out w now and returns its size and what draws it.
func Measure(gtx C, w layout.Widget) (op.CallOp, D) {
	m := op.Record(gtx.Ops)
	d := w(gtx)
	return m.Stop(), d
}

// Inset pads w alike on all sides.
func Inset(gtx C, by unit.Dp, w layout.Widget) D { return layout.UniformInset(by).Layout(gtx, w) }

// Gap is an empty space of a width and height.
func Gap(d unit.Dp) layout.FlexChild {
	return layout.Rigid(layout.Spacer{Width: d, Height: d}.Layout)
}
