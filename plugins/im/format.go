package im

import (
	"strings"
	"unicode"

	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of what is styled in one message. What is beyond stands as it was typed.
const (
	maxSpans  = 1000
	maxStyles = 200
	maxIndent = 3
	maxDigits = 3 // of a list's number; four are a year
)

// formatter sets one text. Markers are taken as such only where nobody would mean
// them otherwise; all that is not a marker stays.
type formatter struct {
	book      map[string]string // who can be named
	emoticons bool              // are shown as graphics

	out                     []*contractv1.Span
	text                    []byte // of the span that is being put together
	last                    look   // how it is set
	noFence                 bool   // nothing below ends one
	styles, links, mentions int
	tried                   int  // names that were looked for
	split                   bool // the next span begins a line that is set by itself
}

// format sets a text that was typed: its emphasis, lists, quotes, code, links and
// the people it names. Its cost grows with the length of the text and no faster.
func format(text string, book map[string]string, emoticons bool) []*contractv1.Span {
	f := &formatter{book: book, emoticons: emoticons}
	quoted := false
	for text != "" {
		if len(f.out) >= maxSpans {
			f.split = true
			f.put(look{text: text})
			break
		}
		if rest, ok := f.fence(text); ok {
			text, quoted = rest, false
			continue
		}
		line := text
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			line = text[:i+1]
		}
		text = text[len(line):]
		quoted = f.line(line, quoted)
	}
	f.flush()
	return f.out
}

// look is how a span is set, and its text where that is known.
type look struct {
	text                       string
	bold, italic, strike, code bool
	link, mention              bool
	block                      contractv1.Span_Block
	number, indent             uint32
}

// put adds a text, to the one before it when it looks the same.
func (f *formatter) put(l look) {
	if l.text == "" {
		return
	}
	text := l.text
	l.text = ""
	same := f.last // a line goes on as it began
	same.block, same.number, same.indent = 0, 0, 0
	if len(f.text) == 0 || f.split || l.link || l.mention || l != same {
		f.flush()
		f.last = l
	}
	f.split = false
	f.text = append(f.text, text...)
}

// flush makes a span of what was put.
func (f *formatter) flush() {
	if len(f.text) == 0 {
		return
	}
	l := f.last
	s := &contractv1.Span{Text: string(f.text), Bold: l.bold, Italic: l.italic, Strike: l.strike, Code: l.code,
		Mention: l.mention, Block: l.block, Number: l.number, Indent: l.indent}
	if l.link {
		s.Link = s.Text
	}
	f.out, f.text = append(f.out, s), f.text[:0]
}

// fence takes lines between two of ```, the first of which may name a language.
func (f *formatter) fence(text string) (rest string, ok bool) {
	first, body, more := strings.Cut(text, "\n")
	if !more || f.noFence || !opensFence(first) {
		return "", false
	}
	for at := 0; at < len(body); {
		line := body[at:]
		end := strings.IndexByte(line, '\n')
		if end >= 0 {
			line = line[:end]
		}
		if strings.TrimRight(line, " \t") == "```" {
			f.code(body[:at])
			if end < 0 {
				end = len(line) - 1
			}
			return body[at+end+1:], at > 0
		}
		if end < 0 {
			break
		}
		at += end + 1
	}
	f.noFence = true
	return "", false
}

func opensFence(line string) bool {
	name, ok := strings.CutPrefix(strings.TrimRight(line, " \t"), "```")
	if !ok || len(name) > 20 {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '+' && c != '#' && c != '-' {
			return false
		}
	}
	return true
}

// code sets the lines of a fence, each a span as long as there is room.
func (f *formatter) code(lines string) {
	for lines != "" {
		line := lines
		if i := strings.IndexByte(lines, '\n'); i >= 0 && len(f.out) < maxSpans {
			line = lines[:i+1]
		}
		lines = lines[len(line):]
		f.put(look{text: line, code: true, block: contractv1.Span_PREFORMATTED})
	}
	f.split = true
}

// line sets one line with its line feed and tells whether it was a quote.
func (f *formatter) line(line string, quoted bool) bool {
	block, rest := blockOf(line, quoted)
	if block.block == 0 {
		f.inline(line, look{})
		return false
	}
	f.split = true
	f.inline(rest, block)
	f.split = true
	return block.block == contractv1.Span_QUOTED
}

// blockOf takes the marker of a list or a quote from a line.
func blockOf(line string, quoted bool) (block look, rest string) {
	if r, ok := strings.CutPrefix(line, "> "); ok && strings.TrimSpace(r) != "" {
		return look{block: contractv1.Span_QUOTED}, r
	}
	if r, ok := strings.CutPrefix(line, ">"); ok && quoted && strings.TrimSpace(r) == "" {
		if r == "" {
			r = "\n" // a line that is empty still has to be one
		}
		return look{block: contractv1.Span_QUOTED}, r
	}
	wide, at := 0, 0
	for ; at < len(line) && (line[at] == ' ' || line[at] == '\t'); at++ {
		if wide++; line[at] == '\t' {
			wide++
		}
	}
	indent, body := uint32(min(wide/2, maxIndent)), line[at:]
	for _, marker := range []string{"- ", "* "} {
		if r, ok := strings.CutPrefix(body, marker); ok && strings.TrimSpace(r) != "" {
			return look{block: contractv1.Span_BULLET, indent: indent}, r
		}
	}
	digits, number := 0, uint32(0)
	for digits < len(body) && digits <= maxDigits && body[digits] >= '0' && body[digits] <= '9' {
		number = 10*number + uint32(body[digits]-'0')
		digits++
	}
	if digits > 0 && digits <= maxDigits && strings.HasPrefix(body[digits:], ". ") && strings.TrimSpace(body[digits+2:]) != "" {
		return look{block: contractv1.Span_NUMBER, number: number, indent: indent}, body[digits+2:]
	}
	return look{}, line
}

// piece is a part of a line: text, a marker, or what is neither looked into nor
// taken apart.
type piece struct {
	text   string
	shown  string // of an emoticon, in its place
	link   bool
	code   bool
	name   bool
	marker byte // '*', '2' for **, '_' or '~'
	opens  bool
	closes bool
	on     bool // a marker that counts, and is not shown
	solid  bool // holds a letter, a digit or a picture
}

// inline sets the rest of a line; first says how its first span is set.
func (f *formatter) inline(line string, first look) {
	end := len(strings.TrimRight(line, "\n"))
	pieces := f.pieces(line[:end])
	f.pair(pieces)
	var style look
	begin := true
	for _, p := range append(pieces, piece{text: line[end:]}) {
		if p.on {
			switch p.marker {
			case '*', '2':
				style.bold = !style.bold
			case '_':
				style.italic = !style.italic
			case '~':
				style.strike = !style.strike
			}
			continue
		}
		l := look{text: p.text, bold: style.bold, italic: style.italic, strike: style.strike, code: p.code, link: p.link, mention: p.name}
		if p.shown != "" {
			l.text = p.shown
		}
		if begin && l.text != "" {
			l.block, l.number, l.indent = first.block, first.number, first.indent
			begin = false
		}
		f.put(l)
	}
}

// pair finds the markers that belong together. One of a kind is open at a time, so
// this is one pass.
func (f *formatter) pair(pieces []piece) {
	var open []int // markers that wait, the newest last; at most one of a kind
	solid := make([]int, len(pieces)+1)
	for i := range pieces {
		p := &pieces[i]
		solid[i+1] = solid[i]
		if p.solid {
			solid[i+1]++
		}
		if p.marker == 0 || f.styles >= maxStyles {
			continue
		}
		at := -1
		for j, o := range open {
			if pieces[o].marker == p.marker {
				at = j
			}
		}
		switch {
		case p.closes && at >= 0 && solid[i] > solid[open[at]+1]:
			pieces[open[at]].on, p.on = true, true
			open = open[:at]
			f.styles++
		case p.opens:
			if at >= 0 {
				open = append(open[:at], open[at+1:]...)
			}
			open = append(open, i)
		}
	}
}

func markerByte(c byte) bool { return c == '*' || c == '_' || c == '~' }

// mayOpen and mayClose say what stands beside a marker that is meant as one.
func mayOpen(before rune) bool {
	return before == 0 || unicode.IsSpace(before) || strings.ContainsRune("([{\"'«„“‘‚*_~", before)
}

func mayClose(after rune) bool {
	return after == 0 || unicode.IsSpace(after) || strings.ContainsRune(".,;:!?)]}\"'»“”’…*_~", after)
}
