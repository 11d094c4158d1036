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
	n := NewNotifier(nil)
	begin := time.Now()
	for range 10 * queue {
		n.Show(Notice{Key: "1", Title: "Bob", Body: "hello"})
	}
	n.Close()
	n.Show(Notice{Title: "after the end"})
	n.Withdraw("1")
	if took := time.Since(begin); took > time.Second {
		t.Fatalf("it took %v", took)
	}
	if conn, err := sessionBus(t.Context()); err == nil {
		conn.Close()
		t.Fatal("there is a bus")
	}
}
