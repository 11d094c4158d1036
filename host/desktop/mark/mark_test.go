package mark

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"testing"

	"switchboard/shared/model"
)

func TestSVGIsWellFormed(t *testing.T) {
	d := xml.NewDecoder(bytes.NewReader(SVG()))
	parts := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := token.(xml.StartElement); ok {
			parts++
		}
	}
	if parts != len(shapes())+1 {
		t.Errorf("%d parts in the file, %d shapes", parts, len(shapes()))
	}
}

func TestDraw(t *testing.T) {
	for _, edge := range []int{-1, 0, 8, 22, 1 << 20} {
		img := Draw(edge)
		if n := img.Rect.Dx(); n < minEdge || n > maxEdge || edge == 22 && n != 22 {
			t.Errorf("asked for %d, it is %d", edge, n)
		}
	}
	img := Draw(64)
	for at, want := range map[[2]int]color.NRGBA{{0, 0}: {}, {32, 5}: ground, {19, 13}: white, {19, 19}: ground} {
		if c := img.NRGBAAt(at[0], at[1]); c != want && (want.A != 0 || c.A > 40) {
			t.Errorf("at %v it is %v, not %v", at, c, want)
		}
	}
}

// TestTrayTellsApart: every presence and every number looks different.
func TestTrayTellsApart(t *testing.T) {
	seen := map[string]string{}
	note := func(what string, status model.Status, unread int) {
		img := string(Tray(22, status, unread).Pix)
		if other, same := seen[img]; same {
			t.Errorf("%s looks like %s", what, other)
		}
		seen[img] = what
	}
	for _, s := range []model.Status{model.Available, model.Away, model.Busy, model.Offline} {
		note(string(s), s, 0)
	}
	for n, what := range map[int]string{1: "one", 2: "two", 99: "99", 100: "more"} {
		note(what, model.Available, n)
	}
	if a, b := Tray(22, model.Away, 100), Tray(22, model.Away, 1<<30); string(a.Pix) != string(b.Pix) {
		t.Error("beyond 99 the number still grows")
	}
}
