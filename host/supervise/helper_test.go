package supervise

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/host/policy"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
)

// What TestMain built; a host that a test starts gets the folder by environment.
const builtEnv, hostEnv = "SUPERVISE_TEST_BUILT", "SUPERVISE_TEST_HOST"

var built string

func TestMain(m *testing.M) {
	if dir := os.Getenv(hostEnv); dir != "" {
		built = os.Getenv(builtEnv)
		if os.Getenv(groupEnv) != "" {
			actInGroup(dir)
			return
		}
		actAsHost(dir)
		return
	}
	dir, err := os.MkdirTemp("", "sup")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built = dir
	code := 1
	if build(dir) {
		code = m.Run()
	}
	os.RemoveAll(dir)
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func build(dir string) bool {
	for name, pkg := range map[string]string{"switchboard-launch": "switchboard/host/launch", "plugin": "./testdata/plugin"} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %s\n", err, said)
			return false
		}
	}
	return true
}

// sink collects what the supervisor passes on.
type sink struct {
	mu    sync.Mutex
	up    map[string]int
	down  map[string]int
	calls map[string]chan *contractv1.CommandReply
	// onUp is called within PluginUp.
	onUp func(id string)
}

func newSink() *sink {
	return &sink{up: map[string]int{}, down: map[string]int{}, calls: map[string]chan *contractv1.CommandReply{}}
}

func (s *sink) PluginUp(id string, _ *contractv1.Ready) {
	s.mu.Lock()
	s.up[id]++
	f := s.onUp
	s.mu.Unlock()
	if f != nil {
		f(id)
	}
}

func (s *sink) PluginDown(id string, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down[id]++
}

func (s *sink) PluginFrame(_ string, f *contractv1.PluginFrame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := f.GetCommandReply(); r != nil && s.calls[r.GetId()] != nil {
		s.calls[r.GetId()] <- r
		delete(s.calls, r.GetId())
	}
}

func (s *sink) PluginRoom(string, uint32) {}

func (s *sink) count(id string) (up, down int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up[id], s.down[id]
}

// bench is a supervisor with a profile of its own.
type bench struct {
	t    testing.TB
	s    *Supervisor
	sink *sink
	dir  string
	next int
}

func newBench(t testing.TB, change func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, sink: newSink(), dir: t.TempDir()}
	b.s = New(b.options(change))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := b.s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) options(change func(*Options)) Options {
	o := Options{
		Launcher: filepath.Join(built, "switchboard-launch"), RunDir: filepath.Join(b.dir, "run"), Sink: b.sink,
		CompanionDir: func(id string) string { return filepath.Join(b.dir, "companions", id) },
	}
	if change != nil {
		change(&o)
	}
	return o
}

// spec installs a plugin that is a link to the one executable.
func (b *bench) spec(id string, more string) Spec {
	b.t.Helper()
	s, err := install(b.dir, id, more)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func install(profile, id, more string) (Spec, error) {
	dir := filepath.Join(profile, "plugins", id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Spec{}, err
	}
	text := fmt.Sprintf("id = %q\nname = \"Test %s\"\nversion = \"1.0.0\"\nkind = \"network\"\ncontract = 1\nexec = %q\n%s\n", id, id, id, more)
	if err := os.WriteFile(filepath.Join(dir, manifest.FileName), []byte(text), 0o600); err != nil {
		return Spec{}, err
	}
	_ = os.Symlink(filepath.Join(built, "plugin"), filepath.Join(dir, id))
	m, err := manifest.Load(dir)
	return Spec{Manifest: m, Dir: dir, DataDir: filepath.Join(profile, "data", id)}, err
}

// mode says how the plugin behaves at its next start.
func (b *bench) mode(dir, mode string) {
	b.t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mode"), []byte(mode), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) ensure(id string) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := b.s.Ensure(ctx, id); err != nil {
		b.t.Fatal(err)
	}
	return b.s.Status(id).PID
}

// command sends one and waits for the answer.
func (b *bench) command(id, name string) (map[string]any, error) {
	b.t.Helper()
	b.next++
	call := fmt.Sprintf("c%d", b.next)
	reply := make(chan *contractv1.CommandReply, 1)
	b.sink.mu.Lock()
	b.sink.calls[call] = reply
	b.sink.mu.Unlock()
	if err := b.s.Send(id, &contractv1.HostFrame{Body: &contractv1.HostFrame_Command{
		Command: &contractv1.CommandCall{Id: call, Name: name, TimeoutMs: 5000}}}); err != nil {
		return nil, err
	}
	select {
	case r := <-reply:
		if r.GetError() != nil {
			return nil, errors.New(r.GetError().GetMessage())
		}
		var result map[string]any
		return result, json.Unmarshal(r.GetResult(), &result)
	case <-time.After(5 * time.Second):
		return nil, errors.New("no answer")
	}
}

func (b *bench) eventually(what string, f func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(8 * time.Second); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("never: %s", what)
		}
	}
}

// alive is false for a process that has ended and waits to be collected.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

func refuse(ask policy.Ask, reason string) func(policy.Question) policy.Verdict {
	return func(q policy.Question) policy.Verdict {
		if q.Ask == ask {
			return policy.Verdict{Reason: reason}
		}
		return policy.Verdict{Allowed: true}
	}
}

// actAsHost is a host that starts a plugin and a companion, tells their
// processes and waits to be killed.
func actAsHost(dir string) {
	s := New(Options{
		Launcher: filepath.Join(built, "switchboard-launch"), RunDir: filepath.Join(dir, "run"), Sink: newSink(),
		CompanionDir: func(id string) string { return filepath.Join(dir, "companions", id) },
	})
	spec, err := install(dir, "net", "[companion]\nexec = [\"net\", \"companion\"]")
	if err != nil {
		panic(err)
	}
	s.Set(spec)
	if err := s.Ensure(context.Background(), "net"); err != nil {
		panic(err)
	}
	f, err := s.Companion(context.Background(), "net", false)
	if err != nil {
		panic(err)
	}
	f.Close()
	st := s.Status("net")
	fmt.Println(st.PID, st.CompanionPID)
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // until the test ends
}
