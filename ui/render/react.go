package render

import (
	"image"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/unit"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/access"
	"switchboard/ui/emoji"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// quick is what the bar over a message offers at once.
var quick = [...]string{"👍", "❤️", "😂", "😮", "😢", "🎉"}

// Measures of the bar over a message.
const (
	barEdge unit.Dp = 28 // of its buttons
	barOver unit.Dp = 20 // how much of it is above the bubble
)

// picking is the one emoji picker of a session and what it is open for: a message,
// or the editor that it was opened beside.
type picking struct {
	popup widget.EmojiPicker
	sc    scope
	node  string
	state *state   // of the message
	edit  *editing // of the editor
	drawn uint64
}

// end closes a picker whose owner went out of sight.
func (p *picking) end(gtx C, frame uint64) {
	if p.popup.Opened() && p.drawn < frame {
		p.popup.Close(gtx)
	}
}

// react tells that an emoji was chosen for a message.
func (s *Session) react(sc scope, node, text string) {
	if text == "" || len(text) > contractv1.MaxEmoji {
		return
	}
	_ = s.act(sc, node, contractv1.Action_REACT, text) // told by Env.Act
}

// pickFor opens the picker over a message, inside the room of its list.
func (s *Session) pickFor(gtx C, sc scope, node string, st *state) {
	p := &s.pick
	p.sc, p.node, p.state, p.edit, p.drawn = sc, node, st, nil, s.frame
	room := image.Rect(-1<<13, -1<<13, 1<<13, 1<<13)
	if sc.list != "" {
		l := s.listOf(sc.list)
		room = image.Rectangle{Max: l.room}.Sub(image.Pt(gtx.Dp(listSide), l.topOf(sc.item)))
	}
	at := image.Rectangle{Min: st.origin, Max: st.origin.Add(image.Pt(gtx.Dp(barEdge), gtx.Dp(barEdge)))}
	p.popup.OpenIn(at, room, s.backTo(st))
	gtx.Execute(op.InvalidateCmd{})
}

// backTo is who gets the keyboard after a look at a message: the message when it
// had it, else who writes.
func (s *Session) backTo(st *state) event.Tag {
	if s.focus.on == &st.row || st.onBar {
		return &st.row
	}
	return s.focus.writing
}

// topOf is where an item stood in the last frame.
func (l *list) topOf(key string) int {
	if i, ok := l.index[key]; ok && i >= l.first && i-l.first < len(l.tops) {
		return l.tops[i-l.first]
	}
	return 0
}

// overRow takes what the pointer does over a message's row.
func (s *Session) overRow(gtx C, sc scope, n *contractv1.Node, st *state) {
	for {
		ev, ok := gtx.Event(pointer.Filter{Target: &st.over, Kinds: pointer.Enter | pointer.Leave | pointer.Press | pointer.Cancel})
		if !ok {
			return
		}
		e, ok := ev.(pointer.Event)
		if !ok {
			continue
		}
		switch e.Kind {
		case pointer.Enter:
			st.hovered = e.Source == pointer.Mouse
		case pointer.Leave, pointer.Cancel:
			st.hovered = false
		case pointer.Press:
			if e.Buttons == pointer.ButtonPrimary && s.canMark(sc, n.GetMessage()) {
				s.markPress(sc, n, st, e.Modifiers)
			}
		}
	}
}

// rowArea is the area in which a message's row hears the pointer; the bar over it
// and the ring around it stand out.
func (s *Session) rowArea(gtx C, sc scope, st *state, size image.Point, bar bool) clip.Stack {
	area := image.Rectangle{Max: size}
	ring := 2 * gtx.Dp(theme.FocusRing)
	if gtx.Focused(&st.row) {
		area.Min.Y, area.Max.Y = -ring, area.Max.Y+ring
	}
	area.Min.X, area.Max.X = -ring, area.Max.X+ring
	if bar {
		area.Min.Y = min(area.Min.Y, st.origin.Y-gtx.Dp(barOver)-gtx.Dp(8))
	}
	if sc.list == "" {
		area = image.Rect(-1<<13, -1<<13, 1<<13, 1<<13)
	}
	c := clip.Rect(area).Push(gtx.Ops)
	if sc.list != "" && !sc.compact {
		event.Op(gtx.Ops, &st.over)
	}
	return c
}

// barShown tells whether the bar stands over a message: the pointer or the
// keyboard is there.
func (s *Session) barShown(gtx C, sc scope, st *state, m *contractv1.Message) bool {
	if sc.list == "" || sc.compact || !m.GetReact() || m.GetDeleted() || s.marks.in(sc.list) || !gtx.Enabled() {
		st.onBar = false
		return false
	}
	st.onBar = false
	for _, id := range barIDs {
		if c := st.clicks[id]; c != nil && c.Focused(gtx) {
			st.onBar = true
		}
	}
	if s.pick.popup.Opened() {
		return false
	}
	return st.hovered || gtx.Focused(&st.row) && s.rowRinged(gtx) || st.onBar
}

// rowRinged tells whether a key and not a press brought the keyboard to a row.
func (s *Session) rowRinged(gtx C) bool { return gtx.Now.Sub(s.th.Frame.Touched) >= barAfterPress }

// messageTools is the bar over a message, the picker opened from it, and the mark
// of a message that is marked.
func (s *Session) messageTools(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message, bubble image.Point, bar bool) {
	s.markSign(gtx, sc, st, (gtx.Constraints.Max.X-min(gtx.Constraints.Max.X, gtx.Dp(column)))/2)
	if bar {
		s.bar(gtx, sc, n, st, m, bubble)
	}
	p := &s.pick
	if p.state != st || !p.popup.Opened() {
		return
	}
	p.drawn = s.frame
	if text := p.popup.Chosen(gtx); text != "" {
		s.react(sc, n.GetId(), text)
	}
	p.popup.Layout(gtx, s.th)
}

// bar draws the quick reactions, the picker, reply and the menu.
func (s *Session) bar(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message, bubble image.Point) {
	s.barPressed(gtx, sc, n, st, m)
	var parts []layout.FlexChild
	add := func(id string, w func(gtx C, c *widget.Click) D) {
		c := st.sub(id)
		s.focusable(sc, &c.Clickable, true)
		parts = append(parts, layout.Rigid(func(gtx C) D { return w(gtx, c) }))
	}
	for _, q := range quick {
		add("quick "+q, func(gtx C, c *widget.Click) D {
			return widget.EmojiButton{State: c, Emoji: q, Label: s.th.Say.Sprintf("React with %s", s.emojiName(q)), Size: barEdge}.Layout(gtx, s.th)
		})
	}
	icon := func(id, name, tip string) {
		add(id, func(gtx C, c *widget.Click) D {
			return widget.IconButton{State: c, Icon: name, Tip: tip, Size: barEdge}.Layout(gtx, s.th)
		})
	}
	icon("bar pick", "mood", s.th.Say.Sprintf("Another reaction"))
	if reply := menuEntry(m, "reply"); reply != nil {
		icon("bar reply", "reply", reply.GetText())
	}
	icon("bar more", "more", s.th.Say.Sprintf("More"))
	g := gtx
	g.Constraints = layout.Constraints{Max: gtx.Constraints.Max}
	note := access.Note{Key: barOf{st}, Role: access.Panel, Name: s.th.Say.Sprintf("Reactions")}
	call, d := access.Measured(g, note, func(gtx C) D {
		return widget.Raised(gtx, s.th, theme.RadiusControl, func(gtx C) D {
			return layout.UniformInset(2).Layout(gtx, func(gtx C) D { return layout.Flex{}.Layout(gtx, parts...) })
		})
	})
	x := st.origin.X + bubble.X - d.Size.X + gtx.Dp(theme.Space8)
	if !m.GetMine() {
		x = st.origin.X + max(bubble.X-d.Size.X+gtx.Dp(theme.Space8), 0)
	}
	x = max(min(x, gtx.Constraints.Max.X-d.Size.X), 0)
	y := st.origin.Y - gtx.Dp(barOver)
	y = max(y, -s.listOf(sc.list).topOf(sc.item)) // not under the edge of the list
	widget.Offset(gtx, image.Pt(x, y), call)
}

// barOf names the bar over a message to screen readers.
type barOf struct{ of *state }

// barPressed does what was pressed in the bar.
func (s *Session) barPressed(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message) {
	for _, q := range quick {
		if st.sub("quick " + q).Clicked(gtx) {
			s.react(sc, n.GetId(), emoji.WithTone(q, s.tone()))
			s.focus.next = s.backTo(st)
		}
	}
	if st.sub("bar pick").Clicked(gtx) {
		s.pickFor(gtx, sc, n.GetId(), st)
	}
	if st.sub("bar reply").Clicked(gtx) && menuEntry(m, "reply") != nil {
		s.press(sc, n.GetId(), "reply")
	}
	if st.sub("bar more").Clicked(gtx) {
		st.ctx.Back = s.backTo(st)
		st.ctx.OpenByKey(image.Rect(gtx.Dp(24), 0, gtx.Dp(24), gtx.Dp(12)))
	}
	for _, id := range barIDs {
		c := st.sub(id)
		if !c.Focused(gtx) {
			continue
		}
		eachPress(gtx, []event.Filter{key.Filter{Focus: &c.Clickable, Name: key.NameEscape}}, func(key.Name) { s.focus.next = &st.row })
	}
}

// barIDs are the parts of the bar.
var barIDs = func() []string {
	out := []string{"bar pick", "bar reply", "bar more"}
	for _, q := range quick {
		out = append(out, "quick "+q)
	}
	return out
}()

func (s *Session) tone() int { return s.pick.popup.Tone() }

// emojiName is what an emoji is called in the person's language.
func (s *Session) emojiName(text string) string {
	if i := emoji.Find(text); i >= 0 {
		return emoji.All()[i].Name(s.th.German())
	}
	return text
}

// menuEntry is an entry of a message's menu that can be chosen; nil without one.
func menuEntry(m *contractv1.Message, id string) *contractv1.Item {
	for _, it := range m.GetMenu() {
		if it.GetId() == id && !it.GetDisabled() {
			return it
		}
	}
	return nil
}
