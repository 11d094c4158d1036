package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLogIsBounded: however much is written, two files of bounded size stay.
func TestLogIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, err := openLogFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	line := []byte(strings.Repeat("x", 64<<10))
	for range 4 * maxLog / len(line) {
		if _, err := l.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v (%v)", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Size() > maxLog+2*int64(len(line)) || info.Mode().Perm() != 0o600 {
			t.Fatalf("%s: %v (%v)", e.Name(), info, err)
		}
	}
}
