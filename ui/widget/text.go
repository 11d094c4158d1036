package widget

import (
	"image/color"

	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/paint"
	"gioui.org/text"
	giowidget "gioui.org/widget"

	"switchboard/ui/theme"
)

// Text draws words. The zero colour is the theme's text colour, zero MaxLines
// means as many as needed; a cut line ends in an ellipsis. Words longer than the
// line break inside.
type Text struct {
	Type     theme.Type
	Color    color.NRGBA
	Text     string
	MaxLines int
	Align    text.Alignment
}

// Layout draws the text.
func (t Text) Layout(gtx C, th *theme.Theme) D {
	if t.Color.A == 0 {
		t.Color = th.Text
	}
	style := t.Type
	if style.Size == 0 {
		style = th.Body()
	}
	words := Clean(t.Text)
	if th.Emoji(words) {
		words = theme.WithoutEmoji(words)
	}
	l := giowidget.Label{
		Alignment: t.Align, MaxLines: t.MaxLines, LineHeight: style.Height, LineHeightScale: 1,
	}
	return l.Layout(gtx, th.Shaper, style.Font, style.Size, words, Material(gtx, t.Color))
}

// W is the text as a layout.Widget.
func (t Text) W(th *theme.Theme) layout.Widget { return func(gtx C) D { return t.Layout(gtx, th) } }

// Material is a colour as the drawing call that text and carets want.
func Material(gtx C, c color.NRGBA) op.CallOp {
	m := op.Record(gtx.Ops)
	paint.ColorOp{Color: c}.Add(gtx.Ops)
	return m.Stop()
}
