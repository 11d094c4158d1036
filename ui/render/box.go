package render

import (
	"image"
	"slices"

	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

func imagePt(x, y int) image.Point { return image.Pt(x, y) }

// gap is a distance of the contract in pixels.
func gap(gtx C, g, preset contractv1.Box_Gap) int {
	if g == contractv1.Box_GAP_UNSPECIFIED {
		g = preset
	}
	switch g {
	case contractv1.Box_SMALL:
		return gtx.Dp(theme.Space4)
	case contractv1.Box_MEDIUM:
		return gtx.Dp(theme.Space8)
	case contractv1.Box_LARGE:
		return gtx.Dp(theme.Space16)
	}
	return 0
}

// clampMin keeps only the minimum that an element makes use of: what does not
// grow is as large as it needs.
func clampMin(gtx C, n *contractv1.Node) image.Point {
	switch n.GetBody().(type) {
	case *contractv1.Node_Column, *contractv1.Node_Row, *contractv1.Node_List, *contractv1.Node_Tabs,
		*contractv1.Node_DropTarget, *contractv1.Node_ContextMenu:
		return gtx.Constraints.Min
	}
	return image.Point{}
}

func avatarSize(n uint32) unit.Dp {
	if n == 0 {
		return 32
	}
	return unit.Dp(min(max(n, 16), 128))
}

// placed is a measured element.
type placed struct {
	call op.CallOp
	size image.Point
	base int
}

func (s *Session) measure(gtx C, sc scope, n *contractv1.Node, i int) placed {
	call, d := widget.Measure(gtx, func(gtx C) D { return s.child(gtx, sc, n, i) })
	return placed{call: call, size: d.Size, base: d.Baseline}
}

// beside measures what stands above or below a composer, in the composer's column.
func (s *Session) beside(gtx C, sc scope, n *contractv1.Node, i int) placed {
	call, d := widget.Measure(gtx, func(gtx C) D {
		left, width := composerColumn(gtx)
		g := gtx
		g.Constraints.Max.X = width
		d := s.measure(g, sc, n, i)
		widget.Offset(gtx, image.Pt(left, 0), d.call)
		return D{Size: image.Pt(left+d.size.X, d.size.Y), Baseline: d.base}
	})
	return placed{call: call, size: d.Size, base: d.Baseline}
}

func padded(gtx C, on bool, w layout.Widget) D {
	if !on {
		return w(gtx)
	}
	return layout.UniformInset(theme.Space16).Layout(gtx, w)
}

// column lays children out from top to bottom. The child that grows (named, else
// the first that takes all room) gets the height that the others leave.
func (s *Session) column(gtx C, sc scope, b *contractv1.Box) D {
	return padded(gtx, b.GetPadded(), func(gtx C) D { return s.columnIn(gtx, sc, b) })
}

func (s *Session) columnIn(gtx C, sc scope, b *contractv1.Box) D {
	kids := b.GetChildren()
	between := gap(gtx, b.GetGap(), contractv1.Box_MEDIUM)
	writes := slices.ContainsFunc(kids, isComposer)
	grow := growing(b, func(n *contractv1.Node) bool { return takesAll(n) })
	if gtx.Constraints.Min.Y == 0 {
		grow = -1
	}
	out := make([]placed, len(kids))
	used, width := between*max(len(kids)-1, 0), 0
	kid := func(i, low, high int) {
		g := gtx
		g.Constraints.Min = image.Pt(0, low)
		g.Constraints.Max.Y = max(high, 0)
		if writes && !takesAll(kids[i]) && !isComposer(kids[i]) {
			out[i] = s.beside(g, sc, kids[i], i)
		} else {
			out[i] = s.measure(g, sc, kids[i], i)
		}
		used += out[i].size.Y
		width = max(width, out[i].size.X)
	}
	for i := range kids {
		if i != grow {
			kid(i, 0, gtx.Constraints.Max.Y)
		}
	}
	if grow >= 0 {
		room := max(gtx.Constraints.Max.Y-used, 0)
		kid(grow, room, room)
	}
	width = max(width, gtx.Constraints.Min.X)
	if a := b.GetAlign(); a == contractv1.Box_STRETCH || a == contractv1.Box_CENTER || a == contractv1.Box_END {
		width = max(width, gtx.Constraints.Max.X)
	}
	y := 0
	for i, p := range out {
		if i > 0 {
			y += between
		}
		widget.Offset(gtx, image.Pt(aligned(b.GetAlign(), width, p.size.X), y), p.call)
		y += p.size.Y
	}
	return D{Size: image.Pt(width, max(y, gtx.Constraints.Min.Y))}
}

// growing is the index of the child that grows, -1 for none.
func growing(b *contractv1.Box, natural func(*contractv1.Node) bool) int {
	found := -1
	for i, c := range b.GetChildren() {
		if g := b.GetGrow(); g != "" && c.GetId() == g {
			return i
		}
		if sp := c.GetSpacer(); sp.GetGrow() && found < 0 {
			found = i
		}
		if found < 0 && natural(c) {
			found = i
		}
	}
	return found
}

func aligned(a contractv1.Box_Align, room, size int) int {
	switch a {
	case contractv1.Box_CENTER:
		return (room - size) / 2
	case contractv1.Box_END:
		return room - size
	}
	return 0
}

// row lays children out from left to right. When they do not fit, words give way
// first; a row of things that cannot give way goes on in a second line.
func (s *Session) row(gtx C, sc scope, b *contractv1.Box) D {
	return padded(gtx, b.GetPadded(), func(gtx C) D { return s.rowIn(gtx, sc, b) })
}

func (s *Session) rowIn(gtx C, sc scope, b *contractv1.Box) D {
	kids := b.GetChildren()
	between := gap(gtx, b.GetGap(), contractv1.Box_MEDIUM)
	grow := growing(b, func(n *contractv1.Node) bool {
		return n.GetList() != nil || n.GetField() != nil || n.GetSlider() != nil || n.GetProgress() != nil
	})
	out := make([]placed, len(kids))
	used := between * max(len(kids)-1, 0)
	g := gtx
	g.Constraints.Min = image.Point{}
	for i := range kids {
		if i != grow {
			out[i] = s.measure(g, sc, kids[i], i)
			used += out[i].size.X
		}
	}
	if grow < 0 && used > gtx.Constraints.Max.X {
		grow = widest(kids, out)
		if grow < 0 {
			return widget.Wrap(gtx, between, len(kids), func(gtx C, i int) D { return s.child(gtx, sc, kids[i], i) })
		}
		used -= out[grow].size.X
	}
	if grow >= 0 {
		g.Constraints.Max.X = max(gtx.Constraints.Max.X-used, gtx.Dp(40))
		if kids[grow].GetSpacer() != nil || kids[grow].GetId() == b.GetGrow() && b.GetGrow() != "" {
			g.Constraints.Min.X = g.Constraints.Max.X
		}
		out[grow] = s.measure(g, sc, kids[grow], grow)
		if g.Constraints.Min.X > 0 {
			out[grow].size.X = g.Constraints.Max.X
		}
	}
	return placeRow(gtx, b.GetAlign(), out, between)
}

// widest is the widest child that can give way: words, or a column of them.
func widest(kids []*contractv1.Node, out []placed) int {
	best, at := 0, -1
	for i, n := range kids {
		switch n.GetBody().(type) {
		case *contractv1.Node_Text, *contractv1.Node_RichText, *contractv1.Node_Column, *contractv1.Node_Card, *contractv1.Node_Code:
			if out[i].size.X > best {
				best, at = out[i].size.X, i
			}
		}
	}
	return at
}

func placeRow(gtx C, a contractv1.Box_Align, out []placed, between int) D {
	if a == contractv1.Box_ALIGN_UNSPECIFIED {
		a = contractv1.Box_CENTER
	}
	high := gtx.Constraints.Min.Y
	for _, p := range out {
		high = max(high, p.size.Y)
	}
	x := 0
	for i, p := range out {
		if i > 0 {
			x += between
		}
		widget.Offset(gtx, image.Pt(x, aligned(a, high, p.size.Y)), p.call)
		x += p.size.X
	}
	return D{Size: image.Pt(max(x, gtx.Constraints.Min.X), high)}
}

// grid lays children out in columns of equal width.
func (s *Session) grid(gtx C, sc scope, b *contractv1.Grid) D {
	cols := int(min(max(b.GetColumns(), 1), 32))
	between := gtx.Dp(theme.Space8)
	each := max((gtx.Constraints.Max.X-between*(cols-1))/cols, 1)
	g := gtx
	g.Constraints.Min = image.Point{}
	g.Constraints.Max.X = each
	y, high := 0, 0
	for i, n := range b.GetChildren() {
		if i > 0 && i%cols == 0 {
			y += high + between
			high = 0
		}
		p := s.measure(g, sc, n, i)
		widget.Offset(gtx, image.Pt((i%cols)*(each+between), y), p.call)
		high = max(high, p.size.Y)
	}
	return D{Size: image.Pt(gtx.Constraints.Max.X, y+high)}
}
