// Package phrase is what the host and the plugins that come with it say to a
// person, in the languages that ship. Host, plugins and contract carry such
// sentences in English, with their values in them, for logs, scripts and the
// command line read the same ones; where one is shown to a person it is put into
// their language here, values and all. It owns the tables and how a sentence is
// found in them; it must not know who says or shows one. Names and texts of people
// are never looked up, only what surrounds them.
package phrase

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is looked up; what is longer or nested deeper stays English.
const (
	MaxSentence = 4 << 10 // bytes
	maxDepth    = 6
)

// form is one sentence of the table: the English text between its values, and the
// other language's sentence.
type form struct {
	parts   []string // one more than there are values
	letters int      // of parts: how much of a sentence is told apart by it
	to      string
}

// Speaks tells whether there is a table for the language of a BCP 47 tag.
func Speaks(locale string) bool {
	language, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	return language == "de"
}

// Say prints a sentence with values, in the language of a BCP 47 tag; English when
// there is no table for it, or the sentence is not in it. Safe from any goroutine.
func Say(locale, english string, values ...any) string {
	if Speaks(locale) {
		if s, ok := german()[english]; ok {
			english = s
		}
	}
	if len(values) == 0 {
		return english
	}
	return fmt.Sprintf(english, values...)
}

// In is an English sentence in the language of a BCP 47 tag, its values kept. False
// when it is not known, and then the sentence comes back as it is. Reasons that
// were put behind each other with ": " are looked up one by one. Safe from any
// goroutine.
func In(locale, sentence string) (string, bool) {
	if !Speaks(locale) || sentence == "" || len(sentence) > MaxSentence {
		return sentence, false
	}
	return find(sentence, 0)
}

// Known are the English sentences of the table, with verbs where values stand.
func Known() []string {
	out := make([]string, 0, len(german()))
	for s := range german() {
		out = append(out, s)
	}
	return out
}

// find tries a sentence as it stands and as the middle of another sentence, then
// each part of a chain of reasons.
func find(s string, depth int) (string, bool) {
	if depth > maxDepth {
		return s, false
	}
	if out, ok := match(s, depth); ok {
		return out, true
	}
	first, n := utf8.DecodeRuneInString(s)
	bare, dotted := strings.CutSuffix(s, ".")
	small := string(unicode.ToLower(first)) + s[n:]
	for _, try := range []struct {
		text       string
		large, dot bool
	}{{bare, false, dotted}, {small, true, false}, {strings.TrimSuffix(small, "."), true, dotted}} {
		if try.text == s {
			continue
		}
		if out, ok := match(try.text, depth); ok {
			return finish(out, try.large, try.dot), true
		}
	}
	return chain(s, depth)
}

func chain(s string, depth int) (string, bool) {
	before, after, ok := strings.Cut(s, ": ")
	if !ok {
		return s, false
	}
	one, known := match(before, depth+1)
	rest, knew := find(after, depth+1)
	return one + ": " + rest, known || knew
}

func finish(s string, large, dot bool) string {
	if large {
		r, n := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(r)) + s[n:]
	}
	if dot && !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// match looks for the sentence itself, then for the one of which most is written.
func match(s string, depth int) (string, bool) {
	if to, ok := german()[s]; ok && !strings.Contains(to, "%") {
		return to, true
	}
	var best *form
	var values []string
	for i := range forms() {
		f := &forms()[i]
		if best != nil && f.letters <= best.letters {
			break // they are sorted: what follows says less
		}
		if v, ok := f.values(s); ok {
			best, values = f, v
		}
	}
	if best == nil {
		return s, false
	}
	for i, v := range values {
		if strings.Contains(v, " ") {
			values[i], _ = find(v, depth+1)
		}
	}
	return best.fill(values), true
}

// values are what stands between the parts of a form in a sentence.
func (f *form) values(s string) ([]string, bool) {
	last := len(f.parts) - 1
	rest, ok := strings.CutPrefix(s, f.parts[0])
	if !ok {
		return nil, false
	}
	if rest, ok = strings.CutSuffix(rest, f.parts[last]); !ok {
		return nil, false
	}
	out := make([]string, 0, last)
	for _, p := range f.parts[1:last] {
		value, after, ok := strings.Cut(rest, p)
		if !ok || value == "" {
			return nil, false
		}
		out, rest = append(out, value), after
	}
	if rest == "" {
		return nil, false
	}
	return append(out, rest), true
}

// fill puts values in the place of the verbs of the other language's sentence,
// which may ask for them in another order, as in %[2]s.
func (f *form) fill(values []string) string {
	var b strings.Builder
	n := 0
	rest := f.to
	for {
		before, verb, after, ok := cutVerb(rest)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		if i := strings.IndexByte(verb, '['); i >= 0 {
			n = int(verb[i+1] - '1')
		}
		if n >= 0 && n < len(values) {
			b.WriteString(values[n])
		}
		n++
		rest = after
	}
}

// cutVerb cuts a format at its first verb.
func cutVerb(s string) (before, verb, after string, ok bool) {
	at := strings.IndexByte(s, '%')
	if at < 0 {
		return s, "", "", false
	}
	end := at + 1
	for end < len(s) && strings.IndexByte("+-#. 0123456789[]", s[end]) >= 0 {
		end++
	}
	if end >= len(s) {
		return s, "", "", false
	}
	return s[:at], s[at : end+1], s[end+1:], true
}

// parse takes a format apart. What %q prints stands in quotation marks.
func parse(english, to string) form {
	f := form{to: to}
	rest, carry := english, ""
	for {
		before, verb, after, ok := cutVerb(rest)
		part := carry + before
		if carry = ""; ok && strings.HasSuffix(verb, "q") {
			part, carry = part+`"`, `"`
		}
		f.parts = append(f.parts, part)
		f.letters += len(part)
		if !ok {
			return f
		}
		rest = after
	}
}

var forms = sync.OnceValue(func() []form {
	var out []form
	for en, de := range german() {
		if f := parse(en, de); len(f.parts) > 1 {
			out = append(out, f)
		}
	}
	sortForms(out)
	return out
})
