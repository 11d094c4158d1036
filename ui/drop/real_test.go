//go:build linux && !android && cgo

package drop

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/jezek/xgb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen starts Xvfb for one test and makes it the display of this process.
func screen(t *testing.T) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "640x480x24", "-noreset")
	x.ExtraFiles = []*os.File{w}
	if err := x.Start(); err != nil {
		t.Fatalf("Xvfb is missing: install it with .ci/deps test: %v", err)
	}
	w.Close()
	t.Cleanup(func() {
		_ = x.Process.Kill()
		_ = x.Wait()
	})
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
}

// TestASilentOwner: a program that owns the clipboard and never answers costs the
// patience, not more, and less when nobody waits any longer.
func TestASilentOwner(t *testing.T) {
	screen(t)
	if _, err := Picture(t.Context()); !errors.Is(err, ErrNone) {
		t.Errorf("an empty clipboard: %v", err)
	}
	conn, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	l := &link{conn: conn, atoms: map[string]xproto.Atom{}}
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	if err := xproto.SetSelectionOwnerChecked(conn, l.own, l.atom("CLIPBOARD"), xproto.TimeCurrentTime).Check(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := Picture(t.Context()); !errors.Is(err, errSlow) || time.Since(start) > 2*patience {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start = time.Now()
	if _, err := Picture(ctx); err == nil || time.Since(start) > patience-time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestTooLarge: more than the bound is not taken, however it comes.
func TestTooLarge(t *testing.T) {
	screen(t)
	c := exec.Command("xclip", "-quiet", "-selection", "clipboard", "-t", "image/png", "-i", "/dev/stdin")
	c.Stdin = strings.NewReader(strings.Repeat("x", 3<<20))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	conn, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	l := &link{conn: conn, atoms: map[string]xproto.Atom{}}
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if data, err := l.convert("CLIPBOARD", "image/png", xproto.TimeCurrentTime, 4<<20); err == nil {
			if len(data) != 3<<20 {
				t.Errorf("%d bytes", len(data))
			}
			break
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	if _, err := l.convert("CLIPBOARD", "image/png", xproto.TimeCurrentTime, 1<<20); !errors.Is(err, errLarge) {
		t.Errorf("%v", err)
	}
}
