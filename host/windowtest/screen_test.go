package windowtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take on a slow, busy machine; nothing takes
// it when all is well.
const patience = 30 * time.Second

// screen is a virtual display and the hands of somebody before it.
type screen struct {
	t      *testing.T
	name   string // of the display
	server *os.Process
}

// newScreen starts Xvfb on a free number and a window manager on it. Without
// -noreset Xvfb would begin anew whenever its last window closes.
func newScreen(t *testing.T) *screen {
	t.Helper()
	for _, tool := range []string{"Xvfb", "openbox", "xdotool", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is missing: install it with .ci/deps test", tool)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-noreset", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	background(t, x)
	w.Close()
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	s := &screen{t: t, name: ":" + strings.TrimSpace(number), server: x.Process}
	// A window that shows while the window manager starts can be lost to it.
	home := t.TempDir()
	ready := filepath.Join(home, "ready")
	manager := exec.Command("openbox", "--sm-disable", "--config-file", "/etc/xdg/openbox/rc.xml", "--startup", "touch "+ready)
	manager.Env = environment(s.name, home)
	background(t, manager)
	until(t, "the window manager", func() bool { _, err := os.Stat(ready); return err == nil })
	return s
}

// background starts a helper that ends with the test.
func background(t *testing.T, c *exec.Cmd) {
	t.Helper()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM) // it may have gone by itself
		_ = c.Wait()                          // so how it ended says nothing
	})
}

// environment is all that programs on a display get to know; EGL_PLATFORM, with
// which other tests draw without a display, must not be in it.
func environment(display, home string) []string {
	return []string{"DISPLAY=" + display, "PATH=" + os.Getenv("PATH"), "HOME=" + home, "LC_ALL=C.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1"}
}

// keep leaves a picture of the screen beside the temporary files.
func (s *screen) keep() {
	path := filepath.Join(os.TempDir(), "switchboard-"+strings.ReplaceAll(s.t.Name(), "/", "-")+".png")
	if _, err := s.run("import", "-window", "root", path); err != nil {
		s.t.Logf("no picture of the screen: %v", err)
		return
	}
	s.t.Logf("a picture of the screen is in %s", path)
}

func (s *screen) run(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Env = environment(s.name, os.TempDir())
	out, err := c.Output()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		err = fmt.Errorf("%w: %s", err, exited.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// do is a movement of the hands that must succeed.
func (s *screen) do(args ...string) {
	s.t.Helper()
	if _, err := s.run("xdotool", args...); err != nil {
		s.t.Fatalf("xdotool %s: %v", strings.Join(args, " "), err)
	}
}

// find waits for the window and brings it to the front.
func (s *screen) find(title string) (id string) {
	s.t.Helper()
	until(s.t, "a window called "+title, func() bool {
		out, err := s.run("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$")
		id, _, _ = strings.Cut(out, "\n")
		return err == nil && id != ""
	})
	until(s.t, "the window in front", func() bool {
		_, err := s.run("xdotool", "windowactivate", "--sync", id)
		return err == nil
	})
	return id
}

// has tells whether a window shows.
func (s *screen) has(title string) bool {
	out, err := s.run("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$")
	return err == nil && out != ""
}

// drawn waits until the window shows more than its first ground. That is all
// that is asked of pixels.
func (s *screen) drawn(id string) {
	s.t.Helper()
	until(s.t, "the first frame", func() bool {
		colours, err := s.run("import", "-window", id, "-format", "%k", "info:-")
		return err == nil && len(colours) > 1 // ten or more
	})
}

// until polls.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain for %s", patience, what)
		}
	}
}
