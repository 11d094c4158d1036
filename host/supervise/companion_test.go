package supervise

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"switchboard/host/policy"
)

const withCompanion = "[companion]\nexec = [\"net\", \"companion\"]"

// talk connects to the companion and reads its process id.
func (b *bench) talk(id string, onlyIfRunning bool) int {
	b.t.Helper()
	f, err := b.s.Companion(b.t.(*testing.T).Context(), id, onlyIfRunning)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		b.t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(data), &pid); err != nil {
		b.t.Fatalf("%q: %v", data, err)
	}
	return pid
}

func TestCompanion(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("net", withCompanion))
	if _, err := b.s.Companion(t.Context(), "net", true); !errors.Is(err, ErrNoCompanion) {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	pids := make([]int, 6)
	for i := range pids {
		wait.Go(func() { pids[i] = b.talk("net", false) })
	}
	wait.Wait()
	for _, pid := range pids {
		if pid != pids[0] {
			t.Fatalf("there is more than one companion: %v", pids)
		}
	}
	if st := b.s.Status("net"); st.CompanionPID != pids[0] || st.PID != 0 {
		t.Fatalf("%+v", st)
	}
	// Killed, with its socket left behind: a new one takes its place.
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	b.eventually("gone", func() bool { return b.s.Status("net").CompanionPID == 0 })
	if got := b.talk("net", false); got == pids[0] {
		t.Fatal("a dead companion answered")
	}
	began := time.Now()
	if err := b.s.StopCompanion(t.Context(), "net"); err != nil {
		t.Fatal(err)
	}
	if time.Since(began) > 2*time.Second || b.s.Status("net").CompanionPID != 0 {
		t.Fatal("it did not end")
	}
	if err := b.s.StopCompanion(t.Context(), "net"); err != nil {
		t.Fatal(err)
	}
}

// A plugin that misses its server while the host quits does not bring it back.
func TestQuitIsForGood(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("net", withCompanion))
	b.talk("net", false)
	over := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			if f, err := b.s.Companion(t.Context(), "net", false); err == nil {
				f.Close()
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	if err := b.s.StopCompanion(t.Context(), "net"); err != nil {
		t.Error(err)
	}
	time.Sleep(100 * time.Millisecond)
	close(over)
	wait.Wait()
	if pid := b.s.Status("net").CompanionPID; pid != 0 {
		t.Errorf("process %d was started again", pid)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func TestCompanionInADeepFolder(t *testing.T) {
	b := newBench(t, nil)
	f := strings.Repeat("deep/", 20)
	dir := filepath.Join(b.dir, f)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := connect(filepath.Join(dir, companionSocket)); !errors.Is(err, syscall.ENOENT) {
		t.Fatal(err)
	}
}

// TestLinksOfACompanion: a companion can write its folder, and must not lead the
// host to other files and sockets, or have it end another process.
func TestLinksOfACompanion(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("net", withCompanion))
	dir := filepath.Join(b.dir, "companions", "net")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(b.dir, "other.sock")
	l, err := net.Listen("unix", other)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Symlink(other, filepath.Join(dir, companionSocket)); err != nil {
		t.Fatal(err)
	}
	if f, err := connect(filepath.Join(dir, companionSocket)); err == nil {
		f.Close()
		t.Fatal("another socket was connected")
	}
	precious := filepath.Join(b.dir, "precious")
	for _, name := range []string{companionLock, companionLog} {
		if err := os.WriteFile(precious, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(precious, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if f, err := b.s.Companion(t.Context(), "net", false); err == nil {
			f.Close()
			t.Fatal("it started with", name)
		} else if strings.Contains(err.Error(), "mine") {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(precious); err != nil || string(data) != "mine" {
			t.Fatalf("%s: %q (%v)", name, data, err)
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	real := b.talk("net", false)
	lock := filepath.Join(dir, companionLock)
	pid, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lock, []byte(fmt.Sprint(os.Getppid())), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := companionPID(dir); got != real {
		t.Fatalf("process %d was believed to be the companion, not %d", got, real)
	}
	if err := os.Remove(recordFile(dir)); err != nil {
		t.Fatal(err)
	}
	if got := companionPID(dir); got != -1 {
		t.Fatalf("process %d was believed to be the companion", got)
	}
	if err := os.WriteFile(lock, pid, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.s.StopCompanion(t.Context(), "net"); err != nil {
		t.Fatal(err)
	}
}

func TestBrokenCompanionIsNamed(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("net", withCompanion))
	b.mode(filepath.Join(b.dir, "companions", "net"), "broken")
	_, err := b.s.Companion(t.Context(), "net", false)
	if err == nil || !strings.Contains(err.Error(), "the disk of the server is full") {
		t.Fatal(err)
	}
	if b.s.Status("net").CompanionPID != 0 {
		t.Fatal("something holds the lock")
	}
}

func TestPolicyMayForbidTheCompanion(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Decide = refuse(policy.AskCompanion, "no servers here") })
	b.s.Set(b.spec("net", withCompanion))
	_, err := b.s.Companion(t.Context(), "net", false)
	if err == nil || !strings.Contains(err.Error(), "no servers here") {
		t.Fatal(err)
	}
}
