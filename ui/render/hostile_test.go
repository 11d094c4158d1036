package render_test

import (
	"fmt"
	"image"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
)

// hostile are texts that are made to slow a window down, by what they are.
func hostile() map[string][]*contractv1.Span {
	links := make([]*contractv1.Span, 0, 10_000)
	for i := range 10_000 {
		a := fmt.Sprintf("https://example.org/%d", i)
		links = append(links, &contractv1.Span{Text: a, Link: a}, &contractv1.Span{Text: " "})
	}
	mixed := make([]*contractv1.Span, 0, 8000)
	for i := range 8000 {
		mixed = append(mixed, &contractv1.Span{Text: "x", Bold: i%2 == 0, Italic: i%3 == 0, Code: i%5 == 0, Mention: i%7 == 0})
	}
	var blocks []*contractv1.Span
	for i := range 4000 {
		blocks = append(blocks, &contractv1.Span{Text: "a\n", Block: contractv1.Span_Block(i%4 + 1)})
	}
	return map[string][]*contractv1.Span{
		"bidi overrides": span(strings.Repeat("\u202e\u202dabc\u2066\u2067אבג\u202c ", 1500)),
		"zalgo":          span(strings.Repeat("Z"+strings.Repeat("\u0300\u0316\u0489", 20)+" ", 300)),
		"no space":       span(strings.Repeat("x", 32<<10)),
		"no space bold":  {{Text: strings.Repeat("y", 32<<10), Bold: true}},
		"links":          links,
		"emoji":          span(strings.Repeat("😀", 5000)),
		"families":       span(strings.Repeat("👨‍👩‍👧‍👦", 1200)),
		"line breaks":    span(strings.Repeat("a\n", 16<<10)),
		"right to left":  span(strings.Repeat("שלום abc ", 3000)),
		"styles":         mixed,
		"blocks":         blocks,
		"code":           {{Text: strings.Repeat("x", 32<<10), Block: contractv1.Span_PREFORMATTED}},
	}
}

// frameOf is the median time of laying out one more frame, and that of the first.
func frameOf(t testing.TB, o theme.Options, items []*contractv1.ListItem) (steady, first time.Duration) {
	t.Helper()
	var firsts []time.Duration
	var w *uitest.Window
	for range 3 {
		c := newChat(o, nil)
		w = open(t, c, image.Pt(760, 640))
		if o.EmojiFont != "" {
			c.th.Emoji("😀")
			c.th.CloseFonts()
			w.Settle()
		}
		c.items(items)
		start := time.Now()
		w.Frame()
		firsts = append(firsts, time.Since(start))
		w.Settle()
	}
	all := make([]time.Duration, 31)
	for i := range all {
		start := time.Now()
		w.Frame()
		all[i] = time.Since(start)
	}
	slices.Sort(all)
	slices.Sort(firsts)
	return all[len(all)/2], firsts[0]
}

func ordinary() []*contractv1.ListItem {
	var out []*contractv1.ListItem
	for range 4 {
		for _, it := range conversation() {
			key := fmt.Sprintf("%s %d", it.GetKey(), len(out))
			out = append(out, &contractv1.ListItem{Key: key, Node: it.GetNode(), Revision: 1})
		}
	}
	return out
}

// TestHostileTextsSlowNothing: no text makes a frame take more than twice as long
// as an ordinary conversation of the same height does, neither the first nor any
// later one.
func TestHostileTextsSlowNothing(t *testing.T) { slowsNothing(t, theme.Options{}, hostile()) }

// TestEmojiSlowNothing is the same with emoji in colour, where their font is.
func TestEmojiSlowNothing(t *testing.T) {
	o := theme.Options{EmojiFont: "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"}
	if _, err := os.Stat(o.EmojiFont); err != nil {
		o.EmojiFont = ""
	}
	all := hostile()
	slowsNothing(t, o, map[string][]*contractv1.Span{"emoji": all["emoji"], "families": all["families"], "zalgo": all["zalgo"]})
}

func slowsNothing(t *testing.T, o theme.Options, bodies map[string][]*contractv1.Span) {
	t.Helper()
	steady, first := frameOf(t, o, ordinary())
	t.Logf("%-16s %10v %10v", "ordinary", steady, first)
	for name, body := range bodies {
		items := []*contractv1.ListItem{msg("1", "", false, 1, lively, func(m *contractv1.Message) { m.Body = body })}
		for try := range 10 { // the computer may be busy with something else
			s, f := frameOf(t, o, items)
			if s <= 2*steady && f <= 2*first {
				t.Logf("%-16s %10v %10v", name, s, f)
				break
			}
			if try == 9 {
				t.Errorf("%s: a frame takes %v, the first %v; ordinary %v, %v", name, s, f, steady, first)
			}
			steady, first = frameOf(t, o, ordinary())
		}
	}
}
