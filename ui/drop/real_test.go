//go:build linux && !android && cgo

package drop

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"gioui.org/app"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"switchboard/shared/xserver/xvfb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestASilentOwner: a program that owns the clipboard and never answers costs the
// patience, not more, and less when nobody waits any longer.
func TestASilentOwner(t *testing.T) {
	xvfb.Start(t)
	if _, err := Picture(t.Context()); !errors.Is(err, ErrNone) {
		t.Errorf("an empty clipboard: %v", err)
	}
	l := opened(t)
	if err := xproto.SetSelectionOwnerChecked(l.conn, l.own, l.atom("CLIPBOARD"), xproto.TimeCurrentTime).Check(); err != nil {
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
	xvfb.Start(t)
	c := exec.Command("xclip", "-quiet", "-selection", "clipboard", "-t", "image/png", "-i", "/dev/stdin")
	c.Stdin = strings.NewReader(strings.Repeat("x", 3<<20))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	l := opened(t)
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

// opened is a link with its window, which ends with the test.
func opened(t *testing.T) *link {
	t.Helper()
	l, err := dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.server.Close)
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestADisplayThatHangs: looking at the clipboard costs the patience, and less when
// nobody waits any longer.
func TestADisplayThatHangs(t *testing.T) {
	x := xvfb.Start(t)
	if err := x.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := Picture(t.Context()); err == nil || time.Since(start) > 3*patience {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start = time.Now()
	if _, err := Picture(ctx); err == nil || time.Since(start) > patience-time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	w := &Watcher{}
	start = time.Now()
	if err := w.Watch(app.X11ViewEvent{Window: 1, Display: unsafe.Pointer(w)}, Handler{}); err == nil || time.Since(start) > 3*patience {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestAFloodOfEvents: a program that sends more events than anybody keeps stops
// neither the answers nor the end of the connection.
func TestAFloodOfEvents(t *testing.T) {
	xvfb.Start(t)
	victim, attacker := opened(t), opened(t)
	e := xproto.ClientMessageEvent{Format: 32, Window: victim.own, Type: attacker.atom("XdndStatus"), Data: xproto.ClientMessageDataUnionData32New(make([]uint32, 5))}
	for range 30_000 { // xgb keeps 5000
		xproto.SendEvent(attacker.conn, false, victim.own, xproto.EventMaskNoEvent, string(e.Bytes()))
	}
	if _, err := xproto.GetInputFocus(attacker.conn).Reply(); err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = xproto.GetInputFocus(victim.conn).Reply()
	}()
	select {
	case <-answered:
	case <-time.After(30 * time.Second):
		t.Fatal("no answer comes any more")
	}
	if n := len(victim.events); n == 0 || n > maxEvents {
		t.Errorf("%d events are kept", n)
	}
}

// TestPiecesWithoutEnd: who gives a little again and again is left after a while.
func TestPiecesWithoutEnd(t *testing.T) {
	xvfb.Start(t)
	l, giver := opened(t), opened(t)
	property := l.atom("SWITCHBOARD_DROP")
	stop := make(chan struct{})
	var gives sync.WaitGroup
	gives.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				xproto.ChangeProperty(giver.conn, xproto.PropModeAppend, l.own, property, xproto.AtomString, 8, 1, []byte("x"))
			}
		}
	})
	defer gives.Wait()
	defer close(stop)
	start := time.Now()
	if _, err := l.pieces(property, MaxData, start.Add(300*time.Millisecond)); !errors.Is(err, errSlow) || time.Since(start) > patience {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestTwoWindows: a second one is refused at once, and may come when the first is gone.
func TestTwoWindows(t *testing.T) {
	if !hook.TryLock() {
		t.Fatal("somebody watches")
	}
	if _, _, err := hookMessages(nil, [4]uint32{}); !errors.Is(err, errBusy) {
		t.Errorf("%v", err)
	}
	hook.Unlock()
}
