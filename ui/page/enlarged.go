package page

import (
	"image"

	"gioui.org/f32"
	"gioui.org/gesture"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"

	"switchboard/ui/pixels"
	"switchboard/ui/render"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Bounds of looking closely.
const (
	maxZoom  = 16.0 // times the size at which it fits
	zoomStep = 1.25
	maxEdge  = 4096 // pixels that are decoded
)

// largePicture is a picture over everything, one of those of its conversation.
type largePicture struct {
	all  []render.Shown
	at   int
	zoom float32   // 1 fits the window
	pan  f32.Point // of the picture's middle from the window's, in pixels

	room  image.Point // of the last frame
	drawn image.Point // the picture then
	drag  gesture.Drag
	held  f32.Point
	click gesture.Click
	close widget.Click
	tools [6]widget.Click
	scrim byte // the tag of the wheel
	shown bool
}

// The tools beside the picture.
const (
	toolOut = iota
	toolFit
	toolIn
	toolSave
	toolPrev
	toolNext
)

// Enlarge shows a picture over everything, until Esc.
func (s *Shell) Enlarge(hash, name string) {
	s.ShowPictures([]render.Shown{{Hash: hash, Name: name}}, 0)
}

// ShowPictures is Enlarge for one of several, between which the arrows go.
func (s *Shell) ShowPictures(all []render.Shown, at int) {
	if at < 0 || at >= len(all) {
		return
	}
	s.art.large = &largePicture{all: all, at: at, zoom: 1}
}

// now is the picture that shows.
func (l *largePicture) now() render.Shown { return l.all[l.at] }

// step goes to a neighbour.
func (l *largePicture) step(by int) {
	if at := l.at + by; at >= 0 && at < len(l.all) {
		l.at, l.zoom, l.pan = at, 1, f32.Point{}
	}
}

// zoomTo changes the size so that what is at a place, from the window's middle,
// stays there.
func (l *largePicture) zoomTo(zoom float32, at f32.Point) {
	zoom = min(max(zoom, 1), maxZoom)
	l.pan = at.Sub(at.Sub(l.pan).Mul(zoom / l.zoom))
	l.zoom = zoom
}

// clamp keeps the picture in sight: it does not leave its room further than it is
// larger.
func (l *largePicture) clamp() {
	limit := func(v float32, drawn, room int) float32 {
		m := float32(max(drawn-room, 0)) / 2
		return min(max(v, -m), m)
	}
	l.pan = f32.Pt(limit(l.pan.X, l.drawn.X, l.room.X), limit(l.pan.Y, l.drawn.Y, l.room.Y))
}

func (s *Shell) layoutLarge(gtx C) {
	l := s.art.large
	if l == nil {
		return
	}
	size := gtx.Constraints.Max
	middle := layout.FPt(size).Mul(0.5)
	if l.close.Clicked(gtx) || l.update(gtx, s, middle) || Pressed(gtx, key.NameEscape, 0) {
		s.art.large = nil
		s.FocusText = true
		gtx.Execute(op.InvalidateCmd{})
		return
	}
	th := s.Theme
	area := clip.Rect{Max: size}.Push(gtx.Ops)
	paint.Fill(gtx.Ops, th.Background)
	event.Op(gtx.Ops, &l.scrim)
	l.click.Add(gtx.Ops)
	l.drag.Add(gtx.Ops)
	pad := gtx.Dp(theme.Space16)
	l.room = image.Pt(max(size.X-2*pad, 1), max(size.Y-2*pad, 1))
	l.picture(gtx, s, size)
	area.Pop()
	l.layoutTools(gtx, s, size)
	if !l.shown {
		l.shown = true
		l.close.Focus(gtx)
	}
}

// picture draws the picture, or why it does not show.
func (l *largePicture) picture(gtx C, s *Shell, size image.Point) {
	edge := min(int(float32(max(l.room.X, l.room.Y))*l.zoom), maxEdge)
	p := s.pictures(l.now().Hash, edge, true, gtx.Now)
	if p.State != pixels.Ready && l.zoom > 1 { // the finer one is on its way
		p = s.pictures(l.now().Hash, max(l.room.X, l.room.Y), true, gtx.Now)
	}
	if p.State != pixels.Ready {
		text := words.PictureLoading.Text()
		if p.State == pixels.Failed {
			text = p.Err.Error()
			gtx.Execute(op.InvalidateCmd{At: p.Retry.Add(1)})
		}
		g := gtx
		g.Constraints = layout.Exact(size)
		layout.Center.Layout(g, func(gtx C) D {
			gtx.Constraints = layout.Constraints{Max: image.Pt(min(size.X, gtx.Dp(400)), size.Y)}
			return centred(s.Theme, s.Theme.Body(), s.Theme.Secondary, text)(gtx)
		})
		return
	}
	fit := min(float32(l.room.X)/float32(p.Size.X), float32(l.room.Y)/float32(p.Size.Y))
	k := min(fit, max(1, float32(gtx.Dp(1)))) * l.zoom // a small one is not blown up
	l.drawn = image.Pt(int(float32(p.Size.X)*k), int(float32(p.Size.Y)*k))
	l.clamp()
	at(gtx, size.Sub(l.drawn).Div(2).Add(l.pan.Round()), func(gtx C) D {
		return named(l.now().Name, func(gtx C) D {
			defer clip.Rect{Max: l.drawn}.Push(gtx.Ops).Pop()
			if l.zoom > 1 {
				pointer.CursorGrab.Add(gtx.Ops)
			}
			defer op.Affine(f32.AffineId().Scale(f32.Point{}, f32.Pt(k, k))).Push(gtx.Ops).Pop()
			p.Op.Add(gtx.Ops)
			paint.PaintOp{}.Add(gtx.Ops)
			return D{Size: l.drawn}
		})(gtx)
	})
}
