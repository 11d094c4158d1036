package desktest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"switchboard/host/delivered"
)

// bin is the folder of what is delivered.
var bin string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("/tmp", "sbt") // short: sockets lie in profiles below it
	if err == nil {
		bin, err = delivered.Build(filepath.Join(dir, "bin"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		_ = os.RemoveAll(dir) // the build's error is the one to read
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}))
}
