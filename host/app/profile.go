package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// Profile is the folder that holds everything of one user: settings.toml,
// store.db, keys/, plugins/, plugins-data/, companions/, run/ and log/.
type Profile struct{ Dir string }

// maxRunPath keeps sockets below the roughly 100 bytes that a unix socket's
// path may have: a plugin's socket lies two names deeper.
const maxRunPath = 60

// DefaultProfile is where the XDG folders put it. Without them and without
// $HOME, as under some service managers, the user database knows the home.
func DefaultProfile() (string, error) {
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "switchboard", "default"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = homeOf()
	}
	if !filepath.IsAbs(home) {
		return "", errors.New("it is not known where your home folder is; pass --profile with the folder to use")
	}
	return filepath.Join(home, ".local", "share", "switchboard", "default"), nil
}

// homeOf asks the user database; tests put another in its place.
var homeOf = func() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.HomeDir
}

// NewProfile names a profile; nothing is made yet.
func NewProfile(dir string) (Profile, error) {
	if dir == "" {
		var err error
		if dir, err = DefaultProfile(); err != nil {
			return Profile{}, err
		}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Profile{}, fmt.Errorf("the profile %s cannot be found: %w", dir, err)
	}
	return Profile{abs}, nil
}

// Path joins names below the profile.
func (p Profile) Path(names ...string) string {
	return filepath.Join(append([]string{p.Dir}, names...)...)
}

// Run is the folder for sockets: run/ in the profile, or a short folder of this
// user elsewhere when the profile's path is too long for sockets.
func (p Profile) Run() string {
	if run := p.Path("run"); len(run) <= maxRunPath {
		return run
	}
	sum := sha256.Sum256([]byte(p.Dir))
	return filepath.Join(os.TempDir(), "switchboard-"+strconv.Itoa(os.Getuid()), hex.EncodeToString(sum[:6]))
}

// Socket is the control socket.
func (p Profile) Socket() string { return filepath.Join(p.Run(), "control.sock") }

// PluginData is the one folder that a plugin may write.
func (p Profile) PluginData(id string) string { return p.Path("plugins-data", id) }

// Companion is the folder of a plugin's companion.
func (p Profile) Companion(id string) string { return p.Path("companions", id) }

// create makes the folders, all of them for this user alone.
func (p Profile) create() error {
	run := p.Run()
	for _, dir := range []string{p.Dir, p.Path("keys"), p.Path("plugins-data"), p.Path("companions"), p.Path("log"), filepath.Dir(run), run} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("the profile %s cannot be made: %w", p.Dir, err)
		}
	}
	if err := own(p.Dir); err != nil {
		return err
	}
	if filepath.Dir(run) != p.Dir {
		if err := private(filepath.Dir(run)); err != nil {
			return err
		}
	}
	return private(run)
}

// own refuses a profile that belongs to another user, and takes from others the
// right to write it: who can may exchange everything in it.
func own(dir string) error {
	info, err := os.Stat(dir) // the profile itself may be a link
	if err != nil {
		return err
	}
	if !mine(info) {
		return fmt.Errorf("the profile %s belongs to somebody else; choose another", dir)
	}
	if perm := info.Mode().Perm(); perm&0o022 != 0 {
		return os.Chmod(dir, perm&^0o022)
	}
	return nil
}

// private refuses a folder that another user made or may write: a socket in it
// could be replaced.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !mine(info) {
		return fmt.Errorf("the folder %s belongs to somebody else; remove it or choose another profile", dir)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return os.Chmod(dir, 0o700)
	}
	return nil
}

// ErrHeld says that another process uses the profile.
var ErrHeld = errors.New("the profile is in use")

// lock takes the profile for this process until unlock; a second taker is told
// who holds it.
func (p Profile) lock() (unlock func(), err error) {
	path := p.Path("lock")
	f, held, err := lockFile(path)
	if err != nil {
		return nil, fmt.Errorf("the profile's lock cannot be opened: %w", err)
	}
	if held {
		holder := make([]byte, 32)
		n, _ := f.Read(holder)
		f.Close()
		return nil, fmt.Errorf("%w: process %s runs Switchboard with %s", ErrHeld, strings.TrimSpace(string(holder[:n])), p.Dir)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // only for the sentence above
	}
	return func() { f.Close() }, nil
}
