package render_test

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"
	"gioui.org/layout"

	"golang.org/x/text/language"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
)

// lively is a conversation in which everything of a message can be done.
func lively(m *contractv1.Message) {
	m.React, m.Forward = true, true
	m.Menu = append(m.Menu, &contractv1.Item{Id: "hide", Text: "Hide", Icon: "delete", Danger: true, Many: true, SeparatorBefore: true})
}

func livelyItems() []*contractv1.ListItem {
	items := []*contractv1.ListItem{
		sep("day:1", "Tuesday, 24 November", false),
		msg("1", "Good morning! 😀 Did you see the drawing? ❤️", false, 1, lively),
		msg("2", "It is on the whiteboard 👍🏽 👨‍👩‍👧 and so on", false, 2, lively, continues),
		msg("3", "yes, opening it", true, 4, lively),
		msg("4", "Sounds good", false, 8, lively, func(m *contractv1.Message) {
			m.Reactions = []*contractv1.Chip{{Id: "👍", Text: "👍", Count: 2, Selected: true, Tooltip: "Alice, Chris"}, {Id: "🎉", Text: "🎉", Count: 1, Tooltip: "Chris"}}
		}),
		msg("5", "of course", true, 21, lively),
	}
	return items
}

// shot leaves a picture for looking at, with SHOTS=<folder>.
func shot(w *uitest.Window, name string) {
	if dir := os.Getenv("SHOTS"); dir != "" {
		w.Save(filepath.Join(dir, "render-"+name+".png"))
	}
}

// withEmoji is a theme with coloured emoji where their font is.
func withEmoji(o theme.Options) theme.Options {
	const font = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
	if _, err := os.Stat(font); err == nil && os.Getenv("SHOTS") != "" {
		o.EmojiFont = font
	}
	return o
}

func openLively(t *testing.T, o theme.Options) (*chat, *uitest.Window) {
	t.Helper()
	c := newChat(withEmoji(o), livelyItems())
	kept := map[string]string{}
	c.kept = kept
	c.editor.Emoji, c.editor.Formatting = true, true
	c.rebuild()
	w := open(t, c, image.Pt(760, 640))
	c.th.CloseFonts()
	w.Settle()
	return c, w
}

func (c *chat) last() (kind contractv1.Action_Kind, node, item, value string) {
	if len(c.acts) == 0 {
		return
	}
	a := c.acts[len(c.acts)-1]
	return a.Kind, a.Node, a.Item, a.Value
}

func wantReact(t *testing.T, c *chat, node, value string) {
	t.Helper()
	if kind, n, item, v := c.last(); kind != contractv1.Action_REACT || n != node || item != node || v != value {
		t.Errorf("the last action is %v of %q in %q: %q", kind, n, item, v)
	}
}

func TestReactionChip(t *testing.T) {
	c, w := openLively(t, theme.Options{})
	w.Click("👍 2")
	wantReact(t, c, "4", "👍")
	if !w.Find("👍 2").Selected && !strings.Contains(w.Tree(), "👍 2 (selected)") {
		t.Errorf("mine is not marked:\n%s", w.Tree())
	}
}

func TestBarUnderThePointer(t *testing.T) {
	c, w := openLively(t, theme.Options{})
	if w.Has("React with grinning face…") || w.Has("React with thumbs up") {
		t.Fatal("a bar shows without a pointer")
	}
	w.Hover(layout.FPt(centre(w.Find("Good morning!…").Bounds)))
	if !w.Has("React with thumbs up") {
		t.Fatalf("no bar under the pointer:\n%s", w.Tree())
	}
	shot(w, "bar")
	w.Click("React with thumbs up")
	wantReact(t, c, "1", "👍")
	w.Hover(f32.Pt(300, 630))
	if w.Has("React with thumbs up") {
		t.Error("the bar stays")
	}
}

func centre(r image.Rectangle) image.Point { return r.Min.Add(r.Max).Div(2) }

func TestReactByKeyboard(t *testing.T) {
	c, w := openLively(t, theme.Options{})
	c.session.FocusComposer()
	w.Settle()
	w.Tab(true)
	for range 12 {
		if w.Has("React with thumbs up") {
			break
		}
		w.Tab(true)
	}
	if !w.Has("React with thumbs up") {
		t.Fatalf("the keyboard brings no bar:\n%s", w.Tree())
	}
	w.Key(key.NameRightArrow, 0)
	w.Tab(false)
	shot(w, "bar-keys")
	w.Key(key.NameReturn, 0)
	wantReact(t, c, "5", "❤️")
}

func TestPickerFromTheMenu(t *testing.T) {
	for _, o := range []theme.Options{{}, {Dark: true}} {
		c, w := openLively(t, o)
		w.RightClick("yes, opening it")
		w.Click("React…")
		w.Advance(time.Second)
		if !w.Has("Smileys and feelings") {
			t.Fatalf("no picker:\n%s", w.Tree())
		}
		name := "picker"
		if o.Dark {
			name += "-dark"
		}
		shot(w, name)
		w.Type("daumen hoch")
		shot(w, name+"-search")
		w.Key(key.NameReturn, 0)
		wantReact(t, c, "3", "👍")
		if got := c.kept["emoji.recent"]; got != "👍" {
			t.Errorf("recent: %q", got)
		}
	}
}

func TestPickerKeys(t *testing.T) {
	c, w := openLively(t, theme.Options{})
	c.kept["emoji.recent"] = "🎉 👍"
	c.session.FocusComposer()
	w.Settle()
	w.Type("ab")
	w.Click("Emoji")
	w.Advance(time.Second)
	shot(w, "picker-composer")
	w.Key(key.NameRightArrow, 0)
	w.Key(key.NameReturn, 0) // the second of the recent ones
	w.Type("c")
	if got := c.edited; len(got) == 0 || !strings.HasSuffix(got[len(got)-1], "👍c") {
		w.Advance(time.Second)
		if got = c.edited; len(got) == 0 || got[len(got)-1] != "ab👍c" {
			t.Errorf("typed: %q", got)
		}
	}
	w.Click("Emoji")
	w.Key(key.NamePageDown, 0)
	w.Key(key.NameDownArrow, 0)
	w.Key(key.NamePageDown, 0)
	w.Click("Dark skin tone")
	if c.kept["emoji.tone"] != "5" {
		t.Errorf("the skin tone is not kept: %q", c.kept)
	}
	w.Key(key.NameEscape, 0)
	if w.Has("Dark skin tone") {
		t.Error("Esc does not close the picker")
	}
	w.Type("d")
	w.Advance(time.Second)
	if got := c.edited; got[len(got)-1] != "ab👍cd" {
		t.Errorf("after Esc: %q", got)
	}
}

// pressMessage presses a message with modifiers.
func pressMessage(w *uitest.Window, label string, mods key.Modifiers) {
	w.ClickWith(layout.FPt(centre(w.Find(label).Bounds)), mods)
}

func TestMarkByPressing(t *testing.T) {
	_, w := openLively(t, theme.Options{})
	pressMessage(w, "Bob, 09:35…", key.ModCtrl)
	if !w.Has("1 selected") {
		t.Fatalf("Ctrl and a press mark nothing:\n%s", w.Tree())
	}
	pressMessage(w, "Bob, 09:42…", key.ModShift)
	if !w.Has("4 selected") {
		t.Fatalf("Shift and a press mark nothing between:\n%s", w.Tree())
	}
	pressMessage(w, "Bob, 09:36…", key.ModCtrl)
	w.Click("Stop selecting")
	if w.Has("3 selected") {
		t.Error("it does not end")
	}
}

func TestMarkSeveral(t *testing.T) {
	c, w := openLively(t, theme.Options{})
	w.RightClick("Sounds good")
	w.Click("Select")
	if !w.Has("1 selected") {
		t.Fatalf("no bar:\n%s", w.Tree())
	}
	pressMessage(w, "Bob, 09:35…", 0)
	if !w.Has("2 selected") || !w.Find("Bob, 09:35…").Selected {
		t.Fatalf("a press does not mark:\n%s", w.Tree())
	}
	pressMessage(w, "Bob, 09:35…", 0)
	w.Key(key.NameUpArrow, key.ModShift)
	w.Key(key.NameUpArrow, key.ModShift)
	shot(w, "marked")
	if !w.Has("1 selected") && !w.Has("2 selected") {
		t.Fatalf("marks:\n%s", w.Tree())
	}
	w.Key(key.NameEscape, 0)
	if w.Has("1 selected") || w.Has("2 selected") {
		t.Fatal("Esc does not end it")
	}
	pressMessage(w, "Bob, 09:36…", key.ModCtrl)
	w.Key("C", key.ModShortcut)
	if !strings.HasPrefix(w.Clipboard, "Bob, 09:36: It is on the whiteboard") || w.Has("1 selected") {
		t.Errorf("Ctrl+C copied %q", w.Clipboard)
	}
	w.RightClick("yes, opening it")
	w.Click("Select")
	pressMessage(w, "Bob, 09:35…", 0)
	w.Click("Copy")
	if w.Clipboard != "Bob, 09:35: Good morning! 😀 Did you see the drawing? ❤️\nAlice, 09:38: yes, opening it\n" {
		t.Errorf("copied %q", w.Clipboard)
	}
	w.RightClick("yes, opening it")
	w.Click("Select")
	pressMessage(w, "Bob, 09:35…", 0)
	w.Click("Hide…")
	if len(c.acts) != 0 {
		t.Fatal("it does not ask")
	}
	shot(w, "marked-ask")
	w.Click("Hide")
	if len(c.acts) != 0 {
		t.Fatal("a press at once destroys")
	}
	w.Advance(time.Second)
	w.Click("Hide")
	if len(c.acts) != 2 || c.acts[0].Node != "1" || c.acts[0].Item != "1" || c.acts[1].Node != "3" || c.acts[0].Value != "hide" {
		t.Errorf("actions: %+v", c.acts)
	}
}

func TestMarkByKeyboardAndForward(t *testing.T) {
	c, w := openLively(t, theme.Options{})
	c.session.FocusComposer()
	w.Settle()
	for range 12 {
		w.Tab(true)
		if w.Has("React with thumbs up") {
			break
		}
	}
	w.Key(key.NameUpArrow, 0)
	w.Key(key.NameUpArrow, key.ModShift)
	w.Key(key.NameUpArrow, key.ModShift)
	if !w.Has("3 selected") {
		t.Fatalf("marked by keys:\n%s", w.Tree())
	}
	w.Key(key.NameDownArrow, key.ModShift)
	if !w.Has("2 selected") {
		t.Fatalf("taken back:\n%s", w.Tree())
	}
	w.Click("Forward")
	if len(c.forwarded) != 2 || c.forwarded[0] != "3" || c.forwarded[1] != "4" {
		t.Errorf("forwarded %q", c.forwarded)
	}
}

// TestOneAndMany: the question is a sentence for one and for several, in both
// languages.
func TestOneAndMany(t *testing.T) {
	for lang, want := range map[language.Tag][2]string{language.English: {"Hide: 1 selected message?", "Hide: 2 selected messages?"}, language.German: {"Hide: 1 ausgewählte Nachricht?", "Hide: 2 ausgewählte Nachrichten?"}} {
		for n, words := range want {
			_, w := openLively(t, theme.Options{Language: lang})
			pressMessage(w, "Bob, 09:42…", key.ModCtrl)
			if n == 1 {
				pressMessage(w, "Bob, 09:35…", key.ModCtrl)
			}
			w.Click("Hide…")
			if !w.Has(words) {
				t.Errorf("no %q in\n%s", words, w.Tree())
			}
		}
	}
}

func TestEmojiByName(t *testing.T) {
	c, w := openLively(t, theme.Options{})
	c.session.FocusComposer()
	w.Settle()
	w.Type("well :thumbs")
	if !w.Has("thumbs up") {
		t.Fatalf("nothing to choose:\n%s", w.Tree())
	}
	shot(w, "emoji-name")
	w.Key(key.NameDownArrow, 0)
	w.Key(key.NameUpArrow, 0)
	w.Key(key.NameTab, 0)
	w.Type(" done 10:30am :x")
	if w.Has("thumbs up") {
		t.Error("it stays")
	}
	w.Key(key.NameReturn, 0)
	if _, _, _, v := c.last(); v != "well 👍 done 10:30am :x" {
		t.Errorf("sent %q", v)
	}
	w.Type(":pizz")
	w.Key(key.NameEscape, 0)
	w.Key(key.NameReturn, 0)
	if _, _, _, v := c.last(); v != ":pizz" {
		t.Errorf("after Esc: %q", v)
	}
}
