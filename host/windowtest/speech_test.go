package windowtest

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// python is Debian's, for which its bindings are installed.
const python = "/usr/bin/python3"

// sessionBus starts a session bus of its own for a test and gives the environment
// for everything on it.
func sessionBus(t *testing.T, s *screen) []string {
	t.Helper()
	home := t.TempDir()
	env := append(environment(s.name, home), "XDG_RUNTIME_DIR="+home)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=3", "--address=unix:dir="+home)
	bus.Env, bus.ExtraFiles = env, []*os.File{w}
	background(t, bus)
	w.Close()
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("the session bus did not start: %v (.ci/deps test)", err)
	}
	return append(env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
}

// speakingBus is sessionBus on which somebody uses a screen reader.
func speakingBus(t *testing.T, s *screen) []string {
	t.Helper()
	env := sessionBus(t, s)
	set := exec.Command("dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus",
		"org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", "string:IsEnabled", "variant:boolean:true")
	set.Env = env
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("switch accessibility on: %v: %s (.ci/deps test)", err, out)
	}
	return env
}

// TestScreenReader: a person with a screen reader can sign in, find a contact,
// read and answer, and reach every page; and the shortcuts work on keyboards
// without Latin letters.
func TestScreenReader(t *testing.T) {
	s := newScreen(t)
	env := speakingBus(t, s)
	p := start(t, env, newProfile(t))
	p.screen = s
	p.window = s.find("Switchboard")
	s.drawn(p.window)
	t.Run("reader", func(t *testing.T) { script(t, env, "reader.py", p.window) })
	if t.Failed() {
		return
	}
	t.Run("settings", func(t *testing.T) {
		script(t, env, "settings.py", p.window, filepath.Join(bin, "switchboard"), "--profile", p.profile)
	})
	t.Run("keys", func(t *testing.T) { script(t, env, "keys.py", p.window) })
	if _, err := p.command("status"); err != nil {
		t.Errorf("the program is gone: %v", err)
	}
}

// script runs one of the scripts of testdata to its end.
func script(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	c := exec.CommandContext(ctx, python, append([]string{filepath.Join("testdata", name)}, args...)...)
	c.Env = append(env, "PYTHONDONTWRITEBYTECODE=1")
	out, err := c.Output()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		t.Fatalf("after %q: %v\n%s", out, err, exited.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	if steps := strings.Split(strings.TrimSpace(string(out)), "\n"); steps[len(steps)-1] != "done" {
		t.Errorf("the script got as far as %q", steps)
	}
}

// TestWindowComesBackForAScreenReader: the window is closed to the tray and opened
// again while somebody listens; nothing of a window that is gone stays, neither in
// the tree nor in the program.
func TestWindowComesBackForAScreenReader(t *testing.T) {
	s := newScreen(t)
	env := speakingBus(t, s)
	tray := newPanel(t, env)
	p := start(t, env, newProfile(t))
	p.screen = s
	p.back()
	if tip := tray.tooltip(); tip == "" {
		t.Error("the icon says nothing")
	}
	firstRun(t, p)
	echo := talkToEcho(t, p)
	script(t, env, "again.py", p.window, filepath.Join(bin, "switchboard"), "--profile", p.profile, "open", echo)
	if t.Failed() {
		return
	}
	p.settle()
	// The runtime says at this signal what every goroutine does, and ends.
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = p.wait() // as it was told to
	left := 0
	for _, one := range strings.Split(p.stderr.String(), "\n\n") {
		if !strings.HasPrefix(one, "goroutine ") {
			continue
		}
		left++
		for _, of := range []string{"switchboard/ui/access.", "switchboard/ui/drop.", "switchboard/ui.(*layoutKeys)", "switchboard/ui.Run", "switchboard/ui/pixels."} {
			if strings.Contains(one, of) {
				t.Errorf("of five windows that are closed there is left:\n%s", one)
			}
		}
	}
	if left < 10 {
		t.Errorf("the program told of %d goroutines: %s", left, p.stderr.String())
	}
}
