package supervise

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ours tells whether a folder is of this user alone.
func ours(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

// memoryKB is the proportional share of a process, 0 when it cannot be known.
func memoryKB(pid int) int {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "Pss:"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kb
		}
	}
	return 0
}

// detach gives the process a session of its own, so that nothing that ends the
// host's ends it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// takeLock takes the lock of an open file. It belongs to the file as opened: who
// inherits the descriptor keeps it.
func takeLock(f *os.File) (bool, error) {
	err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK})
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return false, nil
	}
	return err == nil, err
}

// companionPID is the process that was started as the companion of a folder, or
// holds its lock; 0 when there is none. Asking takes nothing, so it disturbs no
// start.
func companionPID(dir string) int {
	if pid := recorded(dir); pid != 0 {
		return pid
	}
	f, err := openOwn(filepath.Join(dir, companionLock), os.O_RDONLY)
	if err != nil {
		return 0
	}
	defer f.Close()
	l := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &l); err != nil || l.Type == unix.F_UNLCK {
		return 0
	}
	var text [32]byte
	n, _ := f.ReadAt(text[:], 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil || pid <= 1 {
		return -1 // somebody is about to start it
	}
	if info, err := f.Stat(); err != nil || !holds(pid, info) {
		return -1
	}
	return pid
}

func terminate(pid int, hard bool) error {
	if pid <= 1 {
		return nil // not started yet: asked again
	}
	signal := unix.SIGTERM
	if hard {
		signal = unix.SIGKILL
	}
	if err := unix.Kill(pid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

// waiter prepares to collect a process without being bound to wait for it: the
// function returns false when life ended first.
func waiter(life context.Context, cmd *exec.Cmd) (func() bool, error) {
	pid := cmd.Process.Pid
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watch process %d: %w", pid, err)
	}
	_ = cmd.Process.Release()
	f := os.NewFile(uintptr(fd), "companion")
	raw, err := f.SyscallConn()
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("watch process %d: %w", pid, err)
	}
	return func() bool {
		defer f.Close()
		stop := context.AfterFunc(life, func() { _ = f.SetReadDeadline(time.Now()) })
		defer stop()
		err := raw.Read(func(uintptr) bool {
			got, err := unix.Wait4(pid, nil, unix.WNOHANG, nil)
			return got == pid || errors.Is(err, unix.ECHILD)
		})
		return err == nil
	}, nil
}

// connect opens a companion's socket. The companion can write its folder, so a
// link there is not followed: it could lead to any socket of this user. Through
// the descriptor the path may also be longer than a socket's may.
func connect(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	socket := os.NewFile(uintptr(fd), path)
	defer socket.Close()
	if info, err := socket.Stat(); err != nil || info.Mode().Type() != os.ModeSocket {
		return nil, fmt.Errorf("%s is not a socket", path)
	}
	c, err := net.DialTimeout("unix", fmt.Sprintf("/proc/self/fd/%d", fd), time.Second)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.(*net.UnixConn).File()
}

// openOwn opens a file in a folder that a companion can write: no link, no pipe.
func openOwn(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, fmt.Errorf("%s is not a file", path)
	}
	return f, nil
}

// holds tells whether a process has a file open. What the companion wrote into
// its lock file is not believed: it could name any process.
func holds(pid int, file os.FileInfo) bool {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	open := func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && os.SameFile(info, file)
	}
	if pid == os.Getpid() {
		return false // it was looking
	}
	if open(strconv.Itoa(lockFD)) {
		return true
	}
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return open(e.Name()) })
}
