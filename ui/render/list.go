package render

import (
	"image"
	"time"

	"gioui.org/gesture"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/access"
	"switchboard/ui/widget"
)

// How much of a list is asked for, and when.
const (
	wantItems = 60
	wantNear  = 25              // items left above or below
	wantAgain = 5 * time.Second // when no answer came
	seenAfter = 500 * time.Millisecond
	flashFor  = 1500 * time.Millisecond
	scrollFor = 10 * time.Second // how long an item to scroll to is waited for
)

// list is where one list stands: an item that keeps its place on the screen, or
// its end. Nothing that happens above or below moves what is in sight.
type list struct {
	id       string
	stick    bool
	items    []*contractv1.ListItem
	index    map[string]int
	order    []string // keys of items, to find a neighbour of one that is gone
	anchor   string   // the first item in sight
	offset   int      // of its top from the top of the room
	atEnd    bool
	moreEnd  bool // there are items after the last one here
	goEnd    bool // on the way to an end that is not here yet
	gen      int64
	scroll   gesture.Scroll
	bar      widget.Scrollbar
	heights  map[string]int
	room     image.Point
	first    int // in sight
	last     int
	tops     []int // of the items in sight
	wanted   map[string]time.Time
	endKey   string // the last item when the end was in sight
	fresh    int    // items after endKey
	newest   widget.Click
	seenKey  string
	seenFrom time.Time
	seenSent string
	flashKey string
	flashEnd time.Time
	target   string
	targetBy time.Time
	spoken   string            // the last item when a screen reader was told of it
	current  string            // the item that Tab reaches
	focusTo  string            // the item to give the keyboard to when it is drawn
	rows     map[string]*state // of the messages that are drawn
	merged   merged            // with the cards of other sessions
}

func (s *Session) listOf(id string) *list {
	l := s.lists[id]
	if l == nil {
		l = &list{id: id, atEnd: true, heights: map[string]int{}, wanted: map[string]time.Time{}}
		s.lists[id] = l
	}
	return l
}

func (l *list) jumpToEnd() {
	l.target = ""
	if l.moreEnd {
		l.goEnd = true
		return
	}
	l.atEnd, l.fresh = true, 0
}

func (l *list) scrollTo(key string, now time.Time) { l.target, l.targetBy = key, now.Add(scrollFor) }

func (l *list) flash(key string, now time.Time) { l.flashKey, l.flashEnd = key, now.Add(flashFor) }

func (l *list) flashing(key string, now time.Time) bool {
	return l.flashKey == key && key != "" && now.Before(l.flashEnd)
}

// list draws a plugin's list in the room it has.
func (s *Session) list(gtx C, sc scope, n *contractv1.Node, b *contractv1.List) D {
	l := s.listOf(n.GetId())
	data := s.view.Lists[n.GetId()]
	room := gtx.Constraints.Max
	if gtx.Constraints.Min.Y == 0 {
		room.Y = min(room.Y, gtx.Dp(400))
	}
	l.room, l.stick = room, b.GetStickToEnd()
	if data == nil || !data.Loaded {
		s.wantFirst(gtx, sc, l)
		if data == nil || len(data.Items) == 0 {
			return s.listWaits(gtx, room)
		}
	}
	l.take(data, b.GetGeneration(), s.withCards(sc, l, b, data))
	s.announce(gtx, l)
	if len(l.items) == 0 {
		return s.listEmpty(gtx, b, room)
	}
	defer clip.Rect{Max: room}.Push(gtx.Ops).Pop()
	barCall := op.Record(gtx.Ops)
	l.room.Y -= s.markBar(gtx, sc, l)
	marks := barCall.Stop()
	l.wheel(gtx)
	l.seek(gtx.Now)
	l.rows = map[string]*state{}
	rows := s.place(gtx, sc, l)
	l.scroll.Add(gtx.Ops) // before the rows: what is added later lies in front
	access.Wrap(gtx, s.listNote(l, n), func(gtx C) D {
		for i, r := range rows {
			widget.Offset(gtx, image.Pt(0, l.tops[i]), r.call)
		}
		return D{Size: l.room}
	})
	from, to := l.share()
	l.bar.Layout(gtx, s.th, room, from, to)
	s.wantMore(gtx, sc, l, data)
	s.seen(gtx, sc, l, b)
	s.newButton(gtx, sc, l)
	marks.Add(gtx.Ops)
	s.datesOf(gtx, sc, l, b)
	s.focusItem(gtx, l)
	if l.flashKey != "" && gtx.Now.Before(l.flashEnd) {
		gtx.Execute(op.InvalidateCmd{At: l.flashEnd})
	}
	return D{Size: room}
}

func (s *Session) listWaits(gtx C, room image.Point) D {
	s.loading(gtx)
	return D{Size: room}
}

func (s *Session) listEmpty(gtx C, b *contractv1.List, room image.Point) D {
	g := gtx
	g.Constraints = layout.Exact(room)
	layout.Center.Layout(g, func(gtx C) D {
		gtx.Constraints.Min = image.Point{}
		gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(360))
		return widget.Text{Text: b.GetEmpty(), Color: s.th.Secondary, Align: textMiddle}.Layout(gtx, s.th)
	})
	return D{Size: room}
}

// take looks at the items of this frame and keeps the anchor.
func (l *list) take(data *model.List, generation int64, items []*contractv1.ListItem) {
	if generation != l.gen || data.Generation != generation && data.Generation != 0 {
		l.gen = generation
		clear(l.wanted)
	}
	l.moreEnd = data.HasAfter
	if same(l.items, items) {
		return
	}
	old := l.order
	l.items = items
	l.index = make(map[string]int, len(items))
	l.order = make([]string, len(items))
	for i, it := range items {
		l.index[it.GetKey()] = i
		l.order[i] = it.GetKey()
	}
	clear(l.wanted)
	if _, ok := l.index[l.anchor]; !ok && l.anchor != "" {
		l.reanchor(old)
	}
	if i, ok := l.index[l.endKey]; ok {
		l.fresh = 0
		for _, it := range l.items[i+1:] {
			if m := it.GetNode().GetMessage(); m != nil && !m.GetMine() {
				l.fresh++
			}
		}
	}
	if len(l.heights) > 4*len(l.items)+200 {
		clear(l.heights)
	}
}

// same tells whether two windows are one and the same slice.
func same(a, b []*contractv1.ListItem) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// reanchor holds on to another row when the one that held is gone: to the next
// that was in sight, where it was, else to the nearest at all.
func (l *list) reanchor(old []string) {
	for i, y := range l.tops {
		if at := l.first + i; at < len(old) {
			if _, ok := l.index[old[at]]; ok {
				l.anchor, l.offset = old[at], y
				return
			}
		}
	}
	l.anchor = neighbour(old, l.anchor, l.index)
}

// neighbour is the nearest item that is still there, below first.
func neighbour(old []string, gone string, index map[string]int) string {
	at := -1
	for i, k := range old {
		if k == gone {
			at = i
			break
		}
	}
	if at < 0 {
		return ""
	}
	for _, k := range old[at+1:] {
		if _, ok := index[k]; ok {
			return k
		}
	}
	for i := at - 1; i >= 0; i-- {
		if _, ok := index[old[i]]; ok {
			return old[i]
		}
	}
	return ""
}

// wheel moves by what was scrolled.
func (l *list) wheel(gtx C) {
	span := pointer.ScrollRange{Min: -1 << 20, Max: 1 << 20}
	by := l.scroll.Update(gtx.Metric, gtx.Source, gtx.Now, gesture.Vertical, pointer.ScrollRange{}, span)
	if part := l.bar.Dragged(gtx); part != 0 {
		by += int(part * float32(l.total()))
	}
	if by == 0 {
		return
	}
	if l.atEnd && by < 0 || !l.atEnd {
		if l.atEnd {
			l.atEnd = false
		}
		l.goEnd, l.target = false, ""
		l.offset -= by
	}
}

// seek turns a wish to be somewhere into an anchor as soon as the item is here.
func (l *list) seek(now time.Time) {
	if l.goEnd && !l.moreEnd {
		l.goEnd, l.atEnd, l.fresh = false, true, 0
	}
	if l.target == "" {
		return
	}
	if _, ok := l.index[l.target]; ok {
		l.anchor, l.atEnd, l.goEnd = l.target, false, false
		l.offset = l.room.Y / 3
		if l.flashKey == l.target { // what comes late is lit up all the same
			l.flashEnd = now.Add(flashFor)
		}
		l.target = ""
	} else if now.After(l.targetBy) {
		l.target = ""
	}
}

// moveFocus moves the keyboard among the messages.
func (l *list) moveFocus(name key.Name) {
	at, ok := l.index[l.current]
	if !ok {
		return
	}
	step, count := 1, 1
	switch name {
	case key.NameUpArrow:
		step = -1
	case key.NamePageUp, key.NamePageDown:
		count = max(l.last-l.first, 1)
		if name == key.NamePageUp {
			step = -1
		}
	case key.NameHome:
		step, count = -1, at
	case key.NameEnd:
		count = len(l.items)
	}
	for i := at + step; i >= 0 && i < len(l.items) && count > 0; i += step {
		if l.items[i].GetNode().GetMessage() != nil {
			l.focusTo = l.items[i].GetKey()
			count--
		}
	}
}
