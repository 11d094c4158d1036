package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// owner registers the first person, who owns the network.
func owner(t testing.TB, s *server.Server, user string) *client.Account {
	t.Helper()
	l, err := s.Invite(short(t), 1, time.Hour, true)
	if err != nil {
		t.Fatal(err)
	}
	a, err := register(t, l, wire.Register{Op: wire.RegisterNew, Token: l.Token, User: user, Name: "Name of " + user})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// free is an address of this computer other than the usual one.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestTheDoorOpensAndCloses(t *testing.T) {
	s := start(t, server.Options{Door: true})
	a := owner(t, s, "alice")
	inside := s.Listening()
	outside := free(t)
	open, err := s.SetDoor(server.Door{Addresses: []string{outside, "0.0.0.0:4430", "nonsense"}})
	if err == nil || len(open) != 1 || open[0] != outside {
		t.Fatalf("%v, %v", open, err)
	}
	if got := s.Link().Addresses; len(got) != 1 || got[0] != outside {
		t.Fatalf("invitations name %v", got)
	}
	through := *a
	through.Addresses = []string{outside}
	p := signIn(t, &through)
	if conv := "dm.alice.alice"; p.say(conv, "through the door") == 0 || len(p.waitEntries(conv, 1)) != 1 {
		t.Fatal("nothing comes through the door")
	}
	// Before TLS not a byte is said, and what is no TLS hears nothing.
	for _, words := range []string{"", "CONNECT {}\r\n", "PROXY TCP4 9.9.9.9 1.1.1.1 1 2\r\n\x16"} {
		conn, err := net.Dial("tcp", outside)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, words)
		_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		if n, _ := conn.Read(make([]byte, 1)); n > 0 {
			t.Errorf("%q is answered before TLS", words)
		}
		_ = conn.Close()
	}
	mark := p.mark()
	if _, err := s.SetDoor(server.Door{}); err != nil {
		t.Fatal(err)
	}
	p.waitFrom(mark, "offline", connection(contractv1.ConnectionChanged_OFFLINE))
	if conn, err := net.DialTimeout("tcp", outside, time.Second); err == nil {
		_ = conn.Close()
		t.Error("a closed door listens")
	}
	if got := s.Link().Addresses; len(got) != 1 || got[0] != inside {
		t.Errorf("a closed network names %v", got)
	}
}

func TestOneSourceCannotTakeAllConnections(t *testing.T) {
	s := start(t, server.Options{Door: true})
	a := free(t)
	if _, err := s.SetDoor(server.Door{Addresses: []string{a}}); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 300 {
		conn, err := net.Dial("tcp", a)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			refused++
		}
	}
	if refused < 30 || refused > 60 { // 300 less 256
		t.Errorf("%d of 300 connections were refused", refused)
	}
}

// ask begins to be let in; the digits come first, the account later.
func ask(t testing.TB, l wire.Link, user string) (digits chan string, account chan *client.Account, failed chan error) {
	t.Helper()
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	digits, account, failed = make(chan string, 1), make(chan *client.Account, 1), make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		a, err := client.Ask(ctx, dial, l, seed, wire.Register{User: user, Name: "Name of " + user, DeviceName: user + "'s computer"},
			func(d string) { digits <- d })
		if err != nil {
			failed <- err
			return
		}
		account <- a
	}()
	return digits, account, failed
}

func joins(e *contractv1.NetEvent) []*contractv1.JoinRequest { return e.GetJoins().GetRequests() }

func TestWhoAsksIsLetInOrNot(t *testing.T) {
	folder, address := t.TempDir(), free(t)
	o := server.Options{Folder: folder, Door: true, Listen: free(t)}
	s := start(t, o)
	p := signIn(t, owner(t, s, "alice"))
	if _, err := s.SetDoor(server.Door{Addresses: []string{address}}); err != nil {
		t.Fatal(err)
	}
	_, _, failed := ask(t, s.Link(), "bob")
	if err := <-failed; !strings.Contains(err.Error(), "invitation") {
		t.Fatalf("a network by invitation: %v", err)
	}
	if _, err := s.SetDoor(server.Door{Addresses: []string{address}, Approval: true}); err != nil {
		t.Fatal(err)
	}
	mark := p.mark()
	digits, account, _ := ask(t, s.Link(), "bob")
	shown := <-digits
	r := joins(p.waitFrom(mark, "request", func(e *contractv1.NetEvent) bool { return len(joins(e)) == 1 }))[0]
	if r.User != "bob" || r.Computer != "bob's computer" || r.Digits != shown || len(shown) != 6 {
		t.Fatalf("the owner sees %v, the newcomer %s", r, shown)
	}
	// The owner's computer starts again: the request is still there.
	s.Close()
	s = start(t, o)
	if _, err := s.SetDoor(server.Door{Addresses: []string{address}, Approval: true}); err != nil {
		t.Fatal(err)
	}
	mark = p.mark()
	if again := joins(p.waitFrom(mark, "request again", func(e *contractv1.NetEvent) bool { return len(joins(e)) == 1 }))[0]; again.Digits != shown {
		t.Fatalf("after a restart the digits are %s, not %s", again.Digits, shown)
	}
	if err := p.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id, Allow: true}); err != nil {
		t.Fatal(err)
	}
	bob := <-account
	if bob.Address() != "bob@local" || bob.Owner {
		t.Fatalf("%+v", bob)
	}
	q := signIn(t, bob)
	// Only owners answer, and a second refusal is heard.
	if err := q.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id, Allow: true}); err == nil || !strings.Contains(err.Error(), "owner") {
		t.Errorf("somebody else answers: %v", err)
	}
	mark = p.mark()
	digits, _, failed = ask(t, s.Link(), "carol")
	<-digits
	r = joins(p.waitFrom(mark, "another request", func(e *contractv1.NetEvent) bool { return len(joins(e)) == 1 }))[0]
	if err := p.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id}); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !strings.Contains(err.Error(), "not let into") {
		t.Errorf("who is refused hears %v", err)
	}
	_, _, failed = ask(t, s.Link(), "alice")
	if err := <-failed; !strings.Contains(err.Error(), "taken") {
		t.Errorf("a name that is taken: %v", err)
	}
}

func TestFewMayAskAtATime(t *testing.T) {
	s := start(t, server.Options{Door: true})
	if _, err := s.SetDoor(server.Door{Addresses: []string{free(t)}, Approval: true}); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		digits, _, failed := ask(t, s.Link(), fmt.Sprintf("user%d", n))
		select {
		case <-digits:
		case err := <-failed:
			t.Fatal(err)
		}
	}
	_, _, failed := ask(t, s.Link(), "onemore")
	if err := <-failed; !strings.Contains(err.Error(), "Too many") {
		t.Errorf("a fourth of one source: %v", err)
	}
}

// TestBetween: somebody announces a key of its own, and asks the real network in
// the newcomer's name. The two screens do not show the same digits.
func TestBetween(t *testing.T) {
	real, fake := start(t, server.Options{Door: true}), start(t, server.Options{Door: true})
	var shown []string
	for _, s := range []*server.Server{real, fake} {
		if _, err := s.SetDoor(server.Door{Addresses: []string{free(t)}, Approval: true}); err != nil {
			t.Fatal(err)
		}
		digits, _, _ := ask(t, s.Link(), "bob")
		shown = append(shown, <-digits)
	}
	if shown[0] == shown[1] { // once in a million
		t.Errorf("both show %s", shown[0])
	}
	// Whoever commits to one nonce and reveals another is found out.
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	commit := wire.Joining{Network: real.Key(), Device: "other", User: "eve"}.Commit(make([]byte, wire.NonceBytes))
	if _, err := client.Register(short(t), dial, real.Link(), seed, wire.Register{Op: wire.RegisterAsk, User: "eve", Commit: commit}); err == nil {
		t.Fatal("asking is no account")
	}
	_, err = client.Register(short(t), dial, real.Link(), seed, wire.Register{Op: wire.RegisterReveal, Nonce: bytes.Repeat([]byte{9}, wire.NonceBytes)})
	if err == nil || !strings.Contains(err.Error(), "between") {
		t.Errorf("another nonce: %v", err)
	}
}

func TestInvitationsAreListedAndRevoked(t *testing.T) {
	s := start(t, server.Options{})
	p, q := signIn(t, owner(t, s, "alice")), signIn(t, join(t, s, "bob"))
	one, err := q.c.Invite(short(t), &contractv1.InviteCreate{})
	if err != nil || one.Uses != 1 || one.ExpiresMs < time.Now().Add(6*24*time.Hour).UnixMilli() {
		t.Fatalf("%v, %v", one, err)
	}
	time.Sleep(2 * time.Millisecond) // the list is in order of time
	many, err := p.c.Invite(short(t), &contractv1.InviteCreate{Uses: 3, TtlS: 3600})
	if err != nil {
		t.Fatal(err)
	}
	l, err := wire.ParseLink(many.Link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := register(t, l, wire.Register{Op: wire.RegisterNew, Token: l.Token, User: "carol"}); err != nil {
		t.Fatal(err)
	}
	mine, err := q.c.Invites(short(t))
	if err != nil || len(mine.Invites) != 1 || mine.Invites[0].Id != one.Id || mine.Invites[0].Link != "" {
		t.Fatalf("bob's: %v, %v", mine, err)
	}
	all, err := p.c.Invites(short(t))
	if err != nil || len(all.Invites) != 2 || all.Invites[1].Used != 1 || all.Invites[1].Uses != 3 {
		t.Fatalf("all: %v, %v", all, err)
	}
	if err := q.c.InviteRevoke(short(t), &contractv1.InviteRevoke{Id: many.Id}); err == nil {
		t.Error("somebody else's invitation is revoked")
	}
	for _, id := range []string{"", many.Id[:3], many.Id} {
		if err := p.c.InviteRevoke(short(t), &contractv1.InviteRevoke{Id: id}); (err == nil) != (id == many.Id) {
			t.Errorf("revoke %q: %v", id, err)
		}
	}
	if _, err := register(t, l, wire.Register{Op: wire.RegisterNew, Token: l.Token, User: "dave"}); err == nil {
		t.Error("a revoked invitation opens the door")
	}
}
