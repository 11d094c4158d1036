package ui_test

import (
	"image"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/shared/model"
)

func TestContactsPanelShowsAndChanges(t *testing.T) {
	w := withGroups()
	s := show(t, w, image.Pt(1180, 1100), 1)
	clicks("Bob, 2 unread messages", "Show contact")(s)
	for _, want := range []string{"Contact", "bob@lab", "Available · in the lab", "Groups you share", "Second floor", "The same since you became contacts"} {
		if !s.Has(want) {
			t.Errorf("no %q in the panel", want)
		}
	}
	clicks("Tell me when they come online: Never", "Once")(s)
	if !w.asked("watch bob@lab once") || !s.Has("Tell me when they come online: Once") {
		t.Errorf("it was not asked to be told: %v", w.all())
	}
	clicks("Copy address", "Block")(s)
	if s.Clipboard != "bob@lab" || w.asked("contact block bob@lab ") {
		t.Fatalf("the clipboard holds %q; blocked without a question: %v", s.Clipboard, w.all())
	}
	s.Advance(time.Second)
	clicks("Block")(s)
	if !w.asked("contact block bob@lab ") {
		t.Errorf("not blocked: %v", w.all())
	}
	s.Key(key.NameEscape, 0)
	if s.Has("Groups you share") {
		t.Errorf("Esc did not close the panel in\n%s", s.Tree())
	}
}

func TestRecoveryCodeIsNotLeftByMistake(t *testing.T) {
	w := offeredRecovery()
	s := show(t, w, desk, 1)
	clicks("Make a recovery code", "Make a recovery code")(s)
	for _, leave := range []func(){func() { s.Click("Back") }, func() { s.Key(key.NameEscape, 0) }, func() { s.Key(",", key.ModCtrl) }, func() { s.Click("Emil…") }, func() {
		s.Click("My presence: Available")
		s.Key(key.NameEscape, 0)
		s.Key(key.NameLeftArrow, key.ModAlt)
	}} {
		leave()
		s.wait()
		if !s.Has("Leave without keeping the code?") || !s.Has("I have kept it") {
			t.Fatalf("the code is gone without a question in\n%s", s.Tree())
		}
		s.Key(key.NameEscape, 0)
	}
	s.Click("Back")
	s.Advance(time.Second)
	s.Click("Leave this page")
	s.wait()
	if s.Has("I have kept it") {
		t.Errorf("one cannot leave in\n%s", s.Tree())
	}
}

func TestNetworkPageSaysThatTheNetworkMoved(t *testing.T) {
	w := lab()
	w.carry = model.Carry{Moved: true}
	s := show(t, w, desk, 1)
	clicks("Settings", "This network")(s)
	if !s.Has("This network has moved to another computer.…") {
		t.Errorf("it is not said in\n%s", s.Tree())
	}
}

// startable is a first run on a system where the program can start at sign-in.
func startable() *world {
	w := fresh()
	w.snap.Settings = append(w.snap.Settings, model.Setting{Key: "startup.run", Title: "Start when I sign in", Page: "Me", Kind: model.BoolSetting, Value: "false", Default: "true"})
	return w
}

func TestFirstRunAsksOnceToStartAtSignIn(t *testing.T) {
	for _, c := range []struct{ click, want string }{{"", "setting startup.run true"}, {"Start Switchboard when I sign in", "setting startup.run false"}} {
		w := startable()
		s := show(t, w, desk, 1)
		typed("Continue", "Just try it on this computer", "Start")(s)
		if c.click != "" {
			s.Click(c.click)
		}
		clicks("Look around first")(s)
		if !w.asked(c.want) {
			t.Errorf("%q is missing in %v", c.want, w.all())
		}
	}
	w := fresh()
	s := show(t, w, desk, 1)
	typed("Continue", "Just try it on this computer", "Start")(s)
	if s.Has("Start Switchboard when I sign in") {
		t.Error("it is asked where it cannot be done")
	}
}

// profileScreens are those of contacts and of the ends of the first run.
var profileScreens = []scene{
	{"profile", withGroups, desk, 1, clicks("Bob, 2 unread messages", "Show contact")},
	{"profile-dark", func() *world { return with("appearance.theme", "dark", withGroups()) }, desk, 1, clicks("Bob, 2 unread messages", "Show contact")},
	{"profile-narrow", withGroups, image.Pt(360, 480), 1, clicks("Choir", "Back", "Bob, 2 unread messages", "Show contact")},
	{"profile-thrice", german(lab), image.Pt(1080, 1440), 3, clicks("Bob…", "Kontakt anzeigen")},
	{"recovery-leave", offeredRecovery, desk, 1, func(s *shown) {
		clicks("Make a recovery code", "Make a recovery code", "Back")(s)
		s.Advance(time.Second)
	}},
	{"first-ready-start", startable, image.Pt(400, 800), 1, typed("Continue", "Just try it on this computer", "Start")},
}
