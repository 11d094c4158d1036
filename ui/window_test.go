package ui_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/shared/model"
	"switchboard/ui/page"
)

var desk = image.Pt(1180, 780)

func TestFirstRunAsksForNameThenNetwork(t *testing.T) {
	w := newWorld(&model.Snapshot{Settings: settings()})
	s := show(t, w, desk, 1)
	s.Type("Alice Müller")
	if !s.Has("Your address") {
		t.Fatalf("no field for the address in\n%s", s.Tree())
	}
	s.Click("Continue")
	s.Click("Just try it on this computer")
	s.Click("Start")
	s.wait()
	if w.setUp.User != "alice-mueller" || w.setUp.Name != "Alice Müller" || w.setUp.Mode != "local" {
		t.Fatalf("set up with %+v", w.setUp)
	}
	s.Click("Talk to Echo")
	s.wait()
	if !w.asked("echo") {
		t.Fatalf("the echo account was not asked for: %v", w.all())
	}
}

func TestFirstRunSaysWhatIsWrongInPlace(t *testing.T) {
	w := newWorld(&model.Snapshot{Settings: settings()})
	w.fail["setup"] = errTaken
	s := show(t, w, desk, 1)
	s.Click("Continue")
	if !s.Has("Please say what people should call you.") {
		t.Errorf("no word about the missing name in\n%s", s.Tree())
	}
	s.Click("Your name")
	s.Type("Alice")
	s.Key(key.NameReturn, 0)
	s.Click("I have an invitation")
	s.Type("http://example.org")
	s.Click("Join")
	if !s.Has("This is not an invitation link. It begins with switchboard:// and ends with a long code.") {
		t.Errorf("a web address passed as an invitation in\n%s", s.Tree())
	}
	s.Click("Back")
	s.Click("Just try it on this computer")
	s.Click("Start")
	s.wait()
	if !s.Has("The name alice is taken on lab, choose another.") {
		t.Errorf("the refusal is not told in place in\n%s", s.Tree())
	}
}

func TestFirstRunTakesACopiedInvitation(t *testing.T) {
	w := newWorld(&model.Snapshot{Settings: settings()})
	link := "switchboard://192.0.2.7:4222/lab#k=UDX&i=7QF"
	s := show(t, w, desk, 1)
	s.Clipboard = link
	s.Type("Bob")
	s.Key(key.NameReturn, 0)
	s.Click("I have an invitation")
	s.Paste(link)
	s.Click("Join")
	s.wait()
	if w.setUp.Mode != "invite" || w.setUp.Link != link {
		t.Fatalf("set up with %+v", w.setUp)
	}
}

// offered adds an offer of a whiteboard from Bob.
func offered(w *world) model.SessionKey {
	k := model.SessionKey{Conversation: dm("bob"), Session: "b1"}
	w.change(func(s *model.Snapshot) {
		s.Sessions = append(s.Sessions, model.Session{Key: k, Plugin: "whiteboard", Title: "Whiteboard", By: "bob@lab", State: model.Offered, Offered: now})
	})
	return k
}

func TestOfferIsAcceptedAndOpensItsPanel(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	offered(w)
	s.Settle()
	if !s.Has("Bob offers: Whiteboard") {
		t.Fatalf("no offer in\n%s", s.Tree())
	}
	s.Key("A", key.ModCtrl|key.ModShift)
	s.wait()
	if w.asked("session accept b1") {
		t.Fatal("an offer was accepted by a key before it could be read")
	}
	s.Advance(page.Settle)
	s.Key("A", key.ModCtrl|key.ModShift)
	s.wait()
	if !w.asked("session accept b1") {
		t.Fatalf("the offer was not accepted: %v", w.all())
	}
	if !s.Has("Hide") || s.Has("Bob offers: Whiteboard") {
		t.Errorf("the panel did not open in\n%s", s.Tree())
	}
	s.Key(key.NameEscape, 0)
	if s.Has("Hide") || !s.Has("Whiteboard with Bob") {
		t.Errorf("Esc did not make a pill of the panel in\n%s", s.Tree())
	}
	s.Click("Whiteboard with Bob")
	s.Click("Leave")
	s.wait()
	if !w.asked("session leave b1") {
		t.Errorf("leaving was not asked: %v", w.all())
	}
}

func TestOfferIsDeclinedByItsButton(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	k := offered(w)
	s.Settle()
	s.Advance(page.Settle)
	s.Click("Decline")
	s.wait()
	// The request in the list has such a button too; the bar is drawn later.
	if !w.asked("session decline b1") {
		t.Fatalf("declining was not asked: %v", w.all())
	}
	w.change(func(m *model.Snapshot) {
		for i := range m.Sessions {
			if m.Sessions[i].Key == k {
				m.Sessions[i].State = model.Declined
			}
		}
	})
	s.Settle()
	if !s.Has("You declined Whiteboard") {
		t.Errorf("the end of the offer is not told in\n%s", s.Tree())
	}
}

func TestPluginIsSwitchedOffAndOn(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Click("Settings")
	s.Click("Plugins")
	s.Click("Switch Whiteboard off")
	s.wait()
	if !w.asked("plugin disable whiteboard") || !s.Has("Switch Whiteboard on") {
		t.Fatalf("the switch did not act: %v", w.all())
	}
	s.Click("About Tally")
	s.Click("Restart")
	s.wait()
	if !w.asked("plugin restart tally") {
		t.Fatalf("restart was not asked: %v", w.all())
	}
}

func TestSettingsActAtOnceAndLocksHold(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Key(",", key.ModCtrl)
	s.Click("Less motion")
	s.wait()
	if !w.asked("setting appearance.reduced_motion true") {
		t.Fatalf("the switch did not set: %v", w.all())
	}
	s.Click("Theme: Light")
	s.Click("Dark")
	s.wait()
	if !w.asked("setting appearance.theme dark") {
		t.Fatalf("the choice did not set: %v", w.all())
	}
	s.Click("Search settings")
	s.Type("typing")
	if !s.Has("Show that I am typing") || s.Has("Less motion") {
		t.Errorf("the search shows the wrong settings:\n%s", s.Tree())
	}
	n := s.Find("Show that I am typing")
	s.ClickAt(center(n.Bounds))
	s.wait()
	if w.asked("setting im.typing false") {
		t.Error("a locked setting was changed")
	}
}

func TestEverythingByKeyboard(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Key("K", key.ModCtrl)
	s.Type("dor")
	s.Key(key.NameReturn, 0)
	if !s.Has("Conversation with Dora Lindqvist") {
		t.Fatalf("Ctrl+K did not open Dora in\n%s", s.Tree())
	}
	s.Key(key.NameTab, key.ModCtrl)
	if !s.Has("Conversation with Chris Okafor") {
		t.Fatalf("Ctrl+Tab did not go on in\n%s", s.Tree())
	}
	s.Key(key.NameUpArrow, key.ModAlt)
	s.Key(key.NameUpArrow, key.ModAlt)
	if !s.Has("Conversation with Bob") {
		t.Fatalf("Alt+Up did not go back in\n%s", s.Tree())
	}
	s.Key(key.NameF6, key.ModShift)
	s.Key(key.NameF10, key.ModShift)
	if !s.Has("Mute for 1 hour") {
		t.Fatalf("Shift+F10 on a row opened no menu in\n%s", s.Tree())
	}
	s.Key(key.NameDownArrow, 0)
	s.Key(key.NameDownArrow, 0)
	s.Key(key.NameReturn, 0)
	s.wait()
	if !slices.ContainsFunc(w.all(), func(c string) bool { return strings.HasPrefix(c, "row mute") }) {
		t.Errorf("the menu's choice did not act: %v", w.all())
	}
	s.Key(key.NameF1, 0)
	if !s.Has("Find a person, a group, a command or a message") && !s.Has("Keyboard") {
		t.Errorf("F1 shows no keys in\n%s", s.Tree())
	}
	s.Key(key.NameLeftArrow, key.ModAlt)
	if !s.Has("Conversation with Bob") {
		t.Errorf("Alt+Left did not go back in\n%s", s.Tree())
	}
}

func TestBlockingAsksFirst(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.RightClick("Emil…")
	s.Click("Block")
	if w.asked("contact block emil@lab ") || !s.Has("Block Emil?") {
		t.Fatalf("no question before blocking in\n%s", s.Tree())
	}
	s.Key(key.NameReturn, 0) // focus is on Cancel
	if s.Has("Block Emil?") {
		t.Fatal("Enter did not cancel")
	}
	s.RightClick("Emil…")
	s.Click("Block")
	s.Advance(page.Settle)
	s.Click("Block")
	s.wait()
	if !w.asked("contact block emil@lab ") {
		t.Fatalf("blocking was not asked: %v", w.all())
	}
	s.Click("Undo")
	s.wait()
	if !w.asked("contact unblock emil@lab ") {
		t.Errorf("Undo did not unblock: %v", w.all())
	}
}

func TestRequestsShowNoLinksAndWarnOfLookalikes(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Click("Block")
	s.wait()
	if !w.asked("contact block bob2@lab ") {
		t.Errorf("the request was not blocked: %v", w.all())
	}
}

func TestPresenceIsSet(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Click("My presence: Available")
	s.Click("Busy")
	s.wait()
	if !w.asked("presence busy ") {
		t.Fatalf("the presence was not set: %v", w.all())
	}
	s.Click("My presence: Busy")
	s.Click("What are you up to?")
	s.Type("drawing")
	s.Click("Save")
	s.wait()
	if !w.asked("presence busy drawing") {
		t.Errorf("the text was not set: %v", w.all())
	}
}

func TestNoFrameWhileNothingChanges(t *testing.T) {
	s := show(t, lab(), desk, 1)
	s.Advance(2 * time.Second)
	s.Settle()
	if at, ok := s.Wakeup(); ok {
		t.Errorf("a quiet window asks for a frame in %v", at.Sub(s.Now))
	}
}

func TestNarrowWindowsHaveOneColumn(t *testing.T) {
	w := lab()
	s := show(t, w, image.Pt(360, 480), 1)
	if s.Has("Conversation with Bob") {
		t.Fatalf("a narrow window begins with a conversation:\n%s", s.Tree())
	}
	s.Click("Dora…")
	if !s.Has("Conversation with Dora Lindqvist") || s.Has("Settings") {
		t.Fatalf("the conversation does not fill a narrow window:\n%s", s.Tree())
	}
	s.Click("Back")
	if !s.Has("Dora…") {
		t.Errorf("no way back to the list:\n%s", s.Tree())
	}
}

func TestWindowRemembersWhatWasOpen(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Click("Emil…")
	if got := w.Recall("conversation"); got != dm("emil") {
		t.Fatalf("remembered %q", got)
	}
	if !show(t, w, desk, 1).Has("Conversation with Emil") {
		t.Error("the next window does not open what was open")
	}
}

func TestConnectionTroubleSaysWhatIsSafe(t *testing.T) {
	w := lab()
	w.change(func(m *model.Snapshot) {
		m.Connection = model.Connection{State: model.Disconnected, Detail: "Could not reach the server at lab.local.", RetryAt: now.Add(20 * time.Second)}
		m.QueuedUpdates = 2
	})
	s := show(t, w, desk, 1)
	if !s.Has("Offline, 2 messages wait") {
		t.Fatalf("the line does not say what waits:\n%s", s.Tree())
	}
	s.Click("Try now")
	if !w.asked("reconnect") {
		t.Error("Try now did not try")
	}
}

func TestSendingText(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Click("Emil…") // away and back: opening focuses the composer
	s.Click("Bob…")
	s.Type("hello Bob")
	s.Key(key.NameReturn, 0)
	s.wait()
	want := "act " + dm("bob") + " text SUBMIT hello Bob"
	if !w.asked(want) {
		t.Fatalf("%q is missing in %v", want, w.all())
	}
}

func TestFastTypingIsSentWhole(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Click("Emil…")
	s.Click("Bob…")
	s.Burst("quick", key.NameReturn)
	s.wait()
	if want := "act " + dm("bob") + " text SUBMIT quick"; !w.asked(want) {
		t.Fatalf("%q is missing in %v", want, w.all())
	}
}

func TestPluginFaultOffersARestart(t *testing.T) {
	w := lab()
	v := *w.views[chat("bob")]
	v.Fault = "It ended unexpectedly."
	w.views[chat("bob")] = &v
	s := show(t, w, desk, 1)
	if !s.Has("Messages stopped") {
		t.Fatalf("the fault is not told:\n%s", s.Tree())
	}
	s.Click("Restart")
	s.wait()
	if !w.asked("plugin restart im") {
		t.Errorf("restart was not asked: %v", w.all())
	}
}

func TestEveryPageIsReachedInANarrowWindow(t *testing.T) {
	s := show(t, lab(), image.Pt(420, 1800), 1)
	for _, page := range []string{"Plugins", "Devices", "Keyboard", "About"} {
		s.Click("Settings")
		s.Click(page)
		s.wait()
		s.Click("Back")
		s.Click("Back")
	}
	if !s.Has("Settings") {
		t.Errorf("no way back to the list:\n%s", s.Tree())
	}
}
