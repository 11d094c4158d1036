package render

import (
	"image"
	"slices"
	"strings"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// Card is another session of the conversation, which stands between the messages
// of a list that sticks to its end, where it was offered in the order of things.
type Card struct {
	Session string
	From    string // the address and name of who offered it
	Name    string
	Mine    bool
	At      time.Time // of the server
}

// cardKey begins the keys of the cards that the window puts between a plugin's items.
const cardKey = "\x00session\x00"

// merged is a plugin's items with the cards between them; it is made anew only
// when one of the two changed.
type merged struct {
	items         []*contractv1.ListItem
	cards         []Card
	before, after bool
	out           []*contractv1.ListItem
}

// withCards is what a list shows: its items, and in a transcript the cards of the
// conversation's other sessions. The plugin does not know about them.
func (s *Session) withCards(sc scope, l *list, b *contractv1.List, data *model.List) []*contractv1.ListItem {
	if s.env.Cards == nil || s.env.Card == nil || !b.GetStickToEnd() {
		return data.Items
	}
	cards := s.env.Cards(sc.key)
	m := &l.merged
	if !same(m.items, data.Items) || m.before != data.HasBefore || m.after != data.HasAfter || !slices.Equal(m.cards, cards) {
		zone := time.Local
		if s.th != nil {
			zone = s.th.Zone()
		}
		*m = merged{items: data.Items, cards: cards, before: data.HasBefore, after: data.HasAfter}
		m.out = merge(m, zone)
	}
	return m.out
}

// merge puts each card before the first message that is later. A card of the same
// day as that message stands below the line that begins the day. What belongs
// before or after the items that are here stays out until those are fetched.
func merge(m *merged, zone *time.Location) []*contractv1.ListItem {
	cards := slices.DeleteFunc(slices.Clone(m.cards), func(c Card) bool { return placedBy(m.items, c.Session) })
	if len(cards) == 0 {
		return m.items
	}
	out := make([]*contractv1.ListItem, 0, len(m.items)+len(cards))
	lines := 0 // of the end of out: separators that belong to the next message
	first := true
	for _, it := range m.items {
		at, ok := messageTime(it)
		if !ok {
			out = append(out, it)
			lines++
			continue
		}
		head := slices.Clone(out[len(out)-lines:])
		out = out[:len(out)-lines]
		var below []*contractv1.ListItem
		for len(cards) > 0 && cards[0].At.Before(at) {
			switch {
			case first && m.before: // it belongs to what is not here
			case sameDay(cards[0].At, at, zone):
				below = append(below, cardItem(cards[0]))
			default:
				out = append(out, cardItem(cards[0]))
			}
			cards = cards[1:]
		}
		out = append(append(append(out, head...), below...), it)
		lines, first = 0, false
	}
	if m.after || first && m.before {
		return out
	}
	for _, c := range cards {
		out = append(out, cardItem(c))
	}
	return out
}

func cardItem(c Card) *contractv1.ListItem {
	return &contractv1.ListItem{Key: cardKey + c.Session, Revision: 1, Node: &contractv1.Node{
		Id: "card", Body: &contractv1.Node_Session{Session: &contractv1.SessionRef{SessionId: c.Session}}}}
}

// placedBy tells whether the plugin shows a session at a place of its own.
func placedBy(items []*contractv1.ListItem, session string) bool {
	is := func(n *contractv1.Node) bool { return n.GetSession().GetSessionId() == session }
	return slices.ContainsFunc(items, func(it *contractv1.ListItem) bool {
		return is(it.GetNode()) || slices.ContainsFunc(it.GetNode().GetMessage().GetExtra(), is)
	})
}

func messageTime(it *contractv1.ListItem) (time.Time, bool) {
	m := it.GetNode().GetMessage()
	if m == nil || m.GetTimeMs() == 0 {
		return time.Time{}, false
	}
	return time.UnixMilli(m.GetTimeMs()), true
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	a, b = a.In(zone), b.In(zone)
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// isCard tells whether an item was put into the list by the window.
func isCard(key string) bool { return strings.HasPrefix(key, cardKey) }

// continues tells whether a message is drawn as part of the run above it: one
// below a card is not, though its plugin does not know of that.
func (s *Session) continues(sc scope, m *contractv1.Message) bool {
	if !m.GetContinues() || sc.list == "" {
		return m.GetContinues()
	}
	l := s.listOf(sc.list)
	at, ok := l.index[sc.item]
	return !ok || at == 0 || !isCard(l.items[at-1].GetKey())
}

// ends are the plugin's own first and last items; empty without any.
func (l *list) ends() (first, last string) {
	for _, it := range l.items {
		if !isCard(it.GetKey()) {
			if first == "" {
				first = it.GetKey()
			}
			last = it.GetKey()
		}
	}
	return first, last
}

// maxCard is how wide a card grows.
const maxCard = 440

// cardRow places a card as messages are placed: mine at the right, that of others
// beside the picture of who offered it.
func (s *Session) cardRow(gtx C, sc scope, n *contractv1.Node, ref *contractv1.SessionRef) D {
	var c Card
	for _, x := range s.listOf(sc.list).merged.cards {
		if x.Session == ref.GetSessionId() {
			c = x
		}
	}
	width := min(gtx.Constraints.Max.X, gtx.Dp(column))
	left := (gtx.Constraints.Max.X - width) / 2
	side, y := gtx.Dp(avatarEdge+theme.Space8), gtx.Dp(runDistance)
	g := gtx
	g.Constraints.Min = image.Point{}
	g.Constraints.Max.X = min(gtx.Dp(maxCard), max(width-side, gtx.Dp(120)))
	call, d := widget.Measure(g, func(gtx C) D { return s.embedded(gtx, sc, n, ref) })
	x := left + side
	if c.Mine {
		x = left + width - d.Size.X
	} else {
		a, _ := widget.Measure(gtx, func(gtx C) D {
			return widget.Avatar{Address: c.From, Name: c.Name, Size: avatarEdge}.Layout(gtx, s.th)
		})
		widget.Offset(gtx, image.Pt(left, y), a)
	}
	widget.Offset(gtx, image.Pt(x, y), call)
	return D{Size: image.Pt(gtx.Constraints.Max.X, y+d.Size.Y)}
}
