package control

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Serving the socket changes nothing for what else makes files meanwhile: the
// plugins are being started, and a folder without its x bit stops them.
func TestServeLeavesUmaskAlone(t *testing.T) {
	dir, over := t.TempDir(), make(chan struct{})
	made := make(chan os.FileMode, 1)
	go func() {
		defer close(made)
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			default:
			}
			d := filepath.Join(dir, strconv.Itoa(i))
			if err := os.Mkdir(d, 0o700); err != nil {
				t.Error(err)
				return
			}
			if info, err := os.Stat(d); err != nil || info.Mode().Perm() != 0o700 {
				made <- info.Mode().Perm()
				return
			}
			_ = os.Remove(d)
		}
	}()
	for range 100 {
		s, err := Serve(filepath.Join(dir, "c.sock"), newDesk())
		if err != nil {
			t.Fatal(err)
		}
		s.Close(context.Background())
	}
	close(over)
	if mode, bad := <-made; bad {
		t.Fatalf("a folder got the mode %v", mode)
	}
}
