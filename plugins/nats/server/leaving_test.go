package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// TestWhoHasStoredTooMuchTodayCanGo: a share that is used up keeps nobody in a
// group, and nobody's account.
func TestWhoHasStoredTooMuchTodayCanGo(t *testing.T) {
	t.Parallel()
	s, all := people(t, server.Options{Daily: 16 << 10}, "alice", "bob", "chris", "dora")
	alice, bob, chris, dora := all[0], all[1], all[2], all[3]
	yes := true
	if err := dora.c.Profile(short(t), &contractv1.ProfileChange{AskGroups: &yes}); err != nil {
		t.Fatal(err)
	}
	g := with(alice, bob, chris, dora)
	full := func(p *peer) {
		t.Helper()
		for _, size := range []int{2000, 1} {
			for i := 0; ; i++ {
				if r := p.post("dm."+p.a.User+"."+p.a.User, entry(strings.Repeat("x", size)))[0]; r.GetRefused() != nil {
					break
				}
				if i > 100 {
					t.Fatal("there is no bound")
				}
			}
		}
	}
	for _, p := range all {
		full(p)
	}
	for i := 0; ; i++ { // what is left is less than a change takes
		if _, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_RENAME, Group: g.Id, Name: fmt.Sprint("n", i)}); err != nil {
			break
		}
		if i > 5 {
			t.Fatal("changes are taken over the day's share")
		}
	}
	alice.do(contractv1.GroupChange_REMOVE, g.Id, about(chris))
	dora.do(contractv1.GroupChange_DECLINE, g.Id)
	bob.do(contractv1.GroupChange_LEAVE, g.Id)
	if err := s.RemoveUser(short(t), "alice"); err != nil {
		t.Error(err)
	}
	for _, p := range []*peer{bob, chris} {
		p.wait("out", inGroup(g.Id, contractv1.Group_OUT))
	}
}

// TestContactsThatAreNoneTakeNoRoom: who was removed, or blocked and unblocked, does
// not count, not even for a moment, and can be a contact again at once.
func TestContactsThatAreNoneTakeNoRoom(t *testing.T) {
	t.Parallel()
	const few = 2
	o := server.Options{Folder: t.TempDir(), Contacts: few}
	s := start(t, o)
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	do := func(p *peer, op contractv1.RosterChange_Op, who string) {
		t.Helper()
		if err := p.c.Roster(short(t), &contractv1.RosterChange{Op: op, Address: who}); err != nil {
			t.Fatalf("%v %s: %v", op, who, err)
		}
	}
	for i := range 3 * few {
		name := fmt.Sprintf("p%d", i)
		join(t, s, name)
		do(alice, contractv1.RosterChange_BLOCK, name)
		do(alice, contractv1.RosterChange_UNBLOCK, name)
	}
	for range 10 {
		befriend(t, alice, bob)
		do(bob, contractv1.RosterChange_RENAME, "alice")
		do(alice, contractv1.RosterChange_REMOVE, "bob")
		do(bob, contractv1.RosterChange_REMOVE, "alice")
	}
	if n, _, err := s.Keys(short(t), "pair."); err != nil || n != 0 {
		t.Errorf("%d pairs are stored: %v", n, err)
	}
	do(alice, contractv1.RosterChange_BLOCK, "bob") // what one has decided stays
	do(alice, contractv1.RosterChange_REMOVE, "bob")
	time.Sleep(50 * time.Millisecond) // for late news of what was
	alice.leave()
	bob.leave()
	if n, _, err := s.Keys(short(t), "pair."); err != nil || n != 1 {
		t.Errorf("%d pairs are stored, not the blocked one: %v", n, err)
	}
	s.Close()
	if n, _, err := start(t, o).Keys(short(t), "pair."); err != nil || n != 1 {
		t.Errorf("after a restart %d pairs are stored: %v", n, err)
	}
}

// TestAGroupsPictureIsOnTheNetwork: only a whole picture of one's own, of the size
// that a picture of a person may have, is taken.
func TestAGroupsPictureIsOnTheNetwork(t *testing.T) {
	t.Parallel()
	_, all := people(t, server.Options{}, "alice", "bob")
	alice, bob := all[0], all[1]
	g := with(alice, bob)
	big, bigHash := content(t, 256<<10+1)
	put(t, alice, big, bigHash, 60)
	his, hisHash := content(t, 100)
	put(t, bob, his, hisHash, 60)
	half, halfHash := content(t, contractv1.MaxBlobPart+1000)
	if _, err := alice.c.BlobPut(short(t), part(half, halfHash, 0, 60)); err != nil {
		t.Fatal(err)
	}
	for what, hash := range map[string]string{"too big": bigHash, "bob's": hisHash, "half": halfHash, "nobody's": strings.Repeat("ab", 32), "no hash": "x"} {
		if _, err := alice.try(&contractv1.GroupChange{Op: contractv1.GroupChange_PICTURE, Group: g.Id, Picture: hash}); code(err) != contractv1.Error_INVALID {
			t.Errorf("%s: %v", what, err)
		}
	}
	face, hash := content(t, 256<<10)
	put(t, alice, face, hash, 60)
	for _, want := range []string{hash, ""} {
		if got := alice.do(contractv1.GroupChange_PICTURE, g.Id, func(c *contractv1.GroupChange) { c.Picture = want }); got.Picture != want {
			t.Errorf("the picture is %q, not %q", got.Picture, want)
		}
	}
}

// TestADoorListensOnThisComputerAlone: otherwise anybody could say where they
// come from.
func TestADoorListensOnThisComputerAlone(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:4430", "example.org:4430"} {
		s, err := server.Start(server.Options{Folder: t.TempDir(), Door: true, Listen: listen})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "this computer alone") {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

// TestTokensAreListedInPages: as many as there can be, with all that they can hold.
func TestTokensAreListedInPages(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	made := map[string]bool{}
	for range server.MaxTokensPage + 20 {
		e, err := s.MakeEnrolment(short(t), 1, time.Hour, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		made[e.ID] = true
	}
	first := s.Enrolments("")
	rest := s.Enrolments(first[len(first)-1].ID)
	if len(first) != server.MaxTokensPage || len(rest) != 20 {
		t.Fatalf("pages of %d and %d", len(first), len(rest))
	}
	for _, e := range append(first, rest...) {
		delete(made, e.ID)
	}
	if len(made) != 0 {
		t.Errorf("not listed: %v", made)
	}
}
