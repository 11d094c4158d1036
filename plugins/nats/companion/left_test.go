package companion

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/server"
)

// TestAFileThatIsAllThereIsStays: what fails before the network has left takes
// its file away, for it holds the key; what fails after must not.
func TestAFileThatIsAllThereIsStays(t *testing.T) {
	folder, files := t.TempDir(), t.TempDir()
	s, err := server.Start(server.Options{Folder: folder, Network: "lab"})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := Config{Folder: folder, Name: "lab"}
	broken := errors.New("broken")

	early := filepath.Join(files, "early")
	err = c.idle(early, hclog.NewNullLogger(), func(server.Options, *os.File) error { return broken })
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if _, err := os.Stat(early); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of what failed stays: %v", err)
	}

	late := filepath.Join(files, "late")
	err = c.idle(late, hclog.NewNullLogger(), func(o server.Options, f *os.File) error {
		if err := server.Move(ctx, o, f, nil, func() error { return settle(f) }, carried...); err != nil {
			t.Fatal(err)
		}
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), late) {
		t.Errorf("the error does not name the file: %v", err)
	}
	f, err := os.Open(late)
	if err != nil {
		t.Fatalf("the only copy of the network is gone: %v", err)
	}
	defer f.Close()
	if _, err := server.Restore(ctx, filepath.Join(files, "there"), f, true); err != nil {
		t.Error(err)
	}

	again := filepath.Join(files, "again")
	err = c.idle(again, hclog.NewNullLogger(), func(o server.Options, f *os.File) error {
		return server.Move(ctx, o, f, nil, func() error { return settle(f) }, carried...)
	})
	if !errors.Is(err, server.ErrMoved) {
		t.Errorf("moved twice: %v", err)
	}
	if _, err := os.Stat(again); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty file stays: %v", err)
	}
}
