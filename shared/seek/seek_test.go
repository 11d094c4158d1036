package seek

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Query{
		"":            {},
		"  cable  ":   {Terms: []Term{{"cable", false}}},
		`a "b c" d`:   {Terms: []Term{{"a", false}, {"b c", true}, {"d", false}}},
		`„der Zug“`:   {Terms: []Term{{"der Zug", true}}},
		`"open`:       {Terms: []Term{{"open", true}}},
		"https://x.y": {Terms: []Term{{"https://x.y", false}}},
		`FROM:Alice from:"Bob Miller" in:office in:"the lab" x`: {
			Terms: []Term{{"x", false}}, From: []string{"Alice", "Bob Miller"}, In: []string{"office", "the lab"}},
		"has:picture has:link before:2026-11-24 before:2026-11-20 after:2026-11-01": {
			Picture: true, Link: true, Before: day("2026-11-20"), After: day("2026-11-01")},
		`"from:Alice"`: {Terms: []Term{{"from:Alice", true}}},
	} {
		got, err := Parse(text, time.UTC)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		if got.Empty() != (text == "") {
			t.Errorf("%q is empty: %v", text, got.Empty())
		}
	}
}

func TestWrongFiltersSayWhatIsRight(t *testing.T) {
	for text, want := range map[string]string{
		"has:sound": "has: takes picture or link, as in has:picture.", "before:tomorrow": "before: takes a day, as in before:2026-11-24.",
		"after:2026-13-01": "after: takes a day, as in after:2026-11-24.", "from:": "from: takes a name or an address, as in from:Alice.",
		`in:"" x`: `in: takes a conversation, as in in:"The office".`, strings.Repeat("x", 1025): "A search has at most 1024 characters.",
		strings.Repeat("x ", 33): "A search has at most 32 words.", strings.Repeat("in:x ", 33): "A search has at most 32 of in:.", "\xff": "The search is not readable text.",
	} {
		_, err := Parse(text, time.UTC)
		var f Fault
		if !errors.As(err, &f) || string(f) != want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

// FuzzParse: what Parse makes of anything, it makes again of its own writing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`from:"a b" in:c x "y z"`, `has:link before:2026-01-02`, `"`, `in:"`, `from:x"y"z`, "a\x00b", `has:"picture"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s, time.UTC)
		if err != nil {
			if !strings.HasSuffix(err.Error(), ".") {
				t.Fatalf("%q: no sentence: %v", s, err)
			}
			return
		}
		text := q.String()
		if len(text) > MaxTyped {
			return
		}
		again, err := Parse(text, time.UTC)
		if err != nil || !reflect.DeepEqual(q, again) {
			t.Fatalf("%q: %+v, then %q: %+v, %v", s, q, text, again, err)
		}
	})
}
