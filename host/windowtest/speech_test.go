package windowtest

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// python is Debian's, for which its bindings are installed.
const python = "/usr/bin/python3"

// sessionBus starts a session bus of its own for a test, on which somebody uses a
// screen reader, and gives the environment for everything on it.
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
	env = append(env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	set := exec.Command("dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus",
		"org.freedesktop.DBus.Properties.Set", "string:org.a11y.Status", "string:IsEnabled", "variant:boolean:true")
	set.Env = env
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("switch accessibility on: %v: %s (.ci/deps test)", err, out)
	}
	return env
}

// TestScreenReader: a person with a screen reader can sign in, find a contact,
// read and answer, and reach every page.
func TestScreenReader(t *testing.T) {
	s := newScreen(t)
	env := sessionBus(t, s)
	p := start(t, env, newProfile(t))
	p.screen = s
	p.window = s.find("Switchboard")
	s.drawn(p.window)
	script, err := filepath.Abs("testdata/reader.py")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	c := exec.CommandContext(ctx, python, script, p.window)
	c.Env = env
	out, err := c.Output()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		t.Fatalf("after %q: %v\n%s", out, err, exited.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	if steps := strings.Split(strings.TrimSpace(string(out)), "\n"); steps[len(steps)-1] != "done" {
		t.Errorf("the reader got as far as %q", steps)
	}
	if _, err := p.command("status"); err != nil {
		t.Errorf("the program is gone: %v", err)
	}
}
