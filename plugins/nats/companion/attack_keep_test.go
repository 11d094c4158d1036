package companion

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
)

// TestBackupsAtTheSameMomentAreWhole: nobody is handed what another one's backup
// had come to, and nothing that holds the key stays in the folder.
func TestBackupsAtTheSameMomentAreWhole(t *testing.T) {
	folder, files := t.TempDir(), t.TempDir()
	stop := run(t, folder)
	defer stop()
	old := filepath.Join(folder, backupPrefix+"left"+backupSuffix)
	mine := filepath.Join(folder, "backup-2026.tar") // a person's own
	for _, name := range []string{old, mine} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(-2*keepTime)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			to := filepath.Join(files, fmt.Sprint(i))
			if ran, err := running(ctx, folder, Request{Op: "backup"}, to); !ran || err != nil {
				t.Errorf("backup %d: %v, %v", i, ran, err)
				return
			}
			f, err := os.Open(to)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if _, err := server.Restore(ctx, filepath.Join(files, fmt.Sprint("network", i)), f, false); err != nil {
				t.Errorf("backup %d: %v", i, err)
			}
		})
	}
	all.Wait()
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if isBackup(e.Name()) {
			t.Errorf("%s stays", e.Name())
		}
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"../x.tar", backupPrefix + "/../../x" + backupSuffix, "network.key", ""} {
		if isBackup(name) {
			t.Errorf("%q is taken for a backup", name)
		}
	}
	// What cannot be brought to where it was wanted is named and kept.
	if _, err := running(ctx, folder, Request{Op: "backup"}, filepath.Join(files, "no", "such")); err == nil || strings.Contains(err.Error(), "still there") {
		t.Errorf("a backup into nowhere: %v", err)
	}
}
