package blobs

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// Endings of what is not a whole blob.
const (
	partEnd   = ".part" // what came of a download
	uploadEnd = ".up"   // says that the blob must still be given to the network
	tempEnd   = ".tmp"
)

// oldPart is how long what came of a download is kept to go on with.
const oldPart = 24 * time.Hour

// scan learns what is in the folder and removes what nobody will finish.
func (s *Store) scan() error {
	list, err := os.ReadDir(s.o.Dir)
	if err != nil {
		return fmt.Errorf("the folder of pictures %s: %w", s.o.Dir, err)
	}
	var markers []string
	for _, e := range list {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		name := e.Name()
		switch {
		case contractv1.ValidBlob(name):
			s.entries[name] = &entry{info.Size(), info.ModTime()}
			s.total += info.Size()
		case strings.HasSuffix(name, uploadEnd):
			markers = append(markers, name)
		case strings.HasSuffix(name, tempEnd), strings.HasSuffix(name, partEnd) && time.Since(info.ModTime()) > oldPart:
			s.remove(name)
		}
	}
	for _, name := range markers {
		s.scanUpload(strings.TrimSuffix(name, uploadEnd))
	}
	return nil
}

func (s *Store) remove(name string) {
	if err := os.Remove(filepath.Join(s.o.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.o.Log.Warn("a picture's file cannot be removed", "file", name, "error", err)
	}
}

// cached reads a blob that is here; nil when it is not. One that is no longer
// what its name says is removed.
func (s *Store) cached(hash string, limit int64) ([]byte, error) {
	s.mu.Lock()
	e := s.entries[hash]
	if e != nil && e.size > limit {
		s.mu.Unlock()
		return nil, ErrTooLarge
	}
	if e != nil {
		e.used = time.Now()
	}
	s.mu.Unlock()
	if e == nil {
		return nil, nil
	}
	data, err := readFile(s.path(hash), limit)
	if err == nil && HashOf(data) == hash {
		now := time.Now()
		_ = os.Chtimes(s.path(hash), now, now) // only the order of removing hangs on it
		return data, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("a picture on this computer cannot be read: %w", err)
	}
	s.forget(hash)
	return nil, nil
}

func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// forget removes a blob from the disk.
func (s *Store) forget(hash string) {
	s.mu.Lock()
	if e := s.entries[hash]; e != nil {
		s.total -= e.size
		delete(s.entries, hash)
	}
	s.mu.Unlock()
	s.remove(hash)
}

// write makes a blob's file: whole and on the disk, or not at all.
func (s *Store) write(hash string, data []byte) error {
	if err := s.place(hash, data); err != nil {
		return err
	}
	s.arrived(hash, int64(len(data)))
	return nil
}

func (s *Store) arrived(hash string, size int64) {
	s.mu.Lock()
	if e := s.entries[hash]; e != nil {
		s.total -= e.size
	}
	s.entries[hash] = &entry{size, time.Now()}
	s.total += size
	s.mu.Unlock()
}

// place writes a file beside its name and then gives it that name.
func (s *Store) place(name string, data []byte) error {
	f, err := os.CreateTemp(s.o.Dir, "new-*"+tempEnd) // 0600
	if err != nil {
		return diskError(err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.o.Dir, name))
	}
	if err != nil {
		s.remove(filepath.Base(f.Name()))
		return diskError(err)
	}
	return s.syncDir()
}

func (s *Store) syncDir() error {
	d, err := os.Open(s.o.Dir)
	if err != nil {
		return diskError(err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return diskError(err)
	}
	return nil
}

// diskError says what a person can do about a disk.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return errors.Join(errFull, err)
	}
	return fmt.Errorf("a picture cannot be kept on this computer: %w", err)
}

// evict removes what was not looked at for longest until the rest fits, but
// nothing that must still be uploaded or is in use.
func (s *Store) evict() {
	s.mu.Lock()
	fits := s.total <= s.o.Bound
	s.mu.Unlock()
	if fits {
		return
	}
	var keep map[string]bool
	if s.o.Keep != nil {
		keep = s.o.Keep()
	}
	s.mu.Lock()
	var names []string
	for hash := range s.entries {
		if !keep[hash] && s.uploads[hash] == nil {
			names = append(names, hash)
		}
	}
	slices.SortFunc(names, func(x, y string) int {
		return cmp.Or(s.entries[x].used.Compare(s.entries[y].used), cmp.Compare(x, y))
	})
	var gone []string
	for _, hash := range names {
		if s.total <= s.o.Bound {
			break
		}
		s.total -= s.entries[hash].size
		delete(s.entries, hash)
		gone = append(gone, hash)
	}
	s.mu.Unlock()
	for _, hash := range gone {
		s.remove(hash)
	}
}
