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
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func TestHostileReplies(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
