// Command switchboard-launch turns itself into a plugin's program: it ties its
// life to the host's, checks the program, gives up every power the profile does
// not name, and executes the program in place, so that the process id stays. It
// is a small static program that knows no plugins, networks or windows; what to
// do is in one environment variable that host/sandbox defines.
package main

import (
	"fmt"
	"os"
	"runtime"

	"switchboard/host/sandbox"
)

// The first thread becomes the program: all that is per thread must happen on it.
func init() { runtime.LockOSThread() }

func main() {
	spec, err := sandbox.Decode(os.Getenv(sandbox.EnvSpec))
	if err != nil {
		fmt.Fprintln(os.Stderr, "switchboard-launch is started by switchboard only:", err)
		os.Exit(2)
	}
	os.Unsetenv(sandbox.EnvSpec)
	l := launch{spec: spec}
	l.openReport()
	err = l.run()
	l.report.Error = err.Error()
	l.writeReport()
	fmt.Fprintln(os.Stderr, "switchboard-launch:", err)
	os.Exit(sandbox.ExitRefused)
}
