//go:build linux && !android

package ui

import (
	"image"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"gioui.org/app"
	"gioui.org/io/key"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"switchboard/shared/xserver/xvfb"
)

// bareX is an X server with one window and a Russian keyboard.
func bareX(t *testing.T) (server *os.Process, conn *xgb.Conn, window xproto.Window) {
	t.Helper()
	server = xvfb.Start(t)
	var err error
	if out, err := exec.Command("setxkbmap", "ru").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s (.ci/deps test)", err, out)
	}
	if conn, err = xgb.NewConn(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if window, err = xproto.NewWindowId(conn); err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(conn).DefaultScreen(conn)
	err = xproto.CreateWindowChecked(conn, screen.RootDepth, window, screen.Root, 30, 40, 100, 100, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, 0, nil).Check()
	if err != nil {
		t.Fatal(err)
	}
	return server, conn, window
}

func pressK(conn *xgb.Conn, window xproto.Window, state uint16) {
	e := xproto.KeyPressEvent{Detail: 45, Event: window, State: state, SameScreen: true}
	xproto.SendEvent(conn, false, window, xproto.EventMaskKeyPress, string(e.Bytes()))
}

// TestLayoutKeysOutliveAFlood: more events than the library keeps do not stop the
// watch, and with Alt or the third level Ctrl is no shortcut.
func TestLayoutKeysOutliveAFlood(t *testing.T) {
	_, conn, window := bareX(t)
	var l layoutKeys
	defer l.close()
	got := make(chan key.Modifiers, 1<<16)
	l.watch(app.X11ViewEvent{Window: uintptr(window)}, func(n key.Name, m key.Modifiers) {
		if n == "K" {
			got <- m
		}
	})
	if at := l.origin(); at != image.Pt(30, 40) { // so it watches
		t.Fatalf("the window is at %v", at)
	}
	pressK(conn, window, xproto.ModMaskControl|xproto.ModMask1)
	pressK(conn, window, xproto.ModMaskControl|xproto.ModMask5)
	for range 12000 {
		pressK(conn, window, xproto.ModMaskControl)
	}
	for end := time.Now().Add(20 * time.Second); ; {
		pressK(conn, window, xproto.ModMaskControl|xproto.ModMaskShift)
		select {
		case m := <-got:
			if m == key.ModCtrl|key.ModShift {
				return
			}
			if m != key.ModCtrl {
				t.Fatalf("reported with %v", m)
			}
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(end) {
			t.Fatal("the watch has stopped")
		}
	}
}

// TestLayoutKeysDoNotWaitForTheServer: while it hangs, nothing of the window does.
func TestLayoutKeysDoNotWaitForTheServer(t *testing.T) {
	server, _, window := bareX(t)
	var l layoutKeys
	l.watch(app.X11ViewEvent{Window: uintptr(window)}, func(key.Name, key.Modifiers) {})
	if at := l.origin(); at != image.Pt(30, 40) {
		t.Fatalf("the window is at %v", at)
	}
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	within := func(what string, limit time.Duration, do func()) {
		t.Helper()
		begin := time.Now()
		do()
		if took := time.Since(begin); took > limit {
			t.Errorf("%s took %v", what, took)
		}
	}
	within("where the window is", 3*xPatience, func() {
		if at := l.origin(); at != image.Pt(30, 40) {
			t.Errorf("the last known place is lost: %v", at)
		}
	})
	within("another window", xPatience/2, func() {
		l.watch(app.X11ViewEvent{Window: uintptr(window)}, func(key.Name, key.Modifiers) {})
	})
	within("the end", xPatience/2, l.close)
}
