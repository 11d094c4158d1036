package page

import (
	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// follow goes where a hit of the search leads.
func (b *Sidebar) follow(gtx C, s *Shell, h hit) {
	switch h.kind {
	case hitConversation:
		s.OpenConversation(h.id)
	case hitPerson:
		s.OpenConversation(h.id)
	case hitPage:
		s.Go(h.id)
	case hitAdd:
		s.AddAddress = h.id
		s.Go(PageAdd)
	}
	b.ClearSearch()
	s.FocusText = true
}

// results is what the search found.
func (b *Sidebar) results(gtx C, s *Shell) D {
	th := s.Theme
	if len(b.hits) == 0 {
		return empty(gtx, th, "search", words.NothingFound.Text(), words.Nobody(b.query))
	}
	gtx.Constraints.Min = gtx.Constraints.Max
	return b.found.Layout(gtx, th, len(b.hits), func(gtx C, i int) D {
		h := b.hits[i]
		return listRow(gtx, th, &b.clicks[i], h.label(), i == b.chosen, 48, func(gtx C) D { return h.layout(gtx, s) })
	})
}

func (h hit) label() string {
	if h.kind == hitAdd {
		return words.AddThisAddress(h.id)
	}
	return h.name
}

func (h hit) layout(gtx C, s *Shell) D {
	th := s.Theme
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
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(lead), widget.Gap(theme.Space12),
		layout.Flexed(1, func(gtx C) D {
			if h.extra == "" {
				return oneLine(th, th.Body(), th.Text, h.label())(gtx)
			}
			return vertical(gtx, oneLine(th, th.Body().Medium(), th.Text, h.label()), oneLine(th, th.Caption(), th.Secondary, h.extra))
		}))
}
