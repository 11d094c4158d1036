package im

import (
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// wordsFor chooses by a BCP 47 tag; English where there is nothing better, with the
// clock and the dates of the region.
func wordsFor(locale string) *words {
	parts := strings.Split(strings.ReplaceAll(locale, "_", "-"), "-")
	region := ""
	for _, p := range parts[1:] {
		if len(p) == 2 {
			region = strings.ToUpper(p)
		}
	}
	switch {
	case strings.EqualFold(parts[0], "de"):
		return german
	case region == "XA":
		return pseudoWords()
	case region == "US":
		return american()
	case twelve[region]:
		return withClock("Monday, 2 January 2006, 3:04:05 PM")
	}
	return english
}

// twelve are the other regions where English is written with clocks of twelve hours.
var twelve = map[string]bool{"CA": true, "AU": true, "NZ": true, "IN": true, "PH": true, "PK": true,
	"EG": true, "SA": true, "SG": true, "MY": true, "HK": true, "BD": true}

// withClock is English with another way to write an exact time.
func withClock(layout string) *words {
	w, chat := *english, *englishChat
	chat.timeLayout = layout
	w.ofChat = &chat
	return &w
}

// american is English with the month before the day.
func american() *words {
	w := withClock("Monday, January 2, 2006, 3:04:05 PM")
	w.day = func(t, now time.Time) string {
		if t.Year() != now.Year() {
			return t.Format("Monday, January 2, 2006")
		}
		return t.Format("Monday, January 2")
	}
	return w
}

// pseudoWords are the words in the language of tests, en-XA: in brackets, with
// accents and longer by two fifths, so that one sees what is not translated, what
// was joined of parts, and what breaks when it grows.
var pseudoWords = sync.OnceValue(func() *words {
	w, chat, more := *english, *englishChat, *englishMore
	for _, table := range []any{&w, &chat, &more} {
		v := reflect.ValueOf(table).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String {
				word := (*string)(f.Addr().UnsafePointer())
				*word = pseudo(*word)
			}
		}
	}
	chat.timeLayout = "[" + englishChat.timeLayout + "]"
	w.ofChat, w.ofMore = &chat, &more
	w.typing = func(names []string) string { return bracket(english.typing(names)) }
	w.happened = func(e event, by, whom, me string) string { return bracket(english.happened(e, by, whom, me)) }
	w.day = func(t, now time.Time) string { return bracket(english.day(t, now)) }
	return &w
})

// bracket marks a sentence with names in it, which get no accents.
func bracket(s string) string {
	if s == "" {
		return ""
	}
	return "[" + s + "]"
}

const (
	unaccented = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	accented   = "ÅƁÇĐÉƑĜĤÎĴĶĻṀÑÓÞǪŔŠŢÛṼŴẊÝŽåƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"
)

// pseudo is a sentence in the language of tests; the verbs of its values stay.
func pseudo(s string) string {
	letters := []rune(accented)
	var b strings.Builder
	b.WriteByte('[')
	verb := false
	for _, r := range s {
		at := strings.IndexRune(unaccented, r)
		switch {
		case r == '%':
			verb = true
		case verb && at >= 0:
			verb = false
		case at >= 0:
			r = letters[at]
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat("~", (2*utf8.RuneCountInString(s)+4)/5))
	b.WriteByte(']')
	return b.String()
}
