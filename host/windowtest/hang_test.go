package windowtest

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// hang stops the display, and has it go on at the end of the test.
func (s *screen) hang() {
	s.t.Helper()
	if err := s.server.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = s.server.Signal(syscall.SIGCONT) })
}

// goesOn sends from the command line while the display hangs: what is written and
// what is answered is on the disk, and everything but the window works.
func goesOn(t *testing.T, p *program, echo, text string) {
	t.Helper()
	begin := time.Now()
	if _, err := p.command("send", echo, text); err != nil {
		t.Fatal(err)
	}
	until(t, "the answer to "+text, func() bool {
		return slices.ContainsFunc(p.history(echo), func(m message) bool { return m.From == echo && m.Text == text })
	})
	for _, args := range [][]string{{"status"}, {"open", echo}, {"contacts"}} {
		if out, err := p.command(args...); err != nil || args[0] != "open" && out == "" {
			t.Errorf("%v: %q, %v", args, out, err)
		}
	}
	if took := time.Since(begin); took > patience/2 {
		t.Errorf("it took %v", took)
	}
}

// TestDisplayHangs: an X server that hangs stops the window and nothing else, with
// the window there and without; the program goes on with it, and ends without it.
func TestDisplayHangs(t *testing.T) {
	s := newScreen(t)
	p := open(t, s, newProfile(t))
	firstRun(t, p)
	echo := talkToEcho(t, p)
	s.hang()
	time.Sleep(settle) // until the window waits for it
	goesOn(t, p, echo, "The window hangs")
	if err := s.server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.settle()
	say(t, p, echo, "And goes on")

	p.closeWindow(true)
	if err := s.server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	goesOn(t, p, echo, "There is no window")
	if err := s.server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.back()
	if err := s.server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	goesOn(t, p, echo, "The window hangs again")
	family := p.family()
	_, _ = p.command("quit") // it says so when the program takes long
	ended := make(chan error, 1)
	go func() { ended <- p.wait() }()
	select {
	case <-ended: // how: one sentence says that the window did not close
	case <-time.After(patience):
		t.Fatal("a window that hangs keeps the program")
	}
	gone(t, "what the program had started", family...)
}
