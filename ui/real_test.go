package ui_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/ui"
)

// realWindow makes the test's executable a program with a real window on the
// recorded world, which says on standard output what the window asked for.
const realWindow = "SWITCHBOARD_TEST_WINDOW"

func TestMain(m *testing.M) {
	if os.Getenv(realWindow) != "" {
		ui.Main(runReal)
		return
	}
	os.Setenv("LC_ALL", "C.UTF-8") // the sentences that tests look for are English
	goleak.VerifyTestMain(m)
}

func runReal() int {
	w := lab()
	switch os.Getenv(realWindow) {
	case "long":
		w = long() // for looking at with the system's fonts
	case "gallery":
		w = gallery()
	case "still":
		w = nobody() // nothing has the keyboard, so nothing moves
	}
	if len(w.snap.Conversations) > 0 {
		w.kept["conversation"] = dm("bob")
	}
	w.tell = func(call string) { fmt.Println(call) }
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	if err := ui.Run(ctx, w, ui.Options{Title: "Switchboard test"}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("closed")
	return 0
}

// display is a virtual screen for one test.
type display struct {
	t   *testing.T
	env []string
}

// screen starts Xvfb on a free number.
func screen(t *testing.T) *display {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is missing: install it with .ci/deps test", tool)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-noreset")
	x.ExtraFiles = []*os.File{w}
	x.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		_ = x.Process.Signal(syscall.SIGTERM) // it may have gone by itself
		_ = x.Wait()
	})
	if err := r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	env := []string{"DISPLAY=:" + strings.TrimSpace(number), "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1", "XDG_RUNTIME_DIR=" + t.TempDir()}
	return &display{t: t, env: env}
}

// do runs xdotool and gives its output.
func (d *display) do(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, "xdotool", args...)
	c.Env = d.env
	out, err := c.Output()
	return strings.TrimSpace(string(out)), err
}

// must is do for what has to work.
func (d *display) must(args ...string) string {
	d.t.Helper()
	out, err := d.do(args...)
	if err != nil {
		d.t.Fatalf("xdotool %v: %v", args, err)
	}
	return out
}

// window starts the program on a world and waits for its window.
func (d *display) window(world string) (id string, said <-chan string, ended <-chan error, stop func()) {
	d.t.Helper()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		d.t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(d.env, realWindow+"="+world)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	lines, done := make(chan string, 1024), make(chan error, 1)
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
		done <- c.Wait()
	}()
	d.t.Cleanup(func() { _ = c.Process.Kill() })
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if id, err := d.do("search", "--onlyvisible", "--name", "Switchboard test"); err == nil && id != "" {
			return strings.Fields(id)[0], lines, done, func() { _ = c.Process.Signal(syscall.SIGTERM) }
		}
	}
	d.t.Fatal("no window showed within 30 s")
	return "", nil, nil, nil
}

// await reads what the window asked for until a line comes.
func await(t *testing.T, said <-chan string, want string) {
	t.Helper()
	end := time.After(20 * time.Second)
	var before []string
	for {
		select {
		case line, ok := <-said:
			if !ok {
				t.Fatalf("the window went away before %q; it asked for %q", want, before)
			}
			if line == want {
				return
			}
			before = append(before, line)
		case <-end:
			t.Fatalf("%q did not come; the window asked for %q", want, before)
		}
	}
}

// TestRealWindow runs the real window under Xvfb and drives it as a person would:
// writes, finds somebody with a key, goes on with another, ends the program.
func TestRealWindow(t *testing.T) {
	d := screen(t)
	id, said, ended, stop := d.window("lab")
	d.must("windowfocus", "--sync", id)
	await(t, said, "focus "+dm("bob")+" true")
	time.Sleep(500 * time.Millisecond)
	d.must("type", "--delay", "30", "hello from a keyboard")
	d.must("key", "Return")
	await(t, said, "act "+dm("bob")+" text SUBMIT hello from a keyboard")
	d.must("key", "ctrl+k")
	time.Sleep(300 * time.Millisecond)
	d.must("type", "--delay", "30", "dora")
	time.Sleep(300 * time.Millisecond)
	d.must("key", "Return")
	await(t, said, "focus "+dm("dora")+" true")
	d.must("key", "alt+Down")
	await(t, said, "focus "+dm("chris")+" true")
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the program ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the program did not end with its window")
	}
}

// TestStillWindowEnds: a window in which nothing moves ends as soon as it is
// asked to. The request must not wait for the next thing that happens in it.
func TestStillWindowEnds(t *testing.T) {
	d := screen(t)
	_, _, ended, stop := d.window("still")
	time.Sleep(1500 * time.Millisecond) // until it is still
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the program ended with %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the program does not end")
	}
}
