// Command probe tries what a sandbox should deny and says how it went.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sleep" {
		fmt.Println("sleeping")
		time.Sleep(time.Minute)
		return
	}
	writable, outside := os.Args[1], os.Args[2]
	results := map[string]string{}
	try := func(name string, f func() error) {
		results[name] = "ok"
		if err := f(); err != nil {
			results[name] = err.Error()
		}
	}
	results["descriptors"] = descriptors()
	files(try, writable, outside)
	sockets(try, writable)
	processes(try)
	results["argv0"] = os.Args[0]
	results["cwd"], _ = os.Getwd()
	results["environment"] = fmt.Sprint(os.Environ())
	_ = json.NewEncoder(os.Stdout).Encode(results)
}

// descriptors are those that are open before anything was opened, apart from
// what the Go runtime opens for itself.
func descriptors() string {
	open := []int{}
	for fd := range 8192 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			continue
		}
		to, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		if !strings.HasPrefix(to, "anon_inode:") && !strings.HasPrefix(to, "/sys/") {
			open = append(open, fd)
		}
	}
	return fmt.Sprint(open)
}

func files(try func(string, func() error), writable, outside string) {
	inside := filepath.Join(writable, "file")
	try("write inside", func() error { return os.WriteFile(inside, []byte("x"), 0o600) })
	try("rename inside", func() error {
		if err := os.MkdirAll(filepath.Join(writable, "sub"), 0o700); err != nil {
			return err
		}
		return os.Rename(inside, filepath.Join(writable, "sub", "file"))
	})
	try("write outside", func() error { return os.WriteFile(filepath.Join(outside, "made"), nil, 0o600) })
	try("read outside", func() error { _, err := os.ReadFile(filepath.Join(outside, "secret")); return err })
	try("list outside", func() error { _, err := os.ReadDir(outside); return err })
	try("read system", func() error { _, err := os.ReadDir("/usr/lib"); return err })
	try("write null", func() error { return os.WriteFile(os.DevNull, []byte("x"), 0) })
	try("read environment of parent", func() error {
		_, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
		return err
	})
	try("chmod", func() error { return os.Chmod(filepath.Join(writable, "sub"), 0o755) })
	try("chown", func() error { return os.Chown(filepath.Join(writable, "sub"), os.Getuid(), os.Getgid()) })
	try("utime", func() error { return os.Chtimes(filepath.Join(writable, "sub"), time.Now(), time.Now()) })
	try("mkfifo", func() error { return unix.Mkfifo(filepath.Join(writable, "fifo"), 0o600) })
	try("inotify", func() error { _, err := unix.InotifyInit(); return err })
}

func sockets(try func(string, func() error), writable string) {
	socket := func(domain, kind int) func() error {
		return func() error { _, err := unix.Socket(domain, kind, 0); return err }
	}
	try("tcp socket", socket(unix.AF_INET, unix.SOCK_STREAM))
	try("tcp6 socket", socket(unix.AF_INET6, unix.SOCK_STREAM))
	try("udp socket", socket(unix.AF_INET, unix.SOCK_DGRAM))
	try("raw socket", socket(unix.AF_INET, unix.SOCK_RAW))
	try("unix stream", socket(unix.AF_UNIX, unix.SOCK_STREAM))
	try("unix datagram", socket(unix.AF_UNIX, unix.SOCK_DGRAM))
	try("netlink", func() error { _, err := net.Interfaces(); return err })
	try("pair of streams", func() error { _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0); return err })
	try("pair of datagrams", func() error { _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0); return err })
	try("listen unix", func() error {
		l, err := net.Listen("unix", filepath.Join(writable, "s"))
		if err == nil {
			defer l.Close()
		}
		return err
	})
	try("connect unix", func() error {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		return unix.Connect(fd, &unix.SockaddrUnix{Name: filepath.Join(writable, "nobody")})
	})
	try("listen tcp", func() error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			defer l.Close()
		}
		return err
	})
	try("connect tcp", func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		return unix.Connect(fd, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}})
	})
}

func processes(try func(string, func() error)) {
	try("fork", func() error { return exec.Command("/bin/true").Run() })
	try("execute", func() error { return syscall.Exec("/bin/true", []string{"true"}, nil) })
	try("execute descriptor", func() error {
		fd, err := unix.Open("/bin/true", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		if err := unix.Dup3(fd, 1000, unix.O_CLOEXEC); err == nil {
			return fmt.Errorf("descriptor 1000 can be made")
		}
		empty := [1]byte{}
		argv := []*byte{&empty[0], nil}
		_, _, errno := unix.Syscall6(unix.SYS_EXECVEAT, uintptr(fd), uintptr(unsafe.Pointer(&empty[0])),
			uintptr(unsafe.Pointer(&argv[0])), 0, unix.AT_EMPTY_PATH, 0)
		return errno
	})
	try("threads", func() error {
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() { time.Sleep(5 * time.Millisecond) })
		}
		wait.Wait()
		return nil
	})
	try("signal the parent", func() error { return unix.Kill(os.Getppid(), 0) })
	try("signal itself", func() error { return unix.Kill(os.Getpid(), 0) })
	try("raise a limit", func() error {
		return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 600, Max: 600})
	})
	try("read a limit", func() error { var l unix.Rlimit; return unix.Getrlimit(unix.RLIMIT_NOFILE, &l) })
	try("leave the host", func() error { return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0) })
	try("leave the group", func() error { return unix.Setpgid(0, 0) })
	try("ptrace", func() error { return unix.PtraceAttach(os.Getppid()) })
	try("unshare", func() error { return unix.Unshare(unix.CLONE_NEWUSER) })
	try("memfd", func() error { _, err := unix.MemfdCreate("x", unix.MFD_CLOEXEC); return err })
	try("newer call", func() error { _, _, errno := unix.Syscall(469, 0, 0, 0); return errno })
	try("capabilities", func() error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var data [2]unix.CapUserData
		if err := unix.Capget(&header, &data[0]); err != nil {
			return err
		}
		if data[0].Effective|data[1].Effective|data[0].Permitted != 0 {
			return fmt.Errorf("some are left: %x", data)
		}
		return nil
	})
}
