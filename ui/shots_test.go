package ui_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

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
}
