package history

import (
	"context"
	"testing"

	"switchboard/plugins/im/wire"
)

func TestMovesAreBoundedAndNeverGuessed(t *testing.T) {
	s, l := openLog(t)
	ctx := context.Background()
	if _, err := l.SetCursor(ctx, "b", "read", 10); err != nil { // as a version before kept it
		t.Fatal(err)
	}
	for i := int64(1); i <= maxMoves+50; i++ {
		if err := l.MoveCursor(ctx, "b", "read", 10+10*i, 1000*i); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.MoveCursor(ctx, "b", "read", 5, 1); err != nil { // never back
		t.Fatal(err)
	}
	last := int64(10 + 10*(maxMoves+50))
	for seq, want := range map[int64]int64{5: 0, 10: 0, 15: 0, last: 1000 * (maxMoves + 50), last - 5: 1000 * (maxMoves + 50),
		last - 10: 1000 * (maxMoves + 49), last + 1: 0, last - 10*maxMoves: 0} {
		if at, err := l.Moved(ctx, "b", "read", seq); err != nil || at != want {
			t.Errorf("%d was read at %d, want %d (%v)", seq, at, want, err)
		}
	}
	var rows int
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM moves`).Scan(&rows); err != nil || rows != maxMoves+1 {
		t.Errorf("%d rows (%v)", rows, err)
	}
	cursors, err := l.Cursors(ctx)
	if err != nil || cursors["b"]["read"] != last {
		t.Errorf("cursors %v (%v)", cursors, err)
	}
}

// The same entries in the same order give the same reactions, however often and in
// whatever pieces they come.
func TestReactionsAreTheSameInAnyPieces(t *testing.T) {
	entry := func(seq int64, id, from string, b wire.Body) Entry {
		return Entry{ID: id, From: from, Seq: seq, Time: seq, Body: b}
	}
	react := func(on bool) wire.Body { return wire.Body{Kind: wire.React, Target: "m", Emoji: "👍", On: on} }
	list := []Entry{
		entry(1, "early", "b", react(true)), // of what is not there yet
		entry(2, "m", "a", wire.Body{Kind: wire.Text, Text: "hi"}),
		entry(3, "r1", "b", react(true)), entry(4, "r2", "b", react(true)), entry(5, "r3", "a", react(true)), entry(6, "r4", "a", react(false)),
		entry(7, "n", "a", wire.Body{Kind: wire.Text, Text: "gone"}),
		entry(8, "r5", "b", wire.Body{Kind: wire.React, Target: "n", Emoji: "👍", On: true}),
		entry(9, "d", "a", wire.Body{Kind: wire.Delete, Target: "n"}),
		entry(10, "r6", "b", wire.Body{Kind: wire.React, Target: "n", Emoji: "👍", On: true}),
	}
	for _, piece := range []int{1, 3, len(list)} {
		s, l := openLog(t)
		for at := 0; at < len(list); at += piece {
			for range 2 {
				if _, err := l.Apply(t.Context(), list[:min(at+piece, len(list))]); err != nil {
					t.Fatal(err)
				}
			}
		}
		m, err := l.Row(t.Context(), "m")
		if err != nil || len(m.Reactions) != 1 || len(m.Reactions[0].From) != 1 || m.Reactions[0].From[0] != "b" || m.reacted != 1 {
			t.Errorf("in pieces of %d: %+v (%v)", piece, m, err)
		}
		var rows int
		if err := s.read.QueryRowContext(t.Context(), `SELECT count(*) FROM reactions`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows are left (%v)", rows, err)
		}
		if n, _, err := l.Unread(t.Context(), "b", 0); err != nil || n != 1 {
			t.Errorf("%d unread (%v)", n, err)
		}
	}
}
