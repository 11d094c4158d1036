package server_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// fillStore posts until the answer is a refusal, and counts what was stored.
func fillStore(t *testing.T, p *peer, body string) (stored int) {
	t.Helper()
	for range 200 {
		r := p.post(conv, entry(body))[0]
		if r.GetStored() == nil {
			if reason := r.GetRefused().GetReason(); !strings.Contains(reason, "when the oldest of them expire") {
				t.Fatalf("the refusal does not say when there is room: %v", r)
			}
			return stored
		}
		stored++
	}
	t.Fatal("there is no bound")
	return 0
}

// storedBytes is what whoever runs the network sees of a user.
func storedBytes(t *testing.T, s *server.Server, user string) int64 {
	t.Helper()
	for _, u := range s.Users("") {
		if u.User == user {
			return u.StoredBytes
		}
	}
	t.Fatalf("no %s", user)
	return 0
}

// What the network keeps of one person has a bound, which holds over a restart,
// the loss of the index and an index of an earlier version; what expires makes room.
func TestABoundOfWhatIsKeptOfAUser(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	o := server.Options{Folder: t.TempDir(), Stored: limit}
	s := start(t, o)
	a, b := join(t, s, "alice"), join(t, s, "bob")
	alice, bob := signIn(t, a), signIn(t, b)
	befriend(t, alice, bob)
	body := strings.Repeat("x", 3000)
	n := fillStore(t, alice, body)
	if n*3000 > limit || n*3600 < limit-3600 {
		t.Fatalf("%d entries of 3,000 bytes were stored under a limit of %d", n, limit)
	}
	kept := storedBytes(t, s, "alice")
	if kept > limit || kept < int64(n)*3000 {
		t.Fatalf("%d entries are said to be %d bytes", n, kept)
	}
	bob.say(conv, body)

	for _, how := range []string{"a restart", "the loss of the index", "an index of an earlier version"} {
		alice.leave()
		bob.leave()
		s.Close()
		switch how {
		case "the loss of the index":
			removeIndex(t, o.Folder)
		case "an index of an earlier version":
			earlierIndex(t, o.Folder)
		}
		o.Listen = strings.TrimPrefix(s.Addresses()[0], "tcp://")
		s = start(t, o)
		alice, bob = signIn(t, a), signIn(t, b)
		if r := alice.post(conv, entry(body))[0]; r.GetRefused() == nil {
			t.Errorf("one more entry after %s: %v", how, r)
		}
		if got := storedBytes(t, s, "alice"); got != kept {
			t.Errorf("after %s %d bytes are kept, before %d", how, got, kept)
		}
		bob.say(conv, body)
	}
	if err := s.KeepOnly(short(t), 4); err != nil { // bob's, all of them
		t.Fatal(err)
	}
	if got := storedBytes(t, s, "alice"); got != 0 {
		t.Errorf("nothing of alice is there, and %d bytes are counted", got)
	}
	if again := fillStore(t, alice, body); again != n {
		t.Errorf("%d entries fit into the room that %d had", again, n)
	}
}

// A repeat costs nothing, and neither does what was not stored.
func TestOnlyWhatIsKeptCounts(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{Stored: 1 << 20})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	e := entry("once")
	for range 50 {
		if r := alice.post(conv, e)[0]; r.GetStored() == nil {
			t.Fatal(r)
		}
	}
	one := storedBytes(t, s, "alice")
	if one < 256 || one > 1024 {
		t.Errorf("one short entry is said to be %d bytes", one)
	}
	bad := entry("x")
	bad.Kind = contractv1.Envelope_MEMBERSHIP
	if r := alice.post(conv, bad)[0]; r.GetRefused() == nil {
		t.Fatal(r)
	}
	if _, _, err := s.Stored(short(t)); err != nil { // brings to the disk what is fresh
		t.Fatal(err)
	}
	if got := storedBytes(t, s, "alice"); got != one {
		t.Errorf("%d bytes in memory, %d once on the disk", one, got)
	}
}

// Whoever runs the network may allow fewer groups.
func TestTheOperatorsBoundsOfGroups(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{Groups: 2, GroupsADay: 3}, "alice", "bob")
	alice := all[0]
	refused := func(says string) {
		t.Helper()
		_, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_CREATE, Name: "x"})
		if wire.AsError(err).Code != contractv1.Error_TOO_LARGE || !strings.Contains(err.Error(), says) {
			t.Errorf("one more: %v, want %q", err, says)
		}
	}
	with(alice)
	left := with(alice)
	refused("in 2 groups already")
	alice.do(contractv1.GroupChange_LEAVE, left.Id)
	left = with(alice)
	alice.do(contractv1.GroupChange_LEAVE, left.Id)
	refused("made 3 groups today")
}

// earlierIndex gives the index the tables that it had before there were sizes.
func earlierIndex(t *testing.T, folder string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`DROP TABLE kept; ALTER TABLE entries DROP COLUMN size; PRAGMA user_version = 0`); err != nil {
		t.Fatal(err)
	}
}
