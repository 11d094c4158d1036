package widget

import (
	"image"
	"image/color"
	"slices"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/layout"

	"switchboard/ui/theme"
)

func (m *Menu) rowBody(gtx C, th *theme.Theme, it MenuItem, col, icon color.NRGBA, width int) D {
	lead := it.Icon
	if it.Checked {
		lead = "check"
	}
	icons := false
	for _, o := range m.last {
		icons = icons || o.Icon != "" || o.Checked
	}
	in := layout.Inset{Left: theme.Space12, Right: theme.Space12, Top: 6, Bottom: 6}
	return in.Layout(gtx, func(gtx C) D {
		gtx.Constraints.Min.Y = gtx.Dp(20)
		words := func(gtx C) D {
			t := Text{Text: it.Text, Color: col, MaxLines: 1}
			if it.Reason == "" || !it.Disabled {
				return t.Layout(gtx, th)
			}
			gtx.Constraints.Min.Y = 0
			return layout.Flex{Axis: layout.Vertical}.Layout(gtx, layout.Rigid(t.W(th)),
				layout.Rigid(Text{Type: th.Caption(), Text: it.Reason, Color: th.Secondary, MaxLines: 2}.W(th)))
		}
		var parts []layout.FlexChild
		if icons {
			parts = append(parts, layout.Rigid(func(gtx C) D {
				size := image.Pt(gtx.Dp(18), gtx.Dp(18))
				if lead != "" {
					theme.IconOf(lead).Layout(gtx, 18, icon)
				}
				return D{Size: size}
			}), layout.Rigid(layout.Spacer{Width: 10}.Layout))
		}
		if width > 0 {
			parts = append(parts, layout.Flexed(1, words))
		} else {
			parts = append(parts, layout.Rigid(words))
		}
		if it.Shortcut != "" {
			parts = append(parts, layout.Rigid(layout.Spacer{Width: theme.Space24}.Layout),
				layout.Rigid(Text{Type: th.Caption(), Text: it.Shortcut, Color: th.Secondary, MaxLines: 1}.W(th)))
		}
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, parts...)
	})
}

// ContextMenu opens a menu over what it surrounds, on a right click or, when one
// of Keys has the keyboard, on Shift+F10.
type ContextMenu struct {
	Menu
	size image.Point
}

// Layout draws w and its menu. Keys are the tags inside w that can be focused.
func (c *ContextMenu) Layout(gtx C, th *theme.Theme, items []MenuItem, w layout.Widget, keys ...event.Tag) D {
	c.at.update(gtx, th)
	for {
		ev, ok := gtx.Event(pointer.Filter{Target: c, Kinds: pointer.Press})
		if !ok {
			break
		}
		e, ok := ev.(pointer.Event)
		if ok && e.Buttons == pointer.ButtonSecondary && len(items) > 0 {
			p := e.Position.Round()
			c.Open(image.Rectangle{Min: p, Max: p})
		}
	}
	for _, k := range keys {
		ev, ok := gtx.Event(key.Filter{Focus: k, Name: key.NameF10, Required: key.ModShift})
		if e, is := ev.(key.Event); ok && is && e.State == key.Press && gtx.Focused(k) && len(items) > 0 {
			c.Back = k
			c.OpenByKey(image.Rectangle{Min: image.Pt(c.size.X/4, 0), Max: image.Pt(c.size.X, c.size.Y)})
		}
	}
	call, d := Measure(gtx, w)
	c.size = d.Size
	area := ringRoom(gtx, d.Size, slices.ContainsFunc(keys, gtx.Focused)).Push(gtx.Ops)
	event.Op(gtx.Ops, c)
	event.Op(gtx.Ops, &c.at)
	call.Add(gtx.Ops)
	area.Pop()
	c.Menu.Layout(gtx, th, items)
	return d
}

// MenuButton is a button that opens a menu on press. Pressed with the keyboard,
// the first choice is marked.
type MenuButton struct {
	Menu
	Button Click
}

// Layout draws the button with draw, which gets the state to press, and the menu.
func (b *MenuButton) Layout(gtx C, th *theme.Theme, items []MenuItem, draw func(gtx C, state *Click) D) D {
	b.at.update(gtx, th)
	opened := false
	for b.Button.Clicked(gtx) {
		opened = true
	}
	byKey := b.Button.Ringed(gtx, th)
	call, d := Measure(gtx, func(gtx C) D { return draw(gtx, &b.Button) })
	area := ringRoom(gtx, d.Size, byKey).Push(gtx.Ops)
	event.Op(gtx.Ops, &b.at)
	call.Add(gtx.Ops)
	area.Pop()
	if opened {
		b.Back = nil
		if byKey {
			b.Back = &b.Button.Clickable
			b.OpenByKey(image.Rectangle{Max: d.Size})
		} else {
			b.Open(image.Rectangle{Max: d.Size})
		}
	}
	b.Menu.Layout(gtx, th, items)
	return d
}
