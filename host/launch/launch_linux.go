package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"switchboard/host/sandbox"
)

// launch is one start.
type launch struct {
	spec    sandbox.Spec
	limits  limits
	program int // descriptor
	out     int // descriptor of the report, -1 without
	report  sandbox.Report
}

// openReport opens the report while files can still be opened.
func (l *launch) openReport() {
	l.out = -1
	if l.spec.Report == "" {
		return
	}
	fd, err := unix.Open(l.spec.Report, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0o600)
	if err == nil {
		l.out = fd
	}
}

func (l *launch) writeReport() {
	if l.out < 0 {
		return
	}
	if data, err := json.Marshal(l.report); err == nil {
		_, _ = unix.Pwrite(l.out, data, 0)
	}
}

// run does not return when it succeeds. The order matters: each step uses what
// a later one takes away.
func (l *launch) run() error {
	steps := []func() error{
		l.bindToHost, l.writePID, l.openProgram, l.enterFolder, l.noNewPrivileges,
		l.restrictFiles, l.ownDescriptors, l.setLimits, l.dropCapabilities,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	argv, env, err := l.vectors()
	if err != nil {
		return err
	}
	filter, err := l.filter()
	if err != nil {
		return err
	}
	return l.filterAndExecute(filter, argv, env)
}

// bindToHost ends this process when the host ends, however that happens.
func (l *launch) bindToHost() error {
	unix.Umask(0o077)
	if l.spec.Parent == 0 {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("tie the process to the host: %w", err)
	}
	// The host may have ended before the line above.
	if got := unix.Getppid(); got != l.spec.Parent {
		return fmt.Errorf("the host (process %d) is gone", l.spec.Parent)
	}
	return nil
}

// writePID leaves the process id in the companion's lock file.
func (l *launch) writePID() error {
	if l.spec.PIDFile == 0 {
		return nil
	}
	if err := unix.Ftruncate(l.spec.PIDFile, 0); err != nil {
		return fmt.Errorf("write the lock file: %w", err)
	}
	if _, err := unix.Pwrite(l.spec.PIDFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("write the lock file: %w", err)
	}
	return nil
}

// openProgram opens what will be executed and makes sure that it is what the
// host decided on. From here on the path does not matter.
func (l *launch) openProgram() error {
	p := l.spec.Program
	f, err := os.Open(p.Path)
	if err != nil {
		return fmt.Errorf("open the program: %w", err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a program (%v)", p.Path, err)
	}
	if p.Digest != "" && (p.Known == sandbox.Identity{} || sandbox.IdentityOf(info) != p.Known) {
		digest, err := sandbox.Digest(f)
		if err != nil {
			return fmt.Errorf("read the program: %w", err)
		}
		if digest != p.Digest {
			return fmt.Errorf("%s is not the program that was installed; nothing was started", p.Path)
		}
	}
	// A duplicate, so that the finaliser of f closes nothing that matters.
	l.program, err = unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	return errors.Join(err, f.Close())
}

func (l *launch) enterFolder() error {
	if err := os.Chdir(l.spec.Dir); err != nil {
		return fmt.Errorf("enter the plugin's folder: %w", err)
	}
	return nil
}

func (l *launch) noNewPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up new privileges: %w", err)
	}
	return nil
}

// ownDescriptors moves the program to a descriptor that the filter can name and
// the limit keeps from being made again, and closes all others on execution.
func (l *launch) ownDescriptors() error {
	l.limits = limitsOf(l.spec.Profile)
	// Alone in its table this thread need not wait for the others.
	if err := unix.Unshare(unix.CLONE_FILES); err != nil {
		return fmt.Errorf("take descriptors of its own: %w", err)
	}
	if err := unix.Dup3(l.program, l.limits.execFD, unix.O_CLOEXEC); err != nil {
		return fmt.Errorf("move the program to descriptor %d: %w", l.limits.execFD, err)
	}
	if l.out >= 0 && l.out <= l.spec.Keep {
		return errors.New("a descriptor that the program inherits is missing")
	}
	err := unix.CloseRange(uint(l.spec.Keep)+1, ^uint(0)>>1, unix.CLOSE_RANGE_CLOEXEC)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		err = l.closeOnExec()
	}
	if err != nil {
		return fmt.Errorf("close descriptors: %w", err)
	}
	return nil
}

// closeOnExec is for kernels before close_range.
func (l *launch) closeOnExec() error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > l.spec.Keep {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}

// vectors prepares what the kernel reads, since nothing is allocated afterwards.
func (l *launch) vectors() (argv, env []*byte, err error) {
	if argv, err = syscall.SlicePtrFromStrings(l.spec.Args); err != nil {
		return nil, nil, fmt.Errorf("the program's arguments: %w", err)
	}
	if env, err = syscall.SlicePtrFromStrings(l.spec.Env); err != nil {
		return nil, nil, fmt.Errorf("the program's environment: %w", err)
	}
	return argv, env, nil
}

// filter is the kernel's form of the system call filter, nil without one.
func (l *launch) filter() (*unix.SockFprog, error) {
	if !contains(sandbox.Probe().Enforced, sandbox.Seccomp) {
		return nil, nil
	}
	raw, err := sandbox.Filter(l.spec.Profile, os.Getpid(), l.limits.execFD)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	kernel := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		kernel[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return &unix.SockFprog{Len: uint16(len(kernel)), Filter: &kernel[0]}, nil
}

// filterAndExecute installs the filter on this thread and becomes the program.
func (l *launch) filterAndExecute(filter *unix.SockFprog, argv, env []*byte) error {
	empty := [1]byte{}
	l.report.Add(sandbox.Seccomp, false)
	without, err := json.Marshal(l.report)
	if err != nil {
		return err
	}
	l.report.Missing = l.report.Missing[:len(l.report.Missing)-1]
	l.report.Add(sandbox.Seccomp, true)
	with, err := json.Marshal(l.report)
	if err != nil {
		return err
	}
	said := without
	if filter != nil {
		_, _, errno := unix.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER,
			uintptr(unsafe.Pointer(filter)), 0, 0, 0)
		if errno == 0 {
			said = with
		}
	}
	if l.out >= 0 {
		unix.RawSyscall6(unix.SYS_PWRITE64, uintptr(l.out), uintptr(unsafe.Pointer(&said[0])), uintptr(len(said)), 0, 0, 0)
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, uintptr(l.limits.execFD), uintptr(unsafe.Pointer(&empty[0])),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&env[0])), unix.AT_EMPTY_PATH, 0)
	l.report = sandbox.Report{}
	return executeError(l.spec.Program.Path, errno)
}

func executeError(path string, errno syscall.Errno) error {
	switch errno {
	case unix.ENOENT, unix.ENOEXEC:
		return fmt.Errorf("%s is not a program for this computer; a script needs exec = [interpreter, file]: %w", path, errno)
	case unix.EACCES:
		return fmt.Errorf("%s may not be executed; is its file system mounted noexec? %w", path, errno)
	}
	return fmt.Errorf("execute %s: %w", path, errno)
}
