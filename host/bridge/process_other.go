//go:build !linux

package bridge

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"time"
)

// guard: only standard input ties the process to this one here.
func guard(*exec.Cmd) {}

func killGroup(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

// descriptorChannel: descriptors are passed on Linux only so far.
func descriptorChannel() (*net.UnixConn, *os.File, error) { return nil, nil, nil }

func sendDescriptor(*net.UnixConn, []byte, *os.File, time.Duration) error {
	return errors.ErrUnsupported
}
