package windowtest

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/host/desktest"
)

// TestClosingWithoutATray: the first time a sentence says what closing does, and a
// notification says where the window went, once; a second start brings it back.
func TestClosingWithoutATray(t *testing.T) {
	s := newScreen(t)
	env := sessionBus(t, s)
	i := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, "DBUS_SESSION_BUS_ADDRESS=") })
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimPrefix(env[i], "DBUS_SESSION_BUS_ADDRESS="))
	shown := desktest.NewServer(t, "actions")
	p := start(t, env, newProfile(t))
	p.screen = s
	p.back()
	p.closeWindow(true)
	until(t, "a notification that says where it went", func() bool { return len(shown.Notes()) == 1 })
	if n := shown.Notes()[0]; n.Title != "Switchboard keeps running" || !strings.Contains(n.Body, "start Switchboard again") {
		t.Errorf("shown was %+v", n)
	}
	again := exec.Command(filepath.Join(bin, "switchboard"), "--profile", p.profile)
	again.Env = env
	if out, err := again.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("a second start: %v: %s", err, out)
	}
	p.back()
	p.closeWindow(false)
	if n := len(shown.Notes()); n != 1 {
		t.Errorf("it was said %d times", n)
	}
	p.terminate()
}

// TestQuitInstead: what the first closing asks can be answered with the end of the
// program, and is asked no second time.
func TestQuitInstead(t *testing.T) {
	s := newScreen(t)
	p := open(t, s, newProfile(t))
	s.do("key", "alt+F4")
	time.Sleep(settle)
	if !s.has("Switchboard") {
		t.Fatal("the window was closed without a word")
	}
	p.press1("Tab", "Return") // the other answer is that it keeps running
	if err := p.wait(); err != nil {
		t.Errorf("quit: %v: %s", err, p.stderr.String())
	}
	p = open(t, s, p.profile)
	p.closeWindow(false)
	p.terminate()
}
