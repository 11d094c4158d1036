package render_test

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
)

// TestLargeTextAndSmallWindow lays out a conversation in the smallest window at
// three times the text size; nothing may stick out of its bubble or the window.
func TestLargeTextAndSmallWindow(t *testing.T) {
	long := strings.Repeat("Wolfeschlegelsteinhausenbergerdorff ", 2)[:60]
	items := append(conversation(), msg("name", "with a very long name", false, 40, func(m *contractv1.Message) { m.Name = long }),
		msg("rtl", "שלום, this is מעורב text", false, 41))
	for _, scale := range []float32{1, 2} {
		c := newChat(theme.Options{TextScale: 3}, items)
		size := image.Pt(int(360*scale), int(480*scale))
		w := uitest.New(t, size, scale, c.Layout)
		for range 30 {
			for _, n := range w.Nodes() {
				if n.Label != "" && n.Bounds.Max.X > size.X {
					t.Errorf("scale %v: %q reaches to %d of %d", scale, n.Label, n.Bounds.Max.X, size.X)
				}
			}
			w.Scroll(middle, -300)
		}
		if dir := os.Getenv("GALLERY_DIR"); dir != "" && scale == 2 {
			w.Save(filepath.Join(dir, "large.png"))
		}
	}
	if dir := os.Getenv("GALLERY_DIR"); dir != "" {
		c := newChat(theme.Options{}, items)
		w := uitest.New(t, image.Pt(1400, 1600), 2, c.Layout)
		w.Save(filepath.Join(dir, "chat-200.png"))
	}
}
