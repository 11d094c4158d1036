package im

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// maxLinks is how many links of one message are made clickable; the rest is
// plain text.
const maxLinks = 50

const maxLink = 2 << 10

var schemes = []string{"https://", "http://", "mailto:"}

// spans splits a text into plain pieces and links. Joined, they are the text.
func spans(text string) []*contractv1.Span {
	var out []*contractv1.Span
	plain, links := 0, 0
	for i := 0; i < len(text) && links < maxLinks; {
		end := linkAt(text, i)
		if end < 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		if plain < i {
			out = append(out, view.Span(text[plain:i]))
		}
		out = append(out, view.Span(text[i:end], view.LinkTo(text[i:end])))
		i, plain = end, end
		links++
	}
	if plain < len(text) {
		out = append(out, view.Span(text[plain:]))
	}
	return out
}

// linkAt gives the end of the link that begins at i, or -1.
func linkAt(text string, i int) int {
	c := text[i] | 0x20
	if c != 'h' && c != 'm' {
		return -1
	}
	scheme := ""
	for _, s := range schemes {
		if len(text)-i > len(s) && strings.EqualFold(text[i:i+len(s)], s) {
			scheme = s
			break
		}
	}
	if scheme == "" {
		return -1
	}
	if before, _ := utf8.DecodeLastRuneInString(text[:i]); i > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return -1
	}
	end := i + len(scheme)
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune("<>\"`{}|\\^", r) {
			break
		}
		end += size
	}
	end = trimLink(text, i, end)
	if end-i > maxLink || !sound(text[i:end], scheme) {
		return -1
	}
	return end
}

// trimLink leaves out what ends the sentence and not the link: full stops, and
// closing brackets that were not opened within it.
func trimLink(text string, i, end int) int {
	for end > i {
		last := text[end-1]
		switch {
		case strings.IndexByte(".,;:!?'*_~", last) >= 0:
		case last == ')' && strings.Count(text[i:end], ")") > strings.Count(text[i:end], "("):
		case last == ']' && strings.Count(text[i:end], "]") > strings.Count(text[i:end], "["):
		default:
			return end
		}
		end--
	}
	return end
}

// sound says whether a link leads anywhere.
func sound(link, scheme string) bool {
	if len(link) <= len(scheme) {
		return false
	}
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	if scheme == "mailto:" {
		at := strings.IndexByte(u.Opaque, '@')
		return at > 0 && at < len(u.Opaque)-1
	}
	return u.Hostname() != ""
}
