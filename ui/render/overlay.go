package render

import (
	"image"

	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

func (s *Session) card(gtx C, sc scope, n *contractv1.Node, c *contractv1.Card) D {
	return s.cardOf(gtx, sc, n, c, n.GetId() != "", func() { s.press(sc, n.GetId(), "") })
}

// cardOf draws a card; when it can be pressed, pressing it anywhere but on its
// buttons calls do.
func (s *Session) cardOf(gtx C, sc scope, n *contractv1.Node, c *contractv1.Card, pressable bool, do func()) D {
	st := s.state(sc, n)
	pressed := pressable && st.click.Clicked(gtx)
	sc.ground = s.th.Raised
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(theme.TextColumn))
	draw := func(gtx C) D {
		return widget.Card{}.Layout(gtx, s.th, func(gtx C) D { return s.cardBody(gtx, sc, c) })
	}
	if !pressable {
		return draw(gtx)
	}
	s.focusable(sc, &st.click.Clickable, true)
	label := n.GetLabel()
	if label == "" {
		label = c.GetTitle()
	}
	d := s.pressable(gtx, st, pressed, widget.Clean(label), do, draw)
	if st.click.Ringed(gtx, s.th) {
		widget.Ring(gtx, s.th, d.Size, theme.RadiusCard)
	}
	return d
}

// pressable draws a card and does its action, unless the press was on something
// inside: Gio tells both.
func (s *Session) pressable(gtx C, st *state, pressed bool, label string, do func(), draw layout.Widget) D {
	before := s.inner
	d := st.click.Area(gtx, label, draw)
	if pressed && s.inner == before {
		do()
	}
	return d
}

func (s *Session) cardBody(gtx C, sc scope, c *contractv1.Card) D {
	th := s.th
	head := func(gtx C) D {
		var parts []layout.FlexChild
		if c.GetTitle() != "" {
			parts = append(parts, layout.Rigid(widget.Text{Type: th.Body().Medium(), Text: c.GetTitle(), MaxLines: 2}.W(th)))
		}
		if c.GetText() != "" {
			parts = append(parts, layout.Rigid(widget.Text{Text: c.GetText(), Color: th.Secondary, MaxLines: 6}.W(th)))
		}
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
	}
	var parts []layout.FlexChild
	if c.GetTitle() != "" || c.GetText() != "" {
		parts = append(parts, layout.Rigid(func(gtx C) D {
			if c.GetIcon() == "" {
				return head(gtx)
			}
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(func(gtx C) D { return theme.IconOf(c.GetIcon()).Layout(gtx, 24, th.Accent) }),
				layout.Rigid(layout.Spacer{Width: theme.Space12}.Layout), layout.Rigid(head))
		}))
	}
	if c.GetContent() != nil {
		parts = append(parts, spaced(len(parts) > 0, theme.Space8), layout.Rigid(func(gtx C) D { return s.child(gtx, sc, c.GetContent(), -1) }))
	}
	if acts := c.GetActions(); len(acts) > 0 {
		parts = append(parts, spaced(len(parts) > 0, theme.Space12), layout.Rigid(func(gtx C) D {
			return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(acts), func(gtx C, i int) D { return s.child(gtx, sc, acts[i], i) })
		}))
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
}

// embedded draws another session as the window's card, which shows its state and
// its last compact view. Of a session that the window does not know the view alone
// is the card; pressing it opens that session.
func (s *Session) embedded(gtx C, sc scope, n *contractv1.Node, ref *contractv1.SessionRef) D {
	k := model.SessionKey{Conversation: sc.key.Conversation, Session: ref.GetSessionId()}
	var v *model.View
	if s.env.Compact != nil && !sc.compact {
		v = s.env.Compact(k)
	}
	if s.env.Card != nil && !sc.compact {
		if d, ok := s.env.Card(gtx, k, s.compactOf(sc, k, v)); ok {
			return d
		}
	}
	st := s.state(sc, n)
	pressed := st.click.Clicked(gtx) && s.env.Open != nil
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(440))
	if v == nil || v.Root == nil {
		return widget.Card{}.Layout(gtx, s.th, widget.Text{Text: s.th.Say.Sprintf("This activity is not available here."), Color: s.th.Secondary}.W(s.th))
	}
	s.focusable(sc, &st.click.Clickable, true)
	d := s.pressable(gtx, st, pressed, s.th.Say.Sprintf("Open"), func() { s.env.Open(k) }, func(gtx C) D {
		return widget.Card{}.Layout(gtx, s.th, s.compactOf(sc, k, v))
	})
	if st.click.Ringed(gtx, s.th) {
		widget.Ring(gtx, s.th, d.Size, theme.RadiusCard)
	}
	return d
}

// compactOf draws the compact view of another session; nil when there is none.
func (s *Session) compactOf(sc scope, k model.SessionKey, v *model.View) layout.Widget {
	if v == nil || v.Root == nil {
		return nil
	}
	in := scope{key: k, revision: v.Revision, compact: true, ground: s.th.Raised, depth: sc.depth}
	return func(gtx C) D { return s.child(gtx, in, v.Root, 0) }
}

func (s *Session) contextMenu(gtx C, sc scope, n *contractv1.Node, m *contractv1.ContextMenu) D {
	st := s.state(sc, n)
	if st.ctx == nil {
		st.ctx = &widget.ContextMenu{}
	}
	if id, ok := st.ctx.Chosen(gtx); ok {
		s.press(sc, n.GetId(), id)
	}
	first := len(s.focus.now)
	// The tags inside are known only after drawing: those of the last frame serve.
	d := st.ctx.Layout(gtx, s.th, items(m.GetItems(), ""), func(gtx C) D { return s.child(gtx, sc, m.GetChild(), 0) }, st.inside...)
	st.inside = st.inside[:0]
	for _, f := range s.focus.now[min(first, len(s.focus.now)):] {
		st.inside = append(st.inside, f.tag)
	}
	return d
}

func (s *Session) popover(gtx C, sc scope, n *contractv1.Node, p *contractv1.Popover) D {
	st := s.state(sc, n)
	if st.pop == nil {
		st.pop = &widget.Popover{}
	}
	call, d := widget.Measure(gtx, func(gtx C) D { return s.child(gtx, sc, p.GetAnchor(), 0) })
	st.pop.Track(gtx, s.th, func(gtx C) D { call.Add(gtx.Ops); return d })
	if p.GetOpen() && !st.wasUp {
		st.pop.Open(image.Rectangle{Max: d.Size})
	}
	if !p.GetOpen() && st.wasUp {
		st.pop.Close(gtx)
	}
	st.wasUp = p.GetOpen()
	was := st.pop.Opened()
	st.pop.Layout(gtx, s.th, func(gtx C) D { return s.child(gtx, sc, p.GetContent(), 1) })
	if was && !st.pop.Opened() {
		s.change(sc, n.GetId(), "false")
	}
	return d
}

// findDialog looks for an open dialog, once per tree.
func (s *Session) findDialog(root *contractv1.Node) {
	if s.seenIn == root {
		return
	}
	s.seenIn, s.modal = root, nil
	var walk func(n *contractv1.Node, depth int)
	walk = func(n *contractv1.Node, depth int) {
		if n == nil || depth > maxDepth || s.modal != nil {
			return
		}
		switch b := n.GetBody().(type) {
		case *contractv1.Node_Dialog:
			if b.Dialog.GetOpen() {
				s.modal = n
			}
		case *contractv1.Node_Column:
			for _, c := range b.Column.GetChildren() {
				walk(c, depth+1)
			}
		case *contractv1.Node_Row:
			for _, c := range b.Row.GetChildren() {
				walk(c, depth+1)
			}
		case *contractv1.Node_Grid:
			for _, c := range b.Grid.GetChildren() {
				walk(c, depth+1)
			}
		case *contractv1.Node_Tabs:
			walk(b.Tabs.GetContent(), depth+1)
		case *contractv1.Node_DropTarget:
			walk(b.DropTarget.GetChild(), depth+1)
		case *contractv1.Node_ContextMenu:
			walk(b.ContextMenu.GetChild(), depth+1)
		}
	}
	walk(root, 0)
}

// showDialog draws the open dialog over the view; it stays inside its session.
func (s *Session) showDialog(gtx C, sc scope, under D) {
	m := s.modal.GetDialog()
	gtx.Constraints = layout.Exact(under.Size)
	sc.ground = s.th.Raised
	acts := make([]layout.Widget, len(m.GetActions()))
	var first *widget.Click
	for i, a := range m.GetActions() {
		acts[i] = func(gtx C) D { return s.child(gtx, sc, a, i) }
		if b := a.GetButton(); b != nil && first == nil && safeRole(b.GetRole()) && !b.GetDisabled() {
			first = &s.state(sc, a).click
		}
	}
	content := func(gtx C) D { return s.child(gtx, sc, m.GetContent(), -1) }
	if s.dialog.Show(gtx, s.th, m.GetTitle(), content, first, acts...) {
		_ = s.act(sc, s.modal.GetId(), contractv1.Action_CANCEL, "") // told by Env.Act
	}
}

func (s *Session) tabs(gtx C, sc scope, n *contractv1.Node, t *contractv1.Tabs) D {
	st := s.state(sc, n)
	bar := func(gtx C) D {
		gtx.Constraints.Min = image.Point{}
		return widget.Wrap(gtx, gtx.Dp(theme.Space4), len(t.GetItems()), func(gtx C, i int) D {
			it := t.GetItems()[i]
			c := st.sub(it.GetId())
			if c.Clicked(gtx) && !it.GetDisabled() && it.GetId() != t.GetSelected() {
				s.change(sc, n.GetId(), it.GetId())
			}
			s.focusable(sc, &c.Clickable, true)
			return widget.Tab{State: c, Text: it.GetText(), Icon: it.GetIcon(), Selected: it.GetId() == t.GetSelected()}.Layout(gtx, s.th)
		})
	}
	content := func(gtx C) D { return s.child(gtx, sc, t.GetContent(), 0) }
	last := layout.Rigid(content)
	if gtx.Constraints.Min.Y > 0 {
		last = layout.Flexed(1, content)
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, layout.Rigid(bar),
		layout.Rigid(func(gtx C) D { return widget.Divider{}.Layout(gtx, s.th) }), widget.Gap(theme.Space8), last)
}

func spaced(on bool, by unitDp) layout.FlexChild {
	if !on {
		by = 0
	}
	return layout.Rigid(layout.Spacer{Height: by}.Layout)
}
