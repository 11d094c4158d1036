package server_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// crashShows is how soon contacts must see that a program was killed. A machine
// that runs other tests at once gets three tries.
const crashShows = time.Second

// apart signs in as a process of its own.
func apart(t testing.TB, a *client.Account) *child {
	t.Helper()
	c := spawn(t, "client")
	c.start()
	if err := json.NewEncoder(c.in).Encode(a); err != nil {
		t.Fatal(err)
	}
	c.ready()
	return c
}

func TestAKilledClientIsOfflineWithinASecond(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	b := join(t, s, "bob")
	bob := signIn(t, b)
	befriend(t, alice, bob)
	bob.leave()
	best := patience
	for range 3 {
		from := alice.mark()
		c := apart(t, b)
		alice.waitFrom(from, "bob here", presence("bob@local", contractv1.SetPresence_AVAILABLE))
		from = alice.mark()
		began := time.Now()
		c.kill()
		alice.waitFrom(from, "bob gone", presence("bob@local", contractv1.SetPresence_OFFLINE))
		if best = min(best, time.Since(began)); best <= crashShows {
			t.Logf("seen after %v", best.Round(time.Millisecond))
			return
		}
	}
	t.Errorf("it took %v at best", best)
}

// TestAKilledServer: everybody knows at once that the server is gone; when it is
// back, who is there is shown as there, as they were, and who went meanwhile is not.
func TestAKilledServer(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, l := serve(t, folder, "")
	alice, bob := signIn(t, enter(t, l, "alice")), signIn(t, enter(t, l, "bob"))
	c := enter(t, l, "carol")
	carol := signIn(t, c)
	befriend(t, alice, bob)
	befriend(t, alice, carol)
	carol.leave()
	from := alice.mark()
	gone := apart(t, c)
	alice.waitFrom(from, "carol here", presence("carol@local", contractv1.SetPresence_AVAILABLE))
	if err := bob.c.SetPresence(short(t), &contractv1.SetPresence{Status: contractv1.SetPresence_BUSY, Text: "thinking"}); err != nil {
		t.Fatal(err)
	}
	alice.wait("bob busy", presence("bob@local", contractv1.SetPresence_BUSY))
	said := alice.say(conv, "before")

	fromA, fromB := alice.mark(), bob.mark()
	began := time.Now()
	first.kill()
	alice.waitFrom(fromA, "offline", connection(contractv1.ConnectionChanged_OFFLINE))
	bob.waitFrom(fromB, "offline", connection(contractv1.ConnectionChanged_OFFLINE))
	if d := time.Since(began); d > soon {
		t.Errorf("it took %v until everybody knew", d)
	}
	gone.kill()
	fromA, fromB = alice.mark(), bob.mark()
	serve(t, folder, l.Addresses[0])
	alice.waitFrom(fromA, "connected", connection(contractv1.ConnectionChanged_CONNECTED))
	bob.waitFrom(fromB, "connected", connection(contractv1.ConnectionChanged_CONNECTED))
	e := alice.waitFrom(fromA, "bob busy again", presence("bob@local", contractv1.SetPresence_BUSY)).GetPresence()
	if e.Text != "thinking" {
		t.Errorf("bob's text is %q", e.Text)
	}
	bob.waitFrom(fromB, "alice again", presence("alice@local", contractv1.SetPresence_AVAILABLE))
	alice.waitFrom(fromA, "carol gone", presence("carol@local", contractv1.SetPresence_OFFLINE))
	for _, e := range alice.events[fromA:alice.mark()] {
		if p := e.GetPresence(); p.GetAddress() == "carol@local" && p.Status != contractv1.SetPresence_OFFLINE {
			t.Errorf("carol, who is gone, is shown as %v", p.Status)
		}
	}
	if next := bob.say(conv, "after"); next <= said {
		t.Errorf("an entry after the crash is at %d, one before it at %d", next, said)
	}
	same(t, alice.waitEntries(conv, 2), bob.waitEntries(conv, 2))
}

// A crowd that comes back at once, and how soon all must be here.
const (
	crowdBack   = 500
	crowdWithin = 10 * time.Second
)

// TestACrowdComesBack: the server is killed while 500 people are connected and
// write; all are back within ten seconds of its next start, and everything that
// was acknowledged is with everybody, once.
func TestACrowdComesBack(t *testing.T) {
	folder := t.TempDir()
	s := start(t, server.Unsafely(server.Options{Folder: folder}))
	alice := join(t, s, "alice")
	names := make([]string, crowdBack-1)
	for i := range names {
		names[i] = fmt.Sprintf("user%03d", i)
	}
	seeds, err := s.AddUsers(t.Context(), "alice", names...)
	if err != nil {
		t.Fatal(err)
	}
	all := []*client.Account{alice}
	for i, name := range names {
		all = append(all, account(s, name, seeds[i], t))
	}
	s.Close()

	first, l := serve(t, folder, "")
	peers := make([]*peer, len(all))
	each(len(all), func(i int) {
		all[i].Addresses = l.Addresses
		peers[i] = signIn(t, all[i])
	})
	marks := make([]int, len(peers))
	for i, p := range peers {
		marks[i] = p.mark()
	}
	// Every tenth writes to alice, over the crash, and goes on until it is taken.
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		each(len(peers)/10, func(i int) {
			p := peers[1+10*i]
			for n := range 5 {
				insist(p, wire.Conversation("alice", p.a.User), fmt.Sprint(n))
			}
		})
	}()
	first.kill()
	began := time.Now()
	serve(t, folder, l.Addresses[0])
	ready := time.Now()
	each(len(peers), func(i int) {
		peers[i].waitFrom(marks[i], "connected again", connection(contractv1.ConnectionChanged_CONNECTED))
	})
	took := time.Since(ready)
	<-writing
	t.Logf("%d are back %v after the server's start, which took %v", len(peers), took.Round(time.Millisecond), ready.Sub(began).Round(time.Millisecond))
	if took > crowdWithin {
		t.Errorf("it took %v until all were back", took)
	}
	for i := range len(peers) / 10 {
		p := peers[1+10*i]
		conv := wire.Conversation("alice", p.a.User)
		same(t, peers[0].waitEntries(conv, 5), p.waitEntries(conv, 5))
		for n, e := range p.entries(conv) {
			if string(e.Body) != fmt.Sprint(n) {
				t.Errorf("%s: %q at %d", p.a.User, e.Body, n)
			}
		}
	}
}

// insist posts one entry until it is acknowledged, as a host's outbox does.
func insist(p *peer, conv, text string) {
	e := entry(text)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r, err := p.c.Post(short(p.t), &contractv1.Post{Conversation: conv, Envelopes: []*contractv1.Envelope{e}})
		if err == nil && r.Results[0].GetStored() != nil {
			return
		}
	}
	p.t.Errorf("%s: an entry is not taken", p.a.User)
}

// each does something n times, all at once.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}
