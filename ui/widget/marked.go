package widget

import (
	"image"
	"image/color"
	"strings"
	"unicode/utf8"

	"gioui.org/layout"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/text"
	"golang.org/x/image/math/fixed"

	"switchboard/ui/theme"
)

// Marked is a text of a few lines in which pieces are marked, as what was found.
type Marked struct {
	Text  string
	Marks [][2]int // bytes of Text, in order; what is no piece of it is not marked
	Lines int      // at most so many; 2 when zero
	Type  theme.Type
	Color color.NRGBA
}

// before is how many bytes of a text may stand before its first mark, so that the
// mark is in the lines that show.
const before = 48

// Layout draws the text.
func (m Marked) Layout(gtx C, th *theme.Theme) D {
	if m.Lines == 0 {
		m.Lines = 2
	}
	if m.Type.Size == 0 {
		m.Type = th.Body()
	}
	words, marks := m.flat()
	gtx.Constraints.Min.Y = 0
	call, d := Measure(gtx, Text{Type: m.Type, Color: m.Color, Text: words, MaxLines: m.Lines}.W(th))
	var ground clip.Path
	ground.Begin(gtx.Ops)
	any := false
	for _, box := range m.boxes(gtx, th, words, marks) {
		box = box.Intersect(image.Rectangle{Max: d.Size})
		if !box.Empty() {
			rect(&ground, box)
			any = true
		}
	}
	area := clip.Outline{Path: ground.End()}.Op()
	call.Add(gtx.Ops)
	if any { // once more over its ground, in the colour that can be read there
		paint.FillShape(gtx.Ops, th.Highlight, area)
		marked, _ := Measure(gtx, Text{Type: m.Type, Color: th.Text, Text: words, MaxLines: m.Lines}.W(th))
		p := area.Push(gtx.Ops)
		marked.Add(gtx.Ops)
		p.Pop()
	}
	return d
}

// W is the text as a layout.Widget.
func (m Marked) W(th *theme.Theme) layout.Widget { return func(gtx C) D { return m.Layout(gtx, th) } }

// flat is the text on one line and clean, begun near its first mark, with the
// marks as runes of it.
func (m Marked) flat() (string, [][2]int) {
	from := 0
	if len(m.Marks) > 0 && m.Marks[0][0] > before && m.Marks[0][0] <= len(m.Text) {
		from = m.Marks[0][0] - before
		if at := strings.IndexByte(m.Text[from:m.Marks[0][0]], ' '); at >= 0 {
			from += at + 1
		}
		for from < len(m.Text) && !utf8.RuneStart(m.Text[from]) {
			from++
		}
	}
	var b strings.Builder
	var marks [][2]int
	runes := 0
	add := func(piece string) {
		piece = Clean(strings.NewReplacer("\n", " ", "\t", " ").Replace(piece))
		b.WriteString(piece)
		runes += utf8.RuneCountInString(piece)
	}
	if from > 0 {
		add("…")
	}
	at := from
	for _, k := range m.Marks {
		if k[0] < at || k[1] <= k[0] || k[1] > len(m.Text) || !boundary(m.Text, k[0]) || !boundary(m.Text, k[1]) {
			continue
		}
		add(m.Text[at:k[0]])
		start := runes
		add(m.Text[k[0]:k[1]])
		marks = append(marks, [2]int{start, runes})
		at = k[1]
	}
	add(m.Text[at:])
	return b.String(), marks
}

func boundary(s string, at int) bool { return at == len(s) || utf8.RuneStart(s[at]) }

// boxes are where the marked runes stand.
func (m Marked) boxes(gtx C, th *theme.Theme, words string, marks [][2]int) []image.Rectangle {
	if len(marks) == 0 {
		return nil
	}
	th.Shaper.LayoutString(text.Parameters{
		Font: m.Type.Font, PxPerEm: fixed.I(gtx.Sp(m.Type.Size)), MaxLines: m.Lines, Truncator: "…", Locale: gtx.Locale,
		MaxWidth: gtx.Constraints.Max.X, MinWidth: gtx.Constraints.Min.X, LineHeight: fixed.I(gtx.Sp(m.Type.Height)), LineHeightScale: 1,
	}, words)
	var out []image.Rectangle
	var cluster image.Rectangle
	at := 0
	for g, ok := th.Shaper.NextGlyph(); ok; g, ok = th.Shaper.NextGlyph() {
		box := image.Rect(g.X.Floor(), int(g.Y)-g.Ascent.Ceil(), (g.X + g.Advance).Ceil(), int(g.Y)+g.Descent.Ceil())
		cluster = cluster.Union(box)
		if g.Flags&text.FlagClusterBreak == 0 {
			continue
		}
		for _, k := range marks {
			if g.Flags&text.FlagTruncator == 0 && at >= k[0] && at < k[1] {
				out = append(out, cluster)
			}
		}
		at += int(g.Runes)
		cluster = image.Rectangle{}
	}
	return out
}
