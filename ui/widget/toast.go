package widget

import (
	"image"
	"time"

	"gioui.org/io/event"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// Bounds of toasts.
const (
	maxToasts  = 3
	toastShown = 5 * time.Second
	toastUndo  = 8 * time.Second
	toastAbove = 84 // dp of the bottom that stay free: somebody may be writing there
)

// Toasts is the short notices at the bottom of the window. They go by
// themselves, but not from under the pointer.
type Toasts struct{ all []*toast }

type toast struct {
	text, action string
	do           func()
	until        time.Time
	button       Click
	close        Click
	over, told   bool
}

// Show adds a notice; action and do (say, Undo) may be empty. The oldest goes
// when there are more than three, and the same words are not repeated.
func (t *Toasts) Show(now time.Time, text, action string, do func()) {
	d := toastShown
	if action != "" {
		d = toastUndo
	}
	for _, o := range t.all {
		if o.text == text && o.action == action {
			o.until, o.do = now.Add(d), do
			return
		}
	}
	t.all = append(t.all, &toast{text: text, action: action, do: do, until: now.Add(d)})
	if len(t.all) > maxToasts {
		t.all = t.all[len(t.all)-maxToasts:]
	}
}

// Layout draws the notices over the bottom of the context's room.
func (t *Toasts) Layout(gtx C, th *theme.Theme) {
	keep := t.all[:0]
	for _, o := range t.all {
		gone := o.close.Clicked(gtx) || !o.over && !gtx.Now.Before(o.until)
		if o.button.Clicked(gtx) {
			gone = true
			if o.do != nil {
				o.do()
			}
		}
		if !gone {
			keep = append(keep, o)
		}
	}
	clear(t.all[len(keep):])
	t.all = keep
	y := gtx.Constraints.Max.Y - gtx.Dp(toastAbove)
	for i := len(t.all) - 1; i >= 0; i-- {
		o := t.all[i]
		g := gtx
		g.Constraints = layout.Constraints{Max: image.Pt(min(gtx.Constraints.Max.X-gtx.Dp(32), gtx.Dp(480)), gtx.Constraints.Max.Y)}
		if !o.told {
			o.told = true
			access.Announce(gtx, o.text)
		}
		call, d := access.Measured(g, access.Note{Key: o, Role: access.Notice, Name: o.text}, func(gtx C) D { return o.layout(gtx, th) })
		y -= d.Size.Y
		Offset(gtx, image.Pt((gtx.Constraints.Max.X-d.Size.X)/2, y), call)
		y -= gtx.Dp(theme.Space8)
		if !o.over {
			gtx.Execute(op.InvalidateCmd{At: o.until})
		}
	}
}

func (o *toast) layout(gtx C, th *theme.Theme) D {
	for {
		ev, ok := gtx.Event(pointer.Filter{Target: o, Kinds: pointer.Enter | pointer.Leave})
		if !ok {
			break
		}
		if e, ok := ev.(pointer.Event); ok {
			o.over = e.Kind == pointer.Enter
			if !o.over {
				o.until = gtx.Now.Add(toastShown / 2)
			}
		}
	}
	return raised(gtx, th, 8, func(gtx C) D {
		call, d := Measure(gtx, func(gtx C) D { return o.content(gtx, th) })
		defer clip.Rect{Max: d.Size}.Push(gtx.Ops).Pop()
		event.Op(gtx.Ops, o)
		call.Add(gtx.Ops)
		return d
	})
}

func (o *toast) content(gtx C, th *theme.Theme) D {
	return layout.Inset{Left: theme.Space16, Right: theme.Space8, Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
		parts := []layout.FlexChild{
			layout.Flexed(1, func(gtx C) D {
				gtx.Constraints.Min.X = 0 // no wider than its words
				return Text{Text: o.text, MaxLines: 4}.Layout(gtx, th)
			}), Gap(theme.Space12),
		}
		if o.action != "" {
			parts = append(parts, layout.Rigid(Button{State: &o.button, Text: o.action, Role: Quiet, Small: true}.W(th)))
		}
		parts = append(parts, layout.Rigid(IconButton{State: &o.close, Icon: "close", Tip: th.Say.Sprintf("Close"), Size: 28}.W(th)))
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, parts...)
	})
}
