// Package desktest is a desktop for tests: a private session bus, a virtual
// display, Debian's notification server and sound server, each a real process that
// ends with the test. It holds nothing that the program uses.
package desktest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Patience is how long anything may take on a slow, busy machine.
const Patience = 30 * time.Second

// Need fails a test where a program is missing.
func Need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is missing: install it with .ci/deps test", tool)
		}
	}
}

// Until polls.
func Until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(Patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain for %s", Patience, what)
		}
	}
}

// background starts a helper that ends with the test, or with the returned function.
func background(t *testing.T, c *exec.Cmd) (end func()) {
	t.Helper()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	end = func() {
		if ended {
			return
		}
		ended = true
		_ = c.Process.Signal(syscall.SIGTERM) // it may have gone by itself
		_ = c.Wait()                          // so how it ended says nothing
	}
	t.Cleanup(end)
	return end
}

// Home points everything that belongs to a person to temporary folders, short
// enough for sockets, and away from the desktop that there may be.
func Home(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "sbd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	for name, value := range map[string]string{"HOME": dir, "XDG_RUNTIME_DIR": dir, "XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_CACHE_HOME": filepath.Join(dir, "cache"),
		"DISPLAY": "", "WAYLAND_DISPLAY": "", "PULSE_SERVER": "", "PULSE_COOKIE": "", "LC_ALL": "C.UTF-8",
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + filepath.Join(dir, "none"), "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + filepath.Join(dir, "none")} {
		t.Setenv(name, value)
	}
	return dir
}

// Bus starts a session bus and makes it the one of this process; end ends it early.
func Bus(t *testing.T) (end func()) {
	t.Helper()
	address, end := bus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	return end
}

// SystemBus is Bus for the bus of the computer: another session bus in its place.
func SystemBus(t *testing.T) {
	t.Helper()
	address, _ := bus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
}

func bus(t *testing.T) (address string, end func()) {
	t.Helper()
	Need(t, "dbus-daemon")
	c := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	end = background(t, c)
	address, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon did not start: %v", err)
	}
	return strings.TrimSpace(address), end
}

// Screen starts a virtual display and makes it the one of this process.
func Screen(t *testing.T) {
	t.Helper()
	Need(t, "Xvfb")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-noreset", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	background(t, x)
	w.Close()
	if err := r.SetReadDeadline(time.Now().Add(Patience)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
}

// Dunst is Debian's notification server on the session bus and the display.
type Dunst struct {
	t   *testing.T
	dir string
	// End ends it early.
	End func()
}

// NewDunst starts one; Bus and Screen come before it.
func NewDunst(t *testing.T, home string) *Dunst {
	t.Helper()
	Need(t, "dunst", "dunstctl")
	dir, err := os.MkdirTemp(home, "dunst")
	if err != nil {
		t.Fatal(err)
	}
	d := &Dunst{t: t, dir: dir}
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// Every notification leaves a file; of its actions the wanted one is chosen.
	shown := write("shown.sh", "#!/bin/sh\nprintf '%s\\n%s' \"$DUNST_SUMMARY\" \"$DUNST_BODY\" > "+dir+"/new.$$ && mv "+dir+"/new.$$ "+dir+"/shown.$(date +%s%N)\n", 0o700)
	menu := write("menu.sh", "#!/bin/sh\ngrep -F \"$(cat "+dir+"/wanted)\"\n", 0o700)
	config := write("dunstrc", "[global]\ndmenu = "+menu+"\nmarkup = full\nalways_run_script = true\nshow_indicators = false\n[all]\nsummary = *\nscript = "+shown+"\ntimeout = 0\n", 0o600)
	c := exec.Command("dunst", "-config", config)
	d.End = background(t, c)
	Until(t, "dunst", func() bool { return exec.Command("dunstctl", "count").Run() == nil })
	return d
}

// Shown are the notifications shown so far, title and body with a line between.
func (d *Dunst) Shown() (all []string) {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "shown.*[0-9]")) // sorted, as the times are
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, string(data))
	}
	return all
}

// Displayed is how many are on the screen now.
func (d *Dunst) Displayed() int {
	d.t.Helper()
	out, err := exec.Command("dunstctl", "count", "displayed").Output()
	if err != nil {
		d.t.Fatalf("dunstctl: %v", err)
	}
	n := 0
	if _, err := fmt.Sscan(string(out), &n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// Choose has somebody choose an action of what is shown by its label; the
// notification's own is chosen with "".
func (d *Dunst) Choose(label string) {
	d.t.Helper()
	args := []string{"action"}
	if label != "" {
		if err := os.WriteFile(filepath.Join(d.dir, "wanted"), []byte(label), 0o600); err != nil {
			d.t.Fatal(err)
		}
		args = []string{"context"}
	}
	if out, err := exec.Command("dunstctl", args...).CombinedOutput(); err != nil {
		d.t.Fatalf("dunstctl: %v: %s", err, out)
	}
}

// Sound is a sound server whose one device records.
type Sound struct {
	t *testing.T
	// End ends it early.
	End func()
}

// NewSound starts PulseAudio for this process alone, also as root, without a device
// of this computer.
func NewSound(t *testing.T, home string) *Sound {
	t.Helper()
	Need(t, "pulseaudio", "parec")
	path := filepath.Join(home, "pulse.sock")
	c := exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
		"-L", "module-null-sink sink_name=test rate=44100 channels=1", "-L", "module-native-protocol-unix socket="+path+" auth-anonymous=1")
	s := &Sound{t: t, End: background(t, c)}
	t.Setenv("PULSE_SERVER", "unix:"+path)
	Until(t, "PulseAudio", func() bool { _, err := os.Stat(path); return err == nil })
	return s
}

// Record hears what is played from now on until stop, which gives the samples: 44.1
// kHz, one channel.
func (s *Sound) Record() (stop func() []int16) {
	s.t.Helper()
	c := exec.Command("parec", "--device=test.monitor", "--format=s16le", "--rate=44100", "--channels=1", "--raw", "--latency-msec=20")
	out, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	end := background(s.t, c)
	first := make([]byte, 2) // now it records
	if _, err := io.ReadFull(out, first); err != nil {
		s.t.Fatalf("parec: %v", err)
	}
	heard := make(chan []byte, 1)
	go func() {
		data, err := io.ReadAll(out)
		if err != nil && !errors.Is(err, os.ErrClosed) {
			s.t.Errorf("parec: %v", err)
		}
		heard <- data
	}()
	return func() []int16 {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			s.t.Error(err)
		}
		data := <-heard
		end()
		samples := make([]int16, 0, len(data)/2)
		for i := 0; i+1 < len(data); i += 2 {
			samples = append(samples, int16(uint16(data[i])|uint16(data[i+1])<<8))
		}
		return samples
	}
}
