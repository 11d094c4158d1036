// Package bustest starts a message bus for a test. It knows no service, and is
// imported by tests only.
package bustest

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Start starts a bus of its own, which ends with the test, and tells its address. It
// is not in the environment.
func Start(t *testing.T) (address string, process *os.Process) {
	t.Helper()
	c := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatalf("%v: install it with .ci/deps test", err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have gone by itself
		_ = c.Wait()         // so how it ended says nothing
	})
	if address, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the bus names no address: %v", err)
	}
	return strings.TrimSpace(address), c.Process
}
