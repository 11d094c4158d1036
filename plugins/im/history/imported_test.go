package history

import (
	"fmt"
	"slices"
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
	for _, seq := range []int64{4, 12, 24} {
		if err := l.MoveCursor(ctx, bob, readKey, seq, seq*1000); err != nil {
			t.Fatal(err)
		}
	}
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
	if n, more, err := l.Forget(ctx, alice, 21_000, 5); n != 3 || more || err != nil {
		t.Fatalf("%d removed, %v, %v", n, more, err)
	}
	must(l.SetCursor(ctx, alice, readKey, 20))(t)
	total := 8
	for more := true; more; {
		var n int
		var err error
		if n, more, err = l.Forget(ctx, alice, 21_000, 7); err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total != 19 {
		t.Errorf("%d removed", total)
	}
	wantTranscript(t, l, "m3=word3 m21=word21 m22=word22 m23=word23 m24=word24 m25=word25 w=waits(1 )")
	if floor := must(l.Floor(ctx))(t); floor != 20 {
		t.Errorf("floor %d", floor)
	}
	if id, draft, _ := l.Editing(ctx); id != "m3" || draft != "a draft" {
		t.Errorf("editing %q %q", id, draft)
	}
	var moves int
	if err := s.read.QueryRow(`SELECT count(*) FROM moves`).Scan(&moves); err != nil || moves != 1 || must(l.Moved(ctx, bob, readKey, 22))(t) != 24_000 {
		t.Errorf("%d times of receipts are left, %v", moves, err)
	}
	if err := l.SetEditing(ctx, "", ""); err != nil { // it is over
		t.Fatal(err)
	}
	if n, _, err := l.Forget(ctx, alice, 21_000, 7); n != 1 || err != nil {
		t.Errorf("%d removed, %v", n, err)
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
		return wire.OlderRow{Seq: seq, ID: id, From: from, Device: "d", Time: seq * 1000, Kind: wire.Text, Text: id}
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

// TestForgetBoundsWhatIsUnread: of what nobody has read the newest stay.
func TestForgetBoundsWhatIsUnread(t *testing.T) {
	s, l := openLog(t)
	ctx := t.Context()
	for n := range int64(60) { // a third of them by alice
		var entries []Entry
		for i := n * 256; i < (n+1)*256; i++ {
			entries = append(entries, text(i+1, fmt.Sprint("m", i), []string{alice, bob, bob}[i%3], ""))
		}
		must(l.Apply(ctx, entries))(t)
	}
	unread, _, err := l.Unread(ctx, alice, 0)
	if err != nil || unread != MaxUnread {
		t.Fatalf("%d unread, %v", unread, err)
	}
	for more := true; more; {
		if _, more, err = l.Forget(ctx, alice, 1<<60, 500); err != nil {
			t.Fatal(err)
		}
	}
	var left, hers int
	if err := s.read.QueryRow(`SELECT count(*) FILTER (WHERE sender <> ?1), count(*) FILTER (WHERE sender = ?1) FROM messages`, alice).Scan(&left, &hers); err != nil || left != MaxKept || hers < MaxKept/3 {
		t.Errorf("%d unread and %d own messages are left, %v", left, hers, err)
	}
}

// TestWhatWasSaidOfWhatComesLate: edits, deletions and reactions wait for a message that
// another device or a file brings later, by its author only, and what is newer counts.
func TestWhatWasSaidOfWhatComesLate(t *testing.T) {
	row := func(seq int64, id string) wire.OlderRow {
		return wire.OlderRow{Seq: seq, ID: id, From: bob, Device: "d", Time: seq * 1000, Kind: wire.Text, Text: id}
	}
	change := func(seq int64, id, from string, b wire.Body) Entry {
		return Entry{ID: fmt.Sprint("e", seq), From: from, Seq: seq, Time: seq * 1000, Body: wire.Body{Kind: b.Kind, Target: id, Text: b.Text, Emoji: b.Emoji, On: b.On}}
	}
	edit := func(text string) wire.Body { return wire.Body{Kind: wire.Edit, Text: text} }
	gone := wire.Body{Kind: wire.Delete}
	thumb := func(on bool) wire.Body { return wire.Body{Kind: wire.React, Emoji: "👍", On: on} }
	for _, way := range []string{"another device", "a file"} {
		t.Run(way, func(t *testing.T) {
			s, l := openLog(t)
			ctx := t.Context()
			entries := []Entry{text(10, "here", bob, "here"),
				change(11, "edited", bob, edit("first")), change(12, "edited", bob, edit("second")),
				change(13, "edited", alice, edit("not hers")), change(14, "deleted", alice, gone),
				change(15, "deleted", bob, gone), change(16, "foreign", alice, gone),
				change(17, "edited", alice, thumb(true)), change(18, "foreign", alice, thumb(true)), change(19, "foreign", alice, thumb(false)),
				change(20, "newer", bob, edit("old edit")), change(21, "here", alice, edit("stolen"))}
			for range 2 { // a repeat
				must(l.Apply(ctx, entries))(t)
			}
			newer := row(5, "newer")
			newer.Text, newer.Edited, newer.EditTime = "newest", true, 30_000
			rows := []wire.OlderRow{row(2, "edited"), row(3, "deleted"), row(4, "foreign"), newer}
			if way == "a file" {
				must(l.AddImported(ctx, rows))(t)
			} else if err := l.AddOlder(ctx, rows, true); err != nil {
				t.Fatal(err)
			}
			wantTranscript(t, l, "edited=second(edited) deleted=(gone) foreign=foreign newer=newest(edited) here=here")
			for id, want := range map[string]int{"edited": 1, "foreign": 0} {
				if r := must(l.Row(ctx, id))(t); len(r.Reactions) != want {
					t.Errorf("%s has %v", id, r.Reactions)
				}
			}
			var left int
			if err := s.read.QueryRow(`SELECT count(*) FROM orphans WHERE target <> 'newer'`).Scan(&left); err != nil || left != 0 {
				t.Errorf("%d still wait, %v", left, err)
			}
		})
	}
}

// TestWhatIsSaidOfNothingIsBounded, by number and by age.
func TestWhatIsSaidOfNothingIsBounded(t *testing.T) {
	s, l := openLog(t)
	ctx := t.Context()
	var entries []Entry
	for i := range int64(3 * maxOrphans) {
		kind := []wire.Kind{wire.Edit, wire.Delete, wire.React}[i%3]
		entries = append(entries, Entry{ID: fmt.Sprint("e", i), From: fmt.Sprint("p", i/3%8, "@lab"), Seq: i + 1, Time: i + 1, Body: wire.Body{Kind: kind, Target: fmt.Sprint("t", i), Text: "x", Emoji: "👍", On: true}})
	}
	for len(entries) > 0 {
		n := min(256, len(entries))
		must(l.Apply(ctx, entries[:n]))(t)
		entries = entries[n:]
	}
	count := func() (n int) {
		if err := s.read.QueryRow(`SELECT count(*) FROM orphans`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != maxOrphanEdits+2*maxOrphans {
		t.Errorf("%d are kept", n)
	}
	flood := make([]Entry, maxOrphans/4) // more than the ninth part of all
	for i := range flood {
		seq := int64(3*maxOrphans + i + 1)
		flood[i] = Entry{ID: fmt.Sprint("f", i), From: bob, Seq: seq, Time: seq, Body: wire.Body{Kind: wire.Delete, Target: fmt.Sprint("no", i)}}
	}
	for part := range slices.Chunk(flood, 256) {
		must(l.Apply(ctx, part))(t)
	}
	var others int
	if err := s.read.QueryRow(`SELECT count(*) FROM orphans WHERE kind = ? AND who <> ?`, wire.Delete, bob).Scan(&others); err != nil {
		t.Fatal(err)
	}
	if want := maxOrphans * 8 / 9; others < want || count() != maxOrphanEdits+2*maxOrphans {
		t.Errorf("a flood by one of nine leaves %d deletions by others, want %d", others, want)
	}
	if _, _, err := l.Forget(ctx, alice, 1<<60, 10); err != nil || count() != 0 {
		t.Errorf("%d are kept in spite of their age, %v", count(), err)
	}
}
