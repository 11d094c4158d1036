package server

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// TestWhoTakesNothingIsLetGo: the other end of a connection through the door reads
// nothing, as one does that wants to hold all places.
func TestWhoTakesNothingIsLetGo(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	began := time.Now()
	_, err := io.Copy(patient{here, 50 * time.Millisecond}, strings.NewReader("much"))
	if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
