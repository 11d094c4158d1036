package widget

import (
	"image"
	"image/color"
	"strings"

	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	giowidget "gioui.org/widget"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// Input is the state of typed text, one line or several. What is typed belongs
// to it until SetText.
type Input struct {
	pasted bool // and nobody was told
	giowidget.Editor
	Reveal Click // shows a secret

	changed, submitted, revealed bool
	wasFocused, blurred          bool
	replaced                     bool // by Replace, and Gio has not said so yet
	set                          string
	formats                      bool // Ctrl+B, I and E do something

	past past
	menu editMenu

	told  string // help or error, for a screen reader
	wrong bool
	error string // the last one
}

// pump takes what happened since the last frame, up to a submit: what was typed
// after it belongs to what comes next, and the editor's layout takes it.
func (in *Input) pump(gtx C) {
	if in.wasFocused {
		in.remember()
	}
	in.takeKeys(gtx)
	in.chosen(gtx)
	in.pastKeys(gtx)
	for !in.submitted {
		ev, ok := in.Editor.Update(gtx)
		if !ok {
			break
		}
		switch ev.(type) {
		case giowidget.ChangeEvent:
			// Gio reports a text that was set as a change, too, and only later.
			if !in.replaced || in.Text() != in.set {
				in.changed = true
			}
			in.replaced, in.set = false, ""
		case giowidget.SubmitEvent:
			in.submitted = true
		}
	}
	focused := gtx.Focused(&in.Editor)
	if focused && !in.wasFocused {
		in.remember()
	}
	in.blurred = in.blurred || in.wasFocused && !focused
	in.wasFocused = focused
}

// Changed tells whether the person typed since it was last asked.
func (in *Input) Changed(gtx C) bool {
	in.pump(gtx)
	c := in.changed
	in.changed = false
	return c
}

// Submitted tells whether Enter was pressed in a line since it was last asked.
func (in *Input) Submitted(gtx C) bool {
	in.pump(gtx)
	c := in.submitted
	in.submitted = false
	return c
}

// Blurred tells whether the keyboard left it since it was last asked.
func (in *Input) Blurred(gtx C) bool {
	in.pump(gtx)
	c := in.blurred
	in.blurred = false
	return c
}

// Focused tells whether the keyboard is in it.
func (in *Input) Focused(gtx C) bool { return gtx.Focused(&in.Editor) }

// Focus moves the keyboard into it.
func (in *Input) Focus(gtx C) { gtx.Execute(key.FocusCmd{Tag: &in.Editor}) }

// Replace sets the text and puts the caret at its end.
func (in *Input) Replace(text string) {
	if in.Text() == text {
		return
	}
	in.SetText(text)
	in.SetCaret(in.Len(), in.Len())
	in.changed = false
	in.replaced, in.set = true, in.Text()
	in.past.forget(in.set)
}

// Field is one line (or, with Lines, several) in an outlined box: a caption
// above, help or what is wrong below.
type Field struct {
	State    *Input
	Caption  string
	Hint     string
	Help     string
	Error    string
	Icon     string // before the text
	Secret   bool
	Disabled bool
	Lines    int // 0 is a single line that submits on Enter
	MaxBytes int
	Label    string // for screen readers, when not Caption or Hint
}

// Layout draws the field as wide as it may be.
func (f Field) Layout(gtx C, th *theme.Theme) D {
	f.prepare(gtx)
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	var parts []layout.FlexChild
	if f.Caption != "" {
		parts = append(parts, layout.Rigid(Text{Type: th.Caption().Medium(), Color: th.Secondary, Text: f.Caption}.W(th)),
			layout.Rigid(layout.Spacer{Height: theme.Space4}.Layout))
	}
	parts = append(parts, layout.Rigid(func(gtx C) D { return f.box(gtx, th) }))
	if words, c := f.Help, th.Secondary; words != "" || f.Error != "" {
		if f.Error != "" {
			words, c = f.Error, th.Danger
		}
		parts = append(parts, layout.Rigid(layout.Spacer{Height: theme.Space4}.Layout),
			layout.Rigid(Text{Type: th.Caption(), Color: c, Text: words}.W(th)))
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
}

func (f Field) prepare(gtx C) {
	e := &f.State.Editor
	e.SingleLine, e.Submit = f.Lines == 0, f.Lines == 0
	e.MaxLen = f.MaxBytes
	e.ReadOnly = f.Disabled
	if f.State.Reveal.Clicked(gtx) {
		f.State.revealed = !f.State.revealed
	}
	e.Mask, e.InputHint = 0, key.HintText
	if f.Secret {
		e.InputHint = key.HintPassword
		if !f.State.revealed {
			e.Mask = '•'
		}
	}
	f.State.pump(gtx)
	if f.Lines == 0 && strings.ContainsAny(e.Text(), "\n\r") { // pasted
		e.SetText(strings.Join(strings.Fields(e.Text()), " "))
		e.SetCaret(e.Len(), e.Len())
		f.State.changed = true
	}
}

func (f Field) box(gtx C, th *theme.Theme) D {
	if f.Disabled {
		gtx = gtx.Disabled()
	}
	gtx.Constraints.Min.Y = gtx.Dp(theme.Control + 4)
	call, d := Measure(gtx, func(gtx C) D {
		return layout.Inset{Left: theme.Space12, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx, f.parts(gtx, th)...)
		})
	})
	line, width := th.Control, theme.FocusRing/2
	ground := th.Background
	switch {
	case f.Disabled:
		line, ground = th.Border, th.Sidebar
	case f.State.Focused(gtx):
		line, width = th.Accent, theme.FocusRing
	case f.Error != "":
		line = th.Danger
	}
	Fill(gtx, d.Size, theme.RadiusControl, ground)
	Outline(gtx, d.Size, theme.RadiusControl, width, line)
	call.Add(gtx.Ops)
	return d
}

func (f Field) parts(gtx C, th *theme.Theme) []layout.FlexChild {
	var out []layout.FlexChild
	if f.Icon != "" {
		out = append(out, layout.Rigid(func(gtx C) D {
			return theme.IconNamed(f.Icon).Layout(gtx, 18, th.Secondary)
		}), layout.Rigid(layout.Spacer{Width: theme.Space8}.Layout))
	}
	out = append(out, layout.Flexed(1, func(gtx C) D {
		gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
		if f.Lines > 0 {
			line := gtx.Sp(th.Body().Height)
			gtx.Constraints.Min.Y = line * f.Lines
			gtx.Constraints.Max.Y = line*f.Lines + gtx.Dp(theme.Space8)
		}
		return layout.Inset{Top: 7, Bottom: 7}.Layout(gtx, func(gtx C) D { return f.editor(gtx, th) })
	}))
	if f.Secret {
		icon, tip := "visibility", th.Say.Sprintf("Show")
		if f.State.revealed {
			icon, tip = "visibility_off", th.Say.Sprintf("Hide")
		}
		out = append(out, layout.Rigid(IconButton{State: &f.State.Reveal, Icon: icon, Tip: tip, Size: 28}.W(th)))
	}
	return out
}

func (f Field) editor(gtx C, th *theme.Theme) D {
	label := f.Label
	if label == "" {
		label = f.Caption
	}
	if label == "" {
		label = f.Hint
	}
	f.State.told = f.Help
	f.State.wrong = f.Error != ""
	if f.State.wrong {
		f.State.told = f.Error
	}
	if f.Error != f.State.error {
		f.State.error = f.Error
		access.Announce(gtx, f.Error)
	}
	return EditArea(gtx, th, f.State, label, f.Hint, f.Disabled)
}

// EditArea draws bare editable text with a hint while it is empty; Field and the
// composer put their boxes around it.
func EditArea(gtx C, th *theme.Theme, in *Input, label, hint string, disabled bool) D {
	edit := func(gtx C) D { return editArea(gtx, th, in, label, hint, disabled) }
	area := edit
	if access.On(gtx) {
		area = func(gtx C) D { return access.Wrap(gtx, in.note(label, disabled), edit) }
	}
	if disabled {
		return area(gtx)
	}
	in.menu.Back = &in.Editor
	return in.menu.Layout(gtx, th, in.choices(th), area, &in.Editor)
}

func editArea(gtx C, th *theme.Theme, in *Input, label, hint string, disabled bool) D {
	t := th.Body()
	c := th.Text
	if disabled {
		c = th.Disabled
	}
	in.LineHeight, in.LineHeightScale = t.Height, 1
	call, d := Measure(gtx, func(gtx C) D {
		return in.Editor.Layout(gtx, th.EditShaper(in.Text()), t.Font, t.Size, Material(gtx, c), Material(gtx, SelectionColor(th)))
	})
	if in.Len() == 0 && hint != "" {
		g := gtx.Disabled()
		gap := gtx.Dp(2) // the caret stands before the hint, not in its first letter
		g.Constraints.Max.X = max(0, gtx.Constraints.Max.X-gap)
		g.Constraints.Min = image.Pt(g.Constraints.Max.X, 0)
		t := op.Offset(image.Pt(gap, 0)).Push(gtx.Ops)
		hd := Text{Color: th.Disabled, Text: hint, MaxLines: 1}.Layout(g, th)
		t.Pop()
		d.Size.Y = max(d.Size.Y, hd.Size.Y)
	}
	defer clip.Rect{Max: d.Size}.Push(gtx.Ops).Pop()
	semantic.LabelOp(label).Add(gtx.Ops)
	if !disabled {
		pointer.CursorText.Add(gtx.Ops)
	}
	call.Add(gtx.Ops)
	return d
}

// SelectionColor is the ground of selected text.
func SelectionColor(th *theme.Theme) color.NRGBA { return theme.Mix(th.Background, th.Accent, 0.3) }

// W is the button as a layout.Widget.
func (b IconButton) W(th *theme.Theme) layout.Widget {
	return func(gtx C) D { return b.Layout(gtx, th) }
}

// W is the button as a layout.Widget.
func (b Button) W(th *theme.Theme) layout.Widget {
	return func(gtx C) D { return b.Layout(gtx, th) }
}

// W is the field as a layout.Widget.
func (f Field) W(th *theme.Theme) layout.Widget {
	return func(gtx C) D { return f.Layout(gtx, th) }
}

// line paints a horizontal hairline as wide as it may be.
func line(gtx C, c color.NRGBA) D {
	size := image.Pt(gtx.Constraints.Max.X, max(1, gtx.Dp(1)))
	paint.FillShape(gtx.Ops, c, clip.Rect{Max: size}.Op())
	return D{Size: size}
}
