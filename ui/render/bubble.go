package render

import (
	"image"

	"gioui.org/io/key"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// part is one measured line of a bubble.
type part struct {
	call op.CallOp
	size image.Point
	gap  int // above it
	base int // the baseline of its last line, from below
	bar  bool
}

// bubble draws name, quote, text, what the plugin adds, and time and state.
func (s *Session) bubble(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message) D {
	ground := s.th.Theirs
	if m.GetMine() {
		ground = s.th.Mine
	}
	if sc.list != "" && s.listOf(sc.list).flashing(sc.item, gtx.Now) {
		ground = s.th.Highlight
	}
	sc.ground = ground
	s.bubbleKeys(gtx, sc, n, st)
	if s.marks.in(sc.list) { // a press marks it
		gtx = gtx.Disabled()
	}
	padX, padY := gtx.Dp(bubblePad), gtx.Dp(7)
	g := gtx
	g.Constraints = layout.Constraints{Max: image.Pt(max(gtx.Constraints.Max.X-2*padX, gtx.Dp(40)), gtx.Constraints.Max.Y)}
	parts := s.bubbleParts(g, sc, n, st, m)
	meta := measured(g, func(gtx C) D { return s.meta(gtx, st, m) })
	last, inline := s.metaInline(g, st, m, parts, meta.size)
	width, y := meta.size.X, 0
	for _, p := range parts {
		width = max(width, p.size.X)
	}
	if inline {
		width = max(width, last+gtx.Dp(theme.Space12)+meta.size.X)
	}
	inner := op.Record(gtx.Ops)
	for i, p := range parts {
		if i > 0 {
			y += p.gap
		}
		if p.bar {
			s.quoteGround(gtx, ground, image.Pt(0, y), image.Pt(width, p.size.Y))
		}
		widget.Offset(gtx, image.Pt(0, y), p.call)
		y += p.size.Y
	}
	metaY := y - meta.size.Y + meta.base
	if inline { // time and words stand on one line
		metaY -= parts[len(parts)-1].base
	} else {
		if len(parts) > 0 {
			y += gtx.Dp(2)
		}
		metaY = y
		y += meta.size.Y
	}
	widget.Offset(gtx, image.Pt(width-meta.size.X, metaY), meta.call)
	call := inner.Stop()
	size := image.Pt(width+2*padX, y+2*padY)
	widget.Fill(gtx, size, theme.RadiusCard, ground)
	if s.th.Options.HighContrast {
		widget.Outline(gtx, size, theme.RadiusCard, 1, s.th.Border)
	}
	if m.GetBeingEdited() {
		widget.Outline(gtx, size, theme.RadiusCard, 2, s.th.Accent)
	}
	widget.Offset(gtx, image.Pt(padX, padY), call)
	return D{Size: size}
}

func (s *Session) bubbleKeys(gtx C, sc scope, n *contractv1.Node, st *state) {
	if sc.list == "" || s.listOf(sc.list).current != sc.item {
		return
	}
	s.rowKeys(gtx, st, func(e key.Event) {
		name := e.Name
		marking := s.marks.in(sc.list)
		switch {
		case e.Modifiers == key.ModShift:
			s.markStep(sc, n, name)
			gtx.Execute(op.InvalidateCmd{})
		case marking && (name == key.NameSpace || name == key.NameReturn):
			s.mark(sc, n, n.GetMessage())
			gtx.Execute(op.InvalidateCmd{})
		case name == key.NameSpace:
		case name == key.NameRightArrow:
			if c := st.clicks["quick "+quick[0]]; c != nil {
				s.focus.next = &c.Clickable
			}
		case marking && name == key.NameEscape:
			s.marks.clear()
			s.focus.next = s.focus.writing
		case name == key.NameReturn:
			st.ctx.Back = &st.row
			st.ctx.OpenByKey(image.Rect(gtx.Dp(24), 0, gtx.Dp(24), gtx.Dp(24)))
		case name == key.NameEscape:
			s.focus.next = s.focus.writing
		default:
			s.listOf(sc.list).moveFocus(name)
		}
	})
}

func measured(gtx C, w layout.Widget) part {
	call, d := widget.Measure(gtx, w)
	return part{call: call, size: d.Size, base: d.Baseline}
}

// bubbleParts measures the lines of a bubble from top to bottom.
func (s *Session) bubbleParts(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message) []part {
	var out []part
	add := func(gap int, bar bool, w layout.Widget) {
		p := measured(gtx, w)
		p.gap, p.bar = gap, bar
		if p.size.Y > 0 {
			out = append(out, p)
		}
	}
	small, wide := gtx.Dp(theme.Space4), gtx.Dp(theme.Space8)
	if !m.GetMine() && !s.continues(sc, m) && m.GetName() != "" && !s.oneOther(sc) {
		add(0, false, widget.Text{Type: s.th.Caption().Medium(), Color: s.nameColor(sc, m), Text: m.GetName(), MaxLines: 1}.W(s.th))
	}
	if q := m.GetQuote(); q != nil && !m.GetDeleted() {
		add(small, true, func(gtx C) D { return s.quote(gtx, sc, n, st, q) })
	}
	for i, e := range m.GetExtra() {
		if e.GetImage() != nil && !m.GetDeleted() { // pictures stand above what is said of them
			add(small, false, func(gtx C) D { return s.child(gtx, sc, e, i) })
		}
	}
	between := small / 2
	if m.GetQuote() != nil {
		between = small
	}
	switch {
	case m.GetDeleted():
		add(small/2, false, widget.Text{Type: s.th.Body().Italic(), Color: s.th.Secondary, Text: s.th.Say.Sprintf("This message was deleted.")}.W(s.th))
	case m.GetNote() != "":
		add(small/2, false, func(gtx C) D { return s.iconLine(gtx, "info", m.GetNote(), s.th.Secondary) })
	case len(m.GetBody()) > 0:
		key := s.keyOf(sc, n)
		body, cut := st.shown(m.GetBody(), s.expanded.keys[key])
		add(between, false, func(gtx C) D {
			if hasBlocks(body) {
				return s.blocks(gtx, sc, n.GetId(), st, body)
			}
			st.blocks, st.blocksOf = nil, nil
			d := s.rich(gtx, sc, n.GetId(), st, body, s.th.Text)
			d.Baseline = st.rich.Below()
			return d
		})
		if cut {
			add(small, false, func(gtx C) D { return s.showAll(gtx, sc, key, st) })
		}
	}
	if m.GetState() == contractv1.Message_NOT_SENT {
		words, _, _ := s.tick(m)
		add(wide, false, func(gtx C) D { return s.iconLine(gtx, "error", words, s.th.Danger) })
	}
	for i, e := range m.GetExtra() {
		if e.GetImage() != nil {
			continue
		}
		add(wide, false, func(gtx C) D { return s.child(gtx, sc, e, i) })
	}
	return out
}

// oneOther tells whether there is one other person here: the header says who, and
// their picture stands beside what they say.
func (s *Session) oneOther(sc scope) bool {
	return s.env.Group != nil && !s.env.Group(sc.key.Conversation)
}

// nameColor tells people in a group apart.
func (s *Session) nameColor(sc scope, m *contractv1.Message) colour {
	return s.th.NameColor(m.GetFrom(), sc.ground)
}

func (s *Session) iconLine(gtx C, icon, words string, c colour) D {
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return theme.IconNamed(icon).Layout(gtx, 16, c) }),
		layout.Rigid(layout.Spacer{Width: 6}.Layout),
		layout.Rigid(widget.Text{Color: c, Text: words}.W(s.th)))
}

// metaInline tells whether time and state fit behind the last line of the text,
// and how wide that line is.
func (s *Session) metaInline(gtx C, st *state, m *contractv1.Message, parts []part, meta image.Point) (int, bool) {
	if len(parts) == 0 || len(m.GetExtra()) > 0 || st.cut || len(st.blocks) > 0 || m.GetState() == contractv1.Message_NOT_SENT {
		return 0, false
	}
	end := parts[len(parts)-1]
	last := end.size.X
	switch {
	case m.GetDeleted() || m.GetNote() != "":
		if end.size.Y > gtx.Sp(s.th.Body().Height)*3/2 {
			return 0, false
		}
	case len(m.GetBody()) > 0:
		last, _ = st.rich.LastLine()
	default:
		return 0, false
	}
	return last, last+gtx.Dp(theme.Space12)+meta.X <= gtx.Constraints.Max.X
}

// meta is "edited", the time and the tick, small at the lower right.
func (s *Session) meta(gtx C, st *state, m *contractv1.Message) D {
	th := s.th
	words := s.clock(m)
	switch {
	case m.GetBeingEdited():
		words = th.Say.Sprintf("being edited") + " · " + words
	case m.GetEdited() && !m.GetDeleted():
		words = th.Say.Sprintf("edited") + " · " + words
	}
	gtx.Constraints.Min = image.Point{}
	call, d := widget.Measure(gtx, widget.Text{Type: th.Caption(), Color: th.Secondary, Text: words, MaxLines: 1}.W(th))
	call.Add(gtx.Ops)
	state, icon, c := s.tick(m)
	if icon == "" || !m.GetMine() || m.GetDeleted() || m.GetState() == contractv1.Message_NOT_SENT {
		return d
	}
	tick, td := widget.Measure(gtx, func(gtx C) D {
		return st.tip.Layout(gtx, th, state, false, func(gtx C) D { return theme.IconNamed(icon).Layout(gtx, 16, c) })
	})
	// The tick's middle is that of the digits.
	middle := d.Size.Y - d.Baseline - gtx.Sp(th.Caption().Size*0.36)
	widget.Offset(gtx, image.Pt(d.Size.X+gtx.Dp(theme.Space4), middle-td.Size.Y/2), tick)
	d.Size.X += gtx.Dp(theme.Space4) + td.Size.X
	return d
}

// quote is the line that a message answers; pressing it goes there.
func (s *Session) quote(gtx C, sc scope, n *contractv1.Node, st *state, q *contractv1.Quote) D {
	th := s.th
	click := st.sub("quote")
	if q.GetKey() != "" && click.Clicked(gtx) {
		_ = s.act(sc, n.GetId(), contractv1.Action_LINK, q.GetKey()) // told by Env.Act
	}
	c := th.Text
	typ := th.Caption()
	if q.GetDeleted() || q.GetKey() == "" {
		c, typ = th.Secondary, typ.Italic()
	}
	draw := func(gtx C) D {
		return layout.Inset{Left: 11, Right: theme.Space8, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
			var parts []layout.FlexChild
			if q.GetName() != "" {
				parts = append(parts, layout.Rigid(widget.Text{Type: th.Caption().Medium(), Color: th.Accent, Text: q.GetName(), MaxLines: 1}.W(th)))
			}
			parts = append(parts, layout.Rigid(widget.Text{Type: typ, Color: c, Text: q.GetText(), MaxLines: 2}.W(th)))
			return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
		})
	}
	if q.GetKey() == "" {
		return draw(gtx)
	}
	s.focusable(sc, &click.Clickable, true)
	d := click.Area(gtx, th.Say.Sprintf("Go to the message by %s", q.GetName()), draw)
	if click.Ringed(gtx, s.th) {
		widget.Ring(gtx, th, d.Size, 3)
	}
	return d
}

// quoteGround is the tinted box with a bar behind a quote, as wide as the bubble.
func (s *Session) quoteGround(gtx C, under colour, at, size image.Point) {
	t := op.Offset(at).Push(gtx.Ops)
	defer t.Pop()
	defer clip.UniformRRect(image.Rectangle{Max: size}, gtx.Dp(theme.Space4)).Push(gtx.Ops).Pop()
	paint.Fill(gtx.Ops, s.th.Quote(under))
	paint.FillShape(gtx.Ops, s.th.Accent, clip.Rect{Max: image.Pt(gtx.Dp(3), size.Y)}.Op())
}
