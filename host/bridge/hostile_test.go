package bridge_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/bridge"
	"switchboard/sdk"
)

// runaway leaves its process group and does not stop when asked to.
type runaway struct{}

func (runaway) Start(context.Context, *sdk.Host) error {
	group, err := syscall.Getpgid(os.Getppid())
	if err != nil {
		return err
	}
	return syscall.Setpgid(0, group)
}
func (runaway) Run(ctx context.Context, _ *sdk.Session) error { <-ctx.Done(); return ctx.Err() }
func (runaway) Stop(context.Context) error                    { select {} }

// TestRunawayIsKilled: a plugin that moved to the host's process group is killed
// like any other.
func TestRunawayIsKilled(t *testing.T) {
	c := start(t, options(newSink(), "runaway"))
	pid := c.PID()
	c.Close(t.Context(), 100*time.Millisecond)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Fatalf("process %d is still there: %v", pid, err)
	}
}

// chatty writes to standard error without end.
type chatty struct{}

func (chatty) Start(context.Context, *sdk.Host) error {
	errs := os.NewFile(2, "stderr") // go-plugin takes os.Stderr
	go func() {
		line := []byte(strings.Repeat("x", 1023) + "\n")
		for {
			_, _ = errs.Write(line)
		}
	}()
	return nil
}
func (chatty) Run(ctx context.Context, _ *sdk.Session) error { <-ctx.Done(); return ctx.Err() }

// logged counts what is logged.
type logged struct{ n atomic.Int64 }

func (c *logged) Write(b []byte) (int, error) { c.n.Add(int64(len(b))); return len(b), nil }

// TestFloodOfWords: a plugin that logs without end waits, and is stopped at once
// all the same.
func TestFloodOfWords(t *testing.T) {
	var log logged
	o := options(newSink(), "chatty")
	o.Log = hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug})
	c := start(t, o)
	time.Sleep(time.Second)
	if n := log.n.Load(); n < 1<<19 || n > 3<<20 {
		t.Fatalf("%d bytes were logged in a second", n)
	}
	began := time.Now()
	c.Close(t.Context(), 100*time.Millisecond)
	if took := time.Since(began); took > 2*time.Second {
		t.Fatalf("its end took %v", took)
	}
}

// TestListensElsewhere: the host connects to nothing but a socket in the folder
// that it gave to the plugin.
func TestListensElsewhere(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	path := filepath.Join(t.TempDir(), "other")
	other, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, listens := range []string{"tcp|" + tcp.Addr().String(), "unix|" + path} {
		o := options(newSink(), "elsewhere")
		command := o.Command
		o.Kind = bridge.Feature
		o.Command = func(l bridge.Launch) (*exec.Cmd, error) {
			l.Env = append(l.Env, "BRIDGE_TEST_LISTENS="+listens)
			return command(l)
		}
		if _, err := bridge.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "not on a socket in its folder") {
			t.Fatalf("%s: %v", listens, err)
		}
	}
	soon := time.Now().Add(50 * time.Millisecond)
	_ = tcp.(*net.TCPListener).SetDeadline(soon)
	_ = other.(*net.UnixListener).SetDeadline(soon)
	for _, l := range []net.Listener{tcp, other} {
		if c, err := l.Accept(); err == nil {
			t.Fatalf("the host connected to %v", c.LocalAddr())
		}
	}
}
