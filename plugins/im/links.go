package im

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLinks is how many links of one message are made clickable; the rest is
// plain text.
const maxLinks = 50

const maxLink = 2 << 10

var schemes = []string{"https://", "http://", "mailto:"}

// linkIn gives the end of the link that begins at i, or 0 and the place before
// which there is none either: what was looked at once is not looked at again.
func linkIn(text string, i int) (end, seen int) {
	scheme := ""
	for _, s := range schemes {
		if len(text)-i > len(s) && strings.EqualFold(text[i:i+len(s)], s) {
			scheme = s
			break
		}
	}
	if scheme == "" {
		return 0, i + 1
	}
	if before, _ := utf8.DecodeLastRuneInString(text[:i]); i > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return 0, i + 1
	}
	stop := i + len(scheme)
	for stop < len(text) && stop-i <= maxLink {
		r, size := utf8.DecodeRuneInString(text[stop:])
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune("<>\"`{}|\\^", r) {
			break
		}
		stop += size
	}
	end = trimLink(text, i, stop)
	if stop-i > maxLink || !sound(text[i:end], scheme) {
		return 0, stop
	}
	return end, end
}

// trimLink leaves out what ends the sentence and not the link: full stops, and
// closing brackets that were not opened within it.
func trimLink(text string, i, end int) int {
	link := text[i:end]
	round := strings.Count(link, ")") - strings.Count(link, "(")
	square := strings.Count(link, "]") - strings.Count(link, "[")
	for end > i {
		switch last := text[end-1]; {
		case strings.IndexByte(".,;:!?'*_~", last) >= 0:
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
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
