package page

import (
	"image"

	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// picker chooses several of my contacts: what is typed narrows the list, Enter
// takes the marked one, Backspace in an empty line gives the last one back.
type picker struct {
	search  widget.Input
	chosen  []string
	chips   map[string]*widget.Click
	rows    map[string]*widget.Click
	marked  int
	barred  func(address string) string // why somebody cannot be chosen
	present struct {                    // what the list was made from
		snap  *model.Snapshot
		query string
		list  []*model.Contact
	}
}

// reset begins anew.
func (p *picker) reset(barred func(address string) string) {
	p.search.SetText("")
	p.chosen, p.marked, p.barred, p.present.snap = nil, 0, barred, nil
	p.chips, p.rows = make(map[string]*widget.Click), make(map[string]*widget.Click)
}

// toggle takes a person or gives one back.
func (p *picker) toggle(address string) {
	if p.why(address) != "" {
		return
	}
	for i, a := range p.chosen {
		if a == address {
			p.chosen = append(p.chosen[:i:i], p.chosen[i+1:]...)
			return
		}
	}
	p.chosen = append(p.chosen, address)
}

func (p *picker) has(address string) bool {
	for _, a := range p.chosen {
		if a == address {
			return true
		}
	}
	return false
}

func (p *picker) why(address string) string {
	if p.barred == nil {
		return ""
	}
	return p.barred(address)
}

// list are the friends that what was typed lets through.
func (p *picker) list(s *Shell) []*model.Contact {
	query := fold(p.search.Text())
	if p.present.snap == s.Snap && p.present.query == query {
		return p.present.list
	}
	var out []*model.Contact
	for i := range s.Snap.Contacts {
		k := &s.Snap.Contacts[i]
		if k.State == model.Friend && !isEcho(s.Snap.Account, k.Address) && matches(query, nameOf(s.Snap, k.Address), k.Address) {
			out = append(out, k)
		}
	}
	p.present.snap, p.present.query, p.present.list = s.Snap, query, out
	p.marked = min(p.marked, max(0, len(out)-1))
	return out
}

// keys moves the mark and chooses without the pointer.
func (p *picker) keys(gtx C, s *Shell) {
	ed := &p.search.Editor
	for {
		filters := []key.Filter{{Focus: ed, Name: key.NameUpArrow}, {Focus: ed, Name: key.NameDownArrow}}
		if p.search.Len() == 0 && len(p.chosen) > 0 {
			filters = append(filters, key.Filter{Focus: ed, Name: key.NameDeleteBackward})
		}
		ev, ok := nextKey(gtx, filters)
		if !ok {
			break
		}
		all := p.list(s)
		switch n := len(all); {
		case ev.State != key.Press:
		case ev.Name == key.NameDeleteBackward:
			p.chosen = p.chosen[:len(p.chosen)-1]
		case n > 0 && ev.Name == key.NameUpArrow:
			p.marked = (p.marked + n - 1) % n
		case n > 0:
			p.marked = (p.marked + 1) % n
		}
	}
	if p.search.Changed(gtx) {
		p.marked = 0
	}
	for p.search.Submitted(gtx) {
		if all := p.list(s); p.marked < len(all) {
			p.toggle(all[p.marked].Address)
			p.search.SetText("")
			p.marked = 0
		}
	}
}

// nextKey is the next event of any of the filters.
func nextKey(gtx C, filters []key.Filter) (key.Event, bool) {
	for _, f := range filters {
		if ev, ok := gtx.Event(f); ok {
			if e, ok := ev.(key.Event); ok {
				return e, true
			}
		}
	}
	return key.Event{}, false
}

// parts are the field, who is chosen, and the list.
func (p *picker) parts(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	p.keys(gtx, s)
	out := []layout.Widget{
		widget.Field{State: &p.search, Hint: words.PickPeople.Text(), Icon: "search", Label: words.PickPeople.Text(), MaxBytes: 128}.W(th),
	}
	if len(p.chosen) > 0 {
		out = append(out, space(theme.Space8), func(gtx C) D { return p.layoutChips(gtx, s) })
	}
	out = append(out, space(theme.Space8))
	all := p.list(s)
	if len(all) == 0 {
		text := words.NobodyMatches.Text()
		if p.search.Len() == 0 {
			text = words.NoContacts.Text()
		}
		return append(out, func(gtx C) D {
			return layout.UniformInset(theme.Space8).Layout(gtx, label(th, th.Body(), th.Secondary, text))
		})
	}
	for i, k := range all {
		out = append(out, func(gtx C) D { return p.line(gtx, s, k, i == p.marked && p.search.Focused(gtx)) })
	}
	return out
}

func (p *picker) layoutChips(gtx C, s *Shell) D {
	var given string
	d := widget.Wrap(gtx, gtx.Dp(6), len(p.chosen), func(gtx C, i int) D {
		address := p.chosen[i]
		c := clickOf(p.chips, address)
		if c.Clicked(gtx) {
			given = address
		}
		return personChip(gtx, s, c, address)
	})
	if given != "" {
		p.toggle(given)
		p.search.Focus(gtx)
	}
	return d
}

// personChip is somebody who is chosen; pressing it gives them back.
func personChip(gtx C, s *Shell, click *widget.Click, address string) D {
	th := s.Theme
	name := nameOf(s.Snap, address)
	tone := th.Selected(th.Background)
	if click.Hovered() {
		tone = th.Hover(tone)
	}
	gtx.Constraints.Min = image.Point{}
	d := click.Area(gtx, words.TakeOut(name), func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		return ground(gtx, tone, 16, func(gtx C) D {
			return layout.Inset{Left: 3, Right: 8, Top: 3, Bottom: 3}.Layout(gtx, func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(func(gtx C) D { return face(gtx, th, address, name, "", 26, tone) }), widget.Gap(6),
					layout.Rigid(func(gtx C) D {
						gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(180))
						return oneLine(th, th.Body(), th.Text, name)(gtx)
					}), widget.Gap(6),
					layout.Rigid(icon("close", 16, th.Secondary)))
			})
		})
	})
	if click.Ringed(gtx, th) {
		widget.Ring(gtx, th, d.Size, 16)
	}
	return d
}

// line is somebody who can be chosen.
func (p *picker) line(gtx C, s *Shell, k *model.Contact, marked bool) D {
	th := s.Theme
	name, why, has := nameOf(s.Snap, k.Address), p.why(k.Address), p.has(k.Address)
	click := clickOf(p.rows, k.Address)
	if click.Clicked(gtx) {
		p.toggle(k.Address)
	}
	extra, ink, mark, tint := k.Address, th.Text, "check_box_off", th.Control
	switch {
	case why != "":
		extra, ink, mark, tint = why, th.Disabled, "check_box", th.Disabled
		gtx = gtx.Disabled()
	case has:
		mark, tint = "check_box", th.Accent
	}
	return pageRow(gtx, th, click, name, marked, has, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D {
				return face(gtx, th, k.Address, name, s.seenStatus(k), 32, th.Background)
			}), widget.Gap(theme.Space12),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, oneLine(th, th.Body().Medium(), ink, name), oneLine(th, th.Caption(), th.Secondary, extra))
			}),
			widget.Gap(theme.Space8), layout.Rigid(icon(mark, theme.IconSize, tint)))
	})
}

// pageRow is a pressable line of a page: tinted when the keys are on it.
func pageRow(gtx C, th *theme.Theme, click *widget.Click, name string, marked, chosen bool, w layout.Widget) D {
	tone := th.Background
	tone.A = 0
	if click.Hovered() || marked {
		tone = th.Hover(th.Background)
	}
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	d := click.Area(gtx, name, func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		semantic.SelectedOp(chosen).Add(gtx.Ops)
		gtx.Constraints.Min.Y = gtx.Dp(48)
		return ground(gtx, tone, 8, func(gtx C) D {
			return layout.W.Layout(gtx, func(gtx C) D {
				gtx.Constraints.Min.Y = 0
				return layout.Inset{Left: theme.Space8, Right: theme.Space8, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, full(w))
			})
		})
	})
	if click.Ringed(gtx, th) || marked && th.Options.HighContrast {
		innerRing(gtx, th, d.Size)
	}
	return d
}

// clickOf is the state of one of many things that are pressed.
func clickOf(all map[string]*widget.Click, id string) *widget.Click {
	c := all[id]
	if c == nil {
		c = new(widget.Click)
		all[id] = c
	}
	return c
}
