package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/page"
)

// many is a world with a session in each state between the messages of a chat.
func many() *world {
	w := lab()
	day := func(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, time.UTC) }
	text := func(s string) *contractv1.Node {
		return &contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: s}}}
	}
	w.change(func(s *model.Snapshot) {
		add := func(id, by string, at time.Time, state model.SessionState, reason string) {
			s.Sessions = append(s.Sessions, model.Session{Key: model.SessionKey{Conversation: dm("bob"), Session: id}, Plugin: "whiteboard",
				Title: "Whiteboard", By: by + "@lab", Mine: by == "alice", State: state, Reason: reason, Offered: at, AnsweredOn: "laptop"})
		}
		add("s9", "bob", day(10, 4), model.Offered, "")
		add("s8", "alice", day(10, 2).Add(30*time.Second), model.Active, "")
		add("s7", "alice", day(9, 59).Add(20*time.Second), model.Offered, "")
		add("s6", "bob", day(9, 58).Add(50*time.Second), model.Impossible, "Whiteboard is switched off here.")
		add("s5", "bob", day(9, 58).Add(40*time.Second), model.Elsewhere, "")
		add("s4", "alice", day(9, 58).Add(30*time.Second), model.Declined, "")
		add("s3", "bob", day(9, 58).Add(20*time.Second), model.TimedOut, "")
		add("s2", "bob", day(9, 58).Add(10*time.Second), model.Ended, "")
		add("s1", "bob", day(9, 50).AddDate(0, 0, -3), model.Left, "")
	})
	w.compacts[model.SessionKey{Conversation: dm("bob"), Session: "s8"}] = &model.View{Root: text("3 people draw · 24 strokes"), Revision: 1}
	return w
}

// order is where labels stand on the screen, from the top.
func order(s *shown, labels ...string) []int {
	var out []int
	for _, l := range labels {
		out = append(out, s.Find(l).Bounds.Min.Y)
	}
	return out
}

func TestSessionsStandBetweenTheMessagesInTheOrderOfTime(t *testing.T) {
	w := many()
	s := show(t, w, desk, 1)
	s.Settle()
	at := order(s, "Bob, 10:02, did you see…", "Whiteboard, Running now…", "Alice, 10:03, yes…", "Whiteboard, Bob would like…")
	if !slices.IsSorted(at) {
		t.Errorf("the cards stand at %v in\n%s", at, s.Tree())
	}
	if !s.Has("3 people draw · 24 strokes") {
		t.Error("the compact view of a running session does not show in its card")
	}
	s.Scroll(f32.Pt(700, 400), -2000)
	at = order(s, "Whiteboard, You left…", "Bob, 09:58…", "Whiteboard, Over…", "Whiteboard, Nobody answered…", "Whiteboard, Bob declined…", "Whiteboard, Answered on laptop…",
		"Whiteboard, Not possible here: Whiteboard is switched off here.…")
	if !slices.IsSorted(at) {
		t.Errorf("the cards above stand at %v in\n%s", at, s.Tree())
	}
}

func TestCardsDoWhatTheBarDoes(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	k := offered(w)
	s.Settle()
	card := s.Find("Whiteboard, Bob would like…").Bounds
	accept := s.Find("Accept").Bounds // what is drawn last is found first
	if !accept.In(card) {
		t.Fatalf("no button on the card in\n%s", s.Tree())
	}
	s.Click("Accept")
	s.wait()
	if w.asked("session accept b1") {
		t.Fatal("a card accepted before it could be read")
	}
	s.Advance(page.Settle)
	s.Click("Accept")
	s.wait()
	if !w.asked("session accept b1") || !s.Has("Hide") {
		t.Fatalf("accepting did nothing: %v", w.all())
	}
	s.Click("Hide")
	s.Click("Open")
	s.wait()
	if !s.Has("Hide") {
		t.Errorf("Open did not bring the panel back in\n%s", s.Tree())
	}
	s.Click("Hide")
	s.Click("Leave")
	s.wait()
	if !w.asked("session leave b1") {
		t.Errorf("leaving was not asked: %v", w.all())
	}
	w.change(func(m *model.Snapshot) {
		i := slices.IndexFunc(m.Sessions, func(x model.Session) bool { return x.Key == k })
		m.Sessions[i].State, m.Sessions[i].Mine = model.Offered, true
	})
	s.Settle()
	s.Click("Withdraw")
	s.wait()
	if !w.asked("session cancel b1") {
		t.Errorf("withdrawing was not asked: %v", w.all())
	}
}

func TestCardsBelongToWhatIsLoaded(t *testing.T) {
	w := many()
	v := *w.views[chat("bob")]
	l := *v.Lists["log"]
	l.Items, l.HasBefore, l.HasAfter = l.Items[1:4], true, true
	v.Lists = map[string]*model.List{"log": &l}
	w.views[chat("bob")] = &v
	s := show(t, w, desk, 1)
	s.Settle()
	if s.Has("Whiteboard, You left…") || s.Has("Whiteboard, Bob would like…") {
		t.Errorf("a card stands beside messages of another time in\n%s", s.Tree())
	}
	if !s.Has("Whiteboard, Waiting for Bob…") {
		t.Errorf("a card between what is loaded is missing in\n%s", s.Tree())
	}
	for _, c := range w.all() {
		if strings.Contains(c, "\x00") {
			t.Errorf("the plugin was asked about a card: %q", c)
		}
	}
}

func TestConversationWithoutAnyMessageShowsItsCards(t *testing.T) {
	w := lab()
	w.views[chat("bob")] = transcript("bob", nil)
	s := show(t, w, desk, 1)
	offered(w)
	s.Settle()
	if !s.Has("Whiteboard, Bob would like…") {
		t.Errorf("no card in\n%s", s.Tree())
	}
	w = withoutChat()
	s = show(t, w, desk, 1)
	offered(w)
	s.Settle()
	s.Advance(page.Settle)
	s.Click("Accept")
	s.wait()
	if !w.asked("session accept b1") {
		t.Errorf("without a chat an offer cannot be accepted in its place: %v\n%s", w.all(), s.Tree())
	}
}

func TestSessionsThatNobodyLeavesAreOffered(t *testing.T) {
	w := idle()
	s := show(t, w, desk, 1)
	s.Settle()
	if !s.Has("Tally with Bob") || s.Has("Whiteboard with Bob") {
		t.Fatalf("idle sessions are not set apart in\n%s", s.Tree())
	}
	s.Click("2 older")
	s.Click("Whiteboard with Bob")
	s.wait()
	if !s.Has("Nothing has happened here for 2 days.") {
		t.Fatalf("the panel does not say that it is idle in\n%s", s.Tree())
	}
	s.Click("Older")
	if !s.Has("Tally") {
		t.Errorf("the other idle session is not in the menu in\n%s", s.Tree())
	}
	s.Key(key.NameEscape, 0)
	s.Click("Leave")
	s.wait()
	if !w.asked("session leave old2") {
		t.Errorf("leaving was not asked: %v", w.all())
	}
}

func TestWindowSpeaksGerman(t *testing.T) {
	w := german(lab)()
	s := show(t, w, desk, 1)
	s.Settle()
	for _, l := range []string{"Mein Status: Verfügbar", "Alle", "1 Anfrage", "Verbunden"} {
		if !s.Has(l) {
			t.Errorf("no %q in\n%s", l, s.Tree())
		}
	}
	w.change(func(m *model.Snapshot) { // at once, without a restart
		for i := range m.Settings {
			if m.Settings[i].Key == "appearance.language" {
				m.Settings[i].Value = "en"
			}
		}
	})
	s.Settle()
	if !s.Has("Connected") {
		t.Errorf("the language did not change in\n%s", s.Tree())
	}
}

func TestPluginThatIsNotInstalledHasNoSwitch(t *testing.T) {
	s := show(t, withAbsent(), desk, 1)
	clicks("Settings", "Plugins")(s)
	if !s.Has("Not installed here (off by default)") || s.Has("Switch Remote assistance on") {
		t.Errorf("a plugin that is not here looks as if it were in\n%s", s.Tree())
	}
}

func TestFocusRingOfAControlWithATipShows(t *testing.T) {
	s := show(t, lab(), desk, 1)
	s.Settle()
	b := s.Find("More").Bounds
	before := s.Screenshot()
	x, outside := (b.Min.X+b.Max.X)/2, b.Min.Y-3 // the ring stands two dp outside
	s.Click("Message Bob")
	for range 8 {
		s.Tab(true)
		if s.Screenshot().At(x, outside) != before.At(x, outside) {
			return
		}
	}
	t.Errorf("no ring above %v", b)
}

func TestWhatIsPressedLastHasTheKeyboard(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	clicks("Settings")(s)
	s.Stroke(key.NameEscape, 0)
	s.Stroke("K", key.ModCtrl)
	s.Settle()
	s.Type("chris")
	if w.texts[dm("bob")+" text"] != "" || !s.Has("Chris Okafor") || s.Has("Dora Lindqvist") {
		t.Errorf("what was typed into the search went elsewhere: %v", w.texts)
	}
}

func TestRunThatACardDividesBeginsAnew(t *testing.T) {
	w := lab()
	w.views[chat("bob")] = transcript("bob", []line{
		{"bob", "one", now.Add(-2 * time.Minute), 0}, {"bob", "two", now.Add(-time.Minute), 0}, {"bob", "three", now, 0}})
	faces := func(s *shown) (n int) {
		for _, x := range s.Nodes() {
			if x.Label == "B" && x.Bounds.Min.X > 280 && x.Bounds.Min.Y > 100 {
				n++
			}
		}
		return n
	}
	s := show(t, w, desk, 1)
	s.Settle()
	before := faces(s)
	w.change(func(m *model.Snapshot) {
		m.Sessions = append(m.Sessions, model.Session{Key: model.SessionKey{Conversation: dm("bob"), Session: "x"}, Plugin: "whiteboard",
			By: "alice@lab", Mine: true, State: model.Left, Offered: now.Add(-90 * time.Second)})
	})
	s.Settle()
	if after := faces(s); before == 0 || after != before+1 {
		t.Errorf("%d faces before a card divides a run, %d after, in\n%s", before, after, s.Tree())
	}
}
