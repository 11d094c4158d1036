package ui_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/shared/model"
	"switchboard/ui"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
)

// shown is a window on a recorded world.
type shown struct {
	*uitest.Window
	world *world
	ui    *ui.Window
}

func show(t *testing.T, w *world, size image.Point, scale float32) *shown {
	t.Helper()
	win := ui.NewWindow(w, theme.New(theme.Options{Zone: time.UTC}))
	t.Cleanup(win.Close)
	return &shown{Window: uitest.New(t, size, scale, win.Layout), world: w, ui: win}
}

// wait lets what was asked of the host finish and draws its result.
func (s *shown) wait() {
	s.ui.Wait()
	s.Settle()
}

// TestShots writes pictures for looking at, when asked to.
func TestShots(t *testing.T) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		t.Log("set SHOTS to a folder to get pictures")
		return
	}
	shot := func(name string, w *world, size image.Point, scale float32, then ...func(*shown)) {
		s := show(t, w, size, scale)
		for _, f := range then {
			f(s)
			s.wait()
		}
		s.Save(filepath.Join(dir, name+".png"))
	}
	big := image.Pt(1180, 780)
	themed := func(id string, w *world) *world {
		for i := range w.snap.Settings {
			if w.snap.Settings[i].Key == "appearance.theme" {
				w.snap.Settings[i].Value = id
			}
		}
		return w
	}
	for _, id := range []string{"light", "dark"} {
		shot("chat-"+id, themed(id, lab()), big, 1)
		shot("settings-"+id, themed(id, lab()), big, 1, func(s *shown) { s.Click("Settings") })
		shot("plugins-"+id, themed(id, lab()), big, 1, func(s *shown) { s.Click("Settings") }, func(s *shown) { s.Click("Plugins") }, func(s *shown) { s.Click("About Messages") })
		shot("first-"+id, themed(id, newWorld(&model.Snapshot{Settings: settings()})), big, 1)
	}
	click := func(labels ...string) func(*shown) {
		return func(s *shown) {
			for _, l := range labels {
				s.Click(l)
				s.wait()
			}
		}
	}
	shot("list-narrow", lab(), image.Pt(360, 640), 1)
	shot("chat-narrow", lab(), image.Pt(360, 640), 1, click("Dora…"), func(s *shown) { offered(s.world); s.Settle() }, click("Back", "Bob…"))
	shot("twice", lab(), image.Pt(2360, 1560), 2)
	shot("offer", lab(), big, 1, func(s *shown) { offered(s.world); s.Settle(); s.Advance(time.Second) })
	shot("panel", lab(), image.Pt(1400, 800), 1, func(s *shown) { withBoard(s.world); s.Settle(); s.Advance(time.Second) }, click("Accept…"))
	shot("menu", lab(), big, 1, func(s *shown) { s.RightClick("Emil…") })
	shot("more", lab(), big, 1, click("More"))
	shot("presence", lab(), big, 1, click("My presence: Available"))
	shot("dialog", lab(), big, 1, func(s *shown) { s.RightClick("Emil…") }, click("Block"), func(s *shown) { s.Advance(time.Second) })
	shot("search", lab(), big, 1, func(s *shown) { s.Key("K", key.ModCtrl); s.Type("b") })
	shot("invite", lab(), big, 1, click("Add or invite people", "Invite somebody"))
	shot("add", lab(), big, 1, click("Add or invite people", "Add a contact", "Send request"))
	shot("devices", lab(), big, 1, click("Settings", "Devices", "Make a code"))
	shot("keys", lab(), big, 1, func(s *shown) { s.Key(key.NameF1, 0) })
	shot("about", lab(), big, 1, click("Settings", "About"))
	shot("fault", faulty(), big, 1)
	shot("offline", offline(), big, 1, click("Offline, 2 messages wait"))
	shot("none", nobody(), big, 1)
	shot("long", long(), big, 1)
	shot("long-twice", long(), image.Pt(1440, 1000), 2)
	shot("nofeature", withoutChat(), big, 1)
	shot("contrast", themed("contrast-dark", lab()), big, 1)
	shot("compact", themed("light", compact()), big, 1)
	first := func() *world { return newWorld(&model.Snapshot{Settings: settings()}) }
	shot("first2", first(), big, 1, func(s *shown) { s.Type("Alice") }, click("Continue"))
	shot("first3", first(), big, 1, func(s *shown) { s.Type("Alice") }, click("Continue", "Just try it on this computer"))
	shot("first4", first(), big, 1, func(s *shown) { s.Type("Alice") }, click("Continue", "I have an invitation", "Join"))
	shot("first5", first(), big, 1, func(s *shown) { s.Type("Alice") }, click("Continue", "Just try it on this computer", "Start"))
	shot("first6", first(), image.Pt(360, 480), 1, click("I already use it on another device"))
	shot("settings-privacy", lab(), big, 1, click("Settings", "Privacy"))
	shot("settings-narrow", lab(), image.Pt(420, 700), 1, click("Settings"))
}
