package render

import (
	"slices"
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
)

func TestPastedPictures(t *testing.T) {
	many := strings.Repeat("/a.png\n", contractv1.MaxPictures)
	for text, want := range map[string][]string{
		"":                                    nil,
		"hello":                               nil,
		"/home/a b.png":                       {"/home/a b.png"},
		" '/home/a.JPG' \n":                   {"/home/a.JPG"},
		"file:///home/a.png\r\n/home/b.gif\n": {"file:///home/a.png", "/home/b.gif"},
		"/home/a.png\nlook at this":           nil,
		"look\n/home/a.png":                   nil,
		"/home/a.png\n/home/report.pdf":       nil,
		many + "/a.png":                       nil,
		"/" + strings.Repeat("x", maxPath) + ".png": nil,
	} {
		if got := pastedPictures(text); !slices.Equal(got, want) {
			t.Errorf("%.60q: %q, want %q", text, got, want)
		}
	}
	if got := pastedPictures(many); len(got) != contractv1.MaxPictures {
		t.Errorf("%d of %d", len(got), contractv1.MaxPictures)
	}
}
