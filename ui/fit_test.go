package ui_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"
	"gioui.org/io/semantic"
	"golang.org/x/text/language"

	"switchboard/shared/model"
	"switchboard/ui/page"
	"switchboard/ui/words"
)

// goTo opens a page by its name in the language of the window, with the search.
func goTo(name words.Word) func(*shown) {
	return func(s *shown) {
		s.Key("K", key.ModCtrl)
		s.Type(name.Text())
		s.Key(key.NameReturn, 0)
		s.wait()
	}
}

// atBob opens the conversation with Bob, whatever he is called.
func atBob(s *shown) {
	if s.Has("Back") || s.Has(words.GoBack.Text()) {
		return
	}
	s.Key(key.NameTab, key.ModCtrl)
	for range 8 {
		if s.world.Recall("conversation") == dm("bob") {
			break
		}
		s.Key(key.NameTab, key.ModCtrl)
	}
	s.wait()
}

// kind is how a place stands in the window.
type kind int

const (
	inside kind = iota
	floats      // over other things, and scrolls when it is too tall
	dialog      // over all, and nothing of it may have to be scrolled to
)

// place is a part of the window that has to fit everywhere.
type place struct {
	name string
	kind kind
	open func(*shown)
}

var places = []place{
	{"list", inside, func(*shown) {}},
	{"conversation", inside, atBob},
	{"jump", inside, func(s *shown) { s.Key("K", key.ModCtrl); s.Type("a"); s.answer() }},
	{"search", inside, func(s *shown) { s.Key("F", key.ModCtrl|key.ModShift); s.Type("cable"); s.answer() }},
	{"find", inside, func(s *shown) { atBob(s); s.Key("F", key.ModCtrl); s.Type("cable"); s.answer() }},
	{"profile", inside, func(s *shown) { atBob(s); s.Click("Show contact"); s.wait() }},
	{"settings", inside, func(s *shown) { s.Key(",", key.ModCtrl) }},
	{"plugins", inside, goTo(words.Plugins)},
	{"devices", inside, func(s *shown) { goTo(words.Devices)(s); s.Click("Link a device"); s.wait() }},
	{"network", inside, goTo(words.YourNetwork)},
	{"recovery", inside, func(s *shown) { goTo(words.Recovery)(s); s.Click("Make a recovery code"); s.wait() }},
	{"invite", inside, func(s *shown) {
		goTo(words.Invite)(s)
		s.Scroll(f32.Pt(float32(s.Size.X)/2, float32(s.Size.Y)*2/3), 60)
		s.Click("Make an invitation")
		s.wait()
	}},
	{"add", inside, goTo(words.AddContact)},
	{"new group", inside, goTo(words.NewGroup)},
	{"keys", inside, func(s *shown) { s.Key(key.NameF1, 0) }},
	{"about", inside, goTo(words.About)},
	{"presence", floats, func(s *shown) { s.ClickAt(f32.Pt(40, 28).Mul(s.dp())) }},
	{"menu", floats, func(s *shown) { atBob(s); s.Click("More") }},
	{"rename", dialog, func(s *shown) { atBob(s); s.Key(key.NameF2, 0) }},
	{"quit", dialog, func(s *shown) { s.Key("Q", key.ModCtrl); s.wait(); s.Advance(page.Settle) }},
	{"export", dialog, func(s *shown) {
		atBob(s)
		found(words.Export.Text())(s)
		s.Key(key.NameReturn, 0)
		s.wait()
		s.Advance(page.Settle)
	}},
}

// dp is how many pixels one dp has.
func (s *shown) dp() float32 { return s.scale }

// named is the lab with everybody called so.
func named(name string) func() *world {
	return func() *world {
		w := carried()
		w.change(func(m *model.Snapshot) {
			m.Account = &model.Account{Address: "alice@lab", Name: name, Device: "d1", Network: "lab", NetworkKey: m.Account.NetworkKey, Owner: true}
			m.Groups = nil
			for i := range m.Conversations {
				m.Conversations[i].Title = name
			}
			for i := range m.Contacts {
				m.Contacts[i].Name = name
			}
		})
		return w
	}
}

// TestEveryPlaceFits lays out every page, menu and dialog in the smallest window,
// at 300 % on a common screen and in longer words, with names that break careless
// layouts, and looks for what sticks out of the window or lies on something else.
func TestEveryPlaceFits(t *testing.T) {
	t.Cleanup(func() { words.Use(language.English) })
	long := strings.Repeat("Wolfeschlegelsteinhausenbergerdorff ", 2)[:60]
	for _, c := range []struct {
		name, lang string
		world      func() *world
		size       image.Point
		scale      float32
	}{
		{"smallest", "en", carried, image.Pt(360, 480), 1},
		{"smallest in longer words", words.Pseudo.String(), carried, image.Pt(360, 480), 1},
		{"smallest with long names", "en", named(long), image.Pt(360, 480), 1},
		{"smallest with names from the right", "en", named("محمد عبد الرحمن الفارسي"), image.Pt(360, 480), 1},
		{"smallest with emoji", "en", named("🦊👩‍👩‍👧‍👦 Foxy 🦊🏳️‍🌈"), image.Pt(360, 480), 1},
		{"three times", "en", carried, image.Pt(1920, 1080), 3},
		{"three times in longer words", words.Pseudo.String(), carried, image.Pt(1920, 1080), 3},
		{"wide with long names", "en", named(long), desk, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("SWITCHBOARD_LANG", c.lang)
			for _, p := range places {
				s := show(t, c.world(), c.size, c.scale)
				s.scale = c.scale
				p.open(s)
				s.Hover(f32.Pt(-1, -1))
				s.Advance(time.Second)
				fits(t, s, c.name+": "+p.name, p.kind)
				if dir := os.Getenv("FITS"); dir != "" {
					s.Save(filepath.Join(dir, strings.ReplaceAll(c.name+"-"+p.name, " ", "-")+".png"))
				}
				for range 6 { // what is further down
					s.Scroll(f32.Pt(float32(c.size.X)*3/4, float32(c.size.Y)*2/3), float32(c.size.Y)/2)
					fits(t, s, c.name+": "+p.name, p.kind)
				}
				s.ui.Close()
			}
		})
	}
}

// fits looks at all that can be pressed or written in.
func fits(t *testing.T, s *shown, where string, k kind) {
	t.Helper()
	window := image.Rectangle{Max: s.Size}
	edge := int(2 * s.scale)
	var press []int
	nodes := s.Nodes()
	for i, n := range nodes {
		name := fmt.Sprintf("%s: %q at %v", where, n.Label, n.Bounds)
		control := (n.Clickable || n.Class == semantic.Editor) && !n.Disabled
		if n.Bounds.Empty() || !control || n.Class == semantic.Unknown && k != inside { // Gio says of words only how much room they may have
			continue
		}
		if n.Cut.X > edge {
			t.Errorf("%s is cut by %d pixels", name, n.Cut.X)
		}
		if k == dialog && n.Cut.Y > edge {
			t.Errorf("%s is cut by %d pixels of its height", name, n.Cut.Y)
		}
		if !n.Bounds.In(window) {
			t.Errorf("%s is not in the window", name)
		}
		if n.Clickable && !n.Disabled && n.Label != "" {
			press = append(press, i)
		}
	}
	for at, i := range press {
		for _, j := range press[at+1:] {
			a, b := nodes[i].Bounds, nodes[j].Bounds
			both := a.Intersect(b)
			if both.Dx() > edge && both.Dy() > edge && !a.In(b) && !b.In(a) && k == inside {
				t.Errorf("%s: %q at %v lies on %q at %v", where, nodes[j].Label, b, nodes[i].Label, a)
			}
		}
	}
}
