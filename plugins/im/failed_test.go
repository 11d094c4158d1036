package im

import (
	"errors"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

func TestNotSentTryAgainAndDelete(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.want()
	first, second := st.say("a1", "one"), st.say("a2", "two")
	st.do(sdk.Failed{ID: sdk.ID(first), Reason: "You are blocked."}, sdk.Failed{ID: sdk.ID(second), Reason: "You are blocked."})
	st.expect(`-- Tuesday, 24 November --
		Alice: one [You are blocked.] [buttons] not_sent
		two [You are blocked.] [buttons] not_sent`)
	st.order = nil
	st.do(sdk.Action{ID: "a3", List: listID, Item: second, Node: buttonAgain, Kind: sdk.Press},
		sdk.Action{ID: "a4", List: listID, Item: first, Node: buttonDiscard, Kind: sdk.Press})
	st.expect(`-- Tuesday, 24 November --
		Alice: two waiting`)
	if strings.Join(st.discarded, " ") != first {
		t.Errorf("the host forgot %q", st.discarded)
	}
	if len(st.order) != 1 || st.order[0] != second {
		t.Fatalf("sent again as %v", st.order)
	}
	st.network()
	st.expect(`-- Tuesday, 24 November --
		Alice: two sent`)
}

func TestRefusedEditIsShownAndTriedAgain(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.want()
	id := st.say("a1", "one")
	st.network()
	st.command("c1", "edit", map[string]string{"id": id, "text": "uno"})
	st.do(sdk.Failed{ID: sdk.ID(st.made["c1/0"]), Reason: "no"})
	if got := draw(st.items); !strings.Contains(got, "one [buttons]") {
		t.Fatal(got)
	}
	st.order = nil
	st.do(sdk.Action{ID: "a2", List: listID, Item: id, Node: buttonAgain, Kind: sdk.Press})
	if strings.Join(st.discarded, " ") != st.made["c1/0"] {
		t.Errorf("the host forgot %q", st.discarded)
	}
	st.network()
	st.expect(`-- Tuesday, 24 November --
		Alice: uno [edited] sent`)
}

// The host tells of what failed whenever the session opens, with its body.
func TestFailedIsToldAgain(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	id := st.say("a1", "one")
	st.say("a2", "two")
	again := []sdk.Event{sdk.Pending{ID: sdk.ID(id), Body: st.bodies[id], Time: st.clock}, sdk.Failed{ID: sdk.ID(id), Reason: "no"}}
	lost, err := wire.Encode(hello("written before a crash"))
	if err != nil {
		t.Fatal(err)
	}
	st.do(again[1])
	for range 2 {
		st.reopen(bob)
		st.start(append(again, sdk.Pending{ID: "lost", Body: lost, Time: st.clock}, sdk.Failed{ID: "lost", Reason: "no"})...)
		st.want()
		st.expect(`-- Tuesday, 24 November --
			Alice: one [no] [buttons] not_sent
			two waiting
			written before a crash [no] [buttons] not_sent`)
	}
	st.refuse = errors.New("the disk is full")
	st.do(sdk.Action{ID: "a3", List: listID, Item: id, Node: buttonDiscard, Kind: sdk.Press})
	if len(st.failures) != 1 || !strings.Contains(draw(st.items), "one [no]") {
		t.Errorf("%q\n%s", st.failures, draw(st.items))
	}
}

// What was not sent stands in the history where it was written, also when one
// pages through it with little at a time, and everything comes once.
func TestNotSentStandsWhereItWasWritten(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.arrive("b1", bob, hello("one"))
	lost := st.say("a1", "two")
	st.do(sdk.Failed{ID: sdk.ID(lost), Reason: "no"})
	st.arrive("b2", bob, hello("three"))
	late := st.say("a2", "four")
	st.do(sdk.Failed{ID: sdk.ID(late), Reason: "no"})
	st.clock = st.clock.Add(time.Minute)
	st.say("a3", "five")
	const want = "one two three four five"
	list := func(limit int, before string) (out []Entry) {
		st.command("h", "history", map[string]any{"limit": limit, "before": before})
		out, _ = st.replies["h"].([]Entry)
		return out
	}
	for limit := 1; limit <= 6; limit++ {
		var texts []string
		for before := ""; ; {
			page := list(limit, before)
			if len(page) == 0 {
				break
			}
			if len(page) > limit || len(texts) > 10 {
				t.Fatalf("%d at a time: %v after %q", limit, page, texts)
			}
			var part []string
			for _, e := range page {
				part = append(part, e.Text)
			}
			texts, before = append(part, texts...), page[0].ID
		}
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("%d at a time: %q, want %q", limit, got, want)
		}
	}
}
