package manifest

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLoadOfAPipe: nothing waits for somebody to write into it.
func TestLoadOfAPipe(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, FileName), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Fatal(err)
	}
}
