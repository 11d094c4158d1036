package page

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Settings is the page made from the settings' schema. What is changed acts at
// once; there is nothing to save.
type Settings struct {
	section string
	search  widget.Input
	me      meCard
	states  map[string]*settingState
}

// settingState is one setting's control.
type settingState struct {
	toggle  widget.Click
	input   widget.Input
	menu    widget.MenuButton
	less    widget.Click
	moreBtn widget.Click
	started bool
	saved   string // what the input showed last as the setting's value
	failed  string
	busy    bool
}

// settingPages are the pages of the schema, in its order.
func settingPages(s *model.Snapshot) []string {
	var out []string
	for i := range s.Settings {
		if p := s.Settings[i].Page; p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// settingIcon is the icon of a page of settings.
func settingIcon(page string) string {
	switch page {
	case "Me":
		return "person"
	case "Appearance":
		return "palette"
	case "Alerts and sounds":
		return "notifications"
	case "Conversations":
		return "list"
	case "Messages":
		return "chat"
	case "Network":
		return "hub"
	case "Privacy":
		return "lock"
	}
	return "tune"
}

func (p *Settings) current(s *model.Snapshot) string {
	pages := settingPages(s)
	if !slices.Contains(pages, p.section) && len(pages) > 0 {
		return pages[0]
	}
	return p.section
}

func (p *Settings) parts(gtx C, s *Shell, fresh, alone bool) []layout.Widget {
	th := s.Theme
	if p.states == nil {
		p.states = make(map[string]*settingState)
	}
	if fresh {
		p.search.SetText("")
	}
	if p.search.Changed(gtx) {
		gtx.Execute(op.InvalidateCmd{}) // the navigation was drawn before
	}
	query := fold(strings.TrimSpace(p.search.Text()))
	out := []layout.Widget{
		widget.Field{State: &p.search, Hint: words.SearchSettings.Text(), Icon: "search", Label: words.SearchSettings.Text(), MaxBytes: 128}.W(th),
	}
	section := p.current(s.Snap)
	if card := p.me.part(gtx, s); card != nil && query == "" && (alone || section == "Me") {
		out = append(out, space(theme.Space16), card)
	}
	var lines []layout.Widget
	last := ""
	flush := func() {
		if len(lines) > 0 {
			out = append(out, group(th, lines...))
			lines = nil
		}
	}
	for i := range s.Snap.Settings {
		x := s.Snap.Settings[i]
		x.Title, x.Help = words.Known(x.Title), words.Known(x.Help)
		if query != "" && !matches(query, x.Title, x.Help, words.Known(x.Page), words.Known(x.Section)) || query == "" && !alone && x.Page != section {
			continue
		}
		head := words.Known(x.Section)
		if query != "" || alone || head == "" {
			head = words.Known(x.Page)
			if x.Section != "" {
				head = words.PageSection(words.Known(x.Page), words.Known(x.Section))
			}
		}
		if head != last {
			flush()
			out = append(out, heading(th, head))
			last = head
		}
		lines = append(lines, p.line(s, x))
	}
	flush()
	if last == "" {
		out = append(out, space(theme.Space24), centred(th, th.Body(), th.Secondary, words.NoSetting.Text()))
	}
	return out
}

// settingBeside is the room with which a control stands beside its words.
const settingBeside unit.Dp = 340

// line is one setting: title and help left, its control right.
func (p *Settings) line(s *Shell, x model.Setting) layout.Widget {
	st := p.states[x.Key]
	if st == nil {
		st = new(settingState)
		p.states[x.Key] = st
	}
	th := s.Theme
	return func(gtx C) D {
		if x.Kind == model.TextSetting || x.Kind == model.SecretSetting {
			return st.text(gtx, s, x)
		}
		return vertical(gtx,
			func(gtx C) D {
				if x.Kind != model.BoolSetting && gtx.Constraints.Max.X < gtx.Dp(settingBeside) {
					return vertical(gtx, func(gtx C) D { return settingWords(gtx, th, x) }, space(theme.Space8),
						natural(func(gtx C) D { return st.control(gtx, s, x) }))
				}
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Flexed(1, func(gtx C) D { return settingWords(gtx, th, x) }),
					widget.Gap(theme.Space16),
					layout.Rigid(func(gtx C) D { return st.control(gtx, s, x) }))
			},
			st.problem(th))
	}
}

func settingWords(gtx C, th *theme.Theme, x model.Setting) D {
	parts := []layout.Widget{label(th, th.Body(), th.Text, x.Title)}
	if x.Help != "" {
		parts = append(parts, label(th, th.Caption(), th.Secondary, x.Help))
	}
	if x.Locked != "" {
		parts = append(parts, lock(th, x.Locked))
	}
	return vertical(gtx, parts...)
}

// lock is the administrator's sentence.
func lock(th *theme.Theme, sentence string) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Top: theme.Space4}.Layout(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(icon("lock", 14, th.Warning)), widget.Gap(theme.Space4),
				layout.Flexed(1, label(th, th.Caption(), th.Warning, sentence)))
		})
	}
}

func (st *settingState) problem(th *theme.Theme) layout.Widget {
	return func(gtx C) D {
		if st.failed == "" {
			return D{}
		}
		return layout.Inset{Top: theme.Space4}.Layout(gtx, label(th, th.Caption(), th.Danger, st.failed))
	}
}

// set changes the setting; what is wrong with it shows below.
func (st *settingState) set(s *Shell, key, value string) {
	st.busy = true
	s.Call(func(ctx context.Context) error { return s.Backend.SetSetting(ctx, key, value) }, func(err error) {
		st.busy, st.failed = false, Sentence(err)
	})
}

func (st *settingState) control(gtx C, s *Shell, x model.Setting) D {
	switch x.Kind {
	case model.BoolSetting:
		on := x.Value == "true"
		if st.toggle.Clicked(gtx) && x.Locked == "" {
			st.set(s, x.Key, strconv.FormatBool(!on))
		}
		return widget.Toggle{State: &st.toggle, On: on, Label: x.Title, Disabled: x.Locked != "", Reason: x.Locked}.Layout(gtx, s.Theme)
	case model.ChoiceSetting:
		return st.choice(gtx, s, x)
	case model.IntSetting:
		return st.number(gtx, s, x)
	}
	return D{}
}

func (st *settingState) choice(gtx C, s *Shell, x model.Setting) D {
	items := make([]MenuItem, len(x.Choices))
	shown := x.Value
	for i, c := range x.Choices {
		if c.ID == x.Value {
			shown = words.Known(c.Text)
		}
		items[i] = MenuItem{Text: words.Known(c.Text), Checked: c.ID == x.Value, Do: func() { st.set(s, x.Key, c.ID) }}
	}
	choose(gtx, &st.menu.Menu, items)
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, max(gtx.Dp(176), min(gtx.Constraints.Max.X*2/5, gtx.Dp(240))))
	return st.menu.Layout(gtx, s.Theme, menuItems(items), func(gtx C, click *widget.Click) D {
		return widget.Select{State: click, Text: shown, Label: words.Chosen(x.Title, shown), Disabled: x.Locked != ""}.Layout(gtx, s.Theme)
	})
}

// number is a field between less and more.
func (st *settingState) number(gtx C, s *Shell, x model.Setting) D {
	th := s.Theme
	value, err := strconv.Atoi(x.Value)
	if err != nil {
		value = x.Min
	}
	step := max(1, (x.Max-x.Min)/20)
	to := func(n int) {
		if x.Max > x.Min {
			n = min(max(n, x.Min), x.Max)
		}
		if n != value {
			st.set(s, x.Key, strconv.Itoa(n))
		}
	}
	locked := x.Locked != ""
	if st.less.Clicked(gtx) && !locked {
		to(value - step)
	}
	if st.moreBtn.Clicked(gtx) && !locked {
		to(value + step)
	}
	st.follow(gtx, x.Value)
	if st.input.Submitted(gtx) || st.input.Blurred(gtx) && st.input.Text() != st.saved {
		st.commit(s, x)
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(widget.IconButton{State: &st.less, Icon: "remove", Tip: words.Less(x.Title), Disabled: locked || value <= x.Min && x.Max > x.Min}.W(th)),
		layout.Rigid(func(gtx C) D {
			gtx.Constraints.Max.X = gtx.Dp(72)
			return widget.Field{State: &st.input, Label: x.Title, Disabled: locked, MaxBytes: 12}.Layout(gtx, th)
		}),
		layout.Rigid(widget.IconButton{State: &st.moreBtn, Icon: "add", Tip: words.Greater(x.Title), Disabled: locked || value >= x.Max && x.Max > x.Min}.W(th)))
}

// commit checks a typed number and sets it.
func (st *settingState) commit(s *Shell, x model.Setting) {
	n, err := strconv.Atoi(strings.TrimSpace(st.input.Text()))
	switch {
	case err != nil:
		st.failed = words.NotANumber.Text()
	case x.Max > x.Min && (n < x.Min || n > x.Max):
		st.failed = words.Between(x.Min, x.Max)
	default:
		st.set(s, x.Key, strconv.Itoa(n))
	}
}

// follow shows the setting's value unless the person is typing.
func (st *settingState) follow(gtx C, value string) {
	if !st.started || value != st.saved && !st.input.Focused(gtx) && !st.busy {
		st.input.Replace(value)
		st.started, st.saved = true, value
	}
}

func (st *settingState) text(gtx C, s *Shell, x model.Setting) D {
	th := s.Theme
	st.follow(gtx, x.Value)
	typed := st.input.Text()
	if submitted, left := st.input.Submitted(gtx), st.input.Blurred(gtx); (submitted || left) && typed != st.saved {
		st.saved = typed
		st.set(s, x.Key, typed)
	}
	f := widget.Field{State: &st.input, Caption: x.Title, Help: x.Help, Error: st.failed, Secret: x.Kind == model.SecretSetting,
		Disabled: x.Locked != "", MaxBytes: 4096}
	if x.Locked == "" {
		return f.Layout(gtx, th)
	}
	return vertical(gtx, f.W(th), lock(th, x.Locked))
}
