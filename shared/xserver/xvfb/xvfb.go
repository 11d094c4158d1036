//go:build unix

// Package xvfb starts an X server without a screen for a test. It knows neither
// windows nor requests, and is imported by tests only.
package xvfb

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to begin.
const patience = 30 * time.Second

// Start starts Xvfb with a screen of 640 x 480 and more arguments, makes it the
// DISPLAY of this process, and ends it with the test, even when it was stopped. The
// test must not run in parallel.
func Start(t *testing.T, args ...string) *os.Process {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := exec.Command("Xvfb", append([]string{"-displayfd", "3", "-screen", "0", "640x480x24", "-noreset", "-nolisten", "tcp"}, args...)...)
	x.ExtraFiles = []*os.File{w}
	err = x.Start()
	w.Close()
	if err != nil {
		t.Fatalf("%v: install it with .ci/deps test", err)
	}
	t.Cleanup(func() {
		// Asked to, it removes its socket; it may have gone by itself.
		_ = x.Process.Signal(syscall.SIGCONT)
		_ = x.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(patience, func() { _ = x.Process.Kill() })
		_ = x.Wait() // how it ended says nothing
		late.Stop()
	})
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb names no display: %v", err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number)+".0")
	return x.Process
}
