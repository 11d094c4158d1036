package im

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/viewcheck"
)

// setAs writes how a text is set: b, i, s, c, l and m for what is styled, and the
// line's kind before its first span.
func setAs(spans []*contractv1.Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.GetBlock() {
		case contractv1.Span_BULLET:
			fmt.Fprintf(&b, "%d•", s.GetIndent())
		case contractv1.Span_NUMBER:
			fmt.Fprintf(&b, "%d#%d ", s.GetIndent(), s.GetNumber())
		case contractv1.Span_QUOTED:
			b.WriteString("|")
		case contractv1.Span_PREFORMATTED:
			b.WriteString("=")
		}
		how := ""
		for _, f := range []struct {
			on   bool
			name string
		}{{s.GetBold(), "b"}, {s.GetItalic(), "i"}, {s.GetStrike(), "s"}, {s.GetCode(), "c"}, {s.GetLink() != "", "l"}, {s.GetMention(), "m"}} {
			if f.on {
				how += f.name
			}
		}
		if how == "" {
			b.WriteString(s.GetText())
		} else {
			fmt.Fprintf(&b, "{%s:%s}", how, s.GetText())
		}
	}
	return b.String()
}

func TestFormat(t *testing.T) {
	book := nameBook(map[string]string{"b@lab": "Bob_B"}, []string{"b@lab", "x_y@lab"})
	for text, want := range map[string]string{
		"plain":                         "plain",
		"a *bold* and **bolder** word":  "a {b:bold} and {b:bolder} word",
		"_italic_, ~gone~!":             "{i:italic}, {s:gone}!",
		"*bold _both_ bold*":            "{b:bold }{bi:both}{b: bold}",
		"_*both*_":                      "{bi:both}",
		"(*yes*) \"_so_\"":              "({b:yes}) \"{i:so}\"",
		"*two words* *again*":           "{b:two words} {b:again}",
		"run `go test ./...` and ``a``": "run {c:go test ./...} and {c:a}",
		"`*not bold* _x_ :-) @b`":       "{c:*not bold* _x_ :-) @b}",
		"*see https://a.b/_x_ now*":     "{b:see }{bl:https://a.b/_x}{b:_ now}",
		"ask @b, @x_y and @bob_b":       "ask {m:@b}, {m:@x_y} and {m:@bob_b}",
		"*@b* said":                     "{bm:@b} said",
		"_foo_bar_":                     "{i:foo_bar}",
		"*🙂*":                           "{b:🙂}",
		"*ünï*":                         "{b:ünï}",
		"**a*":                          "**a*",
	} {
		if got := setAs(format(text, book, false)); got != want {
			t.Errorf("%q is set as %q, want %q", text, got, want)
		}
	}
}

// What merely holds a marker stays as it was typed.
func TestFormatNoSurprises(t *testing.T) {
	for _, text := range []string{
		"snake_case_name", "a snake_case and_another one", "2*3*4", "2 * 3 * 4", "5*x + 3*y", "*", "_", "~", "`", "**", "__", "***", "____",
		"* ", "- ", "1. ", "> ", ">", "-", "*a", "a*", "_a", "a_", "*a *", "~/dir and ~/other", "~5 to ~6", "*.go and *.md",
		"__init__", "**kwargs and *args", "don`t and can`t", "` `", "``", "```", "```go", "```\nno end", "```\n```", "/* a comment */", "-_- *_* o_O T_T",
		"2026. A year", "1.5 is a number", "-no list", "*no list", ">_<", ">quoted?", "foo\n>\nbar", "C:\\*.* and ~~~", "*\nover\nlines*", "a - b - c",
		"https://a.b/x_y_z", "http://a.b/*c*", "me@a_b_c", ":-*no*",
	} {
		if got := joined(format(text, nil, true)); got != text {
			t.Errorf("%q became %q", text, got)
		}
		for _, s := range format(text, nil, true) {
			if s.GetBold() || s.GetItalic() || s.GetStrike() || s.GetCode() || s.GetBlock() != 0 {
				t.Errorf("%q is set as %q", text, setAs(format(text, nil, true)))
			}
		}
	}
}

func joined(spans []*contractv1.Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.GetText())
	}
	return b.String()
}

func TestFormatBlocks(t *testing.T) {
	for text, want := range map[string]string{
		"list:\n- one\n- *two*\n  - deep\n\t\t\t\t* deeper\nend": "list:\n0•one\n0•{b:two}\n1•deep\n3•deeper\nend",
		"1. first\n2. second\n  10. tenth":                       "0#1 first\n0#2 second\n1#10 tenth",
		"> said\n>\n> more `x`\nI say":                           "|said\n|\n|more {c:x}\nI say",
		"see\n```go\nif a {\n\t*b*\n}\n```\nthere":               "see\n={c:if a {\n}={c:\t*b*\n}={c:}\n}there",
		"```\nonly\n```":                                         "={c:only\n}",
		"```\nno end\n- item":                                    "```\nno end\n0•item",
	} {
		if got := setAs(format(text, nil, false)); got != want {
			t.Errorf("%q is set as\n%q, want\n%q", text, got, want)
		}
	}
}

func TestEmoticons(t *testing.T) {
	for text, want := range map[string]string{
		":-) hello ;-) <3":                      "🙂 hello 😉 ❤️",
		":) :-D :-( :-P :-O B-) :'( :-/ :-| ;)": "🙂 😃 🙁 😛 😮 😎 😢 😕 😐 😉",
		"line :-)\n:-( line":                    "line 🙂\n🙁 line",
		"*bold :-) bold*":                       "bold 🙂 bold",
		"(see:) a:-) :-)) http://a.b/:-) :-).":  "(see:) a:-) :-)) http://a.b/:-) :-).",
		"`:-)` ` :-) `":                         ":-)  :-) ",
		"```\n:-)\n```":                         ":-)\n",
		"8:30 10:00 (c):":                       "8:30 10:00 (c):",
	} {
		if got := joined(format(text, nil, true)); got != want {
			t.Errorf("%q shows %q, want %q", text, got, want)
		}
	}
	if got := joined(format(":-) <3", nil, false)); got != ":-) <3" {
		t.Errorf("without graphics it is %q", got)
	}
}

// hostile are texts that make a careless reader slow.
func hostile() map[string]string {
	out := map[string]string{}
	for _, unit := range []string{"*", "_a", "*a ", "`", "` ", "`a` ", "~*_", "*a* ", "[", ")", "http://", "http://-", "http://%zz-", "http://a.b ", "http://(",
		"mailto:", "@", " @", "@b ", " @b", "\n", "- a\n", "1. \n", "> a\n", ">\n", "```\n", "```\na\n", "a\n", ":-) ", ":-", "h", "> > ", "  ", "**", "***"} {
		out[unit] = strings.Repeat(unit, 32<<10/len(unit))
	}
	out["a link that does not end"] = "http://a" + strings.Repeat(")", 32<<10-8)
	return out
}

func TestFormatIsQuickAndBounded(t *testing.T) {
	book := nameBook(map[string]string{"b@lab": "Bob"}, []string{"b@lab"})
	for name, text := range hostile() {
		limit := 12 * time.Millisecond
		if slow {
			limit *= 20
		}
		best := time.Hour
		var got []*contractv1.Span
		for try := 0; try < 3 || try < 30 && best > limit; try++ { // a busy machine is given time
			began := time.Now()
			got = format(text, book, true)
			best = min(best, time.Since(began))
		}
		if len(got) > maxSpans+2*maxStyles+maxLinks+maxMentions {
			t.Errorf("%q: %d spans", name, len(got))
		}
		if best > limit {
			t.Errorf("%q took %v", name, best)
		}
	}
}

// The largest message with the most reactions still fits into a list.
func TestHostileMessagesFitIntoAList(t *testing.T) {
	sc := &scene{me: alice, name: func(string) string { return strings.Repeat("ß", 64) }, known: func(string) string { return "" },
		words: english, emoticons: true, now: time.Now(), quotes: map[string]*history.Row{}}
	var many []history.Reaction
	for i := range history.MaxReactions {
		one := history.Reaction{Emoji: string(rune(0x1f600 + i))}
		for j := range 1000 {
			one.From = append(one.From, fmt.Sprintf("%0100d@lab", j))
		}
		many = append(many, one)
	}
	for name, text := range hostile() {
		row := history.Row{ID: "m", Pos: 1, From: bob, Kind: wire.Text, Text: text, Reactions: many,
			Forwarded: strings.Repeat("a", 256) + "\n" + strings.Repeat("b", 128)}
		if err := viewcheck.Items(&contractv1.ListItems{List: "l", Items: sc.items(nil, []history.Row{row})}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if e := sc.reacted(&row); len(e[0].From) != maxReacted || e[0].Count != 1000 {
			t.Errorf("%d of %d", len(e[0].From), e[0].Count)
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, text := range []string{"see https://example.org/(a). mailto:x@y", "http://[::1]:80/%zz", "*a _b_* `c` ~d~", "- a\n  1. b\n> c\n>\nd",
		"```go\nx\n```\ny", "*@b* :-) **x**", "``a`b``", "a\n```\n\n```"} {
		f.Add(text)
	}
	for _, text := range hostile() {
		f.Add(text[:200])
	}
	book := nameBook(map[string]string{"b@lab": "Bob"}, []string{"b@lab"})
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 32<<10 {
			return
		}
		spans := format(text, book, false)
		if left := text; !within(joined(spans), left) {
			t.Fatalf("%q became %q", text, joined(spans))
		}
		for _, s := range spans {
			if s.GetText() == "" || s.GetIndent() > maxIndent || s.GetNumber() > 999 {
				t.Fatalf("%q has the span %v", text, s)
			}
			if s.GetLink() == "" {
				continue
			}
			u, err := url.Parse(s.GetLink())
			if err != nil || s.GetLink() != s.GetText() {
				t.Fatalf("link %q: %v", s.GetLink(), err)
			}
			if scheme := strings.ToLower(u.Scheme); scheme != "http" && scheme != "https" && scheme != "mailto" {
				t.Fatalf("link %q", s.GetLink())
			}
		}
	})
}

// within says that a text is another one without some of its markers: nothing else
// is missing, and nothing was put in but the line feed of an empty quote.
func within(got, typed string) bool {
	i := 0
	for _, r := range typed {
		if i < len(got) && strings.HasPrefix(got[i:], string(r)) {
			i += utf8.RuneLen(r)
		} else if !strings.ContainsRune("*_~`>-. \t\n0123456789", r) && !fenceRune(typed, r) {
			return false
		}
	}
	return i == len(got) || got[i:] == "\n"
}

// fenceRune allows the name of a fence's language to be missing.
func fenceRune(typed string, r rune) bool {
	return strings.Contains(typed, "```") && r < 128
}
