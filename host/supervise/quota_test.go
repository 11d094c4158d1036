package supervise

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"switchboard/shared/model"
)

func fill(t *testing.T, path string, size int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestQuota: a running plugin that keeps too much is parked with the figures; a
// restart works once there is room, and not before.
func TestQuota(t *testing.T) {
	b := newBench(t, func(o *Options) { o.QuotaEvery = 20 * time.Millisecond })
	spec := b.spec("board", "resident = true")
	spec.Quota = 2 << 20
	b.s.Set(spec)
	pid := b.ensure("board")
	file := filepath.Join(spec.DataDir, "a", "b", "large")
	fill(t, file, 3<<20-512<<10) // rounded up, folders included
	b.eventually("parked and gone", func() bool { st := b.s.Status("board"); return st.State == model.Parked && st.PID == 0 })
	reason := b.s.Status("board").Reason
	for _, part := range []string{"holds 3 MB", "2 MB are allowed", spec.DataDir} {
		if !strings.Contains(reason, part) {
			t.Errorf("%q does not say %q", reason, part)
		}
	}
	if alive(pid) {
		t.Error("the process is still there")
	}
	var parked *ParkedError
	for what, err := range map[string]error{"ensure": b.s.Ensure(t.Context(), "board"), "restart": b.s.Restart(t.Context(), "board")} {
		if !errors.As(err, &parked) || !parked.Full || strings.Contains(err.Error(), "failing") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if st := b.s.Status("board"); st.State != model.Parked || st.PID != 0 {
		t.Errorf("after a restart without room: %+v", st)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := b.s.Restart(t.Context(), "board"); err != nil {
		t.Fatal(err)
	}
	if st := b.s.Status("board"); st.State != model.Running || st.Reason != "" {
		t.Errorf("with room again: %+v", st)
	}
}

// TestDeletedFilesCount: what has no name any more and is held open takes disk.
func TestDeletedFilesCount(t *testing.T) {
	b := newBench(t, func(o *Options) { o.QuotaEvery = 20 * time.Millisecond })
	spec := b.spec("board", "")
	spec.Quota = 2 << 20
	b.s.Set(spec)
	b.ensure("board")
	if _, err := b.command("board", "hoard"); err != nil {
		t.Fatal(err)
	}
	b.eventually("parked", func() bool { return b.s.Status("board").State == model.Parked })
	if used, err := diskUse(spec.DataDir, "", 0); err != nil || used > 1<<20 {
		t.Errorf("%d bytes are left in the folder, %v", used, err)
	}
}

// TestMeasure: what cannot be known counts as too much, and holes do not count.
func TestMeasure(t *testing.T) {
	fresh := func() Spec { return Spec{DataDir: t.TempDir(), Quota: 1 << 20} }
	if err := measure(Spec{DataDir: filepath.Join(t.TempDir(), "absent")}, "", 0); err != nil {
		t.Error(err)
	}
	sparse := fresh()
	fill(t, filepath.Join(sparse.DataDir, "f"), 1)
	if err := os.Truncate(filepath.Join(sparse.DataDir, "f"), 1<<30); err != nil {
		t.Fatal(err)
	}
	if err := measure(sparse, "", 0); err != nil {
		t.Errorf("holes: %v", err)
	}
	if err := os.Symlink("/", filepath.Join(sparse.DataDir, "root")); err != nil {
		t.Fatal(err)
	}
	if err := measure(sparse, "", 0); err != nil {
		t.Errorf("a link was followed: %v", err)
	}
	sockets := t.TempDir()
	fill(t, filepath.Join(sockets, "f"), 2<<20-512<<10)
	if err := measure(fresh(), sockets, 0); err == nil || !strings.Contains(err.Error(), "2 MB") {
		t.Errorf("the folder of its socket: %v", err)
	}
	deep := fresh()
	if err := os.MkdirAll(deep.DataDir+strings.Repeat("/d", maxDepth+2), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := measure(deep, "", 0); err == nil || !strings.Contains(err.Error(), errDeep.Error()) {
		t.Errorf("deep: %v", err)
	}
	many := fresh()
	for i := range maxEntries + 1 {
		if err := os.Symlink("x", filepath.Join(many.DataDir, fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := measure(many, "", 0); err == nil || !strings.Contains(err.Error(), errManyEntries.Error()) {
		t.Errorf("many: %v", err)
	}
}
