package companion

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Whoever may ask owns the network: a process of another user gets no answer,
// whatever became of the socket's mode. The kernel says whose the process is.
func TestTheSocketAnswersItsUserAlone(t *testing.T) {
	for name, c := range map[string]struct {
		uid      int
		answered bool
	}{
		"this user":    {os.Geteuid(), true},
		"another user": {os.Geteuid() + 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err != nil {
				t.Fatal(err)
			}
			control := serveControl(l, c.uid, nil, func() {}, hclog.NewNullLogger())
			defer control.close()
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			_, _ = conn.Write([]byte("nonsense\n")) // fails when the other end has gone already
			line, err := bufio.NewReader(conn).ReadString('\n')
			if answered := err == nil && strings.Contains(line, "error"); answered != c.answered {
				t.Errorf("answered: %v (%q, %v)", answered, line, err)
			}
		})
	}
}
