package ui_test

import (
	"errors"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/ui/page"
)

const team, choir, picnic = "t3amt3amt3amt3amt3am", "choirchoirchoirchoir", "picnicpicnicpicnicpi"

// mustAsk fails unless the host was asked.
func mustAsk(t *testing.T, w *world, calls ...string) {
	t.Helper()
	for _, c := range calls {
		if c = strings.Join(strings.Fields(c), " "); !w.asked(c) {
			t.Errorf("%q was not asked: %v", c, w.all())
		}
	}
}

func TestGroupIsMadeByKeyboard(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	s.Key("K", key.ModCtrl)
	s.Type("new gr")
	s.Key(key.NameReturn, 0)
	s.wait()
	s.Type("Lunch")
	s.Key(key.NameReturn, 0) // on to the people
	s.Type("dora")
	s.Key(key.NameReturn, 0)
	s.Key(key.NameDownArrow, 0)
	s.Key(key.NameReturn, 0)
	if !s.Has("Take Dora Lindqvist out") || !s.Has("Take Chris Okafor out") {
		t.Fatalf("they are not chosen in\n%s", s.Tree())
	}
	s.Key(key.NameDeleteBackward, 0)
	if s.Has("Take Chris Okafor out") {
		t.Error("Backspace in the empty line took nobody back")
	}
	s.Click("Create group")
	s.wait()
	mustAsk(t, w, "group create newnewnewnewnewnewne Lunch true", "group invite newnewnewnewnewnewne dora@lab   false")
	if got := w.all(); slices.ContainsFunc(got, func(c string) bool { return strings.Contains(c, "chris@lab") }) {
		t.Errorf("somebody who was given back was invited: %v", got)
	}
}

func TestGroupNeedsANameAndSaysWhatFailed(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	clicks("Add or invite people", "New group", "Create group")(s)
	if !s.Has("Please give the group a name.") {
		t.Fatalf("no word about the missing name in\n%s", s.Tree())
	}
	s.Type("Lunch")
	s.Click("Emil")
	w.fail["group invite"] = errors.New("emil@lab is not a contact of yours")
	clicks("Create group")(s)
	if !s.Has("Emil could not be added. Emil@lab is not a contact of yours.") {
		t.Errorf("it is not said who could not be added in\n%s", s.Tree())
	}
}

func TestGroupIsAskedForWithItsCode(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	clicks("Add or invite people", "New group", "I have a group's code")(s)
	s.Type(" room." + choir + " ")
	clicks("Ask to be let in")(s)
	mustAsk(t, w, "group request "+choir+"    false")
}

func TestGroupPanelShowsMembersAndChangesThem(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	clicks("Show the group")(s)
	for _, want := range []string{"You", "Owner", "Dora Lindqvist", "Admin", "Inês Carvalho", "Asking to be let in", "Hana Sato", "No answer yet"} {
		if !s.Has(want) {
			t.Errorf("no %q in the panel", want)
		}
	}
	clicks("Let in")(s)
	clicks("More about Bob", "Make admin")(s)
	clicks("More about Dora Lindqvist", "No longer admin")(s)
	clicks("More about Fatima Zahra", "Withdraw the invitation")(s)
	clicks("More about Chris Okafor", "Remove from the group")(s)
	if w.asked("group remove " + team + " chris@lab false") {
		t.Fatal("somebody was removed without a question")
	}
	s.Advance(page.Settle)
	clicks("Remove from the group")(s)
	clicks("More about Bob", "Make owner")(s)
	s.Advance(page.Settle)
	clicks("Make owner")(s)
	mustAsk(t, w, "group admit "+team+" hana@lab   false", "group role "+team+" bob@lab  admin false", "group role "+team+" dora@lab  member false",
		"group remove "+team+" fatima@lab   false", "group remove "+team+" chris@lab   false", "group role "+team+" bob@lab  owner false")
	s.Key(key.NameEscape, 0)
	if s.Has("Add people") {
		t.Errorf("Esc did not close the panel in\n%s", s.Tree())
	}
}

func TestGroupRulesAreSwitches(t *testing.T) {
	w := withGroups()
	s := show(t, w, image.Pt(1180, 1300), 1)
	clicks("Show the group", "New members see earlier messages", "People may ask to be let in", "Copy code")(s)
	mustAsk(t, w, "group earlier "+team+"    false", "group open "+team+"    false")
	if s.Clipboard != team {
		t.Errorf("the clipboard holds %q", s.Clipboard)
	}
	clicks("Rename the group")(s)
	s.Key("A", key.ModShortcut)
	s.Type("Third floor")
	s.Key(key.NameReturn, 0)
	s.wait()
	mustAsk(t, w, "group rename "+team+"  Third floor  false")
	clicks("Choir")(s)
	clicks("Show the group")(s)
	if s.Has("New members see earlier messages") || s.Has("Add people") || s.Has("Make admin") {
		t.Errorf("a plain member may do what only admins may in\n%s", s.Tree())
	}
}

func TestPeopleAreAddedToAGroup(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	clicks("Show the group", "Add people", "Bob", "Emil", "Add 1 person")(s)
	mustAsk(t, w, "group invite "+team+" emil@lab   false")
	if w.asked("group invite " + team + " bob@lab false") {
		t.Error("a member was invited once more")
	}
	if !s.Has("1 person was added") || s.Has("Search your contacts") {
		t.Errorf("the page did not go back to the group in\n%s", s.Tree())
	}
}

func TestOwnerHandsOverWhenLeaving(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	clicks("More", "Leave group", "Bob")(s)
	s.Advance(page.Settle)
	clicks("Leave group")(s)
	mustAsk(t, w, "group leave "+team+" bob@lab false")
	clicks("Choir", "More", "Leave group")(s)
	s.Advance(page.Settle)
	clicks("Leave group")(s)
	mustAsk(t, w, "group leave "+choir+"    false")
}

func TestInvitationToAGroupIsAnswered(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	if !s.Has("Dora Lindqvist invites you to this group") {
		t.Fatalf("no invitation in\n%s", s.Tree())
	}
	clicks("Accept")(s)
	mustAsk(t, w, "group accept "+picnic+"    false")
	clicks("Decline")(s)
	mustAsk(t, w, "group decline "+picnic+"    false")
}

func TestLeftGroupIsReadOnly(t *testing.T) {
	s := show(t, withGroups(), desk, 1)
	clicks("Move to the new building")(s)
	if !s.Has("You are no longer in this group.") || s.Has("Send") {
		t.Errorf("one can write in a group one has left:\n%s", s.Tree())
	}
	s.Click("More")
	if s.Has("Leave group") {
		t.Error("a group that was left can be left again")
	}
}

func TestMentionIsCompleted(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	s.Click("Message Second floor")
	s.Type("hello @o")
	if !s.Has(`Chris Okafor "chris"`) || s.Has(`Bob "bob"`) {
		t.Fatalf("the list does not show who fits in\n%s", s.Tree())
	}
	s.Key(key.NameReturn, 0)
	s.Type("and @")
	s.Key(key.NameDownArrow, 0)
	s.Key(key.NameTab, 0)
	s.Advance(time.Second)
	s.Type("!")
	s.Advance(time.Second)
	key := room(team) + " text"
	w.mu.Lock()
	got := w.texts[key]
	w.mu.Unlock()
	if got != "hello @chris and @bob !" {
		t.Errorf("the text is %q", got)
	}
}

func TestMentionListLeavesEnterAlone(t *testing.T) {
	w := withGroups()
	s := show(t, w, desk, 1)
	s.Click("Message Second floor")
	s.Type("@bob")
	s.Key(key.NameReturn, 0) // complete as it is
	mustAsk(t, w, "act "+room(team)+" text SUBMIT @bob")
	s.Type("@d")
	s.Key(key.NameEscape, 0)
	if s.Has(`Dora Lindqvist "dora"`) {
		t.Error("Esc did not close the list")
	}
	s.Key(key.NameReturn, 0)
	mustAsk(t, w, "act "+room(team)+" text SUBMIT @d")
	s.Type("write to me@d")
	if s.Has(`Dora Lindqvist "dora"`) {
		t.Error("an address opens the list")
	}
}

func TestGroupsAreFoundByTheJumpBox(t *testing.T) {
	s := show(t, withGroups(), desk, 1)
	s.Key("K", key.ModCtrl)
	s.Type("choir")
	if !s.Has("Choir") || !s.Has("2 members") {
		t.Fatalf("no hit in\n%s", s.Tree())
	}
	s.Key(key.NameReturn, 0)
	s.wait()
	if !s.Has("Conversation with Choir") {
		t.Errorf("the group did not open in\n%s", s.Tree())
	}
}

func TestBigGroupIsDrawnQuickly(t *testing.T) {
	s := show(t, bigGroup(990), desk, 1)
	clicks("Show the group")(s)
	s.Click("Search members")
	s.Type("Person 98")
	if !s.Has("Person 98 with quite a long name for a line") || s.Has("Person 9 with quite a long name for a line") {
		t.Errorf("the members are not found in\n%s", s.Tree())
	}
	from := time.Now()
	const frames = 50
	for range frames {
		s.Frame()
	}
	if each := time.Since(from) / frames; each > 50*time.Millisecond {
		t.Errorf("a frame with a thousand members takes %v", each)
	}
}
