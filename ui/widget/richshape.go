package widget

import (
	"image"
	"strings"
	"unicode/utf8"

	"gioui.org/font"
	"gioui.org/text"
	"golang.org/x/image/math/fixed"

	"switchboard/ui/theme"
)

// unbounded is a width on which nothing breaks.
const unbounded = 1 << 20

// shape measures the lines for a width. Text in one font is shaped as a whole,
// which orders mixed directions correctly; text that changes fonts flows word by
// word, unless some of it is written from the right.
func (r *Rich) shape(gtx C, th *theme.Theme, typ theme.Type) {
	k := richKey{width: gtx.Constraints.Max.X, typ: typ, shaper: th.Shaper, scale: gtx.Metric.PxPerSp}
	if k == r.key && r.lines != nil {
		return
	}
	r.key = k
	r.lines, r.clusters, r.glyphs = r.lines[:0], r.clusters[:0], r.glyphs[:0]
	r.linkPlaces = r.linkPlaces[:0]
	if r.mixed() && !r.rightToLeft() {
		r.flow(gtx, th, typ)
	} else {
		r.whole(gtx, th, typ)
	}
	r.measure()
}

func params(gtx C, typ theme.Type, f font.Font, width int) text.Parameters {
	return text.Parameters{
		Font: f, PxPerEm: fixed.I(gtx.Sp(typ.Size)), MaxWidth: width, Locale: gtx.Locale,
		LineHeight: fixed.I(gtx.Sp(typ.Height)), LineHeightScale: 1,
	}
}

// whole shapes the text in one go.
func (r *Rich) whole(gtx C, th *theme.Theme, typ theme.Type) {
	f := typ.Font
	if len(r.styles) == 1 && r.styles[0].Code {
		f = th.Code().Font
	}
	th.Shaper.LayoutString(params(gtx, typ, f, max(r.key.width, 1)), r.text)
	at, first, line := 0, len(r.glyphs), richLine{}
	open := false
	for g, ok := th.Shaper.NextGlyph(); ok; g, ok = th.Shaper.NextGlyph() {
		if !open {
			line = richLine{baseline: int(g.Y), from: len(r.clusters)}
			open = true
		}
		line.ascent, line.descent = max(line.ascent, g.Ascent.Ceil()), max(line.descent, g.Descent.Ceil())
		r.glyphs = append(r.glyphs, g)
		if g.Flags&text.FlagClusterBreak != 0 {
			r.cluster(first, at, int(g.Runes), g.Flags&text.FlagTowardOrigin != 0)
			at += int(g.Runes)
			first = len(r.glyphs)
		}
		if g.Flags&text.FlagLineBreak != 0 {
			line.to = len(r.clusters)
			r.lines = append(r.lines, line)
			open = false
		}
	}
	if open {
		line.to = len(r.clusters)
		r.lines = append(r.lines, line)
	}
}

// cluster adds the glyphs from first on as one cluster of runes.
func (r *Rich) cluster(first, at, runes int, rtl bool) {
	x0, x1 := fixed.Int26_6(1<<30), fixed.Int26_6(-1<<30)
	for _, g := range r.glyphs[first:] {
		x0, x1 = min(x0, g.X), max(x1, g.X+g.Advance)
	}
	if x1 < x0 {
		return
	}
	r.clusters = append(r.clusters, cluster{
		rune: at, runes: runes, x: x0.Floor(), w: (x1 - x0).Ceil(),
		from: first, to: len(r.glyphs), style: r.styleAt(at), rtl: rtl,
	})
}

// flow lays out word by word, each part of a word in the font of its style.
func (r *Rich) flow(gtx C, th *theme.Theme, typ theme.Type) {
	p := pen{r: r, gtx: gtx, th: th, typ: typ, width: fixed.I(max(r.key.width, 1)), high: gtx.Sp(typ.Height)}
	p.begin()
	at := 0
	for i, s := range r.styles {
		rest := s.Text
		for rest != "" {
			if rest[0] == '\n' {
				p.place()
				p.newline(at)
				rest, at = rest[1:], at+1
				continue
			}
			n, whole := wordEnd(rest, s.Link != "")
			p.parts = append(p.parts, part{style: i, at: at, text: rest[:n]})
			at += utf8.RuneCountInString(rest[:n])
			if rest = rest[n:]; whole {
				p.place()
			}
		}
	}
	p.place()
	p.end()
}

// pen is the place where flowing text goes on.
type pen struct {
	r     *Rich
	gtx   C
	th    *theme.Theme
	typ   theme.Type
	width fixed.Int26_6
	high  int
	x     fixed.Int26_6
	line  richLine
	buf   []text.Glyph
	parts []part // of the word that is being gathered
}

// part is what of a word has one style.
type part struct {
	style, at int
	text      string
}

func (p *pen) begin() { p.line = richLine{from: len(p.r.clusters)} }

func (p *pen) end() {
	p.line.to = len(p.r.clusters)
	if p.line.ascent == 0 {
		p.line.ascent, p.line.descent = p.high*3/4, p.high/4
	}
	if n := len(p.r.lines); n == 0 {
		p.line.baseline = p.line.ascent
	} else {
		p.line.baseline = p.r.lines[n-1].baseline + p.high
	}
	p.r.lines = append(p.r.lines, p.line)
}

func (p *pen) newline(at int) {
	if at >= 0 { // the break itself can be selected
		p.r.clusters = append(p.r.clusters, cluster{
			rune: at, runes: 1, x: p.x.Floor(), from: len(p.r.glyphs), to: len(p.r.glyphs), style: p.r.styleAt(at),
		})
	}
	p.end()
	p.begin()
	p.x = 0
}

// place puts a word: on a new line when it does not fit, and in pieces when it
// fits on none.
func (p *pen) place() {
	parts := p.parts
	p.parts = p.parts[:0]
	var total, trimmed fixed.Int26_6
	for _, w := range parts {
		all, ink := p.shape(w)
		if ink > 0 {
			trimmed = total + ink
		}
		total += all
	}
	if p.x > 0 && p.x+trimmed > p.width && trimmed <= p.width {
		p.newline(-1)
	}
	for _, w := range parts {
		if trimmed <= p.width {
			if len(parts) > 1 { // else it is still in the buffer
				p.shape(w)
			}
			p.put(w.at)
			continue
		}
		for w.text != "" {
			piece := w
			piece.text = w.text[:pieceEnd(w.text)]
			if _, ink := p.shape(piece); p.x > 0 && p.x+ink > p.width && ink <= p.width {
				p.newline(-1)
			}
			p.put(piece.at)
			w.text = w.text[len(piece.text):]
			w.at += utf8.RuneCountInString(piece.text)
		}
	}
}

// shape shapes a part of a word into buf; ink is its width without the spaces at
// its end.
func (p *pen) shape(w part) (total, ink fixed.Int26_6) {
	f, typ := p.typ.Font, p.typ
	s := p.r.styles[w.style]
	if s.Code {
		typ = p.th.Code()
		f = typ.Font
	}
	if s.Bold {
		f.Weight = font.Bold
	}
	if s.Italic {
		f.Style = font.Italic
	}
	p.th.Shaper.LayoutString(params(p.gtx, typ, f, unbounded), w.text)
	p.buf = p.buf[:0]
	seen, letters := 0, utf8.RuneCountInString(strings.TrimRight(w.text, " \t"))
	for g, ok := p.th.Shaper.NextGlyph(); ok; g, ok = p.th.Shaper.NextGlyph() {
		p.buf = append(p.buf, g)
		total = max(total, g.X+g.Advance)
		if seen += int(g.Runes); g.Flags&text.FlagClusterBreak != 0 && seen <= letters {
			ink = total
		}
	}
	return total, ink
}

// put places the shaped glyphs cluster by cluster.
func (p *pen) put(at int) {
	var base fixed.Int26_6
	from := 0
	for i, g := range p.buf {
		if g.Flags&text.FlagClusterBreak == 0 {
			continue
		}
		start := p.buf[from].X
		end := g.X + g.Advance
		space := g.Runes == 1 && g.Bounds.Max.X == g.Bounds.Min.X
		if !space && p.x+(end-base) > p.width && p.x+(start-base) > 0 {
			p.newline(-1)
			base = start
		}
		first := len(p.r.glyphs)
		for _, c := range p.buf[from : i+1] {
			c.X += p.x - base
			p.r.glyphs = append(p.r.glyphs, c)
			p.line.ascent, p.line.descent = max(p.line.ascent, c.Ascent.Ceil()), max(p.line.descent, c.Descent.Ceil())
		}
		p.r.cluster(first, at, int(g.Runes), false)
		at += int(g.Runes)
		from = i + 1
	}
	if n := len(p.buf); n > 0 {
		last := p.buf[n-1]
		p.x += last.X + last.Advance - base
	}
}

// measure finds the size, the width of each line without its trailing spaces, and
// the places of links.
func (r *Rich) measure() {
	r.size, r.last = image.Point{}, 0
	for i := range r.lines {
		l := &r.lines[i]
		for _, c := range r.clusters[l.from:l.to] {
			if c.rune < len(r.runes) && !(c.runes == 1 && (r.runes[c.rune] == ' ' || r.runes[c.rune] == '\n')) {
				l.width = max(l.width, c.x+c.w)
			}
			if link := r.styles[c.style].Link; link != "" {
				r.linkPlace(link, r.styles[c.style].Tip, image.Rect(c.x, l.baseline-l.ascent, c.x+c.w, l.baseline+l.descent))
			}
		}
		r.size.X = max(r.size.X, l.width)
		r.size.Y = max(r.size.Y, l.baseline+l.descent)
		r.last = l.width
	}
}

func (r *Rich) linkPlace(link, tip string, box image.Rectangle) {
	if n := len(r.linkPlaces); n > 0 {
		last := &r.linkPlaces[n-1]
		if last.link == link && last.box.Min.Y == box.Min.Y && box.Min.X <= last.box.Max.X+2 {
			last.box = last.box.Union(box)
			return
		}
	}
	r.linkPlaces = append(r.linkPlaces, linkPlace{link: link, tip: tip, box: box})
}
