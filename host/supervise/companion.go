package supervise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"switchboard/host/policy"
	"switchboard/host/sandbox"
	contractv1 "switchboard/shared/contract/v1"
)

// Files in a companion's folder, and the variable that tells it which that is.
const (
	companionSocket = "companion.sock"
	companionLock   = "companion.lock"
	companionLog    = "companion.log"
	companionEnv    = "SWITCHBOARD_COMPANION_DIR"
	// lockFD is where the program inherits the lock: the kernel lets go of it when
	// the process is gone, however it ends.
	lockFD = 3
)

const (
	companionPoll = 5 * time.Millisecond
	// CompanionGrace is how long a companion may take to end before it is killed.
	CompanionGrace = 5 * time.Second
	maxLog         = 1 << 20
)

// recordFile is where the process of a companion's folder is noted.
func recordFile(dir string) string { return dir + ".pid" }

// errGone: a process ended before it could be noted.
var errGone = errors.New("the process is gone")

// Companion connects to a plugin's companion, starting it unless onlyIfRunning.
// The socket is the caller's. The companion belongs to no host: it stays when
// this one ends.
func (s *Supervisor) Companion(ctx context.Context, id string, onlyIfRunning bool) (*os.File, error) {
	u := s.unit(id)
	if u == nil {
		return nil, s.unknown()
	}
	u.mu.Lock()
	spec := u.spec
	u.mu.Unlock()
	if len(spec.Manifest.Companion.Exec) == 0 {
		return nil, ErrNoCompanion
	}
	ctx, cancel := context.WithTimeout(ctx, contractv1.CallTimeout)
	defer cancel()
	dir := s.o.CompanionDir(id)
	for {
		if f, err := connect(filepath.Join(dir, companionSocket)); err == nil {
			return f, nil
		}
		running := companionPID(dir) != 0
		if !running && (onlyIfRunning || s.isQuitting(id)) {
			return nil, ErrNoCompanion
		}
		if !running {
			if err := s.startCompanion(ctx, u, spec, dir); err != nil {
				return nil, fmt.Errorf("start the server of %s: %w", spec.Manifest.Name, err)
			}
		}
		select {
		case <-time.After(companionPoll):
		case <-s.life.Done():
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, fmt.Errorf("the server of %s does not answer: %w", spec.Manifest.Name, ctx.Err())
		}
	}
}

// startCompanion starts the process and waits until its socket is there or it is
// gone. That another one holds the lock is fine: it was started meanwhile.
func (s *Supervisor) startCompanion(ctx context.Context, u *unit, spec Spec, dir string) error {
	v := s.o.Decide(policy.Question{Ask: policy.AskCompanion, Plugin: u.id, Version: spec.Manifest.Version})
	if !v.Allowed {
		return &RefusedError{spec.Manifest.Name, v.Reason}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock, err := openOwn(filepath.Join(dir, companionLock), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	defer lock.Close()
	if taken, err := takeLock(lock); err != nil || !taken {
		return err
	}
	socket := filepath.Join(dir, companionSocket)
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	ended, err := s.spawn(u, spec, dir, lock)
	if err != nil {
		return err
	}
	s.o.Changed(u.id)
	// The lock is the companion's now.
	_ = lock.Close()
	for {
		if _, err := os.Lstat(socket); err == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("it ended at once: %s", lastLine(filepath.Join(dir, companionLog)))
		case <-time.After(companionPoll):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// spawn starts the process in a session of its own. ended is closed when it is
// gone, as long as this host lives.
func (s *Supervisor) spawn(u *unit, spec Spec, dir string, lock *os.File) (ended <-chan struct{}, err error) {
	image, err := s.image(spec.Dir, spec.Manifest.Companion.Exec)
	if err != nil {
		return nil, err
	}
	file := reportFile(s.o.RunDir, u.id+"-companion")
	cmd, err := s.command(sandbox.Spec{
		Profile: sandbox.Companion, Program: image.Program, Dir: dir, Read: []string{image.Dir},
		Args: spec.Manifest.Companion.Exec, Env: append(sandbox.BaseEnv(dir), companionEnv+"="+dir),
		Write: []string{dir}, Report: file, PIDFile: lockFD, Keep: lockFD,
	})
	if err != nil {
		return nil, err
	}
	log, err := openLog(filepath.Join(dir, companionLog))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	// A file and not a pipe: it must be able to write when this host is gone.
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, []*os.File{lock}
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := record(dir, cmd.Process.Pid); err != nil && !errors.Is(err, errGone) {
		u.log.Warn("the plugin's server may not be found when it hides", "error", err)
	}
	return s.reap(cmd, func() {
		report, err := sandbox.ReadReport(file)
		if err == nil && report.Error != "" {
			u.log.Warn("the plugin's server was not started", "reason", report.Error)
		}
		s.o.Changed(u.id)
	})
}

// reap collects the companion when it ends while this host lives.
func (s *Supervisor) reap(cmd *exec.Cmd, then func()) (<-chan struct{}, error) {
	wait, err := waiter(s.life, cmd)
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	s.reapers.Go(func() {
		if wait() {
			then()
			close(ended)
		}
	})
	return ended, nil
}

// StopCompanion ends a companion; for Quit only: from here on this host starts it
// no more, since a plugin that misses its server would do so at once. One that
// does not run is fine.
func (s *Supervisor) StopCompanion(ctx context.Context, id string) error {
	s.mu.Lock()
	s.quitting[id] = true
	s.mu.Unlock()
	dir := s.o.CompanionDir(id)
	var asked stopping
	for {
		pid := companionPID(dir)
		if pid == 0 {
			s.o.Changed(id)
			return nil
		}
		if pid > 0 { // or it is being started: asked in a moment
			if err := asked.stop(pid); err != nil {
				return fmt.Errorf("stop the server of %s: %w", id, err)
			}
		}
		select {
		case <-time.After(companionPoll):
		case <-ctx.Done():
			return fmt.Errorf("stop the server of %s: %w", id, ctx.Err())
		}
	}
}

// stopping is how far the end of a process was asked for.
type stopping struct {
	pid    int
	since  time.Time
	killed bool
}

// stop asks a process to end, once, and kills it when it does not.
func (a *stopping) stop(pid int) error {
	switch {
	case a.pid != pid:
		*a = stopping{pid: pid, since: time.Now()}
		return terminate(pid, false)
	case !a.killed && time.Since(a.since) > CompanionGrace:
		a.killed = true
		return terminate(pid, true)
	}
	return nil
}

func (s *Supervisor) isQuitting(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quitting[id]
}

// openLog appends to the log, after putting a long one aside.
func openLog(path string) (*os.File, error) {
	if info, err := os.Lstat(path); err == nil && info.Size() > maxLog {
		_ = os.Rename(path, path+".old")
	}
	return openOwn(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND)
}

// lastLine is what the companion said last.
func lastLine(path string) string {
	f, err := openOwn(path, os.O_RDONLY)
	if err != nil {
		return "it said nothing"
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxLine {
		_, _ = f.Seek(-maxLine, io.SeekEnd)
	}
	data, _ := io.ReadAll(io.LimitReader(f, maxLine))
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	last := strings.ToValidUTF8(string(lines[len(lines)-1]), "?")
	if last == "" {
		return "it said nothing"
	}
	return last
}
