package render

import (
	"image"
	"strconv"
	"strings"
	"time"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op/clip"
	"gioui.org/unit"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/access"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// Measures of a transcript.
const (
	column       unit.Dp = 760 // of messages; they stand in the middle of a wider room
	avatarEdge   unit.Dp = 32
	bubblePad    unit.Dp = 12
	runDistance  unit.Dp = 12 // between messages of different runs
	nearDistance unit.Dp = 2  // inside a run
)

// hostLink begins the ids of the menu entries that the host adds.
const (
	hostLink    = "host:link:"
	hostCopy    = "host:copy"
	hostReact   = "host:react"
	hostMark    = "host:mark"
	hostForward = "host:forward"
)

// message draws one message: mine at the right, others at the left with their
// picture, one run under one name.
func (s *Session) message(gtx C, sc scope, n *contractv1.Node, m *contractv1.Message) D {
	st := s.state(sc, n)
	if st.ctx == nil {
		st.ctx = &widget.ContextMenu{}
	}
	if st.rich == nil {
		st.rich = &widget.Rich{}
	}
	if sc.list != "" {
		s.listOf(sc.list).rows[sc.item] = st
	}
	if !st.ctx.Opened() {
		st.ctx.Back = s.focus.writing // who writes goes on writing after a look at the menu
	}
	s.messageMenu(gtx, sc, n, st, m)
	s.overRow(gtx, sc, n, st)
	sc.inMessage = true
	top := runDistance
	if s.continues(sc, m) {
		top = nearDistance
	}
	width := min(gtx.Constraints.Max.X, gtx.Dp(column))
	left := (gtx.Constraints.Max.X - width) / 2
	side := gtx.Dp(avatarEdge + theme.Space8)
	g := gtx
	g.Constraints = layout.Constraints{Max: image.Pt(
		min(gtx.Dp(theme.TextColumn), max(width-side-gtx.Dp(theme.Space24), gtx.Dp(120))), gtx.Constraints.Max.Y)}
	call, d := access.Measured(g, s.messageNote(gtx, sc, n, st, m), func(gtx C) D {
		return st.ctx.Layout(gtx, s.th, s.messageItems(sc, st, m), func(gtx C) D { return s.messageStack(gtx, sc, n, st, m) }, &st.row)
	})
	y := gtx.Dp(top)
	x := left + side
	if m.GetMine() {
		x = left + width - d.Size.X
	}
	st.origin = image.Pt(x, y)
	size := image.Pt(gtx.Constraints.Max.X, y+d.Size.Y)
	s.markGround(gtx, sc, size)
	bar := s.barShown(gtx, sc, st, m)
	defer s.rowArea(gtx, sc, st, size, bar).Pop()
	if !m.GetMine() && !s.continues(sc, m) && !s.marks.in(sc.list) { // a sign stands there
		a, _ := widget.Measure(gtx, func(gtx C) D {
			return widget.Avatar{Address: m.GetFrom(), Name: m.GetName(), Size: avatarEdge}.Layout(gtx, s.th)
		})
		widget.Offset(gtx, image.Pt(left, y), a)
	}
	widget.Offset(gtx, image.Pt(x, y), call)
	s.messageTools(gtx, sc, n, st, m, d.Size, bar)
	return D{Size: size}
}

// messageMenu does what was chosen from a message's menu.
func (s *Session) messageMenu(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message) {
	id, ok := st.ctx.Chosen(gtx)
	switch {
	case !ok:
	case id == hostReact:
		s.pickFor(gtx, sc, n.GetId(), st)
	case id == hostMark:
		s.mark(sc, n, m)
		s.focus.next = &st.row
	case id == hostForward:
		s.env.Forward(sc.key, []string{sc.item})
	case id == hostCopy:
		copyText(gtx, s.sel.Text())
	case strings.HasPrefix(id, hostLink):
		links := st.links()
		if i, err := strconv.Atoi(id[len(hostLink):]); err == nil && i < len(links) {
			s.pressedLink(sc, n.GetId(), st.rich, links[i], image.Pt(gtx.Dp(40), gtx.Dp(20)))
		}
	default:
		s.press(sc, n.GetId(), id)
	}
}

// maxMenuLinks is how many links of a message its menu lists.
const maxMenuLinks = 5

// messageItems is the plugin's menu, with what the host can do in front.
func (s *Session) messageItems(sc scope, st *state, m *contractv1.Message) []widget.MenuItem {
	if !st.ctx.Opened() && !st.hasMenu(m) {
		return nil
	}
	var out []widget.MenuItem
	if m.GetReact() && !m.GetDeleted() {
		out = append(out, widget.MenuItem{ID: hostReact, Text: s.th.Say.Sprintf("React…"), Icon: "mood"})
	}
	if s.sel.Text() != "" {
		out = append(out, widget.MenuItem{ID: hostCopy, Text: s.th.Say.Sprintf("Copy selected text"), Icon: "copy"})
	}
	for i, l := range st.links() {
		if i == maxMenuLinks {
			break
		}
		out = append(out, widget.MenuItem{ID: hostLink + strconv.Itoa(i), Text: s.th.Say.Sprintf("Open %s", shortAddress(l)), Icon: "open"})
	}
	own := items(m.GetMenu(), "")
	if len(own) > 0 && len(out) > 0 {
		own[0].SeparatorBefore = true
	}
	out = append(out, own...)
	if !s.canMark(sc, m) {
		return out
	}
	sep := len(out) > 0
	if m.GetForward() && s.env.Forward != nil {
		out = append(out, widget.MenuItem{ID: hostForward, Text: s.th.Say.Sprintf("Forward…"), Icon: "forward", SeparatorBefore: sep})
		sep = false
	}
	return append(out, widget.MenuItem{ID: hostMark, Text: s.th.Say.Sprintf("Select"), Icon: "check_box", SeparatorBefore: sep})
}

func (st *state) hasMenu(m *contractv1.Message) bool {
	return len(m.GetMenu()) > 0 || len(m.GetBody()) > 0
}

// shortAddress is a link cut to the width of a menu.
func shortAddress(l string) string {
	if r := []rune(l); len(r) > 36 {
		return string(r[:35]) + "…"
	}
	return l
}

// messageStack is the bubble with the reactions below it.
func (s *Session) messageStack(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message) D {
	call, d := widget.Measure(gtx, func(gtx C) D { return s.bubble(gtx, sc, n, st, m) })
	size := d.Size
	func() {
		defer clip.Rect{Max: size}.Push(gtx.Ops).Pop()
		semantic.LabelOp(s.spoken(m)).Add(gtx.Ops)
		if _, on := s.marks.all[sc.item]; on && s.marks.in(sc.list) {
			semantic.SelectedOp(true).Add(gtx.Ops)
		}
		if s.roving(sc, n) { // in an area of its own: Gio forgets the label of one with a tag
			inner := clip.Rect{Max: size}.Push(gtx.Ops)
			event.Op(gtx.Ops, &st.row)
			inner.Pop()
			s.focusable(sc, &st.row, true)
		}
		call.Add(gtx.Ops)
	}()
	if gtx.Focused(&st.row) {
		widget.Ring(gtx, s.th, size, theme.RadiusCard)
	}
	if len(m.GetReactions()) > 0 {
		g := gtx
		if s.marks.in(sc.list) {
			g = g.Disabled()
		}
		chips, cd := widget.Measure(g, func(gtx C) D { return s.chips(gtx, sc, n, m.GetReactions()) })
		x := 0
		if m.GetMine() {
			x = max(size.X-cd.Size.X, 0)
		}
		widget.Offset(gtx, image.Pt(x, size.Y+gtx.Dp(theme.Space4)), chips)
		size = image.Pt(max(size.X, cd.Size.X), size.Y+gtx.Dp(theme.Space4)+cd.Size.Y)
	}
	return D{Size: size}
}

// roving tells whether the keyboard can reach this message by Tab: one of a list
// can, arrows go on from there.
func (s *Session) roving(sc scope, n *contractv1.Node) bool {
	if sc.list == "" {
		return true
	}
	return s.listOf(sc.list).current == sc.item
}

// spoken is a message as one sentence for a screen reader.
func (s *Session) spoken(m *contractv1.Message) string {
	parts := []string{m.GetName(), s.clock(m)}
	if m.GetName() == "" {
		parts[0] = m.GetFrom()
	}
	switch {
	case m.GetDeleted():
		parts = append(parts, s.th.Say.Sprintf("This message was deleted."))
	case m.GetNote() != "":
		parts = append(parts, m.GetNote())
	default:
		for _, e := range m.GetExtra() {
			if e.GetImage() != nil {
				parts = append(parts, s.pictureName(e))
			}
		}
		parts = append(parts, plain(m.GetBody()))
	}
	if words, _, _ := s.tick(m); words != "" && m.GetMine() {
		parts = append(parts, words)
	}
	if m.GetEdited() {
		parts = append(parts, s.th.Say.Sprintf("edited"))
	}
	return widget.Clean(strings.Join(parts, ", "))
}

// maxSpoken is how much of a message its label holds; the text has all of it.
const maxSpoken = 500

func plain(in []*contractv1.Span) string {
	if len(in) == 1 && len(in[0].GetText()) <= maxSpoken {
		return in[0].GetText()
	}
	var b strings.Builder
	for _, p := range in {
		t := p.GetText()
		if b.Len()+len(t) > maxSpoken {
			t = strings.ToValidUTF8(t[:max(min(maxSpoken-b.Len(), len(t)), 0)], "") + "…"
			b.WriteString(t)
			break
		}
		b.WriteString(t)
	}
	return b.String()
}

func (s *Session) clock(m *contractv1.Message) string {
	if m.GetTimeMs() == 0 {
		return ""
	}
	return s.th.Clock(time.UnixMilli(m.GetTimeMs()))
}

// tick is the state of my message in words, as an icon and its colour.
func (s *Session) tick(m *contractv1.Message) (words, icon string, c colour) {
	say := s.th.Say
	switch m.GetState() {
	case contractv1.Message_WAITING:
		return say.Sprintf("Waiting to be sent"), "schedule", s.th.Secondary
	case contractv1.Message_SENT:
		return say.Sprintf("Sent"), "done", s.th.Secondary
	case contractv1.Message_DELIVERED:
		return say.Sprintf("Delivered"), "done_all", s.th.Secondary
	case contractv1.Message_READ:
		return say.Sprintf("Read"), "done_all", s.th.Accent
	case contractv1.Message_NOT_SENT:
		if r := m.GetReason(); r != "" {
			return say.Sprintf("Not sent: %s", r), "error", s.th.Danger
		}
		return say.Sprintf("Not sent"), "error", s.th.Danger
	}
	return "", "", colour{}
}

// rowKeys takes the arrows and Enter of a message that has the keyboard.
func (s *Session) rowKeys(gtx C, st *state, do func(key.Event)) {
	if !gtx.Focused(&st.row) {
		// Asking for focus events is what makes it reachable.
		gtx.Event(key.FocusFilter{Target: &st.row})
		return
	}
	for {
		ev, ok := gtx.Event(key.FocusFilter{Target: &st.row},
			key.Filter{Focus: &st.row, Name: key.NameUpArrow}, key.Filter{Focus: &st.row, Name: key.NameDownArrow},
			key.Filter{Focus: &st.row, Name: key.NameHome}, key.Filter{Focus: &st.row, Name: key.NameEnd},
			key.Filter{Focus: &st.row, Name: key.NamePageUp}, key.Filter{Focus: &st.row, Name: key.NamePageDown},
			key.Filter{Focus: &st.row, Name: key.NameReturn}, key.Filter{Focus: &st.row, Name: key.NameEscape},
			key.Filter{Focus: &st.row, Name: key.NameUpArrow, Required: key.ModShift}, key.Filter{Focus: &st.row, Name: key.NameDownArrow, Required: key.ModShift},
			key.Filter{Focus: &st.row, Name: key.NameSpace}, key.Filter{Focus: &st.row, Name: key.NameRightArrow})
		if !ok {
			return
		}
		if e, ok := ev.(key.Event); ok && e.State == key.Press {
			do(e)
		}
	}
}
