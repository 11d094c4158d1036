package supervise

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"switchboard/host/sandbox"
)

// groupEnv makes a host that a test starts say how its plugin is limited.
const groupEnv = "SUPERVISE_TEST_GROUP"

const unlimited = "processor, threads and shared memory are not limited here"

// wanted is what this system enforces for a plugin, and what it does not.
func (b *bench) wanted() sandbox.Report {
	var limited []string
	if g := b.s.limits(); g != nil {
		limited = g.limited
	}
	return withGroups(sandbox.Probe(), limited)
}

func TestWhatIsNotLimitedIsSaid(t *testing.T) {
	for _, c := range []struct {
		limited []string
		want    string
	}{
		{nil, unlimited},
		{[]string{"pids", "memory"}, "processor is not limited here"},
		{[]string{"cpu"}, "threads and shared memory are not limited here"},
		{[]string{"memory", "pids", "cpu"}, ""},
	} {
		r := withGroups(sandbox.Report{Enforced: []string{"seccomp"}}, c.limited)
		if got := strings.Join(r.Missing, "; "); got != c.want {
			t.Errorf("with %v: %q, not %q", c.limited, got, c.want)
		}
		if slices.Contains(r.Enforced, groupEnforced) != (c.want == "") {
			t.Errorf("with %v: enforced %v", c.limited, r.Enforced)
		}
	}
	// A folder that is no group is not divided, and the plugin starts all the same.
	b := newBench(t, func(o *Options) { o.Cgroup = o.RunDir })
	b.s.Set(b.spec("board", ""))
	b.ensure("board")
	if st := b.s.Status("board"); !slices.Contains(st.Missing, unlimited) {
		t.Errorf("missing %v", st.Missing)
	}
}

// handedOver is a group that belongs to the test, empty where this system lets
// it have none.
func handedOver(t *testing.T) string {
	own, err := ownGroup()
	if err != nil {
		return ""
	}
	dir, err := os.MkdirTemp(own, "switchboard-test-")
	if err != nil {
		return ""
	}
	if mine := exec.Command("true"); !startsIn(dir, mine) {
		_ = os.Remove(dir)
		return ""
	}
	t.Cleanup(func() {
		_ = write(dir, "cgroup.kill", "1")
		(&group{dir: filepath.Join(dir, hostGroup)}).remove()
		(&group{dir: dir}).remove()
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s is left", dir)
		}
	})
	return dir
}

func startsIn(dir string, cmd *exec.Cmd) bool {
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	g := &group{fd: f}
	defer g.started()
	g.start(cmd)
	return cmd.Run() == nil
}

// told is what the host in the group says.
type told struct {
	Host, Plugin    string // groups
	Files           map[string]string
	Missing, Secure []string
	Alive, Left     bool // after it was killed and stopped
}

// TestGroups: where the system hands a control group over, every plugin has its
// own with limits, in which it is killed, and nothing is left of it. Where not,
// that is said.
func TestGroups(t *testing.T) {
	dir := handedOver(t)
	if dir == "" {
		b := newBench(t, nil)
		b.s.Set(b.spec("board", ""))
		b.ensure("board")
		if st := b.s.Status("board"); !slices.Contains(st.Missing, unlimited) {
			t.Errorf("no groups here, and missing is %v", st.Missing)
		}
		return
	}
	available, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	host := exec.Command(os.Args[0])
	host.Env = append(os.Environ(), hostEnv+"="+t.TempDir(), builtEnv+"="+built, groupEnv+"=yes")
	host.Stdout, host.Stderr = &out, os.Stderr
	if !startsIn(dir, host) {
		t.Fatal("the host in the group failed")
	}
	var got told
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	base := filepath.Base(dir)
	if !strings.HasSuffix(got.Host, base+"/"+hostGroup) || !strings.HasSuffix(got.Plugin, base+"/"+pluginGroups+"board") {
		t.Errorf("the host is in %q, the plugin in %q", got.Host, got.Plugin)
	}
	if got.Alive || got.Left {
		t.Errorf("after the end: alive %v, group %v", got.Alive, got.Left)
	}
	var limited []string
	for _, l := range groupLimits {
		if !slices.Contains(strings.Fields(string(available)), l.controller) {
			continue
		}
		limited = append(limited, l.controller)
		if v := got.Files[l.file]; v == "" || v == "max" || v == "100" {
			t.Errorf("%s is %q", l.file, v)
		}
	}
	want := withGroups(sandbox.Probe(), limited)
	if !slices.Equal(got.Missing, want.Missing) || slices.Contains(got.Secure, groupEnforced) != (len(limited) == len(groupLimits)) {
		t.Errorf("enforced %v, missing %v, want missing %v", got.Secure, got.Missing, want.Missing)
	}
}

// TestGroupKillsAll: a process that left its session and its parent is ended too.
func TestGroupKillsAll(t *testing.T) {
	dir := handedOver(t)
	if dir == "" {
		if err := (*group)(nil).kill(); err != nil {
			t.Errorf("without groups: %v", err)
		}
		return
	}
	one, err := (&groups{dir: dir}).make("board")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "setsid sleep 60 & echo $!; wait")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	one.start(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	one.started()
	var child int
	if _, err := fmt.Fscan(bufio.NewReader(pipe), &child); err != nil || !alive(child) {
		t.Fatalf("child %d: %v", child, err)
	}
	if err := one.kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	b := &bench{t: t}
	b.eventually("the child's end", func() bool { return !alive(child) })
	one.remove()
	if _, err := os.Stat(one.dir); err == nil {
		t.Error("the group is left")
	}
}

// actInGroup is a host in a group that was handed to it. It kills a plugin that
// does not want to end.
func actInGroup(dir string) {
	base, err := ownGroup()
	if err != nil {
		panic(err)
	}
	s := New(Options{Launcher: filepath.Join(built, "switchboard-launch"), RunDir: filepath.Join(dir, "run"), Sink: newSink()})
	spec, err := install(dir, "board", "")
	if err != nil {
		panic(err)
	}
	if err := os.MkdirAll(spec.DataDir, 0o700); err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(spec.DataDir, "mode"), []byte("stubborn"), 0o600); err != nil {
		panic(err)
	}
	s.Set(spec)
	if err := s.Ensure(context.Background(), "board"); err != nil {
		panic(err)
	}
	st := s.Status("board")
	t := told{Missing: st.Missing, Secure: st.Isolation, Files: map[string]string{}}
	t.Host, _ = ownGroup()
	where, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", st.PID))
	for line := range strings.Lines(string(where)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			t.Plugin = path
		}
	}
	own := filepath.Join(base, pluginGroups+"board")
	for _, l := range groupLimits {
		data, _ := os.ReadFile(filepath.Join(own, l.file))
		t.Files[l.file] = strings.TrimSpace(string(data))
	}
	if err := s.Close(context.Background()); err != nil {
		panic(err)
	}
	t.Alive = syscall.Kill(st.PID, 0) == nil
	_, err = os.Stat(own)
	t.Left = err == nil
	if err := json.NewEncoder(os.Stdout).Encode(t); err != nil {
		panic(err)
	}
}
