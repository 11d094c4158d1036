package page

import (
	"strings"
	"time"

	"gioui.org/io/key"
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// SearchPage is the page that searches everything that was written.
type SearchPage struct {
	input   widget.Input
	found   finder
	filters [5]widget.MenuButton
	rows    []widget.Click
	marked  int
	more    widget.Click
	retry   widget.Click
}

// SearchFor opens the page of the search with a text.
func (s *Shell) SearchFor(text string) {
	s.searchFor = text
	s.FocusText = true
	s.Go(PageSearch)
}

func (p *SearchPage) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if fresh && s.searchFor != "" {
		p.input.Replace(s.searchFor)
		s.searchFor = ""
	}
	if fresh {
		p.input.Focus(gtx)
	}
	p.update(gtx, s)
	out := []layout.Widget{
		widget.Field{State: &p.input, Hint: words.SearchHint.Text(), Icon: "search", Label: words.SearchPage.Text(), MaxBytes: 256}.W(th),
		space(theme.Space8), p.chips(gtx, s), space(theme.Space12),
	}
	f := &p.found
	switch {
	case f.query.Text == "":
		return append(out, pageEmpty(th, "search", words.SearchBegin.Text(), words.SearchBeginText.Text()))
	case f.busy && len(f.hits) == 0:
		return append(out, func(gtx C) D { return widget.Skeleton{Lines: 4}.Layout(gtx, th) })
	}
	if f.fault != "" {
		out = append(out, named(f.fault, label(th, th.Body(), th.Danger, f.fault)), space(theme.Space8),
			natural(widget.Button{State: &p.retry, Text: words.Retry.Text()}.W(th)), space(theme.Space12))
	}
	if len(f.hits) == 0 {
		if f.fault != "" {
			return out
		}
		return append(out, pageEmpty(th, "search", words.SearchNothing.Text(), words.SearchNothingText.Text()))
	}
	count := words.FoundCount(len(f.hits), f.cursor != "")
	out = append(out, named(count, label(th, th.Caption(), th.Secondary, count)), space(theme.Space4))
	for i := range f.hits {
		h := f.hits[i]
		out = append(out, func(gtx C) D {
			return pageRow(gtx, th, &p.rows[i], foundLabel(s, h), i == p.marked && p.input.Focused(gtx), false, func(gtx C) D { return foundLines(gtx, s, h) })
		})
	}
	if f.cursor != "" {
		out = append(out, space(theme.Space12), natural(widget.Button{State: &p.more, Text: words.SearchMore.Text(), Disabled: f.more}.W(th)))
	}
	return out
}

// pageEmpty is empty for a part of a page that scrolls.
func pageEmpty(th *theme.Theme, sign, title, text string) layout.Widget {
	return func(gtx C) D {
		gtx.Constraints.Min.X = gtx.Constraints.Max.X
		gtx.Constraints.Min.Y = 0
		return layout.Inset{Top: theme.Space24}.Layout(gtx, func(gtx C) D { return empty(gtx, th, sign, title, text) })
	}
}

func (p *SearchPage) update(gtx C, s *Shell) {
	p.input.Changed(gtx)
	f := &p.found
	if text := strings.TrimSpace(p.input.Text()); text != f.query.Text {
		f.want(gtx.Now, model.Query{Text: text})
		p.marked = 0
	}
	f.update(gtx, s)
	if len(p.rows) < len(f.hits) {
		p.rows = append(p.rows, make([]widget.Click, len(f.hits)-len(p.rows))...)
	}
	ed := &p.input.Editor
	for p.input.Focused(gtx) {
		ev, ok := nextKey(gtx, []key.Filter{{Focus: ed, Name: key.NameUpArrow}, {Focus: ed, Name: key.NameDownArrow}})
		if !ok {
			break
		}
		if n := len(f.hits); ev.State == key.Press && n > 0 {
			step := 1
			if ev.Name == key.NameUpArrow {
				step = n - 1
			}
			p.marked = (p.marked + step) % n
		}
	}
	if p.input.Submitted(gtx) && f.answered() && p.marked < len(f.hits) {
		s.Reveal(f.hits[p.marked])
	}
	for i := range f.hits {
		if p.rows[i].Clicked(gtx) {
			s.Reveal(f.hits[i])
			return
		}
	}
	if p.more.Clicked(gtx) {
		f.next(s)
	}
	if p.retry.Clicked(gtx) {
		f.again(gtx.Now)
	}
}

// chips are the filters; choosing in one writes it into the field.
func (p *SearchPage) chips(gtx C, s *Shell) layout.Widget {
	th := s.Theme
	titles := [...]string{words.FilterFrom.Text(), words.FilterIn.Text(), words.FilterAfter.Text(), words.FilterBefore.Text(), words.FilterHas.Text()}
	names := [...]string{"from", "in", "after", "before", "has"}
	menus := [...][]MenuItem{p.people(s), p.places(s), p.days(s, "after"), p.days(s, "before"), p.kinds()}
	for i := range menus {
		choose(gtx, &p.filters[i].Menu, menus[i])
	}
	return func(gtx C) D {
		return widget.Wrap(gtx, gtx.Dp(6), len(titles), func(gtx C, i int) D {
			value := filterValue(p.input.Text(), names[i])
			text := titles[i]
			if value != "" {
				text = words.Chosen(text, strings.Trim(value, `"`))
			}
			return p.filters[i].Layout(gtx, th, menuItems(menus[i]), func(gtx C, click *widget.Click) D {
				gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(260))
				return widget.Chip{State: click, Text: text, Selected: value != ""}.Layout(gtx, th)
			})
		})
	}
}

// maxFilter bounds the choices of a filter; others can be typed.
const maxFilter = 40

func (p *SearchPage) people(s *Shell) []MenuItem {
	out := p.without("from")
	if a := s.Snap.Account; a != nil {
		out = append(out, MenuItem{Text: words.GroupYou.Text(), Icon: "person", Do: p.put("from", a.Address)})
	}
	for i := range s.Snap.Contacts {
		k := &s.Snap.Contacts[i]
		if k.State == model.Friend && len(out) < maxFilter {
			out = append(out, MenuItem{Text: nameOf(s.Snap, k.Address), Do: p.put("from", k.Address)})
		}
	}
	return out
}

func (p *SearchPage) places(s *Shell) []MenuItem {
	out := p.without("in")
	for i := range s.Snap.Conversations {
		c := &s.Snap.Conversations[i]
		if len(out) == maxFilter {
			break
		}
		title := titleOf(s.Snap, c)
		value := title
		if c.Kind == model.Direct && c.Peer != "" {
			value = c.Peer
		}
		out = append(out, MenuItem{Text: title, Do: p.put("in", value)})
	}
	return out
}

func (p *SearchPage) days(s *Shell, name string) []MenuItem {
	today := s.local()
	item := func(text string, t time.Time) MenuItem {
		return MenuItem{Text: text, Do: p.put(name, t.Format(time.DateOnly))}
	}
	return append(p.without(name), item(words.FilterToday.Text(), today), item(words.FilterWeek.Text(), today.AddDate(0, 0, -7)),
		item(words.FilterMonth.Text(), today.AddDate(0, -1, 0)), item(words.FilterYear.Text(), today.AddDate(-1, 0, 0)))
}

func (p *SearchPage) kinds() []MenuItem {
	return append(p.without("has"), MenuItem{Text: words.HasPicture.Text(), Icon: "image", Do: p.put("has", "picture")},
		MenuItem{Text: words.HasLink.Text(), Icon: "link", Do: p.put("has", "link")})
}

// without takes the filter away, when there is one.
func (p *SearchPage) without(name string) []MenuItem {
	if filterValue(p.input.Text(), name) == "" {
		return nil
	}
	return []MenuItem{{Text: words.FilterOff.Text(), Icon: "clear", Do: p.put(name, "")}}
}

func (p *SearchPage) put(name, value string) func() {
	return func() { p.input.Replace(withFilter(p.input.Text(), name, value)) }
}

// filterAt is where a filter stands in a query, with its value; a value with
// blanks stands in quotes.
func filterAt(query, name string) (from, to int, value string) {
	want := name + ":"
	for from = 0; from+len(want) <= len(query); from++ {
		begin := from + len(want)
		if from > 0 && query[from-1] != ' ' || !strings.EqualFold(query[from:begin], want) {
			continue
		}
		if rest := query[begin:]; strings.HasPrefix(rest, `"`) {
			if end := strings.IndexByte(rest[1:], '"'); end >= 0 {
				return from, begin + end + 2, rest[:end+2]
			}
			return from, len(query), rest
		}
		end := strings.IndexByte(query[begin:], ' ')
		if end < 0 {
			end = len(query) - begin
		}
		return from, begin + end, query[begin : begin+end]
	}
	return -1, -1, ""
}

func filterValue(query, name string) string {
	_, _, value := filterAt(query, name)
	return value
}

// withFilter is a query with a filter set, or taken away with an empty value.
func withFilter(query, name, value string) string {
	if from, to, _ := filterAt(query, name); from >= 0 {
		query = query[:from] + query[to:]
	}
	out := strings.Join(strings.Fields(query), " ")
	if value == "" {
		return out
	}
	if strings.ContainsAny(value, " \t") {
		value = `"` + strings.ReplaceAll(value, `"`, "") + `"`
	}
	return strings.TrimSpace(out + " " + name + ":" + value)
}
