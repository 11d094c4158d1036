package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"switchboard/host/bridge"
	"switchboard/host/store"
	"switchboard/host/views"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ Views = (*views.Cache)(nil)

// network is one order for every conversation, scripted by the test.
type network struct {
	mu     sync.Mutex
	seq    int64
	clock  int64
	logs   map[string][]*contractv1.Envelope
	states []*contractv1.NetState
	hosts  []*host
	posts  int // batches that came
	sets   int // state values that came
	sigs   int
	// answer may change what a post is answered; drop loses the answer.
	answer func(h *host, e *contractv1.Envelope) *contractv1.PostResult
	drop   func() bool
}

func newNetwork() *network {
	return &network{logs: map[string][]*contractv1.Envelope{}, clock: time.Now().UnixMilli()}
}

var errLost = errors.New("the answer was lost")

// call is a host's NetCall.
func (n *network) call(h *host, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !h.connected {
		return nil, errors.New("not connected")
	}
	switch b := c.GetCall().(type) {
	case *contractv1.NetCall_Post:
		r := n.post(h, b.Post)
		if n.drop != nil && n.drop() {
			return nil, errLost
		}
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Post{Post: r}}, nil
	case *contractv1.NetCall_Fetch:
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Fetch{Fetch: n.fetch(b.Fetch)}}, nil
	case *contractv1.NetCall_SetState:
		n.sets++
		v := proto.Clone(b.SetState).(*contractv1.NetState)
		v.Value.Author = h.address
		n.states = append(n.states, v)
		for _, o := range n.hosts {
			if o.connected && (v.Value.Scope == contractv1.StateValue_EVERYONE || o.address == h.address) && takesPart(v.Conversation, o.address) {
				o.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: &contractv1.StateChange{Values: []*contractv1.NetState{v}}}})
			}
		}
	case *contractv1.NetCall_Signal:
		n.sigs++
		s := proto.Clone(b.Signal).(*contractv1.NetSignal)
		s.Signal.From, s.Signal.Device = h.address, h.device
		for _, o := range n.hosts {
			if o.connected && takesPart(s.Conversation, o.address) {
				o.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_Signal{Signal: s}})
			}
		}
	}
	return &contractv1.NetReply{}, nil
}

func (n *network) post(h *host, p *contractv1.Post) *contractv1.PostReply {
	n.posts++
	r := &contractv1.PostReply{}
	for _, e := range p.GetEnvelopes() {
		if n.answer != nil {
			if a := n.answer(h, e); a != nil {
				a.Id = e.GetId()
				r.Results = append(r.Results, a)
				if a.GetRetry() != nil {
					return r
				}
				continue
			}
		}
		seq, at := n.append(h.address, h.device, e)
		r.Results = append(r.Results, &contractv1.PostResult{Id: e.GetId(),
			Result: &contractv1.PostResult_Stored{Stored: &contractv1.Stored{Seq: seq, TimeMs: at}}})
	}
	return r
}

// append orders an entry; a repeat of an id is answered with its first seq.
func (n *network) append(address, device string, e *contractv1.Envelope) (int64, int64) {
	for _, old := range n.logs[e.GetConversation()] {
		if old.GetId() == e.GetId() && old.GetFrom() == address && old.GetDevice() == device {
			return old.GetSeq(), old.GetTimeMs()
		}
	}
	return n.force(address, device, e)
}

// force orders an entry whatever its id is.
func (n *network) force(address, device string, e *contractv1.Envelope) (int64, int64) {
	e = proto.Clone(e).(*contractv1.Envelope)
	n.seq++
	n.clock = max(n.clock+1, time.Now().UnixMilli())
	e.From, e.Device, e.Seq, e.TimeMs = address, device, n.seq, n.clock
	n.logs[e.Conversation] = append(n.logs[e.Conversation], e)
	for _, o := range n.hosts {
		if o.connected && takesPart(e.Conversation, o.address) {
			o.envelopes(e.Conversation, []*contractv1.Envelope{e})
		}
	}
	return e.Seq, e.TimeMs
}

func (n *network) fetch(f *contractv1.NetFetch) *contractv1.NetFetchReply {
	r := &contractv1.NetFetchReply{}
	for _, e := range n.logs[f.GetConversation()] {
		if e.GetSeq() <= f.GetAfterSeq() || f.GetBeforeSeq() > 0 && e.GetSeq() >= f.GetBeforeSeq() {
			continue
		}
		if len(r.Envelopes) == int(f.GetLimit()) {
			r.More = true
			break
		}
		r.Envelopes = append(r.Envelopes, e)
	}
	return r
}

// inject orders an entry of somebody who is not in the test.
func (n *network) inject(from, device string, e *contractv1.Envelope) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e.Id == "" {
		e.Id = newID()
	}
	seq, _ := n.force(from, device, e)
	return seq
}

// host is an engine on a real store with plugins that live in the test.
type host struct {
	t         *testing.T
	n         *network
	address   string
	device    string
	dir       string
	store     *store.Store
	views     *views.Cache
	e         *Engine
	connected bool // under n.mu

	mu       sync.Mutex
	running  map[string]*process
	data     map[string]*pluginData // survives the plugin's process
	off      map[string]string      // switched off, with the reason
	missing  map[string]bool
	refused  string // the policy's sentence for everything
	caps     []string
	events   []Event
	ensures  int
	noEnsure error
	dead     bool // crashed: nothing gets out any more
	opts     func(*Options)
	now      func() time.Time
}

var manifests = map[string]string{
	"im": `id="im"
name="Messages"
version="1"
kind="feature"
contract=1
exec="im"
protocol=1
accepts=[1]
resident=true
[session]
kind="standing"
[[command]]
name="send"
scope="session"
args=[{name="text", type="string"}]
[[command]]
name="ping"
scope="plugin"
`,
	"game": `id="game"
name="Game"
version="1"
kind="feature"
contract=1
exec="game"
protocol=2
accepts=[1, 2]
[session]
kind="offer"
ends="owner"
offer_ttl="60s"
`,
	"call": `id="call"
name="Call"
version="1"
kind="feature"
contract=1
exec="call"
protocol=1
accepts=[1]
[session]
kind="offer"
ends="last"
`,
	"notes": `id="notes"
name="Notes"
version="1"
kind="feature"
contract=1
exec="notes"
protocol=1
accepts=[1]
[session]
kind="solo"
`,
	"nats": `id="nats"
name="Network"
version="1"
kind="network"
contract=1
exec="nats"
protocol=1
accepts=[1]
`,
}

var parsed = sync.OnceValue(func() map[string]*manifest.Manifest {
	m := map[string]*manifest.Manifest{}
	for id, text := range manifests {
		if !strings.Contains(text, "summary") {
			text = strings.Replace(text, "\nversion", "\nsummary=\"test\"\npublisher=\"test\"\nlicense=\"Apache-2.0\"\nversion", 1)
		}
		one, err := manifest.Parse([]byte(strings.Replace(text, "version=\"1\"", "version=\"1.0.0\"", 1)), id+".toml")
		if err != nil {
			panic(err)
		}
		m[id] = one
	}
	return m
})

func newHost(t *testing.T, n *network, address, device string) *host {
	t.Helper()
	h := &host{t: t, n: n, address: address, device: device, dir: t.TempDir(), running: map[string]*process{},
		data: map[string]*pluginData{}, off: map[string]string{}, missing: map[string]bool{}, now: time.Now}
	h.start()
	n.mu.Lock()
	n.hosts = append(n.hosts, h)
	n.mu.Unlock()
	t.Cleanup(h.stop)
	return h
}

func (h *host) start() {
	h.t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(h.dir, "store.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.store, h.views = s, views.New(func(model.SessionKey) {})
	h.dead = false
	link := &link{h: h}
	o := Options{Store: s, Plugins: link, Network: link, Views: h.views, Catalog: link,
		Permit: func(Permission, string) (bool, string) {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.refused == "", h.refused
		},
		Self:         func() (string, string, bool) { return h.address, h.device, true },
		Capabilities: func(string) ([]string, bool) { return h.caps, h.caps != nil },
		Notify: func(ev Event) {
			h.mu.Lock()
			h.events = append(h.events, ev)
			h.mu.Unlock()
		},
		Now: func() time.Time {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.now()
		},
	}
	if h.opts != nil {
		h.opts(&o)
	}
	if h.e, err = New(o); err != nil {
		h.t.Fatal(err)
	}
	link.e = h.e
}

// stop ends the host in good order.
func (h *host) stop() {
	h.disconnect()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.e.Close(ctx); err != nil {
		h.t.Error(err)
	}
	h.killAll(nil)
	h.store.Close()
}

// crash loses everything that was not on the disk, and starts anew.
func (h *host) crash() {
	h.t.Helper()
	copied := filepath.Join(h.t.TempDir(), "crash")
	h.snapshot(copied)
	h.restore(copied)
}

// snapshot copies the profile as a crash at this moment would leave it.
func (h *host) snapshot(to string) {
	h.t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		h.t.Fatal(err)
	}
	stop := errors.New("copied")
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.store.Update(func(*store.Tx) error { // nothing is written meanwhile
		for _, name := range []string{"store.db", "store.db-wal"} {
			data, err := os.ReadFile(filepath.Join(h.dir, name))
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
				return err
			}
		}
		return stop
	})
	if !errors.Is(err, stop) {
		h.t.Fatal(err)
	}
}

// restore ends the host without a word and starts it on another profile.
func (h *host) restore(from string) {
	h.t.Helper()
	h.n.mu.Lock()
	h.connected = false
	h.n.mu.Unlock()
	h.mu.Lock()
	h.dead = true
	h.mu.Unlock()
	h.killAll(nil)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.e.Close(ctx); err != nil {
		h.t.Fatal(err)
	}
	h.store.Close()
	h.dir = h.t.TempDir()
	for _, name := range []string{"store.db", "store.db-wal"} {
		if data, err := os.ReadFile(filepath.Join(from, name)); err == nil {
			if err := os.WriteFile(filepath.Join(h.dir, name), data, 0o600); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	h.start()
}

// connect signs in: everything beyond the cursors first, then connected.
func (h *host) connect() {
	cursors := map[string]int64{}
	for _, c := range h.e.Cursors() {
		cursors[c.GetConversation()] = c.GetSeq()
	}
	h.n.mu.Lock()
	defer h.n.mu.Unlock()
	if h.connected {
		return
	}
	for conversation, log := range h.n.logs {
		if !takesPart(conversation, h.address) {
			continue
		}
		var list []*contractv1.Envelope
		for _, e := range log {
			if e.GetSeq() > cursors[conversation] {
				list = append(list, e)
			}
		}
		for len(list) > 0 {
			k := min(len(list), 7)
			h.envelopes(conversation, list[:k])
			list = list[k:]
		}
	}
	for _, v := range h.n.states {
		if takesPart(v.Conversation, h.address) && (v.Value.Scope == contractv1.StateValue_EVERYONE || v.Value.Author == h.address) {
			h.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: &contractv1.StateChange{Values: []*contractv1.NetState{v}}}})
		}
	}
	h.connected = true
	h.event(connection(contractv1.ConnectionChanged_CONNECTED))
}

func connection(s contractv1.ConnectionChanged_State) *contractv1.NetEvent {
	return &contractv1.NetEvent{Event: &contractv1.NetEvent_Connection{Connection: &contractv1.ConnectionChanged{State: s}}}
}

func (h *host) disconnect() {
	h.n.mu.Lock()
	h.connected = false
	h.n.mu.Unlock()
	h.e.NetEvent(connection(contractv1.ConnectionChanged_OFFLINE))
}

func (h *host) event(ev *contractv1.NetEvent) { h.e.NetEvent(ev) }

func (h *host) envelopes(conversation string, list []*contractv1.Envelope) {
	h.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_Envelopes{Envelopes: &contractv1.Envelopes{
		Conversation: conversation, Envelopes: list}}})
}

// link is what an engine is connected to; a crashed host's leads nowhere.
type link struct {
	h *host
	e *Engine
}

func (l *link) Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.h.isDead() {
		return nil, errors.New("crashed")
	}
	return l.h.n.call(l.h, c)
}

func (h *host) isDead() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dead
}

func (l *link) Manifest(id string) (*manifest.Manifest, bool) {
	l.h.mu.Lock()
	defer l.h.mu.Unlock()
	m, ok := parsed()[id]
	return m, ok && !l.h.missing[id]
}

func (l *link) Enabled(id string) (bool, string) {
	l.h.mu.Lock()
	defer l.h.mu.Unlock()
	reason, off := l.h.off[id]
	return !off, reason
}

func (l *link) Ensure(_ context.Context, id string) error {
	h := l.h
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ensures++
	if h.noEnsure != nil {
		return h.noEnsure
	}
	if h.dead || h.running[id] != nil {
		return nil
	}
	d := h.data[id]
	if d == nil {
		d = &pluginData{sessions: map[model.SessionKey]*sessionData{}}
		h.data[id] = d
	}
	h.running[id] = startProcess(h, l.e, id, d)
	return nil
}

func (l *link) Send(id string, f *contractv1.HostFrame) error {
	l.h.mu.Lock()
	p := l.h.running[id]
	l.h.mu.Unlock()
	if p == nil {
		return bridge.ErrClosed
	}
	return p.send(f)
}

// kill ends a plugin's process at once, whatever it was doing.
func (h *host) kill(id string, err error) {
	p := h.process(id)
	if p == nil || !p.stop() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.running, id)
	p.e.PluginDown(id, err)
}

func (h *host) killAll(err error) {
	for id := range manifests {
		h.kill(id, err)
	}
}

func (h *host) process(id string) *process {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.running[id]
}

// log is what a plugin has of a session.
func (h *host) log(id string, k model.SessionKey) []string {
	h.mu.Lock()
	d := h.data[id]
	h.mu.Unlock()
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sessions[k]; s != nil {
		return append([]string(nil), s.log...)
	}
	return nil
}

func (h *host) sawEvent(kind, session, state string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ev := range h.events {
		if ev.Kind == kind && (session == "" || ev.Session == session) && (state == "" || ev.State == state) {
			return true
		}
	}
	return false
}

// send runs im's command and answers the update's id.
func (h *host) send(conversation, text string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	id, err := h.e.Command(ctx, conversation, "im", "send", []byte(text))
	return string(id), err
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *host) session(k model.SessionKey) model.Session {
	for _, s := range h.e.Sessions() {
		if s.Key == k {
			return s
		}
	}
	return model.Session{}
}

func (h *host) waitState(k model.SessionKey, want model.SessionState) {
	h.t.Helper()
	eventually(h.t, fmt.Sprintf("%s/%s: session is %s", h.address, h.device, want), func() bool { return h.session(k).State == want })
}
