package ui_test

import (
	"context"
	"image"
	"strings"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/shared/model"
	"switchboard/ui"
	"switchboard/ui/page"
)

// near is a first run beside networks.
func near() *world {
	w := fresh()
	w.found = []model.FoundNetwork{
		{Name: "lab", Link: "switchboard://192.0.2.7:4430/lab#k=UDX", Computer: "Ben's ThinkPad", Owner: "Ben"},
		{Name: "workshop", Link: "switchboard://192.0.2.9:4430/workshop#k=UDY", Computer: "bench"},
	}
	return w
}

// admitted is a world whose sign-up waits for somebody.
type admitted struct {
	*world
	answer chan error
}

func (w admitted) SetUp(ctx context.Context, s ui.SetUp) error {
	w.change(func(m *model.Snapshot) {
		m.SignUp = &model.SignUp{Digits: "483920", Detail: "Ben is asked to let you in."}
	})
	defer w.change(func(m *model.Snapshot) { m.SignUp = nil })
	select {
	case err := <-w.answer:
		if err != nil {
			return err
		}
		return w.world.SetUp(ctx, s)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// doors is the lab with somebody at the door of the network and of the account.
func doors() *world {
	w := lab()
	w.change(func(s *model.Snapshot) {
		s.Joins = []model.JoinRequest{{ID: "j1", User: "ben", Name: "Ben Ode", Computer: "Ben's ThinkPad", Digits: "483920"}}
		s.LinkRequests = []model.LinkRequest{{ID: "l1", Computer: "phone", Digits: "771204"}}
	})
	return w
}

// carried is the lab on a computer that carries its network.
func carried() *world {
	w := lab()
	w.change(func(s *model.Snapshot) {
		s.Retention = 365 * 24 * time.Hour
		s.Blobs = model.Blobs{Quota: 1 << 30, Used: 37 << 20}
	})
	w.carry = model.Carry{Here: true, Open: true, Approval: true, Others: 4, Addresses: []string{"192.168.1.7:4430"},
		Firewall: "sudo ufw allow 4430/tcp",
		Interfaces: []model.CarryInterface{
			{Name: "wlp3s0", Address: "192.168.1.7", Kind: "lan", Chosen: true, Private: true},
			{Name: "eth0", Address: "10.0.0.7", Kind: "lan", Private: true},
			{Name: "tun0", Address: "10.8.0.2", Kind: "vpn", Private: true},
			{Name: "docker0", Address: "172.17.0.1", Kind: "container", Private: true},
		}}
	return w
}

func waitingWorld() admitted { return admitted{near(), make(chan error, 1)} }

// showWaiting is a window that waits to be let in.
func showWaiting(t *testing.T, w admitted, size image.Point, scale float32) *shown {
	t.Helper()
	s := showBackend(t, w, w.world, size, scale)
	return s
}

// asks goes through the first run until somebody elsewhere is asked.
func asks(s *shown) {
	s.Type("Alice")
	s.Click("Continue")
	s.wait()
	s.Click("Networks nearby")
	s.wait()
	s.Click("lab")
	s.Click("Ask to join")
	for range 200 { // the call runs beside the frames
		if s.Settle(); s.Has("Waiting to be let in") {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestFoundNetworkIsAskedAndShowsDigits(t *testing.T) {
	w := waitingWorld()
	s := showWaiting(t, w, desk, 1)
	asks(s)
	for _, want := range []string{"Waiting to be let in", "Both screens show 483 920", "Ben is asked to let you in."} {
		if !s.Has(want) {
			t.Errorf("no %q in\n%s", want, s.Tree())
		}
	}
	w.answer <- nil
	s.wait()
	if w.setUp.Mode != "found" || w.setUp.Link != "switchboard://192.0.2.7:4430/lab#k=UDX" || !s.Has("You are ready") {
		t.Fatalf("set up with %+v, shows\n%s", w.setUp, s.Tree())
	}
}

func TestWaitingToBeLetInCanBeGivenUp(t *testing.T) {
	w := waitingWorld()
	s := showWaiting(t, w, desk, 1)
	asks(s)
	s.Key(key.NameReturn, 0) // Cancel has the keyboard
	s.wait()
	if s.Has("Waiting to be let in") || !s.Has("This was stopped.") || !s.Has("Ask to join") {
		t.Fatalf("it waits on in\n%s", s.Tree())
	}
}

func TestNetworkForOthersIsOpened(t *testing.T) {
	w := near()
	s := show(t, w, desk, 1)
	typed("Continue", "Start a network here", "Start")(s)
	if w.setUp.Mode != "local" {
		t.Errorf("set up with %+v", w.setUp)
	}
	mustAsk(t, w, "carry true true []")
	w = near()
	s = show(t, w, desk, 1)
	typed("Continue", "Just try it on this computer", "Start")(s)
	for _, c := range w.all() {
		if strings.HasPrefix(c, "carry") {
			t.Errorf("trying opened the network: %v", w.all())
		}
	}
}

func TestAccountComesBack(t *testing.T) {
	base := "switchboard://192.0.2.7:4430/lab#k=UDX"
	for _, c := range []struct {
		way, text, second string
		want              ui.SetUp
	}{
		{"With another of my devices", base + "&d=K7QM2X4P9WTR", "", ui.SetUp{Mode: "device", Link: base + "&d=K7QM2X4P9WTR"}},
		{"With another of my devices", "K7QM-2X4P-9WTR", base, ui.SetUp{Mode: "device", DeviceCode: "K7QM-2X4P-9WTR", Link: base}},
		{"With another of my devices", base + "&r=abcd", "", ui.SetUp{Mode: "recover", Link: base + "&r=abcd"}},
		{"With my recovery code", base + "&r=abcd", "", ui.SetUp{Mode: "recover", Link: base + "&r=abcd"}},
	} {
		w := fresh()
		s := show(t, w, desk, 1)
		clicks("I have an account already", c.way)(s)
		s.Paste(c.text)
		if c.second != "" {
			s.Click("Invitation link")
			s.Paste(c.second)
		}
		s.Key(key.NameReturn, 0)
		s.wait()
		got := w.setUp
		got.DeviceName = ""
		if got != c.want {
			t.Errorf("%s with %s: set up with %+v", c.way, c.text, got)
		}
	}
	s := show(t, fresh(), desk, 1)
	clicks("I have an account already", "With my recovery code")(s)
	s.Type("nonsense")
	clicks("Restore my account")(s)
	if !s.Has("This is not a recovery code. It is the whole link that was shown to you, from switchboard:// to its end.") {
		t.Errorf("it is not said what is wrong in\n%s", s.Tree())
	}
}

func TestWhoWaitsAtTheDoorIsAnswered(t *testing.T) {
	w := doors()
	s := show(t, w, desk, 1)
	for _, want := range []string{"Ben's ThinkPad asks to join this network as ben", "Both screens show 483 920", "phone asks to be linked to your account", "Both screens show 771 204"} {
		if !s.Has(want) {
			t.Errorf("no %q in\n%s", want, s.Tree())
		}
	}
	if n := s.Find("Let in"); !n.Disabled {
		s.Click("Let in")
	}
	s.wait()
	if w.asked("join j1 true") || w.asked("answer link l1 true") {
		t.Fatal("somebody was let in before it could be read who")
	}
	s.Advance(page.Settle)
	clicks("Let in")(s) // the last one drawn
	mustAsk(t, w, "join j1 true")
	w.change(func(m *model.Snapshot) { m.Joins = nil })
	s.Settle()
	clicks("Refuse")(s)
	mustAsk(t, w, "answer link l1 false")
	w.change(func(m *model.Snapshot) { m.LinkRequests = nil })
	s.Settle()
	if s.Has("Let in") {
		t.Error("the bar stays")
	}
}

func TestNetworkPageChangesHowItIsCarried(t *testing.T) {
	w := carried()
	s := show(t, w, image.Pt(1180, 1300), 1)
	clicks("Settings", "This network")(s)
	for _, want := range []string{"365 days", "37 MB of 1 GB", "4 devices of other computers are connected now.", "sudo ufw allow 4430/tcp"} {
		if !s.Has(want) {
			t.Errorf("no %q in\n%s", want, s.Tree())
		}
	}
	clicks("Copy command")(s)
	if s.Clipboard != "sudo ufw allow 4430/tcp" {
		t.Errorf("the clipboard holds %q", s.Clipboard)
	}
	clicks("eth0", "People nearby may ask to be let in", "Open to other computers")(s)
	mustAsk(t, w, "carry - - [eth0 wlp3s0]", "carry - false []", "carry false - []")
	if s.Has("Copy command") {
		t.Error("a closed network talks of the firewall")
	}
}

func TestInvitationsAreMadeListedAndRevoked(t *testing.T) {
	w := lab()
	s := show(t, w, image.Pt(1180, 1100), 1)
	clicks("Add or invite people", "Invite somebody")(s)
	if !s.Has("3 of 5 used, valid until 1 December, 10:04") {
		t.Errorf("the open ones are not listed in\n%s", s.Tree())
	}
	clicks("For how many people: 1 person", "25 people", "Valid for: 7 days", "30 days", "Make an invitation")(s)
	mustAsk(t, w, "invite 25 30")
	if !s.Has("QR code") {
		t.Error("no code to scan")
	}
	clicks("Copy link")(s)
	if !strings.HasPrefix(s.Clipboard, "switchboard://") {
		t.Errorf("the clipboard holds %q", s.Clipboard)
	}
	clicks("Revoke")(s)
	mustAsk(t, w, "revoke invitation i2")
}

func TestDevicesAreLinkedRenamedAndRevoked(t *testing.T) {
	w := lab()
	s := show(t, w, image.Pt(1180, 1100), 1)
	clicks("Settings", "Devices", "Link a device")(s)
	if !s.Has("QR code") || !s.Has("K7QM-2X4P-9TRA") || !s.Has("Works once, until 10:14.") {
		t.Errorf("no code in\n%s", s.Tree())
	}
	clicks("Rename laptop")(s)
	s.Key("A", key.ModShortcut)
	s.Type("old laptop")
	s.Key(key.NameReturn, 0)
	s.wait()
	mustAsk(t, w, "rename device d2 old laptop")
	clicks("Revoke")(s)
	s.Advance(page.Settle)
	clicks("Revoke")(s)
	mustAsk(t, w, "revoke d2")
}

func TestRecoveryCodeIsOfferedShownOnceAndKept(t *testing.T) {
	w := lab()
	w.change(func(m *model.Snapshot) { m.RecoveryOffer = true })
	s := show(t, w, desk, 1)
	clicks("Make a recovery code")(s) // of the bar
	clicks("Make a recovery code")(s) // of the page
	mustAsk(t, w, "recovery")
	if !s.Has("QR code") || !s.Has("This is shown once. Keep it before you go on.") {
		t.Fatalf("the code is not shown in\n%s", s.Tree())
	}
	clicks("Copy", "I have kept it")(s)
	if !strings.Contains(s.Clipboard, "&r=") {
		t.Errorf("the clipboard holds %q", s.Clipboard)
	}
	clicks("Settings", "Devices", "Make a new one…")(s)
	if s.Has("QR code") {
		t.Error("the code is shown again")
	}
	clicks("Make a new one")(s)
	s.Advance(page.Settle)
	clicks("Make a new one")(s)
	if n := len(w.all()); n == 0 || !s.Has("QR code") {
		t.Errorf("no new code in\n%s", s.Tree())
	}
	w = lab()
	w.change(func(m *model.Snapshot) { m.RecoveryOffer = true })
	s = show(t, w, desk, 1)
	clicks("Not now")(s)
	mustAsk(t, w, "dismiss recovery")
	if s.Has("Not now") {
		t.Error("the offer stays")
	}
}

func TestNewKeysAreToldOnce(t *testing.T) {
	w := lab()
	w.change(func(m *model.Snapshot) { m.Contacts[0].NewKeys = now.Add(-time.Hour) })
	s := show(t, w, desk, 1)
	if !s.Has("Bob signs in with new keys since today at 09:04") {
		t.Fatalf("nothing about the keys in\n%s", s.Tree())
	}
	clicks("OK")(s)
	if s.Has("Bob signs in…") {
		t.Error("the line stays")
	}
	s = show(t, w, desk, 1)
	if s.Has("Bob signs in…") {
		t.Error("the line comes back")
	}
	w.change(func(m *model.Snapshot) { m.Contacts[0].NewKeys = now })
	s.Settle()
	if !s.Has("Bob signs in…") {
		t.Error("later keys are not told")
	}
}

func TestImpossibleSessionThatIJoinedCanBeLeft(t *testing.T) {
	w := lab()
	k := model.SessionKey{Conversation: dm("bob"), Session: "b1"}
	w.change(func(m *model.Snapshot) {
		m.Sessions = append(m.Sessions, model.Session{Key: k, Plugin: "whiteboard", Title: "Whiteboard", By: "bob@lab", State: model.Impossible, Reason: "Whiteboard is switched off.", Offered: now,
			Members: []model.SessionMember{{Address: "alice@lab", State: "joined"}}})
	})
	s := show(t, w, desk, 1)
	clicks("Leave")(s)
	mustAsk(t, w, "session leave b1")
}

func TestDoorsAreReachedByKeyboard(t *testing.T) {
	w := doors()
	s := show(t, w, desk, 1)
	s.Advance(page.Settle)
	s.Key("K", key.ModCtrl)
	for range 3 { // past what stands above the search
		s.Tab(true)
	}
	s.Key(key.NameReturn, 0)
	s.wait()
	mustAsk(t, w, "join j1 false")
}
