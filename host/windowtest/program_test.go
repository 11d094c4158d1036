package windowtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the window's process with its profile.
type program struct {
	t       *testing.T
	screen  *screen
	profile string
	window  string // as X numbers it
	cmd     *exec.Cmd
	stderr  bytes.Buffer
	exited  chan struct{}
	err     error
}

// open starts the program and waits until its window shows something.
func open(t *testing.T, s *screen, profile string) *program {
	t.Helper()
	p := start(t, environment(s.name, t.TempDir()), profile)
	p.screen = s
	p.window = s.find("Switchboard")
	s.drawn(p.window)
	p.settle()
	return p
}

// start runs the program. Whatever becomes of the test, nothing of it is left.
func start(t *testing.T, env []string, profile string, args ...string) *program {
	t.Helper()
	p := &program{t: t, profile: profile, exited: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(bin, "switchboard"), append([]string{"--profile", profile}, args...)...)
	p.cmd.Env, p.cmd.Stderr = env, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		if t.Failed() {
			p.tell()
		}
		if _, err := p.command("quit"); err == nil { // the companion too; else the test has ended it
			_ = p.wait()
		}
		_ = p.cmd.Process.Kill()
		<-p.exited
	})
	return p
}

// tell says how things stood when a test failed.
func (p *program) tell() {
	select {
	case <-p.exited:
		p.t.Logf("the program has ended: %v: %s", p.err, p.stderr.String())
		return
	default:
	}
	out, err := p.command("status", "--json")
	p.t.Logf("status: %s (%v)", out, err)
	if p.screen != nil {
		p.screen.keep()
	}
}

// wait waits for the end of the program.
func (p *program) wait() error {
	select {
	case <-p.exited:
		return p.err
	case <-time.After(patience):
		return errors.New("it did not end")
	}
}

// settle waits until the program has dealt with what it was given: none of its
// threads wants to run, for a while. A blinking caret is allowed.
func (p *program) settle() {
	p.t.Helper()
	const calm = 6 // looks in a row
	seen, quiet := -1, 0
	until(p.t, "the window to come to rest", func() bool {
		busy, ticks := p.work()
		if busy || seen >= 0 && ticks > seen+1 {
			quiet = 0
		}
		seen = ticks
		quiet++
		return quiet > calm
	})
}

// work tells whether a thread of the program runs now, and what all of them have
// used so far in hundredths of a second.
func (p *program) work() (busy bool, ticks int) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.cmd.Process.Pid))
	if err != nil || len(threads) == 0 {
		p.t.Fatalf("the program is gone (%v): %s", p.wait(), p.stderr.String())
	}
	for _, path := range threads {
		fields := stat(path)
		if len(fields) < 13 {
			continue // the thread has just ended
		}
		busy = busy || fields[0] == "R"
		for _, f := range fields[11:13] {
			n, err := strconv.Atoi(f)
			if err != nil {
				p.t.Fatalf("%s: %v", path, err)
			}
			ticks += n
		}
	}
	return busy, ticks
}

// stat is what follows the name in a stat file: state, parent, …
func stat(path string) []string {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return strings.Fields(rest)
}

// press presses keys, one after the other, each after the last has had its effect.
func (p *program) press(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.screen.do("key", k)
		p.settle()
	}
}

// write types a text.
func (p *program) write(text string) {
	p.t.Helper()
	p.screen.do("type", "--delay", "20", text)
	p.settle()
}

// command is one command line with the program's profile.
func (p *program) command(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, filepath.Join(bin, "switchboard"), append([]string{"--profile", p.profile}, args...)...)
	out, err := c.Output()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		err = fmt.Errorf("%w: %s", err, exited.Stderr)
	}
	return string(out), err
}

// ask decodes what a command prints.
func (p *program) ask(into any, args ...string) error {
	out, err := p.command(args...)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(out), into)
}

// status is what the tests need of status --json.
type status struct {
	Account, Name, Connection string

	Plugins []struct {
		ID        string
		Enabled   bool
		State     string
		PID       int
		Companion int `json:"companion_pid"`
	}
}

func (p *program) status() (s status) {
	p.t.Helper()
	if err := p.ask(&s, "status", "--json"); err != nil {
		p.t.Fatal(err)
	}
	return s
}

// plugin is what status says of one.
func (p *program) plugin(id string) (enabled bool, state string, pid, companion int) {
	for _, x := range p.status().Plugins {
		if x.ID == id {
			return x.Enabled, x.State, x.PID, x.Companion
		}
	}
	return false, "", 0, 0
}

// composer is the text that stands in the composer of a conversation.
func (p *program) composer(peer string) (text string) {
	p.t.Helper()
	var all []struct{ ID, Peer string }
	if err := p.ask(&all, "conversations", "--json"); err != nil {
		p.t.Fatal(err)
	}
	for _, c := range all {
		if c.Peer != peer {
			continue
		}
		var view struct {
			Root struct {
				Column struct {
					Children []struct {
						ID     string
						Editor struct{ Text string }
					}
				}
			}
		}
		if err := p.ask(&view, "view", c.ID+"/im", "--json"); err != nil {
			p.t.Fatal(err)
		}
		for _, node := range view.Root.Column.Children {
			text += node.Editor.Text
		}
	}
	return text
}

// message is what the tests need of history --json.
type message struct{ From, Text string }

func (p *program) history(conversation string) (all []message) {
	p.t.Helper()
	if err := p.ask(&all, "history", conversation, "--json"); err != nil {
		p.t.Fatal(err)
	}
	return all
}

// family are the processes that descend from the program.
func (p *program) family() []int {
	children := map[int][]int{}
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, path := range all {
		fields := stat(path)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	found := children[p.cmd.Process.Pid]
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found
}

// alive tells whether a process runs; a zombie does not.
func alive(pid int) bool {
	fields := stat(fmt.Sprintf("/proc/%d/stat", pid))
	return len(fields) > 0 && fields[0] != "Z"
}

// gone waits until none of the processes runs.
func gone(t *testing.T, what string, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		until(t, fmt.Sprintf("the end of %s (process %d)", what, pid), func() bool { return !alive(pid) })
	}
}

// newProfile is a folder whose path is short enough for sockets.
func newProfile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "sbp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "p")
}

// closeWindow has the window manager close the window, and waits until it is gone.
// The first time, the program is told that it goes on.
func (p *program) closeWindow(first bool) {
	p.t.Helper()
	p.screen.do("key", "alt+F4")
	if first {
		time.Sleep(settle)
		p.screen.do("key", "Return")
	}
	until(p.t, "the window to be gone", func() bool { return !p.screen.has("Switchboard") })
	if !alive(p.cmd.Process.Pid) {
		p.t.Fatalf("the program ended with its window: %v: %s", p.wait(), p.stderr.String())
	}
}

// settle is how long the window takes no answer to a question that it has just
// asked, and a little more.
const settle = time.Second

// terminate ends the program as the end of a session does, and waits for it.
func (p *program) terminate() {
	p.t.Helper()
	begin := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.wait(); err != nil {
		p.t.Fatalf("ending: %v: %s", err, p.stderr.String())
	}
	if took := time.Since(begin); took > 3*time.Second {
		p.t.Errorf("ending took %v, more than 3 s", took)
	}
}
