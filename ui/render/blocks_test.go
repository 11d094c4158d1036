package render_test

import (
	"image"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
)

func blockBody() []*contractv1.Span {
	return []*contractv1.Span{
		{Text: "Three things "}, {Text: "today", Bold: true}, {Text: ":\n"},
		{Text: "the numbers that everybody waits for since Monday, in a line that is long enough to break and to hang below its own beginning\n", Block: contractv1.Span_BULLET},
		{Text: "and with ", Block: contractv1.Span_BULLET, Indent: 1}, {Text: "styles", Italic: true}, {Text: "\n"},
		{Text: "first\n", Block: contractv1.Span_NUMBER, Number: 1},
		{Text: "hundred and second\n", Block: contractv1.Span_NUMBER, Number: 102},
		{Text: "said before\nand after", Block: contractv1.Span_QUOTED}, {Text: "\nso:\n"},
		{Text: "func main() {\n\tfmt.Println(\"a line that is too long for the bubble and goes on and on to the right side\")\n}\n", Block: contractv1.Span_PREFORMATTED},
		{Text: "as said on "}, {Text: "example.org", Link: "https://example.org"},
	}
}

func TestBlocks(t *testing.T) {
	for name, o := range map[string]theme.Options{"light": {}, "dark": {Dark: true}} {
		c := newChat(o, []*contractv1.ListItem{
			msg("1", "", false, 1, func(m *contractv1.Message) { m.Body = blockBody() }),
			msg("2", "", true, 2, func(m *contractv1.Message) { m.Body = blockBody()[5:9] }),
		})
		w := open(t, c, image.Pt(620, 640))
		shot(w, "blocks-"+name)
		for _, want := range []string{"•", "◦", "1.", "102.", "said before\nand after", "first"} {
			if !w.Has(want) {
				t.Errorf("%s: no %q in\n%s", name, want, w.Tree())
			}
		}
		if !w.Has("func main() {…") {
			t.Errorf("no code in\n%s", w.Tree())
		}
		w.Click("Copy")
		if want := "func main() {\n\tfmt.Println(\"a line that is too long for the bubble and goes on and on to the right side\")\n}"; w.Clipboard != want {
			t.Errorf("copied %q", w.Clipboard)
		}
	}
}

// TestManyBlocks: what a message may hold does not slow the window.
func TestManyBlocks(t *testing.T) {
	var body []*contractv1.Span
	for range 5000 {
		body = append(body, &contractv1.Span{Text: "x\n", Block: contractv1.Span_BULLET, Indent: 9})
	}
	c := newChat(theme.Options{}, []*contractv1.ListItem{msg("1", "", false, 1, func(m *contractv1.Message) { m.Body = body })})
	w := open(t, c, image.Pt(620, 640))
	if !w.Has("Show all") {
		t.Fatalf("a list of 5000 lines is not cut:\n%.2000s", w.Tree())
	}
	w.Click("Show all")
	w.Settle()
}
