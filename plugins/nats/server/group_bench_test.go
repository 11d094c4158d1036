package server_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	"switchboard/shared/budget"
	contractv1 "switchboard/shared/contract/v1"
)

// arrivals collects when each of many connections heard a message.
type arrivals struct {
	mu    sync.Mutex
	began time.Time
	left  int
	all   []time.Duration
	done  chan struct{}
}

func (a *arrivals) begin(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left, a.done, a.began = n, make(chan struct{}), time.Now()
}

func (a *arrivals) heard(*nats.Msg) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, now.Sub(a.began))
	if a.left--; a.left == 0 {
		close(a.done)
	}
}

func (a *arrivals) wait(b *testing.B) {
	select {
	case <-a.done:
	case <-time.After(time.Minute):
		b.Fatal("a message did not reach all")
	}
}

const (
	crowd   = contractv1.MaxGroupMembers
	crowdly = 60 // messages
	calm    = 30 * time.Millisecond
)

// listeners opens a TLS connection for each of n, and a subscription on it.
func listeners(b *testing.B, n int, connect func(i int) (*nats.Conn, string, error), heard nats.MsgHandler) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				nc, subject, err := connect(i)
				if err != nil {
					b.Error(err)
					continue
				}
				b.Cleanup(nc.Close)
				if _, err := nc.Subscribe(subject, heard); err != nil {
					b.Error(err)
				}
				if err := nc.FlushTimeout(time.Minute); err != nil {
					b.Error(err)
				}
			}
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// crowdFloor is what it costs at least: a bare server that stores the message
// and publishes it again to as many connections.
func crowdFloor(b *testing.B) []time.Duration {
	url := bareServer(b).ClientURL()
	a := &arrivals{}
	js, err := jetstream.New(bareClient(b, url))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"},
		RePublish: &jetstream.RePublish{Source: "s.>", Destination: "live.>"}}); err != nil {
		b.Fatal(err)
	}
	listeners(b, crowd-1, func(int) (*nats.Conn, string, error) {
		nc, err := nats.Connect(url, nats.Secure(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}), nats.Timeout(time.Minute))
		return nc, "live.>", err
	}, a.heard)
	body := make([]byte, 200)
	for range crowdly {
		a.begin(crowd - 1)
		if _, err := js.Publish(context.Background(), "s.x", body); err != nil {
			b.Fatal(err)
		}
		a.wait(b)
		time.Sleep(calm)
	}
	return a.all
}

// BenchmarkBudgetGroup measures a message in a group of 1,000 who are all
// connected, over TLS and TCP on this computer: one a whole client that writes,
// the others connections of the library that hear. A time is from the call until
// one member has it; the percentiles are over all members and messages.
func BenchmarkBudgetGroup(b *testing.B) {
	if b.N > 1 {
		return // once tells enough
	}
	low := crowdFloor(b)
	s := start(b, server.Options{Rate: 1e6, Burst: 1e6})
	alice := signIn(b, join(b, s, "alice"))
	g := with(alice)
	var names []string
	for i := range crowd - 1 {
		names = append(names, fmt.Sprintf("user%d", i))
	}
	seeds, err := s.AddUsers(context.Background(), "alice", names...)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.FillGroup(context.Background(), g.Id, names...); err != nil {
		b.Fatal(err)
	}
	a := &arrivals{}
	listeners(b, crowd-1, func(i int) (*nats.Conn, string, error) {
		nc, err := listener(account(s, names[i], seeds[i], b))
		return nc, wire.RoomSubject(names[i], "*"), err
	}, a.heard)
	body := strings.Repeat("x", 200)
	for range crowdly {
		a.begin(crowd - 1)
		r, err := alice.c.Post(context.Background(), &contractv1.Post{Conversation: g.Conversation, Envelopes: []*contractv1.Envelope{entry(body)}})
		if err != nil || r.Results[0].GetStored() == nil {
			b.Fatal(r, err)
		}
		a.wait(b)
		time.Sleep(calm)
	}
	budget.Info("a message to a group of 1,000, p50", "ms", budget.Ms(budget.Percentile(a.all, 50)), budget.Ms(budget.Percentile(low, 50))).Report(b)
	budget.AtMost("a message to a group of 1,000, p99", "ms", budget.Ms(budget.Percentile(a.all, 99)), 50).Over(budget.Ms(budget.Percentile(low, 99))).Report(b)
}

// listener is a member's connection without anything of ours above it.
func listener(a *client.Account) (*nats.Conn, error) {
	kp, err := nkeys.FromSeed(a.Seed)
	if err != nil {
		return nil, err
	}
	pub, err := kp.PublicKey()
	if err != nil {
		return nil, err
	}
	return nats.Connect("tls://"+a.Addresses[0], nats.Secure(wire.ClientTLS(a.Key)), nats.TLSHandshakeFirst(),
		nats.NoReconnect(), nats.Timeout(time.Minute), nats.Nkey(pub, kp.Sign))
}
