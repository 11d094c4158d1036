package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"switchboard/host/sandbox"
)

var launcher, probe string

func TestMain(m *testing.M) {
	if os.Getenv("LAUNCH_TEST_HOST") != "" {
		actAsHost()
		return
	}
	os.Exit(build(m))
}

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "launch-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	launcher, probe = filepath.Join(dir, "switchboard-launch"), filepath.Join(dir, "probe")
	for out, pkg := range map[string]string{launcher: ".", probe: "./testdata/probe"} {
		cmd := exec.Command("go", "build", "-o", out, pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %s\n", err, said)
			return 1
		}
	}
	return m.Run()
}

// spec is a launch of the probe with folders of its own.
func spec(t *testing.T, profile sandbox.Profile, program string) (s sandbox.Spec, outside string) {
	t.Helper()
	copies, err := sandbox.OpenCopies(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	installed := t.TempDir()
	if err := os.Symlink(program, filepath.Join(installed, "probe")); err != nil {
		t.Fatal(err)
	}
	image, err := copies.Prepare(installed, filepath.Join(installed, "probe"))
	if err != nil {
		t.Fatal(err)
	}
	writable := t.TempDir()
	outside = t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	return sandbox.Spec{
		Profile: profile, Parent: os.Getpid(), Program: image.Program, Dir: image.Dir, Keep: 3,
		Args: []string{"board", writable, outside}, Env: sandbox.BaseEnv(writable), Write: []string{writable},
		Report: filepath.Join(t.TempDir(), "report"),
	}, outside
}

func start(t *testing.T, s sandbox.Spec) *exec.Cmd {
	t.Helper()
	env, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(launcher)
	cmd.Env = env
	return cmd
}

func results(t *testing.T, s sandbox.Spec) map[string]string {
	t.Helper()
	cmd := start(t, s)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	extra, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	cmd.ExtraFiles = []*os.File{extra, extra, extra} // 3 stays, 4 and 5 do not
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	var r map[string]string
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return r
}

const (
	denied = "operation not permitted"
	files  = "permission denied"
)

func expect(t *testing.T, got map[string]string, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if g := got[name]; g != w && !(w != "ok" && strings.HasSuffix(g, ": "+w)) {
			t.Errorf("%s: %q, not %q", name, g, w)
		}
	}
}

// Both profiles have these in common.
func common(landlocked bool) map[string]string {
	want := map[string]string{
		"write inside": "ok", "rename inside": "ok", "read system": "ok", "write null": "ok",
		"write outside": files, "read outside": files, "list outside": files, "read environment of parent": files,
		"chmod": denied, "chown": denied, "utime": denied, "mkfifo": denied, "inotify": denied,
		"udp socket": denied, "raw socket": denied, "unix stream": "ok", "unix datagram": denied,
		"pair of streams": "ok", "pair of datagrams": denied, "listen unix": "ok",
		"connect unix": denied, "connect tcp": denied,
		"fork": denied, "execute": denied, "execute descriptor": denied, "threads": "ok",
		"signal the parent": denied, "signal itself": "ok", "raise a limit": denied, "read a limit": "ok",
		"leave the host": denied, "leave the group": denied, "ptrace": denied, "unshare": denied, "memfd": "ok",
		"newer call": "function not implemented", "capabilities": "ok", "argv0": "board",
		"descriptors": "[0 1 2 3]",
	}
	if !landlocked {
		for _, name := range []string{"write outside", "read outside", "list outside"} {
			want[name] = "ok"
		}
		delete(want, "read environment of parent")
	}
	return want
}

func TestPluginProfile(t *testing.T) {
	s, _ := spec(t, sandbox.Plugin, probe)
	t.Setenv("SECRET_OF_THE_HOST", "x")
	got := results(t, s)
	report, err := sandbox.ReadReport(s.Report)
	if err != nil {
		t.Fatal(err)
	}
	if want := sandbox.Probe(); !slices.Equal(sorted(report.Enforced), sorted(want.Enforced)) || report.Error != "" {
		t.Fatalf("enforced %+v, the probe promised %+v", report, want)
	}
	want := common(sandbox.LandlockVersion() > 0)
	want["tcp socket"], want["tcp6 socket"], want["netlink"], want["listen tcp"] = denied, denied, denied, denied
	want["cwd"] = s.Dir
	expect(t, got, want)
	if strings.Contains(got["environment"], "SECRET") || strings.Contains(got["environment"], sandbox.EnvSpec) {
		t.Fatalf("the environment is not cleared: %s", got["environment"])
	}
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func TestCompanionProfile(t *testing.T) {
	s, _ := spec(t, sandbox.Companion, probe)
	want := common(sandbox.LandlockVersion() > 0)
	want["udp socket"] = "ok" // it tells computers nearby of its network
	want["udp socket"] = "ok" // by which it tells computers nearby of its network
	want["tcp socket"], want["tcp6 socket"], want["netlink"], want["listen tcp"] = "ok", "ok", "ok", "ok"
	delete(want, "execute descriptor") // 1000 lies below its limit; the filter names another
	delete(want, "raise a limit")
	expect(t, results(t, s), want)
}

func refused(t *testing.T, s sandbox.Spec, want string) {
	t.Helper()
	cmd := start(t, s)
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err == nil || !asExit(err, &exit) || exit.ExitCode() != sandbox.ExitRefused || !strings.Contains(string(said), want) {
		t.Fatalf("%v: %s", err, said)
	}
	report, err := sandbox.ReadReport(s.Report)
	if err != nil || !strings.Contains(report.Error, want) {
		t.Fatalf("the report says %+v (%v)", report, err)
	}
}

func asExit(err error, to **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*to = e
	return ok
}

func TestAnotherProgramIsRefused(t *testing.T) {
	s, _ := spec(t, sandbox.Plugin, probe)
	if err := os.Remove(s.Program.Path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Program.Path, []byte("something else"), 0o500); err != nil {
		t.Fatal(err)
	}
	refused(t, s, "is not the program that was installed")
}

func TestChangedTimesOnlyCostTime(t *testing.T) {
	s, _ := spec(t, sandbox.Plugin, probe)
	s.Program.Known.Ctime++
	results(t, s)
}

func TestScriptIsExplained(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntrue\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, _ := spec(t, sandbox.Plugin, script)
	refused(t, s, "exec = [interpreter, file]")
}

func TestWrongParentIsRefused(t *testing.T) {
	s, _ := spec(t, sandbox.Plugin, probe)
	s.Parent = 1
	refused(t, s, "is gone")
}

func TestWithoutSpec(t *testing.T) {
	said, err := exec.Command(launcher).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "started by switchboard only") {
		t.Fatalf("%v: %s", err, said)
	}
}

// actAsHost starts the probe as the host would, says its pid and waits to be
// killed.
func actAsHost() {
	s, err := sandbox.Decode(os.Getenv("LAUNCH_TEST_HOST"))
	if err != nil {
		panic(err)
	}
	s.Parent = os.Getpid()
	env, err := s.Encode()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Getenv("LAUNCH_TEST_LAUNCHER"))
	cmd.Env = env
	out, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		panic(err)
	}
	fmt.Println(cmd.Process.Pid)
	time.Sleep(time.Minute)
}

func TestGoneWithTheHost(t *testing.T) {
	s, _ := spec(t, sandbox.Plugin, probe)
	s.Args = []string{"board", "sleep"}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	host := exec.Command(os.Args[0])
	host.Env = append(os.Environ(), "LAUNCH_TEST_HOST="+string(data), "LAUNCH_TEST_LAUNCHER="+launcher)
	host.Stderr = os.Stderr
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscanln(out, &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("the program is not there: %v", err)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if !alive(pid) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the program outlived the host")
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
