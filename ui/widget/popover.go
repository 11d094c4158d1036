package widget

import (
	"image"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/text"
	"gioui.org/unit"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// Popover is a box with any content that floats near an anchor until something
// outside it is pressed or Esc.
type Popover struct {
	Width unit.Dp // widest; 320 when zero
	Back  event.Tag
	First event.Tag // gets the keyboard when it opens; nil is the popover itself

	open, fresh bool
	anchor      image.Rectangle
	at          where
	scrim       scrim
	list        layout.List
}

// Open shows it near an anchor in the owner's coordinates.
func (p *Popover) Open(anchor image.Rectangle) { p.open, p.fresh, p.anchor = true, true, anchor }

// OpenIn is Open for an owner that knows the room there is, in its coordinates.
func (p *Popover) OpenIn(anchor, room image.Rectangle) {
	p.Open(anchor)
	p.at = where{origin: image.Point{}.Sub(room.Min), known: room.Dx() < farAway}
}

// Opened tells whether it shows.
func (p *Popover) Opened() bool { return p.open }

// Close hides it.
func (p *Popover) Close(gtx C) {
	if p.open {
		p.open = false
		gtx.Execute(key.FocusCmd{Tag: p.Back})
	}
}

// Track must surround the anchor's drawing, so that the popover knows how much
// room there is.
func (p *Popover) Track(gtx C, th *theme.Theme, w layout.Widget) D {
	p.at.update(gtx, th)
	call, d := Measure(gtx, w)
	area := clip.Rect{Max: d.Size}.Push(gtx.Ops)
	event.Op(gtx.Ops, &p.at)
	call.Add(gtx.Ops)
	area.Pop()
	return d
}

// Layout draws the content when it is open; it takes no room.
func (p *Popover) Layout(gtx C, th *theme.Theme, content layout.Widget) {
	if !p.open {
		return
	}
	if p.scrim.pressed(gtx) || escaped(gtx, p) {
		p.Close(gtx)
		return
	}
	if p.Width == 0 {
		p.Width = 320
	}
	rec := op.Record(gtx.Ops)
	p.scrim.layout(gtx)
	room := p.at.room(th)
	g := gtx
	g.Constraints = layout.Constraints{Max: image.Pt(min(gtx.Dp(p.Width), room.Dx()), min(room.Dy(), gtx.Dp(600)))}
	call, d := access.Measured(g, access.Note{Key: p, Role: access.Panel, Tag: p}, func(gtx C) D {
		return raised(gtx, th, theme.RadiusCard, func(gtx C) D {
			return Inset(gtx, theme.Space12, func(gtx C) D { // it scrolls where there is no room for all of it
				p.list.Axis = layout.Vertical
				gtx.Constraints.Min.Y = 0
				return p.list.Layout(gtx, 1, func(gtx C, _ int) D { return content(gtx) })
			})
		})
	})
	t := op.Offset(place(p.anchor, d.Size, room, gtx.Dp(theme.Space4))).Push(gtx.Ops)
	a := clip.Rect{Max: d.Size}.Push(gtx.Ops)
	event.Op(gtx.Ops, p)
	a.Pop()
	call.Add(gtx.Ops)
	t.Pop()
	op.Defer(gtx.Ops, rec.Stop())
	if p.fresh {
		p.fresh = false
		first := p.First
		if first == nil {
			first = p
		}
		gtx.Execute(key.FocusCmd{Tag: first})
	}
}

// escaped takes Esc, whoever has the keyboard, and lets tag have the keyboard.
func escaped(gtx C, tag event.Tag) bool {
	hit := false
	for {
		ev, ok := gtx.Event(key.FocusFilter{Target: tag}, key.Filter{Name: key.NameEscape})
		if !ok {
			return hit
		}
		if e, ok := ev.(key.Event); ok && e.State == key.Press {
			hit = true
		}
	}
}

// Dialog is a question over a dimmed area. Whatever is behind must be laid out
// with a disabled context; the first action that is safe gets the keyboard.
type Dialog struct {
	shown bool
	scrim scrim
}

// Show draws the dialog in the middle of the context's room and tells whether Esc
// asked to close it. Actions stand at the lower right in the order given; focus
// is given to first, once.
func (d *Dialog) Show(gtx C, th *theme.Theme, title string, content layout.Widget, first *Click, actions ...layout.Widget) (closed bool) {
	closed = escaped(gtx, d)
	d.scrim.pressed(gtx)
	size := gtx.Constraints.Max
	area := clip.Rect{Max: size}.Push(gtx.Ops)
	paint.Fill(gtx.Ops, th.Scrim)
	event.Op(gtx.Ops, &d.scrim)
	event.Op(gtx.Ops, d)
	gtx.Constraints.Min = image.Point{}
	gtx.Constraints.Max = image.Pt(min(size.X-2*gtx.Dp(theme.Space16), gtx.Dp(440)), size.Y-2*gtx.Dp(theme.Space16))
	note := access.Note{Key: d, Role: access.Dialog, Name: title, Modal: true, Tag: d}
	call, box := access.Measured(gtx, note, func(gtx C) D {
		return raised(gtx, th, theme.RadiusCard, func(gtx C) D {
			return Inset(gtx, theme.Space24, func(gtx C) D { return dialogBody(gtx, th, title, content, actions) })
		})
	})
	Offset(gtx, size.Sub(box.Size).Div(2), call)
	area.Pop()
	if !d.shown {
		d.shown = true
		if first != nil {
			first.Focus(gtx)
		} else {
			gtx.Execute(key.FocusCmd{Tag: d})
		}
	}
	return closed
}

// Hidden must be called in frames in which the dialog does not show.
func (d *Dialog) Hidden() { d.shown = false }

func dialogBody(gtx C, th *theme.Theme, title string, content layout.Widget, actions []layout.Widget) D {
	semantic.LabelOp(title).Add(gtx.Ops)
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	parts := []layout.FlexChild{}
	if title != "" {
		parts = append(parts, layout.Rigid(Text{Type: th.Title(), Text: title, Align: text.Start}.W(th)), Gap(theme.Space12))
	}
	if content != nil {
		parts = append(parts, layout.Rigid(content))
	}
	if len(actions) > 0 {
		parts = append(parts, Gap(theme.Space24), layout.Rigid(func(gtx C) D {
			return layout.E.Layout(gtx, func(gtx C) D {
				gtx.Constraints.Min.X = 0
				return Wrap(gtx, gtx.Dp(theme.Space8), len(actions), func(gtx C, i int) D { return actions[i](gtx) })
			})
		}))
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
}

// Wrap lays children in a row and begins another where the width ends.
func Wrap(gtx C, gap, n int, child func(gtx C, i int) D) D {
	var at, size image.Point
	high := 0
	limit := gtx.Constraints.Max.X
	gtx.Constraints.Min = image.Point{}
	for i := range n {
		call, d := Measure(gtx, func(gtx C) D { return child(gtx, i) })
		if d.Size == (image.Point{}) {
			continue
		}
		if at.X > 0 && at.X+d.Size.X > limit {
			at = image.Pt(0, at.Y+high+gap)
			high = 0
		}
		Offset(gtx, at, call)
		high = max(high, d.Size.Y)
		size.X = max(size.X, at.X+d.Size.X)
		size.Y = max(size.Y, at.Y+high)
		at.X += d.Size.X + gap
	}
	return D{Size: size}
}
