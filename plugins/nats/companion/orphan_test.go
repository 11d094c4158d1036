package companion

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestACompanionThatCannotBeFoundEnds(t *testing.T) {
	for name, lose := range map[string]func(dir, path string) error{
		"folder removed":  func(dir, _ string) error { return os.RemoveAll(dir) },
		"socket replaced": func(_, path string) error { return os.WriteFile(path+"2", nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "network")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, SocketName)
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			stopped, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				watch(ctx, path, time.Millisecond, func() { close(stopped) })
			}()
			select {
			case <-stopped:
				t.Fatal("it ends although its socket is there")
			case <-time.After(30 * time.Millisecond):
			}
			if err := lose(dir, path); err != nil {
				t.Fatal(err)
			}
			if name == "socket replaced" {
				if err := os.Rename(path+"2", path); err != nil {
					t.Fatal(err)
				}
			}
			<-done
			select {
			case <-stopped:
			default:
				t.Fatal("it lives on where nobody can find it")
			}
		})
	}
}
