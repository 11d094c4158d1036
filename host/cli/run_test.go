package cli

import (
	"bytes"
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"switchboard/host/app"
)

// TestEndCountsFromTheSignal: the window hears a signal that comes while the
// host starts, and what the window then takes is not added to the time of the end.
func TestEndCountsFromTheSignal(t *testing.T) {
	var errs bytes.Buffer
	var began time.Time
	code := Run(context.Background(), []string{"--profile", t.TempDir()}, Program{Out: &errs, Err: &errs, In: strings.NewReader(""),
		Show: func(ctx context.Context, a *app.App, _ Window, end func() error) int {
			began = time.Now()
			if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Second):
				t.Error("the window heard no signal")
			}
			time.Sleep(time.Second) // a window that is slow to go
			if err := end(); err != nil {
				t.Error(err)
			}
			return ExitOK
		}})
	if took := time.Since(began); code != ExitOK || took > EndLimit {
		t.Errorf("%d after %s: %s", code, took, &errs)
	}
}

// TestEndOf: the time of the end stays that of the signal.
func TestEndOf(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	asked := endOf(ctx)
	if d := time.Since(asked()); d > time.Second {
		t.Errorf("nobody asked, but %s ago", d)
	}
	cancel()
	time.Sleep(50 * time.Millisecond)
	first := asked()
	time.Sleep(50 * time.Millisecond)
	if again := asked(); !again.Equal(first) || time.Since(first) < 50*time.Millisecond {
		t.Errorf("%s, then %s", first, again)
	}
}
