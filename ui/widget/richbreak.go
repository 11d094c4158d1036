package widget

import (
	"strings"
	"unicode"
)

// wordEnd is where the first word ends, its spaces included, and whether a line
// may break there; where it may not, the word goes on in the next style. A link
// ends with its text or at a space only, so that its address stays in one piece
// where a line has room for it.
func wordEnd(s string, link bool) (end int, whole bool) {
	var before rune
	for i, r := range s {
		switch {
		case r == '\n':
			return i, true
		case r == ' ' || r == '\t':
			end = i
			for end < len(s) && (s[end] == ' ' || s[end] == '\t') {
				end++
			}
			return end, true
		case !link && i > 0 && breaks(before, r):
			return i, true
		}
		before = r
	}
	return len(s), false
}

// breaks tells whether a line may break between two runes that no space divides:
// after a hyphen inside a word, and around ideographs.
func breaks(a, b rune) bool {
	switch {
	case a == '-':
		return unicode.IsLetter(b)
	case ideograph(a), ideograph(b):
		return !strings.ContainsRune(neverFirst, b) && !strings.ContainsRune(neverLast, a) &&
			!unicode.Is(unicode.Mn, b) && b != 0x200d && !(b >= 0xfe00 && b <= 0xfe0f)
	}
	return false
}

// Signs that do not begin or end a line.
const (
	neverFirst = "、。，．！？：；）」』】〕〉》・ー々,.!?:;)]}”’…"
	neverLast  = "（「『【〔〈《([{“‘"
)

func ideograph(r rune) bool {
	return r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xff01 && r <= 0xff60 || r >= 0x20000 && r <= 0x3ffff
}

// pieceEnd is where something that is longer than a line may break first: after a
// sign that divides the parts of an address, but not within the name of its host,
// a part of which could pass for another.
func pieceEnd(s string) int {
	from := 1
	if i := strings.Index(s, "://"); i >= 0 {
		host := strings.IndexAny(s[i+3:], "/?#")
		if host < 0 {
			return len(s)
		}
		from = i + 3 + host
	}
	if i := strings.IndexAny(s[min(from, len(s)):], "/?&=-_"); i >= 0 {
		return from + i + 1
	}
	return len(s)
}
