package desktest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"switchboard/host/delivered"
)

// bin is the folder of what is delivered, tally that of a plugin with offers.
var bin, tally string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("/tmp", "sbt") // short: sockets lie in profiles below it
	if err == nil {
		bin, err = delivered.Build(filepath.Join(dir, "bin"))
	}
	if err == nil {
		tally = filepath.Join(dir, "tally")
		err = delivered.Program(filepath.Join(tally, "tally"), "switchboard/examples/tally", true)
	}
	var manifest []byte
	if err == nil {
		manifest, err = os.ReadFile("../../examples/tally/plugin.toml")
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(tally, "plugin.toml"), manifest, 0o644)
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
