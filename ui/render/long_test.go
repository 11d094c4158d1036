package render_test

import (
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
)

// TestAllOfALongMessageStays: what the person opened stays open when it was out
// of sight for long enough that its row was forgotten.
func TestAllOfALongMessageStays(t *testing.T) {
	items := append(many(0, 600), msg("long", "", false, 1, func(m *contractv1.Message) {
		m.Body = []*contractv1.Span{{Text: strings.Repeat("many words and ", 600)}}
	}))
	c := newChat(theme.Options{}, items)
	w := open(t, c, small)
	w.Click("Show all")
	w.Scroll(middle, 100_000)
	if w.Has("Show all") {
		t.Fatal("it was not opened")
	}
	for range 60 {
		w.Scroll(middle, -600)
	}
	if strings.Contains(w.Tree(), "many words") || !strings.Contains(w.Tree(), "message number") {
		t.Fatalf("it is in sight still:\n%s", w.Tree())
	}
	w.Click("Go to the newest message")
	w.Settle()
	if !strings.Contains(w.Tree(), "many words") || w.Has("Show all") {
		t.Error("it was closed while nobody looked")
	}
}
