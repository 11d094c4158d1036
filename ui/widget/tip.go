package widget

import (
	"image"
	"time"

	"gioui.org/io/event"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"

	"switchboard/ui/theme"
)

// tipDelay is how long the pointer rests before a tooltip shows.
const tipDelay = 500 * time.Millisecond

// maxTip is the widest tooltip.
const maxTip = 320

// Tip is the state of a tooltip. It shows after half a second under the pointer,
// and at once when the keyboard is on what it explains.
type Tip struct {
	inside bool
	since  time.Time
	origin image.Point // of the anchor, in the window
}

// Layout draws w, and near it the words when they are asked for. Its context must
// be an enabled one even when w is disabled: the reason is what people look for.
func (t *Tip) Layout(gtx C, th *theme.Theme, words string, focused bool, w layout.Widget) D {
	if words == "" {
		t.inside = false
		return w(gtx)
	}
	t.update(gtx, th)
	call, d := Measure(gtx, w)
	described := ringRoom(gtx, d.Size, focused).Push(gtx.Ops)
	semantic.DescriptionOp(words).Add(gtx.Ops)
	area := ringRoom(gtx, d.Size, focused).Push(gtx.Ops) // Gio forgets the words of an area with a tag
	event.Op(gtx.Ops, t)
	call.Add(gtx.Ops)
	area.Pop()
	described.Pop()
	if !t.inside && !focused {
		return d
	}
	if left := tipDelay - gtx.Now.Sub(t.since); !focused && left > 0 {
		gtx.Execute(op.InvalidateCmd{At: gtx.Now.Add(left)})
		return d
	}
	t.draw(gtx, th, words, d.Size)
	return d
}

func (t *Tip) update(gtx C, th *theme.Theme) {
	for {
		ev, ok := gtx.Event(pointer.Filter{Target: t, Kinds: pointer.Enter | pointer.Leave | pointer.Press | pointer.Move})
		if !ok {
			return
		}
		e, ok := ev.(pointer.Event)
		if !ok {
			continue
		}
		switch e.Kind {
		case pointer.Enter:
			t.inside, t.since = true, gtx.Now
		case pointer.Leave, pointer.Press, pointer.Cancel:
			t.inside = false
		}
		t.origin = th.Frame.Pointer.Sub(e.Position).Round()
	}
}

func (t *Tip) draw(gtx C, th *theme.Theme, words string, anchor image.Point) {
	m := op.Record(gtx.Ops)
	g := gtx
	g.Constraints = layout.Constraints{Max: image.Pt(gtx.Dp(maxTip), 1<<16)}
	call, d := Measure(g.Disabled(), func(gtx C) D {
		return layout.Inset{Left: 8, Right: 8, Top: 5, Bottom: 6}.Layout(gtx,
			Text{Type: th.Caption(), Color: th.Background, Text: words}.W(th))
	})
	at := image.Pt((anchor.X-d.Size.X)/2, anchor.Y+gtx.Dp(6))
	if room := th.Frame.Size; room != (image.Point{}) && t.origin != (image.Point{}) {
		at.X = max(min(at.X, room.X-t.origin.X-d.Size.X-gtx.Dp(4)), gtx.Dp(4)-t.origin.X)
		if t.origin.Y+at.Y+d.Size.Y > room.Y {
			at.Y = -d.Size.Y - gtx.Dp(6)
		}
	}
	s := op.Offset(at).Push(gtx.Ops)
	Fill(gtx, d.Size, theme.RadiusControl, theme.Mix(th.Background, th.Text, 0.9))
	call.Add(gtx.Ops)
	s.Pop()
	op.Defer(gtx.Ops, m.Stop())
}
