package ui_test

import (
	"image"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/ui/access"
)

// stop is where the keyboard was on a walk, and how the window looked then.
type stop struct {
	id     int64
	name   string
	bounds image.Rectangle
	look   *image.RGBA
}

// walkPages are the pages that are walked by the keyboard, and how one gets there.
var walkPages = map[string]scene{
	"first run": {world: fresh},
	"chat":      {world: talkative},
	"search":    {world: lab, then: func(s *shown) { s.Key("F", key.ModCtrl|key.ModShift) }},
	"find":      {world: lab, then: func(s *shown) { s.Key("F", key.ModCtrl); s.Type("board"); s.answer() }},
	"settings":  {world: lab, then: func(s *shown) { s.Key(",", key.ModCtrl) }},
	"privacy":   {world: lab, then: clicks("Settings", "Privacy")},
	"network":   {world: lab, then: clicks("Settings", "This network")},
	"devices":   {world: lab, then: clicks("Settings", "Devices")},
	"plugins":   {world: lab, then: clicks("Settings", "Plugins", "About Messages")},
	"keys":      {world: lab, then: func(s *shown) { s.Key(key.NameF1, 0) }},
	"about":     {world: lab, then: clicks("Settings", "About")},
	"add":       {world: lab, then: clicks("Add or invite people", "Add a contact")},
	"group":     {world: lab, then: clicks("Add or invite people", "New group")},
	"contact":   {world: lab, then: clicks("Show contact")},
	"picture":   {world: talkative, then: clicks("Picture c")},
	"quit":      {world: lab, then: func(s *shown) { s.Key("Q", key.ModCtrl) }},
}

// TestWalkByKeyboard goes through every page with Tab: wherever the keyboard is can
// be seen, nothing keeps it, and Shift+Tab leads back the same way.
func TestWalkByKeyboard(t *testing.T) {
	for name, c := range walkPages {
		t.Run(name, func(t *testing.T) {
			c.size, c.scale = image.Pt(1180, 780), 1
			s := listen(t, c)
			s.Advance(time.Second)
			// Where the keyboard is shows once the keyboard is used; some pages were opened by a click.
			for i := 0; i == 0 || i < 40 && s.tree.Focus == nil; i++ {
				s.Tab(false)
			}
			var way []stop
			for range 7 {
				f := s.tree.Focus
				if f == nil {
					t.Fatalf("the keyboard is nowhere after %d steps", len(way))
				}
				way = append(way, stop{f.ID, f.Name, f.Bounds, s.Screenshot()})
				s.Tab(false)
			}
			if way[0].id == way[1].id && way[1].id == way[2].id {
				t.Fatalf("the keyboard stays on %q", way[0].name)
			}
			for i := 1; i < len(way); i++ {
				a, b := way[i-1], way[i]
				if a.id != b.id && !differs(a.look, b.look, a.bounds.Inset(-6)) {
					t.Errorf("one cannot see that the keyboard is on %q at %v", a.name, a.bounds)
				}
			}
			for i := len(way) - 1; i >= 0; i-- {
				s.Tab(true)
				if f := s.tree.Focus; f == nil || f.ID != way[i].id {
					t.Fatalf("Shift+Tab does not come to %q, but to %v", way[i].name, nameOf(f))
				}
			}
		})
	}
}

func nameOf(n *access.Node) string {
	if n == nil {
		return "nothing"
	}
	return n.Name
}

// differs tells whether two pictures differ somewhere in a part of them.
func differs(a, b *image.RGBA, in image.Rectangle) bool {
	in = in.Intersect(a.Bounds()).Intersect(b.Bounds())
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				return true
			}
		}
	}
	return false
}

// TestEscapeLeadsBack: Esc closes one thing at a time, ends in the composer, and
// never closes the window.
func TestEscapeLeadsBack(t *testing.T) {
	for name, c := range walkPages {
		if name == "first run" {
			continue // there is nothing to go back to
		}
		t.Run(name, func(t *testing.T) {
			c.size, c.scale = image.Pt(1180, 780), 1
			s := listen(t, c)
			s.Advance(time.Second)
			for range 4 {
				s.Key(key.NameEscape, 0)
				s.wait()
			}
			if f := s.tree.Focus; !s.Has("Conversation with Bob") || f == nil || f.Name != "Message Bob" {
				t.Errorf("Esc leads to %q in\n%s", nameOf(f), s.Tree())
			}
			s.Type("still here")
			if !written("still here")(s) {
				t.Error("what is typed then is not written")
			}
		})
	}
}
