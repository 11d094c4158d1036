package im

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	"switchboard/sdk/view"
)

// The host's window, changed only by patches, must be what a fresh answer is.
func TestPatchesAndAnswersAgree(t *testing.T) {
	seeds, steps := uint64(3), 150
	if slow {
		seeds, steps = 1, 60
	}
	for seed := range seeds {
		st := newStage(t, bob)
		st.start()
		st.do(sdk.Visible{Full: true})
		st.want()
		rng := rand.New(rand.NewPCG(seed, 7))
		var ids []string
		for step := range steps {
			action := fmt.Sprint("a", step)
			any := func() string { return ids[rng.IntN(len(ids))] }
			switch n := rng.IntN(12); {
			case n < 3 || len(ids) == 0:
				ids = append(ids, st.say(action, fmt.Sprint("mine ", step)))
			case n < 5:
				id := fmt.Sprint("b", step)
				ids = append(ids, id)
				st.arrive(id, bob, wire.Body{Kind: wire.Text, Text: id, ReplyTo: any()})
			case n == 5:
				st.network()
			case n == 6:
				st.clock = st.clock.Add(time.Duration(rng.IntN(15)) * time.Hour)
			case n == 7 && len(st.order) > 0:
				st.do(sdk.Failed{ID: sdk.ID(st.order[0]), Reason: "no"})
				st.order = st.order[1:]
			case n == 8:
				node := []string{buttonAgain, buttonDiscard}[rng.IntN(2)]
				st.do(sdk.Action{ID: action, List: listID, Item: any(), Node: node, Kind: sdk.Press})
			case n == 9:
				st.command(action, []string{"edit", "delete"}[rng.IntN(2)], map[string]string{"id": any(), "text": action})
			case n == 10:
				st.arrive(fmt.Sprint("e", step), bob, wire.Body{Kind: wire.Edit, Target: any(), Text: action})
			case n == 11:
				st.do(sdk.Visible{Full: rng.IntN(2) == 0}, cursor(t, bob, stateRead, rng.Int64N(st.seq+2)), cursor(t, alice, stateRead, rng.Int64N(st.seq+2)))
			}
			patched := draw(st.items)
			st.want()
			if fresh := draw(st.items); patched != fresh {
				a, b := strings.Split(patched, "\n"), strings.Split(fresh, "\n")
				for i := 0; i < len(a) && i < len(b); i++ {
					if a[i] != b[i] {
						t.Fatalf("seed %d step %d line %d of %d and %d: patched %q, fresh %q", seed, step, i, len(a), len(b), a[i], b[i])
					}
				}
				t.Fatalf("seed %d step %d: %d lines patched, %d fresh", seed, step, len(a), len(b))
			}
		}
	}
}

func TestWindowsJoin(t *testing.T) {
	st := newStage(t, bob)
	st.do(sdk.Started{})
	rows := 500
	if slow {
		rows = 300
	}
	for i := range rows {
		st.clock = st.clock.Add(time.Hour)
		st.arrive(fmt.Sprint("b", i), bob, hello(strings.Repeat("x", 5000)))
	}
	st.do(sdk.CaughtUp{})
	st.want()
	all := st.items
	for st.before {
		first := all[0].GetKey()
		st.do(sdk.Want{List: listID, Anchor: first, Before: 100})
		i := 0
		for i < len(st.items) && st.items[i].GetKey() != first {
			i++
		}
		if i == 0 || i == len(st.items) {
			t.Fatalf("the answer above %s has %d items and it at %d", first, len(st.items), i)
		}
		all = append(append([]view.Item{}, st.items[:i]...), all...)
	}
	st.c.shown.revision = 0
	n := 0
	for _, i := range all {
		if i.GetNode().GetMessage() != nil {
			if i.GetKey() != fmt.Sprint("b", n) {
				t.Fatalf("row %d is %s", n, i.GetKey())
			}
			n++
		}
	}
	if n != rows {
		t.Fatalf("%d rows", n)
	}
	st.do(sdk.Want{List: listID, Anchor: "day:b250", Before: 3, After: 3})
	if st.index("b250") < 0 || st.index("b251") < 0 || st.index("b249") < 0 || !st.before || !st.after {
		t.Errorf("around a day: %s", draw(st.items))
	}
}

func TestStormIsCommittedInGroups(t *testing.T) {
	st := newStage(t, bob)
	st.do(sdk.Started{})
	body, _ := wire.Encode(hello("x"))
	start := time.Now()
	n := 10_000
	if slow {
		n = 600
	}
	for i := range int64(n) {
		st.do(sdk.Update{ID: sdk.ID(fmt.Sprint("b", i)), Seq: i + 1, From: bob, Time: st.clock, Body: body})
	}
	st.do(sdk.CaughtUp{})
	t.Logf("%d messages stored in %v", n, time.Since(start))
	if st.acked != int64(n) || st.summary.Unread != min(n, history.MaxUnread) {
		t.Errorf("acked %d, unread %d", st.acked, st.summary.Unread)
	}
	if st.timers > n/groupSize+2 {
		t.Errorf("%d timers", st.timers)
	}
}

func FuzzUpdate(f *testing.F) {
	body, _ := wire.Encode(wire.Body{Kind: wire.Text, Text: "x", ReplyTo: "b1"})
	f.Add("b2", "bob@lab", body)
	f.Add("$end", "", []byte{0xff})
	st := newStage(f, bob)
	st.start()
	st.want()
	f.Fuzz(func(t *testing.T, id, from string, body []byte) {
		st.t = t
		st.seq++
		if len(id) > 100 || len(from) > 100 {
			return
		}
		st.do(sdk.Update{ID: sdk.ID(id), Seq: st.seq, From: strings.ToValidUTF8(from, ""), Time: st.clock, Body: body},
			timer{what: timerFlush}, sdk.Signal{From: bob, Body: body}, sdk.State{Author: bob, Key: stateRead, Value: body})
	})
}
