// Package seek reads what a person types to look for something: words,
// "phrases" and the filters from: in: before: after: has:. Host and plugins read
// it alike. It knows no people, conversations or stores.
package seek

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a query.
const (
	MaxTyped   = 1024 // bytes of it as typed
	maxTerms   = 32
	maxFilters = 32 // of from: and of in:
)

// Term is a word, or what stood between quotation marks.
type Term struct {
	Text   string
	Phrase bool
}

// Query is what was asked for. All of it must hold; of several from: or in: one.
type Query struct {
	Terms    []Term
	From, In []string
	// After and Before are the beginnings of days: after: takes its day in, before:
	// leaves its day out. Zero for no bound.
	After, Before time.Time
	Picture, Link bool
}

// Empty says that nothing is asked for.
func (q Query) Empty() bool {
	return len(q.Terms) == 0 && len(q.From) == 0 && len(q.In) == 0 && q.After.IsZero() && q.Before.IsZero() && !q.Picture && !q.Link
}

// Fault is a sentence for the person whose query makes no sense.
type Fault string

func (f Fault) Error() string { return string(f) }

// Parse reads a query; days are those of zone. Its error is a Fault. A word with a
// colon that is no filter is a word.
func Parse(text string, zone *time.Location) (Query, error) {
	var q Query
	if len(text) > MaxTyped {
		return q, Fault(fmt.Sprintf("A search has at most %d characters.", MaxTyped))
	}
	if !utf8.ValidString(text) {
		return q, Fault("The search is not readable text.")
	}
	for rest := clean(text); ; {
		var word string
		var quoted bool
		if rest, word, quoted = next(rest); word == "" && !quoted && rest == "" {
			return q, nil
		}
		if !quoted {
			if key, value, ok := filter(word); ok {
				rest, value = rejoin(rest, value)
				if err := q.take(key, value, zone); err != nil {
					return q, err
				}
				continue
			}
		}
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		if len(q.Terms) == maxTerms {
			return q, Fault(fmt.Sprintf("A search has at most %d words.", maxTerms))
		}
		q.Terms = append(q.Terms, Term{word, quoted})
	}
}

// clean makes typographic quotation marks plain ones and takes control characters out.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '“' || r == '”' || r == '„':
			return '"'
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		}
		return r
	}, text))
}

// next takes a word or a quoted text from the front. A quotation that does not end
// goes on to the end.
func next(s string) (rest, word string, quoted bool) {
	s = strings.TrimLeft(s, " ")
	if inner, ok := strings.CutPrefix(s, `"`); ok {
		word, rest, _ = strings.Cut(inner, `"`)
		return rest, word, true
	}
	end := strings.IndexAny(s, ` "`)
	if end < 0 {
		return "", s, false
	}
	return s[end:], s[:end], false
}

// rejoin gives a filter the quoted text that follows it: in:"the office".
func rejoin(rest, value string) (string, string) {
	if value == "" && strings.HasPrefix(rest, `"`) {
		rest, value, _ = next(rest)
	}
	return rest, strings.TrimSpace(value)
}

func filter(word string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(word, ":")
	switch key = strings.ToLower(key); key {
	case "from", "in", "before", "after", "has":
		return key, value, ok
	}
	return "", "", false
}

func (q *Query) take(key, value string, zone *time.Location) error {
	switch key {
	case "from", "in":
		list, what := &q.From, "a name or an address, as in from:Alice"
		if key == "in" {
			list, what = &q.In, `a conversation, as in in:"The office"`
		}
		if value == "" {
			return Fault(key + ": takes " + what + ".")
		}
		if len(*list) == maxFilters {
			return Fault(fmt.Sprintf("A search has at most %d of %s:.", maxFilters, key))
		}
		*list = append(*list, value)
	case "has":
		switch strings.ToLower(value) {
		case "picture", "pictures", "image":
			q.Picture = true
		case "link", "links":
			q.Link = true
		default:
			return Fault("has: takes picture or link, as in has:picture.")
		}
	default:
		day, err := time.ParseInLocation(time.DateOnly, value, zone)
		if err != nil {
			return Fault(key + ": takes a day, as in " + key + ":2026-11-24.")
		}
		if key == "before" && (q.Before.IsZero() || day.Before(q.Before)) {
			q.Before = day
		}
		if key == "after" && day.After(q.After) {
			q.After = day
		}
	}
	return nil
}

// String writes the query so that Parse reads the same again.
func (q Query) String() string {
	var out []string
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, " ") + `"` }
	for _, v := range q.From {
		out = append(out, "from:"+quote(v))
	}
	for _, v := range q.In {
		out = append(out, "in:"+quote(v))
	}
	if !q.Before.IsZero() {
		out = append(out, "before:"+q.Before.Format(time.DateOnly))
	}
	if !q.After.IsZero() {
		out = append(out, "after:"+q.After.Format(time.DateOnly))
	}
	if q.Picture {
		out = append(out, "has:picture")
	}
	if q.Link {
		out = append(out, "has:link")
	}
	for _, t := range q.Terms {
		if t.Phrase {
			out = append(out, quote(t.Text))
		} else {
			out = append(out, t.Text)
		}
	}
	return strings.Join(out, " ")
}
