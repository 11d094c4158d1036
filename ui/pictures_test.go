package ui_test

import (
	"image"
	"testing"

	"switchboard/shared/model"
)

// pictures are the six screens whose look is kept in testdata.
var pictures = []struct {
	name  string
	world func() *world
	size  image.Point
	then  func(*shown)
}{
	{"list", lab, image.Pt(360, 720), func(*shown) {}},
	{"chat", lab, image.Pt(900, 620), func(*shown) {}},
	{"first-run", func() *world { return newWorld(&model.Snapshot{Settings: settings()}) }, image.Pt(640, 560), func(s *shown) { s.Type("Alice") }},
	{"settings", lab, image.Pt(900, 620), func(s *shown) { s.Click("Settings") }},
	{"plugins", lab, image.Pt(900, 620), func(s *shown) {
		s.Click("Settings")
		s.Click("Plugins")
		s.Click("About Tally")
	}},
	{"error", faulty, image.Pt(900, 620), func(*shown) {}},
}

// TestPictures compares six screens in light, dark and high contrast with their
// reference pictures; UPDATE_GOLDEN=1 renews them.
func TestPictures(t *testing.T) {
	for _, id := range []string{"light", "dark", "contrast-light"} {
		for _, p := range pictures {
			t.Run(p.name+"-"+id, func(t *testing.T) {
				w := p.world()
				for i := range w.snap.Settings {
					if w.snap.Settings[i].Key == "appearance.theme" {
						w.snap.Settings[i].Value = id
					}
				}
				s := show(t, w, p.size, 1)
				p.then(s)
				s.wait()
				s.Golden(p.name + "-" + id)
			})
		}
	}
}
