package supervise

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A companion that lets go of its lock and shows nothing of what it has open is
// still seen, is not started twice, and is ended by Quit, also by a later host.
func TestACompanionThatHidesIsEnded(t *testing.T) {
	b := newBench(t, nil)
	b.s.Set(b.spec("net", withCompanion))
	dir := filepath.Join(b.dir, "companions", "net")
	b.mode(dir, "hidden")
	pid := b.talk("net", false)
	if st := b.s.Status("net"); st.CompanionPID != pid {
		t.Fatalf("process %d is not seen: %+v", pid, st)
	}
	if again := b.talk("net", false); again != pid {
		t.Errorf("a second one was started: %d", again)
	}
	if got := companionPID(dir); got != pid {
		t.Errorf("found %d by its folder", got)
	}
	// What is noted of an earlier process with its number is not believed.
	noted, err := os.ReadFile(recordFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "x", fmt.Sprintf("%d 1 %s", os.Getppid(), boot()), fmt.Sprintf("%d 1 other", pid)} {
		if err := os.WriteFile(recordFile(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := recorded(dir); got != 0 {
			t.Errorf("%q: %d", text, got)
		}
	}
	if err := os.WriteFile(recordFile(dir), noted, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.s.StopCompanion(t.Context(), "net"); err != nil {
		t.Fatal(err)
	}
	if alive(pid) || companionPID(dir) != 0 {
		t.Errorf("process %d is still there", pid)
	}
}
