package dial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// script is a proxy's side of one connection: what it must be sent, byte for
// byte, and what it answers.
type script []turn

type turn struct{ hear, say string }

// play serves one connection by the script. With pause it sends byte by byte.
// After the last turn it echoes; it tells what did not go by the script.
func play(t *testing.T, s script, pause time.Duration) (address string) {
	t.Helper()
	return serve(t, func(c net.Conn) {
		for _, turn := range s {
			heard := make([]byte, len(turn.hear))
			if _, err := io.ReadFull(c, heard); err != nil || string(heard) != turn.hear {
				t.Errorf("heard %q (%v), not %q", heard, err, turn.hear)
				return
			}
			for rest := []byte(turn.say); len(rest) > 0; {
				n := len(rest)
				if pause > 0 {
					n = 1
				}
				if _, err := c.Write(rest[:n]); err != nil {
					return // the dialer has heard enough
				}
				rest = rest[n:]
				time.Sleep(pause)
			}
		}
		_, _ = io.Copy(c, c)
	})
}

// serve hands the first connection to f.
func serve(t *testing.T, f func(net.Conn)) (address string) {
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
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		f(c)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// welcome is what the far end says first; it comes in one piece with the proxy's
// answer and belongs to the plugin.
const welcome = "\x00\r\n\r\nwelcome\n"

const answer4 = "\x00\x5a\x12\x34\x01\x02\x03\x04"

var spoken = []struct {
	name    string
	way     Way
	address string
	script  script
}{
	{"socks4", Way{Kind: SOCKS4, User: "me"}, "192.0.2.7:4222", script{{"\x04\x01\x10\x7e\xc0\x00\x02\x07me\x00", answer4 + welcome}}},
	{"socks4 looks names up", Way{Kind: SOCKS4}, "localhost:4222", script{{"\x04\x01\x10\x7e\x7f\x00\x00\x01\x00", answer4 + welcome}}},
	{"socks4a name", Way{Kind: SOCKS4a, User: "me"}, "far.example:4222", script{{"\x04\x01\x10\x7e\x00\x00\x00\x01me\x00far.example\x00", answer4 + welcome}}},
	{"socks4a number", Way{Kind: SOCKS4a}, "192.0.2.7:80", script{{"\x04\x01\x00\x50\xc0\x00\x02\x07\x00", answer4 + welcome}}},
	{"socks5", Way{Kind: SOCKS5}, "far.example:4222", script{{"\x05\x01\x00", "\x05\x00"}, {"\x05\x01\x00\x03\x0bfar.example\x10\x7e", "\x05\x00\x00\x01\x01\x02\x03\x04\x12\x34" + welcome}}},
	{"socks5 login", Way{Kind: SOCKS5, User: "me", Password: "pw"}, "[2001:db8::1]:80", script{{"\x05\x02\x00\x02", "\x05\x02"}, {"\x01\x02me\x02pw", "\x01\x00"},
		{"\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50", "\x05\x00\x00\x03\x03abc\x12\x34" + welcome}}},
	{"http", Way{Kind: HTTP}, "far.example:4222", script{{"CONNECT far.example:4222 HTTP/1.1\r\nHost: far.example:4222\r\n\r\n", "HTTP/1.1 200 Connection established\r\n\r\n" + welcome}}},
	{"http login", Way{Kind: HTTP, User: "me", Password: "p:w"}, "[2001:db8::1]:80", script{{"CONNECT [2001:db8::1]:80 HTTP/1.1\r\nHost: [2001:db8::1]:80\r\nProxy-Authorization: Basic bWU6cDp3\r\n\r\n",
		"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.0 200 \r\nContent-Length: 7\r\n\r\n" + welcome}}},
}

// TestProtocols speaks with a proxy of each kind, with answers in one piece and
// byte by byte, and takes no byte that is not the proxy's.
func TestProtocols(t *testing.T) {
	for _, c := range spoken {
		for _, pause := range []time.Duration{0, time.Millisecond} {
			t.Run(fmt.Sprintf("%s/%v", c.name, pause), func(t *testing.T) {
				way := c.way
				way.Proxy = play(t, c.script, pause)
				conn := dialled(t, way, c.address)
				got := make([]byte, len(welcome))
				if _, err := io.ReadFull(conn, got); err != nil || string(got) != welcome {
					t.Fatalf("%q, %v", got, err)
				}
				sayHello(t, conn)
			})
		}
	}
}

// dialled is a connection made of the descriptor that a plugin would get.
func dialled(t *testing.T, way Way, address string) net.Conn {
	t.Helper()
	d := New()
	d.SetWay(way)
	c, err := d.Dial(t.Context(), "tcp", address, 8*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.FileConn(c.File)
	c.File.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(8 * time.Second))
	return conn
}

func sayHello(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	if _, err := io.ReadFull(conn, buf); err != nil || string(buf) != "hello" {
		t.Fatalf("%q, %v", buf, err)
	}
}

// TestSentences: what a proxy does wrong is told apart and said in one sentence.
func TestSentences(t *testing.T) {
	login := Way{User: "me", Password: "pw"}
	for _, c := range []struct {
		kind Kind
		way  Way
		say  []string // one for each time it is asked something
		is   error
		want string
	}{
		{SOCKS4, Way{}, []string{"\x00\x5b\x00\x00\x00\x00\x00\x00"}, ErrRefused, "refuses or fails"},
		{SOCKS4a, login, []string{"\x00\x5d\x00\x00\x00\x00\x00\x00"}, ErrLogin, "does not accept the user name"},
		{SOCKS4a, Way{}, []string{"\x00\x5c\x00\x00\x00\x00\x00\x00"}, ErrLogin, "wants a user name"},
		{SOCKS4, Way{}, []string{"\x05\xff"}, ErrProtocol, "not a proxy of the type SOCKS 4 "},
		{SOCKS4, Way{}, []string{"\x00\x00\x00\x00\x00\x00\x00\x00"}, ErrProtocol, "code 0"},
		{SOCKS4a, Way{}, []string{"HTTP/1.1 400 Bad Request\r\n\r\n"}, ErrProtocol, "type SOCKS 4a"},
		{SOCKS4a, Way{}, []string{"\x00\x5a"}, io.ErrUnexpectedEOF, "hung up"},
		{SOCKS5, Way{}, []string{"\x05\xff"}, ErrLogin, "wants a user name"},
		{SOCKS5, login, []string{"\x05\x02", "\x01\x01"}, ErrLogin, "does not accept the user name"},
		{SOCKS5, login, []string{"\x05\x02", "\x07\x00"}, ErrProtocol, "not a proxy of the type SOCKS 5"},
		{SOCKS5, login, []string{"\x05\x09"}, ErrProtocol, "not a proxy"},
		{SOCKS5, Way{}, []string{"\x00\x5b\x00\x00"}, ErrProtocol, "unexpected protocol version 0"},
		{SOCKS5, Way{}, []string{"\x05\x00", "\x05\x02\x00\x01"}, ErrRefused, "rules forbid it"},
		{SOCKS5, Way{}, []string{"\x05\x00", "\x05\x04\x00\x01"}, ErrRefused, "host unreachable"},
		{SOCKS5, Way{}, []string{"\x05\x00", "\x05\xc8\x00\x01"}, ErrRefused, "200"},
		{SOCKS5, Way{}, []string{"\x05\x00", "\x05\x00\x00\x09"}, ErrProtocol, "address type 9"},
		{SOCKS5, Way{}, []string{"\x05"}, io.ErrUnexpectedEOF, "hung up"},
		{HTTP, Way{}, []string{"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\n\r\n"}, ErrLogin, "wants a user name"},
		{HTTP, login, []string{"HTTP/1.0 407 Who\r\n\r\n"}, ErrLogin, "does not accept the user name"},
		{HTTP, Way{}, []string{"HTTP/1.1 403 \x1b[2JForbidden\r\n\r\n"}, ErrProtocol, "not HTTP"},
		{HTTP, Way{}, []string{"HTTP/1.1 403 Forbidden\r\n\r\n"}, ErrRefused, "refuses (status 403)"},
		{HTTP, Way{}, []string{"HTTP/1.1 302 Moved\r\nLocation: x\r\n\r\n"}, ErrRefused, "status 302"},
		{HTTP, Way{}, []string{"HTTP/1.1 502 Bad Gateway\r\n\r\n"}, ErrRefused, "cannot reach it (status 502)"},
		{HTTP, Way{}, []string{"HTTP/2 200 \r\n\r\n"}, ErrProtocol, "type HTTP"},
		{HTTP, Way{}, []string{"HTTP/1.1 101 Switching\r\n\r\n"}, ErrProtocol, "switches"},
		{HTTP, Way{}, []string{"\x05\xff"}, ErrProtocol, "not HTTP"},
		{HTTP, Way{}, []string{"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 4096)}, ErrProtocol, "longer than 16384"},
		{HTTP, Way{}, []string{"HTTP/1.1 200 OK\r\nX"}, io.EOF, "hung up"},
	} {
		way := c.way
		way.Kind = c.kind
		way.Proxy = serve(t, func(conn net.Conn) {
			for _, say := range c.say {
				_, _ = conn.Read(make([]byte, 512))
				_, _ = io.WriteString(conn, say)
			}
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
		})
		d := New()
		d.SetWay(way)
		_, err := d.Dial(t.Context(), "tcp", "192.0.2.7:80", 5*time.Second)
		if err == nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\x1b") ||
			!strings.HasPrefix(err.Error(), "the proxy ") && !strings.HasPrefix(err.Error(), "what answers at ") {
			t.Errorf("%s %q: %v", c.kind, c.say, err)
		}
	}
}

// TestDeadProxyIsNotPassedBy: neither where nobody listens nor without an address.
func TestDeadProxyIsNotPassedBy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(echo(t))
	for _, kind := range []Kind{SOCKS4, SOCKS4a, SOCKS5, HTTP} {
		d := New()
		d.SetWay(Way{Kind: kind, Proxy: dead})
		_, err := d.Dial(t.Context(), "tcp", "localhost:"+port, time.Second)
		if !errors.Is(err, ErrUnreachable) || err.Error() != "the proxy "+dead+" cannot be reached (connection refused): check its address and port" {
			t.Errorf("%s: %v", kind, err)
		}
		d.SetWay(Way{Kind: kind})
		if _, err := d.Dial(t.Context(), "tcp", "localhost:"+port, time.Second); !errors.Is(err, ErrNoProxy) {
			t.Errorf("%s without an address: %v", kind, err)
		}
	}
}

// TestThisComputer: its own numbers need no proxy, a name does.
func TestThisComputer(t *testing.T) {
	d := New()
	d.SetWay(Way{Kind: SOCKS5, Proxy: "192.0.2.1:1080"})
	talk(t, d, echo(t))
	for address, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "127.9.9.9:1": true, "[::ffff:127.0.0.1]:1": true,
		"localhost:1": false, "192.0.2.1:1": false, "127.0.0.1.example:1": false, "0.0.0.0:1": false} {
		if local(address) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}

// TestSilentProxy: one that takes the connection and says nothing, or says a
// byte now and then, is given up in time; so is one when the caller gives up.
func TestSilentProxy(t *testing.T) {
	for _, kind := range []Kind{SOCKS4, SOCKS4a, SOCKS5, HTTP} {
		address := serve(t, func(c net.Conn) {
			for kind == HTTP { // the others end at the first byte that is not theirs
				if _, err := c.Write([]byte("H")); err != nil {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			_, _ = io.Copy(io.Discard, c)
		})
		d := New()
		d.SetWay(Way{Kind: kind, Proxy: address})
		begin := time.Now()
		_, err := d.Dial(t.Context(), "tcp", "192.0.2.7:80", 150*time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), "in time") || !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 3*time.Second {
			t.Errorf("%s: %v after %v", kind, err, time.Since(begin))
		}
		d.SetWay(Way{Kind: kind, Proxy: serve(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		if _, err := d.Dial(ctx, "tcp", "192.0.2.7:80", 10*time.Second); err == nil || !strings.Contains(err.Error(), "given up") {
			t.Errorf("%s, cancelled: %v", kind, err)
		}
	}
}

// TestChangedMeanwhile: a connection that was begun the old way is not handed on.
func TestChangedMeanwhile(t *testing.T) {
	d := New()
	old := Way{Kind: HTTP, Proxy: serve(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 512))
		if !d.SetWay(Way{Kind: HTTP, Proxy: "192.0.2.1:1"}) || d.SetWay(Way{Kind: HTTP, Proxy: "192.0.2.1:1"}) {
			t.Error("SetWay does not know what a change is")
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	})}
	d.SetWay(old)
	if _, err := d.Dial(t.Context(), "tcp", "far.example:1", 5*time.Second); err == nil || !strings.Contains(err.Error(), "another way") {
		t.Fatal(err)
	}
}

func TestWaysThatCannotBe(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, w := range []Way{
		{Kind: "quic", Proxy: "a:1"}, {Kind: SOCKS5, Proxy: "a"}, {Kind: HTTP, Proxy: "a b:1"}, {Kind: SOCKS5, Proxy: "a:1", User: long}, {Kind: SOCKS5, Proxy: "a:1", User: "x", Password: long},
		{Kind: SOCKS4, Proxy: "a:1", User: "a\x00b"}, {Kind: HTTP, Proxy: "a:1", User: "a:b"}, {Kind: SOCKS5, Proxy: "a:1", Password: "x"},
	} {
		if err := w.check(); err == nil {
			t.Errorf("%+v is taken", w)
		}
	}
}

func TestEnvironment(t *testing.T) {
	const far = "far.example:4222"
	for _, c := range []struct {
		env     string // A=…, H=…, N=…
		address string
		want    Way
		err     string
	}{
		{"", far, Way{}, ""},
		{"A=socks5://me:p%40w@proxy.example", far, Way{SOCKS5, "proxy.example:1080", "me", "p@w"}, ""},
		{"A=socks5h://[2001:db8::1]:9050", far, Way{Kind: SOCKS5, Proxy: "[2001:db8::1]:9050"}, ""},
		{"A=socks://proxy.example:1 H=http://other", far, Way{Kind: SOCKS5, Proxy: "proxy.example:1"}, ""},
		{"H=SOCKS4A://proxy.example", far, Way{Kind: SOCKS4a, Proxy: "proxy.example:1080"}, ""},
		{"H=http://proxy.example", far, Way{Kind: HTTP, Proxy: "proxy.example:80"}, ""},
		{"H=proxy.example:3128", far, Way{Kind: HTTP, Proxy: "proxy.example:3128"}, ""},
		{"H=proxy.example:3128 N=other.example,.example", far, Way{}, ""},
		{"H=proxy.example:3128 N=other.example", far, Way{Kind: HTTP, Proxy: "proxy.example:3128"}, ""},
		{"A=proxy.example:3128 N=192.0.2.0/24", "192.0.2.7:1", Way{}, ""},
		{"A=proxy.example:3128 N=*", far, Way{}, ""},
		{"A=proxy.example:3128", "127.0.0.1:1", Way{}, ""},
		{"A=https://me:secret@proxy.example", far, Way{}, "ALL_PROXY names a proxy of the type \"https\""},
		{"A=socks5://me:secret@", far, Way{}, "ALL_PROXY is not a proxy of the form"},
		{"H=http://me:secret@%zz", far, Way{}, "HTTPS_PROXY is not a proxy of the form"},
		{"A=http://proxy.example:secret", far, Way{}, "is not a proxy"},
		{"A=socks5://proxy.example:99999", far, Way{}, "no port between"},
	} {
		for _, name := range []string{"ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"} {
			t.Setenv(name, "")
		}
		for _, part := range strings.Fields(c.env) {
			t.Setenv(map[byte]string{'A': "ALL_PROXY", 'H': "HTTPS_PROXY", 'N': "no_proxy"}[part[0]], part[2:])
		}
		got, err := Way{Kind: System}.to(c.address)
		if c.err == "" && (err != nil || got != c.want) || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "me:secret")) {
			t.Errorf("%s: %+v, %v", c.env, got, err)
		}
	}
}

// said is a connection to a proxy that has said everything already.
type said struct {
	net.Conn
	*bytes.Reader
}

func (s said) Read(p []byte) (int, error)         { return s.Reader.Read(p) }
func (s said) Write(p []byte) (int, error)        { return len(p), nil }
func (s said) SetDeadline(time.Time) error        { return nil }
func (s said) Close() error                       { return nil }
func (s said) LocalAddr() net.Addr                { return &net.TCPAddr{} }
func (s said) RemoteAddr() net.Addr               { return &net.TCPAddr{} }
func (s said) Dial(_, _ string) (net.Conn, error) { return s, nil }
func (s said) DialContext(context.Context, string, string) (net.Conn, error) {
	return s, nil
}

// FuzzAnswers: whatever a proxy answers is a connection or an error that has a
// sentence, and what follows the answer is left for the plugin.
func FuzzAnswers(f *testing.F) {
	kinds := []Kind{SOCKS4, SOCKS4a, SOCKS5, HTTP}
	for _, c := range spoken {
		var all string
		for _, turn := range c.script {
			all += turn.say
		}
		for n := range kinds {
			f.Add(byte(n), []byte(all))
		}
	}
	f.Add(byte(2), []byte("\x05\x02\x01\x00\x05\x00\x00\x03\x00\x00\x00"))
	f.Add(byte(3), []byte("HTTP/1.1 200\n\n"))
	f.Fuzz(func(t *testing.T, n byte, answer []byte) {
		way := Way{Kind: kinds[int(n)%len(kinds)], Proxy: "proxy.example:1", User: "me", Password: "pw"}
		s := said{Reader: bytes.NewReader(answer)}
		err := ask(t.Context(), way, "tcp", "192.0.2.7:80", s)
		taken := len(answer) - s.Len()
		if err != nil {
			if text := sentence("192.0.2.7:80", way, err).Error(); text == "" || strings.ContainsAny(text, "\n\r\x00\x1b") {
				t.Fatalf("%q", text)
			}
			if taken > maxHead {
				t.Fatalf("%d bytes were read", taken)
			}
			return
		}
		switch way.Kind {
		case HTTP:
			if head := answer[:taken]; !bytes.HasSuffix(head, []byte("\n\n")) && !bytes.HasSuffix(head, []byte("\n\r\n")) {
				t.Fatalf("the head ends in %q", head)
			}
		case SOCKS4, SOCKS4a:
			if taken != 8 {
				t.Fatalf("%d bytes were read", taken)
			}
		}
	})
}
