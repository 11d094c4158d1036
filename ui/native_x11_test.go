//go:build linux && !android

package ui

import (
	"os"
	"syscall"
	"testing"
	"time"

	"switchboard/shared/xserver/xvfb"
)

// ownDisplay starts an X server for one test, and hides a compositor.
func ownDisplay(t *testing.T) *os.Process {
	t.Helper()
	t.Setenv(wayland, noWayland)
	return xvfb.Start(t)
}

// TestDisplayThatHangs: who waits for its end, or asks it for the front, is not
// held; when it ends after all, that is seen, also by who came while it hung.
func TestDisplayThatHangs(t *testing.T) {
	x := ownDisplay(t)
	before, stopBefore := displayGone()
	defer stopBefore()
	var n native
	n.window.Store(1)
	n.activate("token_TIME1") // that window is not there, which is nobody's fault
	if err := x.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	n.activate("token_TIME2")
	_, stop := displayGone()
	time.Sleep(50 * time.Millisecond)
	stop()
	if took := time.Since(start); took > activation+5*time.Second {
		t.Errorf("a display that hangs held us for %v", took)
	}
	meanwhile, stopMeanwhile := displayGone()
	defer stopMeanwhile()
	time.Sleep(50 * time.Millisecond)
	for _, gone := range []<-chan struct{}{before, meanwhile} {
		select {
		case <-gone:
			t.Error("a display that hangs is taken for one that is gone")
		default:
		}
	}
	if err := x.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	if err := x.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []<-chan struct{}{before, meanwhile} {
		select {
		case <-gone:
		case <-time.After(30 * time.Second):
			t.Error("its end is not seen")
		}
	}
	t.Setenv("DISPLAY", "")
	gone, stopNone := displayGone()
	stopNone()
	select {
	case <-gone:
		t.Error("without a display, one is gone")
	default:
	}
}
