package im

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pieces takes a line apart, from left to right and each place once.
func (f *formatter) pieces(line string) (out []piece) {
	plain := 0
	take := func(from, to int, p piece) {
		out = appendText(out, line[plain:from])
		p.text = line[from:to]
		out = append(out, p)
		plain = to
	}
	ticks := ticksOf(line)
	noLink := 0 // no link begins before this place
	for i := 0; i < len(line); {
		c := line[i]
		end := i + 1
		switch {
		case c == '`':
			for end < len(line) && line[end] == '`' {
				end++
			}
			if n := ticks[i]; n > 0 && f.styles < maxStyles {
				f.styles++
				take(i, end, piece{marker: '`', on: true})
				take(end, n, piece{code: true, solid: true})
				take(n, n+end-i, piece{marker: '`', on: true})
				end = plain
			}
		case (c == 'h' || c == 'm' || c == 'H' || c == 'M') && i >= noLink && f.links < maxLinks:
			if to, seen := linkIn(line, i); to > 0 {
				f.links++
				take(i, to, piece{link: true, solid: true})
				end = to
			} else {
				noLink = seen
			}
		case c == '@' && f.mentions < maxMentions && f.tried < maxTried && len(f.book) > 0 && (i == 0 || !wordBefore(line[:i])):
			f.tried++
			if to, who := nameAt(line, i+1, f.book); who != "" {
				f.mentions++
				take(i, to, piece{name: true, solid: true})
				end = to
			}
		case markerByte(c):
			for end < len(line) && line[end] == c {
				end++
			}
			if m := markerOf(line, i, end); m.marker != 0 {
				take(i, end, m)
			}
		}
		if end == i+1 && plain <= i {
			if n, shown := emoticonAt(line, i); n > 0 {
				end = i + n
				p := piece{solid: true}
				if f.emoticons {
					p.shown = shown
				}
				take(i, end, p)
			}
		}
		i = end
	}
	return appendText(out, line[plain:])
}

func appendText(out []piece, text string) []piece {
	if text == "" {
		return out
	}
	return append(out, piece{text: text, solid: strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.So, r)
	})})
}

// markerOf reads a run of one marker.
func markerOf(line string, from, to int) piece {
	m := piece{marker: line[from]}
	switch {
	case to-from == 2 && m.marker == '*':
		m.marker = '2'
	case to-from != 1:
		return piece{}
	}
	before, _ := utf8.DecodeLastRuneInString(line[:from])
	after, _ := utf8.DecodeRuneInString(line[to:])
	if from == 0 {
		before = 0
	}
	if to == len(line) {
		after = 0
	}
	m.opens = mayOpen(before) && after != 0 && !unicode.IsSpace(after)
	m.closes = mayClose(after) && before != 0 && !unicode.IsSpace(before)
	if !m.opens && !m.closes {
		return piece{}
	}
	return m
}

// ticksOf finds, for each run of one or two backticks that begins code, where the
// run that ends it begins. It looks from the end, so that each run is seen once.
func ticksOf(line string) map[int]int {
	if strings.IndexByte(line, '`') < 0 {
		return nil
	}
	out := map[int]int{}
	closer := [3]int{}
	for i := len(line) - 1; i >= 0; i-- {
		if line[i] != '`' {
			continue
		}
		to := i + 1
		for i > 0 && line[i-1] == '`' {
			i--
		}
		n := to - i
		if n > 2 {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(line[:i])
		after, _ := utf8.DecodeRuneInString(line[to:])
		if end := closer[n]; end > to && (i == 0 || !inWord(before)) && strings.TrimSpace(line[to:min(end, to+64)]) != "" {
			out[i] = end
		}
		if to == len(line) || !inWord(after) {
			closer[n] = i
		}
	}
	return out
}

// emoticons by what is typed, longest first where one begins another.
var emoticons = map[string]string{
	":-)": "🙂", ":)": "🙂", "=)": "🙂", "(:": "🙂", ";-)": "😉", ";)": "😉", ":-D": "😃", ":D": "😃", "=D": "😃", "xD": "😆", "XD": "😆",
	":-(": "🙁", ":(": "🙁", "=(": "🙁", ":'(": "😢", ":'-(": "😢", ":'-)": "😂", ":')": "😂", ":-P": "😛", ":P": "😛", ":-p": "😛", ":p": "😛",
	";-P": "😜", ";P": "😜", ";-p": "😜", ";p": "😜", "<3": "❤️", "</3": "💔", ":-O": "😮", ":O": "😮", ":-o": "😮", ":o": "😮",
	"B-)": "😎", "8-)": "😎", ":-/": "😕", ":/": "😕", ":-\\": "😕", ":-|": "😐", ":|": "😐", ":-*": "😘", ":*": "😘",
	">:-(": "😠", ">:(": "😠", ":-$": "😳", ":$": "😳", "O:-)": "😇", "O:)": "😇", ">:-)": "😈", ">:)": "😈", ":-X": "🤐", ":-x": "🤐",
	":-S": "😖", ":-s": "😖", "D:": "😧", "^^": "😊", "^_^": "😊", "\\o/": "🙌", "o/": "👋",
}

const maxEmoticon = 4

// emoticonAt gives the length of one that stands at a place between spaces or ends,
// and what is shown for it.
func emoticonAt(line string, at int) (n int, shown string) {
	if before, _ := utf8.DecodeLastRuneInString(line[:at]); at > 0 && !unicode.IsSpace(before) {
		return 0, ""
	}
	for n := min(maxEmoticon, len(line)-at); n >= 2; n-- {
		shown := emoticons[line[at:at+n]]
		if shown == "" {
			continue
		}
		if after, _ := utf8.DecodeRuneInString(line[at+n:]); at+n == len(line) || unicode.IsSpace(after) {
			return n, shown
		}
	}
	return 0, ""
}
