package im

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// device makes a second one of the same person.
func (st *stage) device(id string) *stage {
	st.c.self.Device = id
	return st
}

// tell hands a state that one device has set to another.
func (st *stage) tell(to *stage, key string) {
	st.t.Helper()
	value, found := st.states[key]
	if !found || st.scopes[key] != sdk.MyDevices {
		st.t.Fatalf("the state %s: %v", key, found)
	}
	to.do(sdk.State{Author: alice, Key: key, Value: value, Scope: sdk.MyDevices, Time: st.clock})
}

// job carries out what was begun last, and hands over how it went.
func (st *stage) job() {
	st.t.Helper()
	if len(st.jobs) == 0 {
		st.t.Fatal("nothing was begun")
	}
	e := st.jobs[len(st.jobs)-1](st.t.Context())
	st.jobs = nil
	st.do(e)
}

func (st *stage) seen(n int) string {
	st.do(sdk.Want{List: listID, Before: n})
	return draw(st.items)
}

// beginning is a conversation of which the network has dropped the first n.
func beginning(t *testing.T, n int) (old, fresh *stage) {
	old, fresh = newStage(t, bob), newStage(t, bob).device("d2")
	fresh.blobs = old.blobs
	old.start()
	for i := range n {
		old.arrive(fmt.Sprintf("early%04d", i), bob, wire.Body{Kind: wire.Text, Text: fmt.Sprintf("early %d", i)})
	}
	old.arrive("edit", bob, wire.Body{Kind: wire.Edit, Target: "early0001", Text: "better"})
	old.arrive("gone", bob, wire.Body{Kind: wire.Delete, Target: "early0002"})
	fresh.seq, fresh.clock = old.seq, old.clock
	old.arrive("late", bob, wire.Body{Kind: wire.Text, Text: "late", ReplyTo: "early0001"})
	fresh.do(sdk.Started{})
	fresh.arrive("late", bob, wire.Body{Kind: wire.Text, Text: "late", ReplyTo: "early0001"})
	fresh.jobs = nil
	fresh.do(sdk.CaughtUp{Trimmed: true})
	return old, fresh
}

var (
	wantD2 = olderWant + wire.OlderKey("d2")
	haveD2 = olderHave + wire.OlderKey("d2")
)

func TestOlderMessagesComeFromAnotherDevice(t *testing.T) {
	old, fresh := beginning(t, 5)
	if got := fresh.seen(50); !strings.HasPrefix(got, "-- "+english.olderElsewhere+" --\n") || strings.Contains(got, "early") {
		t.Fatal(got)
	}
	fresh.tell(old, wantD2)
	old.job()
	old.tell(fresh, haveD2)
	if got := fresh.seen(50); !strings.HasPrefix(got, "-- "+english.olderComing+" --\n") {
		t.Fatal(got)
	}
	fresh.job()
	want := old.seen(50)
	if got := fresh.seen(50); got != want || !strings.Contains(got, "better") {
		t.Fatalf("fresh:\n%s\nold:\n%s", got, want)
	}
	// Nothing is asked for any more, and a repeat of anything changes nothing.
	if _, asks := wire.DecodeOlderWant(fresh.states[wantD2]); asks {
		t.Error("still asks")
	}
	old.jobs, fresh.jobs = nil, nil
	old.tell(fresh, haveD2)
	fresh.tell(old, wantD2)
	if len(old.jobs)+len(fresh.jobs) != 0 || fresh.seen(50) != want {
		t.Error("a repeat did something")
	}
	// After a restart it is known that nothing is missing.
	fresh.reopen(bob)
	fresh.device("d2").do(sdk.Started{}, sdk.CaughtUp{Trimmed: true})
	if got := fresh.seen(50); got != want {
		t.Error(got)
	}
}

func TestOlderMessagesComeInPieces(t *testing.T) {
	full := 2
	if slow {
		full = 1
	}
	old, fresh := beginning(t, full*wire.MaxOlderRows+10)
	pieces := 0
	for ; pieces < 10; pieces++ {
		if _, asks := wire.DecodeOlderWant(fresh.states[wantD2]); !asks {
			break
		}
		fresh.tell(old, wantD2)
		old.job()
		old.tell(fresh, haveD2)
		fresh.job()
	}
	if pieces != full+1 {
		t.Errorf("%d pieces", pieces)
	}
	a, _, err := old.c.log.Below(t.Context(), 1<<40, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	b, all, err := fresh.c.log.Below(t.Context(), 1<<40, 10_000)
	if err != nil || !all || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Fatalf("%d and %d rows: %v", len(a), len(b), err)
	}
	found, err := fresh.c.log.Search(t.Context(), "early", 2)
	if err != nil || len(found) != 2 || found[0].Pos < found[1].Pos {
		t.Errorf("searched: %v, %v", found, err)
	}
}

func TestAPieceThatIsGoneIsAskedForAgain(t *testing.T) {
	old, fresh := beginning(t, 5)
	fresh.tell(old, wantD2)
	old.job()
	clear(old.blobs)
	old.tell(fresh, haveD2)
	fresh.job()
	fresh.tell(old, wantD2) // another try
	old.job()
	old.tell(fresh, haveD2)
	fresh.job()
	if fresh.seen(50) != old.seen(50) {
		t.Error(fresh.seen(50))
	}
}

func TestWhatIsNoTranscriptIsNotTaken(t *testing.T) {
	old, fresh := beginning(t, 5)
	before := fresh.seen(50)
	fresh.tell(old, wantD2)
	old.job()
	h, _ := wire.DecodeOlderHave(old.states[haveD2])
	for range 2 * maxOlderTries {
		old.blobs[h.Hash] = []byte("nonsense")
		h.Try++
		value, err := wire.EncodeOlderHave(h)
		if err != nil {
			t.Fatal(err)
		}
		fresh.do(sdk.State{Author: alice, Key: haveD2, Value: value, Scope: sdk.MyDevices})
		fresh.job()
	}
	if got := fresh.seen(50); got != before {
		t.Error(got)
	}
	if w, _ := wire.DecodeOlderWant(fresh.states[wantD2]); w.Try != maxOlderTries {
		t.Errorf("asked %d times", w.Try)
	}
	// Nobody else is answered, and nobody else answers.
	stranger := sdk.State{Author: bob, Key: wantD2, Value: fresh.states[wantD2]}
	old.jobs = nil
	old.do(stranger)
	fresh.do(sdk.State{Author: bob, Key: haveD2, Value: old.states[haveD2]})
	if len(old.jobs)+len(fresh.jobs) != 0 {
		t.Error("a stranger was heard")
	}
}

func TestADeviceThatHasNothingIsSilent(t *testing.T) {
	_, fresh := beginning(t, 5)
	_, third := beginning(t, 5)
	third.device("d3").jobs = nil
	fresh.tell(third, wantD2)
	if len(third.jobs) != 0 {
		t.Error("it answered")
	}
	// A question that nobody needs answered any more is not.
	old, _ := beginning(t, 5)
	old.jobs = nil
	old.do(sdk.State{Author: alice, Key: wantD2, Value: fresh.states[wantD2], Scope: sdk.MyDevices, Time: old.clock.Add(-olderPatience - time.Hour)})
	if len(old.jobs) != 0 {
		t.Error("a question of long ago was answered")
	}
}

// TestWhatWasSaidWhileThePieceWasComing: what the network tells of messages that are not
// here yet is done to them when another device has brought them.
func TestWhatWasSaidWhileThePieceWasComing(t *testing.T) {
	old, fresh := beginning(t, 9)
	fresh.tell(old, wantD2)
	old.job()
	for _, st := range []*stage{old, fresh} { // after the piece was made
		st.arrive("x1", bob, wire.Body{Kind: wire.Edit, Target: "early0003", Text: "three"})
		st.arrive("x2", bob, wire.Body{Kind: wire.Delete, Target: "early0004"})
		st.arrive("x3", alice, wire.Body{Kind: wire.React, Target: "early0005", Emoji: "👍", On: true})
		st.arrive("x4", alice, wire.Body{Kind: wire.Delete, Target: "early0006"}) // not hers
	}
	old.tell(fresh, haveD2)
	fresh.job()
	if got, want := fresh.seen(50), old.seen(50); got != want || !strings.Contains(got, "three [edited]") {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if row, err := fresh.c.log.Row(t.Context(), "early0005"); err != nil || len(row.Reactions) != 1 || row.Reactions[0].From[0] != alice {
		t.Errorf("%+v, %v", row, err)
	}
}
