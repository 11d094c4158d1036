//go:build unix

package xserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"switchboard/shared/xserver/xvfb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// entry is a line of the file of credentials.
func entry(family uint16, fields ...string) []byte {
	b := binary.BigEndian.AppendUint16(nil, family)
	for _, f := range fields {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(f))), f...)
	}
	return b
}

// TestCredentials: a server that wants to be told a secret is told it.
func TestCredentials(t *testing.T) {
	secret := "0123456789abcdef"
	file := filepath.Join(t.TempDir(), "auth")
	write := func(number, secret string) {
		t.Helper()
		data := append(entry(familyLocal, "elsewhere", number, cookie, "ffffffffffffffff"), entry(familyAny, "", number, cookie, secret)...)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("", secret)
	t.Setenv("XAUTHORITY", file)
	xvfb.Start(t, "-auth", file)
	number := strings.TrimSuffix(strings.TrimPrefix(os.Getenv("DISPLAY"), ":"), ".0")
	write(number, secret)
	c, err := Dial(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(); err != nil {
		t.Error(err)
	}
	c.Close()
	for _, wrong := range []string{"fedcba9876543210", "short"} {
		if write(number, wrong); !refused(t) {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func refused(t *testing.T) bool {
	c, err := Dial(t.Context(), nil)
	if err == nil {
		c.Close()
	}
	return err != nil
}

// TestServerThatHangs: nothing waits for one longer than it wants to.
func TestServerThatHangs(t *testing.T) {
	x := xvfb.Start(t)
	before, err := Dial(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	also, err := Dial(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	const soon = 200 * time.Millisecond
	begin := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if c, err := Dial(ctx, nil); err == nil {
		c.Close()
		t.Error("a server that hangs greets")
	}
	ctx, cancel = context.WithTimeout(t.Context(), soon)
	defer cancel()
	defer before.Until(ctx)()
	if err := before.Flush(); err == nil {
		t.Error("a server that hangs answers")
	}
	<-before.Done()
	also.Close()
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestEvents: they are heard, nobody who does not take them is stopped by them, and
// the end of the server is seen.
func TestEvents(t *testing.T) {
	x := xvfb.Start(t)
	var heard atomic.Int64
	c, err := Dial(t.Context(), func(xgb.Event) { heard.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	deaf, err := Dial(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	root := xproto.Setup(c.Conn).DefaultScreen(c.Conn).Root
	for _, one := range []*Conn{c, deaf} {
		if err := xproto.ChangeWindowAttributesChecked(one.Conn, root, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check(); err != nil {
			t.Fatal(err)
		}
	}
	const changes = 12_000 // more than xgb keeps
	for range changes {
		xproto.DeleteProperty(c.Conn, root, xproto.AtomWmName)
		xproto.ChangeProperty(c.Conn, xproto.PropModeReplace, root, xproto.AtomWmName, xproto.AtomString, 8, 1, []byte("x"))
	}
	if err := errors.Join(c.Flush(), deaf.Flush()); err != nil {
		t.Fatal(err)
	}
	if n := heard.Load(); n < changes {
		t.Errorf("heard were %d", n)
	}
	if err := x.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(30 * time.Second):
		t.Error("the end of the server is not seen")
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]display{
		":0":                     {"unix", "/tmp/.X11-unix/X0", "", "0", 0},
		":12.3":                  {"unix", "/tmp/.X11-unix/X12", "", "12", 3},
		"unix:1":                 {"unix", "/tmp/.X11-unix/X1", "", "1", 0},
		"/private/tmp/org.x:0.1": {"unix", "/private/tmp/org.x:0", "", "0", 1},
		"localhost:10.0":         {"tcp", "localhost:6010", "localhost", "10", 0},
		"tcp/server:1":           {"tcp", "server:6001", "server", "1", 0},
		"[::1]:1":                {"tcp", "[::1]:6001", "[::1]", "1", 0},
	} {
		if got, err := parse(text); err != nil || got != want {
			t.Errorf("%q is %+v (%v)", text, got, err)
		}
	}
	for _, text := range []string{"", "0", ":", ":x", ":-1", ":1.x", ":99999", ":0.999"} {
		if d, err := parse(text); !errors.Is(err, ErrNone) {
			t.Errorf("%q is %+v (%v)", text, d, err)
		}
	}
}

// FuzzFind: whatever stands in the file, what is taken from it is a cookie of the
// display.
func FuzzFind(f *testing.F) {
	f.Add(entry(familyLocal, "host", "1", cookie, "0123456789abcdef"))
	f.Add(slices.Concat(entry(0, "a", "1", "XDM", "x"), entry(familyAny, "", "", cookie, "0123456789abcdef")))
	f.Add([]byte{1, 0, 255, 255, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		got := find(bytes.NewReader(data), "host", "1")
		if got != nil && (len(got) != 16 || !bytes.Contains(data, append([]byte(cookie), append([]byte{0, 16}, got...)...))) {
			t.Errorf("%q", got)
		}
	})
}
