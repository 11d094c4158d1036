package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A disk keeps what a process has written only when it was told to: by fsync,
// fdatasync or O_SYNC. This one keeps nothing else. It runs a process under a
// system call filter that shows it every such call before it is carried out
// (seccomp's user notification: no privilege, no mount), and repeats in a folder
// of its own what then would be on the disk. Names (rename, unlink) are kept in
// the order in which they came, as journals of file systems keep them.
type disk struct {
	t     testing.TB
	real  string // the folder that the process sees
	image string // what a power loss would leave of it
	fd    int

	mu   sync.Mutex
	lost bool // the power is off: nothing comes to the disk any more
	err  error
	done chan struct{}

	syncs int
}

// envUnder is the role of a process that is on a disk. It hands out its filter
// over descriptor 3.
const envUnder = "SWITCHBOARD_TEST_UNDER"

func init() { roles["disk"] = underDisk }

// onDisk is what is looked at. Whatever else changes a file is brought to the
// disk by the next fsync of it.
func onDisk() []uint32 {
	all := []uint32{unix.SYS_FSYNC, unix.SYS_FDATASYNC, unix.SYS_WRITE, unix.SYS_PWRITE64, unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_UNLINKAT}
	return append(all, legacyNames...)
}

// Numbers and sizes of the kernel's interface: see seccomp_unotify(2).
const (
	notifyReceive  = 0xc0502100
	notifySend     = 0xc0182101
	notifyContinue = 1
	newListener    = 1 << 3
	setModeFilter  = 1
)

type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

type verdict struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

// underDisk puts this process under the filter, hands it out and begins again
// as the same program.
func underDisk() {
	runtime.LockOSThread()
	if err := handOut(); err != nil {
		fail(err)
	}
	if err := os.Setenv(envRole, os.Getenv(envUnder)); err != nil {
		fail(err)
	}
	fail(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
}

func handOut() error {
	prog := []bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}}
	for _, nr := range onDisk() {
		prog = append(prog, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: nr, SkipTrue: 1}, bpf.RetConstant{Val: unix.SECCOMP_RET_USER_NOTIF})
	}
	raw, err := bpf.Assemble(append(prog, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}))
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	fprog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, setModeFilter, newListener, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return fmt.Errorf("the kernel does not let a program's system calls be watched (seccomp user notification, Linux 5.5): %w", errno)
	}
	return unix.Sendmsg(3, []byte{1}, unix.UnixRights(int(fd)), nil, 0)
}

// newDisk starts a role on a disk of its own. The image begins as what is in it.
func newDisk(t testing.TB, role, image string) (*disk, *child) {
	t.Helper()
	d := &disk{t: t, real: t.TempDir(), image: image, done: make(chan struct{})}
	if err := os.CopyFS(d.real, os.DirFS(image)); err != nil {
		t.Fatal(err)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
	defer ours.Close()
	c := spawn(t, "disk", envUnder+"="+role, envFolder+"="+d.real)
	c.cmd.ExtraFiles = []*os.File{theirs}
	c.start()
	_ = theirs.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if d.fd, err = receive(conn.(*net.UnixConn)); err != nil {
		said, _ := c.line(time.Second)
		t.Fatalf("a power loss cannot be tried here: %v; the process says %q", err, said)
	}
	go d.watch()
	t.Cleanup(func() { d.off(c) })
	return d, c
}

func receive(conn *net.UnixConn) (int, error) {
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return 0, err
	}
	one, oob := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := conn.ReadMsgUnix(one, oob)
	if err != nil {
		return 0, err
	}
	messages, err := unix.ParseSocketControlMessage(oob[:n])
	if err != nil || len(messages) != 1 {
		return 0, fmt.Errorf("%d messages: %w", len(messages), errors.Join(err, errors.New("no filter was handed out")))
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return 0, fmt.Errorf("no filter was handed out: %w", err)
	}
	unix.CloseOnExec(fds[0])
	return fds[0], nil
}

// off is the power loss: from here on nothing comes to the disk, and the process
// ends. It gives the first thing that the disk could not do.
func (d *disk) off(c *child) error {
	d.mu.Lock()
	d.lost = true
	d.mu.Unlock()
	c.kill()
	<-d.done
	return d.err
}

// watch sees one call after the other until the process is gone.
func (d *disk) watch() {
	defer close(d.done)
	defer unix.Close(d.fd)
	for {
		poll := []unix.PollFd{{Fd: int32(d.fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); errors.Is(err, unix.EINTR) {
			continue
		}
		if poll[0].Revents&unix.POLLIN == 0 { // nobody is under the filter any more
			return
		}
		var n notification
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(d.fd), notifyReceive, uintptr(unsafe.Pointer(&n))); errno != 0 {
			continue // it was killed meanwhile
		}
		d.mu.Lock()
		if !d.lost {
			// A process that is being killed has no files to look at.
			if err := d.keep(&n); err != nil && d.err == nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, unix.ESRCH) {
				d.err = err
			}
		}
		d.mu.Unlock()
		v := verdict{id: n.id, flags: notifyContinue}
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(d.fd), notifySend, uintptr(unsafe.Pointer(&v))) // it may be gone
	}
}

// keep does to the image what the call does to the disk.
func (d *disk) keep(n *notification) error {
	switch n.nr {
	case unix.SYS_FSYNC, unix.SYS_FDATASYNC:
		return d.sync(n)
	case unix.SYS_WRITE, unix.SYS_PWRITE64:
		return d.write(n)
	}
	return d.name(n)
}

// file is what a descriptor of the process is, if it is a file of the folder.
func (d *disk) file(n *notification) (path, image string, ok bool) {
	path = fmt.Sprintf("/proc/%d/fd/%d", n.pid, int32(n.args[0]))
	target, err := os.Readlink(path)
	if err != nil {
		return "", "", false
	}
	image, ok = d.inImage(target)
	return path, image, ok
}

func (d *disk) inImage(path string) (string, bool) {
	in, ok := strings.CutPrefix(path, d.real+"/")
	if !ok || strings.HasSuffix(path, " (deleted)") {
		return "", false
	}
	return filepath.Join(d.image, in), true
}

// sync: all of the file is on the disk.
func (d *disk) sync(n *notification) error {
	path, image, ok := d.file(n)
	if !ok {
		return nil
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(image), 0o700); err != nil {
		return err
	}
	d.syncs++
	return os.WriteFile(image, data, 0o600)
}

// write: the bytes are on the disk if the file was opened so, and nothing else of it.
func (d *disk) write(n *notification) error {
	path, image, ok := d.file(n)
	if !ok {
		return nil
	}
	flags, at, err := position(n)
	if err != nil || flags&unix.O_DSYNC == 0 {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	switch {
	case n.nr == unix.SYS_PWRITE64:
		at = int64(n.args[3])
	case flags&unix.O_APPEND != 0:
		at = info.Size()
	}
	data := make([]byte, n.args[2])
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", n.pid))
	if err != nil {
		return err
	}
	defer mem.Close()
	if _, err := mem.ReadAt(data, int64(n.args[1])); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(image), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(image, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if kept, err := f.Stat(); err == nil && kept.Size() > info.Size() { // it was cut before
		if err := f.Truncate(info.Size()); err != nil {
			return err
		}
	}
	d.syncs++
	_, err = f.WriteAt(data, at)
	return err
}

// position reads how a descriptor was opened and where it is.
func position(n *notification) (flags int, at int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", n.pid, int32(n.args[0])))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); key {
		case "pos":
			at, err = strconv.ParseInt(value, 10, 64)
		case "flags":
			var f int64
			f, err = strconv.ParseInt(value, 8, 64)
			flags = int(f)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return flags, at, nil
}

// name renames and removes. What never came to the disk cannot take the place of
// what did.
func (d *disk) name(n *notification) error {
	const here = unix.AT_FDCWD
	fromDir, from, toDir, to := int32(n.args[0]), n.args[1], int32(n.args[2]), n.args[3]
	remove := n.nr == unix.SYS_UNLINKAT
	if isLegacy(n.nr) {
		fromDir, from, toDir, to, remove = here, n.args[0], here, n.args[1], isUnlink(n.nr)
	}
	old, ok, err := d.path(n.pid, fromDir, from)
	if err != nil || !ok {
		return err
	}
	if remove {
		err := os.Remove(old)
		if errors.Is(err, unix.ENOTEMPTY) { // so will the process be told
			return nil
		}
		return err
	}
	name, ok, err := d.path(n.pid, toDir, to)
	if err != nil || !ok {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.Rename(old, name)
}

// path reads a path of the process, which may be within a folder that it has open.
func (d *disk) path(pid uint32, dir int32, at uint64) (string, bool, error) {
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return "", false, err
	}
	defer mem.Close()
	buf := make([]byte, unix.PathMax)
	n, _ := mem.ReadAt(buf, int64(at)) // it may end at the end of a page
	text, _, found := bytes.Cut(buf[:n], []byte{0})
	if !found {
		return "", false, fmt.Errorf("no path at %x", at)
	}
	path := string(text)
	if !filepath.IsAbs(path) && dir != unix.AT_FDCWD {
		folder, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, dir))
		if err != nil {
			return "", false, err
		}
		path = filepath.Join(folder, path)
	}
	image, ok := d.inImage(path)
	return image, ok, nil
}
