package emoji

import (
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTable(t *testing.T) {
	if n := len(All()); n < 1500 {
		t.Fatalf("%d emoji", n)
	}
	if len(Groups()) != 9 {
		t.Fatalf("groups: %v", Groups())
	}
	at := 0
	for _, g := range Groups() {
		if g.From != at || g.To <= g.From {
			t.Errorf("group %v begins at %d", g, at)
		}
		at = g.To
	}
	for i, e := range All() {
		if e.Text == "" || e.english == "" || !utf8.ValidString(e.Text) {
			t.Errorf("%d: %+v", i, e)
		}
		if Find(e.Text) != i {
			t.Errorf("%s is found at %d, not %d", e.Text, Find(e.Text), i)
		}
	}
	if len(table) > 300<<10 {
		t.Errorf("the table has %d bytes", len(table))
	}
}

func TestSearch(t *testing.T) {
	for query, want := range map[string]string{
		"grinning": "😀", "thumbs up": "👍", "daumen": "👍", "herz": "❤️", "smile": "😄", ":pizza": "🍕", "geburtstag": "🎂", "party_pop": "🎉",
	} {
		found := false
		for _, i := range Search(query, 60) {
			found = found || All()[i].Text == want
		}
		if !found {
			t.Errorf("%q does not find %s", query, want)
		}
	}
	if got := Search("  ", 10); got != nil {
		t.Errorf("nothing finds %v", got)
	}
	if got := Search("face", 10); len(got) != 10 {
		t.Errorf("the limit gives %d", len(got))
	}
	if got := Search("thumbs xyzzy", 10); len(got) != 0 {
		t.Errorf("a word that nothing has finds %v", got)
	}
}

func TestTones(t *testing.T) {
	for _, c := range []struct {
		text string
		tone int
		want string
	}{
		{"👍", 3, "👍🏽"}, {"👍🏽", 0, "👍🏽"}, {"👍🏽", 1, "👍🏻"}, {"😀", 2, "😀"}, {"✌️", 1, "✌🏻"}, {"🧑‍🚀", 5, "🧑🏿‍🚀"}, {"x", 1, "x"}, {"👍", 9, "👍"},
	} {
		if got := WithTone(c.text, c.tone); got != c.want {
			t.Errorf("%q in tone %d is %q", c.text, c.tone, got)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("thumb")
	f.Add("\xff :_")
	f.Fuzz(func(t *testing.T, q string) {
		if n := len(Search(q, 7)); n > 7 {
			t.Errorf("%d of at most 7", n)
		}
	})
}
