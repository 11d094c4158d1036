package app

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxKeywords bounds the words that always alert.
const maxKeywords = 50

// quiet tells whether a time of day lies in the hours from..to, both as "15:04" in
// the time's own zone; hours that end before they begin go past midnight, and
// hours without length are none.
func quiet(now time.Time, from, to string) bool {
	begin, err1 := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	if err1 != nil || err2 != nil {
		return false
	}
	minutes := func(t time.Time) int { return 60*t.Hour() + t.Minute() }
	n, b, e := minutes(now), minutes(begin), minutes(end)
	if b <= e {
		return b <= n && n < e
	}
	return n >= b || n < e
}

// hasKeyword tells whether a text has one of the words of a list with commas: as a
// whole word, in large or small letters.
func hasKeyword(list, text string) bool {
	if strings.TrimSpace(list) == "" || text == "" {
		return false
	}
	text = strings.ToLower(text)
	for i, word := range strings.Split(strings.ToLower(list), ",") {
		if i >= maxKeywords {
			return false
		}
		if word = strings.TrimSpace(word); word != "" && hasWord(text, word) {
			return true
		}
	}
	return false
}

// hasWord tells whether word stands in text with no letter or digit beside it.
func hasWord(text, word string) bool {
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		before, n := utf8.DecodeLastRuneInString(text[:at])
		after, m := utf8.DecodeRuneInString(text[at+len(word):])
		if (n == 0 || !inWord(before)) && (m == 0 || !inWord(after)) {
			return true
		}
		_, step := utf8.DecodeRuneInString(text[at:])
		from = at + step
	}
}
