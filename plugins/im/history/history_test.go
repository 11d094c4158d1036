package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/plugins/im/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const alice, bob = "alice@lab", "bob@lab"

func openLog(t testing.TB) (*Store, *Log) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := s.Log(t.Context(), "dm.alice.bob", "im")
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

func text(seq int64, id, from, body string) Entry {
	return Entry{ID: id, From: from, Device: "d", Seq: seq, Time: seq * 1000, Body: wire.Body{Kind: wire.Text, Text: body}}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func transcript(t testing.TB, l *Log) string {
	t.Helper()
	rows, _, _, err := l.Window(t.Context(), At(End), 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range rows {
		r := &rows[i]
		b.WriteString(r.ID + "=" + r.Shown())
		switch {
		case r.Gone():
			b.WriteString("(gone)")
		case r.WasEdited():
			b.WriteString("(edited)")
		}
		if r.State != Stored {
			fmt.Fprintf(&b, "(%d %s)", r.State, r.Reason)
		}
		b.WriteString(" ")
	}
	return strings.TrimSpace(b.String())
}

func failed(t testing.TB, l *Log, id, reason string) string {
	t.Helper()
	message, _, err := l.Fail(t.Context(), id, reason)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func wantTranscript(t testing.TB, l *Log, want string) {
	t.Helper()
	if got := transcript(t, l); got != want {
		t.Fatalf("transcript\n got %s\nwant %s", got, want)
	}
}

func TestRepeatedDeliveriesCountOnce(t *testing.T) {
	s, l := openLog(t)
	ctx := t.Context()
	all := []Entry{text(1, "a", alice, "one"), text(3, "b", bob, "two"), text(4, "a", bob, "same id again"), text(7, "c", bob, "three")}
	for n := range all {
		if _, err := l.Apply(ctx, all[:n+1]); err != nil {
			t.Fatal(err)
		}
	}
	a := must(l.Apply(ctx, all))(t)
	if len(a.Added) != 0 || a.Position != 7 {
		t.Fatalf("a repeat changed something: %+v", a)
	}
	wantTranscript(t, l, "a=one b=two c=three")
	if pos := must(s.Position(ctx, "dm.alice.bob", "im"))(t); pos != 7 {
		t.Fatalf("position %d", pos)
	}
	if pos := must(s.Position(ctx, "unknown", "im"))(t); pos != 0 {
		t.Fatalf("position of a stranger %d", pos)
	}
}

func TestOwnMessagesFindTheirPlace(t *testing.T) {
	_, l := openLog(t)
	ctx := t.Context()
	for _, id := range []string{"p1", "p2", "p1"} {
		if _, err := l.AddWaiting(ctx, Outgoing{ID: id, From: alice, Time: 1, Text: id}); err != nil {
			t.Fatal(err)
		}
	}
	must(l.Apply(ctx, []Entry{text(1, "x", bob, "x")}))(t)
	wantTranscript(t, l, "x=x p1=p1(1 ) p2=p2(1 )")
	a := must(l.Apply(ctx, []Entry{text(2, "p1", alice, "p1")}))(t)
	if len(a.Added) != 1 || !a.Added[0].Was {
		t.Fatalf("applied %+v", a)
	}
	wantTranscript(t, l, "x=x p1=p1 p2=p2(1 )")
	if added := must(l.AddWaiting(ctx, Outgoing{ID: "p1", From: alice, Text: "p1"}))(t); added {
		t.Fatal("a stored message became waiting again")
	}
	if m := failed(t, l, "p2", "blocked"); m != "p2" {
		t.Fatalf("failed %q", m)
	}
	if m := failed(t, l, "p1", "late"); m != "" {
		t.Fatalf("a stored message failed")
	}
	wantTranscript(t, l, "x=x p1=p1 p2=p2(2 blocked)")
	must(l.AddWaiting(ctx, Outgoing{ID: "p3", From: alice, Text: "three"}))(t)
	if next := must(l.After(ctx, At(2), 10))(t); len(next) != 2 || next[0].ID != "p2" || next[1].ID != "p3" {
		t.Fatalf("next %+v", next)
	}
	must(l.AddWaiting(ctx, Outgoing{ID: "p2", From: alice, Text: "p2"}))(t)
	wantTranscript(t, l, "x=x p1=p1 p3=three(1 ) p2=p2(1 )")
	must(l.Apply(ctx, []Entry{text(3, "p3", alice, "three")}))(t)
	failed(t, l, "p2", "no")
	if err := errors.Join(l.Discard(ctx, "p2"), l.Discard(ctx, "x")); err != nil {
		t.Fatal(err)
	}
	wantTranscript(t, l, "x=x p1=p1 p3=three")
}

func TestOnlyTheAuthorChanges(t *testing.T) {
	_, l := openLog(t)
	change := func(seq int64, from string, b wire.Body) Entry {
		return Entry{ID: fmt.Sprint("e", seq), From: from, Seq: seq, Body: b}
	}
	a := must(l.Apply(t.Context(), []Entry{
		text(1, "a", alice, "one"), text(2, "b", bob, "two"), text(3, "c", alice, "three"),
		change(4, bob, wire.Body{Kind: wire.Edit, Target: "a", Text: "stolen"}),
		change(5, bob, wire.Body{Kind: wire.Delete, Target: "c"}),
		change(6, alice, wire.Body{Kind: wire.Edit, Target: "nothing", Text: "?"}),
		change(7, alice, wire.Body{Kind: wire.Edit, Target: "a", Text: "uno"}),
		change(8, alice, wire.Body{Kind: wire.Delete, Target: "c"}),
		change(9, alice, wire.Body{Kind: wire.Edit, Target: "c", Text: "back"}),
		{ID: "n", From: bob, Seq: 10, Body: wire.Body{Kind: wire.Newer}},
	}))(t)
	if strings.Join(a.Changed, " ") != "a c" || a.Position != 10 {
		t.Fatalf("applied %+v", a)
	}
	wantTranscript(t, l, "a=uno(edited) b=two c=(gone) n=")
}

func TestOwnChangesShowAtOnce(t *testing.T) {
	_, l := openLog(t)
	ctx := t.Context()
	must(l.Apply(ctx, []Entry{text(1, "a", alice, "one"), text(2, "b", alice, "two")}))(t)
	must(l.AddChange(ctx, Change{ID: "e1", Target: "a", Kind: wire.Edit, Text: "uno"}, ""))(t)
	must(l.AddChange(ctx, Change{ID: "e2", Target: "b", Kind: wire.Delete}, ""))(t)
	wantTranscript(t, l, "a=uno(edited) b=two(gone)")
	if m := failed(t, l, "e2", "offline"); m != "b" {
		t.Fatalf("refused change concerns %q", m)
	}
	wantTranscript(t, l, "a=uno(edited) b=two")
	if r := must(l.Row(ctx, "b"))(t); r.Change == nil || r.Change.Reason != "offline" {
		t.Fatalf("the reason is lost: %+v", r)
	}
	must(l.AddChange(ctx, Change{ID: "e3", Target: "b", Kind: wire.Delete}, "e2"))(t)
	if got := strings.Join(must(l.Unsettled(ctx))(t), " "); got != "e1 e3" {
		t.Fatalf("unsettled %s", got)
	}
	must(l.Apply(ctx, []Entry{
		{ID: "e1", From: alice, Own: true, Seq: 3, Body: wire.Body{Kind: wire.Edit, Target: "a", Text: "uno"}},
		{ID: "e3", From: alice, Own: true, Seq: 4, Body: wire.Body{Kind: wire.Delete, Target: "b"}},
	}))(t)
	wantTranscript(t, l, "a=uno(edited) b=(gone)")
	if added := must(l.AddChange(ctx, Change{ID: "e1", Target: "a", Kind: wire.Edit, Text: "uno"}, ""))(t); added {
		t.Fatal("a change that is in the order waits again")
	}
	if got := must(l.Unsettled(ctx))(t); len(got) != 0 {
		t.Fatalf("unsettled %v", got)
	}
}

func TestIdsOfStrangersAreNotTrusted(t *testing.T) {
	_, l := openLog(t)
	a := must(l.Apply(t.Context(), []Entry{text(1, "day:x", bob, "1"), text(2, "$end", bob, "2"), text(3, strings.Repeat("x", 200), bob, "3"), text(4, "ok", bob, "4")}))(t)
	if a.Position != 4 {
		t.Fatalf("position %d", a.Position)
	}
	wantTranscript(t, l, "ok=4")
}

func TestCursorsAndUnread(t *testing.T) {
	_, l := openLog(t)
	ctx := t.Context()
	must(l.Apply(ctx, []Entry{text(1, "a", bob, "1"), text(2, "b", alice, "2"), text(3, "c", bob, "3"), text(4, "d", bob, "4")}))(t)
	must(l.SetCursor(ctx, alice, "read", 1))(t)
	if moved := must(l.SetCursor(ctx, alice, "read", 1))(t); moved {
		t.Fatal("a cursor moved in place")
	}
	must(l.SetCursor(ctx, bob, "read", 2))(t)
	c := must(l.Cursors(ctx))(t)
	if c[alice]["read"] != 1 || c[bob]["read"] != 2 {
		t.Fatalf("cursors %v", c)
	}
	n, first, err := l.Unread(ctx, alice, 1)
	if n != 2 || first != "c" || err != nil {
		t.Fatalf("unread %d from %q, %v", n, first, err)
	}
	if n, first, _ := l.Unread(ctx, alice, 4); n != 0 || first != "" {
		t.Fatalf("unread %d %q", n, first)
	}
	if got, many, err := l.Mine(ctx, bob, 1, 3, 10); strings.Join(got, "") != "c" || many || err != nil {
		t.Fatalf("mine %v %v %v", got, many, err)
	}
	if got, many, err := l.Mine(ctx, bob, 0, 4, 1); strings.Join(got, "") != "d" || !many || err != nil {
		t.Fatalf("mine %v %v %v", got, many, err)
	}
	if r := must(l.LastEditable(ctx, alice))(t); r == nil || r.ID != "b" {
		t.Fatalf("last editable %+v", r)
	}
	if pos := must(l.LastIncoming(ctx, alice))(t); pos != 4 {
		t.Fatalf("last incoming %d", pos)
	}
}

func TestSearchForgetsWhatWasDeleted(t *testing.T) {
	_, l := openLog(t)
	ctx := t.Context()
	must(l.Apply(ctx, []Entry{text(1, "a", bob, "the Grüne cable"), text(2, "b", bob, "a cable \"quoted\""), text(3, "c", bob, "other")}))(t)
	find := func(q string) string {
		var ids []string
		for _, r := range must(l.Search(ctx, q, 10))(t) {
			ids = append(ids, r.ID)
		}
		return strings.Join(ids, " ")
	}
	for q, want := range map[string]string{"cable": "b a", "grune cab": "a", `"quoted`: "b", "": "", "NOT OR (": "", "cable -other": ""} {
		if got := find(q); got != want {
			t.Errorf("%q found %q, want %q", q, got, want)
		}
	}
	must(l.Apply(ctx, []Entry{
		{ID: "e", From: bob, Seq: 4, Body: wire.Body{Kind: wire.Delete, Target: "b"}},
		{ID: "f", From: bob, Seq: 5, Body: wire.Body{Kind: wire.Edit, Target: "a", Text: "gone too"}},
	}))(t)
	if got := find("cable"); got != "" {
		t.Errorf("still found %q", got)
	}
	if got := find("gone"); got != "a" {
		t.Errorf("the edited text is not found: %q", got)
	}
}

// Kills at random points: the transaction either happened with its position or
// not at all, so replaying from the position gives the same transcript.
func TestKillsLoseAndDoubleNothing(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	total := int64(400)
	if slow {
		total = 80
	}
	for {
		s := must(Open(t.Context(), dir))(t)
		l := must(s.Log(t.Context(), "dm.alice.bob", "im"))(t)
		from := must(s.Position(t.Context(), "dm.alice.bob", "im"))(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(4000))*time.Microsecond)
		for seq := max(1, from-5); seq <= total && ctx.Err() == nil; seq += 8 {
			var batch []Entry
			for i := seq; i < seq+8 && i <= total; i++ {
				batch = append(batch, text(i, fmt.Sprint("m", i), bob, "x"))
			}
			if _, err := l.Apply(ctx, batch); err != nil {
				break
			}
		}
		cancel()
		pos := must(s.Position(t.Context(), "dm.alice.bob", "im"))(t)
		rows, _, _, err := l.Window(t.Context(), At(End), 1000, 0)
		if err != nil || int64(len(rows)) != pos {
			t.Fatalf("%d rows at position %d, %v", len(rows), pos, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if pos == total {
			return
		}
	}
}

func TestNewerFileIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := must(Open(t.Context(), dir))(t)
	if _, err := s.write.Exec(`PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNewer) {
		t.Fatalf("opened a newer file: %v", err)
	}
}

func TestOlderFileIsCopiedBeforeItIsChanged(t *testing.T) {
	dir := t.TempDir()
	s := must(Open(t.Context(), dir))(t)
	must(s.Log(t.Context(), "dm.alice.bob", "im"))(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	migrations = append(migrations, `CREATE TABLE later (n INTEGER)`)
	defer func() { migrations = migrations[:len(migrations)-1] }()
	for range 2 {
		s = must(Open(t.Context(), dir))(t)
		if _, err := s.write.Exec(`INSERT INTO later VALUES (1)`); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, fmt.Sprint("messages.db.v", len(migrations)-1))); err != nil || info.Size() == 0 {
		t.Fatalf("no copy of the older file: %v", err)
	}
}

// TestSearchInAFileOfTheFirstVersion: its words are found after the change, and
// by their beginnings.
func TestSearchInAFileOfTheFirstVersion(t *testing.T) {
	dir := t.TempDir()
	db := must(connect(filepath.Join(dir, "messages.db"), 1, false))(t)
	for _, q := range []string{migrations[0], "PRAGMA user_version = 1",
		"INSERT INTO conversations (n, name, session, position) VALUES (1, 'dm.alice.bob', 'im', 1)",
		"INSERT INTO messages (conv, pos, id, sender, device, time, kind, text) VALUES (1, 1, 'id1', 'bob@lab', 'd', 1, 1, 'message num 1')",
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := must(Open(t.Context(), dir))(t)
	defer s.Close()
	l := must(s.Log(t.Context(), "dm.alice.bob", "im"))(t)
	for _, q := range []string{"message", "num", "n", "1 mes"} {
		if rows := must(l.Search(t.Context(), q, 5))(t); len(rows) != 1 || rows[0].ID != "id1" {
			t.Errorf("%s finds %v", q, rows)
		}
	}
}
