package render

import (
	"image"

	"gioui.org/layout"
	"gioui.org/op"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// markDo does what was pressed in the bar.
func (s *Session) markDo(gtx C, sc scope, l *list, all []marked) {
	k := &s.marks
	if k.copy.Clicked(gtx) {
		copyText(gtx, s.copied(all))
		k.clear()
		s.focus.next = s.focus.writing
		return
	}
	if k.forward.Clicked(gtx) && s.env.Forward != nil {
		keys := make([]string, len(all))
		for i, m := range all {
			keys[i] = m.sc.item
		}
		k.clear()
		s.env.Forward(sc.key, keys)
		return
	}
	for _, it := range forMany(all) {
		if !s.manyClick(it.GetId()).Clicked(gtx) {
			continue
		}
		if it.GetDanger() {
			k.asking, k.asked = it.GetId(), gtx.Now
			gtx.Execute(op.InvalidateCmd{})
			return
		}
		s.forAll(all, it.GetId())
		return
	}
	settled := gtx.Now.Sub(k.asked) >= settle
	if k.asking != "" && !settled {
		gtx.Execute(op.InvalidateCmd{At: k.asked.Add(settle)})
	}
	if k.yes.Clicked(gtx) && k.asking != "" && settled {
		s.forAll(all, k.asking)
		return
	}
	if k.no.Clicked(gtx) {
		k.asking = ""
	}
}

// forAll chooses an entry of every marked message's menu.
func (s *Session) forAll(all []marked, id string) {
	for _, m := range all {
		if s.act(m.sc, m.node, contractv1.Action_PRESS, id) != nil {
			break // told by Env.Act
		}
	}
	s.marks.clear()
	s.focus.next = s.focus.writing
}

func (s *Session) manyClick(id string) *widget.Click {
	k := &s.marks
	if k.many == nil {
		k.many = map[string]*widget.Click{}
	}
	if k.many[id] == nil {
		k.many[id] = &widget.Click{}
	}
	return k.many[id]
}

// markChoices is the bar: how many, and what can be done with them.
func (s *Session) markChoices(gtx C, all []marked) D {
	k, th := &s.marks, s.th
	canForward := s.env.Forward != nil
	for _, m := range all {
		canForward = canForward && m.m.GetForward()
	}
	buttons := []layout.Widget{s.markButton(&k.copy, "copy", th.Say.Sprintf("Copy"), widget.Normal)}
	if canForward {
		buttons = append(buttons, s.markButton(&k.forward, "forward", th.Say.Sprintf("Forward"), widget.Normal))
	}
	for _, it := range forMany(all) {
		words, role := it.GetText(), widget.Normal
		if it.GetDanger() {
			words, role = words+"…", widget.Danger
		}
		buttons = append(buttons, s.markButton(s.manyClick(it.GetId()), it.GetIcon(), words, role))
	}
	buttons = append(buttons, func(gtx C) D {
		s.focusable(scope{}, &k.stop.Clickable, true)
		return widget.IconButton{State: &k.stop, Icon: "close", Tip: th.Say.Sprintf("Stop selecting")}.Layout(gtx, th)
	})
	return s.markLine(gtx, th.Say.Sprintf("%d selected", len(all)), buttons)
}

// markAsk asks once more before something that destroys.
func (s *Session) markAsk(gtx C, all []marked) D {
	k, th := &s.marks, s.th
	words := k.asking
	for _, it := range all[0].m.GetMenu() {
		if it.GetId() == k.asking {
			words = it.GetText()
		}
	}
	return s.markLine(gtx, th.Say.Sprintf("%s: %d selected messages?", words, len(all)), []layout.Widget{
		s.markButton(&k.no, "", th.Say.Sprintf("Cancel"), widget.Normal),
		func(gtx C) D {
			s.focusable(scope{}, &k.yes.Clickable, false)
			return widget.Button{State: &k.yes, Text: words, Role: widget.Danger, Small: true, Disabled: gtx.Now.Sub(k.asked) < settle}.Layout(gtx, th)
		},
	})
}

func (s *Session) markButton(c *widget.Click, icon, words string, role widget.Role) layout.Widget {
	return func(gtx C) D {
		s.focusable(scope{}, &c.Clickable, role != widget.Danger)
		return widget.Button{State: c, Icon: icon, Text: words, Role: role, Small: true}.Layout(gtx, s.th)
	}
}

// markLine is words at the left and buttons at the right, in a second line where
// they do not fit.
func (s *Session) markLine(gtx C, words string, buttons []layout.Widget) D {
	line := func(gtx C) D {
		gtx.Constraints.Min = image.Point{}
		return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(buttons), func(gtx C, i int) D { return buttons[i](gtx) })
	}
	text := widget.Text{Type: s.th.Body().Medium(), Text: words, MaxLines: 1}.W(s.th)
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	if gtx.Constraints.Max.X < gtx.Dp(460) {
		last := len(buttons) - 1
		end := buttons[last]
		buttons = buttons[:last]
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Flexed(1, text), layout.Rigid(end))
			}), widget.Gap(theme.Space4), layout.Rigid(line))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Flexed(1, text), widget.Gap(theme.Space8), layout.Rigid(line))
}
