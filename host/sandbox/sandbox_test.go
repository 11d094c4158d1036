package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var sample = Spec{
	Profile: Plugin, Parent: 7, Program: Program{Path: "/x/blob", Digest: "d", Known: Identity{1, 2, 3, 4}},
	Args: []string{"im"}, Env: []string{"A=b"}, Dir: "/x", Write: []string{"/data"}, Keep: 3,
}

func TestSpecCrosses(t *testing.T) {
	env, err := sample.Encode()
	if err != nil || len(env) != 1 {
		t.Fatal(env, err)
	}
	got, err := Decode(strings.TrimPrefix(env[0], EnvSpec+"="))
	if err != nil || !reflect.DeepEqual(got, sample) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, bad := range []string{
		"", "{}", `{"profile":"root"}`, `{"profile":"plugin","program":{"path":"x"},"dir":"/","args":["x"]}`,
		`{"profile":"plugin","program":{"path":"/x"},"dir":"/"}`,
	} {
		if _, err := Decode(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func FuzzDecode(f *testing.F) {
	env, err := sample.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(strings.TrimPrefix(env[0], EnvSpec+"="))
	f.Add(`{"profile":"companion","program":{"path":"/x"},"dir":"/","args":[""]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Decode(text)
		if err == nil && (len(s.Args) == 0 || !filepath.IsAbs(s.Program.Path)) {
			t.Fatalf("accepted %+v", s)
		}
	})
}

func TestReport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report")
	if r, err := ReadReport(path); err != nil || len(r.Enforced) > 0 {
		t.Fatal(r, err)
	}
	write(t, path, `{"enforced":["seccomp"],"missing":["landlock"]}`)
	r, err := ReadReport(path)
	if err != nil || r.Enforced[0] != "seccomp" || r.Missing[0] != "landlock" {
		t.Fatal(r, err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatal("the report is still there")
	}
	write(t, path, "{")
	if _, err := ReadReport(path); err == nil {
		t.Fatal("a damaged report was read")
	}
	r = Report{}
	r.Add("landlock/7", false)
	r.Add("landlock/7", true)
	if r.Missing[0] != "landlock" || r.Enforced[0] != "landlock/7" {
		t.Fatalf("%+v", r)
	}
}

func TestEnvironmentIsOurs(t *testing.T) {
	t.Setenv("AWS_SECRET", "x")
	t.Setenv("TZ", "UTC")
	env := strings.Join(BaseEnv("/data"), "\n")
	if strings.Contains(env, "AWS") || !strings.Contains(env, "HOME=/data") || !strings.Contains(env, "TZ=UTC") {
		t.Fatal(env)
	}
}

func TestRanges(t *testing.T) {
	got := fmt.Sprint(ranges([]uint32{7, 1, 3, 2, 2, 9, 8}))
	if got != "[[1 3] [7 9]]" {
		t.Fatal(got)
	}
}

func TestFilterFitsTheKernel(t *testing.T) {
	for _, profile := range []Profile{Plugin, Companion} {
		raw, err := Filter(profile, 10, 1000)
		if err != nil || len(raw) > 4096 {
			t.Fatalf("%s: %d instructions, %v", profile, len(raw), err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *Copies {
	t.Helper()
	c, err := OpenCopies(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func prepare(t *testing.T, c *Copies, dir, program string) Image {
	t.Helper()
	image, err := c.Prepare(dir, program)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestCopiesShareOneFile(t *testing.T) {
	installed, cache := t.TempDir(), t.TempDir()
	write(t, filepath.Join(installed, "all"), "program")
	for _, id := range []string{"a", "b"} {
		write(t, filepath.Join(installed, id, "plugin.toml"), "id = "+id)
		write(t, filepath.Join(installed, id, "assets", "picture"), "png")
		if err := os.Symlink("../all", filepath.Join(installed, id, id)); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, cache)
	a := prepare(t, c, filepath.Join(installed, "a"), filepath.Join(installed, "a", "a"))
	b := prepare(t, c, filepath.Join(installed, "b"), filepath.Join(installed, "b", "b"))
	if a.Program != b.Program || a.Digest == b.Digest || a.Dir == b.Dir {
		t.Fatalf("%+v\n%+v", a, b)
	}
	if read(t, a.Program.Path) != "program" || read(t, filepath.Join(a.Dir, "assets", "picture")) != "png" {
		t.Fatal("the copies are not what was installed")
	}
	if _, err := os.Stat(filepath.Join(a.Dir, "a")); !os.IsNotExist(err) {
		t.Fatal("the program is copied twice")
	}
	for path, want := range map[string]os.FileMode{
		a.Program.Path: 0o500, a.Dir: 0o500, filepath.Join(a.Dir, "assets"): 0o500,
	} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v (%v)", path, info.Mode(), err)
		}
	}
	// Another host of the profile finds everything.
	again := prepare(t, open(t, cache), filepath.Join(installed, "a"), filepath.Join(installed, "a", "a"))
	if again != a {
		t.Fatalf("%+v, not %+v", again, a)
	}
}

// TestLinksStayInTheFolder: what a link of a plugin's folder leads to would be
// readable in the copy, so only the program's may lead out.
func TestLinksStayInTheFolder(t *testing.T) {
	installed, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "key"), "secret")
	write(t, filepath.Join(installed, "program"), "x")
	for from, to := range map[string]string{"alias": "program", "key": filepath.Join(outside, "key")} {
		if err := os.Symlink(to, filepath.Join(installed, from)); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, t.TempDir())
	_, err := c.Prepare(installed, filepath.Join(installed, "program"))
	if err == nil || !strings.Contains(err.Error(), "outside the plugin's folder") {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(installed, "key")); err != nil {
		t.Fatal(err)
	}
	prepare(t, c, installed, filepath.Join(installed, "program"))
}

func TestCopiesFollowChanges(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "p")
	write(t, program, "one")
	c := open(t, t.TempDir())
	one := prepare(t, c, dir, program)
	write(t, program, "two")
	two := prepare(t, c, dir, program)
	if one.Program.Digest == two.Program.Digest || read(t, two.Program.Path) != "two" {
		t.Fatalf("%+v", two)
	}
	// A copy that was tampered with is made anew.
	if err := os.Remove(two.Program.Path); err != nil {
		t.Fatal(err)
	}
	write(t, two.Program.Path, "bad")
	if again := prepare(t, c, dir, program); read(t, again.Program.Path) != "two" {
		t.Fatal("the damaged copy is used")
	}
}

func TestInterpretedPlugin(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.py"), "print()")
	image := prepare(t, open(t, t.TempDir()), dir, "/bin/sh")
	if image.Program.Path != "/bin/sh" || image.Program.Digest != "" || read(t, filepath.Join(image.Dir, "main.py")) != "print()" {
		t.Fatalf("%+v", image)
	}
}

func TestCopiesRefuse(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "p"), "x")
	if err := os.Symlink("/usr", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	c := open(t, t.TempDir())
	if _, err := c.Prepare(dir, filepath.Join(dir, "p")); err == nil || !strings.Contains(err.Error(), "neither a file nor a folder") {
		t.Fatal(err)
	}
	if _, err := c.Prepare(filepath.Join(dir, "nowhere"), "/bin/sh"); err == nil {
		t.Fatal("a folder that does not exist was copied")
	}
}

func TestOldCopiesAreRemoved(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "p"), "x")
	c := open(t, cache)
	image := prepare(t, c, dir, filepath.Join(dir, "p"))
	write(t, filepath.Join(cache, "blobs", ".copy-left"), "x")
	open(t, cache)
	if _, err := os.Stat(image.Program.Path); err != nil {
		t.Fatal("a copy that is in use was removed")
	}
	c.now = func() time.Time { return time.Now().Add(40 * 24 * time.Hour) }
	c.sweep()
	for _, sub := range []string{"blobs", "folders"} {
		if left, err := os.ReadDir(filepath.Join(cache, sub)); err != nil || len(left) > 0 {
			t.Errorf("%s holds %v (%v)", sub, left, err)
		}
	}
	prepare(t, c, dir, filepath.Join(dir, "p"))
	write(t, filepath.Join(cache, "digests.json"), "damaged")
	prepare(t, open(t, cache), dir, filepath.Join(dir, "p"))
}
