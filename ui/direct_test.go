package ui_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// In a conversation of two the header says who the other is, and their picture
// stands beside what they say; in a group each run says who.
func TestNamesStandInGroupsOnly(t *testing.T) {
	inTranscript := func(s *shown, name string) (n int) {
		for _, x := range s.Nodes() {
			if x.Label == name && x.Bounds.Min.X > 300 && x.Bounds.Min.Y > 60 {
				n++
			}
		}
		return n
	}
	s := show(t, lab(), desk, 1)
	s.Settle()
	if n := inTranscript(s, "Bob"); n != 0 {
		t.Errorf("the name stands %d times in a conversation of two, in\n%s", n, s.Tree())
	}
	if inTranscript(s, "B") == 0 {
		t.Errorf("no picture stands beside the messages, in\n%s", s.Tree())
	}
	s = show(t, withGroups(), desk, 1)
	s.Settle()
	if inTranscript(s, "Bob") == 0 {
		t.Errorf("nobody is named in a group, in\n%s", s.Tree())
	}
}

func TestFindFromTheHeader(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Settle()
	s.Click("Find · Ctrl+F")
	if !s.Has("Find in this conversation") {
		t.Fatalf("the icon did not open the line that finds, in\n%s", s.Tree())
	}
	s.Type("cable")
	s.answer()
	if q := w.questions(); len(q) != 1 || !strings.HasPrefix(q[0], "search "+dm("bob")+" cable") {
		t.Errorf("the line did not have the keyboard: asked %q", q)
	}
}

// Who the person is to others stands above the settings about them, at every size.
func TestMeInSettings(t *testing.T) {
	for _, size := range []image.Point{desk, {X: 360, Y: 480}} {
		w := startable()
		w.snap = lab().snap
		w.snap.Settings = append(slices.Clone(startable().snap.Settings), w.snap.Settings...)
		s := show(t, w, size, 1)
		clicks("Settings")(s)
		if size == desk {
			clicks("Me")(s)
		}
		for _, want := range []string{"Alice", "alice@lab", "Copy address", "Choose my picture…"} {
			if !s.Has(want) {
				t.Errorf("%v: %q is missing in\n%s", size, want, s.Tree())
			}
		}
		if dir := os.Getenv("SHOTS"); dir != "" {
			s.Save(filepath.Join(dir, fmt.Sprintf("settings-me-%d.png", size.X)))
		}
		s.Click("Copy address")
		if w.count("copy alice@lab") == 0 && s.Clipboard != "alice@lab" {
			t.Errorf("%v: the address was not copied: %v", size, w.all())
		}
	}
}
