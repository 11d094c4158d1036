package access

import "testing"

func TestAround(t *testing.T) {
	r := []rune("Grüße an Bob,\nund Chris")
	for _, c := range []struct {
		at   int
		by   uint32
		want string
	}{
		{0, byChar, "G"}, {2, byWord, "Grüße "}, {5, byWord, "Grüße "}, {9, byWord, "Bob,\n"}, {12, byWord, "Bob,\n"},
		{3, byLine, "Grüße an Bob,\n"}, {14, byLine, "und Chris"}, {100, byChar, ""}, {-3, byChar, "G"}, {23, byLine, "und Chris"},
	} {
		from, to := around(r, c.at, c.by)
		if got := string(r[from:to]); got != c.want {
			t.Errorf("%d by %d: %q, not %q", c.at, c.by, got, c.want)
		}
	}
}

// FuzzAround: whatever a screen reader asks, it gets a part of the text.
func FuzzAround(f *testing.F) {
	f.Add("a b\nc", 2, uint32(1))
	f.Add("", -1, uint32(9))
	f.Add("\u0301\u200f ", 1, uint32(3))
	f.Fuzz(func(t *testing.T, text string, at int, by uint32) {
		r := []rune(text)
		from, to := around(r, at, by)
		if from < 0 || to < from || to > len(r) {
			t.Errorf("%d..%d of %d", from, to, len(r))
		}
		x := &object{node: &Node{Note: Note{Text: &Text{Content: text}}}}
		for step := -1; step <= 1; step++ {
			x.near(int32(at), by, step)
		}
		x.piece(at, int(by))
	})
}

// TestABusThatHangs: what is said while nobody takes it is kept only so far.
func TestABusThatHangs(t *testing.T) {
	s := &Server{trees: make(chan shown, 1)}
	for range 3 * maxSay {
		s.Show(&Tree{Said: []string{"Bob is online."}}, true)
	}
	if got := len((<-s.trees).tree.Said); got != maxSay {
		t.Errorf("%d sentences wait", got)
	}
}
