package page

import (
	"image"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/access"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Sidebar is the left column: me, the search, the conversations, what runs out
// of sight and the connection.
type Sidebar struct {
	me       meRow
	search   widget.Input
	filters  [4]widget.Click
	filter   Filter
	list     widget.Scroll
	found    widget.Scroll
	rows     map[string]*rowState
	asks     map[string]*askState
	pills    map[model.SessionKey]*pillState
	older    widget.Click
	line     connectionLine
	settings widget.Click
	add      widget.Click
	invite   widget.Click
	echo     widget.Click
	group    widget.Click

	hits      []hit
	clicks    []widget.Click // of hits
	chosen    int
	showOlder bool
	query     string
	seen      uint64 // snapshot of the hits
	written   finder // looks through the messages

	listed struct { // what the rows below were made from
		snap   *model.Snapshot
		filter Filter
		open   string
		rows   []model.Conversation
	}
}

// NewSidebar makes the left column.
func NewSidebar() *Sidebar {
	return &Sidebar{
		rows: make(map[string]*rowState),
		asks: make(map[string]*askState), pills: make(map[model.SessionKey]*pillState),
	}
}

// FocusSearch puts the keyboard into the search.
func (b *Sidebar) FocusSearch(gtx C) {
	b.search.Focus(gtx)
	b.search.SetCaret(b.search.Len(), 0)
}

// FocusList puts the keyboard on the open conversation's row, or the first one.
func (b *Sidebar) FocusList(gtx C, s *Shell) {
	all := b.visible(s)
	if len(all) == 0 {
		b.search.Focus(gtx)
		return
	}
	id := all[0].ID
	for _, c := range all {
		if c.ID == s.Open {
			id = c.ID
		}
	}
	b.row(id).click.Focus(gtx)
}

// ClearSearch ends a search; it reports whether there was one.
func (b *Sidebar) ClearSearch() bool {
	if b.search.Len() == 0 {
		return false
	}
	b.search.SetText("")
	b.query = ""
	return true
}

// Step opens the conversation that is n further down the list.
func (b *Sidebar) Step(s *Shell, n int) {
	all := b.visible(s)
	if len(all) == 0 {
		return
	}
	at := -1
	for i, c := range all {
		if c.ID == s.Open {
			at = i
		}
	}
	if at < 0 && n < 0 {
		at = 0
	}
	at = (at + n + len(all)) % len(all)
	s.OpenConversation(all[at].ID)
	b.list.ScrollTo(max(0, at-2))
}

// visible are the rows of this frame, made anew only when something changed.
func (b *Sidebar) visible(s *Shell) []model.Conversation {
	l := &b.listed
	if l.snap != s.Snap || l.filter != b.filter || l.open != s.Open {
		l.snap, l.filter, l.open, l.rows = s.Snap, b.filter, s.Open, rows(s.Snap, b.filter, s.Open)
	}
	return l.rows
}

func (b *Sidebar) row(id string) *rowState {
	r := b.rows[id]
	if r == nil {
		r = new(rowState)
		b.rows[id] = r
	}
	return r
}

// Layout draws the column.
func (b *Sidebar) Layout(gtx C, s *Shell) D {
	b.update(gtx, s)
	th := s.Theme
	gtx.Constraints.Min = gtx.Constraints.Max
	return ground(gtx, th.Sidebar, 0, func(gtx C) D {
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return b.me.Layout(gtx, s) }),
			layout.Rigid(b.searchField(s)),
			layout.Rigid(b.chips(s)),
			layout.Flexed(1, func(gtx C) D {
				if b.query != "" {
					return b.results(gtx, s)
				}
				return b.conversations(gtx, s)
			}),
			layout.Rigid(b.running(s)),
			layout.Rigid(across(th)),
			layout.Rigid(func(gtx C) D { return b.bottom(gtx, s) }),
		)
	})
}

func (b *Sidebar) update(gtx C, s *Shell) {
	b.updateJump(gtx, s)
	for i := range b.filters {
		if b.filters[i].Clicked(gtx) {
			b.filter = Filter(i)
			b.list.Position = layout.Position{}
		}
	}
	if b.settings.Clicked(gtx) {
		s.Go(PageSettings)
	}
	if b.add.Clicked(gtx) {
		s.Go(PageAdd)
	}
	if b.invite.Clicked(gtx) {
		s.Go(PageInvite)
	}
	if b.echo.Clicked(gtx) {
		s.TalkToEcho()
	}
}

func (b *Sidebar) searchField(s *Shell) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Left: theme.Space12, Right: theme.Space12, Bottom: theme.Space8}.Layout(gtx,
			widget.Field{State: &b.search, Hint: words.SearchWithKey.Text(), Icon: "search", Label: words.SearchPeople.Text(), MaxBytes: 128}.W(s.Theme))
	}
}

func (b *Sidebar) chips(s *Shell) layout.Widget {
	return func(gtx C) D {
		if b.query != "" || len(s.Snap.Conversations) == 0 {
			return D{}
		}
		unread, archived := 0, false
		for i := range s.Snap.Conversations {
			c := &s.Snap.Conversations[i]
			archived = archived || c.Archived
			if s.news(c) > 0 && !c.Archived {
				unread++
			}
		}
		if b.filter == FilterArchived && !archived {
			b.filter = FilterAll
		}
		texts := []string{words.FilterAll.Text(), words.FilterUnread.Text(), words.FilterGroups.Text()}
		if archived {
			texts = append(texts, words.Archived.Text())
		}
		return layout.Inset{Left: theme.Space12, Right: theme.Space12, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return widget.Wrap(gtx, gtx.Dp(6), len(texts), func(gtx C, i int) D {
				n := 0
				if Filter(i) == FilterUnread {
					n = unread
				}
				return widget.Chip{State: &b.filters[i], Text: texts[i], Count: n, Selected: b.filter == Filter(i)}.Layout(gtx, s.Theme)
			})
		})
	}
}

// conversations is the list with the requests above it.
func (b *Sidebar) conversations(gtx C, s *Shell) D {
	asks, groups := requests(s.Snap), invitedGroups(s.Snap)
	if b.filter != FilterAll {
		asks, groups = nil, nil
	}
	all := b.visible(s)
	if len(all) == 0 && len(asks) == 0 && len(groups) == 0 {
		return b.nothing(gtx, s)
	}
	head := 0
	if n := len(asks) + len(groups); n > 0 {
		head = n + 1
	}
	b.forget(s)
	gtx.Constraints.Min = gtx.Constraints.Max
	draw := func(gtx C, i int) D {
		switch {
		case head > 0 && i == 0:
			return layout.Inset{Left: theme.Space16, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx,
				label(s.Theme, s.Theme.Caption().Medium(), s.Theme.Secondary, words.RequestCount(head-1)))
		case i <= len(asks) && head > 0:
			return b.ask(gtx, s, asks[i-1])
		case i < head:
			return b.invited(gtx, s, groups[i-1-len(asks)])
		}
		c := &all[i-head]
		return b.row(c.ID).Layout(gtx, s, c)
	}
	note := access.Note{Key: b, Role: access.List, Name: words.ConversationList.Text(), Count: len(all)}
	return access.Wrap(gtx, note, func(gtx C) D {
		d := b.list.Layout(gtx, s.Theme, head+len(all), draw)
		access.Set(gtx, func(n *access.Note) { n.First = max(0, b.list.Position.First-head) })
		return d
	})
}

// forget drops the state of rows that are gone, so that it stays bounded.
func (b *Sidebar) forget(s *Shell) {
	if len(b.rows) <= len(s.Snap.Conversations)+64 {
		return
	}
	for id := range b.rows {
		if conversationOf(s.Snap, id) == nil {
			delete(b.rows, id)
		}
	}
}

func (b *Sidebar) nothing(gtx C, s *Shell) D {
	th := s.Theme
	if b.filter == FilterUnread {
		return empty(gtx, th, "done_all", words.AllRead.Text(), words.AllReadText.Text())
	}
	if b.filter == FilterGroups {
		if b.group.Clicked(gtx) {
			s.Go(PageNewGroup)
		}
		return empty(gtx, th, "group", words.NoGroups.Text(), words.NoGroupsText.Text(),
			widget.Button{State: &b.group, Text: words.NewGroup.Text(), Role: widget.Primary}.W(th))
	}
	return empty(gtx, th, "chat", words.NobodyYet.Text(), words.NobodyYetText.Text(),
		widget.Button{State: &b.invite, Text: words.InviteSomebody.Text(), Role: widget.Primary}.W(th),
		widget.Button{State: &b.add, Text: words.AddContact.Text()}.W(th),
		widget.Button{State: &b.echo, Text: words.TalkToEcho.Text(), Role: widget.Quiet}.W(th))
}

func (b *Sidebar) bottom(gtx C, s *Shell) D {
	return layout.Inset{Left: theme.Space8, Right: theme.Space8, Top: 6, Bottom: 6}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(widget.IconButton{State: &b.settings, Icon: "settings", Tip: words.Settings.Text()}.W(s.Theme)),
			widget.Gap(theme.Space4),
			layout.Flexed(1, func(gtx C) D { return b.line.Layout(gtx, s) }))
	})
}

// boxed centres something in a square.
func boxed(edge int, w layout.Widget) layout.Widget {
	return func(gtx C) D {
		px := gtx.Metric.Dp(16) * edge / 16
		gtx.Constraints = layout.Exact(image.Pt(px, px))
		return layout.Center.Layout(gtx, w)
	}
}
