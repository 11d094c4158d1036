package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"switchboard/host/bridge"
	"switchboard/host/policy"
	"switchboard/host/sandbox"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func TestLazyStartAndStop(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("board", ""))
	if st := b.s.Status("board"); st.State != model.Stopped || st.PID != 0 {
		t.Fatalf("before it is needed: %+v", st)
	}
	if err := b.s.Send("board", &contractv1.HostFrame{}); !errors.Is(err, ErrNotRunning) {
		t.Fatal(err)
	}
	pid := b.ensure("board")
	st := b.s.Status("board")
	if st.State != model.Running || !alive(pid) || st.MemoryKB < 1000 {
		t.Fatalf("running: %+v", st)
	}
	if probe := b.wanted(); strings.Join(st.Missing, " ") != strings.Join(probe.Missing, " ") || len(st.Isolation) != len(probe.Enforced) {
		t.Fatalf("isolation %v, missing %v", st.Isolation, st.Missing)
	}
	r, err := b.command("board", "who")
	if err != nil || int(r["pid"].(float64)) != pid || r["name"] != "board" {
		t.Fatalf("%v, %v", r, err)
	}
	if _, err := b.command("board", "outside"); err == nil && sandbox.LandlockVersion() > 0 {
		t.Fatal("it wrote outside its folder")
	}
	b.eventually("its log", func() bool {
		return strings.Contains(strings.Join(b.s.Status("board").Log, "\n"), "hello from the plugin")
	})
	if b.ensure("board") != pid {
		t.Fatal("it was started twice")
	}
	began := time.Now()
	if err := b.s.Stop(t.Context(), "board"); err != nil {
		t.Fatal(err)
	}
	if alive(pid) || time.Since(began) > contractv1.StopGrace {
		t.Fatalf("alive %v after %v", alive(pid), time.Since(began))
	}
	if up, down := b.sink.count("board"); up != 1 || down != 1 {
		t.Fatalf("%d up, %d down", up, down)
	}
	if b.s.Status("board").State != model.Stopped || b.ensure("board") == pid {
		t.Fatal("it does not start again")
	}
	b.s.Kick("board")
	b.eventually("the idle stop", func() bool { return b.s.Status("board").State == model.Stopped })
}

func TestSendWorksWithinPluginUp(t *testing.T) {
	b := newBench(t, nil)
	var once error
	b.sink.onUp = func(id string) {
		once = b.s.Send(id, &contractv1.HostFrame{Body: &contractv1.HostFrame_Setting{Setting: &contractv1.SettingValue{Key: "a", Value: "b"}}})
	}
	b.s.Set(b.spec("board", ""))
	b.ensure("board")
	if once != nil {
		t.Fatal(once)
	}
}

func TestStubbornPluginIsKilled(t *testing.T) {
	b := newBench(t, nil)
	spec := b.spec("board", "")
	b.mode(spec.DataDir, "stubborn")
	b.s.Set(spec)
	pid := b.ensure("board")
	began := time.Now()
	b.s.Remove(t.Context(), "board")
	if took := time.Since(began); alive(pid) || took > contractv1.StopGrace+300*time.Millisecond {
		t.Fatalf("alive %v after %v", alive(pid), took)
	}
	if err := b.s.Ensure(t.Context(), "board"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	if st := b.s.Status("board"); st.State != model.Disabled {
		t.Fatalf("%+v", st)
	}
	b.mode(spec.DataDir, "")
	b.s.Set(spec) // switched on again, without a restart of anything
	b.ensure("board")
}

func TestKilledResidentComesBackAndParks(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("im", "resident = true"))
	for i := range 3 {
		pid := b.ensure("im")
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			b.eventually("back", func() bool { p := b.s.Status("im").PID; return p != 0 && p != pid })
		}
	}
	b.eventually("parked", func() bool { return b.s.Status("im").State == model.Parked })
	st := b.s.Status("im")
	if st.Reason == "" || st.PID != 0 {
		t.Fatalf("%+v", st)
	}
	var parked *ParkedError
	if err := b.s.Ensure(t.Context(), "im"); !errors.As(err, &parked) || !strings.Contains(err.Error(), "Test im") {
		t.Fatal(err)
	}
	if err := b.s.Restart(t.Context(), "im"); err != nil {
		t.Fatal(err)
	}
	if st := b.s.Status("im"); st.State != model.Running || st.Reason != "" {
		t.Fatalf("%+v", st)
	}
	if up, down := b.sink.count("im"); up != 4 || down != 3 {
		t.Fatalf("%d up, %d down", up, down)
	}
}

func TestCrashOfOneThatIsNotNeeded(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("board", ""))
	pid := b.ensure("board")
	_ = b.s.Send("board", &contractv1.HostFrame{Body: &contractv1.HostFrame_Command{Command: &contractv1.CommandCall{Id: "x", Name: "exit"}}})
	b.eventually("stopped", func() bool { return b.s.Status("board").State == model.Stopped })
	if st := b.s.Status("board"); !strings.Contains(st.Reason, "exit status 7: no [1mcamera: unplugged") || alive(pid) {
		t.Fatalf("%+v", st)
	}
	b.ensure("board")
}

func TestFailingStartIsNamed(t *testing.T) {
	b := newBench(t, nil)
	spec := b.spec("board", "")
	b.mode(spec.DataDir, "refuse")
	b.s.Set(spec)
	var parked *ParkedError
	if err := b.s.Ensure(t.Context(), "board"); !errors.As(err, &parked) {
		t.Fatalf("%v", err)
	}
	if !strings.Contains(parked.Reason, "the database is broken") {
		t.Logf("log: %v", b.s.Status("board").Log)
		t.Fatalf("the reason is %q", parked.Reason)
	}
	if up, _ := b.sink.count("board"); up != 0 {
		t.Fatalf("%d up", up)
	}
	b.mode(spec.DataDir, "")
	if err := b.s.Restart(t.Context(), "board"); err != nil {
		t.Fatal(err)
	}
}

func TestChangedProgramIsRefusedWithItsReason(t *testing.T) {
	b := newBench(t, nil)
	spec := b.spec("board", "")
	if err := os.Remove(filepath.Join(spec.Dir, "board")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(spec.Dir, "board"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.s.Set(spec)
	err := b.s.Ensure(t.Context(), "board")
	if err == nil || !strings.Contains(err.Error(), "exec = [interpreter, file]") {
		t.Fatal(err)
	}
}

func TestRemoveDuringAStart(t *testing.T) {
	b := newBench(t, nil)
	spec := b.spec("board", "")
	b.mode(spec.DataDir, "hang")
	b.s.Set(spec)
	done := make(chan error, 1)
	go func() { done <- b.s.Ensure(context.Background(), "board") }()
	b.eventually("starting", func() bool { return b.s.Status("board").State == model.Starting })
	time.Sleep(50 * time.Millisecond)
	began := time.Now()
	b.s.Remove(t.Context(), "board")
	if took := time.Since(began); took > time.Second {
		t.Fatalf("it took %v", took)
	}
	if err := <-done; !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
}

func TestEnsureGivesUpWithItsContext(t *testing.T) {
	b := newBench(t, nil)
	spec := b.spec("board", "")
	b.mode(spec.DataDir, "hang")
	b.s.Set(spec)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := b.s.Ensure(ctx, "board"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

func TestEightInParallel(t *testing.T) {
	b := newBench(t, nil)
	var wait sync.WaitGroup
	for i := range 8 {
		id := fmt.Sprintf("p%d", i)
		b.s.Set(b.spec(id, ""))
		wait.Go(func() {
			if err := b.s.Ensure(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	seen := map[int]bool{}
	for i := range 8 {
		seen[b.s.Status(fmt.Sprintf("p%d", i)).PID] = true
	}
	if len(seen) != 8 || seen[0] {
		t.Fatalf("processes %v", seen)
	}
	blobs, err := os.ReadDir(filepath.Join(b.dir, "run", "cache", "blobs"))
	if err != nil || len(blobs) != 1 {
		t.Fatalf("%d copies of one executable (%v)", len(blobs), err)
	}
}

func TestSetAgain(t *testing.T) {
	b := newBench(t, nil)
	spec := b.spec("board", "")
	b.s.Set(spec)
	pid := b.ensure("board")
	b.s.Set(spec)
	if b.ensure("board") != pid {
		t.Fatal("nothing changed and it was restarted")
	}
	spec.Grants = []string{"peers"}
	b.s.Set(spec)
	b.eventually("a process with the new grants", func() bool {
		p := b.s.Status("board").PID
		return p != 0 && p != pid
	})
	if alive(pid) {
		t.Fatal("the old process is still there")
	}
}

func TestPolicyMayDemandIsolation(t *testing.T) {
	u := &unit{id: "board", s: &Supervisor{o: Options{Decide: refuse(policy.AskIsolation, "ask the administrator")}}}
	spec := newBench(t, nil).spec("board", "")
	var refused *RefusedError
	if err := u.allowed(spec, []string{"landlock"}); !errors.As(err, &refused) || refused.Reason != "ask the administrator" {
		t.Fatal(err)
	}
	if err := u.allowed(spec, nil); err != nil {
		t.Fatal(err)
	}
}

func TestCloseStopsAll(t *testing.T) {
	b := newBench(t, nil)
	var pids []int
	for i := range 3 {
		id := fmt.Sprintf("p%d", i)
		b.s.Set(b.spec(id, "resident = true"))
		pids = append(pids, b.ensure(id))
	}
	began := time.Now()
	if err := b.s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > contractv1.StopGrace {
		t.Fatalf("it took %v", took)
	}
	for _, pid := range pids {
		if alive(pid) {
			t.Fatalf("process %d is still there", pid)
		}
	}
	if err := b.s.Ensure(t.Context(), "p0"); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(b.dir, "run", "*.json"))
	if err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestNoOrphansAndCompanionStays(t *testing.T) {
	dir := t.TempDir()
	host := exec.Command(os.Args[0])
	host.Env = append(os.Environ(), hostEnv+"="+dir, builtEnv+"="+built)
	host.Stderr = os.Stderr
	in, err := host.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	var plugin, companion int
	if _, err := fmt.Fscanln(out, &plugin, &companion); err != nil {
		t.Fatal(err)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	b := &bench{t: t, sink: newSink(), dir: dir}
	b.eventually("the plugin is gone", func() bool { return !alive(plugin) })
	if !alive(companion) {
		t.Fatal("the companion ended with the host")
	}
	// The next host of this profile finds it and sweeps the sockets.
	if left, _ := os.ReadDir(socketRoot(filepath.Join(dir, "run"))); len(left) == 0 {
		t.Log("the dead host left no socket folder")
	}
	b.s = New(b.options(nil))
	if left, err := os.ReadDir(socketRoot(filepath.Join(dir, "run"))); err != nil || len(left) != 0 {
		t.Fatalf("socket folders are left: %v (%v)", left, err)
	}
	spec, err := install(dir, "net", "[companion]\nexec = [\"net\", \"companion\"]")
	if err != nil {
		t.Fatal(err)
	}
	b.s.Set(spec)
	if got := b.s.Status("net").CompanionPID; got != companion {
		t.Fatalf("found companion %d, not %d", got, companion)
	}
	if got := b.talk("net", true); got != companion {
		t.Fatalf("talked to %d, not %d", got, companion)
	}
	if err := b.s.StopCompanion(t.Context(), "net"); err != nil {
		t.Fatal(err)
	}
	if alive(companion) {
		t.Fatal("the companion did not end")
	}
	if err := b.s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var _ bridge.Sink = (*sink)(nil)
