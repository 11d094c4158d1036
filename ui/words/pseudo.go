package words

import (
	"strings"
	"sync"
)

// Letters, and ones like them that can still be read and that no sentence of ours
// has.
const (
	letters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	accented = "ÅƁÇĐÉƑĜĤÎĴĶĻṀÑÓÞǪŔŠŢÛṼŴẊÝŽåƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"
)

// PseudoLetters are the letters of Pseudo with those of English that they stand for.
func PseudoLetters() map[rune]rune {
	out := make(map[rune]rune, len(letters))
	plain := []rune(letters)
	for i, r := range []rune(accented) {
		out[r] = plain[i]
	}
	return out
}

var accents = func() *strings.Replacer {
	var pairs []string
	for to, from := range PseudoLetters() {
		pairs = append(pairs, string(from), string(to))
	}
	return strings.NewReplacer(pairs...)
}()

// pseudo is a sentence in the language of tests; its verbs stay.
func pseudo(english string) string {
	var b strings.Builder
	b.WriteByte('[')
	length := 0
	for rest := english; ; {
		before, verb, after, ok := cutVerb(rest)
		length += len([]rune(before))
		b.WriteString(accents.Replace(before))
		if !ok {
			break
		}
		b.WriteString(verb)
		rest = after
	}
	b.WriteString(strings.Repeat("~", (2*length+4)/5))
	b.WriteByte(']')
	return b.String()
}

// cutVerb cuts a sentence at the first place for a value.
func cutVerb(s string) (before, verb, after string, ok bool) {
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '%')
		if i < 0 {
			return s, "", "", false
		}
		at += i
		end := at + 1
		for end < len(s) && strings.IndexByte("0123456789.[]", s[end]) >= 0 {
			end++
		}
		if end < len(s) && isLetter(rune(s[end])) {
			return s[:at], s[at : end+1], s[end+1:], true
		}
		at++
	}
}

var pseudoTable = sync.OnceValue(func() map[string]string {
	out := make(map[string]string, len(german))
	for en := range german {
		out[en] = pseudo(en)
	}
	return out
})
