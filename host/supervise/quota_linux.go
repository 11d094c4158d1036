package supervise

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// usage adds up what lies in a plugin's folders. It walks by descriptors and
// follows no link: the plugin may exchange anything while it is looked at.
type usage struct {
	bytes   int64
	entries int
	devices map[uint64]bool
}

// diskUse is how many bytes of disk a plugin's folders take, with the deleted
// files that the process has open. A folder that is not there is empty.
func diskUse(dir, sockets string, pid int) (int64, error) {
	u := usage{devices: map[uint64]bool{}}
	for _, root := range []string{dir, sockets} {
		if root == "" {
			continue
		}
		if err := u.folder(unix.AT_FDCWD, root, 0); err != nil {
			return 0, err
		}
	}
	if pid > 0 {
		u.deleted(pid)
	}
	return u.bytes, nil
}

// folder adds a folder with what is in it.
func (u *usage) folder(at int, name string, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	fd, err := unix.Openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return errHidden
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return nil // it was exchanged or removed meanwhile
	case err != nil:
		return fmt.Errorf("look into the plugin's data folder: %w", err)
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	for {
		entries, err := f.Readdirnames(256)
		for _, e := range entries {
			if err := u.entry(fd, e, depth); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look into the plugin's data folder: %w", err)
		}
	}
}

func (u *usage) entry(at int, name string, depth int) error {
	if u.entries++; u.entries > maxEntries {
		return errManyEntries
	}
	var st unix.Stat_t
	if err := unix.Fstatat(at, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return nil // removed meanwhile
	}
	u.add(&st)
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return u.folder(at, name, depth+1)
	}
	return nil
}

// add counts blocks and not the size: a file may have holes.
func (u *usage) add(st *unix.Stat_t) {
	const block = 512
	u.bytes += st.Blocks * block
	u.devices[uint64(st.Dev)] = true
}

// deleted adds files without a name that the process keeps open. Memory that
// looks like a file lies on another device.
func (u *usage) deleted(pid int) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	names, _ := f.Readdirnames(maxDescriptors)
	seen := map[uint64]bool{}
	for _, name := range names {
		var st unix.Stat_t
		if err := unix.Stat(dir+"/"+name, &st); err != nil {
			continue
		}
		if st.Mode&unix.S_IFMT == unix.S_IFREG && st.Nlink == 0 && u.devices[uint64(st.Dev)] && !seen[st.Ino] {
			seen[st.Ino] = true
			u.add(&st)
		}
	}
}

// maxDescriptors is above what the launcher lets a plugin open.
const maxDescriptors = 2048
