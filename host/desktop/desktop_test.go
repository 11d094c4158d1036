package desktop

import (
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Without a bus nothing is shown, nothing blocks, and no bus is started.
func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	n := NewNotifier()
	begin := time.Now()
	for range 10 * queue {
		n.Show("Bob", "hello")
	}
	n.Close()
	n.Show("Bob", "after the end")
	if took := time.Since(begin); took > time.Second {
		t.Fatalf("it took %v", took)
	}
	if conn, err := sessionBus(t.Context()); err == nil {
		conn.Close()
		t.Fatal("there is a bus")
	}
}
