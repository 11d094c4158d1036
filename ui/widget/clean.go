package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is drawn as one text.
const (
	maxText  = 32 << 10 // bytes
	maxLines = 800      // broken by the text itself; each is shaped for itself
	maxMarks = 4        // combining marks on one character
)

// Clean makes foreign text safe to draw: it drops control characters and the
// marks that turn the direction of what follows (a file name or a sentence could
// otherwise read as another), keeps at most four combining marks on a character,
// replaces broken UTF-8 and cuts what is too long or has too many lines. Text that is clean already is
// returned as it is.
func Clean(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	marks, n, lines := 0, 0, 0
	for _, r := range s {
		if r == '\n' {
			if lines++; lines > maxLines {
				r = ' '
			}
		}
		if r == '\t' { // fonts draw a box for it
			b.WriteString("    ")
			continue
		}
		if hidden(r) {
			continue
		}
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		if n += utf8.RuneLen(r); n > maxText {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

func clean(s string) bool {
	if len(s) > maxText || strings.Count(s, "\n") > maxLines {
		return false
	}
	marks := 0
	for i, r := range s {
		switch {
		case r < 0x300 && r >= 0x20 && r != 0x7f && (r < 0x80 || r > 0x9f) && r != 0xad:
			marks = 0
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n <= 1 {
				return false
			}
		case hidden(r):
			return false
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			if marks++; marks > maxMarks {
				return false
			}
		default:
			marks = 0
		}
	}
	return true
}

// hidden tells what is never drawn. Joiners and variation selectors stay: emoji
// and several scripts need them.
func hidden(r rune) bool {
	switch {
	case r == '\n':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // embeddings, overrides, isolates
		return true
	case r == 0x200e, r == 0x200f, r == 0x061c: // marks of direction
		return true
	case r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xad, r == 0x200b, r == 0x2060:
		return true
	case r >= 0xe0000 && r <= 0xe007f && r < 0xe0020: // language tags
		return true
	}
	return false
}
