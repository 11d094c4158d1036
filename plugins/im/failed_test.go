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

// What was not sent stands in the view where it was written, whatever comes later;
// tried again it goes to the end, where it is sent.
func TestNotSentStaysInTheViewWhereItWasWritten(t *testing.T) {
	st := newStage(t, bob)
	st.start(sdk.Visible{Full: true, Focused: true})
	st.want()
	st.arrive("b1", bob, hello("one"))
	lost := st.say("a1", "two")
	later := st.say("a2", "late")
	st.arrive("b2", bob, hello("three"))
	st.expect(`-- Tuesday, 24 November --
		Bob: one
		three
		Alice: two waiting
		late waiting`)
	refused := func(id string) { st.do(sdk.Failed{ID: sdk.ID(id), Reason: "no"}) }
	refused(lost)
	const drawn = `-- Tuesday, 24 November --
		Bob: one
		Alice: two [no] [buttons] not_sent
		Bob: three
		Alice: late waiting`
	st.expect(drawn)
	st.want()
	st.expect(drawn)
	st.reopen(bob)
	st.start()
	st.want()
	st.expect(drawn)
	if st.summary.Text != "late" {
		t.Errorf("the list says %q", st.summary.Text)
	}
	// What is sent before it and comes back after it was refused goes above it.
	last := st.say("a3", "refused early")
	refused(last)
	st.expect(drawn + `
		refused early [no] [buttons] not_sent`)
	st.order = []string{later}
	st.network()
	st.want()
	want := `-- Tuesday, 24 November --
		Bob: one
		Alice: two [no] [buttons] not_sent
		Bob: three
		Alice: late sent
		refused early [no] [buttons] not_sent`
	st.expect(want)
	st.arrive("b3", bob, hello("four"))
	st.expect(want + `
		Bob: four`)
	// Older pages around it, from any item on.
	for _, anchor := range []string{"b1", lost, "b2", later, last, "b3"} {
		st.do(sdk.Want{List: listID, Anchor: anchor, Before: 10, After: 10})
		st.expect(want + `
		Bob: four`)
	}
	for n := range 7 { // one and two at a time
		st.do(sdk.Want{List: listID, Anchor: "b2", Before: n % 3, After: 1 + n%4})
		lines := strings.Count(draw(st.items), "\n")
		if day := strings.Count(draw(st.items), "--") / 2; lines-day != n%3+1+min(1+n%4, 3) {
			t.Errorf("%d above and %d below:\n%s", n%3, n%4, draw(st.items))
		}
	}
	st.want()
	st.do(sdk.Action{ID: "x1", Kind: sdk.Reveal, Value: lost})
	if got := st.commands[len(st.commands)-1]; got != "flash "+lost {
		t.Errorf("revealed by %q", got)
	}
	st.order = nil
	st.do(sdk.Action{ID: "x2", List: listID, Item: lost, Node: buttonAgain, Kind: sdk.Press},
		sdk.Action{ID: "x3", List: listID, Item: last, Node: buttonDiscard, Kind: sdk.Press})
	want = `-- Tuesday, 24 November --
		Bob: one
		three
		Alice: late sent
		Bob: four
		Alice: two `
	st.expect(want + "waiting")
	st.network()
	st.expect(want + "sent")
	st.want()
	st.expect(want + "sent")
}

// Looking at what was not sent reads what stands above it, and no more.
func TestSeeingWhatWasNotSentReadsWhatIsAbove(t *testing.T) {
	st := newStage(t, bob)
	st.start(sdk.Visible{Full: true})
	st.arrive("b1", bob, hello("one"))
	lost := st.say("a1", "two")
	st.do(sdk.Failed{ID: sdk.ID(lost), Reason: "no"})
	st.arrive("b2", bob, hello("three"))
	st.do(sdk.Seen{List: listID, Key: lost})
	if st.summary.Unread != 1 {
		t.Errorf("%d are unread", st.summary.Unread)
	}
}
