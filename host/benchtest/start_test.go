package benchtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"switchboard/host/supervise"
	"switchboard/shared/budget"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
)

// Sizes of the measurement.
const (
	together   = 8 // plugins that start at the same time
	coldStarts = 15
	killed     = 5
	floorRuns  = 5
)

// BenchmarkStart: a plugin in its sandbox whose program is known, from nothing
// to what it shows on its first event.
func BenchmarkStart(b *testing.B) {
	s := newStarts(b)
	var cold, parallel, back, least []time.Duration
	for range coldStarts / 3 {
		least = append(least, floor(b, floors[0], "BenchmarkFloorStart", floorRuns))
		for range 3 {
			cold = append(cold, s.cold("tally0"))
		}
		parallel = append(parallel, s.parallel())
	}
	for range killed {
		back = append(back, s.killAndBack("tally0"))
	}
	bare := budget.Ms(budget.Percentile(least, 50))
	budget.AtMost("plugin cold start to first event, sandboxed, p50", "ms", budget.Ms(budget.Percentile(cold, 50)), 20).Over(bare).Report(b)
	budget.AtMost("eight plugins in parallel, p50", "ms", budget.Ms(budget.Percentile(parallel, 50)), 80).Over(together * bare).Report(b)
	budget.AtMost("plugin back after kill -9, p50", "ms", budget.Ms(budget.Percentile(back, 50)), 100).Over(bare).Report(b)
}

// starts is a supervisor with plugins, and what they said.
type starts struct {
	b   *testing.B
	sup *supervise.Supervisor

	mu    sync.Mutex
	shown map[string]chan struct{} // closed by the first Show
	down  map[string]chan struct{}
}

func newStarts(b *testing.B) *starts {
	b.Helper()
	dir, err := os.MkdirTemp(tools, "s")
	if err != nil {
		b.Fatal(err)
	}
	s := &starts{b: b, shown: map[string]chan struct{}{}, down: map[string]chan struct{}{}}
	s.sup = supervise.New(supervise.Options{Launcher: filepath.Join(bin, "switchboard-launch"), RunDir: filepath.Join(dir, "run"), Sink: s})
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.sup.Close(ctx); err != nil {
			b.Error(err)
		}
	})
	for i := range together {
		id := fmt.Sprint("tally", i)
		s.install(dir, id)
		s.cold(id) // from now on the program is known
	}
	return s
}

// install makes the tally a plugin of another name: one program, linked, as the
// delivered plugins are.
func (s *starts) install(dir, id string) {
	s.b.Helper()
	folder := filepath.Join(dir, "plugins", id)
	toml, err := os.ReadFile(filepath.Join(tools, "tally", "plugin.toml"))
	if err != nil {
		s.b.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		s.b.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(tools, "tally", "tally"), filepath.Join(folder, "tally")); err != nil {
		s.b.Fatal(err)
	}
	text := strings.Replace(string(toml), `id = "tally"`, `id = "`+id+`"`, 1)
	if err := os.WriteFile(filepath.Join(folder, "plugin.toml"), []byte(text), 0o600); err != nil {
		s.b.Fatal(err)
	}
	m, err := manifest.Load(folder)
	if err != nil {
		s.b.Fatal(err)
	}
	s.sup.Set(supervise.Spec{Manifest: m, Dir: folder, DataDir: filepath.Join(dir, "data", id)})
}

// begin starts a plugin, opens a session and waits for what it shows.
func (s *starts) begin(id string) error {
	shown := make(chan struct{})
	s.mu.Lock()
	s.shown[id], s.down[id] = shown, make(chan struct{})
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.sup.Ensure(ctx, id); err != nil {
		return err
	}
	if err := s.sup.Send(id, &contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Open{Open: &contractv1.SessionOpen{
		SessionId: "s", Conversation: &contractv1.Conversation{Id: "dm.alice.bob"}}}}); err != nil {
		return err
	}
	select {
	case <-shown:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s shows nothing: %w", id, ctx.Err())
	}
}

func (s *starts) stop(id string) {
	s.b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.sup.Stop(ctx, id); err != nil {
		s.b.Fatal(err)
	}
}

func (s *starts) cold(id string) time.Duration {
	s.b.Helper()
	begin := time.Now()
	if err := s.begin(id); err != nil {
		s.b.Fatal(err)
	}
	took := time.Since(begin)
	s.stop(id)
	return took
}

func (s *starts) parallel() time.Duration {
	s.b.Helper()
	var all sync.WaitGroup
	errs := make([]error, together)
	begin := time.Now()
	for i := range together {
		all.Go(func() { errs[i] = s.begin(fmt.Sprint("tally", i)) })
	}
	all.Wait()
	took := time.Since(begin)
	for i, err := range errs {
		if err != nil {
			s.b.Fatal(err)
		}
		s.stop(fmt.Sprint("tally", i))
	}
	return took
}

// wellStarted is how long a plugin runs before it is killed: one that dies
// younger is not started again at once.
const wellStarted = 1100 * time.Millisecond

func (s *starts) killAndBack(id string) time.Duration {
	s.b.Helper()
	if err := s.begin(id); err != nil {
		s.b.Fatal(err)
	}
	time.Sleep(wellStarted)
	s.mu.Lock()
	down := s.down[id]
	s.mu.Unlock()
	begin := time.Now()
	if err := syscall.Kill(s.sup.Status(id).PID, syscall.SIGKILL); err != nil {
		s.b.Fatal(err)
	}
	<-down
	if err := s.begin(id); err != nil {
		s.b.Fatal(err)
	}
	took := time.Since(begin)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.sup.Restart(ctx, id); err != nil { // forgives, or the third kill would park it
		s.b.Fatal(err)
	}
	s.stop(id)
	return took
}

// PluginUp is of no interest: Ensure tells.
func (s *starts) PluginUp(string, *contractv1.Ready) {}

// PluginDown notes the end.
func (s *starts) PluginDown(id string, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.down[id]; c != nil {
		close(c)
		delete(s.down, id)
	}
}

// PluginFrame notes the first Show.
func (s *starts) PluginFrame(id string, f *contractv1.PluginFrame) {
	if f.GetShow() == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.shown[id]; c != nil {
		close(c)
		delete(s.shown, id)
	}
}

// PluginRoom is of no interest.
func (s *starts) PluginRoom(string, uint32) {}
