package cli

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// hangs makes this test's program one whose window never closes.
const hangs = "SWITCHBOARD_TEST_HANGS"

func TestAHangingWindowIsLeftBehind(t *testing.T) {
	const limit = 200 * time.Millisecond
	if os.Getenv(hangs) != "" {
		ctx, cancel := context.WithCancel(context.Background())
		LeaveWindow(ctx, limit, os.Stderr, os.Exit)
		inTime := LeaveWindow(ctx, limit/4, os.Stderr, func(int) { os.Stderr.WriteString("it had closed\n") })
		inTime()
		inTime()
		time.Sleep(2 * limit) // without an end nothing happens
		os.Stderr.WriteString("asked to end\n")
		cancel()
		select {} // the window system has the main thread
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAHangingWindowIsLeftBehind$")
	cmd.Env = append(os.Environ(), hangs+"=1")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	words := bufio.NewReader(out)
	first, _ := words.ReadString('\n')
	began := time.Now()
	rest, _ := io.ReadAll(words)
	err = cmd.Wait()
	if first != "asked to end\n" || strings.Count(string(rest), "\n") != 1 || !strings.Contains(string(rest), "did not close in time") || cmd.ProcessState.ExitCode() != ExitFailed {
		t.Errorf("%q, %q, %v", first, rest, err)
	}
	if took := time.Since(began); took < limit/2 {
		t.Errorf("it was left after %v", took)
	}
}
