package im

import (
	"strings"
	"testing"
	"unicode/utf8"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

func bracketed(text string, marks []sdk.Mark) string {
	var b strings.Builder
	at := 0
	for _, m := range marks {
		b.WriteString(text[at:m.Start] + "[" + text[m.Start:m.End] + "]")
		at = m.End
	}
	return b.String() + text[at:]
}

func termsOf(texts ...string) []sdk.Term {
	var out []sdk.Term
	for _, t := range texts {
		phrase := strings.HasPrefix(t, "=")
		out = append(out, sdk.Term{Text: strings.TrimPrefix(t, "="), Phrase: phrase})
	}
	return out
}

func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		text  string
		terms []sdk.Term
		want  string
	}{
		{"The Grüne cable is green", termsOf("grune", "cab"), "The [Grüne] [cable] is green"},
		{"cable and cables", termsOf("cable"), "[cable] and [cables]"},
		{"cable and cables", termsOf("=cable"), "[cable] and cables"},
		{"one two\nthree two one", termsOf("=two three"), "one [two three] two one"},
		{"well 👍 done 👍", termsOf("👍"), "well [👍] done [👍]"},
		{"東京都に行く", termsOf("京都"), "東[京都]に行く"},
		{strings.Repeat("word ", 200) + "needle" + strings.Repeat(" tail", 200), termsOf("needle"),
			"…" + strings.Repeat("word ", 20) + "[needle]" + strings.Repeat(" tail", 80) + "…"},
		{"nothing here", termsOf("x"), "nothing here"},
	} {
		text, marks := excerpt(c.text, c.terms)
		if got := bracketed(text, marks); got != c.want {
			t.Errorf("%.20q\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// FuzzExcerpt: whatever is looked for in whatever, the answer keeps the contract.
func FuzzExcerpt(f *testing.F) {
	f.Add("the Grüne cable", "grune cab", false)
	f.Add(strings.Repeat("ü👍", 400), "👍", true)
	f.Add("a\u0301 b", "a b", true)
	f.Fuzz(func(t *testing.T, text, term string, phrase bool) {
		if !utf8.ValidString(text) {
			return
		}
		out, marks := excerpt(text, []sdk.Term{{Text: term, Phrase: phrase}, {Text: "a"}})
		if len(out) > contractv1.MaxHitText || !utf8.ValidString(out) || len(marks) > contractv1.MaxMarks {
			t.Fatalf("%q: %d bytes, %d marks", out, len(out), len(marks))
		}
		last := 0
		for _, m := range marks {
			if m.Start < last || m.Start >= m.End || m.End > len(out) || !utf8.ValidString(out[m.Start:m.End]) {
				t.Fatalf("%q: %v", out, marks)
			}
			last = m.End
		}
	})
}
