package render

import (
	"image"
	"math"
	"strconv"

	"gioui.org/gesture"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/access"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

var roles = map[contractv1.Button_Role]widget.Role{
	contractv1.Button_PRIMARY: widget.Primary,
	contractv1.Button_DANGER:  widget.Danger,
	contractv1.Button_QUIET:   widget.Quiet,
}

// safeRole tells whether the keyboard may fall onto a button by itself.
func safeRole(r contractv1.Button_Role) bool {
	return r != contractv1.Button_PRIMARY && r != contractv1.Button_DANGER
}

func (s *Session) button(gtx C, sc scope, n *contractv1.Node, b *contractv1.Button) D {
	st := s.state(sc, n)
	if st.click.Clicked(gtx) && !b.GetDisabled() {
		s.press(sc, n.GetId(), "")
	}
	if !b.GetDisabled() {
		s.focusable(sc, &st.click.Clickable, safeRole(b.GetRole()))
	}
	return widget.Button{
		State: &st.click, Text: b.GetText(), Icon: b.GetIcon(), Role: roles[b.GetRole()], Disabled: b.GetDisabled(),
		Reason: b.GetReason(), Tip: n.GetTooltip(), Label: n.GetLabel(), Small: sc.inMessage,
	}.Layout(gtx, s.th)
}

func (s *Session) iconButton(gtx C, sc scope, n *contractv1.Node, b *contractv1.IconButton) D {
	st := s.state(sc, n)
	if st.click.Clicked(gtx) && !b.GetDisabled() {
		s.press(sc, n.GetId(), "")
	}
	if !b.GetDisabled() {
		s.focusable(sc, &st.click.Clickable, safeRole(b.GetRole()))
	}
	tip := n.GetTooltip()
	if tip == "" {
		tip = n.GetLabel()
	}
	return widget.IconButton{
		State: &st.click, Icon: b.GetIcon(), Tip: tip, Role: roles[b.GetRole()], Disabled: b.GetDisabled(),
		Reason: b.GetReason(), Selected: b.GetSelected(),
	}.Layout(gtx, s.th)
}

func (s *Session) toggle(gtx C, sc scope, n *contractv1.Node, b *contractv1.Toggle) D {
	st := s.state(sc, n)
	if st.click.Clicked(gtx) && !b.GetDisabled() {
		s.change(sc, n.GetId(), strconv.FormatBool(!b.GetOn()))
	}
	if !b.GetDisabled() {
		s.focusable(sc, &st.click.Clickable, true)
	}
	return widget.Toggle{
		State: &st.click, Text: b.GetText(), On: b.GetOn(), Disabled: b.GetDisabled(), Reason: b.GetReason(), Label: n.GetLabel(),
	}.Layout(gtx, s.th)
}

// items are the entries of a contract's menu as a widget's.
func items(in []*contractv1.Item, selected string) []widget.MenuItem {
	out := make([]widget.MenuItem, len(in))
	for i, it := range in {
		out[i] = widget.MenuItem{
			ID: it.GetId(), Text: it.GetText(), Icon: it.GetIcon(), Disabled: it.GetDisabled(), Danger: it.GetDanger(),
			Reason: it.GetReason(), SeparatorBefore: it.GetSeparatorBefore() && i > 0, Checked: selected != "" && it.GetId() == selected,
		}
	}
	return out
}

func (st *state) menuButton() *widget.MenuButton {
	if st.menu == nil {
		st.menu = &widget.MenuButton{}
	}
	return st.menu
}

// opening counts a menu that was opened as a press.
func (s *Session) opening(mb *widget.MenuButton, was bool) {
	if mb.Opened() && !was {
		s.inner++
	}
}

func (s *Session) menu(gtx C, sc scope, n *contractv1.Node, m *contractv1.Menu) D {
	mb := s.state(sc, n).menuButton()
	if id, ok := mb.Chosen(gtx); ok {
		s.press(sc, n.GetId(), id)
	}
	s.focusable(sc, &mb.Button.Clickable, true)
	defer s.opening(mb, mb.Opened())
	return mb.Layout(gtx, s.th, items(m.GetItems(), ""), func(gtx C, c *widget.Click) D {
		if m.GetText() != "" {
			return widget.Button{State: c, Text: m.GetText(), Icon: m.GetIcon(), Label: n.GetLabel(), Tip: n.GetTooltip(), Small: sc.inMessage}.Layout(gtx, s.th)
		}
		icon, tip := m.GetIcon(), n.GetTooltip()
		if icon == "" {
			icon = "more"
		}
		if tip == "" {
			tip = n.GetLabel()
		}
		if tip == "" {
			tip = s.th.Say.Sprintf("More")
		}
		return widget.IconButton{State: c, Icon: icon, Tip: tip}.Layout(gtx, s.th)
	})
}

// choice is a Select: a button with what is chosen, that opens the others.
func (s *Session) choice(gtx C, sc scope, n *contractv1.Node, b *contractv1.Select) D {
	mb := s.state(sc, n).menuButton()
	if id, ok := mb.Chosen(gtx); ok && !b.GetDisabled() && id != b.GetSelected() {
		s.change(sc, n.GetId(), id)
	}
	words := b.GetCaption()
	for _, it := range b.GetItems() {
		if it.GetId() == b.GetSelected() {
			words = it.GetText()
		}
	}
	if !b.GetDisabled() {
		s.focusable(sc, &mb.Button.Clickable, true)
	}
	var parts []layout.FlexChild
	if b.GetCaption() != "" {
		parts = append(parts, layout.Rigid(widget.Text{Type: s.th.Caption().Medium(), Color: s.th.Secondary, Text: b.GetCaption()}.W(s.th)), widget.Gap(theme.Space4))
	}
	defer s.opening(mb, mb.Opened())
	label := words
	if b.GetCaption() != "" {
		label = b.GetCaption() + ": " + words
	}
	parts = append(parts, layout.Rigid(func(gtx C) D {
		return mb.Layout(gtx, s.th, items(b.GetItems(), b.GetSelected()), func(gtx C, c *widget.Click) D {
			return widget.Select{State: c, Text: words, Label: label, Disabled: b.GetDisabled()}.Layout(gtx, s.th)
		})
	}))
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
}

func (s *Session) chips(gtx C, sc scope, n *contractv1.Node, chips []*contractv1.Chip) D {
	st := s.state(sc, n)
	return widget.Wrap(gtx, gtx.Dp(6), len(chips), func(gtx C, i int) D {
		c := chips[i]
		click := st.sub(c.GetId())
		if click.Clicked(gtx) {
			if n.GetMessage().GetReact() {
				s.react(sc, n.GetId(), c.GetId())
			} else {
				s.press(sc, n.GetId(), c.GetId())
			}
		}
		s.focusable(sc, &click.Clickable, true)
		return widget.Chip{State: click, Text: c.GetText(), Count: int(c.GetCount()), Selected: c.GetSelected(), Tip: c.GetTooltip()}.Layout(gtx, s.th)
	})
}

func (s *Session) progress(gtx C, n *contractv1.Node, p *contractv1.Progress) D {
	note := access.Note{Key: p, Role: access.Progress, Name: widget.Clean(n.GetLabel()), Value: &access.Value{Now: p.GetFraction(), Max: 1}}
	if note.Name == "" {
		note.Name = widget.Clean(p.GetText())
	}
	call, d := access.Measured(gtx, note, func(gtx C) D {
		return widget.Progress{Fraction: p.GetFraction(), Text: p.GetText()}.Layout(gtx, s.th)
	})
	defer clip.Rect{Max: d.Size}.Push(gtx.Ops).Pop()
	labelled(gtx, n)
	call.Add(gtx.Ops)
	return d
}

// sliding is what a slider keeps: the value while it is dragged.
type sliding struct {
	drag  gesture.Drag
	value float64
	held  bool
	_     [1]byte
}

func (s *Session) slider(gtx C, sc scope, n *contractv1.Node, b *contractv1.Slider) D {
	st := s.state(sc, n)
	if st.slide == nil {
		st.slide = &sliding{}
	}
	sl := st.slide
	low, high := b.GetMin(), b.GetMax()
	if !(high > low) || math.IsInf(high-low, 0) {
		low, high = 0, 1
	}
	width := gtx.Constraints.Max.X
	knob := gtx.Dp(16)
	value := b.GetValue()
	if sl.held {
		value = sl.value
	}
	set := func(v float64) {
		if step := b.GetStep(); step > 0 {
			v = low + math.Round((v-low)/step)*step
		}
		value = min(max(v, low), high)
		sl.value = value
	}
	for {
		e, ok := sl.drag.Update(gtx.Metric, gtx.Source, gesture.Horizontal)
		if !ok {
			break
		}
		switch e.Kind {
		case pointer.Press, pointer.Drag:
			sl.held = true
			set(low + (high-low)*float64(e.Position.X-float32(knob)/2)/float64(max(width-knob, 1)))
		case pointer.Release, pointer.Cancel:
			if sl.held {
				sl.held = false
				s.change(sc, n.GetId(), strconv.FormatFloat(sl.value, 'g', -1, 64))
			}
		}
	}
	if by := arrows(gtx, sl); by != 0 {
		step := b.GetStep()
		if step <= 0 {
			step = (high - low) / 20
		}
		set(value + by*step)
		s.change(sc, n.GetId(), strconv.FormatFloat(sl.value, 'g', -1, 64))
	}
	s.focusable(sc, sl, true)
	label := n.GetLabel()
	if label == "" {
		label = b.GetCaption()
	}
	note := access.Note{Key: sl, Role: access.Slider, Name: widget.Clean(label), Tag: sl, Value: &access.Value{
		Now: value, Min: low, Max: high, Step: b.GetStep(),
		Set: func(v float64) {
			set(v)
			s.change(sc, n.GetId(), strconv.FormatFloat(sl.value, 'g', -1, 64))
		},
	}}
	return access.Wrap(gtx, note, func(gtx C) D { return s.drawSlider(gtx, n, b, sl, (value-low)/(high-low)) })
}

// arrows takes the arrow keys of whoever has the keyboard.
func arrows(gtx C, tag event.Tag) float64 {
	by := 0.0
	for {
		ev, ok := gtx.Event(key.FocusFilter{Target: tag}, key.Filter{Focus: tag, Name: key.NameLeftArrow}, key.Filter{Focus: tag, Name: key.NameRightArrow})
		if !ok {
			return by
		}
		if e, ok := ev.(key.Event); ok && e.State == key.Press {
			if e.Name == key.NameLeftArrow {
				by--
			} else {
				by++
			}
		}
	}
}

func (s *Session) drawSlider(gtx C, n *contractv1.Node, b *contractv1.Slider, sl *sliding, part float64) D {
	bar := func(gtx C) D {
		size := image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Control))
		defer clip.Rect{Max: size}.Push(gtx.Ops).Pop()
		label := n.GetLabel()
		if label == "" {
			label = b.GetCaption()
		}
		semantic.LabelOp(label).Add(gtx.Ops)
		event.Op(gtx.Ops, sl)
		sl.drag.Add(gtx.Ops)
		knob := gtx.Dp(16)
		x := int(float64(size.X-knob) * min(max(part, 0), 1))
		track := func(from, to int, c colour) {
			t := op.Offset(image.Pt(from, (size.Y-gtx.Dp(4))/2)).Push(gtx.Ops)
			widget.Fill(gtx, image.Pt(to-from, gtx.Dp(4)), 2, c)
			t.Pop()
		}
		track(0, size.X, s.th.Veil(s.th.Text, 0.14))
		track(0, x+knob/2, s.th.Accent)
		t := op.Offset(image.Pt(x, (size.Y-knob)/2)).Push(gtx.Ops)
		widget.Fill(gtx, image.Pt(knob, knob), 8, s.th.Accent)
		if gtx.Focused(sl) {
			widget.Ring(gtx, s.th, image.Pt(knob, knob), 8)
		}
		t.Pop()
		return D{Size: size}
	}
	if b.GetCaption() == "" {
		return bar(gtx)
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		layout.Rigid(widget.Text{Type: s.th.Caption().Medium(), Color: s.th.Secondary, Text: b.GetCaption()}.W(s.th)),
		layout.Rigid(bar))
}
