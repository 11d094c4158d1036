package render

import (
	"image"
	"slices"
	"strings"
	"time"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// maxMarked is how many messages can be marked at once.
const maxMarked = contractv1.MaxForward

// barAfterPress is how long after a press the keyboard's arrival is its doing.
const barAfterPress = 300 * time.Millisecond

// settle is how long a choice that destroys stays dead after it appeared.
const settle = 500 * time.Millisecond

// marking is the messages of one list that are marked.
type marking struct {
	list, anchor string
	all          map[string]marked
	asking       string // the entry that asks once more
	asked        time.Time
	copy         widget.Click
	forward      widget.Click
	stop         widget.Click
	yes, no      widget.Click
	many         map[string]*widget.Click
}

// marked is one of them, as it was last drawn.
type marked struct {
	sc   scope
	node string
	m    *contractv1.Message
}

// in tells whether messages of a list are being marked.
func (k *marking) in(list string) bool { return len(k.all) > 0 && k.list == list && list != "" }

func (k *marking) clear() { k.all, k.anchor, k.asking = nil, "", "" }

// canMark tells whether a message can be marked: it stands in a list and is one.
func (s *Session) canMark(sc scope, m *contractv1.Message) bool {
	return sc.list != "" && !sc.compact && m != nil && !m.GetDeleted() && len(m.GetMenu()) > 0
}

// mark adds a message or takes it out.
func (s *Session) mark(sc scope, n *contractv1.Node, m *contractv1.Message) {
	k := &s.marks
	if k.list != sc.list {
		k.clear()
		k.list = sc.list
	}
	k.asking, k.anchor = "", sc.item
	if _, ok := k.all[sc.item]; ok {
		delete(k.all, sc.item)
		return
	}
	s.addMark(sc, n, m)
}

func (s *Session) addMark(sc scope, n *contractv1.Node, m *contractv1.Message) {
	k := &s.marks
	if k.all == nil {
		k.all = map[string]marked{}
	}
	if len(k.all) < maxMarked {
		k.all[sc.item] = marked{sc: sc, node: n.GetId(), m: m}
	}
}

// markPress is a press on a message with Ctrl or Shift, or while some are marked.
func (s *Session) markPress(sc scope, n *contractv1.Node, st *state, mods key.Modifiers) {
	k := &s.marks
	switch {
	case mods.Contain(key.ModShift) && k.in(sc.list):
		s.markTo(sc, n)
	case mods.Contain(key.ModShift):
		l := s.listOf(sc.list)
		if l.rows[l.current] != nil && l.current != "" && s.focus.on == &l.rows[l.current].row {
			k.clear()
			k.list, k.anchor = sc.list, l.current
			s.markTo(sc, n)
			return
		}
		s.mark(sc, n, n.GetMessage())
	case mods.Contain(key.ModShortcut), k.in(sc.list):
		s.mark(sc, n, n.GetMessage())
	default:
		return
	}
	s.listOf(sc.list).current = sc.item
	s.focus.next = &st.row
	s.sel.Clear()
}

// markTo marks everything from the last marked message to this one.
func (s *Session) markTo(sc scope, n *contractv1.Node) {
	l, k := s.listOf(sc.list), &s.marks
	a, ok := l.index[k.anchor]
	b, is := l.index[sc.item]
	if !ok || !is {
		s.addMark(sc, n, n.GetMessage())
		return
	}
	for i := min(a, b); i <= max(a, b); i++ {
		it := l.items[i]
		in := sc
		in.item, in.revision = it.GetKey(), it.GetRevision()
		if m := it.GetNode().GetMessage(); s.canMark(in, m) {
			s.addMark(in, it.GetNode(), m)
		}
	}
}

// markStep extends what is marked with Shift and an arrow.
func (s *Session) markStep(sc scope, n *contractv1.Node, name key.Name) {
	l := s.listOf(sc.list)
	if !s.marks.in(sc.list) {
		s.marks.clear()
		s.mark(sc, n, n.GetMessage())
	}
	before := l.focusTo
	l.moveFocus(name)
	at, ok := l.index[l.focusTo]
	if !ok || l.focusTo == before {
		return
	}
	it := l.items[at]
	in := sc
	in.item, in.revision = it.GetKey(), it.GetRevision()
	if _, was := s.marks.all[in.item]; was { // on the way back
		delete(s.marks.all, sc.item)
		return
	}
	if m := it.GetNode().GetMessage(); s.canMark(in, m) {
		s.addMark(in, it.GetNode(), m)
	}
}

// markSign is the sign of a message that can be marked now, at the left edge.
func (s *Session) markSign(gtx C, sc scope, st *state, left int) {
	if !s.marks.in(sc.list) {
		return
	}
	_, on := s.marks.all[sc.item]
	icon, c := "check_box_off", s.th.Secondary
	if on {
		icon, c = "check_box", s.th.Accent
	}
	t := op.Offset(image.Pt(left+gtx.Dp(6), st.origin.Y+gtx.Dp(6))).Push(gtx.Ops)
	theme.IconNamed(icon).Layout(gtx, theme.IconSize, c)
	t.Pop()
}

// markGround is what lies under a marked row.
func (s *Session) markGround(gtx C, sc scope, size image.Point) {
	if _, on := s.marks.all[sc.item]; !on || !s.marks.in(sc.list) {
		return
	}
	side := gtx.Dp(listSide)
	paint.FillShape(gtx.Ops, s.th.Selected(s.th.Background), clip.Rect{Min: image.Pt(-side, 0), Max: image.Pt(size.X+side, size.Y)}.Op())
}

// inOrder are the marked messages as they stand in the list.
func (k *marking) inOrder(l *list) []marked {
	out := make([]marked, 0, len(k.all))
	for _, m := range k.all {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b marked) int {
		i, ok := l.index[a.sc.item]
		j, is := l.index[b.sc.item]
		if ok && is {
			return i - j
		}
		if d := a.m.GetTimeMs() - b.m.GetTimeMs(); d != 0 {
			return int(max(min(d, 1), -1))
		}
		return strings.Compare(a.sc.item, b.sc.item)
	})
	return out
}

// forMany are the entries that every marked message's menu has and that may be
// chosen for several.
func forMany(all []marked) []*contractv1.Item {
	var out []*contractv1.Item
	for _, it := range all[0].m.GetMenu() {
		if it.GetMany() && !slices.ContainsFunc(all, func(k marked) bool {
			e := menuEntry(k.m, it.GetId())
			return e == nil || !e.GetMany()
		}) {
			out = append(out, it)
		}
	}
	return out
}

// copied is the marked messages as text, a line each: name, time: text.
func (s *Session) copied(all []marked) string {
	zone, first := s.th.Zone(), time.UnixMilli(all[0].m.GetTimeMs())
	oneDay := true
	for _, k := range all {
		oneDay = oneDay && sameDay(first, time.UnixMilli(k.m.GetTimeMs()), zone)
	}
	layout := "2006-01-02 15:04"
	if oneDay {
		layout = "15:04"
	}
	var b strings.Builder
	for _, k := range all {
		name := k.m.GetName()
		if name == "" {
			name = k.m.GetFrom()
		}
		b.WriteString(name + ", " + time.UnixMilli(k.m.GetTimeMs()).In(zone).Format(layout) + ": ")
		for _, e := range k.m.GetExtra() {
			if e.GetImage() != nil {
				b.WriteString("[" + s.pictureName(e) + "] ")
			}
		}
		if k.m.GetNote() != "" {
			b.WriteString(k.m.GetNote())
		}
		b.WriteString(plainText(k.m.GetBody()))
		b.WriteString("\n")
	}
	return b.String()
}

// markBar draws what can be done with the marked messages, below their list, and
// returns how high it is.
func (s *Session) markBar(gtx C, sc scope, l *list) int {
	k := &s.marks
	if !k.in(l.id) {
		return 0
	}
	for id, m := range k.all { // as they are now
		if at, ok := l.index[id]; ok {
			if now := l.items[at].GetNode().GetMessage(); s.canMark(m.sc, now) {
				m.m, m.sc.revision = now, l.items[at].GetRevision()
				k.all[id] = m
			} else {
				delete(k.all, id)
			}
		}
	}
	eachPress(gtx, []event.Filter{key.Filter{Name: key.NameEscape}}, func(key.Name) { k.clear() })
	if k.stop.Clicked(gtx) {
		k.clear()
	}
	if len(k.all) == 0 {
		s.focus.next = s.focus.writing
		gtx.Execute(op.InvalidateCmd{})
		return 0
	}
	all := k.inOrder(l)
	if widget.Pressed(gtx, "C") {
		copyText(gtx, s.copied(all))
		k.clear()
		s.focus.next = s.focus.writing
	}
	if len(k.all) == 0 {
		return 0
	}
	s.markDo(gtx, sc, l, all)
	if len(k.all) == 0 {
		gtx.Execute(op.InvalidateCmd{})
		return 0
	}
	g := gtx
	g.Constraints = layout.Constraints{Min: image.Pt(l.room.X, 0), Max: l.room}
	call, d := widget.Measure(g, func(gtx C) D {
		return layout.Inset{Left: theme.Space16, Right: theme.Space16, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
			if k.asking != "" {
				return s.markAsk(gtx, all)
			}
			return s.markChoices(gtx, all)
		})
	})
	t := op.Offset(image.Pt(0, l.room.Y-d.Size.Y)).Push(gtx.Ops)
	paint.FillShape(gtx.Ops, s.th.Sidebar, clip.Rect{Max: image.Pt(l.room.X, d.Size.Y)}.Op())
	paint.FillShape(gtx.Ops, s.th.Border, clip.Rect{Max: image.Pt(l.room.X, max(1, gtx.Dp(1)))}.Op())
	call.Add(gtx.Ops)
	t.Pop()
	return d.Size.Y
}
