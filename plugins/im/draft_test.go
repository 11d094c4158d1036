package im

import (
	"fmt"
	"strings"
	"testing"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

func draftState(t *testing.T, d wire.Draft) sdk.State {
	t.Helper()
	value, err := wire.EncodeDraft(d)
	if err != nil {
		t.Fatal(err)
	}
	return sdk.State{Author: alice, Key: stateDraft, Value: value}
}

func TestDraftsAcrossDevices(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.do(sdk.Edited{Node: composerID, Text: "half", Revision: 1}, timer{what: timerDraft})
	d, ok := wire.DecodeDraft(st.states[stateDraft])
	if !ok || d.Text != "half" || d.Device != "d1" || st.scopes[stateDraft] != sdk.MyDevices || st.summary.Draft != "half" {
		t.Fatalf("draft %+v, summary %+v", d, st.summary)
	}
	other, _ := wire.EncodeDraft(wire.Draft{Text: "half a sentence", Device: "d2"})
	st.do(sdk.State{Author: alice, Key: stateDraft, Value: other})
	if st.text != "half a sentence" || st.summary.Draft != "half a sentence" {
		t.Errorf("text %q", st.text)
	}
	st.do(sdk.Edited{Node: composerID, Text: "mine", Revision: 2})
	st.do(sdk.State{Author: bob, Key: stateDraft, Value: other}, sdk.State{Author: alice, Key: stateDraft, Value: other})
	if st.c.composer.draft != "mine" {
		t.Error("what I type was overwritten")
	}
	st.say("a1", "mine")
	if d, _ := wire.DecodeDraft(st.states[stateDraft]); d.Text != "" || st.summary.Draft != "" {
		t.Errorf("draft %+v after sending", d)
	}
	st.reopen(bob)
	st.start()
	st.reopen(bob)
	st.do(sdk.Started{State: []sdk.State{{Author: alice, Key: stateDraft, Value: other}}})
	if !strings.Contains(fmt.Sprint(st.root), "half a sentence") {
		t.Error("the draft is not there when the conversation opens")
	}
}

// A conversation that was closed in the middle of an edit opens in it, and the
// draft that waits is not lost however long it is.
func TestAnEditIsResumed(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	id := st.say("a1", "one")
	st.network()
	long := strings.Repeat("a long draft ", 500)
	st.do(sdk.Edited{Node: composerID, Text: long, Revision: 1})
	st.do(sdk.Action{ID: "a2", List: listID, Item: id, Node: id, Kind: sdk.Press, Value: menuEdit})
	st.do(sdk.Edited{Node: composerID, Text: "uno", Revision: 2})
	for range 2 {
		st.reopen(bob)
		st.text = ""
		st.do(sdk.Started{State: []sdk.State{draftState(t, wire.Draft{Text: long, Device: "d1"})}}, sdk.CaughtUp{},
			sdk.Edited{Node: composerID, Text: "uno"})
		st.want()
		if !strings.Contains(draw(st.items), "[being edited]") || !strings.Contains(fmt.Sprint(st.root), english.editing) || st.text != "" {
			t.Fatalf("%s\n%v", draw(st.items), st.root)
		}
	}
	st.do(sdk.Action{ID: "a3", Node: composerID, Kind: sdk.Cancel})
	if st.text != long {
		t.Errorf("the draft is %q", st.text)
	}
	st.reopen(bob)
	st.start()
	st.want()
	if strings.Contains(draw(st.items), "[being edited]") {
		t.Error("the edit is resumed although it was left")
	}
}

func TestAReplyIsResumed(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.arrive("b1", bob, hello("a question"))
	st.do(sdk.Action{ID: "a1", List: listID, Item: "b1", Node: "b1", Kind: sdk.Press, Value: menuReply})
	saved := sdk.State{Author: alice, Key: stateDraft, Value: st.states[stateDraft]}
	st.reopen(bob)
	st.do(sdk.Started{State: []sdk.State{saved}}, sdk.CaughtUp{})
	if !strings.Contains(fmt.Sprint(st.root), "a question") {
		t.Fatalf("%v", st.root)
	}
	st.want()
	st.say("a2", "an answer")
	if !strings.Contains(draw(st.items), "an answer [re a question]") {
		t.Error(draw(st.items))
	}
	st.reopen(bob)
	st.do(sdk.Started{State: []sdk.State{draftState(t, wire.Draft{ReplyTo: "gone", Device: "d1"})}}, sdk.CaughtUp{})
	if st.c.banner() != nil {
		t.Error("a reply to nothing")
	}
}

func TestTheNewerDraftHolds(t *testing.T) {
	st := newStage(t, bob)
	st.text = "what the host has"
	older := sdk.Edited{Node: composerID, Text: st.text}
	st.do(sdk.Started{State: []sdk.State{draftState(t, wire.Draft{Text: "", Device: "d2"})}}, sdk.CaughtUp{}, older)
	if st.text != "" || st.c.composer.draft != "" || st.states[stateDraft] != nil {
		t.Errorf("the composer has %q, the draft is %q", st.text, st.c.composer.draft)
	}
	st.do(sdk.Edited{Node: composerID, Text: "new", Revision: 1}, timer{what: timerDraft})
	if d, ok := wire.DecodeDraft(st.states[stateDraft]); !ok || d.Text != "new" || d.Device != "d1" {
		t.Errorf("saved %+v", d)
	}

	mine := newStage(t, bob)
	mine.text = "untouched"
	mine.do(sdk.Started{State: []sdk.State{draftState(t, wire.Draft{Text: "shorter", Device: "d1"})}}, sdk.CaughtUp{}, older)
	if mine.text != "untouched" || mine.c.composer.draft != older.Text || len(mine.signals) != 0 {
		t.Errorf("the composer has %q, the draft is %q, %d signals", mine.text, mine.c.composer.draft, len(mine.signals))
	}
}
