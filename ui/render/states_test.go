package render_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gioui.org/io/key"
	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
)

// TestStatesCanBeDrawn brings the states of a conversation onto the screen that
// only appear when something is done; with GALLERY_DIR they are written there to
// be looked at.
func TestStatesCanBeDrawn(t *testing.T) {
	dir := os.Getenv("GALLERY_DIR")
	for _, dark := range []bool{false, true} {
		o := theme.Options{Dark: dark, ReducedMotion: true}
		suffix := ".png"
		if dark {
			suffix = "-dark.png"
		}
		c := newChat(o, conversation())
		c.editor = &contractv1.Editor{Composer: true, Hint: "Message Bob", Leading: []*contractv1.Node{
			{Id: "attach", Label: "Attach a file", Body: &contractv1.Node_IconButton{IconButton: &contractv1.IconButton{Icon: "attach"}}}},
			Banner: rowOf(textNode("Replying to Bob", contractv1.Text_STRONG), textNode("Could you send me the numbers from the last measurement?", contractv1.Text_SECONDARY))}
		c.rebuild()
		w := open(t, c, image.Pt(760, 640))
		shot := func(name string) {
			t.Helper()
			if dir != "" {
				w.Save(filepath.Join(dir, "state-"+name+suffix))
			}
		}
		c.session.FocusComposer()
		w.Settle()
		w.Type("A first line")
		w.Key(key.NameReturn, key.ModShift)
		w.Type("and a second one")
		w.RightClick("of course")
		if !w.Has("Reply") {
			t.Error("no context menu")
		}
		shot("menu")
		w.Key(key.NameEscape, 0)
		w.Scroll(middle, -300)
		b := w.Find("See https://example.org…").Bounds
		w.ClickAt(layout.FPt(b.Min.Add(image.Pt(120, 10))))
		if !w.Has("Open this address?") {
			t.Error("no question before a link")
		}
		shot("link")
		w.Click("Cancel")
		w.Tab(true)
		w.Tab(true)
		shot("scrolled")
		_, w = show(t, image.Pt(760, 500), o, columnOf(everything(), &contractv1.Node{Id: "d", Body: &contractv1.Node_Dialog{Dialog: &contractv1.Dialog{
			Open: true, Title: "Erase the board?", Content: textNode("Everybody in this conversation loses the drawing. This cannot be undone.", 0),
			Actions: []*contractv1.Node{button("keep", "Keep", 0), button("erase", "Erase", contractv1.Button_DANGER)},
		}}}))
		shot("dialog")
		c = newChat(o, nil)
		c.view = nil
		w = open(t, c, image.Pt(500, 300))
		w.Advance(5 * time.Second)
		shot("loading")
	}
}
