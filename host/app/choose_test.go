package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderListsPicturesOnly(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.PNG", "A.jpg", "notes.txt", ".hidden.png", "anim.gif"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"zoo", ".git"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "broken.png")); err != nil {
		t.Fatal(err)
	}
	a := &App{}
	f, err := a.Folder(t.Context(), dir)
	if err != nil || strings.Join(f.Files, " ") != "A.jpg anim.gif b.PNG" || strings.Join(f.Folders, " ") != "zoo" || f.Parent != filepath.Dir(dir) {
		t.Fatalf("%+v, %v", f, err)
	}
	if f, err := a.Folder(t.Context(), "/"); err != nil || f.Parent != "" {
		t.Fatalf("%+v, %v", f.Parent, err)
	}
	for _, bad := range []string{"relative", filepath.Join(dir, "none"), filepath.Join(dir, "A.jpg")} {
		if f, err := a.Folder(t.Context(), bad); err == nil && len(f.Files) > 0 {
			t.Errorf("%s: %+v", bad, f)
		}
	}
}

func TestReadPictureTakesFilesOnly(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "my cat.png")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, good := range []string{file, "file://" + strings.ReplaceAll(file, " ", "%20")} {
		if data, err := readPicture(good); err != nil || string(data) != "x" {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"my cat.png", dir, "/dev/zero", "file://example.org" + file, file + "x", "https://example.org/x.png"} {
		if _, err := readPicture(bad); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
