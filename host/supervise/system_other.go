//go:build !linux

package supervise

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// Plugins run on Linux so far; elsewhere the launcher refuses, and so does this.

func ours(string) bool { return true }

func memoryKB(int) int { return 0 }

func detach(*exec.Cmd) {}

func takeLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func companionPID(string) int { return 0 }

func record(string, int) error { return errors.ErrUnsupported }

func terminate(int, bool) error { return errors.ErrUnsupported }

func waiter(context.Context, *exec.Cmd) (func() bool, error) { return nil, errors.ErrUnsupported }

func connect(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func openOwn(string, int) (*os.File, error) { return nil, errors.ErrUnsupported }

func diskUse(string, string, int) (int64, error) { return 0, nil }
