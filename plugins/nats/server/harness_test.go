package server_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) {
	if os.Getenv(killFolder) != "" {
		killed()
	}
	if role := roles[os.Getenv(envRole)]; role != nil {
		role()
	}
	goleak.VerifyTestMain(m)
}

const patience = 10 * time.Second

func short(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func start(t testing.TB, o server.Options) *server.Server {
	t.Helper()
	if o.Folder == "" {
		o.Folder = t.TempDir()
	}
	s, err := server.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// join registers a user, or a further device with a code.
func join(t testing.TB, s *server.Server, user string) *client.Account {
	t.Helper()
	l, err := s.Invite(short(t), 1, time.Hour, false)
	if err != nil {
		t.Fatal(err)
	}
	a, err := register(t, l, wire.Register{Op: wire.RegisterNew, Token: l.Token, User: user, Name: "Name of " + user, DeviceName: "first"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func register(t testing.TB, l wire.Link, r wire.Register) (*client.Account, error) {
	t.Helper()
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	return client.Register(short(t), dial, l, seed, r)
}

func second(t testing.TB, s *server.Server, p *peer) *client.Account {
	t.Helper()
	code, err := p.c.DeviceLink(short(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: code.Code, DeviceName: "second"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// peer is a client with everything it was told.
type peer struct {
	t testing.TB
	c *client.Client
	a *client.Account

	tap func(*contractv1.NetEvent) // before the rest, for benchmarks

	mu      sync.Mutex
	changed chan struct{}
	events  []*contractv1.NetEvent
}

func (p *peer) emit(_ context.Context, e *contractv1.NetEvent) error {
	p.mu.Lock()
	tap := p.tap
	p.mu.Unlock()
	if tap != nil {
		tap(e)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}

func signIn(t testing.TB, a *client.Account, cursors ...*contractv1.Cursor) *peer {
	t.Helper()
	p := open(t, a, dial, cursors...)
	p.wait("connected", func(e *contractv1.NetEvent) bool {
		return e.GetConnection().GetState() == contractv1.ConnectionChanged_CONNECTED
	})
	return p
}

func open(t testing.TB, a *client.Account, d client.Dialer, cursors ...*contractv1.Cursor) *peer {
	t.Helper()
	p := &peer{t: t, a: a, changed: make(chan struct{})}
	c, err := client.SignIn(client.Options{Account: a, Dial: d, Emit: p.emit}, cursors,
		&contractv1.SetPresence{Status: contractv1.SetPresence_AVAILABLE, Capabilities: []string{"im/1"}})
	if err != nil {
		t.Fatal(err)
	}
	p.c = c
	t.Cleanup(p.leave)
	return p
}

func (p *peer) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p.c.SignOut(ctx)
}

// mark is a place in what happened; wait looks only behind it.
func (p *peer) mark() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.events)
}

func (p *peer) wait(what string, is func(*contractv1.NetEvent) bool) *contractv1.NetEvent {
	p.t.Helper()
	return p.waitFrom(0, what, is)
}

func (p *peer) waitFrom(from int, what string, is func(*contractv1.NetEvent) bool) *contractv1.NetEvent {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		events, changed := p.events, p.changed
		p.mu.Unlock()
		for ; from < len(events); from++ {
			if is(events[from]) {
				return events[from]
			}
		}
		select {
		case <-changed:
		case <-deadline:
			p.t.Fatalf("%s/%s: no %s; had %d events, last %v", p.a.User, p.a.Device, what, len(events), tail(events))
		}
	}
}

func tail(e []*contractv1.NetEvent) []*contractv1.NetEvent { return e[max(0, len(e)-5):] }

// entries is what a device was given of a conversation, in order.
func (p *peer) entries(conv string) []*contractv1.Envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*contractv1.Envelope
	for _, e := range p.events {
		if v := e.GetEnvelopes(); v.GetConversation() == conv {
			all = append(all, v.Envelopes...)
		}
	}
	return all
}

func (p *peer) waitEntries(conv string, n int) []*contractv1.Envelope {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if all := p.entries(conv); len(all) >= n {
			return all
		}
		select {
		case <-changed:
		case <-deadline:
			p.t.Fatalf("%s: %d of %d entries of %s", p.a.User, len(p.entries(conv)), n, conv)
		}
	}
}

func id() string { return uuid.Must(uuid.NewV7()).String() }

func entry(body string) *contractv1.Envelope {
	return &contractv1.Envelope{Id: id(), Session: "im", Plugin: "im", Protocol: 1, Kind: contractv1.Envelope_UPDATE, Body: []byte(body)}
}

func (p *peer) post(conv string, entries ...*contractv1.Envelope) []*contractv1.PostResult {
	p.t.Helper()
	r, err := p.c.Post(short(p.t), &contractv1.Post{Conversation: conv, Envelopes: entries})
	if err != nil {
		p.t.Fatal(err)
	}
	return r.Results
}

// say posts and insists.
func (p *peer) say(conv string, text string) int64 {
	p.t.Helper()
	e := entry(text)
	for {
		r := p.post(conv, e)[0]
		if s := r.GetStored(); s != nil {
			return s.Seq
		}
		if r.GetRefused() != nil {
			p.t.Fatalf("refused: %s", r.GetRefused().Reason)
		}
		time.Sleep(time.Duration(r.GetRetry().AfterMs) * time.Millisecond)
	}
}

func befriend(t testing.TB, a, b *peer) {
	t.Helper()
	if err := a.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_REQUEST, Address: b.a.User, Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if err := b.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_ACCEPT, Address: a.a.Address()}); err != nil {
		t.Fatal(err)
	}
}

func contact(address string, state contractv1.Contact_State) func(*contractv1.NetEvent) bool {
	return func(e *contractv1.NetEvent) bool {
		for _, c := range e.GetRoster().GetContacts() {
			if c.Address == address && c.State == state {
				return true
			}
		}
		return false
	}
}

func presence(address string, status contractv1.SetPresence_Status) func(*contractv1.NetEvent) bool {
	return func(e *contractv1.NetEvent) bool {
		p := e.GetPresence()
		return p != nil && !p.Mine && p.Address == address && p.Status == status
	}
}

func connection(s contractv1.ConnectionChanged_State) func(*contractv1.NetEvent) bool {
	return func(e *contractv1.NetEvent) bool { return e.GetConnection().GetState() == s }
}

// same fails unless both were given the same entries in the same order, once.
func same(t testing.TB, want []*contractv1.Envelope, got []*contractv1.Envelope) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	seen := map[string]bool{}
	for i := range want {
		if want[i].Id != got[i].Id || want[i].Seq != got[i].Seq {
			t.Fatalf("entry %d: %s at %d, want %s at %d", i, got[i].Id, got[i].Seq, want[i].Id, want[i].Seq)
		}
		if key := fmt.Sprint(got[i].From, got[i].Device, got[i].Id); seen[key] {
			t.Fatalf("entry %d comes twice", i)
		} else {
			seen[key] = true
		}
	}
}

// soon is the second that is promised for a crash to show and a device to be
// locked out, and what a machine that runs other tests at once may add.
const soon = 3 * time.Second
