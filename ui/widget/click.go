package widget

import (
	"time"

	"gioui.org/io/key"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op/clip"
	giowidget "gioui.org/widget"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// Click is the state of anything that is pressed: buttons, rows, cards.
type Click struct {
	giowidget.Clickable
	tip        Tip
	had, byKey bool // the keyboard, and whether a key brought it
}

// byPointer is how long after a press the keyboard's arrival counts as its doing.
const byPointer = 300 * time.Millisecond

// Ringed tells whether to mark that the keyboard is on it: not when a press
// brought it there, since the pointer shows where that was, nor after one.
func (c *Click) Ringed(gtx C, th *theme.Theme) bool {
	has := c.Focused(gtx)
	touched := gtx.Now.Sub(th.Frame.Touched) < byPointer
	if has && !c.had {
		c.byKey = !touched
	}
	if touched { // a mouse in use takes the mark away, wherever it pressed
		c.byKey = false
	}
	c.had = has
	return has && c.byKey
}

// Focused tells whether the keyboard is on it.
func (c *Click) Focused(gtx C) bool { return gtx.Focused(&c.Clickable) }

// Focus moves the keyboard to it.
func (c *Click) Focus(gtx C) { gtx.Execute(key.FocusCmd{Tag: &c.Clickable}) }

// area makes w the pressable area with a label for screen readers and tests.
// A disabled one takes no events at all, so that Clicked cannot become true.
func (c *Click) area(gtx C, class semantic.ClassOp, label string, w layout.Widget) D {
	return c.areaAs(gtx, roleOf[class], class, label, w)
}

// roleOf is what a class is to a screen reader.
var roleOf = map[semantic.ClassOp]access.Role{
	semantic.Button: access.Button, semantic.Switch: access.Switch, semantic.CheckBox: access.CheckBox, semantic.RadioButton: access.Radio,
}

// areaAs is area for what is not what its class says.
func (c *Click) areaAs(gtx C, role access.Role, class semantic.ClassOp, label string, w layout.Widget) D {
	if !access.On(gtx) {
		return c.pressable(gtx, class, label, w)
	}
	n := access.Note{Key: c, Role: role, Name: label, Tag: &c.Clickable, Press: c.Clickable.Click}
	return access.Wrap(gtx, n, func(gtx C) D { return c.pressable(gtx, class, label, w) })
}

func (c *Click) pressable(gtx C, class semantic.ClassOp, label string, w layout.Widget) D {
	if !gtx.Enabled() {
		c.Clickable = giowidget.Clickable{} // it would stay hovered for ever
		call, d := Measure(gtx, w)
		defer clip.Rect{Max: d.Size}.Push(gtx.Ops).Pop()
		class.Add(gtx.Ops)
		semantic.LabelOp(label).Add(gtx.Ops)
		semantic.EnabledOp(false).Add(gtx.Ops)
		call.Add(gtx.Ops)
		return d
	}
	return c.Clickable.Layout(gtx, func(gtx C) D {
		class.Add(gtx.Ops)
		if label != "" {
			semantic.LabelOp(label).Add(gtx.Ops)
		}
		return w(gtx)
	})
}

// Area makes any drawing a pressable with a label.
func (c *Click) Area(gtx C, label string, w layout.Widget) D {
	return c.area(gtx, semantic.Button, label, w)
}
