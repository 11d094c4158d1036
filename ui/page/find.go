package page

import (
	"image"
	"strings"

	"gioui.org/io/key"
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// FindBar is the line that finds in the open conversation.
type FindBar struct {
	open           bool
	of             string // the conversation
	input          widget.Input
	found          finder
	at             int    // which hit shows
	shown          string // the item that was revealed last
	up, down, shut widget.Click
}

// Find asks for the line that finds in the open conversation.
func (s *Shell) Find() { s.finding = s.Open != "" }

// Close ends the finding; it reports whether there was one.
func (f *FindBar) Close(s *Shell) bool {
	if !f.open {
		return false
	}
	f.open, s.FocusText = false, true
	return true
}

// Step shows the next hit, or with -1 the one before: the list begins with the
// newest, and next goes back in time.
func (f *FindBar) Step(s *Shell, by int) {
	n := len(f.found.hits)
	if !f.open || n == 0 {
		return
	}
	if f.at == n-1 && by > 0 && f.found.cursor != "" {
		f.found.next(s)
	}
	f.at = (f.at + by + n) % n
	f.reveal(s)
}

func (f *FindBar) reveal(s *Shell) {
	h := f.found.hits[f.at]
	f.shown = h.Item
	s.revealing = reveal{h.Key, h.Item}
}

// update takes what was typed and what came; it is called before the line and the
// conversation are drawn.
func (f *FindBar) update(gtx C, s *Shell) {
	if s.finding {
		s.finding, s.FocusText = false, false
		f.open = true
		f.input.Focus(gtx)
		f.input.SetCaret(f.input.Len(), 0)
	}
	if f.open && f.of != s.Open {
		f.open, f.of = f.of == "" || f.of == s.Open || f.input.Focused(gtx), s.Open
		f.found.want(gtx.Now, model.Query{})
		f.shown = ""
	}
	if !f.open {
		return
	}
	f.input.Changed(gtx)
	text := strings.TrimSpace(f.input.Text())
	q := model.Query{Text: text, Conversation: s.Open, Limit: 200}
	if text == "" {
		q = model.Query{}
	}
	if q != f.found.query {
		f.at, f.shown = 0, ""
		f.found.want(gtx.Now, q)
	}
	f.found.update(gtx, s)
	if f.found.fresh {
		f.found.fresh = false
		if len(f.found.hits) > 0 && f.shown == "" {
			f.reveal(s)
		}
	}
	f.keys(gtx, s)
	if f.up.Clicked(gtx) {
		f.Step(s, 1)
	}
	if f.down.Clicked(gtx) {
		f.Step(s, -1)
	}
	if f.shut.Clicked(gtx) {
		f.Close(s)
	}
}

// keys steps without the pointer.
func (f *FindBar) keys(gtx C, s *Shell) {
	ed := &f.input.Editor
	for f.input.Submitted(gtx) {
		f.Step(s, 1)
	}
	for f.input.Focused(gtx) {
		ev, ok := nextKey(gtx, []key.Filter{{Focus: ed, Name: key.NameUpArrow}, {Focus: ed, Name: key.NameDownArrow},
			{Focus: ed, Name: key.NameReturn, Required: key.ModShift}})
		if !ok {
			break
		}
		if ev.State != key.Press {
			continue
		}
		if ev.Name == key.NameUpArrow {
			f.Step(s, 1)
		} else {
			f.Step(s, -1)
		}
	}
}

// Layout draws the line, nothing while nobody finds.
func (f *FindBar) Layout(gtx C, s *Shell) D {
	if !f.open {
		return D{}
	}
	th := s.Theme
	text, tone := "", th.Secondary
	n := len(f.found.hits)
	switch {
	case f.found.query.Text == "":
	case f.found.fault != "" && !f.found.busy:
		text, tone = f.found.fault, th.Danger
	case n > 0:
		text = words.FindAt(f.at+1, n, f.found.cursor != "")
	case f.found.answered():
		text = words.FindNone.Text()
	}
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	field := widget.Field{State: &f.input, Hint: words.FindHere.Text(), Icon: "search", Label: words.FindHere.Text(), MaxBytes: 256}.W(th)
	said := named(text, prose(th, widget.Text{Type: th.Caption(), Color: tone, Text: text, MaxLines: 2}))
	buttons := func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(widget.IconButton{State: &f.up, Icon: "up", Tip: words.FindNext.Text(), Disabled: n == 0}.W(th)),
			layout.Rigid(widget.IconButton{State: &f.down, Icon: "down", Tip: words.FindPrevious.Text(), Disabled: n == 0}.W(th)),
			layout.Rigid(widget.IconButton{State: &f.shut, Icon: "close", Tip: words.Close.Text()}.W(th)))
	}
	return vertical(gtx, func(gtx C) D {
		return ground(gtx, th.Sidebar, 0, func(gtx C) D {
			return layout.Inset{Left: theme.Space12, Right: theme.Space8, Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
				wide := gtx.Constraints.Max.X >= gtx.Dp(480)
				line := func(gtx C) D {
					parts := []layout.FlexChild{layout.Flexed(1, field), widget.Gap(theme.Space8)}
					if wide && text != "" {
						parts = append(parts, layout.Rigid(func(gtx C) D {
							gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(200))
							return said(gtx)
						}), widget.Gap(theme.Space8))
					}
					return layout.Flex{Alignment: layout.Middle}.Layout(gtx, append(parts, layout.Rigid(buttons))...)
				}
				if wide || text == "" {
					return line(gtx)
				}
				return vertical(gtx, line, space(theme.Space4), said)
			})
		})
	}, across(th))
}
