package nats

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"switchboard/plugins/nats/companion"
	"switchboard/plugins/nats/wire"
	"switchboard/sdk/network"
	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeHost is what a host gives the plugin: secrets, connections, a companion.
type fakeHost struct {
	t      *testing.T
	folder string // of the companion

	mu      sync.Mutex
	secrets map[string][]byte
	full    bool // no account can be stored
	events  []*contractv1.NetEvent
	changed chan struct{}
	stop    func()
}

func newHost(t *testing.T) *fakeHost {
	h := &fakeHost{t: t, folder: t.TempDir(), secrets: map[string][]byte{}, changed: make(chan struct{})}
	t.Cleanup(h.stopCompanion)
	return h
}

func (h *fakeHost) Emit(_ context.Context, e *contractv1.NetEvent) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
	close(h.changed)
	h.changed = make(chan struct{})
	return nil
}

func (h *fakeHost) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func (h *fakeHost) Secret(_ context.Context, name string) ([]byte, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.secrets[name]
	return v, ok, nil
}

func (h *fakeHost) SetSecret(_ context.Context, name string, value []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(value) > contractv1.MaxSecret || (h.full && name == secretAccount) {
		return errors.New("too large")
	}
	h.secrets[name] = value
	return nil
}

// Companion starts the companion in this process.
func (h *fakeHost) Browse(context.Context, string, time.Duration) ([]*contractv1.Nearby, error) {
	return nil, nil
}

func (h *fakeHost) Companion(ctx context.Context, onlyIfRunning bool) (net.Conn, error) {
	path := filepath.Join(h.folder, companion.SocketName)
	var d net.Dialer
	if conn, err := d.DialContext(ctx, "unix", path); err == nil || onlyIfRunning {
		return conn, err
	}
	run, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := companion.Run(run, h.folder, w, hclog.NewNullLogger())
		_ = w.CloseWithError(err)
	}()
	ready := make([]byte, 6)
	if _, err := io.ReadFull(r, ready); err != nil {
		cancel()
		return nil, err
	}
	h.mu.Lock()
	h.stop = func() { cancel(); <-done }
	h.mu.Unlock()
	return d.DialContext(ctx, "unix", path)
}

func (h *fakeHost) stopCompanion() {
	h.mu.Lock()
	stop := h.stop
	h.stop = nil
	h.mu.Unlock()
	if stop != nil {
		stop()
	}
}

func (h *fakeHost) wait(what string, from int, is func(*contractv1.NetEvent) bool) {
	h.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		h.mu.Lock()
		events, changed := h.events, h.changed
		h.mu.Unlock()
		for ; from < len(events); from++ {
			if is(events[from]) {
				return
			}
		}
		select {
		case <-changed:
		case <-deadline:
			h.t.Fatalf("no %s in %v", what, events)
		}
	}
}

func state(s contractv1.ConnectionChanged_State) func(*contractv1.NetEvent) bool {
	return func(e *contractv1.NetEvent) bool { return e.GetConnection().GetState() == s }
}

func start(t *testing.T, h *fakeHost) *plugin {
	t.Helper()
	p := &plugin{seam: h}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return p
}

func call(t *testing.T, p *plugin, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return p.Call(ctx, c)
}

func signUp(s *contractv1.SignUp) *contractv1.NetCall {
	return &contractv1.NetCall{Call: &contractv1.NetCall_SignUp{SignUp: s}}
}

func must(t *testing.T, p *plugin, c *contractv1.NetCall) *contractv1.NetReply {
	t.Helper()
	r, err := call(t, p, c)
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	return r
}

func fails(t *testing.T, p *plugin, c *contractv1.NetCall, code contractv1.Error_Code) {
	t.Helper()
	_, err := call(t, p, c)
	var e *network.Error
	if !errors.As(err, &e) || e.Code != code || !strings.HasSuffix(e.Message, ".") {
		t.Errorf("%v: %v, want %v", c, err, code)
	}
}

func signIn(t *testing.T, h *fakeHost, p *plugin) {
	t.Helper()
	from := len(h.events)
	must(t, p, &contractv1.NetCall{Call: &contractv1.NetCall_SignIn{SignIn: &contractv1.SignIn{
		Presence: &contractv1.SetPresence{Status: contractv1.SetPresence_AVAILABLE}}}})
	h.wait("connection", from, state(contractv1.ConnectionChanged_CONNECTED))
}

func TestFromNothingToAConversation(t *testing.T) {
	ah, bh, b2h := newHost(t), newHost(t), newHost(t)
	alice, bob, bob2 := start(t, ah), start(t, bh), start(t, b2h)
	in := &contractv1.NetCall{Call: &contractv1.NetCall_SignIn{SignIn: &contractv1.SignIn{}}}
	fails(t, alice, in, contractv1.Error_NOT_FOUND)
	fails(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_Devices{Devices: &contractv1.DevicesList{}}}, contractv1.Error_UNAVAILABLE)

	local := signUp(&contractv1.SignUp{Mode: contractv1.SignUp_LOCAL, User: "alice", Name: "Alice", DeviceName: strings.Repeat("ä", 60), Id: "1"})
	a := must(t, alice, local).GetAccount()
	if a.Address != "alice@local" || !a.Owner || a.NetworkKey == "" || a.Device == "" {
		t.Fatalf("account: %v", a)
	}
	if again := must(t, alice, local).GetAccount(); again.Device != a.Device {
		t.Errorf("a repeat: %v", again)
	}
	fails(t, alice, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_LOCAL, User: "other"}), contractv1.Error_TAKEN)
	signIn(t, ah, alice)

	inv := must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_Invite{Invite: &contractv1.InviteCreate{}}}).GetInvite()
	link, err := wire.ParseLink(inv.Link)
	if err != nil {
		t.Fatal(err)
	}
	fails(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, User: "alice", Link: inv.Link}), contractv1.Error_TAKEN)
	fails(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, User: "B@D", Link: inv.Link}), contractv1.Error_INVALID)
	fails(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, User: "bob", Link: "switchboard://nowhere"}), contractv1.Error_INVALID)
	plain := link
	plain.Token = ""
	fails(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, User: "bob", Link: plain.String()}), contractv1.Error_INVALID)
	fails(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_SERVER, User: "bob", Link: plain.String()}), contractv1.Error_REFUSED)
	fails(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_SERVER, User: "bob", Link: "chat.example.org"}), contractv1.Error_INVALID)
	wrong := link
	wrong.Key = append(append([]byte{}, link.Key[1:]...), 1)
	fails(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, User: "bob", Link: wrong.String()}), contractv1.Error_UNAUTHENTICATED)
	b := must(t, bob, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, User: "bob", Name: "Bob", Link: inv.Link})).GetAccount()
	if b.Address != "bob@local" || b.Owner || b.NetworkKey != a.NetworkKey {
		t.Fatalf("account: %v", b)
	}
	signIn(t, bh, bob)

	code := must(t, bob, &contractv1.NetCall{Call: &contractv1.NetCall_DeviceLink{DeviceLink: &contractv1.DeviceLink{}}}).GetDeviceCode()
	join := signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, DeviceCode: strings.ToLower(code.Code), Link: plain.String()})
	if b2 := must(t, bob2, join).GetAccount(); b2.Address != b.Address || b2.Device == b.Device || b2.Name != "Bob" {
		t.Fatalf("the second device: %v", b2)
	}
	signIn(t, b2h, bob2)

	must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_Roster{Roster: &contractv1.RosterChange{Op: contractv1.RosterChange_REQUEST, Address: "bob"}}})
	must(t, bob2, &contractv1.NetCall{Call: &contractv1.NetCall_Roster{Roster: &contractv1.RosterChange{Op: contractv1.RosterChange_ACCEPT, Address: "alice@local"}}})
	post := &contractv1.NetCall{Call: &contractv1.NetCall_Post{Post: &contractv1.Post{Conversation: "dm.alice.bob", Envelopes: []*contractv1.Envelope{{
		Id: uuid.NewString(), Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("hello")}}}}}
	if r := must(t, alice, post).GetPost(); r.Results[0].GetStored() == nil {
		t.Fatalf("post: %v", r)
	}
	for _, h := range []*fakeHost{bh, b2h} {
		h.wait("message", 0, func(e *contractv1.NetEvent) bool {
			l := e.GetEnvelopes().GetEnvelopes()
			return len(l) > 0 && string(l[0].Body) == "hello" && l[0].From == "alice@local"
		})
	}

	group := inGroup(t, alice, bh, b2h)

	// The computer was off: a new process of the plugin starts the companion.
	ah.stopCompanion()
	again := start(t, ah)
	if err := alice.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	signIn(t, ah, again)
	if r := must(t, again, &contractv1.NetCall{Call: &contractv1.NetCall_Fetch{Fetch: &contractv1.NetFetch{Conversation: "dm.alice.bob"}}}).GetFetch(); len(r.Envelopes) != 1 {
		t.Errorf("fetched %v", r)
	}
	if r := must(t, again, &contractv1.NetCall{Call: &contractv1.NetCall_Fetch{Fetch: &contractv1.NetFetch{Conversation: group}}}).GetFetch(); len(r.Envelopes) != 3 {
		t.Errorf("of the group: %v", r)
	}
	if r := must(t, again, &contractv1.NetCall{Call: &contractv1.NetCall_IceServers{IceServers: &contractv1.IceServers{}}}); r.GetIceServers() == nil {
		t.Error("no list of ice servers")
	}
}

// inGroup makes a group with bob in it and writes there.
func inGroup(t *testing.T, alice *plugin, bobs ...*fakeHost) (conversation string) {
	t.Helper()
	change := func(c *contractv1.GroupChange) *contractv1.NetCall {
		return &contractv1.NetCall{Call: &contractv1.NetCall_Group{Group: c}}
	}
	g := must(t, alice, change(&contractv1.GroupChange{Op: contractv1.GroupChange_CREATE, Name: "Team", Id: uuid.NewString()})).GetGroup()
	if g.State != contractv1.Group_IN || g.Role != contractv1.Group_OWNER {
		t.Fatalf("the group: %v", g)
	}
	fails(t, alice, change(&contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: g.Id, Address: "nobody"}), contractv1.Error_REFUSED)
	must(t, alice, change(&contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Group: g.Id, Address: "bob"}))
	r := must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_Post{Post: &contractv1.Post{Conversation: g.Conversation, Envelopes: []*contractv1.Envelope{{
		Id: uuid.NewString(), Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("to all")}}}}}).GetPost()
	if r.Results[0].GetStored() == nil {
		t.Fatalf("post: %v", r)
	}
	for _, h := range bobs {
		h.wait("the group", 0, func(e *contractv1.NetEvent) bool {
			l := e.GetGroups().GetGroups()
			return len(l) > 0 && l[0].Id == g.Id && l[0].State == contractv1.Group_IN
		})
		h.wait("the group's message", 0, func(e *contractv1.NetEvent) bool {
			l := e.GetEnvelopes().GetEnvelopes()
			return len(l) > 0 && string(l[len(l)-1].Body) == "to all"
		})
	}
	return g.Conversation
}

func TestARegistrationCutShortIsTheSameDevice(t *testing.T) {
	h := newHost(t)
	s := &contractv1.SignUp{Mode: contractv1.SignUp_LOCAL, User: "alice", Id: "attempt"}
	h.full = true // the crash comes between the server's answer and the disk
	if _, err := call(t, start(t, h), signUp(s)); err == nil {
		t.Fatal("an account that is not stored")
	}
	h.full = false
	if a := must(t, start(t, h), signUp(s)).GetAccount(); a.Address != "alice@local" || !a.Owner {
		t.Errorf("the second try: %v", a)
	}
}
