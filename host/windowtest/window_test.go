package windowtest

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWindow is the first day of somebody with the program, from the first run
// to its end, by the keyboard.
func TestWindow(t *testing.T) {
	s := newScreen(t)
	p := open(t, s, newProfile(t))
	t.Run("first run", func(t *testing.T) { firstRun(t, p) })
	if t.Failed() {
		return
	}
	echo := talkToEcho(t, p)
	t.Run("plugin off and on", func(t *testing.T) { switchPlugin(t, p, echo) })
	if t.Failed() {
		return
	}
	closing(t, p, echo)
}

// firstRun is: my name, just try it.
func firstRun(t *testing.T, p *program) {
	if a := p.status().Account; a != "" {
		t.Fatalf("a fresh profile has the account %s", a)
	}
	p.write("Alice Ferrari")
	p.press("Return", "Tab", "Tab", "Tab", "Tab", "Return", "Return")
	until(t, "an account that is connected", func() bool { return p.status().Connection == "connected" })
	if s := p.status(); s.Name != "Alice Ferrari" || !strings.HasPrefix(s.Account, "alice-ferrari@") {
		t.Errorf("the account is %s (%s)", s.Account, s.Name)
	}
	p.settle()
}

// talkToEcho opens the first conversation and has it answered.
func talkToEcho(t *testing.T, p *program) (address string) {
	p.press("Return") // Talk to Echo stands first
	until(t, "Echo among the contacts", func() bool {
		var all []struct{ Address, Name, State string }
		if err := p.ask(&all, "contacts", "--json"); err != nil {
			return false
		}
		for _, c := range all {
			if c.Name == "Echo" && c.State == "friend" {
				address = c.Address
			}
		}
		return address != ""
	})
	p.settle()
	say(t, p, address, "Hello from a keyboard")
	return address
}

// say writes into the open conversation and waits for Echo to repeat it.
func say(t *testing.T, p *program, echo, text string) {
	t.Helper()
	until(t, "the composer to take "+text, func() bool {
		if p.composer(echo) == "" { // when the conversation was not open yet
			p.write(text)
		}
		return p.composer(echo) == text
	})
	p.press("Return")
	has := func(from, text string) bool {
		return slices.ContainsFunc(p.history(echo), func(m message) bool { return (m.From == echo) == (from == echo) && m.Text == text })
	}
	until(t, "my message", func() bool { return has("", text) })
	until(t, "Echo's answer", func() bool { return has(echo, text) })
}

// switchPlugin switches messages off and on, and talks on.
func switchPlugin(t *testing.T, p *program, echo string) {
	p.press("ctrl+k")
	p.write("plugins")
	p.press("Return", "Tab", "space")
	until(t, "Messages to be off", func() bool { on, _, pid, _ := p.plugin("im"); return !on && pid == 0 })
	p.settle()
	p.press("space")
	until(t, "Messages to run again", func() bool { on, state, _, _ := p.plugin("im"); return on && state == "running" })
	p.press("Escape")
	say(t, p, echo, "Still here")
}

// closing closes the window, which ends nothing, and ends the program as the end of
// a session does: what belongs to it ends, the network does not.
func closing(t *testing.T, p *program, echo string) {
	_, _, _, companion := p.plugin("nats")
	family := slices.DeleteFunc(p.family(), func(pid int) bool { return pid == companion })
	if companion == 0 || len(family) < 4 { // im and nats, Echo and its own
		t.Fatalf("companion %d, processes %v", companion, family)
	}
	before := p.history(echo)
	p.closeWindow(true)
	p.terminate()
	gone(t, "what the window had started", family...)
	if !alive(companion) {
		t.Error("the network ended with the window; others may use it")
	}
	again := open(t, p.screen, p.profile)
	if after := again.history(echo); !slices.Equal(after, before) || len(after) < 4 {
		t.Errorf("another window has the history %v, not %v", after, before)
	}
	again.press("ctrl+q") // asks first, and takes no answer before the question can be read
	time.Sleep(settle)
	again.press("Tab")
	again.screen.do("key", "Return")
	if err := again.wait(); err != nil {
		t.Errorf("quit: %v: %s", err, again.stderr.String())
	}
	gone(t, "the network after Quit", companion)
}

// TestNoDisplay: where no window can be shown, one sentence says so.
func TestNoDisplay(t *testing.T) {
	for name, display := range map[string]string{"none": "", "gone": ":4095"} {
		t.Run(name, func(t *testing.T) {
			p := start(t, environment(display, t.TempDir()), newProfile(t))
			err := p.wait()
			var exited *exec.ExitError
			if !errors.As(err, &exited) || exited.ExitCode() != 1 {
				t.Errorf("it ended with %v, not with exit status 1", err)
			}
			said := p.stderr.String()
			if strings.Count(said, "\n") != 1 || !strings.Contains(said, "--headless") {
				t.Errorf("not one sentence that helps: %q", said)
			}
			if family := p.family(); len(family) > 0 {
				t.Errorf("it left %v", family)
			}
		})
	}
}
