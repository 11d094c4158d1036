package client

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"switchboard/plugins/nats/wire"
)

// TestAFalseHintIsNoWrongKey: a computer nearby that claims to be the network and
// shows another key says nothing about it; one at the network's own address does.
func TestAFalseHintIsNoWrongKey(t *testing.T) {
	_, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{selfSigned(t, secret)}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).Handshake()
			_ = c.Close()
		}
	}()
	defer func() { _ = l.Close(); <-done }()
	wanted, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	evil, away := l.Addr().String(), "127.0.0.1:1"
	for _, v := range []struct {
		at    Places
		wrong bool
	}{
		{Places{Addresses: []string{evil, away}, Hints: []string{evil}}, false},
		{Places{Addresses: []string{away, evil}, Hints: []string{evil}}, false},
		{Places{Addresses: []string{evil}, Hints: []string{evil}}, false},
		{Places{Addresses: []string{evil, away}}, true},
	} {
		_, err := secure(t.Context(), dial, v.at, wanted)
		if err == nil || errors.Is(err, wire.ErrWrongKey) != v.wrong {
			t.Errorf("%v: %v", v.at, err)
		}
	}
}

func selfSigned(t *testing.T, secret ed25519.PrivateKey) tls.Certificate {
	t.Helper()
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: secret}
}
