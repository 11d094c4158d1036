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
	total := 0
	for more := true; more; {
		var n int
		var err error
		if n, more, err = l.Forget(ctx, 21_000, 7); err != nil {
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
	if n, more, err := l.Forget(ctx, 0, 7); n != 0 || more || err != nil {
		t.Errorf("%d %v %v", n, more, err)
	}
}
