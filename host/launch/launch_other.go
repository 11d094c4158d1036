//go:build !linux

package main

import (
	"fmt"
	"runtime"

	"switchboard/host/sandbox"
)

// launch is one start.
type launch struct {
	spec   sandbox.Spec
	report sandbox.Report
}

func (l *launch) openReport() {}

func (l *launch) writeReport() {}

// run refuses: what this system would have to enforce is not built.
func (l *launch) run() error {
	return fmt.Errorf("plugins cannot be started on %s yet", runtime.GOOS)
}
