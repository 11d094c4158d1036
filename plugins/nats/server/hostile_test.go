package server_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// raw is a client of an attacker's making: the same keys, none of our manners.
type raw struct {
	t  *testing.T
	nc *nats.Conn
	a  *client.Account

	mu     sync.Mutex
	faults []error
}

func attack(t *testing.T, a *client.Account, more ...nats.Option) (*raw, error) {
	t.Helper()
	r := &raw{t: t, a: a}
	kp, err := nkeys.FromSeed(a.Seed)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	opts := append([]nats.Option{
		nats.Secure(wire.ClientTLS(a.Key)), nats.TLSHandshakeFirst(), nats.NoReconnect(), nats.Nkey(pub, kp.Sign),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.faults = append(r.faults, err)
		}),
	}, more...)
	r.nc, err = nats.Connect("tls://"+a.Addresses[0], opts...)
	if err == nil {
		t.Cleanup(r.nc.Close)
	}
	return r, err
}

// denied runs something and reports whether the server named a violation.
func (r *raw) denied(do func()) bool {
	r.t.Helper()
	r.mu.Lock()
	r.faults = nil
	r.mu.Unlock()
	do()
	_ = r.nc.FlushTimeout(2 * time.Second)
	for range 40 {
		r.mu.Lock()
		n := len(r.faults)
		r.mu.Unlock()
		if n > 0 {
			return true
		}
		time.Sleep(2 * time.Millisecond)
	}
	return false
}

// request sends to a subject the attacker may use and waits for its own answer.
func (r *raw) request(subject string, data []byte, header nats.Header, reply string) (*nats.Msg, error) {
	r.t.Helper()
	sub, err := r.nc.SubscribeSync(wire.AnswerSubject(r.a.User, r.a.Device, "attack"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	m := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{}, Reply: reply}
	m.Header.Set(wire.HeaderRequest, "attack")
	for k, v := range header {
		m.Header[k] = v
	}
	if err := r.nc.PublishMsg(m); err != nil {
		r.t.Fatal(err)
	}
	return sub.NextMsg(300 * time.Millisecond)
}

func batch(conv string, all ...*contractv1.Envelope) []byte {
	data, err := proto.Marshal(&contractv1.Post{Conversation: conv, Envelopes: all})
	if err != nil {
		panic(err)
	}
	return data
}

// hostile is a network on which mallory attacks alice and bob, who are friends.
type hostile struct {
	s          *server.Server
	alice, bob *peer
	mallory    *raw
	eve        *peer
}

func newHostile(t *testing.T) *hostile {
	s := start(t, server.Options{})
	h := &hostile{s: s, alice: signIn(t, join(t, s, "alice")), bob: signIn(t, join(t, s, "bob")), eve: signIn(t, join(t, s, "eve"))}
	befriend(t, h.alice, h.bob)
	m := signIn(t, join(t, s, "mallory"))
	befriend(t, m, h.eve)
	var err error
	if h.mallory, err = attack(t, m.a); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHostilePublish(t *testing.T) {
	t.Parallel()
	h := newHostile(t)
	m := h.mallory
	alice, me, dev := h.alice.a, m.a.User, m.a.Device
	for name, subject := range map[string]string{
		"as another user":               wire.PostSubject("bob", "alice", alice.Device),
		"as another device of mine":     wire.PostSubject("eve", me, alice.Device),
		"with a wildcard for the user":  "post.dm.bob.*." + dev,
		"straight into a conversation":  "conv.dm.alice.bob",
		"into my own conversation":      "conv.dm.eve.mallory",
		"onto a live subject":           wire.LiveSubject("alice", "bob"),
		"onto my own live subject":      wire.LiveSubject("mallory", "mallory"),
		"a false answer":                wire.AnswerSubject("alice", alice.Device, "x"),
		"a false answer to myself":      wire.AnswerSubject(me, dev, "x"),
		"a false push":                  wire.PushSubject("alice", wire.PushRoster),
		"a false presence":              wire.PresenceSubject("alice", "bob"),
		"my own presence by hand":       wire.PresenceSubject("alice", me),
		"a signal past the service":     wire.EphemeralSubject("alice", me, dev),
		"a signal as another":           wire.SignalSubject("alice", "bob", h.bob.a.Device),
		"another's directory":           wire.DirSubject(wire.OpRevoke, "alice", alice.Device),
		"another's box":                 wire.BoxSubject("alice", alice.Device),
		"another's box, my device":      wire.BoxSubject("alice", dev),
		"registration with a user's":    wire.RegisterSubject("UABC"),
		"the store's interface: info":   "$JS.API.STREAM.INFO.CONV",
		"the store's interface: purge":  "$JS.API.STREAM.PURGE.CONV",
		"the store's interface: delete": "$JS.API.STREAM.DELETE.CONV",
		"the store's interface: read":   "$JS.API.DIRECT.GET.CONV",
		"the store's interface: update": "$JS.API.STREAM.UPDATE.CONV",
		"the directory's bucket":        "$KV.DIR.user.mallory",
		"a state by hand":               "state.e.alice.bob.alice.im.im.read",
		"the system: ping":              "$SYS.REQ.SERVER.PING",
		"the system: kick":              "$SYS.REQ.SERVER.X.KICK",
		"the system: an event":          "$SYS.ACCOUNT.SB.DISCONNECT",
		"the callout":                   "$SYS.REQ.USER.AUTH",
		"any subject":                   "anything",
		"an inbox":                      "_INBOX.x",
	} {
		t.Run(name, func(t *testing.T) {
			if !m.denied(func() { _ = m.nc.PublishMsg(&nats.Msg{Subject: subject, Data: []byte("{}")}) }) {
				t.Errorf("%s is not refused", subject)
			}
		})
	}
}

func TestHostileSubscribe(t *testing.T) {
	t.Parallel()
	h := newHostile(t)
	m := h.mallory
	for name, subject := range map[string]string{
		"everything": ">", "all of one token": "*", "all conversations": "live.dm.*.*", "all live": "live.>",
		"another's conversation": "live.dm.alice.bob", "another's conversations": "live.dm.alice.*",
		"all answers": "in.>", "another's answers": "in.alice.>", "all pushes": "in.*.me.*", "another's pushes": "in.alice.me.*",
		"all presence": "pres.>", "another's presence": "pres.alice.*", "all signals": "eph.>", "another's signals": "eph.alice.>",
		"posts": "post.>", "directory": "dir.>", "box": "box.>", "registrations": "reg.>", "answers to registrations": "regre.>",
		"the stream": "conv.>", "states": "state.>", "system": "$SYS.>", "store": "$JS.>", "bucket": "$KV.>", "inboxes": "_INBOX.>",
		"my other device": "in." + m.a.User + ".aaaaaaaaaaaa.>",
	} {
		t.Run(name, func(t *testing.T) {
			if !m.denied(func() {
				if sub, err := m.nc.SubscribeSync(subject); err == nil {
					defer func() { _ = sub.Unsubscribe() }()
				}
			}) {
				t.Errorf("%s is not refused", subject)
			}
		})
	}
}

func TestHostilePosts(t *testing.T) {
	t.Parallel()
	h := newHostile(t)
	m := h.mallory
	me, dev := m.a.User, m.a.Device
	post := func(peer string) string { return wire.PostSubject(peer, me, dev) }
	forged := entry("forged")
	forged.From, forged.Device, forged.Seq, forged.TimeMs = "alice@local", h.alice.a.Device, 1, 5
	with := func(f func(*contractv1.Envelope)) *contractv1.Envelope { e := entry("x"); f(e); return e }
	refusedBy := func(t *testing.T, msg *nats.Msg, err error) {
		t.Helper()
		if err != nil {
			return // no answer at all
		}
		if msg.Header.Get(wire.HeaderError) != "" {
			return
		}
		var r contractv1.PostReply
		if err := proto.Unmarshal(msg.Data, &r); err != nil {
			t.Fatal(err)
		}
		for _, x := range r.Results {
			if x.GetRefused() == nil {
				t.Errorf("taken: %v", x)
			}
		}
	}
	for name, c := range map[string]struct {
		subject string
		data    []byte
	}{
		"to a stranger":                 {post("alice"), batch("dm.alice.mallory", entry("x"))},
		"to nobody":                     {post("nobody"), batch("dm.mallory.nobody", entry("x"))},
		"to *":                          {"post.dm.*." + me + "." + dev, batch("dm.*.mallory", entry("x"))},
		"to >":                          {"post.dm.%3E." + me + "." + dev, batch("dm.>.mallory", entry("x"))},
		"to two tokens":                 {"post.dm.a.b." + me + "." + dev, batch("dm.a.mallory", entry("x"))},
		"a room":                        {"post.room.eve." + me + "." + dev, batch("room.eve", entry("x"))},
		"a foreign conversation":        {post("eve"), batch("dm.alice.bob", entry("x"))},
		"a foreign conversation inside": {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Conversation = "dm.alice.bob" }))},
		"no id":                         {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Id = "" }))},
		"an id with dots":               {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Id = "alice.x.y" }))},
		"a long id":                     {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Id = strings.Repeat("a", 65) }))},
		"a session with wildcards":      {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Session = "*" }))},
		"a plugin that is no name":      {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Plugin = "../im" }))},
		"membership":                    {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Kind = contractv1.Envelope_MEMBERSHIP }))},
		"an unknown kind":               {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Kind = 99 }))},
		"a large body":                  {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.Body = make([]byte, contractv1.MaxUpdate+1) }))},
		"a strange device":              {post("eve"), batch("dm.eve.mallory", with(func(e *contractv1.Envelope) { e.TargetDevice = "*" }))},
		"an empty batch":                {post("eve"), batch("dm.eve.mallory")},
		"a large batch":                 {post("eve"), batch("dm.eve.mallory", make([]*contractv1.Envelope, 65)...)},
		"noise":                         {post("eve"), []byte("\xff\xfe noise")},
	} {
		t.Run(name, func(t *testing.T) {
			msg, err := m.request(c.subject, c.data, nil, "")
			refusedBy(t, msg, err)
		})
	}

	t.Run("a forged sender is replaced", func(t *testing.T) {
		if _, err := m.request(post("eve"), batch("dm.eve.mallory", forged), nats.Header{
			"Nats-Msg-Id": {"alice." + h.alice.a.Device + ".guess"}, "Nats-Subject": {"conv.dm.alice.bob"}, "Nats-Rollup": {"all"},
			"Nats-Expected-Stream": {"X"}, "Sb-From": {"alice"}, wire.HeaderPrevious: {"99"},
		}, ""); err != nil {
			t.Fatal(err)
		}
		got := h.eve.waitEntries("dm.eve.mallory", 1)[0]
		if got.From != "mallory@local" || got.Device != dev || got.TimeMs < 1e12 {
			t.Errorf("stored as %v", got)
		}
	})
	t.Run("a guessed id takes nothing from its owner", func(t *testing.T) {
		e := entry("mine")
		if _, err := m.request(post("eve"), batch("dm.eve.mallory", with(func(x *contractv1.Envelope) { x.Id = e.Id })),
			nats.Header{"Nats-Msg-Id": {"alice." + h.alice.a.Device + "." + e.Id}}, ""); err != nil {
			t.Fatal(err)
		}
		if r := h.alice.post(conv, e)[0]; r.GetStored() == nil {
			t.Fatalf("alice's own: %v", r)
		}
		if got := h.bob.waitEntries(conv, 1)[0]; got.Id != e.Id || string(got.Body) != "mine" {
			t.Errorf("bob has %v", got)
		}
	})
	t.Run("my own id counts once", func(t *testing.T) {
		first := with(func(e *contractv1.Envelope) { e.Body = []byte("first") })
		before := len(h.eve.entries("dm.eve.mallory"))
		for _, body := range []string{"first", "second", "third"} {
			first.Body = []byte(body)
			if _, err := m.request(post("eve"), batch("dm.eve.mallory", first), nil, ""); err != nil {
				t.Fatal(err)
			}
		}
		h.eve.waitEntries("dm.eve.mallory", before+1)
		time.Sleep(50 * time.Millisecond)
		if all := h.eve.entries("dm.eve.mallory"); len(all) != before+1 || string(all[before].Body) != "first" {
			t.Errorf("eve has %d more", len(all)-before)
		}
	})
	if n := len(h.alice.entries("dm.alice.mallory")); n != 0 {
		t.Errorf("alice got %d entries of a stranger", n)
	}
}
