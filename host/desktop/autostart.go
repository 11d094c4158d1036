package desktop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// maxEntry bounds a .desktop file in bytes.
const maxEntry = 64 << 10

// Autostart is the file that starts one profile when its person signs in, as XDG
// has it. The file is the truth: what a person or another program does to it
// counts. Safe for concurrent use.
type Autostart struct {
	path   string   // the person's own file
	shared []string // where the system may have one of the same name
	args   []string // what is started

	mu    sync.Mutex
	known map[string]looked // by path
}

// looked is what stood in a file.
type looked struct {
	at   time.Time
	size int64
	on   bool
}

// NewAutostart is the file for a program's path and a profile; an empty profile
// is the default one. Every other profile has a file of its own. The error says
// that it is not known where such files lie.
func NewAutostart(program, profile string) (*Autostart, error) {
	config := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		home, err := os.UserHomeDir()
		if err != nil || !filepath.IsAbs(home) {
			return nil, errors.New("it is not known where your home folder is, so Switchboard cannot be started when you sign in")
		}
		config = filepath.Join(home, ".config")
	}
	a := &Autostart{args: []string{program}, known: map[string]looked{}}
	name := "switchboard.desktop"
	if profile != "" {
		sum := sha256.Sum256([]byte(profile))
		name = "switchboard-" + hex.EncodeToString(sum[:4]) + ".desktop"
		a.args = append(a.args, "--profile", profile)
	}
	a.args = append(a.args, "--background")
	a.path = filepath.Join(config, "autostart", name)
	dirs := os.Getenv("XDG_CONFIG_DIRS")
	if dirs == "" {
		dirs = "/etc/xdg"
	}
	for _, dir := range filepath.SplitList(dirs) {
		if filepath.IsAbs(dir) {
			a.shared = append(a.shared, filepath.Join(dir, "autostart", name))
		}
	}
	return a, nil
}

// Path is the person's own file, there or not.
func (a *Autostart) Path() string { return a.path }

// On tells whether the program starts when the person signs in. It costs a look
// at a file, whose content is read only when it has changed.
func (a *Autostart) On() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, path := range append([]string{a.path}, a.shared...) {
		if on, there := a.look(path); there {
			return on // the first one counts
		}
	}
	return false
}

func (a *Autostart) look(path string) (on, there bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false, false
	}
	was, seen := a.known[path]
	if seen && was.at.Equal(info.ModTime()) && was.size == info.Size() {
		return was.on, true
	}
	on = entryStarts(path)
	a.known[path] = looked{info.ModTime(), info.Size(), on}
	return on, true
}

// entryStarts tells whether a file has something to start and is not hidden.
func entryStarts(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxEntry+1))
	if err != nil || len(data) > maxEntry {
		return false
	}
	return starts(string(data))
}

// starts is entryStarts for the content.
func starts(text string) bool {
	group, exec, off := "", false, false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			group = line
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || group != "[Desktop Entry]" || strings.HasPrefix(line, "#") {
			continue
		}
		switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); key {
		case "Exec":
			exec = value != ""
		case "Hidden":
			off = off || value == "true"
		case "X-GNOME-Autostart-enabled":
			off = off || value == "false"
		}
	}
	return exec && !off
}

// Set makes the file, as this program is now, or takes it away. Where the system
// starts the program for everybody, off is a file that hides that.
func (a *Autostart) Set(on bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.known)
	if on {
		return a.write("X-GNOME-Autostart-enabled=true\n")
	}
	for _, path := range a.shared {
		if _, there := a.look(path); there {
			return a.write("Hidden=true\n")
		}
	}
	if err := os.Remove(a.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s cannot be removed, so Switchboard still starts when you sign in: %w", a.path, err)
	}
	return nil
}

// write replaces the file, whole or not at all.
func (a *Autostart) write(last string) error {
	text := "[Desktop Entry]\nType=Application\nVersion=1.0\nName=Switchboard\nComment=Messages arrive without a window\n" +
		"Comment[de]=Nachrichten kommen ohne Fenster an\nExec=" + quoteExec(a.args) + "\nIcon=switchboard\nTerminal=false\nStartupNotify=false\n" + last
	dir := filepath.Dir(a.path)
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = replace(dir, a.path, text)
	}
	if err != nil {
		return fmt.Errorf("the file %s, which starts Switchboard when you sign in, cannot be written: %w", a.path, err)
	}
	return nil
}

func replace(dir, path, text string) error {
	f, err := os.CreateTemp(dir, ".switchboard-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	if _, err = f.WriteString(text); err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// quoteExec writes arguments as the key Exec has them: each in quotes where it
// needs them, a percent sign doubled, and all of it a string of such a file, in
// which a backslash is doubled once more.
func quoteExec(args []string) string {
	var out []string
	for _, arg := range args {
		arg = strings.ReplaceAll(arg, "%", "%%")
		if strings.ContainsAny(arg, " \t\n\"'\\><~|&;$*?#()`=") || arg == "" {
			arg = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(arg) + `"`
		}
		out = append(out, strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(arg))
	}
	return strings.Join(out, " ")
}
