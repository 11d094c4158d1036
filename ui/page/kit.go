package page

import (
	"image"
	"image/color"

	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/text"
	"gioui.org/unit"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// C and D shorten the signatures of layout functions.
type (
	C = layout.Context
	D = layout.Dimensions
)

// label is one run of words in a style.
func label(th *theme.Theme, t theme.Type, c color.NRGBA, s string) layout.Widget {
	return prose(th, widget.Text{Type: t, Color: c, Text: s})
}

// prose is a text no taller than its lines, so that it can be centred.
func prose(th *theme.Theme, t widget.Text) layout.Widget {
	return func(gtx C) D {
		gtx.Constraints.Min.Y = 0
		return t.Layout(gtx, th)
	}
}

// oneLine is words that are cut at the end of their line.
func oneLine(th *theme.Theme, t theme.Type, c color.NRGBA, s string) layout.Widget {
	return prose(th, widget.Text{Type: t, Color: c, Text: s, MaxLines: 1})
}

// centred is words in the middle of their column.
func centred(th *theme.Theme, t theme.Type, c color.NRGBA, s string) layout.Widget {
	return func(gtx C) D {
		gtx.Constraints.Min.X = gtx.Constraints.Max.X
		return widget.Text{Type: t, Color: c, Text: s, Align: text.Middle}.Layout(gtx, th)
	}
}

// full makes w take all the width there is.
func full(w layout.Widget) layout.Widget {
	return func(gtx C) D {
		gtx.Constraints.Min.X = gtx.Constraints.Max.X
		return w(gtx)
	}
}

// ground paints a colour under everything that w covers, filling its minimum.
func ground(gtx C, c color.NRGBA, radius unit.Dp, w layout.Widget) D {
	call, d := widget.Measure(gtx, w)
	d.Size.X, d.Size.Y = max(d.Size.X, gtx.Constraints.Min.X), max(d.Size.Y, gtx.Constraints.Min.Y)
	widget.Fill(gtx, d.Size, radius, c)
	call.Add(gtx.Ops)
	return d
}

// natural gives w its own size at the left, where buttons would else stretch.
func natural(w layout.Widget) layout.Widget {
	return func(gtx C) D { return layout.W.Layout(gtx, w) }
}

// at draws w with its origin moved.
func at(gtx C, p image.Point, w layout.Widget) D {
	defer op.Offset(p).Push(gtx.Ops).Pop()
	return w(gtx)
}

// rule is a line that divides, across or down.
func rule(gtx C, th *theme.Theme, axis layout.Axis) D {
	px := max(1, gtx.Dp(1))
	size := image.Pt(gtx.Constraints.Max.X, px)
	if axis == layout.Vertical {
		size = image.Pt(px, gtx.Constraints.Max.Y)
	}
	paint.FillShape(gtx.Ops, th.Border, clip.Rect{Max: size}.Op())
	return D{Size: size}
}

// across is rule as a widget across the width.
func across(th *theme.Theme) layout.Widget {
	return func(gtx C) D { return rule(gtx, th, layout.Horizontal) }
}

// column limits the width of w and puts it in the middle.
func column(gtx C, width unit.Dp, w layout.Widget) D {
	room := gtx.Constraints.Max.X
	side := max(gtx.Dp(theme.Space16), (room-gtx.Dp(width))/2)
	if room < gtx.Dp(theme.Space16)*4 {
		side = 0
	}
	g := gtx
	g.Constraints.Max.X = room - 2*side
	g.Constraints.Min.X = g.Constraints.Max.X
	d := at(gtx, image.Pt(side, 0), func(C) D { return w(g) })
	d.Size.X = room
	return d
}

// vertical stacks widgets.
func vertical(gtx C, ws ...layout.Widget) D {
	children := make([]layout.FlexChild, len(ws))
	for i, w := range ws {
		children[i] = layout.Rigid(w)
	}
	gtx.Constraints.Min.Y = 0
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, children...)
}

// space is an empty step of height.
func space(h unit.Dp) layout.Widget { return layout.Spacer{Height: h}.Layout }

// icon draws an icon of the set.
func icon(name string, size unit.Dp, c color.NRGBA) layout.Widget {
	return func(gtx C) D { return theme.IconOf(name).Layout(gtx, size, c) }
}

// iconLine is an icon with a title and what there is to say below it.
func iconLine(th *theme.Theme, sign string, tone color.NRGBA, title, text string) layout.Widget {
	return func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon(sign, theme.IconSize, tone)), widget.Gap(theme.Space16),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, label(th, th.Caption(), th.Secondary, title), named(text, label(th, th.Body(), th.Text, text)))
			}))
	}
}

// named labels a part for screen readers and tests.
func named(name string, w layout.Widget) layout.Widget {
	return func(gtx C) D {
		call, d := widget.Measure(gtx, w)
		defer clip.Rect{Max: d.Size}.Push(gtx.Ops).Pop()
		semantic.LabelOp(name).Add(gtx.Ops)
		call.Add(gtx.Ops)
		return d
	}
}

// empty is a page or list with nothing in it: an icon, what it means, what to do.
func empty(gtx C, th *theme.Theme, iconName, title, words string, actions ...layout.Widget) D {
	return layout.Center.Layout(gtx, func(gtx C) D {
		gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(360))
		return layout.UniformInset(theme.Space24).Layout(gtx, func(gtx C) D {
			children := []layout.FlexChild{
				layout.Rigid(icon(iconName, 40, th.Disabled)),
				layout.Rigid(space(theme.Space12)),
				layout.Rigid(widget.Text{Type: th.Title(), Text: title, Align: text.Middle}.W(th)),
			}
			if words != "" {
				children = append(children, layout.Rigid(space(theme.Space4)),
					layout.Rigid(widget.Text{Color: th.Secondary, Text: words, Align: text.Middle}.W(th)))
			}
			for i, a := range actions {
				gap := theme.Space8
				if i == 0 {
					gap = theme.Space16
				}
				children = append(children, layout.Rigid(space(gap)), layout.Rigid(a))
			}
			return layout.Flex{Axis: layout.Vertical, Alignment: layout.Middle}.Layout(gtx, children...)
		})
	})
}
