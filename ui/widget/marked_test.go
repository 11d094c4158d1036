package widget

import (
	"slices"
	"strings"
	"testing"
)

func TestMarkedBeginsNearItsFirstMark(t *testing.T) {
	long := strings.Repeat("word ", 40) + "the cable is here"
	at := strings.Index(long, "cable")
	text, marks := Marked{Text: long, Marks: [][2]int{{at, at + 5}}}.flat()
	if !strings.HasPrefix(text, "…word ") || len(marks) != 1 || string([]rune(text)[marks[0][0]:marks[0][1]]) != "cable" {
		t.Errorf("%q with marks %v", text, marks)
	}
}

func TestMarkedTakesNoMarkThatIsNoPiece(t *testing.T) {
	for _, c := range []struct {
		text  string
		marks [][2]int
		want  [][2]int
	}{
		{"schön", [][2]int{{0, 3}, {3, 6}}, [][2]int{{0, 3}, {3, 5}}},
		{"schön", [][2]int{{4, 6}}, nil}, // begins inside a letter
		{"abc", [][2]int{{2, 9}, {-1, 2}, {2, 1}}, nil},
		{"a\nb\u202ec", [][2]int{{2, 3}}, [][2]int{{2, 3}}},
		{"", [][2]int{{0, 1}}, nil},
	} {
		if _, got := (Marked{Text: c.text, Marks: c.marks}).flat(); !slices.Equal(got, c.want) {
			t.Errorf("%q %v: %v, want %v", c.text, c.marks, got, c.want)
		}
	}
}

func FuzzMarked(f *testing.F) {
	f.Add("The cable is here", 4, 9)
	f.Add(strings.Repeat("é", 60), 50, 90)
	f.Add("x", 49, 50)
	f.Fuzz(func(t *testing.T, text string, from, to int) {
		flat, marks := Marked{Text: text, Marks: [][2]int{{from, to}}}.flat()
		for _, m := range marks {
			if n := len([]rune(flat)); m[0] < 0 || m[1] > n || m[0] > m[1] {
				t.Errorf("%q %d %d: mark %v of %d letters", text, from, to, m, n)
			}
		}
	})
}
