package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"switchboard/shared/budget"
)

// bareServer is a server without anything of ours: TLS, one stream, sync always.
func bareServer(b *testing.B) *natsd.Server {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	s, err := natsd.NewServer(&natsd.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: b.TempDir(), SyncAlways: true, NoLog: true, NoSigs: true, TLS: true,
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	b.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		b.Fatal("the bare server does not start")
	}
	return s
}

func bareClient(b *testing.B, url string) *nats.Conn {
	nc, err := nats.Connect(url, nats.Secure(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	return nc
}

// bareService stores what it is sent: people never write a stream themselves.
func bareService(b *testing.B, s *natsd.Server) jetstream.JetStream {
	nc, err := nats.Connect("nats://inside", nats.InProcessServer(s))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := nc.Subscribe("post", func(m *nats.Msg) {
		if _, err := js.Publish(context.Background(), "s.x", m.Data); err != nil {
			b.Error(err)
		}
	}); err != nil {
		b.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		b.Fatal(err)
	}
	return js
}

// BenchmarkFloorPost is what a durable message from one client to another costs
// at least, while nothing else is under way: from the request to a service that
// only stores it to its arrival as the stream publishes it again.
func BenchmarkFloorPost(b *testing.B) {
	s := bareServer(b)
	from, to := bareClient(b, s.ClientURL()), bareClient(b, s.ClientURL())
	js := bareService(b, s)
	if _, err := js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"},
		RePublish: &jetstream.RePublish{Source: "s.>", Destination: "live.>"}}); err != nil {
		b.Fatal(err)
	}
	arrived := make(chan time.Time, 1)
	if _, err := to.Subscribe("live.>", func(*nats.Msg) { arrived <- time.Now() }); err != nil {
		b.Fatal(err)
	}
	if err := to.Flush(); err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 200)
	var all []time.Duration
	for b.Loop() {
		time.Sleep(budget.Pause)
		begin := time.Now()
		if err := from.Publish("post", body); err != nil {
			b.Fatal(err)
		}
		all = append(all, (<-arrived).Sub(begin))
	}
	b.ReportMetric(float64(budget.Percentile(all, 50)), "p50-ns")
}
