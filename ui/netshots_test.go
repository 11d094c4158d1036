package ui_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"

	"switchboard/shared/model"
)

// netScreens are those of networks, devices and the way back.
var netScreens = []scene{
	{"near-ways", near, image.Pt(640, 720), 1, typed("Continue")},
	{"near-found", near, image.Pt(640, 600), 1, typed("Continue", "Networks nearby", "lab")},
	{"near-none", fresh, image.Pt(640, 600), 1, typed("Continue", "Networks nearby")},
	{"near-start", near, image.Pt(640, 600), 1, typed("Continue", "Start a network here")},
	{"near-ways-twice", german(near), image.Pt(720, 1400), 2, typed("Weiter")},
	{"account", fresh, image.Pt(640, 600), 1, clicks("I have an account already")},
	{"account-device", fresh, image.Pt(640, 640), 1, clicks("I have an account already", "With another of my devices")},
	{"account-recovery", fresh, image.Pt(640, 600), 1, clicks("I have an account already", "With my recovery code", "Restore my account")},
	{"doors", doors, desk, 1, func(s *shown) { s.Advance(time.Second) }},
	{"doors-dark", func() *world { return with("appearance.theme", "dark", doors()) }, desk, 1, func(s *shown) { s.Advance(time.Second) }},
	{"doors-contrast", func() *world { return with("appearance.theme", "contrast-dark", doors()) }, desk, 1, func(s *shown) { s.Advance(time.Second) }},
	{"doors-narrow", doors, image.Pt(360, 640), 1, func(s *shown) { s.Advance(time.Second) }},
	{"doors-twice", german(doors), image.Pt(1440, 1100), 2, func(s *shown) { s.Advance(time.Second) }},
	{"network", carried, image.Pt(1180, 1180), 1, clicks("Settings", "This network")},
	{"network-dark", func() *world { return with("appearance.theme", "dark", carried()) }, desk, 1, clicks("Settings", "This network")},
	{"network-narrow", carried, image.Pt(360, 900), 1, func(s *shown) {
		s.Click("Settings")
		s.Scroll(f32.Pt(180, 400), 3000)
		s.Click("This network")
		s.wait()
	}},
	{"network-twice", german(carried), image.Pt(1440, 1500), 2, func(s *shown) {
		s.Key("K", key.ModCtrl)
		s.Type("dieses")
		s.Key(key.NameReturn, 0)
		s.wait()
	}},
	{"network-elsewhere", lab, desk, 1, clicks("Settings", "This network")},
	{"invitations", lab, image.Pt(1180, 980), 1, clicks("Add or invite people", "Invite somebody", "Make an invitation")},
	{"invitations-twice", german(lab), image.Pt(1440, 1500), 2, clicks("Leute hinzufügen oder einladen", "Jemanden einladen", "Einladung erzeugen")},
	{"devices-code", lab, image.Pt(1180, 900), 1, clicks("Settings", "Devices", "Link a device")},
	{"devices-code-dark", func() *world { return with("appearance.theme", "contrast-dark", lab()) }, image.Pt(1180, 900), 1, clicks("Settings", "Devices", "Link a device")},
	{"recovery-offer", offeredRecovery, desk, 1, nil},
	{"recovery-code", offeredRecovery, desk, 1, clicks("Make a recovery code", "Make a recovery code")},
	{"recovery-code-twice", german(offeredRecovery), image.Pt(720, 1400), 2, clicks("Wiederherstellungscode erzeugen", "Wiederherstellungscode erzeugen")},
	{"new-keys", newKeysWorld, desk, 1, nil},
	{"mention", withGroups, desk, 1, func(s *shown) { s.Click("Message Second floor"); s.Type("thanks @") }},
	{"mention-dark", func() *world { return with("appearance.theme", "contrast-dark", withGroups()) }, image.Pt(360, 480), 1, func(s *shown) {
		s.Click("Second floor…")
		s.Click("Message Second floor")
		s.Type("thanks @")
	}},
}

func offeredRecovery() *world {
	w := lab()
	w.change(func(m *model.Snapshot) { m.RecoveryOffer = true })
	return w
}

func newKeysWorld() *world {
	w := lab()
	w.change(func(m *model.Snapshot) { m.Contacts[0].NewKeys = now.Add(-time.Hour) })
	return w
}

// TestWaitingScreen draws the screen on which somebody waits to be let in.
func TestWaitingScreen(t *testing.T) {
	for name, scale := range map[string]float32{"waiting": 1, "waiting-twice": 2} {
		w := waitingWorld()
		s := showWaiting(t, w, image.Pt(int(640*scale), int(620*scale)), scale)
		asks(s)
		if !s.Has("Waiting to be let in") {
			t.Fatalf("it does not wait in\n%s", s.Tree())
		}
		if dir := os.Getenv("SHOTS"); dir != "" {
			s.Save(filepath.Join(dir, name+".png"))
		}
	}
}
