package ui_test

import (
	"context"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// keyboard sets the layout of a display, and which of its groups is in use.
func (d *display) keyboard(layout string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, "setxkbmap", "-layout", layout, "-option", "", "-option", "grp:menu_toggle")
	c.Env = d.env
	if out, err := c.CombinedOutput(); err != nil {
		d.t.Fatalf("setxkbmap %s: %v: %s (.ci/deps test)", layout, err, out)
	}
}

// TestShortcutsOnEveryLayout: the keys of shortcuts are found by their place where
// no key has their name, also where there is an ASCII sign at that place, as ; is
// on a Greek keyboard and / on a Hebrew one; and by their name where there is one.
// Ctrl+Q asks each time. What was pressed before is done first: Esc closes the
// question, and Ctrl+Q right behind it asks again.
func TestShortcutsOnEveryLayout(t *testing.T) {
	d := screen(t)
	id, said, _, stop := d.window("lab")
	defer stop()
	d.must("windowfocus", "--sync", id)
	await(t, said, "focus "+dm("bob")+" true")
	for _, c := range []struct {
		layout, toggle string
		q              string // the key that is Q there, by number
	}{{layout: "ru", q: "24"}, {layout: "gr", q: "24"}, {layout: "il", q: "24"}, {layout: "us", q: "24"}, {layout: "fr", q: "38"},
		{"us,ru", "Menu", "24"}, {"ru,us", "Menu", "24"}} {
		t.Log(c.layout)
		d.keyboard(c.layout)
		if c.toggle != "" {
			d.must("key", c.toggle)
		}
		d.must("key", "ctrl+"+c.q)
		await(t, said, "others")
		d.quiet(id)
		d.must("key", "Escape", "ctrl+"+c.q)
		await(t, said, "others")
		d.quiet(id)
		d.must("key", "Escape")
		d.quiet(id)
		if c.toggle != "" {
			d.must("key", c.toggle)
		}
	}
}

// TestEditingOnEveryLayout: select all, copy, cut, paste, undo and redo by their
// places in the composer.
func TestEditingOnEveryLayout(t *testing.T) {
	d := screen(t)
	id, said, _, stop := d.window("lab")
	defer stop()
	d.must("windowfocus", "--sync", id)
	await(t, said, "focus "+dm("bob")+" true")
	d.quiet(id)
	for layout, word := range map[string]string{"ru": "фы", "gr": "ασ"} {
		d.keyboard(layout)
		step := func(text string, keys ...string) {
			t.Helper()
			d.must(append([]string{"key"}, keys...)...)
			await(t, said, "edited "+text)
		}
		step(word, "38", "39")         // A, S
		step("", "ctrl+38", "ctrl+53") // all, cut
		step(word, "ctrl+55")
		step(word+word, "ctrl+55")
		step(word, "ctrl+52")                     // taken back
		step(word+word, "ctrl+29")                // and done again
		step("", "ctrl+38", "ctrl+54", "ctrl+53") // all, copied and cut
		step(word+word, "ctrl+55")
		step("", "ctrl+52", "ctrl+52", "ctrl+52", "ctrl+52", "ctrl+52", "ctrl+52", "ctrl+52", "ctrl+52")
		step(word, "ctrl+shift+52")
		d.must("key", "Return")
		await(t, said, "act "+dm("bob")+" text SUBMIT "+word)
	}
}

// quiet waits until the window shows the same for a while: what was asked of it is
// done. A caret that blinks is not looked at.
func (d *display) quiet(id string) {
	d.t.Helper()
	var last []byte
	same := 0
	for end := time.Now().Add(20 * time.Second); same < 2; {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		c := exec.CommandContext(ctx, "import", "-silent", "-window", id, "-resize", "10%", "-depth", "4", "gray:-")
		c.Env = d.env
		now, err := c.Output()
		cancel()
		if err != nil {
			d.t.Fatalf("look at the window: %v (.ci/deps test)", err)
		}
		if same++; !slices.Equal(now, last) {
			same, last = 0, now
		}
		if time.Now().After(end) {
			d.t.Fatal("the window does not come to rest")
		}
	}
}
