package history

import (
	"fmt"
	"strings"
	"testing"

	"switchboard/plugins/im/wire"
)

func rowsOf(t testing.TB, l *Log) []wire.OlderRow {
	t.Helper()
	rows := must(l.OrderFrom(t.Context(), 0, 1000))(t)
	var out []wire.OlderRow
	for i := range rows {
		out = append(out, rows[i].Older())
	}
	return out
}

func TestImportedRowsFillGapsOnly(t *testing.T) {
	_, from := openLog(t)
	ctx := t.Context()
	must(from.Apply(ctx, []Entry{text(1, "a", alice, "one"), text(2, "b", bob, "two"), text(4, "d", bob, "four"), text(6, "f", bob, "six")}))(t)
	rows := rowsOf(t, from)

	s, l := openLog(t)
	must(l.Apply(ctx, []Entry{text(2, "b", bob, "mine"), text(5, "e", bob, "five")}))(t)
	if n := must(l.AddImported(ctx, rows))(t); n != 3 {
		t.Fatalf("%d added", n)
	}
	if n := must(l.AddImported(ctx, rows))(t); n != 0 {
		t.Fatalf("%d added by a repeat", n)
	}
	wantTranscript(t, l, "a=one b=mine d=four e=five f=six")
	if n, first, err := l.Unread(ctx, alice, 0); n != 2 || first != "b" || err != nil {
		t.Errorf("unread %d from %s: %v", n, first, err)
	}
	if pos := must(s.Position(ctx, "dm.alice.bob", "im"))(t); pos != 5 {
		t.Errorf("the position moved to %d", pos)
	}
	if got := findAll(t, s, Query{Terms: one("four"), Limit: 9}); got != "d" {
		t.Errorf("found %q", got)
	}
	// The network's own word counts more than the file's.
	a := must(l.Apply(ctx, []Entry{text(6, "x", bob, "real six"), text(7, "d", bob, "an id again")}))(t)
	if len(a.Added) != 1 || !a.Added[0].Was {
		t.Errorf("applied %+v", a)
	}
	wantTranscript(t, l, "a=one b=mine d=four e=five x=real six")
	if got := findAll(t, s, Query{Terms: one("six"), Limit: 9}); got != "x" {
		t.Errorf("found %q", got)
	}
	// An empty history takes everything, and the replay makes it whole.
	_, empty := openLog(t)
	must(empty.AddImported(ctx, rows))(t)
	must(empty.Apply(ctx, []Entry{text(1, "a", alice, "one"), text(2, "b", bob, "two"), text(4, "d", bob, "four"), text(6, "f", bob, "six")}))(t)
	wantTranscript(t, empty, "a=one b=two d=four f=six")
	if n, _, err := empty.Unread(ctx, alice, 0); n != 3 || err != nil {
		t.Errorf("after the replay %d are unread, %v", n, err)
	}
}

func TestForget(t *testing.T) {
	s, l := openLog(t)
	ctx := t.Context()
	var entries []Entry
	for i := range int64(25) {
		entries = append(entries, text(i+1, fmt.Sprint("m", i+1), bob, fmt.Sprint("word", i+1)))
	}
	must(l.Apply(ctx, entries))(t)
	must(l.AddWaiting(ctx, Outgoing{ID: "w", From: alice, Time: 1, Text: "waits"}))(t)
	if err := l.SetEditing(ctx, "m3", "a draft"); err != nil {
		t.Fatal(err)
	}
	// What alice has not read stays.
	if n, more, err := l.Forget(ctx, alice, 21_000, 7); n != 0 || more || err != nil {
		t.Fatalf("%d removed of what is unread, %v, %v", n, more, err)
	}
	must(l.SetCursor(ctx, alice, readKey, 9))(t)
	if n, more, err := l.Forget(ctx, alice, 21_000, 5); n != 5 || !more || err != nil {
		t.Fatalf("%d removed, %v, %v", n, more, err)
	}
	if n, more, err := l.Forget(ctx, alice, 21_000, 5); n != 4 || more || err != nil {
		t.Fatalf("%d removed, %v, %v", n, more, err)
	}
	must(l.SetCursor(ctx, alice, readKey, 20))(t)
	total := 9
	for more := true; more; {
		var n int
		var err error
		if n, more, err = l.Forget(ctx, alice, 21_000, 7); err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total != 20 {
		t.Errorf("%d removed", total)
	}
	wantTranscript(t, l, "m21=word21 m22=word22 m23=word23 m24=word24 m25=word25 w=waits(1 )")
	if floor := must(l.Floor(ctx))(t); floor != 20 {
		t.Errorf("floor %d", floor)
	}
	if id, draft, _ := l.Editing(ctx); id != "" || draft != "a draft" {
		t.Errorf("editing %q %q", id, draft)
	}
	if n, first, _ := l.Unread(ctx, alice, 0); n != 5 || first != "m21" {
		t.Errorf("unread %d from %s", n, first)
	}
	if got := findAll(t, s, Query{Terms: one("word3"), Limit: 9}); got != "" {
		t.Errorf("still found: %s", got)
	}
	must(l.Apply(ctx, entries))(t) // a replay
	if err := l.AddOlder(ctx, []wire.OlderRow{{Seq: 3, ID: "m3", From: bob, Time: 3000, Kind: wire.Text, Text: "word3"}}, false); err != nil {
		t.Fatal(err)
	}
	if rows := must(l.OrderFrom(ctx, 0, 100))(t); len(rows) != 5 {
		t.Errorf("%d rows came back", len(rows)-5)
	}
	var integrity string
	if err := s.write.QueryRow(`INSERT INTO words (words, rank) VALUES ('integrity-check', 1) RETURNING 'ok'`).Scan(&integrity); err != nil && !strings.Contains(err.Error(), "no rows") {
		t.Errorf("the index of words: %v", err)
	}
	if n, more, err := l.Forget(ctx, alice, 0, 7); n != 0 || more || err != nil {
		t.Errorf("%d %v %v", n, more, err)
	}
}

// TestIdsInAFileAreNotFreeForOthers: who writes under the id of an imported message of
// somebody else takes nothing away, and an own later place of it counts.
func TestIdsInAFileAreNotFreeForOthers(t *testing.T) {
	_, l := openLog(t)
	ctx := t.Context()
	row := func(seq int64, id, from string) wire.OlderRow {
		return wire.OlderRow{Seq: seq, ID: id, From: from, Device: "d", Time: seq, Kind: wire.Text, Text: id}
	}
	must(l.AddImported(ctx, []wire.OlderRow{row(2, "x", alice), row(3, "y", bob), row(9, "z", bob)}))(t)
	must(l.Apply(ctx, []Entry{text(5, "x", bob, "not x"), text(6, "y", bob, "y again")}))(t)
	wantTranscript(t, l, "x=x y=y again z=z")
}

// TestAFileDoesNotHideWhatAnotherDeviceHas: rows of a file have gaps between them, which
// an other device of the person fills; and no number is given to two rows.
func TestAFileDoesNotHideWhatAnotherDeviceHas(t *testing.T) {
	s, l := openLog(t)
	ctx := t.Context()
	row := func(seq int64) wire.OlderRow {
		return wire.OlderRow{Seq: seq, ID: fmt.Sprint("m", seq), From: bob, Device: "d", Time: seq * 1000, Kind: wire.Text, Text: fmt.Sprint("old", seq)}
	}
	must(l.Apply(ctx, []Entry{text(9, "m9", bob, "old9")}))(t)
	must(l.AddImported(ctx, []wire.OlderRow{row(4)}))(t)
	if oldest := must(l.OldestStored(ctx))(t); oldest != 9 {
		t.Errorf("the oldest is at %d", oldest)
	}
	if err := l.AddOlder(ctx, []wire.OlderRow{row(1), row(2), row(3), row(4), row(5), row(7), row(8)}, true); err != nil {
		t.Fatal(err)
	}
	if n := must(l.AddImported(ctx, []wire.OlderRow{row(1), row(2), row(3), row(6)}))(t); n != 1 {
		t.Errorf("%d added", n)
	}
	wantTranscript(t, l, "m1=old1 m2=old2 m3=old3 m4=old4 m5=old5 m6=old6 m7=old7 m8=old8 m9=old9")
	// Another conversation's older rows do not take the numbers of what a file brings.
	other := must(s.Log(ctx, "dm.alice.carol", "im"))(t)
	if err := other.AddOlder(ctx, []wire.OlderRow{row(1), row(2), row(3), row(4), row(5)}, true); err == nil {
		must(other.Apply(ctx, []Entry{text(9, "n9", bob, "x")}))(t)
		if err := other.AddOlder(ctx, []wire.OlderRow{row(1), row(2), row(3), row(4), row(5)}, true); err != nil {
			t.Fatal(err)
		}
	}
	var numbers, rows int
	if err := s.read.QueryRow(`SELECT count(*), sum(n > ?) FROM messages`, importEnd).Scan(&rows, &numbers); err != nil || rows != 15 || numbers != 13 {
		t.Errorf("%d rows, %d of them numbered as not imported, %v", rows, numbers, err)
	}
}
