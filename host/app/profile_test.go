package app

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

// TestProfileIsNobodyElses: others lose the right to write a profile that was
// made too open; a link to a profile is fine.
func TestProfileIsNobodyElses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(filepath.Dir(dir), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := (Profile{link}).create(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o755, filepath.Join(dir, "run"): 0o700, filepath.Join(dir, "keys"): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v (%v)", path, info.Mode(), err)
		}
	}
}

// TestProfileWithoutHome: with no variable set the user database is asked; when
// it does not know either, one sentence says what to do.
func TestProfileWithoutHome(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", "")
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewProfile("")
	if want := filepath.Join(u.HomeDir, ".local", "share", "switchboard", "default"); err != nil || p.Dir != want {
		t.Errorf("%q (%v), not %q", p.Dir, err, want)
	}
	asked := homeOf
	t.Cleanup(func() { homeOf = asked })
	for _, home := range []string{"", "relative"} {
		homeOf = func() string { return home }
		if p, err := NewProfile(""); err == nil || !strings.Contains(err.Error(), "--profile") {
			t.Errorf("%q: %q (%v)", home, p.Dir, err)
		}
		if p, err := NewProfile("/given"); err != nil || p.Dir != "/given" {
			t.Errorf("%q (%v)", p.Dir, err)
		}
	}
}
