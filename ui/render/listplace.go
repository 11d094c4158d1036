package render

import (
	"image"
	"slices"

	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/text"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

const textMiddle = text.Middle

// listSide is the distance of rows from the edges of the list.
const listSide = theme.Space16

// place draws the rows that are in sight and remembers where they stand. It
// draws from the anchor in both directions and then moves everything so that
// there is no empty room at either end.
func (s *Session) place(gtx C, sc scope, l *list) []placed {
	n := len(l.items)
	bottom := l.room.Y
	foot := gtx.Dp(theme.Space8)
	at, ok := l.index[l.anchor]
	if !ok {
		at, l.offset = 0, 0
		if l.stick {
			l.atEnd = true
		}
	}
	var rows, above []placed // above from the bottom up
	first, last := at, at
	y0, y1 := l.offset, l.offset // what is placed reaches from y0 to y1
	if l.stick && l.atEnd {
		first, last = n, n
		y0, y1 = bottom-foot, bottom-foot
	}
	down := func() {
		r := s.item(gtx, sc, l, last)
		rows = append(rows, r)
		y1 += r.size.Y
		last++
	}
	up := func() {
		first--
		r := s.item(gtx, sc, l, first)
		above = append(above, r)
		y0 -= r.size.Y
	}
	for last < n && (y1 < bottom || last == at) {
		down()
	}
	for first > 0 && y0 > 0 {
		up()
	}
	shift := 0
	switch {
	case last == n && y1 < bottom-foot && l.stick: // room below the end
		shift = bottom - foot - y1
	case last == n && y1 < bottom && !l.stick:
		shift = min(bottom-y1, max(-y0, 0))
	}
	y0, y1 = y0+shift, y1+shift
	for first > 0 && y0 > 0 {
		up()
	}
	if first == 0 && y0 > 0 && !(l.stick && last == n && y1-y0 < bottom) { // room above the beginning
		d := y0
		y0, y1 = 0, y1-d
		for last < n && y1 < bottom {
			down()
		}
	}
	slices.Reverse(above)
	rows = append(above, rows...)
	l.settle(rows, first, y0, bottom-foot)
	return rows
}

// settle remembers the new anchor: the first row in sight.
func (l *list) settle(rows []placed, first, y0, bottom int) {
	l.tops = l.tops[:0]
	l.first, l.last = first, first+len(rows)-1
	y, found := y0, false
	for i, r := range rows {
		l.tops = append(l.tops, y)
		if !found && y+r.size.Y > 0 {
			l.anchor, l.offset, found = l.items[first+i].GetKey(), y, true
		}
		y += r.size.Y
	}
	end := l.last == len(l.items)-1 && y <= bottom+1
	l.atEnd = end && !l.moreEnd
	if l.atEnd {
		l.endKey, l.fresh = l.items[len(l.items)-1].GetKey(), 0
	}
}

// item measures one row.
func (s *Session) item(gtx C, sc scope, l *list, i int) placed {
	it := l.items[i]
	in := sc
	in.list, in.item, in.revision = l.id, it.GetKey(), it.GetRevision()
	path := len(s.path)
	s.path = append(s.path, "/item"...)
	side := gtx.Dp(listSide)
	g := gtx
	g.Constraints = layout.Constraints{Max: image.Pt(max(l.room.X-2*side, 1), maxItem)}
	rec := op.Record(gtx.Ops)
	t := op.Offset(image.Pt(side, 0)).Push(gtx.Ops)
	d := s.node(g, in, it.GetNode())
	t.Pop()
	p := placed{call: rec.Stop(), size: image.Pt(l.room.X, d.Size.Y)}
	s.path = s.path[:path]
	l.heights[it.GetKey()] = d.Size.Y
	return p
}

// maxItem is the highest row.
const maxItem = 1 << 16

// total is about how high all items are.
func (l *list) total() int {
	if len(l.heights) == 0 {
		return 0
	}
	sum := 0
	for _, h := range l.heights {
		sum += h
	}
	return sum / len(l.heights) * len(l.items)
}

// share is which part of the list is in sight, for the scrollbar.
func (l *list) share() (from, to float32) {
	total := l.total()
	if total <= l.room.Y || len(l.tops) == 0 {
		return 0, 1
	}
	mean := float32(total) / float32(len(l.items))
	above := float32(l.first)*mean - float32(l.tops[0])
	from = min(max(above/float32(total), 0), 1)
	to = from + float32(l.room.Y)/float32(total)
	if l.atEnd || to > 1 {
		return 1 - float32(l.room.Y)/float32(total), 1
	}
	return from, to
}

// wantFirst asks for the beginning of a list, or the end it sticks to.
func (s *Session) wantFirst(gtx C, sc scope, l *list) {
	before, after := 0, wantItems
	if l.stick {
		before, after = wantItems, 0
	}
	s.want(gtx, sc, l, "", before, after)
}

// want asks once, and again when no answer came for long.
func (s *Session) want(gtx C, sc scope, l *list, anchor string, before, after int) {
	if s.env.Want == nil {
		return
	}
	k := anchor + "\x00b"
	if after > before {
		k = anchor + "\x00a"
	}
	if at, ok := l.wanted[k]; ok && gtx.Now.Sub(at) < wantAgain {
		return
	}
	l.wanted[k] = gtx.Now
	gtx.Execute(op.InvalidateCmd{At: gtx.Now.Add(wantAgain)})
	s.env.Want(sc.key, l.id, anchor, before, after)
}

// wantMore asks for what is near the edge of what is here.
func (s *Session) wantMore(gtx C, sc scope, l *list, data *model.List) {
	n := len(l.items)
	before := data.HasBefore && l.first < wantNear
	after := data.HasAfter && n-1-l.last < wantNear && !l.goEnd
	if before || after {
		first, last := l.ends()
		if before && first != "" {
			s.want(gtx, sc, l, first, wantItems, 0)
		}
		if after && last != "" {
			s.want(gtx, sc, l, last, 0, wantItems)
		}
	}
	if l.target != "" {
		if _, ok := l.index[l.target]; !ok {
			s.want(gtx, sc, l, l.target, wantItems/2, wantItems/2)
		}
	}
}

// seen tells of the last message that was in sight for half a second.
func (s *Session) seen(gtx C, sc scope, l *list, b *contractv1.List) {
	if !b.GetTrackSeen() || s.env.Seen == nil || s.env.Focused == nil || !s.env.Focused() {
		l.seenKey = ""
		return
	}
	k := ""
	for i, y := range l.tops {
		it := l.items[l.first+i]
		if h := l.heights[it.GetKey()]; y+h <= l.room.Y+1 && y+h > 0 && it.GetNode().GetMessage() != nil {
			k = it.GetKey()
		}
	}
	if k != l.seenKey {
		l.seenKey, l.seenFrom = k, gtx.Now
	}
	if k == "" || k == l.seenSent || l.index[k] < l.index[l.seenSent] {
		return
	}
	if left := seenAfter - gtx.Now.Sub(l.seenFrom); left > 0 {
		gtx.Execute(op.InvalidateCmd{At: gtx.Now.Add(left)})
		return
	}
	l.seenSent = k
	s.env.Seen(sc.key, l.id, k)
}

// newButton leads back to the end and says how much is new there.
func (s *Session) newButton(gtx C, sc scope, l *list) {
	if !l.stick {
		return
	}
	for l.newest.Clicked(gtx) {
		l.jumpToEnd()
		if l.goEnd {
			clear(l.wanted)
			s.want(gtx, sc, l, "", wantItems, 0)
		}
		gtx.Execute(op.InvalidateCmd{})
	}
	if l.atEnd || l.goEnd || l.fresh == 0 && l.below() < l.room.Y/2 {
		return
	}
	words := ""
	label := s.th.Say.Sprintf("Go to the newest message")
	if l.fresh > 0 {
		words = s.th.Say.Sprintf("%d new", l.fresh)
		label = words
	}
	call, d := widget.Measure(gtx, func(gtx C) D {
		gtx.Constraints.Min = image.Point{}
		return widget.JumpButton{State: &l.newest, Text: words, Label: label}.Layout(gtx, s.th)
	})
	widget.Offset(gtx, image.Pt(l.room.X-d.Size.X-gtx.Dp(theme.Space16), l.room.Y-d.Size.Y-gtx.Dp(theme.Space12)), call)
}

// below is about how much lies under the room.
func (l *list) below() int {
	if len(l.tops) == 0 {
		return 0
	}
	k := l.items[l.last].GetKey()
	rest := l.tops[len(l.tops)-1] + l.heights[k] - l.room.Y
	if n := len(l.items) - 1 - l.last; n > 0 {
		rest += n * l.total() / len(l.items)
	}
	return rest
}

// focusItem decides which message Tab reaches, the last in sight unless one has
// the keyboard, and moves the keyboard to another, scrolling there first.
func (s *Session) focusItem(gtx C, l *list) {
	if l.focusTo != "" {
		s.moveTo(gtx, l)
		return
	}
	if st := l.rows[l.current]; st != nil && (gtx.Focused(&st.row) || s.focus.next == &st.row || st.onBar || s.pick.popup.Opened() && s.pick.state == st) {
		return
	}
	now := ""
	for i, y := range l.tops {
		it := l.items[l.first+i]
		if it.GetNode().GetMessage() != nil && (now == "" || y+l.heights[it.GetKey()] <= l.room.Y) {
			now = it.GetKey()
		}
	}
	if now != l.current {
		l.current = now
		gtx.Execute(op.InvalidateCmd{})
	}
}

func (s *Session) moveTo(gtx C, l *list) {
	at, ok := l.index[l.focusTo]
	if !ok {
		l.focusTo = ""
		return
	}
	gtx.Execute(op.InvalidateCmd{})
	h := l.heights[l.focusTo]
	foot := gtx.Dp(theme.Space8)
	if at < l.first || at == l.first && l.tops[0] < 0 {
		l.anchor, l.offset, l.atEnd = l.focusTo, foot, false
	} else if at > l.last || l.tops[at-l.first]+h > l.room.Y {
		l.anchor, l.offset, l.atEnd = l.focusTo, l.room.Y-max(h, gtx.Dp(theme.Space24))-foot, false
	}
	l.current = l.focusTo
	if st := l.rows[l.focusTo]; st != nil {
		s.focus.next = &st.row
		l.focusTo = ""
	}
}
