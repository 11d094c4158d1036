package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo serves one connection that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.Copy(c, c)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func talk(t *testing.T, d *Dialer, address string) {
	t.Helper()
	c, err := d.Dial(t.Context(), "tcp", address, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.FileConn(c.File)
	c.File.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != "hello" {
		t.Fatalf("%q, %v", buf, err)
	}
}

func TestDirect(t *testing.T) { talk(t, New(), echo(t)) }

func TestRefused(t *testing.T) {
	for _, c := range []struct{ network, address string }{
		{"udp", "127.0.0.1:53"}, {"unix", "/run/x"}, {"tcp", "nowhere"}, {"tcp", ":80"},
		{"tcp", "127.0.0.1:0"}, {"tcp", "127.0.0.1:http"}, {"tcp", strings.Repeat("a", 300) + ":1"},
		{"tcp", "a b:80"}, {"tcp", "a\r\nHost: b:80"}, {"tcp", "a\x00b:80"}, {"tcp", "bücher.example:80"}, {"tcp", "a:+80"}, {"tcp", "a:080"},
	} {
		if _, err := New().Dial(t.Context(), c.network, c.address, time.Second); err == nil {
			t.Errorf("%s %s was dialled", c.network, c.address)
		}
	}
}

// TestNobodyThere: the sentence names the address once, and the cause can be found.
func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, err = New().Dial(t.Context(), "tcp", address, time.Second)
	if err == nil || err.Error() != "could not reach "+address+": connection refused" || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatal(err)
	}
}

func TestDeadline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New().Dial(ctx, "tcp", "127.0.0.1:9", time.Second); err == nil {
		t.Fatal("a cancelled dial succeeded")
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"a:1", "[::1]:80", ":", "a:b", "a:99999", "::1:2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if check("tcp", address) != nil {
			return
		}
		if _, _, err := net.SplitHostPort(address); err != nil {
			t.Fatal(err)
		}
	})
}
