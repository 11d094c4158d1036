package client

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// TestPagesWithoutEnd: a server that answers every question for the next page
// with the same one does not keep the client busy for ever.
func TestPagesWithoutEnd(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(5 * time.Second) {
		t.Fatal("no server")
	}
	dial := func() *nats.Conn {
		nc, err := nats.Connect(s.ClientURL())
		if err != nil {
			t.Fatal(err)
		}
		return nc
	}
	evil, nc := dial(), dial()
	defer evil.Close()
	defer nc.Close()
	a := account(t)
	roster := &contractv1.Roster{}
	for range wire.RosterPage {
		roster.Contacts = append(roster.Contacts, &contractv1.Contact{Address: wire.Address("bob", a.Network)})
	}
	encode := func(m proto.Message) []byte {
		data, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	answers := map[string][]byte{
		wire.BoxHeads: []byte(`{"heads":{},"up_to":1,"next":"dm.alice.bob"}`),
		wire.BoxPage:  encode(&contractv1.Envelopes{}),
		wire.BoxState: encode(&contractv1.StateChange{}),
		wire.OpRoster: encode(roster),
	}
	answer := func(m *nats.Msg) {
		what := strings.Split(m.Subject, ".")[1] // dir.<op>.U.D
		if strings.HasPrefix(m.Subject, "box.") {
			var q wire.BoxRequest
			if json.Unmarshal(m.Data, &q) != nil {
				return
			}
			what = q.Op
		}
		re := nats.NewMsg(wire.AnswerSubject(a.User, a.Device, m.Header.Get(wire.HeaderRequest)))
		re.Data = answers[what]
		re.Header.Set(wire.HeaderMore, "1")
		re.Header.Set(wire.HeaderNext, "again")
		_ = evil.PublishMsg(re)
	}
	for _, subject := range []string{"box.>", "dir.>"} {
		if _, err := evil.Subscribe(subject, answer); err != nil {
			t.Fatal(err)
		}
	}
	if err := evil.Flush(); err != nil {
		t.Fatal(err)
	}
	c := &Client{o: Options{Account: a, Emit: func(context.Context, *contractv1.NetEvent) error { return nil }}, have: map[string]int64{}}
	o := &online{c: c, nc: nc, end: make(chan struct{}), prefix: "x", waiting: map[string]chan *nats.Msg{}}
	if _, err := nc.Subscribe(wire.AnswerSubject(a.User, a.Device, "*"), o.answered); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for what, do := range map[string]func() error{
		"heads":  func() error { return o.catchUp(ctx) },
		"pages":  func() error { return o.fetch(ctx, "dm.alice.bob", 9) },
		"roster": func() error { return o.roster(ctx) },
		"state":  func() error { return o.state(ctx) },
	} {
		if err := do(); !errors.Is(err, errRepeats) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
