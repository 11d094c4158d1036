package server_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
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

func TestHostileReplies(t *testing.T) {
	h := newHostile(t)
	m := h.mallory
	before := h.bob.mark()
	for _, reply := range []string{
		wire.LiveSubject("alice", "bob"), "conv.dm.alice.bob", wire.PushSubject("bob", wire.PushRoster),
		wire.AnswerSubject("bob", h.bob.a.Device, "x"), wire.PresenceSubject("bob", "alice"), "$JS.API.STREAM.PURGE.CONV", "state.e.alice.bob.x.im.im.k",
	} {
		for _, subject := range []string{
			wire.BoxSubject(m.a.User, m.a.Device), wire.DirSubject(wire.OpDevices, m.a.User, m.a.Device), wire.PostSubject("eve", m.a.User, m.a.Device),
		} {
			// The answer goes to its own place, wherever the reply points.
			_, _ = m.request(subject, []byte(`{"op":"heads"}`), nil, reply)
		}
	}
	for _, req := range []string{"*", ">", "a.b", "", "x y", "../x", strings.Repeat("a", 65)} {
		msg := &nats.Msg{Subject: wire.BoxSubject(m.a.User, m.a.Device), Data: []byte(`{"op":"heads"}`), Header: nats.Header{wire.HeaderRequest: {req}}}
		_ = m.nc.PublishMsg(msg)
	}
	_ = m.nc.Flush()
	h.alice.say(conv, "still fine")
	got := h.bob.waitEntries(conv, 1)
	if len(got) != 1 || string(got[0].Body) != "still fine" {
		t.Errorf("bob's conversation holds %v", got)
	}
	for _, e := range h.bob.events[before:h.bob.mark()] {
		if e.GetRoster() != nil || e.GetState() != nil || (e.GetPresence() != nil && e.GetPresence().Address == "alice@local") {
			t.Errorf("bob was told %v", e)
		}
	}
}

func TestHostileQuestions(t *testing.T) {
	h := newHostile(t)
	m := h.mallory
	h.alice.say(conv, "secret")
	ask := func(op string, in any) *nats.Msg {
		t.Helper()
		data, ok := in.([]byte)
		if !ok {
			var err error
			if data, err = json.Marshal(in); err != nil {
				t.Fatal(err)
			}
		}
		subject := wire.BoxSubject(m.a.User, m.a.Device)
		if op != "" {
			subject = wire.DirSubject(op, m.a.User, m.a.Device)
		}
		msg, err := m.request(subject, data, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		return msg
	}
	state := func(f func(*contractv1.NetState)) []byte {
		n := &contractv1.NetState{Conversation: "dm.eve.mallory", Session: "im", Plugin: "im",
			Value: &contractv1.StateValue{Key: "k", Author: "alice@local", Scope: contractv1.StateValue_EVERYONE}}
		f(n)
		data, err := proto.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	change := func(op contractv1.RosterChange_Op, who string) []byte {
		data, err := proto.Marshal(&contractv1.RosterChange{Op: op, Address: who})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	revoke, err := proto.Marshal(&contractv1.DeviceRevoke{Id: h.alice.a.Device})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		op string
		in any
	}{
		"a page of a foreign conversation":  {"", wire.BoxRequest{Op: wire.BoxPage, Conversation: conv}},
		"a page of a wildcard":              {"", wire.BoxRequest{Op: wire.BoxPage, Conversation: "dm.*.mallory"}},
		"a page of everything":              {"", wire.BoxRequest{Op: wire.BoxPage, Conversation: ">"}},
		"a page before the beginning":       {"", wire.BoxRequest{Op: wire.BoxPage, Conversation: "dm.eve.mallory", From: -5}},
		"an unknown question":               {"", wire.BoxRequest{Op: "purge"}},
		"a question with more fields":       {"", []byte(`{"op":"heads","user":"alice"}`)},
		"a state of a foreign conversation": {wire.OpState, state(func(n *contractv1.NetState) { n.Conversation = conv })},
		"a state towards a stranger":        {wire.OpState, state(func(n *contractv1.NetState) { n.Conversation = "dm.alice.mallory" })},
		"a state key with wildcards":        {wire.OpState, state(func(n *contractv1.NetState) { n.Value.Key = ">" })},
		"a state key of dots":               {wire.OpState, state(func(n *contractv1.NetState) { n.Value.Key = ".." })},
		"a state session with dots":         {wire.OpState, state(func(n *contractv1.NetState) { n.Session = "a.b" })},
		"a large state":                     {wire.OpState, state(func(n *contractv1.NetState) { n.Value.Value = make([]byte, contractv1.MaxState+1) })},
		"a state for nobody":                {wire.OpState, state(func(n *contractv1.NetState) { n.Value.Scope = 7 })},
		"accept who never asked":            {wire.OpChange, change(contractv1.RosterChange_ACCEPT, "alice")},
		"a contact called *":                {wire.OpChange, change(contractv1.RosterChange_REQUEST, "*")},
		"an unknown change":                 {wire.OpChange, change(99, "alice")},
		"revoke another's device":           {wire.OpRevoke, revoke},
		"an operation that is none":         {"grant", []byte("{}")},
		"a presence that is none":           {wire.OpAnnounce, wire.Announce{Status: 99}},
		"a long presence":                   {wire.OpAnnounce, wire.Announce{Text: strings.Repeat("a", 129)}},
		"a presence of control characters":  {wire.OpAnnounce, wire.Announce{Text: "a\x1b]0;x"}},
		"too many capabilities":             {wire.OpAnnounce, wire.Announce{Capabilities: make([]string, 65)}},
		"noise to the directory":            {wire.OpChange, []byte("\xff\xff\xff")},
	} {
		t.Run(name, func(t *testing.T) {
			if msg := ask(c.op, c.in); msg.Header.Get(wire.HeaderError) == "" {
				t.Errorf("answered with %d bytes: %q", len(msg.Data), msg.Data)
			}
		})
	}
	t.Run("my heads are mine", func(t *testing.T) {
		var heads wire.Heads
		if err := json.Unmarshal(ask("", wire.BoxRequest{Op: wire.BoxHeads}).Data, &heads); err != nil {
			t.Fatal(err)
		}
		if _, leaked := heads.Heads[conv]; leaked {
			t.Errorf("heads: %v", heads)
		}
	})
	t.Run("a state's author is replaced", func(t *testing.T) {
		if msg := ask(wire.OpState, state(func(*contractv1.NetState) {})); msg.Header.Get(wire.HeaderError) != "" {
			t.Fatal(msg.Header)
		}
		e := h.eve.wait("state", func(e *contractv1.NetEvent) bool { return e.GetState() != nil })
		if v := e.GetState().Values[0].Value; v.Author != "mallory@local" {
			t.Errorf("author %s", v.Author)
		}
	})
	t.Run("a stranger's signal", func(t *testing.T) {
		from := h.alice.mark()
		data, err := proto.Marshal(&contractv1.NetSignal{Conversation: "dm.alice.mallory", Session: "im", Plugin: "im", Signal: &contractv1.Signal{Body: []byte("boo")}})
		if err != nil {
			t.Fatal(err)
		}
		_ = m.nc.Publish(wire.SignalSubject("alice", m.a.User, m.a.Device), data)
		_ = m.nc.Flush()
		time.Sleep(50 * time.Millisecond)
		for _, e := range h.alice.events[from:h.alice.mark()] {
			if e.GetSignal() != nil {
				t.Error("it arrived")
			}
		}
	})
}

func TestHostileConnections(t *testing.T) {
	h := newHostile(t)
	a := h.mallory.a
	t.Run("without TLS", func(t *testing.T) {
		if nc, err := nats.Connect("nats://"+a.Addresses[0], nats.Timeout(time.Second), nats.NoReconnect()); err == nil {
			nc.Close()
			t.Error("connected")
		}
	})
	t.Run("with old TLS", func(t *testing.T) {
		conn, err := net.Dial("tcp", a.Addresses[0])
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		c := wire.ClientTLS(a.Key)
		c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		if tls.Client(conn, c).Handshake() == nil {
			t.Error("connected")
		}
	})
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	stranger := *a
	stranger.Seed = seed
	kp, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	alice, err := nkeys.FromSeed(h.alice.a.Seed)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := alice.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string][]nats.Option{
		"an unknown key":            nil,
		"another's key, my proof":   {nats.Nkey(pub, kp.Sign)},
		"a proof of nothing":        {nats.Nkey(pub, func([]byte) ([]byte, error) { return []byte("x"), nil })},
		"a service's name":          {nats.UserInfo("svc_core", "guess")},
		"no key at all":             {nats.Nkey("", nil), nats.UserInfo("alice", "")},
		"another's key to register": {nats.Nkey(pub, kp.Sign), nats.UserInfo(wire.RegisterUser, "")},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := attack(t, &stranger, more...); err == nil {
				t.Error("connected")
			}
		})
	}
	t.Run("a registering connection does nothing else", func(t *testing.T) {
		r, err := attack(t, &stranger, nats.UserInfo(wire.RegisterUser, ""))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"post.dm.alice.mallory." + a.Device, wire.RegisterSubject(pub), "dir.devices.alice." + h.alice.a.Device, "$JS.API.INFO"} {
			if !r.denied(func() { _ = r.nc.Publish(s, nil) }) {
				t.Errorf("may publish %s", s)
			}
		}
		for _, s := range []string{">", "in.alice.>", "regre.>", wire.RegisterAnswer(pub, "*")} {
			if !r.denied(func() { _, _ = r.nc.SubscribeSync(s) }) {
				t.Errorf("may hear %s", s)
			}
		}
	})
	t.Run("guesses are cut off", func(t *testing.T) {
		pub, err := kp.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		r, err := attack(t, &stranger, nats.UserInfo(wire.RegisterUser, ""))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			m := nats.NewMsg(wire.RegisterSubject(pub))
			m.Header.Set(wire.HeaderRequest, strconv.Itoa(i))
			m.Data = []byte(fmt.Sprintf(`{"op":"device","code":"AAAA-AAAA-%04d"}`, i))
			if r.nc.PublishMsg(m) != nil {
				break
			}
			_ = r.nc.FlushTimeout(200 * time.Millisecond)
		}
		for range 100 {
			if r.nc.IsClosed() {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Error("still connected after 50 wrong codes")
	})
}

func TestFloodHurtsNobodyElse(t *testing.T) {
	h := newHostile(t)
	m := h.mallory
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		data := batch("dm.eve.mallory", entry("flood"))
		for ctx.Err() == nil {
			if err := m.nc.Publish(wire.PostSubject("eve", m.a.User, m.a.Device), data); errors.Is(err, nats.ErrConnectionClosed) {
				return
			}
		}
	}()
	worst := time.Duration(0)
	for i := range 30 {
		began := time.Now()
		h.alice.say(conv, fmt.Sprint(i))
		worst = max(worst, time.Since(began))
	}
	h.bob.waitEntries(conv, 30)
	cut := false
	for range 300 {
		if cut = m.nc.IsClosed(); cut {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	wg.Wait()
	if !cut {
		t.Error("the flood is not cut off")
	}
	if worst > 2*time.Second {
		t.Errorf("another's message took %v", worst)
	}
}
