package widget

import (
	"image"
	"strconv"
	"time"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/text"

	"switchboard/ui/access"
	"switchboard/ui/theme"
	"switchboard/ui/words"
)

// Calendar is the state of a month in which a day is chosen. Arrows move by days
// and weeks, Page Up and Page Down by months, Enter chooses.
type Calendar struct {
	marked, last time.Time // days, at midnight; none after last can be chosen
	chosen       time.Time
	days         [31]Click
	before, next Click
}

// Begin marks a day; days after last cannot be chosen. Both are in the time zone
// that the person sees.
func (c *Calendar) Begin(day, last time.Time) {
	c.last = midnight(last)
	c.marked = c.last
	c.chosen = time.Time{}
	c.mark(midnight(day))
}

// Chosen takes the day that was chosen, once.
func (c *Calendar) Chosen(gtx C) (time.Time, bool) {
	c.update(gtx)
	d := c.chosen
	c.chosen = time.Time{}
	return d, !d.IsZero()
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func (c *Calendar) mark(day time.Time) {
	if day.After(c.last) {
		day = c.last
	}
	if day.Year() >= 1970 {
		c.marked = day
	}
}

// month goes some months on; a day that a month does not have is its last one.
func (c *Calendar) month(by int) {
	y, m, d := c.marked.Date()
	end := time.Date(y, m+time.Month(by)+1, 0, 0, 0, 0, 0, c.marked.Location())
	c.mark(end.AddDate(0, 0, min(d, end.Day())-end.Day()))
}

func (c *Calendar) update(gtx C) {
	for {
		ev, ok := gtx.Event(c.filters()...)
		if !ok {
			break
		}
		e, ok := ev.(key.Event)
		if !ok || e.State != key.Press {
			continue
		}
		gtx.Execute(op.InvalidateCmd{})
		switch e.Name {
		case key.NameLeftArrow:
			c.mark(c.marked.AddDate(0, 0, -1))
		case key.NameRightArrow:
			c.mark(c.marked.AddDate(0, 0, 1))
		case key.NameUpArrow:
			c.mark(c.marked.AddDate(0, 0, -7))
		case key.NameDownArrow:
			c.mark(c.marked.AddDate(0, 0, 7))
		case key.NamePageUp:
			c.month(-1)
		case key.NamePageDown:
			c.month(1)
		case key.NameHome:
			c.mark(c.marked.AddDate(0, 0, 1-c.marked.Day()))
		case key.NameEnd:
			c.mark(c.marked.AddDate(0, 1, -c.marked.Day()))
		default:
			c.chosen = c.marked
		}
	}
	if c.before.Clicked(gtx) {
		c.month(-1)
	}
	if c.next.Clicked(gtx) {
		c.month(1)
	}
	first := c.marked.AddDate(0, 0, 1-c.marked.Day())
	for i := range c.days {
		if day := first.AddDate(0, 0, i); c.days[i].Clicked(gtx) && !day.After(c.last) {
			c.chosen = day
		}
	}
}

func (c *Calendar) filters() []event.Filter {
	out := []event.Filter{key.FocusFilter{Target: c}}
	for _, n := range []key.Name{key.NameLeftArrow, key.NameRightArrow, key.NameUpArrow, key.NameDownArrow, key.NamePageUp,
		key.NamePageDown, key.NameHome, key.NameEnd, key.NameReturn, key.NameEnter, key.NameSpace} {
		out = append(out, key.Filter{Focus: c, Name: n})
	}
	return out
}

// weekdays are the names of the days, Monday first, as the catalogue has them.
var weekdays = [...]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

// Layout draws the month of the day that is marked.
func (c *Calendar) Layout(gtx C, th *theme.Theme) D {
	c.update(gtx)
	cell := gtx.Dp(34)
	gtx.Constraints = layout.Exact(image.Pt(7*cell, 0))
	gtx.Constraints.Max.Y = 1 << 14
	note := access.Note{Key: c, Role: access.Calendar, Name: c.title(th), Tag: c}
	call, d := access.Measured(gtx, note, func(gtx C) D {
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return c.head(gtx, th) }),
			layout.Rigid(func(gtx C) D {
				for i := range weekdays {
					n := weekdays[(i+int(words.FirstDay())+6)%7]
					c.word(gtx, th, image.Pt(i*cell, 0), image.Pt(cell, cell*3/4), th.Caption(), th.Say.Sprintf(n))
				}
				return D{Size: image.Pt(7*cell, cell*3/4)}
			}),
			layout.Rigid(func(gtx C) D { return c.month42(gtx, th, cell) }))
	})
	area := clip.Rect{Max: d.Size}.Push(gtx.Ops)
	event.Op(gtx.Ops, c)
	call.Add(gtx.Ops)
	area.Pop()
	return d
}

// title is the month that shows.
func (c *Calendar) title(th *theme.Theme) string {
	return th.Say.Sprintf(c.marked.Format("January")) + c.marked.Format(" 2006")
}

// told is what a day is to somebody who does not see its place: after the last one
// there is nothing yet.
func (c *Calendar) told(th *theme.Theme, day time.Time) string {
	name := th.Say.Sprintf("%s, %d %s %s", th.Say.Sprintf(day.Format("Monday")), day.Day(), th.Say.Sprintf(day.Format("January")), day.Format("2006"))
	switch {
	case day.Equal(c.last):
		return th.Say.Sprintf("%s, today", name)
	case day.After(c.last):
		return th.Say.Sprintf("%s, no messages", name)
	}
	return name
}

func (c *Calendar) head(gtx C, th *theme.Theme) D {
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(IconButton{State: &c.before, Icon: "left", Tip: th.Say.Sprintf("Month before")}.W(th)),
		layout.Flexed(1, Text{Type: th.Body().Medium(), Text: c.title(th), Align: text.Middle, MaxLines: 1}.W(th)),
		layout.Rigid(IconButton{State: &c.next, Icon: "right", Tip: th.Say.Sprintf("Next month"),
			Disabled: c.marked.Year() == c.last.Year() && c.marked.Month() == c.last.Month()}.W(th)))
}

// month42 is six weeks of days.
func (c *Calendar) month42(gtx C, th *theme.Theme, cell int) D {
	first := c.marked.AddDate(0, 0, 1-c.marked.Day())
	skip := (int(first.Weekday()) - int(words.FirstDay()) + 7) % 7
	days := first.AddDate(0, 1, -1).Day()
	for i := range days {
		day, at := first.AddDate(0, 0, i), skip+i
		p := image.Pt(at%7*cell, at/7*cell)
		size := image.Pt(cell, cell)
		c.day(gtx, th, i, day, p, size)
	}
	return D{Size: image.Pt(7*cell, 6*cell)}
}

func (c *Calendar) day(gtx C, th *theme.Theme, i int, day time.Time, p, size image.Point) {
	t := op.Offset(p).Push(gtx.Ops)
	defer t.Pop()
	can := !day.After(c.last)
	if !can {
		gtx = gtx.Disabled()
	}
	click := &c.days[i]
	click.Area(gtx, day.Format("2006-01-02"), func(gtx C) D {
		marked := day.Equal(c.marked)
		semantic.SelectedOp(marked).Add(gtx.Ops)
		access.Selected(gtx, marked)
		access.Set(gtx, func(n *access.Note) { n.Name, n.Stands = c.told(th, day), marked && gtx.Focused(c) })
		pointer.CursorPointer.Add(gtx.Ops)
		round := theme.RadiusControl
		switch {
		case marked:
			Fill(gtx, size, round, th.Accent)
		case click.Hovered():
			Fill(gtx, size, round, th.Hover(th.Raised))
		}
		col := th.Text
		switch {
		case marked:
			col = th.OnAccent
		case !can:
			col = th.Disabled
		}
		g := gtx
		g.Constraints = layout.Constraints{Max: size}
		call, d := Measure(g, Text{Type: th.Body(), Color: col, Text: strconv.Itoa(day.Day()), MaxLines: 1}.W(th))
		Offset(gtx, size.Sub(d.Size).Div(2), call)
		return D{Size: size}
	})
}

// word draws words in the middle of a box.
func (c *Calendar) word(gtx C, th *theme.Theme, p, size image.Point, typ theme.Type, s string) {
	g := gtx
	g.Constraints = layout.Constraints{Max: size}
	call, d := Measure(g, Text{Type: typ, Color: th.Secondary, Text: s, MaxLines: 1}.W(th))
	Offset(gtx, p.Add(size.Sub(d.Size).Div(2)), call)
}
