package server_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// floor is what a durable message costs at least: a bare server with a bare
// stream, sync always, TLS, 200 bytes.
func floor(b *testing.B) func() {
	s := bareServer(b)
	nc, err := nats.Connect(s.ClientURL(), nats.Secure(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}); err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 200)
	return func() {
		if _, err := js.Publish(context.Background(), "s.x", body); err != nil {
			b.Fatal(err)
		}
	}
}

func percentile(d []time.Duration, p int) float64 {
	slices.Sort(d)
	return float64(d[len(d)*p/100]) / float64(time.Microsecond)
}

// BenchmarkPost measures one message, from the call to the server's word that
// it is on the disk, and to the event on the other side, beside the floor.
func BenchmarkPost(b *testing.B) {
	bare := floor(b)
	s := start(b, server.Options{Rate: 1e6, Burst: 1e6})
	alice, bob := signIn(b, join(b, s, "alice")), signIn(b, join(b, s, "bob"))
	befriend(b, alice, bob)
	heard := make(chan time.Time, 16)
	bob.mu.Lock()
	bob.tap = func(e *contractv1.NetEvent) {
		if e.GetEnvelopes() != nil {
			heard <- time.Now()
		}
	}
	bob.mu.Unlock()
	var low, stored, arrived []time.Duration
	for b.Loop() {
		t := time.Now()
		bare()
		low = append(low, time.Since(t))
		t = time.Now()
		r, err := alice.c.Post(context.Background(), &contractv1.Post{Conversation: conv, Envelopes: []*contractv1.Envelope{entry(string(make([]byte, 200)))}})
		if err != nil || r.Results[0].GetStored() == nil {
			b.Fatal(r, err)
		}
		stored = append(stored, time.Since(t))
		arrived = append(arrived, (<-heard).Sub(t))
	}
	b.ReportMetric(percentile(low, 50), "floor-p50-µs")
	b.ReportMetric(percentile(stored, 50), "stored-p50-µs")
	b.ReportMetric(percentile(stored, 99), "stored-p99-µs")
	b.ReportMetric(percentile(arrived, 50), "arrived-p50-µs")
	b.ReportMetric(percentile(stored, 50)/percentile(low, 50), "x-floor")
}

// BenchmarkCatchUp measures a device that was away for n messages.
func BenchmarkCatchUp(b *testing.B) {
	const n = 10000
	s := start(b, server.Options{Rate: 1e6, Burst: 1e6})
	alice, bob := signIn(b, join(b, s, "alice")), signIn(b, join(b, s, "bob"))
	befriend(b, alice, bob)
	bob.leave()
	for i := 0; i < n; i += 64 {
		var all []*contractv1.Envelope
		for j := i; j < min(i+64, n); j++ {
			all = append(all, entry(fmt.Sprintf("message %d", j)))
		}
		if r := alice.post(conv, all...); r[len(r)-1].GetStored() == nil {
			b.Fatal(r[len(r)-1])
		}
	}
	for b.Loop() {
		p := signIn(b, bob.a)
		if got := len(p.entries(conv)); got != n {
			b.Fatal(got)
		}
		p.leave()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/10000-messages")
}
