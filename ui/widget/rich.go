package widget

import (
	"image"
	"image/color"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"gioui.org/gesture"
	"gioui.org/text"

	"switchboard/ui/theme"
)

// Span is a stretch of text in one style. A Link is only told when pressed.
type Span struct {
	Text                                string
	Bold, Italic, Code, Strike, Mention bool
	Link                                string
	Tip                                 string // of the link, shown under the pointer
}

// Selection is the one selected text among several Rich; a new one replaces it.
type Selection struct{ owner *Rich }

// Text is what is selected, empty when nothing is.
func (s *Selection) Text() string {
	if s.owner == nil {
		return ""
	}
	return s.owner.selected()
}

// Clear selects nothing.
func (s *Selection) Clear() { s.owner = nil }

// Rich is flowing text of several styles that can be selected. It keeps its
// measured lines until text, width or type change.
type Rich struct {
	key    richKey
	spans  []Span
	blank  bool // its emoji are left out for now
	styles []styleRun
	text   string
	runes  []rune

	lines    []richLine
	clusters []cluster
	glyphs   []text.Glyph
	size     image.Point
	last     int // width of the last line

	click      gesture.Click
	drag       gesture.Drag
	from, to   int
	dragging   bool
	link       string
	linkAt     image.Point
	linkPlaces []linkPlace
	tips       []Tip
	at         where
}

// richKey is what the measured lines depend on besides the text.
type richKey struct {
	width  int
	typ    theme.Type
	shaper *text.Shaper
	scale  float32
}

type styleRun struct {
	from, to int // runes
	Span
}

type richLine struct {
	baseline, ascent, descent int
	from, to                  int // clusters
	width                     int
}

type cluster struct {
	rune, runes int
	x, w        int
	from, to    int // glyphs
	style       int
	rtl         bool
}

type linkPlace struct {
	link, tip string
	box       image.Rectangle
}

// maxLinkTips is how many pieces of links of one text explain themselves.
const maxLinkTips = 200

// set takes new spans and tells whether they differ.
func (r *Rich) set(th *theme.Theme, spans []Span) bool {
	if len(spans) == len(r.spans) && !r.blank {
		same := true
		for i := range spans {
			if spans[i] != r.spans[i] {
				same = false
				break
			}
		}
		if same {
			return false
		}
	}
	r.spans = append(r.spans[:0:0], spans...)
	r.blank = false
	r.styles, r.runes = r.styles[:0], r.runes[:0]
	var b strings.Builder
	total, lines := 0, 0
	for _, s := range spans {
		s.Text = Clean(s.Text)
		if th.Emoji(s.Text) {
			s.Text, r.blank = theme.WithoutEmoji(s.Text), true
		}
		if lines += strings.Count(s.Text, "\n"); lines > maxLines {
			s.Text = strings.ReplaceAll(s.Text, "\n", " ")
		}
		if total += len(s.Text); total > maxText {
			keep := max(len(s.Text)-(total-maxText), 0)
			for keep > 0 && !utf8.RuneStart(s.Text[keep]) {
				keep--
			}
			s.Text = s.Text[:keep] + "…"
		}
		n := utf8.RuneCountInString(s.Text)
		r.styles = append(r.styles, styleRun{from: len(r.runes), to: len(r.runes) + n, Span: s})
		r.runes = append(r.runes, []rune(s.Text)...)
		b.WriteString(s.Text)
		if total > maxText {
			break
		}
	}
	r.text = b.String()
	r.from, r.to = 0, 0
	return true
}

// Plain is the whole text without styles.
func (r *Rich) Plain() string { return r.text }

// Lines are the texts of the lines, after Layout.
func (r *Rich) Lines() []string {
	out := make([]string, len(r.lines))
	for i, l := range r.lines {
		for _, c := range r.clusters[l.from:l.to] {
			out[i] += string(r.runes[c.rune:min(c.rune+c.runes, len(r.runes))])
		}
	}
	return out
}

// LinkText is what can be read of a link.
func (r *Rich) LinkText(link string) string {
	var b strings.Builder
	for i, s := range r.styles {
		if s.Link == link {
			b.WriteString(s.Text)
			if i+1 < len(r.styles) && r.styles[i+1].Link != link {
				break // it may stand there again
			}
		}
	}
	return b.String()
}

// Links are the addresses that the text links to, in order.
func (r *Rich) Links() []string {
	var out []string
	for _, s := range r.styles {
		if s.Link != "" && (len(out) == 0 || out[len(out)-1] != s.Link) {
			out = append(out, s.Link)
		}
	}
	return out
}

// LastLine is the width of the last line and of the widest, after Layout.
func (r *Rich) LastLine() (last, widest int) { return r.last, r.size.X }

// Below is how far the last line's baseline is from the end, after Layout.
func (r *Rich) Below() int {
	if len(r.lines) == 0 {
		return 0
	}
	return max(r.size.Y-r.lines[len(r.lines)-1].baseline, 0)
}

// Pressed takes a link that was pressed, and where.
func (r *Rich) Pressed() (link string, at image.Point, ok bool) {
	link, at = r.link, r.linkAt
	r.link = ""
	return link, at, link != ""
}

func (r *Rich) selected() string {
	a, b := r.bounds()
	return string(r.runes[a:b])
}

func (r *Rich) bounds() (int, int) {
	a, b := min(r.from, r.to), max(r.from, r.to)
	return min(max(a, 0), len(r.runes)), min(max(b, 0), len(r.runes))
}

// styleAt is the index of the style that a rune has.
func (r *Rich) styleAt(i int) int {
	j := sort.Search(len(r.styles), func(j int) bool { return i < r.styles[j].to })
	return max(min(j, len(r.styles)-1), 0)
}

// mixed tells whether the text must flow word by word: the fonts change in it, or
// there are links, which are not to be broken without need.
func (r *Rich) mixed() bool {
	for _, s := range r.styles {
		if (s.Bold || s.Italic || s.Code || s.Link != "") && s.from < s.to {
			return true
		}
	}
	return false
}

// rightToLeft tells whether any letter is written from the right.
func (r *Rich) rightToLeft() bool {
	for _, c := range r.runes {
		if c >= 0x590 && c < 0x8ff || c >= 0xfb1d && c <= 0xfdff || c >= 0xfe70 && c <= 0xfefc || c >= 0x10800 && c < 0x11000 {
			return true
		}
	}
	return false
}

func wordRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '_' }

// word is the bounds of the word around a rune.
func (r *Rich) word(i int) (int, int) {
	if len(r.runes) == 0 {
		return 0, 0
	}
	i = min(i, len(r.runes)-1)
	a, b := i, i+1
	if !wordRune(r.runes[i]) {
		return a, b
	}
	for a > 0 && wordRune(r.runes[a-1]) {
		a--
	}
	for b < len(r.runes) && wordRune(r.runes[b]) {
		b++
	}
	return a, b
}

// paragraph is the bounds of the paragraph around a rune.
func (r *Rich) paragraph(i int) (int, int) {
	i = min(i, len(r.runes))
	a, b := i, i
	for a > 0 && r.runes[a-1] != '\n' {
		a--
	}
	for b < len(r.runes) && r.runes[b] != '\n' {
		b++
	}
	return a, b
}

// ink is the colours that a rich text is drawn in.
type ink struct{ text, accent, code, mention, selection color.NRGBA }
