package page

import (
	"image"

	"gioui.org/f32"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"

	"switchboard/ui/pixels"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// largePicture is a picture over everything.
type largePicture struct {
	hash, name string
	close      widget.Click
	scrim      byte // the tag of what is around the picture
	shown      bool
}

// Enlarge shows a picture over everything, until Esc or a press.
func (s *Shell) Enlarge(hash, name string) {
	s.art.large = &largePicture{hash: hash, name: name}
}

func (s *Shell) layoutLarge(gtx C) {
	l := s.art.large
	if l == nil {
		return
	}
	if l.close.Clicked(gtx) || l.pressed(gtx) || Pressed(gtx, key.NameEscape, 0) {
		s.art.large = nil
		s.FocusText = true
		gtx.Execute(op.InvalidateCmd{})
		return
	}
	th, size := s.Theme, gtx.Constraints.Max
	area := clip.Rect{Max: size}.Push(gtx.Ops)
	paint.Fill(gtx.Ops, th.Background)
	event.Op(gtx.Ops, &l.scrim)
	area.Pop()
	pad := gtx.Dp(theme.Space16)
	room := image.Pt(max(size.X-2*pad, 1), max(size.Y-2*pad, 1))
	p := s.pictures(l.hash, max(room.X, room.Y), true, gtx.Now)
	switch p.State {
	case pixels.Ready:
		k := min(1, float32(room.X)/float32(p.Size.X), float32(room.Y)/float32(p.Size.Y))
		drawn := image.Pt(int(float32(p.Size.X)*k), int(float32(p.Size.Y)*k))
		at(gtx, size.Sub(drawn).Div(2), func(gtx C) D {
			return named(l.name, func(gtx C) D {
				defer clip.Rect{Max: drawn}.Push(gtx.Ops).Pop()
				defer op.Affine(f32.AffineId().Scale(f32.Point{}, f32.Pt(k, k))).Push(gtx.Ops).Pop()
				p.Op.Add(gtx.Ops)
				paint.PaintOp{}.Add(gtx.Ops)
				return D{Size: drawn}
			})(gtx)
		})
	default:
		text := words.PictureLoading.Text()
		if p.State == pixels.Failed {
			text = p.Err.Error()
			gtx.Execute(op.InvalidateCmd{At: p.Retry.Add(1)})
		}
		g := gtx
		g.Constraints = layout.Exact(size)
		layout.Center.Layout(g, func(gtx C) D {
			gtx.Constraints = layout.Constraints{Max: image.Pt(min(size.X, gtx.Dp(400)), size.Y)}
			return centred(th, th.Body(), th.Secondary, text)(gtx)
		})
	}
	g := gtx
	g.Constraints = layout.Constraints{Max: size}
	call, d := widget.Measure(g, widget.IconButton{State: &l.close, Icon: "close", Tip: words.Close.Text()}.W(th))
	at(gtx, image.Pt(size.X-d.Size.X-pad/2, pad/2), func(gtx C) D {
		widget.Fill(gtx, d.Size, theme.RadiusControl, th.Raised)
		call.Add(gtx.Ops)
		return d
	})
	if !l.shown {
		l.shown = true
		l.close.Focus(gtx)
	}
}

// pressed tells whether somebody pressed the picture or around it.
func (l *largePicture) pressed(gtx C) bool {
	hit := false
	for {
		e, ok := gtx.Event(pointer.Filter{Target: &l.scrim, Kinds: pointer.Press})
		if !ok {
			return hit
		}
		if p, ok := e.(pointer.Event); ok && p.Kind == pointer.Press {
			hit = true
		}
	}
}
