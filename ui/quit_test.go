package ui_test

import (
	"strings"
	"testing"

	"gioui.org/io/key"

	"switchboard/shared/model"
	"switchboard/ui/page"
)

// carrying makes this computer carry the network, or not.
func carrying(w *world, pid int) {
	w.change(func(m *model.Snapshot) {
		for i := range m.Plugins {
			if m.Plugins[i].ID == "nats" {
				m.Plugins[i].CompanionPID = pid
			}
		}
	})
}

func TestQuitAsksWhereTheNetworkIsCarried(t *testing.T) {
	w := lab()
	w.fail["others"] = errTaken // then it is told by who is there
	w.change(func(m *model.Snapshot) {
		m.Contacts = append(m.Contacts, model.Contact{Address: "echo-alice@lab", Name: "Echo", State: model.Friend, Presence: presence(model.Available, "")})
	})
	s := show(t, w, desk, 1)
	s.Click("My presence: Available")
	s.Click("Quit Switchboard")
	s.wait()
	if tree := s.Tree(); !strings.Contains(tree, "4 people are connected through this computer") {
		t.Fatalf("no word about the four who are here, Echo apart, in\n%s", tree)
	}
	s.Key(key.NameReturn, 0)
	s.wait()
	if w.asked("quit") || s.Has("Quit Switchboard?") {
		t.Fatal("a key meant for something else ended the network")
	}
	s.Key("Q", key.ModCtrl)
	s.wait()
	if at, ok := s.Wakeup(); !ok || at.After(s.Now.Add(page.Settle)) {
		t.Fatalf("the answer does not come to life by itself (next frame %v %v)", at, ok)
	}
	s.Advance(page.Settle)
	s.Tab(false)
	s.Key(key.NameReturn, 0)
	s.wait()
	if !w.asked("quit") {
		t.Fatalf("nothing ended: %v", w.all())
	}
}

func TestQuitNamesTheNetworkWithoutPeople(t *testing.T) {
	w := lab()
	w.change(func(m *model.Snapshot) { m.Contacts = nil })
	s := show(t, w, desk, 1)
	s.Key("Q", key.ModCtrl)
	s.wait()
	if tree := s.Tree(); !strings.Contains(tree, "The network on this computer stops with it.") {
		t.Fatalf("not told that the network stops in\n%s", tree)
	}
}

func TestQuitEndsAtOnceWhereNothingElseStops(t *testing.T) {
	w := lab()
	carrying(w, 0)
	s := show(t, w, desk, 1)
	s.Key("Q", key.ModCtrl)
	s.wait()
	if !w.asked("quit") {
		t.Fatalf("asked %v", w.all())
	}
	first := fresh()
	s = show(t, first, desk, 1)
	s.Key("Q", key.ModCtrl)
	s.wait()
	if !first.asked("quit") {
		t.Fatal("the first run cannot be left")
	}
}

func TestQuitSaysHowManyDevicesItCutsOff(t *testing.T) {
	w := lab()
	w.others = 3
	s := show(t, w, desk, 1)
	s.Key("Q", key.ModCtrl)
	s.wait()
	if tree := s.Tree(); !strings.Contains(tree, "3 devices of other computers are connected through this one and will be cut off.") {
		t.Fatalf("no word about the three in\n%s", tree)
	}
}
