package widget

import (
	"image"
	"strings"
	"unicode/utf8"

	"gioui.org/f32"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// MenuItem is one choice. Disabled ones keep their place and say why.
type MenuItem struct {
	ID, Text, Icon  string
	Disabled        bool
	Danger          bool
	Checked         bool
	Reason          string // why disabled, as a second line
	Shortcut        string
	SeparatorBefore bool
}

// Menu is the state of a menu that opens over everything. Whoever owns it calls
// Layout after drawing what it belongs to, in the same coordinates:
//
//	if id, ok := m.Chosen(gtx); ok { ... }
//	if p.button.Clicked(gtx) { m.Open(image.Rectangle{Max: size}) }
//	m.Layout(gtx, th, items)
//
// Arrows, Home, End and letters move, Enter chooses, Esc and Tab close.
type Menu struct {
	// Back gets the keyboard when the menu closes; nil leaves it to nobody.
	Back event.Tag

	open, fresh bool
	anchor      image.Rectangle
	at          where
	scrim       scrim
	list        layout.List
	rows        []Click
	marked      int
	chosen      string
	done        bool
	last        []MenuItem
	pointer     f32.Point // where it was when it last marked
}

// Open shows the menu below (or above) an anchor in the owner's coordinates.
func (m *Menu) Open(anchor image.Rectangle) {
	m.open, m.fresh, m.anchor, m.marked = true, true, anchor, -1
}

// OpenByKey is Open with the first choice marked.
func (m *Menu) OpenByKey(anchor image.Rectangle) {
	m.Open(anchor)
	m.marked = -2
}

// Opened tells whether it shows.
func (m *Menu) Opened() bool { return m.open }

// Close hides it.
func (m *Menu) Close(gtx C) {
	if m.open {
		m.open = false
		gtx.Execute(key.FocusCmd{Tag: m.Back})
	}
}

// Chosen takes the choice that was made.
func (m *Menu) Chosen(gtx C) (string, bool) {
	m.update(gtx)
	if !m.done {
		return "", false
	}
	m.done = false
	return m.chosen, true
}

func (m *Menu) update(gtx C) {
	if !m.open {
		return
	}
	for i := range m.rows {
		if i < len(m.last) && m.rows[i].Clicked(gtx) && !m.last[i].Disabled {
			m.choose(gtx, i)
			return
		}
	}
	if m.scrim.pressed(gtx) {
		m.Close(gtx)
		return
	}
	for m.open {
		ev, ok := gtx.Event(key.FocusFilter{Target: m}, key.Filter{Focus: m, Name: key.NameTab, Optional: key.ModShift},
			key.Filter{Focus: m})
		if !ok {
			return
		}
		switch e := ev.(type) {
		case key.Event:
			if e.State == key.Press {
				m.key(gtx, e.Name)
			}
		case key.EditEvent:
			m.letter(e.Text)
		}
	}
}

func (m *Menu) key(gtx C, name key.Name) {
	switch name {
	case key.NameEscape, key.NameTab:
		m.Close(gtx)
	case key.NameDownArrow:
		m.move(m.marked, 1)
	case key.NameUpArrow:
		m.move(m.marked, -1)
	case key.NameHome:
		m.move(-1, 1)
	case key.NameEnd:
		m.move(len(m.last), -1)
	case key.NameReturn, key.NameEnter, key.NameSpace:
		if m.marked >= 0 && m.marked < len(m.last) && !m.last[m.marked].Disabled {
			m.choose(gtx, m.marked)
		}
	}
}

// move marks the next choice that can be made, round and round.
func (m *Menu) move(from, step int) {
	n := len(m.last)
	if from < 0 && step < 0 {
		from = 0
	}
	for range n {
		from = (from + step + n) % n
		if !m.last[from].Disabled {
			m.mark(from)
			return
		}
	}
}

func (m *Menu) letter(text string) {
	r, _ := utf8.DecodeRuneInString(strings.ToLower(text))
	for i := range m.last {
		j := (max(m.marked, -1) + 1 + i) % len(m.last)
		first, _ := utf8.DecodeRuneInString(strings.ToLower(m.last[j].Text))
		if first == r && !m.last[j].Disabled {
			m.mark(j)
			return
		}
	}
}

// mark marks a choice and brings it in sight.
func (m *Menu) mark(i int) {
	m.marked = i
	if p := m.list.Position; p.Count > 0 && (i <= p.First || i >= p.First+p.Count-1) {
		m.list.ScrollTo(max(0, min(i, i-p.Count/2)))
	}
}

func (m *Menu) choose(gtx C, i int) {
	m.chosen, m.done = m.last[i].ID, true
	m.Close(gtx)
}

// Layout draws the menu when it is open; it takes no room.
func (m *Menu) Layout(gtx C, th *theme.Theme, items []MenuItem) {
	if !m.open || len(items) == 0 {
		m.open = false
		return
	}
	m.last = items
	if len(m.rows) != len(items) {
		m.rows = make([]Click, len(items))
	}
	m.update(gtx)
	if m.marked == -2 {
		m.marked = -1
		m.move(-1, 1)
	}
	if m.fresh {
		m.pointer = th.Frame.Pointer
	}
	rec := op.Record(gtx.Ops)
	m.scrim.layout(gtx)
	m.draw(gtx, th)
	op.Defer(gtx.Ops, rec.Stop())
	if m.fresh {
		m.fresh = false
		gtx.Execute(key.FocusCmd{Tag: m})
	}
}

func (m *Menu) draw(gtx C, th *theme.Theme) {
	room := m.at.room(th)
	g := gtx
	g.Constraints = layout.Constraints{Max: image.Pt(gtx.Dp(320), max(gtx.Dp(120), min(room.Dy(), gtx.Dp(640))-gtx.Dp(16)))}
	width := gtx.Dp(160)
	probe := op.Record(gtx.Ops)
	for i := range m.last {
		pg := g.Disabled()
		width = max(width, m.row(pg, th, i, 0).Size.X)
	}
	probe.Stop()
	width = min(width, g.Constraints.Max.X)
	m.list.Axis = layout.Vertical
	menu := access.Note{Key: m, Role: access.Menu, Tag: m, Focused: m.marked < 0 && gtx.Focused(m)}
	call, d := access.Measured(g, menu, func(gtx C) D {
		return raised(gtx, th, 8, func(gtx C) D {
			return layout.Inset{Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
				return m.list.Layout(gtx, len(m.last), func(gtx C, i int) D { return m.row(gtx, th, i, width) })
			})
		})
	})
	at := place(m.anchor, d.Size, room, gtx.Dp(theme.Space4))
	t := op.Offset(at).Push(gtx.Ops)
	a := clip.Rect{Max: d.Size}.Push(gtx.Ops)
	event.Op(gtx.Ops, m)
	a.Pop()
	call.Add(gtx.Ops)
	t.Pop()
}

// note tells a screen reader of a choice: the keyboard is on the menu, but what
// it is about to choose is what one wants to hear.
func (m *Menu) note(n *access.Note, i int, focused bool) {
	it := m.last[i]
	n.Tag, n.Focused, n.Disabled = nil, focused && i == m.marked, it.Disabled
	n.Selected, n.Selectable, n.Description = it.Checked, it.Checked, it.Reason
	n.Take = func(C) { m.marked = i }
}

// row draws one choice; a width of zero measures it.
func (m *Menu) row(gtx C, th *theme.Theme, i, width int) D {
	it, c := m.last[i], &m.rows[i]
	if width == 0 {
		c = &Click{}
	}
	if width > 0 && c.Hovered() && !it.Disabled && th.Frame.Pointer != m.pointer {
		m.marked, m.pointer = i, th.Frame.Pointer // a resting pointer leaves the keyboard its choice
	}
	col, icon := th.Text, th.Secondary
	switch {
	case it.Disabled:
		col, icon = th.Disabled, th.Disabled
	case it.Danger:
		col, icon = th.Danger, th.Danger
	}
	gtx.Constraints.Min = image.Pt(width, 0)
	if width > 0 {
		gtx.Constraints.Max.X = width
	}
	inner := func(gtx C) D {
		semantic.EnabledOp(!it.Disabled).Add(gtx.Ops)
		semantic.SelectedOp(it.Checked).Add(gtx.Ops)
		access.Set(gtx, func(n *access.Note) { m.note(n, i, gtx.Focused(m)) })
		call, d := Measure(gtx, func(gtx C) D { return m.rowBody(gtx, th, it, col, icon, width) })
		if i == m.marked && width > 0 {
			s := op.Offset(image.Pt(gtx.Dp(4), 0)).Push(gtx.Ops)
			Fill(gtx, d.Size.Sub(image.Pt(2*gtx.Dp(4), 0)), theme.RadiusControl, th.Hover(th.Raised))
			s.Pop()
		}
		call.Add(gtx.Ops)
		return d
	}
	if !it.SeparatorBefore {
		return c.areaAs(gtx, access.MenuItem, semantic.Button, it.Text, inner)
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		layout.Rigid(func(gtx C) D {
			return layout.Inset{Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
				gtx.Constraints.Max.X = max(width, 1)
				return line(gtx, th.Border)
			})
		}),
		layout.Rigid(func(gtx C) D { return c.areaAs(gtx, access.MenuItem, semantic.Button, it.Text, inner) }))
}
