package server_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func removeIndex(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "index.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no index: %v", err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
}

// cutter cuts connections as a crash does.
type cutter struct {
	mu      sync.Mutex
	conns   []net.Conn
	stopped bool
}

func (c *cutter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return nil, errors.New("no way there")
	}
	conn, err := dial(ctx, network, address)
	if err == nil {
		c.conns = append(c.conns, conn)
	}
	return conn, err
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	c.conns = nil
}

func (c *cutter) stop() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.cut()
}

func TestRestartOfTheServerAndBrokenConnections(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder, Rate: 1e5, Burst: 1e5})
	cut := &cutter{}
	alice, bob := open(t, join(t, s, "alice"), cut.dial), open(t, join(t, s, "bob"), cut.dial)
	alice.wait("connected", connection(contractv1.ConnectionChanged_CONNECTED))
	bob.wait("connected", connection(contractv1.ConnectionChanged_CONNECTED))
	befriend(t, alice, bob)
	const n = 150
	var wg sync.WaitGroup
	for _, p := range []*peer{alice, bob} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range n {
				p.say(conv, fmt.Sprint(i))
			}
		}()
	}
	address := s.Listening()
	time.Sleep(30 * time.Millisecond)
	cut.cut()
	time.Sleep(300 * time.Millisecond)
	s.Close()
	start(t, server.Options{Folder: folder, Listen: address, Rate: 1e5, Burst: 1e5})
	time.Sleep(100 * time.Millisecond)
	cut.cut()
	wg.Wait()
	want := alice.waitEntries(conv, 2*n)
	same(t, want, bob.waitEntries(conv, 2*n))
	fresh := signIn(t, bob.a)
	same(t, want, fresh.entries(conv))
}

func TestAVanishedServerIsOfflineWithAnHonestNextTry(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	from := alice.mark()
	s.Close()
	e := alice.waitFrom(from, "offline", connection(contractv1.ConnectionChanged_OFFLINE)).GetConnection()
	now := time.Now().UnixMilli()
	if e.RetryMs < now-1000 || e.RetryMs > now+16000 || e.Detail == "" {
		t.Fatalf("offline: %v", e)
	}
	r, err := alice.c.Post(short(t), &contractv1.Post{Conversation: "dm.alice.alice", Envelopes: []*contractv1.Envelope{entry("x"), entry("y")}})
	if err != nil || len(r.Results) == 0 || r.Results[0].GetRetry() == nil {
		t.Fatalf("a post while offline: %v, %v", r, err)
	}
}

func TestAnotherKeyIsNotTrusted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder})
	a := join(t, s, "alice")
	s.Close()
	if err := os.Remove(filepath.Join(folder, "network.key")); err != nil {
		t.Fatal(err)
	}
	s = start(t, server.Options{Folder: folder})
	a.Addresses = s.Addresses()
	alice := open(t, a, dial)
	alice.wait("wrong key", connection(contractv1.ConnectionChanged_WRONG_KEY))
	l := s.Link()
	l.Key = a.Key
	if _, err := register(t, l, wire.Register{Op: wire.RegisterWho}); !errors.Is(err, wire.ErrWrongKey) {
		t.Fatalf("registration: %v", err)
	}
}

func TestAFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	s := start(t, server.Options{MinFree: 100, Free: func() (int64, error) {
		if full.Load() {
			return 5, nil
		}
		return 1 << 40, nil
	}})
	alice := signIn(t, join(t, s, "alice"))
	const own = "dm.alice.alice"
	alice.say(own, "before")
	full.Store(true)
	time.Sleep(1100 * time.Millisecond)
	e := entry("during")
	r := alice.post(own, e)[0].GetRetry()
	if r == nil || r.AfterMs == 0 || r.Reason == "" {
		t.Fatalf("a post to a full disk: %v", r)
	}
	err := alice.c.SetState(short(t), &contractv1.NetState{Conversation: own, Session: "im", Plugin: "im",
		Value: &contractv1.StateValue{Key: "k", Scope: contractv1.StateValue_MY_DEVICES}})
	if wire.AsError(err).Code != contractv1.Error_UNAVAILABLE {
		t.Fatalf("a value on a full disk: %v", err)
	}
	full.Store(false)
	time.Sleep(1100 * time.Millisecond)
	if r := alice.post(own, e)[0]; r.GetStored() == nil {
		t.Fatalf("after room was made: %v", r)
	}
	alice.waitEntries(own, 2)
}

func TestTheClientsClockDoesNotMatter(t *testing.T) {
	t.Parallel()
	// The server lives ten years from now: its certificate and times are from
	// there, and a client of today gets on with it.
	ten := 10 * 365 * 24 * time.Hour
	s := start(t, server.Options{Now: func() time.Time { return time.Now().Add(ten) }})
	alice := signIn(t, join(t, s, "alice"))
	r := alice.post("dm.alice.alice", entry("hello"))[0].GetStored()
	if r == nil || r.TimeMs < time.Now().Add(ten-time.Hour).UnixMilli() {
		t.Fatalf("stored: %v", r)
	}
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var later atomic.Int64
	s := start(t, server.Options{Now: func() time.Time { return now.Add(time.Duration(later.Load())) }})
	invite := func(uses uint32, life time.Duration) wire.Link {
		t.Helper()
		l, err := s.Invite(short(t), uses, life, false)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := invite(20, 2*time.Hour)
	want := func(what string, code contractv1.Error_Code, l wire.Link, r wire.Register) {
		t.Helper()
		_, err := register(t, l, r)
		var e *wire.Error
		if !errors.As(err, &e) || e.Code != code || e.Message == "" {
			t.Errorf("%s: %v, want %v", what, err, code)
		}
	}
	if _, err := register(t, l, wire.Register{Op: "new", Token: l.Token, User: "alice"}); err != nil {
		t.Fatal(err)
	}
	want("a taken name", contractv1.Error_TAKEN, l, wire.Register{Op: "new", Token: l.Token, User: "alice"})
	for _, name := range []string{"*", ">", "..", "a.b", "Alice", "", " ", "a b", "-a", "ä", "a\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		want(fmt.Sprintf("name %q", name), contractv1.Error_INVALID, l, wire.Register{Op: "new", Token: l.Token, User: name})
	}
	want("no invitation", contractv1.Error_REFUSED, l, wire.Register{Op: "new", User: "eve"})
	want("a false invitation", contractv1.Error_NOT_FOUND, l, wire.Register{Op: "new", User: "eve", Token: "abcdef"})
	want("a display name with control characters", contractv1.Error_INVALID, l, wire.Register{Op: "new", User: "eve", Token: l.Token, Name: "a\x1b[2J"})
	if a, err := register(t, l, wire.Register{Op: "new", User: "blank", Token: l.Token, Name: "  "}); err != nil || a.Name != "blank" {
		t.Errorf("a blank display name: %+v, %v", a, err)
	}
	want("an unknown operation", contractv1.Error_INVALID, l, wire.Register{Op: "root"})
	once := invite(1, time.Hour)
	if _, err := register(t, once, wire.Register{Op: "new", Token: once.Token, User: "bob"}); err != nil {
		t.Fatal(err)
	}
	want("a used invitation", contractv1.Error_REFUSED, once, wire.Register{Op: "new", Token: once.Token, User: "carol"})

	alice := signIn(t, join(t, s, "dora"))
	code, err := alice.c.DeviceLink(short(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := register(t, s.Link(), wire.Register{Op: "device", Code: code.Code}); err != nil {
		t.Fatal(err)
	}
	want("a used code", contractv1.Error_NOT_FOUND, s.Link(), wire.Register{Op: "device", Code: code.Code})
	want("a false code", contractv1.Error_NOT_FOUND, s.Link(), wire.Register{Op: "device", Code: "AAAA-BBBB-CCCC"})
	if code, err = alice.c.DeviceLink(short(t), nil); err != nil {
		t.Fatal(err)
	}
	later.Store(int64(3 * time.Hour))
	want("an expired code", contractv1.Error_REFUSED, s.Link(), wire.Register{Op: "device", Code: code.Code})
	want("an expired invitation", contractv1.Error_REFUSED, l, wire.Register{Op: "new", Token: l.Token, User: "eve"})
}

func TestOpenRegistrationAndInvitations(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{OpenRegistration: true, OwnersInvite: true, Network: "lab"})
	a, err := register(t, s.Link(), wire.Register{Op: "new", User: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Address() != "alice@lab" {
		t.Fatal(a.Address())
	}
	if s.HasOwner() {
		t.Fatal("an owner by open registration")
	}
	alice := signIn(t, a)
	if _, err := alice.c.Invite(short(t), &contractv1.InviteCreate{}); wire.AsError(err).Code != contractv1.Error_REFUSED {
		t.Fatalf("an invitation by somebody who does not own it: %v", err)
	}
	l, err := s.Invite(short(t), 1, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	b, err := register(t, l, wire.Register{Op: "new", User: "bob", Token: l.Token})
	if err != nil || !b.Owner || !s.HasOwner() {
		t.Fatalf("the owner: %v, %v", b, err)
	}
	bob := signIn(t, b)
	inv, err := bob.c.Invite(short(t), &contractv1.InviteCreate{Uses: 2, TtlS: 60})
	if err != nil || inv.Uses != 2 {
		t.Fatalf("invite: %v, %v", inv, err)
	}
	parsed, err := wire.ParseLink(inv.Link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := register(t, parsed, wire.Register{Op: "new", User: "carol", Token: parsed.Token}); err != nil {
		t.Fatal(err)
	}
}

func TestTheStoreOpensAgainUnderTraffic(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	const own, n = "dm.alice.alice", 100
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range n {
			alice.say(own, fmt.Sprint(i))
		}
	}()
	alice.waitEntries(own, 10)
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	<-done
	same(t, alice.waitEntries(own, n), signIn(t, alice.a).entries(own))
	// The directory still hears of changes, and still writes them.
	bob := signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	bob.say(conv, "hello")
	alice.waitEntries(conv, 1)
}

func TestANewStoreIsBeyondOldCursors(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder})
	alice := signIn(t, join(t, s, "alice"))
	const own = "dm.alice.alice"
	last := alice.say(own, "in the old store")
	alice.leave()
	s.Close()
	if err := os.RemoveAll(filepath.Join(folder, "store")); err != nil {
		t.Fatal(err)
	}
	s = start(t, server.Options{Folder: folder}) // the same key, nothing else; the index is of another store
	a := join(t, s, "alice")
	again := signIn(t, a, &contractv1.Cursor{Conversation: own, Seq: last})
	again.say(own, "in the new store")
	if got := again.waitEntries(own, 1)[0]; got.Seq <= last || string(got.Body) != "in the new store" {
		t.Errorf("an entry at %d, the cursor was %d", got.Seq, last)
	}
	if store, index, err := s.Stored(short(t)); err != nil || store != 1 || index != 1 {
		t.Errorf("the store has %d, the index %d: %v", store, index, err)
	}
}
