package ui_test

import (
	"context"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/shared/model"
)

// count is how often a call that begins so was made.
func (w *world) count(prefix string) int {
	n := 0
	for _, c := range w.all() {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

// found types a query into the search and waits for its answer.
func found(query string) func(*shown) {
	return func(s *shown) {
		s.Key("K", key.ModCtrl)
		s.Type(query)
		s.answer()
	}
}

// answer lets the question be asked and its answer be shown.
func (s *shown) answer() {
	s.Advance(200 * time.Millisecond)
	s.wait()
}

func TestMessagesAreAskedForAMomentAfterTheLastKey(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Key("K", key.ModCtrl)
	s.Type("cab")
	s.wait()
	if n := w.count("search "); n != 0 {
		t.Fatalf("%d questions were asked while somebody types", n)
	}
	s.Advance(100 * time.Millisecond)
	s.Type("le")
	s.Advance(100 * time.Millisecond)
	if n := w.count("search "); n != 0 {
		t.Fatalf("%d questions were asked 100 ms after the last key", n)
	}
	s.answer()
	if !slices.Equal(w.questions(), []string{"search  cable "}) {
		t.Fatalf("asked %q", w.questions())
	}
	if !s.Has("Messages") && !s.Has("All messages with “cable”") {
		t.Fatalf("no messages in\n%s", s.Tree())
	}
}

// questions are what was searched for.
func (w *world) questions() []string {
	var out []string
	for _, c := range w.all() {
		if strings.HasPrefix(c, "search ") {
			out = append(out, c)
		}
	}
	return out
}

func TestJumpListFollowsAMessageByKeyboard(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	found("cable")(s)
	s.Key(key.NameReturn, 0)
	s.wait()
	if w.count("act "+dm("bob")+"  REVEAL ") != 1 {
		t.Fatalf("the message was not revealed: %v", w.all())
	}
	if !s.Has("Conversation with Bob") {
		t.Errorf("its conversation did not open in\n%s", s.Tree())
	}
}

func TestCommandsAreFoundAndRun(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	found("presence: bu")(s)
	s.Key(key.NameReturn, 0)
	s.wait()
	if !w.asked("presence busy ") {
		t.Fatalf("the presence was not set: %v", w.all())
	}
	found("export")(s)
	s.Key(key.NameReturn, 0)
	s.Click("As JSON")
	s.Advance(time.Second)
	s.Click("Export")
	s.wait()
	if !w.asked("export " + dm("bob") + " json ") {
		t.Fatalf("nothing was exported: %v", w.all())
	}
	if !s.Has("Exported to /home/alice/Downloads/Bob.txt") || !s.Has("Show folder") {
		t.Errorf("it is not said where the file is in\n%s", s.Tree())
	}
}

func TestSearchPageFiltersPagesAndJumps(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Key("F", key.ModCtrl|key.ModShift)
	if !s.Has("Search everything that was written") {
		t.Fatalf("the page does not open in\n%s", s.Tree())
	}
	s.Type("cable")
	s.Click("From")
	s.Click("Chris Okafor")
	s.Click("Has")
	s.Click("A picture")
	s.answer()
	if !w.asked("search  cable from:chris@lab has:picture ") {
		t.Fatalf("asked %q", w.questions())
	}
	s.Click("From: chris@lab")
	s.Click("Without this filter")
	s.answer()
	if !w.asked("search  cable has:picture ") {
		t.Fatalf("asked %q", w.questions())
	}
	if s.Has("Show older ones") {
		s.Click("Show older ones")
		s.wait()
		if q := w.questions(); !strings.HasPrefix(q[len(q)-1], "search  cable has:picture ") {
			t.Errorf("the next page was asked for as %q", q[len(q)-1])
		}
	}
	s.Click("Search messages") // the field
	s.Key(key.NameReturn, 0)
	s.wait()
	if w.count("act "+dm("bob")+"  REVEAL ") != 1 {
		t.Fatalf("the message was not revealed: %v", w.all())
	}
}

func TestSearchPageSaysThatNothingWasFoundAndWhatFailed(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Key("F", key.ModCtrl|key.ModShift)
	s.Type("nothing at all")
	s.answer()
	if !s.Has("Nothing was written like that") {
		t.Fatalf("it is not said in\n%s", s.Tree())
	}
	w.mu.Lock()
	w.fail["search"] = errTaken
	w.mu.Unlock()
	s.Type("!")
	s.answer()
	if !s.Has("The name alice is taken on lab, choose another.") {
		t.Fatalf("the fault is not said in\n%s", s.Tree())
	}
	w.mu.Lock()
	delete(w.fail, "search")
	w.mu.Unlock()
	s.Click("Try again")
	s.answer()
	if s.Has("Try again") || !s.Has("Nothing was written like that") {
		t.Errorf("it was not tried again in\n%s", s.Tree())
	}
}

func TestFindBarStepsThroughTheConversation(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.Key("F", key.ModCtrl)
	s.Type("cable")
	s.answer()
	q := w.questions()
	if len(q) != 1 || !strings.HasPrefix(q[0], "search "+dm("bob")+" cable") {
		t.Fatalf("asked %q", q)
	}
	if !s.Has("1 of 3") && !s.Has("1 of 2") && !s.Has("1 of 1") && !s.Has("1 of more than…") {
		t.Fatalf("it is not said which match shows in\n%s", s.Tree())
	}
	before := w.count("act ")
	s.Key(key.NameF3, 0)
	s.Key(key.NameF3, key.ModShift)
	s.wait()
	if w.count("act ") != before+2 {
		t.Errorf("F3 did not reveal: %v", w.all())
	}
	s.Key(key.NameEscape, 0)
	if s.Has("Find in this conversation") {
		t.Errorf("Esc did not close it in\n%s", s.Tree())
	}
}

func TestConversationIsMarkedUnreadAndRead(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	s.RightClick("Chris Okafor")
	s.Click("Mark as unread")
	s.wait()
	s.RightClick("Dora…")
	s.Click("Mark as read")
	s.wait()
	if !w.asked("command "+dm("chris")+" unread ") || !w.asked("command "+dm("dora")+" read ") {
		t.Errorf("the marks were not set: %v", w.all())
	}
}

func TestGroupsAndArchiveAreFilters(t *testing.T) {
	w := withGroups()
	w.change(func(m *model.Snapshot) { m.Conversations[4].Archived = true })
	s := show(t, w, desk, 1)
	hidden := w.snap.Conversations[4].Title
	s.Click("Groups")
	if s.Has("Emil…") || !s.Has("Choir") {
		t.Errorf("the groups do not stand alone in\n%s", s.Tree())
	}
	s.Click("Archived")
	if !s.Has(hidden + "…") {
		t.Errorf("the archive does not show %s in\n%s", hidden, s.Tree())
	}
}

// ChooseExport has no dialog of a desktop, unless a file was put there.
func (w *world) ChooseExport(_ context.Context, title string) (string, error) {
	path := w.Recall("test.export")
	if path == "" {
		return "", errTaken
	}
	return path, w.note("choose export %s", title)
}

func TestConversationIsImported(t *testing.T) {
	w := lab()
	s := show(t, w, desk, 1)
	clicks("More", "Import…")(s)
	s.Type("/tmp/bob.jsonl")
	s.Key(key.NameReturn, 0)
	s.wait()
	w.Remember("test.export", "/tmp/other.jsonl")
	clicks("More", "Import…")(s)
	s.wait()
	mustAsk(t, w, "import "+dm("bob")+" /tmp/bob.jsonl", "import "+dm("bob")+" /tmp/other.jsonl")
	if !s.Has("12 messages were imported") {
		t.Errorf("it is not said how many came in\n%s", s.Tree())
	}
}

// findScreens are those that find something.
var findScreens = []scene{
	{"jump", lab, desk, 1, found("cab")},
	{"jump-dark", func() *world { return with("appearance.theme", "dark", lab()) }, desk, 1, found("cable")},
	{"jump-commands", lab, desk, 1, found("ma")},
	{"jump-narrow", lab, image.Pt(360, 480), 1, found("cable")},
	{"jump-thrice", german(lab), image.Pt(1080, 1440), 3, found("cable")},
	{"search-page-empty", lab, desk, 1, func(s *shown) { s.Key("F", key.ModCtrl|key.ModShift) }},
	{"search-page", lab, desk, 1, searched},
	{"search-page-dark", func() *world { return with("appearance.theme", "contrast-dark", lab()) }, desk, 1, searched},
	{"search-page-narrow", lab, image.Pt(360, 480), 1, searched},
	{"search-page-filter", lab, desk, 1, func(s *shown) { searched(s); s.Click("From") }},
	{"find", lab, desk, 1, finding},
	{"find-dark", func() *world { return with("appearance.theme", "dark", lab()) }, desk, 1, finding},
	{"find-narrow", lab, image.Pt(360, 480), 1, func(s *shown) { s.Click("Bob…"); finding(s) }},
	{"conversation-menu", lab, desk, 1, clicks("More")},
	{"export", lab, desk, 1, func(s *shown) { clicks("More", "Export…")(s); s.Advance(time.Second) }},
}

func searched(s *shown) {
	s.Key("F", key.ModCtrl|key.ModShift)
	s.Type("cable has:picture")
	s.answer()
}

func finding(s *shown) {
	s.Key("F", key.ModCtrl)
	s.Type("cable")
	s.answer()
}
