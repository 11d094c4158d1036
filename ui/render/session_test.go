package render_test

import (
	"errors"
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"
	"go.uber.org/goleak"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	small  = image.Pt(600, 500)
	middle = f32.Pt(300, 200)
)

func many(from, to int) []*contractv1.ListItem {
	var out []*contractv1.ListItem
	for i := from; i < to; i++ {
		out = append(out, msg(fmt.Sprintf("m%04d", i), fmt.Sprintf("message number %d", i), i%3 == 0, i%60))
	}
	return out
}

// top is where a message's text stands.
func top(w *uitest.Window, words string) int { return w.Find(words).Bounds.Min.Y }

func TestRowsAboveDoNotMoveWhatIsInSight(t *testing.T) {
	c := newChat(theme.Options{}, many(100, 200))
	w := open(t, c, small)
	w.Scroll(middle, -800)
	mark := "message number 180"
	before := top(w, mark)
	c.items(many(40, 200)) // an answer to Want
	w.Settle()
	if got := top(w, mark); got != before {
		t.Errorf("sixty older rows moved the view from %d to %d", before, got)
	}
	items := many(40, 200)
	items[3] = msg(items[3].Key, strings.Repeat("a much longer text ", 40), false, 3) // a row above grows
	c.items(items)
	w.Settle()
	if got := top(w, mark); got != before {
		t.Errorf("a row that grew above moved the view from %d to %d", before, got)
	}
	c.items(append(items, msg("later", "just arrived", false, 30)))
	w.Settle()
	if got := top(w, mark); got != before {
		t.Errorf("a new message moved the view from %d to %d", before, got)
	}
}

func TestAnchorSurvivesItsRemoval(t *testing.T) {
	c := newChat(theme.Options{}, many(0, 100))
	w := open(t, c, small)
	w.Scroll(middle, -1000)
	var first int
	for i := range 100 {
		if w.Has(fmt.Sprintf("message number %d", i)) {
			first = i
			break
		}
	}
	next := fmt.Sprintf("message number %d", first+2)
	before := top(w, next)
	items := many(0, 100)
	c.items(append(append([]*contractv1.ListItem{}, items[:first]...), items[first+1:]...))
	w.Settle()
	if got := top(w, next); got != before {
		t.Errorf("removing the first row in sight moved the next from %d to %d", before, got)
	}
}

func TestStaysAtTheEnd(t *testing.T) {
	c := newChat(theme.Options{}, many(0, 50))
	w := open(t, c, small)
	items := append(many(0, 50), msg("n1", "newest of all", false, 50))
	c.items(items)
	w.Settle()
	if b := w.Find("newest of all").Bounds; b.Max.Y > 460 {
		t.Errorf("the newest message is at %v, under the composer", b)
	}
	if w.Has("Go to the newest message") {
		t.Error("the button shows at the end")
	}
}

func TestNewButtonCountsAndLeadsDown(t *testing.T) {
	c := newChat(theme.Options{}, many(0, 100))
	w := open(t, c, small)
	w.Scroll(middle, -2000)
	if !w.Has("Go to the newest message") {
		t.Fatalf("no button after scrolling up:\n%s", w.Tree())
	}
	c.items(append(many(0, 100), msg("n1", "one", false, 50), msg("n2", "two", false, 50), msg("n3", "three", false, 51), msg("n4", "mine", true, 52)))
	w.Settle()
	w.Click("3 new")
	if !w.Has("three") || w.Has("3 new") {
		t.Errorf("after the button:\n%s", w.Tree())
	}
}

func TestWantNearTheTop(t *testing.T) {
	c := newChat(theme.Options{}, many(100, 160))
	c.change(func(v *model.View) { v.Lists["log"].HasBefore = true })
	w := open(t, c, small)
	w.Scroll(middle, -1700)
	if len(c.wants) != 1 || c.wants[0] != `log "m0100" -60 +0` {
		t.Errorf("wants: %q", c.wants)
	}
	w.Scroll(middle, -10)
	w.Scroll(middle, -10)
	if len(c.wants) != 1 {
		t.Errorf("the same window was asked for again: %q", c.wants)
	}
}

func TestWantFirstWhenEmpty(t *testing.T) {
	c := newChat(theme.Options{}, nil)
	c.change(func(v *model.View) { v.Lists["log"].Loaded = false })
	w := open(t, c, small)
	if len(c.wants) != 1 || c.wants[0] != `log "" -60 +0` {
		t.Errorf("wants: %q", c.wants)
	}
	c.change(func(v *model.View) { v.Lists["log"].Loaded = true })
	w.Settle()
	if !w.Has("No messages yet.") {
		t.Errorf("an empty list says nothing:\n%s", w.Tree())
	}
}

func TestSeenOnlyWithFocusAndTime(t *testing.T) {
	c := newChat(theme.Options{}, many(0, 30))
	c.focused = false
	w := open(t, c, small)
	w.Advance(2 * time.Second)
	if len(c.seen) != 0 {
		t.Fatalf("seen without focus: %q", c.seen)
	}
	c.focused = true
	w.Settle()
	w.Advance(300 * time.Millisecond)
	if len(c.seen) != 0 {
		t.Fatalf("seen after 0.3 s: %q", c.seen)
	}
	w.Advance(300 * time.Millisecond)
	w.Advance(time.Second)
	if len(c.seen) != 1 || c.seen[0] != "m0029" {
		t.Errorf("seen %q, want the last message once", c.seen)
	}
}

func TestScrollToAsksAndFlashes(t *testing.T) {
	c := newChat(theme.Options{}, many(100, 200))
	w := open(t, c, small)
	c.change(func(v *model.View) {
		v.Commands = []model.Command{
			{N: 1, Command: &contractv1.ViewCommand{Command: &contractv1.ViewCommand_ScrollTo{ScrollTo: &contractv1.ScrollTo{List: "log", Key: "m0050"}}}},
			{N: 2, Command: &contractv1.ViewCommand{Command: &contractv1.ViewCommand_Flash{Flash: &contractv1.Flash{List: "log", Key: "m0050"}}}},
		}
	})
	w.Settle()
	if c.done != 2 || len(c.wants) == 0 || c.wants[len(c.wants)-1] != `log "m0050" -30 +30` {
		t.Fatalf("done %d, wants %q", c.done, c.wants)
	}
	c.items(many(20, 80))
	w.Settle()
	if !w.Has("message number 50") {
		t.Errorf("the message is not in sight:\n%s", w.Tree())
	}
}

func compose(t *testing.T) (*chat, *uitest.Window) {
	c := newChat(theme.Options{}, conversation())
	w := open(t, c, small)
	c.session.FocusComposer()
	w.Settle()
	w.Settle()
	return c, w
}

func last(t *testing.T, c *chat) model.Action {
	t.Helper()
	if len(c.acts) == 0 {
		t.Fatal("nothing was done")
	}
	return c.acts[len(c.acts)-1]
}

func TestComposerEnterSends(t *testing.T) {
	c, w := compose(t)
	w.Type("first")
	w.Key(key.NameReturn, key.ModShift)
	w.Type("second")
	w.Key(key.NameReturn, 0)
	a := last(t, c)
	if a.Kind != contractv1.Action_SUBMIT || a.Value != "first\nsecond" || a.Node != "text" {
		t.Errorf("sent %+v", a)
	}
	w.Type("next")
	// The host's own clearing comes late and must not eat what was typed since.
	c.change(func(v *model.View) { v.Editors["text"] = model.Editor{Text: "", Revision: 2} })
	w.Settle()
	w.Key(key.NameReturn, 0)
	if a := last(t, c); a.Value != "next" {
		t.Errorf("after the host cleared: %+v", a)
	}
}

func TestComposerCtrlEnter(t *testing.T) {
	c, w := compose(t)
	c.ctrl = true
	w.Settle()
	w.Type("a")
	w.Key(key.NameReturn, 0)
	w.Type("b")
	w.Key(key.NameReturn, key.ModCtrl)
	if a := last(t, c); a.Value != "a\nb" {
		t.Errorf("sent %+v", a)
	}
}

func TestComposerArrowUpAndEscape(t *testing.T) {
	c, w := compose(t)
	w.Key(key.NameUpArrow, 0)
	if a := last(t, c); a.Kind != contractv1.Action_EDIT_LAST {
		t.Errorf("arrow up did %+v", a)
	}
	n := len(c.acts)
	w.Key(key.NameEscape, 0)
	if len(c.acts) != n {
		t.Errorf("Esc without a banner did %+v", last(t, c))
	}
	c.editor = &contractv1.Editor{Composer: true, Hint: "Message Bob", Banner: &contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: "Editing a message"}}}}
	c.rebuild()
	w.Settle()
	w.Key(key.NameEscape, 0)
	if a := last(t, c); a.Kind != contractv1.Action_CANCEL {
		t.Errorf("Esc did %+v", a)
	}
	w.Type("text")
	n = len(c.acts)
	w.Key(key.NameUpArrow, 0)
	if len(c.acts) != n {
		t.Error("arrow up in a text edits the last message")
	}
}

func TestComposerTextIsTheHosts(t *testing.T) {
	c, w := compose(t)
	w.Type("hello")
	c.change(func(v *model.View) { v.Editors["text"] = model.Editor{Text: "from the plugin", Revision: 7} })
	w.Settle()
	w.Key(key.NameReturn, 0)
	if a := last(t, c); !strings.HasPrefix(a.Value, "from the plugin") {
		t.Errorf("sent %+v", a)
	}
}

func TestComposerRefusedKeepsText(t *testing.T) {
	c, w := compose(t)
	c.refuse = errors.New("no room on the disk")
	w.Type("keep me")
	w.Key(key.NameReturn, 0)
	c.refuse = nil
	w.Key(key.NameReturn, 0)
	if a := last(t, c); a.Value != "keep me" {
		t.Errorf("sent %+v", a)
	}
}

func TestEditedIsThrottled(t *testing.T) {
	c, w := compose(t)
	w.Type("abcdef")
	if len(c.edited) != 1 || c.edited[0] != "a" {
		t.Errorf("while typing fast: %q", c.edited)
	}
	w.Advance(600 * time.Millisecond)
	if len(c.edited) != 2 || c.edited[1] != "abcdef" {
		t.Errorf("after a pause: %q", c.edited)
	}
}

func TestComposerDisabledSaysWhy(t *testing.T) {
	c, w := compose(t)
	c.editor = &contractv1.Editor{Composer: true, Disabled: true, Reason: "Bob has left this conversation."}
	c.rebuild()
	w.Settle()
	if !w.Has("Bob has left this conversation.") || w.Has("Send") {
		t.Errorf("a closed composer:\n%s", w.Tree())
	}
}

func TestComposerHeightIsBounded(t *testing.T) {
	c, w := compose(t)
	w.Paste(strings.Repeat("line\n", 60))
	if h := w.Size.Y - w.Find("Message Bob").Bounds.Min.Y; h > 240 {
		t.Errorf("sixty lines make the composer %d px high in a window of %d", h, w.Size.Y)
	}
	_ = c
}

func TestTooLongIsNotSent(t *testing.T) {
	c, w := compose(t)
	c.editor = &contractv1.Editor{Composer: true, Hint: "Message Bob", MaxBytes: 10}
	c.rebuild()
	w.Paste("much more than ten bytes")
	w.Key(key.NameReturn, 0)
	if len(c.acts) != 0 || !w.Has("This message is 14 bytes too long to be sent.") {
		t.Errorf("did %v:\n%s", c.acts, w.Tree())
	}
}

func TestLongMessageIsCutUntilAsked(t *testing.T) {
	long := strings.Repeat("many words and ", 1000) + "the end"
	c := newChat(theme.Options{}, []*contractv1.ListItem{msg("1", "", false, 1, func(m *contractv1.Message) {
		m.Body = []*contractv1.Span{{Text: "It begins: "}, {Text: long}}
	})})
	w := open(t, c, small)
	if strings.Contains(w.Tree(), "the end") {
		t.Error("all of a very long message is drawn at once")
	}
	w.Click("Show all")
	if !strings.Contains(w.Tree(), "the end") || w.Has("Show all") {
		t.Error("the rest does not show when asked for")
	}
}
