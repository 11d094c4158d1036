package page

import (
	"image"

	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/unit"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Pages are the pages that can be gone to from the search and the menus.
func Pages() []Entry {
	return []Entry{
		{PageSettings, words.Settings.Text(), "settings"},
		{PageSearch, words.SearchPage.Text(), "search"},
		{PagePlugins, words.Plugins.Text(), "extension"},
		{PageDevices, words.Devices.Text(), "devices"},
		{PageNetwork, words.YourNetwork.Text(), "wifi"},
		{PageRecovery, words.Recovery.Text(), "key"},
		{PageInvite, words.Invite.Text(), "link"},
		{PageAdd, words.AddContact.Text(), "person_add"},
		{PageNewGroup, words.NewGroup.Text(), "group_add"},
		{PageKeys, words.Keys.Text(), "keyboard"},
		{PageAbout, words.About.Text(), "info"},
	}
}

func pageEntry(id string) Entry {
	for _, e := range Pages() {
		if e.ID == id {
			return e
		}
	}
	if id == PageAddPeople { // of one group, so it is not gone to by itself
		return Entry{ID: id, Title: words.AddPeople.Text(), Icon: "group_add"}
	}
	return Entry{ID: id, Title: id, Icon: "info"}
}

func pageIcon(id string) string { return pageEntry(id).Icon }

// Set is all the pages of a window, each with its state.
type Set struct {
	settings Settings
	plugins  Plugins
	devices  Devices
	invite   Invite
	add      AddContact
	keys     Keys
	about    About
	newGroup NewGroup
	people   AddPeople
	network  Network
	recovery Recovery
	finding  SearchPage

	back   widget.Click
	nav    map[string]*widget.Click
	scroll map[string]*widget.Scroll
	showed string
}

// Layout draws the page that is open.
func (p *Set) Layout(gtx C, s *Shell) D {
	if p.back.Clicked(gtx) {
		s.Back()
	}
	fresh := p.showed != s.Page
	p.showed = s.Page
	if s.FocusText {
		s.FocusText = false
		defer p.focus(gtx, s)
	}
	gtx.Constraints.Min = gtx.Constraints.Max
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return p.head(gtx, s) }),
		layout.Rigid(across(s.Theme)),
		layout.Flexed(1, func(gtx C) D {
			gtx.Constraints.Min = gtx.Constraints.Max
			if inSettings(s.Page) && gtx.Constraints.Max.X >= gtx.Dp(navigable) {
				return p.withNavigation(gtx, s, fresh)
			}
			return p.body(gtx, s, fresh, true)
		}))
}

// focus puts the keyboard where the open page begins.
func (p *Set) focus(gtx C, s *Shell) {
	switch {
	case s.Page == PageSettings:
		p.settings.search.Focus(gtx)
	case s.Page == PageSearch:
		p.finding.input.Focus(gtx)
	case s.Page == PageAdd:
		p.add.address.Focus(gtx)
	case s.Page == PageNewGroup:
		p.newGroup.name.Focus(gtx)
	case s.Page == PageAddPeople:
		p.people.people.search.Focus(gtx)
	case s.Page == PagePlugins && len(s.Snap.Plugins) > 0:
		p.plugins.row(s.Snap.Plugins[0].ID).click.Focus(gtx)
	default:
		p.back.Focus(gtx)
	}
}

// Hidden tells the pages that none of them shows.
func (p *Set) Hidden() { p.showed = "" }

func (p *Set) head(gtx C, s *Shell) D {
	th := s.Theme
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Header))
	gtx.Constraints.Max.Y = gtx.Constraints.Min.Y
	title := pageEntry(s.Page).Title
	return layout.Inset{Left: theme.Space8, Right: theme.Space16}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(widget.IconButton{State: &p.back, Icon: "back", Tip: words.GoBack.Text()}.W(th)), widget.Gap(theme.Space8),
			layout.Flexed(1, oneLine(th, th.Page(), th.Text, title)))
	})
}

// body scrolls the open page; every page is a list of parts in a column.
func (p *Set) body(gtx C, s *Shell, fresh, alone bool) D {
	parts := p.parts(gtx, s, fresh, alone)
	l := p.list(s.Page)
	return l.Layout(gtx, s.Theme, len(parts)+2, func(gtx C, i int) D {
		if i == 0 || i == len(parts)+1 {
			return space(theme.Space24)(gtx)
		}
		return column(gtx, theme.TextColumn, parts[i-1])
	})
}

func (p *Set) list(id string) *widget.Scroll {
	if p.scroll == nil {
		p.scroll = make(map[string]*widget.Scroll)
	}
	l := p.scroll[id]
	if l == nil {
		l = new(widget.Scroll)
		p.scroll[id] = l
	}
	return l
}

func (p *Set) parts(gtx C, s *Shell, fresh, alone bool) []layout.Widget {
	switch s.Page {
	case PageSettings:
		parts := p.settings.parts(gtx, s, fresh, alone)
		if alone && p.settings.search.Len() == 0 {
			parts = append(parts, space(theme.Space24), p.links(gtx, s))
		}
		return parts
	case PagePlugins:
		return p.plugins.parts(gtx, s)
	case PageDevices:
		return p.devices.parts(gtx, s, fresh)
	case PageInvite:
		return p.invite.parts(gtx, s, fresh)
	case PageAdd:
		return p.add.parts(gtx, s, fresh)
	case PageNetwork:
		return p.network.parts(gtx, s, fresh)
	case PageRecovery:
		return p.recovery.parts(gtx, s, fresh)
	case PageNewGroup:
		return p.newGroup.parts(gtx, s, fresh)
	case PageAddPeople:
		return p.people.parts(gtx, s, fresh)
	case PageSearch:
		return p.finding.parts(gtx, s, fresh)
	case PageKeys:
		return p.keys.parts(s)
	case PageAbout:
		return p.about.parts(gtx, s)
	}
	return nil
}

// The navigation of the settings, and the narrowest page that has it beside it.
const (
	navWidth  unit.Dp = 190
	navigable unit.Dp = 600
)

// inSettings tells whether a page belongs to the group with the navigation.
func inSettings(page string) bool {
	switch page {
	case PageSettings, PagePlugins, PageDevices, PageNetwork, PageKeys, PageAbout:
		return true
	}
	return false
}

// withNavigation puts the list of settings pages at the left.
func (p *Set) withNavigation(gtx C, s *Shell, fresh bool) D {
	width := gtx.Dp(navWidth)
	return layout.Flex{}.Layout(gtx,
		layout.Rigid(func(gtx C) D {
			gtx.Constraints.Max.X, gtx.Constraints.Min.X = width, width
			return p.navigation(gtx, s)
		}),
		layout.Rigid(func(gtx C) D { return rule(gtx, s.Theme, layout.Vertical) }),
		layout.Flexed(1, func(gtx C) D {
			gtx.Constraints.Min = gtx.Constraints.Max
			return p.body(gtx, s, fresh, false)
		}))
}

// navEntry is a line of the navigation: a page, or a section of the settings.
type navEntry struct{ page, section, title, icon string }

func (p *Set) navEntries(s *Shell) []navEntry {
	var out []navEntry
	for _, section := range settingPages(s.Snap) {
		out = append(out, navEntry{PageSettings, section, words.Known(section), settingIcon(section)})
	}
	return append(out, otherPages()...)
}

// otherPages are those beside the settings themselves.
func otherPages() []navEntry {
	var out []navEntry
	for _, id := range []string{PageNetwork, PageDevices, PagePlugins, PageKeys, PageAbout} {
		e := pageEntry(id)
		out = append(out, navEntry{id, "", e.Title, e.Icon})
	}
	return out
}

// links are the other pages as lines of the settings, where there is no room for
// the navigation beside them.
func (p *Set) links(gtx C, s *Shell) layout.Widget {
	var lines []layout.Widget
	for _, e := range otherPages() {
		click := p.click(e)
		if click.Clicked(gtx) {
			s.Go(e.page)
		}
		lines = append(lines, func(gtx C) D {
			d := click.Area(gtx, e.title, func(gtx C) D {
				pointer.CursorPointer.Add(gtx.Ops)
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(icon(e.icon, theme.IconSize, s.Theme.Secondary)), widget.Gap(theme.Space12),
					layout.Flexed(1, oneLine(s.Theme, s.Theme.Body(), s.Theme.Text, e.title)),
					layout.Rigid(icon("right", theme.IconSize, s.Theme.Secondary)))
			})
			if click.Ringed(gtx, s.Theme) {
				widget.Ring(gtx, s.Theme, d.Size, theme.RadiusControl)
			}
			return d
		})
	}
	return group(s.Theme, lines...)
}

// click is the state of a line of the navigation.
func (p *Set) click(e navEntry) *widget.Click {
	if p.nav == nil {
		p.nav = make(map[string]*widget.Click)
	}
	c := p.nav[e.page+e.section]
	if c == nil {
		c = new(widget.Click)
		p.nav[e.page+e.section] = c
	}
	return c
}

func (p *Set) navigation(gtx C, s *Shell) D {
	entries := p.navEntries(s)
	return layout.Inset{Top: theme.Space12}.Layout(gtx, func(gtx C) D {
		return p.list("navigation").Layout(gtx, s.Theme, len(entries), func(gtx C, i int) D {
			e := entries[i]
			click := p.click(e)
			if click.Clicked(gtx) {
				p.settings.section = e.section
				p.settings.search.SetText("")
				s.Page = e.page
				*p.list(e.page) = widget.Scroll{}
			}
			chosen := e.page == s.Page && (e.page != PageSettings || e.section == p.settings.current(s.Snap) && p.settings.search.Len() == 0)
			return navRow(gtx, s.Theme, click, e, chosen)
		})
	})
}

func navRow(gtx C, th *theme.Theme, click *widget.Click, e navEntry, chosen bool) D {
	ink := th.Secondary
	if chosen {
		ink = th.Accent
	}
	return listRow(gtx, th, click, e.title, chosen, 40, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon(e.icon, theme.IconSize, ink)), widget.Gap(theme.Space12),
			layout.Flexed(1, oneLine(th, th.Body(), th.Text, e.title)))
	})
}

// heading is a section's name.
func heading(th *theme.Theme, text string) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Top: theme.Space16, Bottom: theme.Space8}.Layout(gtx, label(th, th.Body().Bold(), th.Text, text))
	}
}

// note is a paragraph that explains.
func note(th *theme.Theme, text string) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Bottom: theme.Space16}.Layout(gtx, label(th, th.Body(), th.Secondary, text))
	}
}

// group is a card around lines that belong together, divided by rules.
func group(th *theme.Theme, lines ...layout.Widget) layout.Widget {
	return func(gtx C) D {
		return widget.Card{Padding: -1}.Layout(gtx, th, full(func(gtx C) D {
			var children []layout.Widget
			for i, l := range lines {
				if i > 0 {
					children = append(children, func(gtx C) D {
						return layout.Inset{Left: theme.Space16, Right: theme.Space16}.Layout(gtx, across(th))
					})
				}
				children = append(children, func(gtx C) D {
					return layout.Inset{Left: theme.Space16, Right: theme.Space16, Top: theme.Space12, Bottom: theme.Space12}.Layout(gtx, full(l))
				})
			}
			return vertical(gtx, children...)
		}))
	}
}

// pair is a name with its value at the right.
func pair(th *theme.Theme, name, value string) layout.Widget {
	return func(gtx C) D {
		return layout.Flex{Alignment: layout.Baseline}.Layout(gtx,
			layout.Rigid(func(gtx C) D {
				gtx.Constraints.Max.X = min(gtx.Dp(140), gtx.Constraints.Max.X*2/5)
				gtx.Constraints.Min.X = gtx.Constraints.Max.X
				return label(th, th.Body(), th.Secondary, name)(gtx)
			}),
			layout.Flexed(1, label(th, th.Body(), th.Text, value)))
	}
}
