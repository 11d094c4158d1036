package blobs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
)

// fullDisk names the folder on which a child of this test puts a small disk.
const fullDisk = "BLOBS_FULL_DISK"

// TestAFullDisk runs on a real disk of 256 KiB, in namespaces of its own.
func TestAFullDisk(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), fullDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// onFullDisk is the child: nothing half written stays, the sentence says what to
// do, and with room again everything works.
func onFullDisk(dir string) int {
	fail := func(what string, err error) int { fmt.Println(what, err); return 1 }
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		return fail("mount", err)
	}
	n := newShelf()
	s, err := Open(Options{Dir: dir, Network: n, Log: hclog.NewNullLogger()})
	if err != nil {
		return fail("open", err)
	}
	defer s.Close()
	big := random(300 << 10)
	if _, err := s.Add(big, 0); !errors.Is(err, errFull) {
		return fail("add", err)
	}
	hash := HashOf(big)
	n.set(func() { n.parts[hash], n.whole[hash] = big, true })
	if _, err := s.fetch(s.ctx, hash, 1<<20); !errors.Is(err, errFull) {
		return fail("fetch", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 || len(s.Uploads()) != 0 {
		return fail(fmt.Sprint("left behind ", left), nil)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, "size=4m"); err != nil {
		return fail("remount", err)
	}
	if _, err := s.fetch(s.ctx, hash, 1<<20); err != nil {
		return fail("fetch with room", err)
	}
	small, err := s.Add([]byte("small"), time.Hour)
	if err != nil || s.Wait(s.ctx, small) != nil {
		return fail("add with room", err)
	}
	return 0
}
