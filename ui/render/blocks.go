package render

import (
	"image"
	"slices"
	"strconv"
	"strings"

	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/unit"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// Measures of blocks.
const (
	hang      = unit.Dp(22) // of a list's lines behind their sign
	maxIndent = 3
	maxBlocks = 400 // what comes after is one block
)

// block is lines of a message that are set alike, and what it keeps between frames.
type block struct {
	kind   contractv1.Span_Block
	number uint32
	indent int
	spans  []widget.Span
	rich   widget.Rich
	drag   layout.List
	copy   widget.Click
}

// hasBlocks tells whether a text is more than flowing lines.
func hasBlocks(body []*contractv1.Span) bool {
	for _, p := range body {
		if p.GetBlock() != contractv1.Span_BLOCK_UNSPECIFIED {
			return true
		}
	}
	return false
}

// blocksOf divides a text into its blocks: lines of a list each for themselves,
// other lines of one kind together.
func blocksOf(body []*contractv1.Span) []*block {
	var out []*block
	begins := true // of a line
	for _, p := range body {
		lines := strings.Split(p.GetText(), "\n")
		for i, piece := range lines {
			begins = begins || i > 0
			if piece == "" && i == len(lines)-1 {
				break // what begins here belongs to the next span
			}
			if begins {
				out = nextBlock(out, p)
			}
			if begins = false; piece != "" {
				b := out[len(out)-1]
				s := spans([]*contractv1.Span{p})[0]
				s.Text = piece
				if b.kind == contractv1.Span_PREFORMATTED {
					s = widget.Span{Text: piece}
				}
				b.spans = append(b.spans, s)
			}
		}
	}
	return slices.DeleteFunc(out, func(b *block) bool { // an empty line between blocks is their distance
		return b.kind == contractv1.Span_BLOCK_UNSPECIFIED && strings.TrimSpace(plainOf(b.spans)) == ""
	})
}

// nextBlock begins a line: in the block before if that is of the same kind.
func nextBlock(out []*block, p *contractv1.Span) []*block {
	kind := p.GetBlock()
	list := kind == contractv1.Span_BULLET || kind == contractv1.Span_NUMBER
	if n := len(out); n > 0 && (!list && out[n-1].kind == kind || n >= maxBlocks) {
		out[n-1].spans = append(out[n-1].spans, widget.Span{Text: "\n"})
		return out
	}
	return append(out, &block{kind: kind, number: p.GetNumber(), indent: int(min(p.GetIndent(), maxIndent))})
}

// blocks draws a text of blocks, one below the other.
func (s *Session) blocks(gtx C, sc scope, node string, st *state, body []*contractv1.Span) D {
	if st.blocksOf != body[0] || st.blocksLen != len(body) {
		st.blocksOf, st.blocksLen, st.blocks = body[0], len(body), blocksOf(body)
	}
	y, width := 0, 0
	for i, b := range st.blocks {
		if i > 0 {
			y += gtx.Dp(between(st.blocks[i-1].kind, b.kind))
		}
		call, d := widget.Measure(gtx, func(gtx C) D {
			gtx.Constraints.Min = image.Point{}
			return s.block(gtx, sc, node, b)
		})
		widget.Offset(gtx, image.Pt(0, y), call)
		y += d.Size.Y
		width = max(width, d.Size.X)
	}
	return D{Size: image.Pt(width, y)}
}

func between(a, b contractv1.Span_Block) unit.Dp {
	if a == b && a != contractv1.Span_PREFORMATTED {
		return 0
	}
	return theme.Space4
}

func (s *Session) block(gtx C, sc scope, node string, b *block) D {
	switch b.kind {
	case contractv1.Span_BULLET, contractv1.Span_NUMBER:
		return s.listLine(gtx, sc, node, b)
	case contractv1.Span_QUOTED:
		left := gtx.Dp(theme.Space12)
		g := gtx
		g.Constraints.Max.X = max(gtx.Constraints.Max.X-left, gtx.Dp(40))
		call, d := widget.Measure(g, func(gtx C) D { return s.richIn(gtx, sc, node, &b.rich, b.spans, s.th.Text) })
		paint.FillShape(gtx.Ops, s.th.Accent, clip.UniformRRect(image.Rect(0, 0, gtx.Dp(3), d.Size.Y), gtx.Dp(1)).Op(gtx.Ops))
		widget.Offset(gtx, image.Pt(left, 0), call)
		return D{Size: image.Pt(left+d.Size.X, d.Size.Y)}
	case contractv1.Span_PREFORMATTED:
		return s.preformatted(gtx, sc, b)
	}
	return s.richIn(gtx, sc, node, &b.rich, b.spans, s.th.Text)
}

// listLine is a sign and the text that hangs behind it.
func (s *Session) listLine(gtx C, sc scope, node string, b *block) D {
	sign := "•"
	switch {
	case b.kind == contractv1.Span_NUMBER:
		sign = strconv.FormatUint(uint64(b.number), 10) + "."
	case b.indent > 0:
		sign = "◦"
	}
	mark, md := widget.Measure(gtx, widget.Text{Text: sign, Color: s.th.Secondary, MaxLines: 1}.W(s.th))
	left := b.indent * gtx.Dp(theme.Space16)
	text := left + max(gtx.Dp(hang), md.Size.X+gtx.Dp(6))
	g := gtx
	g.Constraints.Max.X = max(gtx.Constraints.Max.X-text, gtx.Dp(40))
	call, d := widget.Measure(g, func(gtx C) D { return s.richIn(gtx, sc, node, &b.rich, b.spans, s.th.Text) })
	widget.Offset(gtx, image.Pt(text-gtx.Dp(6)-md.Size.X, 0), mark)
	widget.Offset(gtx, image.Pt(text, 0), call)
	return D{Size: image.Pt(text+d.Size.X, max(d.Size.Y, md.Size.Y))}
}

// preformatted keeps its spaces, scrolls sideways and can be copied.
func (s *Session) preformatted(gtx C, sc scope, b *block) D {
	if b.copy.Clicked(gtx) {
		copyText(gtx, plainOf(b.spans))
		s.inner++
	}
	s.focusable(sc, &b.copy.Clickable, true)
	b.drag.Axis = layout.Horizontal
	button, bd := widget.Measure(gtx, widget.IconButton{State: &b.copy, Icon: "copy", Tip: s.th.Say.Sprintf("Copy"), Size: 26}.W(s.th))
	pad := gtx.Dp(theme.Space8)
	g := gtx
	g.Constraints.Max.X = max(gtx.Constraints.Max.X-2*pad-bd.Size.X, gtx.Dp(40))
	call, d := widget.Measure(g, func(gtx C) D {
		return b.drag.Layout(gtx, 1, func(gtx C, _ int) D {
			gtx.Constraints.Max.X = maxCodeWidth
			return widget.RichText{State: &b.rich, Spans: b.spans, Type: s.th.Code(), Ground: sc.ground, Sel: &s.sel}.Layout(gtx, s.th)
		})
	})
	size := image.Pt(d.Size.X+2*pad+bd.Size.X, max(d.Size.Y+2*gtx.Dp(6), bd.Size.Y))
	widget.Fill(gtx, size, theme.RadiusControl, s.th.Tint(sc.ground))
	area := clip.Rect(image.Rect(pad, 0, size.X-bd.Size.X-pad/2, size.Y)).Push(gtx.Ops)
	t := op.Offset(image.Pt(pad, (size.Y-d.Size.Y)/2)).Push(gtx.Ops)
	call.Add(gtx.Ops)
	t.Pop()
	area.Pop()
	widget.Offset(gtx, image.Pt(size.X-bd.Size.X, 0), button)
	return D{Size: size}
}

func plainOf(spans []widget.Span) string {
	var b strings.Builder
	for _, p := range spans {
		b.WriteString(p.Text)
	}
	return b.String()
}

// plainText is a text without styles; signs stand before lists and quotes.
func plainText(body []*contractv1.Span) string {
	var b strings.Builder
	if !hasBlocks(body) {
		for _, p := range body {
			b.WriteString(p.GetText())
		}
		return b.String()
	}
	for i, k := range blocksOf(body) {
		if i > 0 {
			b.WriteByte('\n')
		}
		text := plainOf(k.spans)
		b.WriteString(strings.Repeat("  ", k.indent))
		switch k.kind {
		case contractv1.Span_BULLET:
			b.WriteString("• ")
		case contractv1.Span_NUMBER:
			b.WriteString(strconv.FormatUint(uint64(k.number), 10) + ". ")
		case contractv1.Span_QUOTED:
			text = "> " + strings.ReplaceAll(text, "\n", "\n> ")
		}
		b.WriteString(text)
	}
	return b.String()
}

// links are the addresses that a message links to.
func (st *state) links() []string {
	out := st.rich.Links()
	for _, b := range st.blocks {
		out = append(out, b.rich.Links()...)
	}
	return out
}
