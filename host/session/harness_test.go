package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"switchboard/host/store"
	"switchboard/host/views"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ Views = (*views.Cache)(nil)

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
	quiet    bool   // mentions do not pass over mutes
	refused  string // the policy's sentence for everything
	caps     []string
	events   []Event
	ensures  int
	noEnsure error
	dead     bool // crashed: nothing gets out any more
	opts     func(*Options)
	now      func() time.Time
}

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
		MentionsAlways: func() bool {
			h.mu.Lock()
			defer h.mu.Unlock()
			return !h.quiet
		},
		Group: func(conversation string) (Group, bool) { return h.n.groups.of(conversation, h.address) },
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
	err := h.store.Update(func(*store.Tx) error { // nothing is written meanwhile
		h.mu.Lock()
		defer h.mu.Unlock()
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
		if !h.n.hears(conversation, h.address) {
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
		if h.n.hears(v.Conversation, h.address) && (v.Value.Scope == contractv1.StateValue_EVERYONE || v.Value.Author == h.address) {
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

// uid is the same id of an offer for the same name.
func uid(name string) string { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)).String() }

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
