package render

import (
	"image"
	"strconv"
	"strings"
	"unicode"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// Member is somebody who can be named in a conversation.
type Member struct {
	Address, Name string
	Status        string // presence, empty when it is not known
}

// user is what stands in a text after the @.
func (m Member) user() string {
	user, _, _ := strings.Cut(m.Address, "@")
	return user
}

// Bounds of the list of people who fit what was typed.
const (
	maxNamedHits  = 6
	maxNamedRunes = 48 // after the @
)

// naming is the list of people that shows while somebody is being named.
type naming struct {
	at     int // where the @ stands, in runes
	hits   []Member
	marked int
	closed int // the @ that Esc closed the list of, plus one
	shown  bool
	signs  bool // the hits are emoji, by their text in Address
	rows   [maxNamedHits]widget.Click
}

// namedAt finds the @ that the caret stands behind and what was typed since.
func namedAt(text []rune, caret int) (at int, query string, ok bool) {
	for i := min(caret, len(text)) - 1; i >= 0 && caret-i <= maxNamedRunes; i-- {
		switch r := text[i]; {
		case r == '@':
			if i > 0 && (unicode.IsLetter(text[i-1]) || unicode.IsDigit(text[i-1]) || strings.ContainsRune("_.@", text[i-1])) {
				return 0, "", false // an address, not a name
			}
			return i, strings.ToLower(string(text[i+1 : caret])), true
		case r == '\n':
			return 0, "", false
		}
	}
	return 0, "", false
}

// fits tells whether somebody may be meant: the user name, the name or a word of
// the name begins so.
func fits(m Member, query string) bool {
	name := strings.ToLower(m.Name)
	if strings.HasPrefix(m.user(), query) || strings.HasPrefix(name, query) {
		return true
	}
	if strings.ContainsRune(query, ' ') {
		return false
	}
	for _, word := range strings.Fields(name) {
		if strings.HasPrefix(word, query) {
			return true
		}
	}
	return false
}

// named brings the list up to date with the text and the caret; it reports
// whether there is anybody to choose.
func (s *Session) named(sc scope, b *contractv1.Editor, e *editing) bool {
	n := &e.naming
	n.hits, n.signs = n.hits[:0], false
	if b.GetDisabled() || sc.compact {
		return false
	}
	from, to := e.in.Selection()
	if from != to {
		return false
	}
	text := []rune(e.in.Text())
	at, query, ok := namedAt(text, to)
	if ok = ok && b.GetMentions() && s.env.Members != nil; !ok && b.GetEmoji() {
		if at, query, n.signs = signAt(text, to); n.signs {
			return s.signed(n, at, query)
		}
	}
	if !ok {
		n.closed = 0
		return false
	}
	if n.closed == at+1 || strings.HasPrefix(query, " ") {
		return false
	}
	if at != n.at {
		n.at, n.marked = at, 0
	}
	for _, m := range s.env.Members(sc.key.Conversation) {
		if len(n.hits) == maxNamedHits {
			break
		}
		if !fits(m, query) {
			continue
		}
		if m.user() == query { // nothing is left to complete
			n.hits = n.hits[:0]
			return false
		}
		n.hits = append(n.hits, m)
	}
	n.marked = min(n.marked, max(0, len(n.hits)-1))
	return len(n.hits) > 0
}

// nameKeys takes the keys that choose in the list.
func (s *Session) nameKeys(gtx C, sc scope, b *contractv1.Editor, e *editing) {
	n := &e.naming
	if n.shown {
		ed := &e.in.Editor
		filters := []event.Filter{key.Filter{Focus: ed, Name: key.NameUpArrow}, key.Filter{Focus: ed, Name: key.NameDownArrow},
			key.Filter{Focus: ed, Name: key.NameTab}, key.Filter{Focus: ed, Name: key.NameEscape}}
		eachPress(gtx, filters, func(name key.Name) {
			switch count := len(n.hits); {
			case count == 0:
			case name == key.NameUpArrow:
				n.marked = (n.marked + count - 1) % count
			case name == key.NameDownArrow:
				n.marked = (n.marked + 1) % count
			case name == key.NameTab:
				s.name(e, n.marked)
			case name == key.NameEscape:
				n.closed, n.hits = n.at+1, n.hits[:0]
			}
			gtx.Execute(op.InvalidateCmd{})
		})
	}
	for i := range n.hits {
		if n.rows[i].Clicked(gtx) {
			s.name(e, i)
			s.focus.next = &e.in.Editor
			break
		}
	}
}

// name puts the user name of who was chosen into the text.
func (s *Session) name(e *editing, i int) {
	n := &e.naming
	if i >= len(n.hits) {
		return
	}
	_, caret := e.in.Selection()
	e.in.SetCaret(n.at, caret)
	if n.signs {
		e.in.Insert(n.hits[i].Address)
		widget.UsedEmoji(s.env.Recall, s.env.Remember, n.hits[i].Address)
	} else {
		e.in.Insert("@" + n.hits[i].user() + " ")
	}
	e.dirty, n.hits, n.marked, n.shown = true, n.hits[:0], 0, false
}

// names tells whether Enter chooses somebody instead of sending.
func (s *Session) names(sc scope, b *contractv1.Editor, e *editing) bool {
	if !e.naming.shown || !s.named(sc, b, e) {
		return false
	}
	s.name(e, e.naming.marked)
	return true
}

// nameList draws the list above the composer, over the transcript.
func (s *Session) nameList(gtx C, sc scope, b *contractv1.Editor, e *editing) {
	n := &e.naming
	was := n.shown
	n.shown = e.in.Focused(gtx) && s.named(sc, b, e)
	if n.shown != was {
		gtx.Execute(op.InvalidateCmd{})
	}
	if !n.shown {
		return
	}
	th := s.th
	rec := op.Record(gtx.Ops)
	g := gtx
	g.Constraints = layout.Constraints{Max: image.Pt(min(gtx.Constraints.Max.X, gtx.Dp(340)), gtx.Dp(400))}
	call, d := widget.Measure(g, func(gtx C) D {
		var rows []layout.FlexChild
		for i := range n.hits {
			rows = append(rows, layout.Rigid(func(gtx C) D { return s.nameRow(gtx, n, i) }))
		}
		return widget.Inset(gtx, theme.Space4, func(gtx C) D {
			return layout.Flex{Axis: layout.Vertical}.Layout(gtx, rows...)
		})
	})
	t := op.Offset(image.Pt(0, -d.Size.Y-gtx.Dp(theme.Space4))).Push(gtx.Ops)
	widget.Raised(gtx, th, theme.RadiusCard, func(gtx C) D {
		area := clip.Rect{Max: d.Size}.Push(gtx.Ops)
		event.Op(gtx.Ops, n)
		call.Add(gtx.Ops)
		area.Pop()
		return d
	})
	t.Pop()
	op.Defer(gtx.Ops, rec.Stop())
}

func (s *Session) nameRow(gtx C, n *naming, i int) D {
	th, m := s.th, n.hits[i]
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	label, user := m.Name+" "+strconv.Quote(m.user()), "@"+m.user()
	if n.signs {
		label, user = m.Name, ""
	}
	return n.rows[i].Area(gtx, label, func(gtx C) D {
		semantic.SelectedOp(i == n.marked).Add(gtx.Ops)
		pointer.CursorPointer.Add(gtx.Ops)
		call, d := widget.Measure(gtx, func(gtx C) D {
			return layout.Inset{Left: theme.Space8, Right: theme.Space8, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(func(gtx C) D {
						gtx.Constraints.Min = image.Point{}
						if n.signs {
							return widget.Glyph(gtx, th, m.Address, 18, image.Pt(gtx.Dp(28), gtx.Dp(28)))
						}
						return widget.Avatar{Address: m.Address, Name: m.Name, Size: 28, Presence: m.Status, Rim: th.Raised}.Layout(gtx, th)
					}), widget.Gap(theme.Space12),
					layout.Flexed(1, widget.Text{Type: th.Body().Medium(), Text: m.Name, MaxLines: 1}.W(th)), widget.Gap(theme.Space8),
					layout.Rigid(widget.Text{Type: th.Caption(), Color: th.Secondary, Text: user, MaxLines: 1}.W(th)))
			})
		})
		switch {
		case i == n.marked:
			widget.Fill(gtx, d.Size, 8, th.Selected(th.Raised))
			if th.Options.HighContrast {
				widget.Outline(gtx, d.Size, 8, 1, th.Accent)
			}
		case n.rows[i].Hovered():
			widget.Fill(gtx, d.Size, 8, th.Hover(th.Raised))
		}
		call.Add(gtx.Ops)
		return d
	})
}
