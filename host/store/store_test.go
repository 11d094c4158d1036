package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func envelope(seq int64, id string) *contractv1.Envelope {
	return &contractv1.Envelope{Id: id, Conversation: "dm.a.b", Session: "im", Plugin: "im", Protocol: 1,
		Kind: contractv1.Envelope_UPDATE, From: "a@n", Device: "d1", Seq: seq, TimeMs: 1000 + seq, Body: []byte(id)}
}

func withSession(t *testing.T, s *Store) {
	t.Helper()
	must(t, s.Update(func(tx *Tx) error {
		return tx.AddSession(&SessionRow{Conversation: "dm.a.b", ID: "im", Plugin: "im", Open: true})
	}))
}

func ids(list []*contractv1.Update) (out []string) {
	for _, u := range list {
		out = append(out, fmt.Sprintf("%d:%s", u.GetSeq(), u.GetBody()))
	}
	return out
}

func updates(t *testing.T, s *Store, after, before int64, limit int) string {
	t.Helper()
	list, more, err := s.Updates(t.Context(), "dm.a.b", "im", after, before, limit)
	must(t, err)
	if more {
		return strings.Join(ids(list), " ") + " …"
	}
	return strings.Join(ids(list), " ")
}

func TestFirstSeqOfAnIDWins(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	withSession(t, s)
	steps := []struct {
		e    *contractv1.Envelope
		want string
	}{
		{envelope(5, "x"), "5:x"},
		{envelope(6, "y"), "5:x 6:y"},
		{envelope(9, "x"), "5:x 6:y"}, // a repeat
		{envelope(5, "x"), "5:x 6:y"},
		{envelope(2, "y"), "2:y 5:x"}, // read again from the network: it was earlier
	}
	for i, st := range steps {
		must(t, s.Update(func(tx *Tx) error { _, err := tx.AddEnvelope(st.e); return err }))
		if got := updates(t, s, 0, 0, 0); got != st.want {
			t.Fatalf("step %d: %q, want %q", i, got, st.want)
		}
	}
	other := envelope(10, "x")
	other.Device = "d2"
	must(t, s.Update(func(tx *Tx) error {
		added, err := tx.AddEnvelope(other)
		if !added {
			t.Error("an id of another device is another update")
		}
		return err
	}))
	if got := updates(t, s, 2, 10, 1); got != "5:x" {
		t.Fatalf("range: %q", got)
	}
	if got := updates(t, s, 0, 0, 2); got != "2:y 5:x …" {
		t.Fatalf("limit: %q", got)
	}
}

func TestEnvelopesNeedASession(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	must(t, s.Update(func(tx *Tx) error {
		added, err := tx.AddEnvelope(envelope(1, "x"))
		if added {
			t.Error("stored without a session")
		}
		return err
	}))
}

func TestNothingOfAFailedTransactionStays(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	broken := errors.New("broken")
	err := s.Update(func(tx *Tx) error {
		must(t, tx.AddSession(&SessionRow{Conversation: "dm.a.b", ID: "im", Plugin: "im", Open: true}))
		_, err := tx.AddEnvelope(envelope(1, "x"))
		must(t, err)
		must(t, tx.SetCursor("dm.a.b", 1))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	// The numbers of names that were rolled back must not be used again.
	withSession(t, s)
	must(t, s.Update(func(tx *Tx) error { _, err := tx.AddEnvelope(envelope(2, "y")); return err }))
	if got := updates(t, s, 0, 0, 0); got != "2:y" {
		t.Fatal(got)
	}
	rows, err := s.Conversations(t.Context())
	must(t, err)
	if len(rows) != 1 || rows[0].Cursor != 0 {
		t.Fatalf("%+v", rows[0])
	}
}

func TestFullDiskIsToldApartAndHealed(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	withSession(t, s)
	must(t, s.Limit(pageSize)) // less than there is: full at once
	big := envelope(1, "x")
	big.Body = make([]byte, 64<<10)
	err := s.Update(func(tx *Tx) error { _, err := tx.AddEnvelope(big); return err })
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v", err)
	}
	must(t, s.Limit(0))
	must(t, s.Update(func(tx *Tx) error { _, err := tx.AddEnvelope(big); return err }))
}

func TestSchemaVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	must(t, s.SetValue(t.Context(), "k", "v"))
	must(t, s.Close())

	released := migrations
	t.Cleanup(func() { migrations = released })
	saved := fmt.Sprintf("%s.v%d", path, len(released))
	migrations = append(slices.Clone(released), "CREATE TABLE later (x INTEGER);")
	s = open(t, path)
	if v, _, err := s.Value(t.Context(), "k"); err != nil || v != "v" {
		t.Fatalf("%q, %v", v, err)
	}
	must(t, s.Close())
	if st, err := os.Stat(saved); err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("the copy before the migration: %v %v", st, err)
	}

	migrations = released
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrNewer) {
		t.Fatalf("a newer store: %v", err)
	}
	s = open(t, saved)
	if v, _, _ := s.Value(t.Context(), "k"); v != "v" {
		t.Fatal("the copy is not complete")
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	must(t, os.WriteFile(path, []byte(strings.Repeat("this is not a database ", 100)), 0o600))
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrForeign) {
		t.Fatal(err)
	}
}

func TestTrimKeepsWhatIsNotAcked(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	withSession(t, s)
	must(t, s.Update(func(tx *Tx) error {
		for i := range int64(10) {
			if _, err := tx.AddEnvelope(envelope(i+1, fmt.Sprint("u", i+1))); err != nil {
				return err
			}
		}
		return tx.SetAcked("dm.a.b", "im", 8)
	}))
	trim := func(before, size int64) (held int64) {
		points, err := s.TrimPoints(t.Context(), before, size)
		must(t, err)
		for _, p := range points {
			must(t, s.Update(func(tx *Tx) (err error) {
				held, err = tx.Trim(p)
				return err
			}))
		}
		return held
	}
	if held := trim(1004, 1<<20); held != 3 {
		t.Fatalf("old ones: held %d", held)
	}
	if held := trim(1004, 4); held != 8 {
		t.Fatalf("too much: held %d, only acked ones may go", held)
	}
	if got := updates(t, s, 8, 0, 0); got != "9:u9 10:u10" {
		t.Fatal(got)
	}
	must(t, s.Update(func(tx *Tx) error {
		if added, err := tx.AddEnvelope(envelope(20, "u5")); added || err != nil {
			t.Error("a repeat of a trimmed body must be recognised", err)
		}
		_, err := tx.AddEnvelope(envelope(5, "u5")) // read again
		return err
	}))
	if got := updates(t, s, 4, 6, 0); got != "5:u5" {
		t.Fatal(got)
	}
}

func TestSessionsThatAreOverAreForgottenWithEverything(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	withSession(t, s)
	row := func(id string, open bool) *SessionRow {
		return &SessionRow{Conversation: "dm.a.b", ID: id, Plugin: "game", Open: open, UpdatedMs: 100}
	}
	must(t, s.Update(func(tx *Tx) error {
		for _, r := range []*SessionRow{row("g1", false), row("g2", false), row("g3", true)} {
			e := envelope(int64(len(r.ID))+int64(r.ID[1]), "e"+r.ID)
			e.Session, e.Plugin = r.ID, "game"
			if err := errors.Join(tx.AddSession(r), tx.SetEditor("dm.a.b", r.ID, "n", "text"),
				tx.SetSummary(&SummaryRow{Conversation: "dm.a.b", Session: r.ID, Plugin: "game"}),
				tx.SetState(&StateRow{Conversation: "dm.a.b", Session: r.ID, Value: &contractv1.StateValue{Author: "b", Key: "k"}})); err != nil {
				return err
			}
			if _, err := tx.AddEnvelope(e); err != nil {
				return err
			}
		}
		return nil
	}))
	var more bool
	trim := func(before int64) {
		must(t, s.Update(func(tx *Tx) (err error) {
			more, err = tx.TrimOver(before, 1)
			return err
		}))
	}
	left := func() (list string) {
		rows, err := s.Sessions(t.Context(), 0)
		must(t, err)
		for _, r := range rows {
			list += " " + r.ID
		}
		return list
	}
	if trim(100); more || left() != " im g1 g2 g3" {
		t.Fatal("gone too early:", left())
	}
	if trim(101); !more || left() != " im g2 g3" {
		t.Fatal(left())
	}
	trim(101)
	if trim(101); more || left() != " im g3" {
		t.Fatal(left())
	}
	for _, table := range []string{"envelopes", "states", "editors", "summaries"} {
		n := 0
		if err := s.rdb.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d rows of %s, %v", n, table, err)
		}
	}
	must(t, s.Update(func(tx *Tx) error { // its number is not believed any longer
		added, err := tx.AddEnvelope(&contractv1.Envelope{Conversation: "dm.a.b", Session: "g1", Id: "late", Seq: 900})
		if added {
			t.Error("an entry of nothing was stored")
		}
		return err
	}))
}

func TestOutboxMadeAndActions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	row := func(id string) *OutRow {
		return &OutRow{ID: id, Conversation: "dm.a.b", Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE,
			Body: []byte("body " + id), ActionID: "act", TimeMs: 7}
	}
	must(t, s.Update(func(tx *Tx) error {
		for i, id := range []string{"1", "2", "3"} {
			must(t, tx.AddOut(row(id)))
			must(t, tx.AddMade("dm.a.b", "im", "act", uint32(i), id, 7))
		}
		must(t, tx.OutSentAt("1", 40, 9))
		must(t, tx.OutFail("2", "no", true))
		return tx.AddAction(&ActionRow{Conversation: "dm.a.b", Session: "im", Plugin: "im", TimeMs: 7,
			Action: &contractv1.Action{Id: "act", Node: "n", Kind: contractv1.Action_SUBMIT, Value: "hello"}})
	}))
	must(t, s.Close())
	s = open(t, path)
	rows, err := s.Outbox(t.Context())
	must(t, err)
	if len(rows) != 3 || rows[0].State != OutSent || rows[0].Seq != 40 || rows[1].State != OutFailed ||
		rows[1].Reason != "no" || !rows[1].Ended || rows[2].State != OutPending || rows[2].Size != 6 {
		t.Fatalf("%+v", rows)
	}
	if body, err := s.OutBody(t.Context(), "3"); err != nil || string(body) != "body 3" {
		t.Fatal(string(body), err)
	}
	acts, err := s.Actions(t.Context())
	must(t, err)
	if len(acts) != 1 || acts[0].Action.GetValue() != "hello" || acts[0].Conversation != "dm.a.b" {
		t.Fatalf("%+v", acts)
	}
	must(t, s.Update(func(tx *Tx) error {
		if id, err := tx.Made("dm.a.b", "im", "act", 1); id != "2" || err != nil {
			t.Error(id, err)
		}
		if any, err := tx.AnyMade("dm.a.b", "im", "other"); any || err != nil {
			t.Error(any, err)
		}
		must(t, tx.DeleteAction("act"))
		return tx.TrimOut(8)
	}))
	if rows, _ := s.Outbox(t.Context()); len(rows) != 1 || rows[0].ID != "3" {
		t.Fatal("only what waits may stay")
	}
}

func TestRowsSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	withSession(t, s)
	state := &StateRow{Conversation: "dm.a.b", Session: "im", Plugin: "im", Dirty: 3,
		Value: &contractv1.StateValue{Author: "a@n", Key: "read", Value: []byte("9"), Scope: contractv1.StateValue_EVERYONE, TimeMs: 5}}
	compact := &contractv1.Node{Id: "n"}
	must(t, s.Update(func(tx *Tx) error {
		must(t, tx.SetState(state))
		must(t, tx.SetSummary(&SummaryRow{Conversation: "dm.a.b", Session: "im", Plugin: "im", Text: "hi", Unread: 2, Alerted: 4}))
		must(t, tx.SetCompact("dm.a.b", "im", "im", compact))
		must(t, tx.SetEditor("dm.a.b", "im", "composer", "half a sen"))
		return tx.SetRow(&ConversationRow{ID: "dm.a.b", Pinned: true, MutedMs: 8, Archive: true, TimeMs: 9})
	}))
	must(t, s.SaveContacts(t.Context(), true, []*contractv1.Contact{{Address: "b@n", Name: "Bob"}, {Address: "c@n"}}))
	must(t, s.SaveContacts(t.Context(), false, []*contractv1.Contact{{Address: "c@n", State: contractv1.Contact_REMOVED}}))
	must(t, s.Close())
	s = open(t, path)
	if list, err := s.DirtyStates(t.Context(), 0, 10); err != nil || len(list) != 1 || !proto.Equal(list[0].Value, state.Value) {
		t.Fatal(list, err)
	}
	must(t, s.Update(func(tx *Tx) error { return tx.CleanState("dm.a.b", "im", "a@n", "read", 2, 0) }))
	if list, _ := s.DirtyStates(t.Context(), 0, 10); len(list) != 1 {
		t.Fatal("a value that was set again stays dirty")
	}
	if sums, err := s.Summaries(t.Context()); err != nil || len(sums) != 1 || sums[0].Text != "hi" || sums[0].Alerted != 4 {
		t.Fatal(sums, err)
	}
	if plugin, node, err := s.Compact(t.Context(), "dm.a.b", "im"); err != nil || plugin != "im" || !proto.Equal(node, compact) {
		t.Fatal(plugin, node, err)
	}
	if texts, err := s.Editors(t.Context(), "dm.a.b", "im"); err != nil || texts["composer"] != "half a sen" {
		t.Fatal(texts, err)
	}
	if list, err := s.Contacts(t.Context()); err != nil || len(list) != 1 || list[0].GetName() != "Bob" {
		t.Fatal(list, err)
	}
	rows, err := s.Conversations(t.Context())
	must(t, err)
	if r := rows[0]; !r.Pinned || r.MutedMs != 8 || !r.Archive || r.TimeMs != 9 {
		t.Fatalf("%+v", r)
	}
}
