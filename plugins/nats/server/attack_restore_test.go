package server_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"switchboard/plugins/nats/server"
)

// TestARestoreThatWasCutShortIsNotANetwork: no server begins with half of what was
// restored, and the restore can be done again.
func TestARestoreThatWasCutShortIsNotANetwork(t *testing.T) {
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder})
	a := join(t, s, "alice")
	var backup bytes.Buffer
	if err := s.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	listening := s.Listening()
	s.Close()
	// Something stands in the way of the last steps, as a crash would.
	wall := filepath.Join(folder, "name", "wall")
	if err := os.MkdirAll(wall, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(t.Context(), folder, bytes.NewReader(backup.Bytes()), false); err == nil {
		t.Fatal("it was restored over a wall")
	}
	if s, err := server.Start(server.Options{Folder: folder}); err == nil {
		s.Close()
		t.Fatal("half a network was carried")
	} else if !strings.Contains(err.Error(), "cut short") {
		t.Fatal(err)
	}
	if err := server.BackupFolder(t.Context(), server.Options{Folder: folder}, &bytes.Buffer{}); err == nil {
		t.Error("half a network was backed up")
	}
	if err := os.RemoveAll(filepath.Dir(wall)); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(t.Context(), folder, bytes.NewReader(backup.Bytes()), false); err != nil {
		t.Fatal(err)
	}
	start(t, server.Options{Folder: folder, Listen: listening})
	signIn(t, a)
}

// TestABackupBringsSettingsOnly: whoever made it cannot place what the server
// itself writes, or locks.
func TestABackupBringsSettingsOnly(t *testing.T) {
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder})
	for name, good := range map[string]bool{"network.toml": true, "open.json": true, "moved.json": false, "addresses.json": false,
		"index.db": false, "network.lock": false, "name": false, "restoring": false, "store.before-x": false} {
		path := filepath.Join(folder, name)
		had := true
		if _, err := os.Stat(path); err != nil {
			had = false
			if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var backup bytes.Buffer
		if err := s.Backup(t.Context(), &backup, name); err != nil {
			t.Fatal(err)
		}
		if !had {
			_ = os.Remove(path)
		}
		if _, err := server.Restore(t.Context(), t.TempDir(), &backup, false); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
