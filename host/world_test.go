package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"switchboard/host/app"
	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

type worldKey struct{}

// world is the hosts of one script, by the name of their profile.
type world struct {
	dir string

	mu     sync.Mutex
	hosts  map[string]*hostProcess
	pids   map[string][]int  // remembered by the command pids
	acked  map[string]string // id by text: what send acknowledged in all storms
	round  int
	server *hostProcess // of the command serve
	port   int
	jobs   map[string]*job // of the command begin
}

type hostProcess struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error
	stderr *bytes.Buffer
}

// patience is how long anything may take on a busy machine.
const patience = 30 * time.Second

func theWorld(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func (w *world) profile(name string) string { return filepath.Join(w.dir, name) }

func (w *world) host(name string) *hostProcess {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hosts[name]
}

// start runs a host and waits for its "ready".
func (w *world) start(name string, args ...string) error {
	cmd := exec.Command(filepath.Join(bin, "switchboard"), append([]string{"--profile", w.profile(name), "--headless"}, args...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	h := &hostProcess{cmd: cmd, exited: make(chan struct{}), stderr: &bytes.Buffer{}}
	cmd.Stderr = h.stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if lines.Text() == "ready" {
				ready <- true
			}
		}
		h.err = cmd.Wait()
		close(h.exited)
	}()
	w.mu.Lock()
	w.hosts[name] = h
	w.mu.Unlock()
	select {
	case <-ready:
		return nil
	case <-h.exited:
		return fmt.Errorf("%s: %w: %s", name, h.err, h.stderr)
	case <-time.After(patience):
		return fmt.Errorf("%s was not ready in time: %s", name, h.stderr)
	}
}

// stop ends a host by SIGTERM and insists on a clean end within 3 s.
func (w *world) stop(name string) error {
	h := w.host(name)
	if h == nil {
		return fmt.Errorf("no host %s", name)
	}
	begin := time.Now()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-h.exited:
	case <-time.After(patience):
		return fmt.Errorf("%s did not end", name)
	}
	if took := time.Since(begin); took > 3*time.Second {
		return fmt.Errorf("%s took %v to end", name, took)
	}
	if h.err != nil {
		return fmt.Errorf("%s: %w: %s", name, h.err, h.stderr)
	}
	return nil
}

// close ends everything of the script, companions too.
func (w *world) close() {
	w.mu.Lock()
	names := make([]string, 0, len(w.hosts))
	for name := range w.hosts {
		names = append(names, name)
	}
	jobs := w.jobs
	w.mu.Unlock()
	for _, j := range jobs {
		_ = j.cmd.Process.Kill() // over already, if the script went well
		<-j.exited
	}
	for _, name := range names {
		_, _, _ = w.run(name, "quit")
		h := w.host(name)
		_ = h.cmd.Process.Kill() // there only if quit failed
		<-h.exited
	}
	_ = w.endServer() // the script is over; that it ends is tried by ! serve
}

// run is one command line with a profile.
func (w *world) run(name string, args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "switchboard"), append([]string{"--profile", w.profile(name)}, args...)...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &o, &e, w.dir
	err = cmd.Run()
	return o.String(), e.String(), err
}

func (w *world) dial(name string) (*control.Client, error) {
	profile, err := app.NewProfile(w.profile(name))
	if err != nil {
		return nil, err
	}
	return control.Dial(profile.Socket())
}

// host NAME [flags…]: starts a headless host.
func cmdHost(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 {
		ts.Fatalf("usage: host NAME")
	}
	err := theWorld(ts).start(args[0], args[1:]...)
	if (err != nil) != neg {
		ts.Fatalf("host %s: %v", args[0], err)
	}
}

// end NAME…: SIGTERM, clean within 3 s.
func cmdEnd(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ts.Check(theWorld(ts).stop(name))
	}
}

// sb NAME ARGS…: the command line with NAME's profile. With ! it must fail with
// status 1 and exactly one line on standard error. The last line of the output
// is in $last.
func cmdSb(ts *testscript.TestScript, neg bool, args []string) {
	stdout, stderr, err := theWorld(ts).run(args[0], args[1:]...)
	fmt.Fprint(ts.Stdout(), stdout)
	fmt.Fprint(ts.Stderr(), stderr)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	ts.Setenv("last", lines[len(lines)-1])
	var exited *exec.ExitError
	switch {
	case !neg && err != nil:
		ts.Fatalf("sb %s: %v: %s", strings.Join(args, " "), err, stderr)
	case neg && (!errors.As(err, &exited) || exited.ExitCode() != 1):
		ts.Fatalf("sb %s: %v, not exit status 1", strings.Join(args, " "), err)
	case neg && strings.Count(stderr, "\n") != 1:
		ts.Fatalf("sb %s: not one sentence: %q", strings.Join(args, " "), stderr)
	}
}

// until NAME REGEXP ARGS…: repeats sb until its output matches; with ! until not.
func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	re := regexp.MustCompile(args[1])
	end := time.Now().Add(patience)
	for {
		stdout, stderr, err := theWorld(ts).run(args[0], args[2:]...)
		if err == nil && re.MatchString(stdout) != neg {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("until %s: gave up at %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// pidOf finds a process: host, companion, or the id of a plugin.
func (w *world) pidOf(name, what string) (int, error) {
	if what == "host" {
		h := w.host(name)
		if h == nil {
			return 0, fmt.Errorf("no host %s", name)
		}
		return h.cmd.Process.Pid, nil
	}
	client, err := w.dial(name)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	status, err := client.Status(ctx, &controlv1.Empty{})
	if err != nil {
		return 0, err
	}
	for _, p := range status.Plugins {
		if p.Id == what && p.Pid > 0 {
			return int(p.Pid), nil
		}
		if what == "companion" && p.CompanionPid > 0 {
			return int(p.CompanionPid), nil
		}
	}
	return 0, fmt.Errorf("%s has no process %s now", name, what)
}

// kill9 NAME host|companion|PLUGIN.
func cmdKill9(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(theWorld(ts).kill(args[0], args[1]))
}

func (w *world) kill(name, what string) error {
	end := time.Now().Add(patience)
	for {
		pid, err := w.pidOf(name, what)
		if err == nil {
			if err = syscall.Kill(pid, syscall.SIGKILL); err == nil {
				if what == "host" {
					<-w.host(name).exited
				}
				return nil
			}
		}
		if time.Now().After(end) {
			return fmt.Errorf("kill %s of %s: %w", what, name, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// pids NAME WHAT…: remembers processes for gone.
func cmdPids(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	if w.pids == nil {
		w.pids = map[string][]int{}
	}
	w.pids[args[0]] = nil
	for _, what := range args[1:] {
		pid, err := w.pidOf(args[0], what)
		ts.Check(err)
		w.pids[args[0]] = append(w.pids[args[0]], pid)
	}
}

// pidof PROFILE NAME: remembers a host that was not started by the script.
func cmdPidOf(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	data, err := os.ReadFile(filepath.Join(w.profile(args[0]), "lock"))
	ts.Check(err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	ts.Check(err)
	if w.pids == nil {
		w.pids = map[string][]int{}
	}
	w.pids[args[1]] = []int{pid}
}

// gone NAME: every process that pids remembered of NAME is gone soon; with !
// all of them live.
func cmdGone(ts *testscript.TestScript, neg bool, args []string) {
	end := time.Now().Add(3 * time.Second)
	for _, pid := range theWorld(ts).pids[args[0]] {
		for alive(pid) && !neg && time.Now().Before(end) {
			time.Sleep(5 * time.Millisecond)
		}
		if alive(pid) != neg {
			ts.Fatalf("process %d of %s: alive is %v", pid, args[0], alive(pid))
		}
	}
}

// alive tells whether a process runs; a zombie does not.
func alive(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// friends A B: the network on A, B invited, both contacts of each other.
func cmdFriends(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	must := func(name string, args ...string) string {
		stdout, stderr, err := w.run(name, args...)
		if err != nil {
			ts.Fatalf("%s: %s: %v: %s", name, strings.Join(args, " "), err, stderr)
		}
		lines := strings.Split(strings.TrimSpace(stdout), "\n")
		return lines[len(lines)-1]
	}
	a, b := args[0], args[1]
	must(a, "setup", "--user", a, "--name", strings.ToUpper(a[:1])+a[1:], "--network", "local")
	link := must(a, "invite")
	must(b, "setup", "--user", b, "--name", strings.ToUpper(b[:1])+b[1:], "--invite", link)
	must(b, "contact", "add", a)
	cmdUntil(ts, false, []string{a, `"` + b + `@[^"]*".*"state":"request"`, "contacts", "--json"})
	must(a, "contact", "accept", b)
	for _, one := range []string{a, b} {
		cmdUntil(ts, false, []string{one, `"state":"friend"`, "contacts", "--json"})
	}
}

// copy FROM TO: copies a profile as a backup program would, TO is replaced.
func cmdCopy(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	ts.Check(os.RemoveAll(w.profile(args[1])))
	out, err := exec.Command("cp", "-a", w.profile(args[0]), w.profile(args[1])).CombinedOutput()
	if err != nil {
		ts.Fatalf("copy: %v: %s", err, out)
	}
}

// replace VAR REGEXP BY: changes an environment variable.
func cmdReplace(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], regexp.MustCompile(args[1]).ReplaceAllString(ts.Getenv(args[0]), args[2]))
}

// message is what history prints of one.
type message struct {
	ID, From, Text, State string
}

func (w *world) history(name, conversation string) ([]message, error) {
	stdout, stderr, err := w.run(name, "history", conversation, "--json")
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr)
	}
	var all []message
	return all, json.Unmarshal([]byte(stdout), &all)
}
