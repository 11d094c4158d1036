package ui_test

import (
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gioui.org/f32"
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
	scale float32
}

func show(t *testing.T, w *world, size image.Point, scale float32) *shown {
	t.Helper()
	return showBackend(t, w, w, size, scale)
}

// showBackend is show for a world that answers some calls in its own way.
func showBackend(t *testing.T, b ui.Backend, w *world, size image.Point, scale float32) *shown {
	t.Helper()
	o := theme.Options{Zone: time.UTC}
	if os.Getenv("SHOTS") != "" { // for looking at, not for comparing
		o.EmojiFont = emojiFile()
	}
	win := ui.NewWindow(b, theme.New(o))
	t.Cleanup(win.Close)
	return &shown{Window: uitest.New(t, size, scale, win.Layout), world: w, ui: win}
}

// wait lets what was asked of the host finish and draws its result.
func (s *shown) wait() {
	s.ui.Wait()
	s.Settle()
}

// emojiFile is a font of coloured emoji, empty where there is none.
func emojiFile() string {
	const file = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// clicks presses one label after the other.
func clicks(labels ...string) func(*shown) {
	return func(s *shown) {
		for _, l := range labels {
			s.Click(l)
			s.wait()
		}
	}
}

// typed is the first run with a name in it, and further clicks.
func typed(labels ...string) func(*shown) {
	return func(s *shown) {
		s.Type("Alice")
		clicks(labels...)(s)
	}
}

// german is a world whose window speaks German.
func german(w func() *world) func() *world {
	return func() *world { return with("appearance.language", "de", w()) }
}

func fresh() *world { return newWorld(&model.Snapshot{Settings: settings()}) }

// with is a world with a setting.
func with(key, value string, w *world) *world {
	for i := range w.snap.Settings {
		if w.snap.Settings[i].Key == key {
			w.snap.Settings[i].Value = value
		}
	}
	return w
}

// scene is a world at a size, after somebody has done something.
type scene struct {
	name  string
	world func() *world
	size  image.Point
	scale float32
	then  func(*shown)
}

// screens are those that a person meets, apart from the reference pictures: in
// sizes, at scales and with names that break careless layouts.
var screens = []scene{
	{"list-narrow", lab, image.Pt(360, 640), 1, nil},
	{"chat-narrow", lab, image.Pt(360, 640), 1, clicks("Bob…")},
	{"twice", lab, image.Pt(2360, 1560), 2, nil},
	{"three-times", lab, image.Pt(1080, 1440), 3, nil},
	{"offer", lab, desk, 1, func(s *shown) { offered(s.world); s.Settle(); s.Advance(time.Second) }},
	{"cards", many, image.Pt(1000, 900), 1, nil},
	{"cards-above", many, image.Pt(1000, 900), 1, func(s *shown) { s.Scroll(f32.Pt(700, 400), -2000); s.Settle() }},
	{"idle", idle, image.Pt(1400, 800), 1, func(s *shown) { s.Click("2 older"); s.Click("Whiteboard with Bob"); s.wait() }},
	{"absent", withAbsent, desk, 1, clicks("Settings", "Plugins")},
	{"de-chat", german(many), desk, 1, nil},
	{"de-chat-twice", german(many), image.Pt(1440, 1100), 2, clicks("Bob…")},
	{"de-settings", german(lab), desk, 1, clicks("Einstellungen")},
	{"de-settings-twice", german(lab), image.Pt(1440, 1400), 2, clicks("Einstellungen")},
	{"de-plugins", german(withAbsent), desk, 1, clicks("Einstellungen", "Plugins", "Über Nachrichten")},
	{"de-devices", german(lab), desk, 1, clicks("Einstellungen", "Geräte", "Gerät verbinden")},
	{"de-keys", german(lab), desk, 1, func(s *shown) { s.Key(key.NameF1, 0) }},
	{"de-about", german(lab), desk, 1, clicks("Einstellungen", "Über")},
	{"de-invite", german(lab), desk, 1, clicks("Leute hinzufügen oder einladen", "Jemanden einladen")},
	{"de-add", german(lab), desk, 1, clicks("Leute hinzufügen oder einladen", "Kontakt hinzufügen", "Anfrage senden")},
	{"de-offline", german(offline), desk, 1, clicks("Offline, 2 warten")},
	{"de-none", german(nobody), desk, 1, nil},
	{"de-quit", german(lab), image.Pt(360, 480), 1, func(s *shown) { s.Key("Q", key.ModCtrl); s.wait(); s.Advance(time.Second) }},
	{"de-presence", german(lab), image.Pt(360, 560), 1, clicks("Mein Status: Verfügbar")},
	{"de-idle", german(idle), image.Pt(1400, 800), 1, func(s *shown) { s.Click("2 ältere"); s.Click("Tafel mit Bob"); s.wait() }},
	{"de-error", german(faulty), desk, 1, nil},
	{"de-menu", german(lab), desk, 1, func(s *shown) { s.RightClick("Emil…") }},
	{"de-first", german(fresh), image.Pt(640, 600), 1, nil},
	{"de-first-ways", german(fresh), image.Pt(640, 600), 1, typed("Weiter")},
	{"de-first-device-twice", german(fresh), image.Pt(800, 1400), 2, clicks("Ich habe schon ein Konto", "Mit einem anderen meiner Geräte")},
	{"cards-dark", func() *world { return with("appearance.theme", "dark", many()) }, image.Pt(1000, 900), 1, func(s *shown) { s.Advance(time.Second); s.Click("Message Bob"); s.Tab(true); s.Tab(true) }},
	{"cards-contrast", func() *world { return with("appearance.theme", "contrast-dark", many()) }, image.Pt(1000, 900), 1, func(s *shown) { s.Scroll(f32.Pt(700, 400), -2000); s.Settle() }},
	{"focus-icon", lab, desk, 1, func(s *shown) {
		s.Click("Message Bob")
		for range 4 {
			s.Tab(true)
		}
	}},
	{"cards-narrow", many, image.Pt(720, 1280), 2, clicks("Bob…")},
	{"panel", lab, image.Pt(1400, 800), 1, func(s *shown) { withBoard(s.world); s.Settle(); s.Advance(time.Second); s.Click("Accept"); s.wait() }},
	{"panel-narrow", lab, image.Pt(360, 640), 1, func(s *shown) {
		withBoard(s.world)
		s.Settle()
		s.Click("Bob…")
		s.Advance(time.Second)
		s.Click("Accept")
		s.wait()
	}},
	{"parked", lab, desk, 1, clicks("Settings", "Plugins", "About Tally")},
	{"wrong-key", wrongKey, desk, 1, clicks("The server is not the one you know")},
	{"quit-small", lab, image.Pt(360, 480), 1, func(s *shown) { s.Key("Q", key.ModCtrl); s.wait(); s.Advance(time.Second) }},
	{"presence-small", lab, image.Pt(360, 480), 1, clicks("My presence: Available")},
	{"dark-twice", func() *world { return with("appearance.theme", "dark", lab()) }, image.Pt(1440, 1000), 2, nil},
	{"settings-contrast", func() *world { return with("appearance.theme", "contrast-light", lab()) }, desk, 1, clicks("Settings")},
	{"menu", lab, desk, 1, func(s *shown) { s.RightClick("Emil…") }},
	{"more", lab, desk, 1, clicks("More")},
	{"presence", lab, desk, 1, clicks("My presence: Available")},
	{"dialog", lab, desk, 1, func(s *shown) { s.RightClick("Emil…"); s.Click("Block"); s.Advance(time.Second) }},
	{"quit", lab, desk, 1, func(s *shown) { s.Key("Q", key.ModCtrl); s.wait(); s.Advance(time.Second) }},
	{"rename", lab, desk, 1, func(s *shown) { s.Key(key.NameF2, 0) }},
	{"search", lab, desk, 1, func(s *shown) { s.Key("K", key.ModCtrl); s.Type("b") }},
	{"invite", lab, desk, 1, clicks("Add or invite people", "Invite somebody")},
	{"add", lab, desk, 1, clicks("Add or invite people", "Add a contact", "Send request")},
	{"devices", lab, desk, 1, clicks("Settings", "Devices", "Link a device")},
	{"keys", lab, desk, 1, func(s *shown) { s.Key(key.NameF1, 0) }},
	{"about", lab, desk, 1, clicks("Settings", "About")},
	{"offline", offline, desk, 1, clicks("Offline, 2 messages wait")},
	{"none", nobody, desk, 1, nil},
	{"long", long, desk, 1, nil},
	{"long-twice", long, image.Pt(1440, 1000), 2, nil},
	{"crowd", func() *world { return crowd(1000) }, desk, 1, nil},
	{"without-chat", withoutChat, desk, 1, nil},
	{"contrast", func() *world { return with("appearance.theme", "contrast-dark", lab()) }, desk, 1, nil},
	{"compact", compact, desk, 1, nil},
	{"first-ways", fresh, desk, 1, typed("Continue")},
	{"first-local", fresh, desk, 1, typed("Continue", "Just try it on this computer")},
	{"first-invite", fresh, desk, 1, typed("Continue", "I have an invitation", "Join")},
	{"first-ready", fresh, desk, 1, typed("Continue", "Just try it on this computer", "Start")},
	{"first-device", fresh, image.Pt(360, 480), 1, clicks("I have an account already", "With another of my devices")},
	{"settings-privacy", lab, desk, 1, clicks("Settings", "Privacy")},
	{"settings-narrow", lab, image.Pt(420, 700), 1, clicks("Settings")},
}

// groupScreens are those of groups.
var groupScreens = []scene{
	{"group", withGroups, desk, 1, nil},
	{"group-details", withGroups, desk, 1, clicks("Show the group")},
	{"group-details-end", withGroups, desk, 1, func(s *shown) {
		clicks("Show the group")(s)
		s.Scroll(f32.Pt(1000, 500), 2000)
	}},
	{"group-details-dark", func() *world { return with("appearance.theme", "dark", withGroups()) }, desk, 1, clicks("Show the group", "More about Chris Okafor")},
	{"group-details-contrast", func() *world { return with("appearance.theme", "contrast-light", withGroups()) }, desk, 1, clicks("Show the group")},
	{"group-details-narrow", withGroups, image.Pt(360, 640), 1, clicks("Second floor…", "Show the group")},
	{"group-details-twice", german(withGroups), image.Pt(1440, 1400), 2, clicks("Gruppe anzeigen")},
	{"group-plain", withGroups, desk, 1, clicks("Choir", "Show the group")},
	{"group-left", withGroups, desk, 1, clicks("Move to the new building", "Show the group")},
	{"group-big", func() *world { return bigGroup(300) }, desk, 1, clicks("Show the group")},
	{"group-new", withGroups, desk, 1, func(s *shown) {
		clicks("Add or invite people", "New group")(s)
		s.Type("Lunch")
		s.Key(key.NameReturn, 0)
		s.Key(key.NameReturn, 0)
		s.Key(key.NameDownArrow, 0)
		s.Key(key.NameReturn, 0)
	}},
	{"group-new-twice", german(withGroups), image.Pt(1440, 1400), 2, clicks("Leute hinzufügen oder einladen", "Neue Gruppe", "Gruppe erstellen")},
	{"group-new-narrow", withGroups, image.Pt(360, 640), 1, clicks("Add or invite people", "New group")},
	{"group-add", withGroups, desk, 1, clicks("Show the group", "Add people", "Emil")},
	{"group-leave", withGroups, desk, 1, func(s *shown) { s.Click("More"); s.Click("Leave group"); s.Advance(time.Second) }},
	{"group-leave-twice", german(withGroups), image.Pt(1440, 1000), 2, func(s *shown) {
		s.Click("Mehr")
		s.Click("Gruppe verlassen")
		s.Advance(time.Second)
	}},
	{"group-remove", withGroups, desk, 1, func(s *shown) {
		clicks("Show the group", "More about Bob", "Remove from the group")(s)
		s.Advance(time.Second)
	}},
	{"group-search", withGroups, desk, 1, func(s *shown) { s.Key("K", key.ModCtrl); s.Type("o") }},
}

// TestScreens lays out every screen and, with SHOTS=<folder>, leaves a picture of
// each there for looking at.
func TestScreens(t *testing.T) {
	for _, c := range slices.Concat(screens, groupScreens, netScreens, chatScreens, findScreens, profileScreens) {
		t.Run(c.name, func(t *testing.T) {
			s := show(t, c.world(), c.size, c.scale)
			if c.then != nil {
				c.then(s)
				s.wait()
			}
			if len(s.Nodes()) < 5 {
				t.Errorf("an empty screen:\n%s", s.Tree())
			}
			if dir := os.Getenv("SHOTS"); dir != "" {
				s.Save(filepath.Join(dir, c.name+".png"))
			}
		})
	}
}
