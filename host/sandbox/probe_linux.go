package sandbox

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// LandlockVersion is the kernel's Landlock version, 0 when there is none.
func LandlockVersion() int {
	const versionFlag = 1
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, versionFlag)
	if errno != 0 {
		return 0
	}
	return int(v)
}

// Probe tells what this system can enforce, without starting anything. The
// launcher's report tells what it did enforce.
var Probe = sync.OnceValue(func() Report {
	var r Report
	r.Add(fmt.Sprintf("%s/%d", Landlock, LandlockVersion()), LandlockVersion() > 0)
	r.Add(Seccomp, seccompAvailable())
	r.Add(Rlimits, true)
	return r
})

func seccompAvailable() bool {
	if runtime.GOARCH != "amd64" {
		return false
	}
	const getActionAvail = 2
	action := uint32(unix.SECCOMP_RET_ERRNO)
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, getActionAvail, 0, uintptr(unsafe.Pointer(&action)))
	return errno == 0
}
