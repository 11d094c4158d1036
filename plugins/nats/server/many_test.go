package server_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// What one account is tried with, and what it may take. The times are many times
// what was measured (a fresh device 1.2 s, one that has everything 70 ms).
const (
	manyConversations = 3000
	manyWrite         = 20 // who writes while the account is away
	manyFresh         = 15 * time.Second
	manyAgain         = 5 * time.Second
	manyHeap          = 96 << 20
)

// TestThreeThousandConversations: an account with so many signs in anew, with
// everything, and after few have written; each time it is given what it does not
// have, once, with few questions and little memory.
func TestThreeThousandConversations(t *testing.T) {
	folder := t.TempDir()
	s := start(t, server.Unsafely(server.Options{Folder: folder, Rate: 1e6, Burst: 1e6}))
	alice := signIn(t, join(t, s, "alice"))
	names := make([]string, manyConversations)
	for i := range names {
		names[i] = fmt.Sprintf("user%04d", i)
	}
	seeds, err := s.AddUsers(t.Context(), "alice", names...)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, alice, names)
	alice.leave()
	s.Close()

	s = start(t, server.Options{Folder: folder})
	alice.a.Addresses = s.Addresses()
	m := many{t: t, s: s, names: names}
	fresh, cursors := m.fresh(alice)
	fresh.leave()
	m.again(alice, cursors)
	for i := range manyWrite {
		n := i * (manyConversations / manyWrite)
		p := signIn(t, account(s, names[n], seeds[n], t))
		p.say(wire.Conversation("alice", names[n]), "while you were away")
		p.leave()
	}
	m.few(alice, cursors)
}

// fill writes two messages into each conversation, side by side.
func fill(t *testing.T, alice *peer, names []string) {
	t.Helper()
	next := make(chan string)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for name := range next {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				r, err := alice.c.Post(ctx, &contractv1.Post{Conversation: wire.Conversation("alice", name),
					Envelopes: []*contractv1.Envelope{entry("one for " + name), entry("two for " + name)}})
				cancel()
				if err != nil || len(r.Results) != 2 || r.Results[1].GetStored() == nil {
					t.Errorf("%s: %v, %v", name, r, err)
				}
			}
		})
	}
	for _, name := range names {
		next <- name
	}
	close(next)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

type many struct {
	t     *testing.T
	s     *server.Server
	names []string
}

// in signs in and tells how long that took, what was asked and what the heap has
// grown by.
func (m many) in(what string, alice *peer, cursors []*contractv1.Cursor, within time.Duration) (*peer, map[string]int) {
	m.t.Helper()
	counts, stop, err := m.s.Requests("alice")
	if err != nil {
		m.t.Fatal(err)
	}
	defer stop()
	before := heap()
	begin := time.Now()
	p := signIn(m.t, alice.a, cursors...)
	took, asked, grown := time.Since(begin), counts(), heap()-before
	m.t.Logf("%s: %v, %v, %.1f MB", what, took.Round(time.Millisecond), asked, float64(grown)/(1<<20))
	if took > within {
		m.t.Errorf("%s: signing in took %v, not %v", what, took, within)
	}
	if grown > manyHeap {
		m.t.Errorf("%s: %d bytes of memory, more than %d", what, grown, manyHeap)
	}
	if p.mark(); len(p.contacts()) != len(m.names) {
		m.t.Errorf("%s: %d contacts, not %d", what, len(p.contacts()), len(m.names))
	}
	// Contacts come in pages of 200, presences in pages, and the rest is once each.
	rest := 0
	for op, n := range asked {
		if op != "box.page" {
			rest += n
		}
	}
	if pages := len(m.names)/wire.RosterPage + 1; rest > 2*pages+12 {
		m.t.Errorf("%s: %d questions besides those for pages: %v", what, rest, asked)
	}
	return p, asked
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // what pools held is free only now
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// contacts are the addresses that a device was told.
func (p *peer) contacts() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string]bool{}
	for _, e := range p.events {
		for _, c := range e.GetRoster().GetContacts() {
			all[c.Address] = c.State == contractv1.Contact_FRIEND
		}
	}
	return all
}

// given counts the entries that a device was given.
func (p *peer) given() map[string][]*contractv1.Envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[string][]*contractv1.Envelope{}
	for _, e := range p.events {
		if v := e.GetEnvelopes(); v != nil {
			all[v.Conversation] = append(all[v.Conversation], v.Envelopes...)
		}
	}
	return all
}

// fresh is a device that has nothing; it gives the cursors of all it was given.
func (m many) fresh(alice *peer) (*peer, []*contractv1.Cursor) {
	m.t.Helper()
	p, asked := m.in("a device with nothing", alice, nil, manyFresh)
	if asked["box.page"] > len(m.names) || asked["box.heads"] > 2 {
		m.t.Errorf("asked %v for %d conversations", asked, len(m.names))
	}
	given := p.given()
	var cursors []*contractv1.Cursor
	for _, name := range m.names {
		conv := wire.Conversation("alice", name)
		got := given[conv]
		if len(got) != 2 || string(got[0].Body) != "one for "+name || string(got[1].Body) != "two for "+name || got[0].Seq >= got[1].Seq {
			m.t.Fatalf("%s: %v", conv, got)
		}
		cursors = append(cursors, &contractv1.Cursor{Conversation: conv, Seq: got[1].Seq})
	}
	if len(given) != len(m.names) {
		m.t.Errorf("%d conversations, not %d", len(given), len(m.names))
	}
	return p, cursors
}

// again is a device that has everything.
func (m many) again(alice *peer, cursors []*contractv1.Cursor) {
	m.t.Helper()
	p, asked := m.in("a device with everything", alice, cursors, manyAgain)
	if asked["box.page"] != 0 || len(p.given()) != 0 {
		m.t.Errorf("asked %v and was given %d conversations", asked, len(p.given()))
	}
	p.leave()
}

// few is a device that lacks what few have written.
func (m many) few(alice *peer, cursors []*contractv1.Cursor) {
	m.t.Helper()
	p, asked := m.in("a device that was away", alice, cursors, manyAgain)
	given := p.given()
	if asked["box.page"] != manyWrite || len(given) != manyWrite {
		m.t.Errorf("asked %v and was given %d conversations", asked, len(given))
	}
	for conv, got := range given {
		if len(got) != 1 || string(got[0].Body) != "while you were away" {
			m.t.Errorf("%s: %v", conv, got)
		}
	}
}
