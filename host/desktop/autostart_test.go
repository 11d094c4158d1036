package desktop

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// autostart is one in folders of its own.
func autostart(t *testing.T, program, profile string) (a *Autostart, system string) {
	t.Helper()
	system = t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_DIRS", system+":relative:")
	a, err := NewAutostart(program, profile)
	if err != nil {
		t.Fatal(err)
	}
	return a, system
}

func set(t *testing.T, a *Autostart, on bool) {
	t.Helper()
	if err := a.Set(on); err != nil {
		t.Fatal(err)
	}
	if a.On() != on {
		t.Fatalf("set to %v, it is %v", on, a.On())
	}
}

// put writes a file whose time differs from that of the one before.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Duration(len(text)) * time.Second)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAutostart(t *testing.T) {
	a, system := autostart(t, "/opt/my board/switchboard", "")
	if a.On() {
		t.Fatal("on without a file")
	}
	set(t, a, false) // no file, nothing to remove
	set(t, a, true)
	text := read(t, a.Path())
	if filepath.Base(a.Path()) != "switchboard.desktop" || !strings.Contains(text, "\nExec=\"/opt/my board/switchboard\" --background\n") {
		t.Errorf("%s holds\n%s", a.Path(), text)
	}
	put(t, a.Path(), text+"Hidden=true\n")
	if a.On() {
		t.Error("hidden by hand, and on")
	}
	put(t, a.Path(), "[Desktop Entry]\nExec=/old/place/switchboard\n[Other]\nHidden=true\n")
	if !a.On() {
		t.Error("another program's path does not count")
	}
	set(t, a, true)
	if got := read(t, a.Path()); got != text {
		t.Errorf("not rewritten:\n%s", got)
	}
	if err := os.Remove(a.Path()); err != nil {
		t.Fatal(err)
	}
	if a.On() {
		t.Error("removed by hand, and on")
	}
	put(t, filepath.Join(system, "autostart", "switchboard.desktop"), "[Desktop Entry]\nExec=switchboard --background\n")
	if !a.On() {
		t.Error("the system starts it, and it is off")
	}
	set(t, a, false)
	set(t, a, true)
}

func TestAutostartOfAProfile(t *testing.T) {
	one, _ := autostart(t, "/usr/bin/switchboard", "/home/a/100% \"mine\"")
	two, err := NewAutostart("/usr/bin/switchboard", "/home/a/other")
	if err != nil {
		t.Fatal(err)
	}
	set(t, one, true)
	if two.On() || one.Path() == two.Path() {
		t.Error("two profiles share a file")
	}
	if text := read(t, one.Path()); !strings.Contains(text, `Exec=/usr/bin/switchboard --profile "/home/a/100%% \\"mine\\"" --background`+"\n") {
		t.Errorf("the file holds\n%s", text)
	}
	if out, err := exec.Command("desktop-file-validate", one.Path()).CombinedOutput(); err != nil {
		t.Errorf("%v: %s (.ci/deps test)", err, out)
	}
	if err := os.RemoveAll(filepath.Dir(one.Path())); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Dir(one.Path()), "a file where the folder belongs")
	if err := one.Set(true); err == nil || !strings.Contains(err.Error(), one.Path()) {
		t.Errorf("the error is %v", err)
	}
}

func TestAutostartOfALargeFile(t *testing.T) {
	a, _ := autostart(t, "/usr/bin/switchboard", "")
	put(t, a.Path(), "[Desktop Entry]\nExec=x\n"+strings.Repeat("#", maxEntry))
	if a.On() {
		t.Error("a file without bounds counts")
	}
}

func FuzzStarts(f *testing.F) {
	f.Add("[Desktop Entry]\nExec=switchboard\n")
	f.Add("[Desktop Entry]\nExec=x\nHidden=true\n")
	f.Add("Exec=x\n[Desktop Entry\n=\n#Exec=y")
	f.Fuzz(func(t *testing.T, text string) {
		if starts(text) && (!strings.Contains(text, "[Desktop Entry]") || !strings.Contains(text, "Exec")) {
			t.Errorf("%q starts nothing", text)
		}
	})
}
