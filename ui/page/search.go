package page

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gioui.org/io/key"
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// jumpMessages is how many messages the jump list shows; the search page has all.
const jumpMessages = 20

// shortest is how many letters something must have to be looked for in messages.
const shortest = 2

// updateJump keeps the list of the search up with what is typed and what comes.
func (b *Sidebar) updateJump(gtx C, s *Shell) {
	typed := b.search.Changed(gtx) || b.query != b.search.Text()
	if typed {
		if b.query != b.search.Text() {
			b.chosen = 0
		}
		b.query = b.search.Text()
		text := strings.TrimSpace(b.query)
		if utf8.RuneCountInString(text) < shortest {
			text = ""
		}
		b.written.want(gtx.Now, model.Query{Text: text, Limit: jumpMessages})
	}
	b.written.update(gtx, s)
	if typed || b.written.fresh || b.query != "" && b.seen != s.Snap.Revision {
		b.written.fresh = false
		b.seen = s.Snap.Revision
		b.hits = nil
		if b.query != "" {
			found := jump(s.Snap, b.query, Pages())
			var add []hit // that nobody is found is the least likely of all
			if n := len(found); n > 0 && found[n-1].kind == hitAdd {
				found, add = found[:n-1], found[n-1:]
			}
			b.hits = slices.Concat(found, s.commandHits(b.query), messageHits(b.query, &b.written), add)
		}
		if len(b.clicks) < len(b.hits) {
			b.clicks = append(b.clicks, make([]widget.Click, len(b.hits)-len(b.clicks))...)
		}
		b.chosen = min(b.chosen, max(0, len(b.hits)-1))
	}
	b.jumpKeys(gtx, s)
}

// jumpKeys moves through the list and follows what is chosen.
func (b *Sidebar) jumpKeys(gtx C, s *Shell) {
	ed := &b.search.Editor
	for b.query != "" && b.search.Focused(gtx) {
		ev, ok := nextKey(gtx, []key.Filter{{Focus: ed, Name: key.NameUpArrow}, {Focus: ed, Name: key.NameDownArrow},
			{Focus: ed, Name: key.NamePageUp}, {Focus: ed, Name: key.NamePageDown}})
		if !ok {
			break
		}
		n := len(b.hits)
		if ev.State != key.Press || n == 0 {
			continue
		}
		switch ev.Name {
		case key.NameUpArrow:
			b.chosen = (b.chosen + n - 1) % n
		case key.NameDownArrow:
			b.chosen = (b.chosen + 1) % n
		case key.NamePageUp:
			b.chosen = max(0, b.chosen-8)
		case key.NamePageDown:
			b.chosen = min(n-1, b.chosen+8)
		}
		b.show(b.chosen)
	}
	if b.search.Submitted(gtx) && b.chosen < len(b.hits) {
		b.follow(gtx, s, b.hits[b.chosen])
	}
	for i := range b.clicks {
		if b.clicks[i].Clicked(gtx) && i < len(b.hits) {
			b.follow(gtx, s, b.hits[i])
			break
		}
	}
}

// show scrolls the list until a line is in sight.
func (b *Sidebar) show(i int) {
	p := &b.found.Position
	switch {
	case i <= p.First:
		b.found.ScrollTo(i)
	case p.Count > 0 && i >= p.First+p.Count-1:
		b.found.ScrollTo(max(0, i-p.Count+2))
	}
}

// messageHits are the lines of what was written.
func messageHits(query string, f *finder) []hit {
	var out []hit
	for _, h := range f.hits {
		if len(out) == jumpMessages {
			break
		}
		out = append(out, hit{kind: hitMessage, id: h.Key.Conversation, name: h.Name, address: h.From, found: h})
	}
	if f.query.Text != "" && (len(out) > 0 || f.fault != "") {
		out = append(out, hit{kind: hitAllFound, id: query, icon: "search"})
	}
	return out
}

// follow goes where a hit of the search leads.
func (b *Sidebar) follow(gtx C, s *Shell, h hit) {
	s.FocusText = true
	query := b.query
	b.ClearSearch()
	switch h.kind {
	case hitConversation, hitPerson:
		s.OpenConversation(h.id)
	case hitPage:
		s.Go(h.id)
	case hitAdd:
		s.AddAddress = h.id
		s.Go(PageAdd)
	case hitCommand:
		h.do()
	case hitMessage:
		s.Reveal(h.found)
	case hitAllFound:
		s.SearchFor(query)
	}
}

// results is what the search found.
func (b *Sidebar) results(gtx C, s *Shell) D {
	th := s.Theme
	if len(b.hits) == 0 && !b.written.busy {
		return empty(gtx, th, "search", words.NothingFound.Text(), words.Nobody(b.query))
	}
	gtx.Constraints.Min = gtx.Constraints.Max
	n := len(b.hits)
	tail := 0
	if b.written.busy || b.written.fault != "" && b.written.answered() {
		tail = 1
	}
	return b.found.Layout(gtx, th, n+tail, func(gtx C, i int) D {
		if i == n {
			return b.tail(gtx, s)
		}
		h := b.hits[i]
		row := func(gtx C) D {
			return listRow(gtx, th, &b.clicks[i], h.label(s), i == b.chosen, 48, func(gtx C) D { return h.layout(gtx, s) })
		}
		if i > 0 && b.hits[i-1].section() == h.section() || h.kind == hitAllFound {
			return row(gtx)
		}
		return vertical(gtx, sectionHead(th, h.section()), row)
	})
}

// tail is the last line: that the messages are still looked through, or why not.
func (b *Sidebar) tail(gtx C, s *Shell) D {
	th := s.Theme
	text, tone := words.SearchingMessages.Text(), th.Secondary
	if !b.written.busy {
		text, tone = b.written.fault, th.Warning
	}
	return layout.UniformInset(theme.Space12).Layout(gtx, named(text, label(th, th.Caption(), tone, text)))
}

// sectionHead is the name of a part of the list.
func sectionHead(th *theme.Theme, text string) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Left: theme.Space16, Right: theme.Space12, Top: theme.Space8, Bottom: theme.Space4}.Layout(gtx,
			oneLine(th, th.Caption().Medium(), th.Secondary, text))
	}
}

// section is the part of the list that a hit stands in.
func (h hit) section() string {
	switch {
	case h.kind == hitAdd:
		return words.AddContact.Text()
	case h.kind == hitMessage || h.kind == hitAllFound:
		return words.InMessages.Text()
	case h.kind == hitCommand || h.kind == hitPage:
		return words.InCommands.Text()
	case h.group:
		return words.InGroups.Text()
	}
	return words.InPeople.Text()
}

// label is what a screen reader says for the hit.
func (h hit) label(s *Shell) string {
	switch h.kind {
	case hitAdd:
		return words.AddThisAddress(h.id)
	case hitAllFound:
		return words.SearchEverywhereFor(strings.TrimSpace(h.id))
	case hitMessage:
		return foundLabel(s, h.found)
	}
	return h.name
}

func (h hit) layout(gtx C, s *Shell) D {
	th := s.Theme
	if h.kind == hitMessage {
		return foundLines(gtx, s, h.found)
	}
	lead := func(gtx C) D { return face(gtx, th, h.address, h.name, h.status, 32, th.Sidebar) }
	if h.group {
		lead = func(gtx C) D {
			return widget.Avatar{Address: h.address, Name: h.name, Icon: "group", Size: 32}.Layout(gtx, th)
		}
	}
	switch h.kind {
	case hitPage:
		lead = boxed(32, icon(pageIcon(h.id), theme.IconSize, th.Secondary))
	case hitAdd:
		lead = boxed(32, icon("person_add", theme.IconSize, th.Accent))
	case hitCommand, hitAllFound:
		lead = boxed(32, icon(h.icon, theme.IconSize, th.Secondary))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(lead), widget.Gap(theme.Space12),
		layout.Flexed(1, func(gtx C) D {
			if h.extra == "" {
				return oneLine(th, th.Body(), th.Text, h.label(s))(gtx)
			}
			return vertical(gtx, oneLine(th, th.Body().Medium(), th.Text, h.label(s)), oneLine(th, th.Caption(), th.Secondary, h.extra))
		}))
}

// foundWho is who wrote what was found, and where when that is another thing.
func foundWho(s *Shell, h model.Hit) (who, where string) {
	who = h.Name
	if isMe(s.Snap, h.From) {
		who = words.GroupYou.Text()
	} else if who == "" {
		who = nameOf(s.Snap, h.From)
	}
	c := conversationOf(s.Snap, h.Key.Conversation)
	switch {
	case c != nil && c.Kind == model.Direct && c.Peer == h.From:
	case c != nil:
		where = titleOf(s.Snap, c)
	case h.Title != "" && h.Title != who:
		where = h.Title
	}
	return who, where
}

func foundLabel(s *Shell, h model.Hit) string {
	who, where := foundWho(s, h)
	return words.FoundLine(who, where, longTime(h.Time, s.local()), flat(h.Text))
}

// foundLines is a message that was found: who, where and when, and two lines of it.
func foundLines(gtx C, s *Shell, h model.Hit) D {
	th := s.Theme
	who, where := foundWho(s, h)
	return layout.Flex{Alignment: layout.Start}.Layout(gtx,
		layout.Rigid(func(gtx C) D {
			return layout.Inset{Top: 2}.Layout(gtx, func(gtx C) D {
				return widget.Avatar{Address: h.From, Name: nameOf(s.Snap, h.From), Size: 28}.Layout(gtx, th)
			})
		}), widget.Gap(theme.Space12),
		layout.Flexed(1, func(gtx C) D {
			return vertical(gtx,
				func(gtx C) D {
					gtx.Constraints.Min.X = gtx.Constraints.Max.X
					return layout.Flex{Alignment: layout.Baseline}.Layout(gtx,
						layout.Flexed(1, oneLine(th, th.Caption().Medium(), th.Text, words.WhoWhere(who, where))), widget.Gap(theme.Space8),
						layout.Rigid(oneLine(th, th.Caption(), th.Secondary, rowTime(h.Time, s.local()))))
				},
				func(gtx C) D {
					if h.Picture && h.Text == "" {
						return oneLine(th, th.Body(), th.Secondary, words.FoundPicture.Text())(gtx)
					}
					return widget.Marked{Text: h.Text, Marks: h.Marks, Color: th.Secondary}.Layout(gtx, th)
				})
		}))
}
