package desktop

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
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
	if conn, err := plain(dbus.SessionBusPrivateNoAutoStartup); err == nil {
		conn.Close()
		t.Fatal("there is a bus")
	}
}

// plain is a connection of another program.
func plain(open func(...dbus.ConnOption) (*dbus.Conn, error)) (*dbus.Conn, error) {
	conn, err := open()
	if err != nil {
		return nil, err
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
