package store

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
)

func ownRow(n int) *OutRow {
	return &OutRow{ID: fmt.Sprintf("0190%04d", n), Conversation: "dm.a.b", Session: "im", Plugin: "im", Protocol: 1,
		Kind: contractv1.Envelope_UPDATE, Body: make([]byte, 200), TimeMs: int64(n)}
}

// TestTheQueueSurvivesItsMigration: what waits, was sent or failed is the same
// after the table was made anew, in its order.
func TestTheQueueSurvivesItsMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	released := migrations
	t.Cleanup(func() { migrations = released })
	migrations = released[:2]
	s := open(t, path)
	must(t, s.Update(func(tx *Tx) error {
		for i := range 5 {
			r := ownRow(i)
			r.ActionID, r.Priority = "act", i%2
			must(t, tx.AddOut(r))
		}
		must(t, tx.DeleteOut(ownRow(4).ID))
		must(t, tx.OutSentAt(ownRow(1).ID, 7, 8))
		return tx.OutFail(ownRow(2).ID, "refused", true)
	}))
	before, err := s.Outbox(t.Context())
	must(t, err)
	must(t, s.Close())
	migrations = released
	s = open(t, path)
	after, err := s.Outbox(t.Context())
	if err != nil || len(after) != 4 || !reflect.DeepEqual(before, after) {
		t.Fatalf("%v: %d rows, then %d", err, len(before), len(after))
	}
	bodies, err := s.OutBodies(t.Context(), "dm.a.b", "im")
	if err != nil || len(bodies) != 3 || len(bodies[ownRow(3).ID]) != 200 {
		t.Fatalf("%v: %d bodies", err, len(bodies))
	}
	next := ownRow(9)
	must(t, s.Update(func(tx *Tx) error { return tx.AddOut(next) }))
	if last := after[len(after)-1].N; next.N <= last {
		t.Fatalf("a new row has number %d after %d", next.N, last)
	}
}

// TestPagesOfACommit: what a message waits for on both sides writes few pages.
func TestPagesOfACommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	withSession(t, s)
	must(t, s.Update(func(tx *Tx) error { return tx.AddOut(ownRow(0)) }))
	pages := func() int {
		info, err := os.Stat(path + "-wal")
		must(t, err)
		head := make([]byte, 32)
		f, err := os.Open(path + "-wal")
		must(t, err)
		_, err = f.Read(head)
		must(t, err)
		must(t, f.Close())
		return int(info.Size()-32) / (24 + int(binary.BigEndian.Uint32(head[8:])))
	}
	const n = 60
	at := pages()
	for i := range n {
		must(t, s.Update(func(tx *Tx) error { return tx.AddOut(ownRow(i + 1)) }))
	}
	queued := pages() - at
	at = pages()
	for i := range n {
		must(t, s.Update(func(tx *Tx) error {
			e := envelope(int64(i+100), fmt.Sprintf("0191%04d", i))
			if added, err := tx.AddEnvelope(e); err != nil || !added {
				t.Fatal(added, err)
			}
			return tx.SetCursor(e.Conversation, e.Seq)
		}))
	}
	received := pages() - at
	// Now and then a page is full and becomes two.
	if most := 2*n + n/3; queued > most {
		t.Errorf("%d own entries wrote %d pages, more than %d", n, queued, most)
	}
	if most := 4*n + n/3; received > most {
		t.Errorf("%d received entries wrote %d pages, more than %d", n, received, most)
	}
}
