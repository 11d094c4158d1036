package render_test

import (
	"image"
	"testing"
	"time"

	"gioui.org/io/key"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
)

func TestFormattingKeys(t *testing.T) {
	c := newChat(theme.Options{}, nil)
	c.editor.Formatting = true
	c.rebuild()
	w := open(t, c, image.Pt(620, 400))
	c.session.FocusComposer()
	w.Settle()
	text := func() string {
		w.Advance(time.Second)
		if len(c.edited) == 0 {
			return ""
		}
		return c.edited[len(c.edited)-1]
	}
	want := func(what string) {
		t.Helper()
		if got := text(); got != what {
			t.Errorf("the text is %q, not %q", got, what)
		}
	}
	w.Type("so so")
	w.Key("B", key.ModShortcut)
	w.Type("x")
	want("so so*x*")
	w.Key("A", key.ModShortcut)
	w.Key("I", key.ModShortcut)
	want("_so so*x*_")
	w.Key("I", key.ModShortcut)
	want("so so*x*")
	w.Key("E", key.ModShortcut)
	want("`so so*x*`")
	w.Key("A", key.ModShortcut)
	w.Paste("one\n\ntwo\nthree")
	want("one\n\ntwo\nthree")
	w.Key("A", key.ModShortcut)
	w.Key("E", key.ModShortcut)
	want("```\none\n\ntwo\nthree\n```")
	w.Key(key.NameReturn, 0)
	if kind, _, _, v := c.last(); kind != contractv1.Action_SUBMIT || v != "```\none\n\ntwo\nthree\n```" {
		t.Errorf("sent %v %q", kind, v)
	}
}

func TestNoFormattingUnasked(t *testing.T) {
	c := newChat(theme.Options{}, nil)
	w := open(t, c, image.Pt(620, 400))
	c.session.FocusComposer()
	w.Settle()
	w.Type("so")
	w.Key("B", key.ModShortcut)
	w.Advance(time.Second)
	if c.edited[len(c.edited)-1] != "so" {
		t.Errorf("the text is %q", c.edited)
	}
}

// TestInputMethod: what an input method composes is not sent by what ends the
// composing, which the method keeps for itself; the next Enter sends all of it.
func TestInputMethod(t *testing.T) {
	c := newChat(theme.Options{}, nil)
	w := open(t, c, image.Pt(620, 400))
	c.session.FocusComposer()
	w.Settle()
	w.Type("a ")
	w.Compose("n", "に", "にほ", "にほん", "日本")
	if len(c.acts) != 0 {
		t.Fatalf("composing sends: %+v", c.acts)
	}
	w.Commit("日本")
	if len(c.acts) != 0 {
		t.Fatalf("the end of composing sends: %+v", c.acts)
	}
	w.Key(key.NameReturn, 0)
	if _, _, _, v := c.last(); v != "a 日本" {
		t.Errorf("sent %q", v)
	}
}

// TestComposerHeight: at most eight lines and 40 percent of the height.
func TestComposerHeight(t *testing.T) {
	for _, size := range []image.Point{{X: 620, Y: 800}, {X: 620, Y: 300}} {
		c := newChat(theme.Options{}, nil)
		w := open(t, c, size)
		c.session.FocusComposer()
		w.Settle()
		for range 20 {
			w.Key(key.NameReturn, key.ModShift)
			w.Type("x")
		}
		box := w.Find("Message Bob").Bounds
		if most := min(9*20, size.Y*45/100); box.Dy() > most {
			t.Errorf("at %v the composer is %d high, at most %d", size, box.Dy(), most)
		}
	}
}
