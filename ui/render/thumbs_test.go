package render_test

import (
	"fmt"
	"image"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
)

// TestPairsGoOnInASecondLine: things in rows of their own, as pictures with the
// buttons that take them away, never leave the width that there is.
func TestPairsGoOnInASecondLine(t *testing.T) {
	var pairs []*contractv1.Node
	label := func(i int) string { return fmt.Sprint("Do not send picture ", i+1) }
	for i := range contractv1.MaxPictures {
		pairs = append(pairs, rowOf(
			&contractv1.Node{Label: "A gradient", Body: &contractv1.Node_Image{Image: &contractv1.Image{Png: dot(), Width: 48, Height: 48}}},
			&contractv1.Node{Id: fmt.Sprint("away", i), Label: label(i), Body: &contractv1.Node_IconButton{IconButton: &contractv1.IconButton{Icon: "close"}}}))
	}
	for _, width := range []int{320, 640, 1000} {
		_, w := show(t, image.Pt(width, 700), theme.Options{ReducedMotion: true}, columnOf(rowOf(pairs...)))
		window := image.Rect(0, 0, width, 700)
		seen := map[image.Point]bool{}
		for i := range pairs {
			at := w.Find(label(i)).Bounds
			if !at.In(window) || at.Empty() || seen[at.Min] {
				t.Errorf("at a width of %d the button of picture %d is at %v", width, i+1, at)
			}
			seen[at.Min] = true
		}
	}
}
