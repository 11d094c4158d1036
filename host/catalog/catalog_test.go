package catalog

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"switchboard/shared/manifest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const text = `id = %ID%
name = "A board"
version = "1.0.0"
kind = "feature"
contract = 1
exec = %EXEC%
`

// install makes a plugin in folder/name.
func install(t *testing.T, folder, name, id, exec, more string) string {
	t.Helper()
	dir := filepath.Join(folder, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer("%ID%", `"`+id+`"`, "%EXEC%", exec).Replace(text) + more
	write(t, filepath.Join(dir, manifest.FileName), s, 0o644)
	write(t, filepath.Join(dir, "program"), "\x7fELF", 0o755)
	return dir
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestScan(t *testing.T) {
	own, user := t.TempDir(), t.TempDir()
	install(t, own, "board", "board", `"program"`, "")
	install(t, own, "whiteboard", "whiteboard", `"program"`, "")
	install(t, own, "quiet", "quiet", `"program"`, "default = \"off\"\n")
	install(t, user, "board", "board", `"program"`, "")
	install(t, user, "renamed", "other", `"program"`, "")
	install(t, user, "missing", "missing", `"nowhere"`, "")
	install(t, user, "broken", "broken", `"program"`, "colour = \"red\"\n")
	install(t, user, "python", "python", `["sh", "program"]`, "")
	install(t, user, ".hidden", "hidden", `"program"`, "")
	write(t, filepath.Join(user, "file"), "", 0o644)
	got := map[string]Entry{}
	var order []string
	for _, e := range Scan([]Folder{{own, BuiltIn}, {filepath.Join(own, "nowhere"), System}, {user, User}}) {
		got[e.ID] = e
		order = append(order, e.ID)
	}
	if strings.Join(order, " ") != "board quiet whiteboard broken missing python renamed" {
		t.Fatal(order)
	}
	if e := got["board"]; e.Origin != BuiltIn || e.Err != nil || !e.DefaultOn() || e.Manifest.Name != "A board" {
		t.Fatalf("%+v", e)
	}
	if got["whiteboard"].DefaultOn() || got["quiet"].DefaultOn() || got["broken"].DefaultOn() || !got["python"].DefaultOn() {
		t.Fatal("what is on by default is wrong")
	}
	for id, want := range map[string]string{
		"renamed": "rename one of them", "missing": "does not exist", "broken": "plugin.toml:7: unknown key \"colour\"",
	} {
		if e := got[id]; e.Err == nil || !strings.Contains(e.Err.Error(), want) {
			t.Errorf("%s: %v", id, e.Err)
		}
	}
	if p, err := Program(got["python"].Dir, got["python"].Manifest.Exec); err != nil || filepath.Base(p) != "sh" {
		t.Fatal(p, err)
	}
	if _, err := Program(user, []string{"no-such-interpreter", "file"}); err == nil || !strings.Contains(err.Error(), "not installed") {
		t.Fatal(err)
	}
}

func messages(problems []Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Message)
	}
	return strings.Join(all, "\n")
}

func TestCheck(t *testing.T) {
	folder := t.TempDir()
	script := install(t, folder, "script", "script", `"program"`, "")
	write(t, filepath.Join(script, "program"), "#!/bin/sh\n", 0o755)
	text := install(t, folder, "text", "text", `"program"`, "")
	write(t, filepath.Join(text, "program"), "hello", 0o755)
	open := install(t, folder, "open", "open", `"program"`, "[session]\nkind = \"offer\"\n")
	if err := os.Chmod(filepath.Join(open, "program"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/usr", filepath.Join(open, "link")); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string][]string{
		script:                        {`exec = ["interpreter", "program"]`},
		text:                          {"not a program for this computer"},
		open:                          {"others on this computer", "does not copy it", "no [[action]]", "without a summary", "no icon"},
		filepath.Join(folder, "none"): {"plugin new NAME"},
		install(t, folder, "fault", "fault", `"program"`, "protocol = 0\n"): {"the protocol must be"},
		install(t, folder, "gone", "gone", `"nothing"`, ""):                 {"does not exist"},
	} {
		got := messages(Check(dir))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not in\n%s", filepath.Base(dir), w, got)
			}
		}
	}
	if p := Check(filepath.Join(folder, "fault"))[0]; p.Line != 7 || filepath.Base(p.File) != manifest.FileName {
		t.Fatalf("%+v", p)
	}
}

// A new plugin builds in this module as it is, and a host would take it.
func TestNew(t *testing.T) {
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("testdata", "new-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := New("my-board", dir); err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(dir, "my-board")
	build := exec.Command("go", "build", "-o", filepath.Join(made, "my-board"), "./"+made)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if problems := Check(made); len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	for _, e := range Scan([]Folder{{dir, User}}) {
		if e.Err != nil || e.Manifest.Name != "My board" {
			t.Fatalf("%+v", e)
		}
	}
	if err := New("my-board", dir); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Fatal(err)
	}
	if err := New("../up", dir); err == nil || !strings.Contains(err.Error(), "cannot be a plugin's name") {
		t.Fatal(err)
	}
}

// What cannot be read, and what is too much, is an entry that says so.
func TestScanHidesNothing(t *testing.T) {
	many, odd := t.TempDir(), t.TempDir()
	for i := range maxEntries + 3 {
		if err := os.Mkdir(filepath.Join(many, fmt.Sprintf("p%04d", i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	list := Scan([]Folder{{many, User}})
	if len(list) != maxEntries+1 {
		t.Fatalf("%d entries", len(list))
	}
	last := list[len(list)-1]
	if last.ID != many || last.Manifest != nil || last.Origin != User || last.Err == nil || !strings.Contains(last.Err.Error(), "more than 512") {
		t.Errorf("%+v", last)
	}
	file := filepath.Join(odd, "file")
	write(t, file, "", 0o644)
	if err := os.Symlink(filepath.Join(odd, "loop"), filepath.Join(odd, "loop")); err != nil {
		t.Fatal(err)
	}
	list = Scan([]Folder{{file, System}, {odd, User}, {filepath.Join(odd, "nowhere"), User}})
	if len(list) != 2 || list[0].ID != file || list[0].Err == nil || list[1].ID != "loop" || list[1].Err == nil {
		t.Errorf("%+v", list)
	}
}
