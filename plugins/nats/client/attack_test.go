package client

import (
	"context"
	"crypto/ed25519"
	"net"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
)

// TestASilentAddressDoesNotTakeAllTheTime: somebody nearby claims the network's
// key, takes every connection and says nothing; the network itself is found.
func TestASilentAddressDoesNotTakeAllTheTime(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	s, err := server.Start(server.Options{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), connectTimeout)
	defer cancel()
	began := time.Now()
	conn, err := secure(ctx, func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}, Places{Addresses: []string{silent.Addr().String(), s.Listening()}}, ed25519.PublicKey(s.Key()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if took := time.Since(began); took > 2*oneOfSeveral {
		t.Errorf("it took %v", took)
	}
}
