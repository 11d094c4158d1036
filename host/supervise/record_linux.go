package supervise

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// A companion's process is noted beside its folder, where it cannot write: one
// that lets go of its lock, or hides what it has open, is still known and ended.
// The time at which the process began, and the boot, tell it from a later one
// with its number.

// record notes a process that was just started as the companion of a folder.
func record(dir string, pid int) error {
	began, err := began(pid)
	if err != nil {
		return err
	}
	file := recordFile(dir)
	if err := os.WriteFile(file+".new", fmt.Appendf(nil, "%d %s %s\n", pid, began, boot()), 0o600); err != nil {
		return fmt.Errorf("note the process: %w", err)
	}
	return os.Rename(file+".new", file)
}

// recorded is the noted process if it still lives, else 0.
func recorded(dir string) int {
	data, err := os.ReadFile(recordFile(dir))
	if err != nil {
		return 0
	}
	var pid int
	var since, when string
	if _, err := fmt.Sscan(string(data), &pid, &since, &when); err != nil || pid <= 1 || when != boot() {
		return 0
	}
	if now, err := began(pid); err != nil || now != since {
		return 0
	}
	return pid
}

// began is when a living process began, in ticks since the boot.
func began(pid int) (string, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", errGone
	}
	// The name, in parentheses, is the program's own choice.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return "", errGone
	}
	return fields[19], nil
}

// boot tells one run of the system from another.
func boot() string {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(data))
}
