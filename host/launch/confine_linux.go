package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"switchboard/host/sandbox"
)

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// System paths that programs of any language need. What is not there is left out.
var (
	readableDirs = []string{
		"/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin",
		"/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/fonts", "/etc/alternatives",
		"/sys/devices/system/cpu", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup",
	}
	readableFiles = []string{
		"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf",
		"/etc/hosts", "/etc/mime.types", "/etc/os-release",
		"/dev/urandom", "/dev/random", "/dev/zero",
		"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version",
		"/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/random/boot_id",
	}
)

// restrictFiles lets the program read the system and itself, and write only the
// folders it was given. A kernel without Landlock is reported, not refused: the
// policy decides whether that is enough.
func (l *launch) restrictFiles() error {
	version := sandbox.LandlockVersion()
	l.report.Add(fmt.Sprintf("%s/%d", sandbox.Landlock, version), version > 0)
	if version == 0 {
		return nil
	}
	rules := []landlock.Rule{
		landlock.RODirs(readableDirs...).IgnoreIfMissing(),
		landlock.ROFiles(readableFiles...).IgnoreIfMissing(),
		landlock.RWFiles("/dev/null").IgnoreIfMissing(),
		// After execution this is still the same process.
		landlock.RODirs(fmt.Sprintf("/proc/%d", os.Getpid())).IgnoreIfMissing(),
		landlock.ROFiles(l.spec.Program.Path),
		landlock.RODirs(l.spec.Dir),
	}
	for _, path := range l.spec.Read {
		rules = append(rules, landlock.RODirs(path))
	}
	for _, path := range l.spec.Write {
		rules = append(rules, landlock.RWDirs(path).WithRefer())
	}
	if err := config(l.spec.Profile).BestEffort().Restrict(rules...); err != nil {
		return fmt.Errorf("restrict files: %w", err)
	}
	return nil
}

// config handles everything for a plugin; a companion may bind any port, which
// Landlock can only say by not handling it.
func config(profile sandbox.Profile) landlock.Config {
	if profile == sandbox.Companion {
		const allFS, allScopes = landlock.AccessFSSet(1<<16 - 1), landlock.ScopedSet(1<<2 - 1)
		return landlock.MustConfig(allFS, landlock.AccessNetSet(ll.AccessNetConnectTCP), allScopes)
	}
	return landlock.V7
}

// limits of a profile. The descriptor that is executed lies above the limit, so
// that it cannot be made again.
type limits struct {
	files  uint64
	data   uint64
	execFD int
}

func limitsOf(profile sandbox.Profile) limits {
	l := limits{files: 512, data: 1 << 30, execFD: 1000}
	if profile == sandbox.Companion {
		l = limits{files: 8192, data: 4 << 30, execFD: 8200}
	}
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil || now.Cur > uint64(l.execFD) {
		return l
	}
	// Go has raised the soft limit to the hard one already: take what there is.
	l.execFD = int(now.Cur) - 1
	l.files = min(l.files, now.Cur-1)
	return l
}

func (l *launch) setLimits() error {
	for _, r := range []struct {
		what  int
		limit uint64
	}{
		{unix.RLIMIT_NOFILE, l.limits.files},
		{unix.RLIMIT_DATA, l.limits.data},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_MSGQUEUE, 0},
	} {
		var now unix.Rlimit
		if err := unix.Getrlimit(r.what, &now); err != nil {
			return fmt.Errorf("read a limit: %w", err)
		}
		set := min(r.limit, now.Max)
		if err := unix.Setrlimit(r.what, &unix.Rlimit{Cur: set, Max: set}); err != nil {
			return fmt.Errorf("set a limit: %w", err)
		}
	}
	l.report.Add(sandbox.Rlimits, true)
	return nil
}

// dropCapabilities matters when the host runs as root: the program then is an
// ordinary process that happens to own root's files.
func (l *launch) dropCapabilities() error {
	if unix.Geteuid() != 0 {
		return nil
	}
	const noRoot, noRootLocked = 1, 2
	if err := unix.Prctl(unix.PR_SET_SECUREBITS, noRoot|noRootLocked, 0, 0, 0); err != nil {
		return nil // a container's root without that power has not much to drop
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("drop capabilities: %w", err)
	}
	return nil
}
