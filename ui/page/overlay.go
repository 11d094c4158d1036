package page

import (
	"image"
	"strconv"
	"time"

	"gioui.org/io/key"
	"gioui.org/layout"
	"gioui.org/op"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Settle is how long a choice that matters stays dead after it appeared, so that
// a key meant for something else cannot make it.
const Settle = 500 * time.Millisecond

// Say shows a toast.
func (s *Shell) Say(text string) { s.toasts.Show(s.Now, text, "", nil) }

// SayUndo shows a toast with Undo.
func (s *Shell) SayUndo(text string, undo func()) {
	s.toasts.Show(s.Now, text, words.Undo.Text(), undo)
}

// sayWith shows a toast with something to do about it.
func (s *Shell) sayWith(text, action string, do func()) { s.toasts.Show(s.Now, text, action, do) }

// question is a dialog that asks before something that cannot be taken back, or
// one that only tells.
type question struct {
	title, text, action string
	danger              bool
	instead             string // words of the button that does not do it; empty is Cancel
	doInstead           func()
	do                  func()
	caption             string // of the field, when the question asks for a text
	input               *widget.Input
	most                int      // bytes of the text, when more than 128
	options             []option // to choose one of; the first is chosen
	chosen              int
	scroll              widget.Scroll
	shown               time.Time
	ok, cancel          widget.Click
	box                 widget.Dialog
}

// Ask shows a dialog; do runs when the person agrees.
func (s *Shell) Ask(title, text, action string, danger bool, do func()) {
	s.dialog = &question{title: title, text: text, action: action, danger: danger, do: do}
}

// AskText shows a dialog with one line to fill in.
func (s *Shell) AskText(title, caption, text, action string, do func(text string)) {
	in := new(widget.Input)
	in.Replace(text)
	s.dialog = &question{title: title, action: action, caption: caption, input: in, do: func() { do(in.Text()) }}
}

// option is a choice of a dialog.
type option struct {
	id, text, detail string
	click            widget.Click
}

// AskChoice shows a dialog with one of several to choose.
func (s *Shell) AskChoice(title, text, action string, danger bool, options []option, do func(id string)) {
	q := &question{title: title, text: text, action: action, danger: danger, options: options}
	q.do = func() { do(q.options[q.chosen].id) }
	s.dialog = q
}

// choices are the options of a dialog below its text.
func (q *question) choices(s *Shell) layout.Widget {
	th := s.Theme
	return func(gtx C) D {
		return vertical(gtx, label(th, th.Body(), th.Secondary, q.text), space(theme.Space12), func(gtx C) D {
			gtx.Constraints.Max.Y = min(gtx.Constraints.Max.Y, gtx.Dp(220))
			gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
			return q.scroll.Layout(gtx, th, len(q.options), func(gtx C, i int) D {
				o := &q.options[i]
				if o.click.Clicked(gtx) {
					q.chosen = i
					gtx.Execute(op.InvalidateCmd{})
				}
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Flexed(1, widget.Radio{State: &o.click, Text: o.text, Selected: q.chosen == i}.W(th)),
					layout.Rigid(oneLine(th, th.Caption(), th.Secondary, o.detail)))
			})
		})
	}
}

// Tell shows a dialog that only informs.
func (s *Shell) Tell(title, text string) { s.dialog = &question{title: title, text: text} }

func (s *Shell) layoutDialog(gtx C) {
	q := s.dialog
	if q == nil {
		return
	}
	if q.shown.IsZero() {
		q.shown = gtx.Now
		if q.input != nil {
			q.shown = gtx.Now.Add(-Settle) // nothing here can be done by mistake
			defer q.input.Focus(gtx)
		}
	}
	settled := gtx.Now.Sub(q.shown) >= Settle
	if !settled { // asked for in every frame: an earlier one forgets later ones
		gtx.Execute(op.InvalidateCmd{At: q.shown.Add(Settle)})
	}
	if q.ok.Clicked(gtx) && settled || q.input != nil && q.input.Submitted(gtx) {
		s.closeDialog(gtx)
		q.do()
		return
	}
	if q.cancel.Clicked(gtx) && (settled || q.doInstead == nil) {
		s.closeDialog(gtx)
		if q.doInstead != nil {
			q.doInstead()
		}
		return
	}
	th := s.Theme
	cancel, role := words.Cancel.Text(), widget.Primary
	if q.action == "" {
		cancel = words.Close.Text()
	}
	if q.danger {
		role = widget.Danger
	}
	other := widget.Normal
	if q.instead != "" { // then that is what is meant, and the action the exception
		cancel, role, other = q.instead, widget.Normal, widget.Primary
	}
	actions := []layout.Widget{widget.Button{State: &q.cancel, Text: cancel, Role: other}.W(th)}
	if q.action != "" {
		actions = append(actions, widget.Button{State: &q.ok, Text: q.action, Role: role, Disabled: !settled}.W(th))
	}
	content := label(th, th.Body(), th.Secondary, q.text)
	if q.input != nil {
		content = widget.Field{State: q.input, Caption: q.caption, MaxBytes: max(q.most, 128)}.W(th)
	}
	if len(q.options) > 0 {
		content = q.choices(s)
	}
	if q.box.Show(gtx, th, q.title, content, &q.cancel, actions...) {
		s.closeDialog(gtx)
	}
}

func (s *Shell) closeDialog(gtx C) {
	s.dialog = nil
	s.FocusText = true
	gtx.Execute(op.InvalidateCmd{})
}

// MenuItem is a choice of a menu and what it does.
type MenuItem struct {
	Text, Icon, Reason string
	Shortcut           string
	Danger, Separate   bool
	Checked            bool
	Do                 func()
}

// menuItems are the choices as the widget wants them; their ids are their places.
func menuItems(items []MenuItem) []widget.MenuItem {
	out := make([]widget.MenuItem, len(items))
	for i, m := range items {
		out[i] = widget.MenuItem{ID: strconv.Itoa(i), Text: m.Text, Icon: m.Icon, Disabled: m.Reason != "", Reason: m.Reason,
			Shortcut: m.Shortcut, Danger: m.Danger, SeparatorBefore: m.Separate && i > 0, Checked: m.Checked}
	}
	return out
}

// choose does what was chosen in a menu made by menuItems.
func choose(gtx C, m *widget.Menu, items []MenuItem) {
	id, ok := m.Chosen(gtx)
	if !ok {
		return
	}
	if i, err := strconv.Atoi(id); err == nil && i < len(items) && items[i].Do != nil {
		items[i].Do()
	}
}

// Covered tells whether a dialog is open, under which nothing else may react.
func (s *Shell) Covered() bool {
	return s.dialog != nil || s.art.files != nil || s.art.large != nil || s.forward != nil
}

// Overlay draws what lies over everything: toasts and the dialog.
func (s *Shell) Overlay(gtx C) {
	s.layoutLarge(gtx)
	s.layoutForward(gtx)
	s.layoutFiles(gtx)
	s.toasts.Layout(gtx, s.Theme)
	s.layoutDialog(gtx)
}

// Pressed takes a key with exactly these modifiers, whatever has the focus.
func Pressed(gtx C, name key.Name, required key.Modifiers) bool {
	hit := false
	for {
		ev, ok := gtx.Event(key.Filter{Name: name, Required: required})
		if !ok {
			return hit
		}
		if e, ok := ev.(key.Event); ok && e.State == key.Press {
			hit = true
		}
	}
}
