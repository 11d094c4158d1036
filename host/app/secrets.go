package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	contractv1 "switchboard/shared/contract/v1"
)

var secretName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// secrets keeps small secrets as 0600 files, a folder per plugin, written so
// that after a power cut there is the old or the new one.
type secrets struct {
	dir string
	mu  sync.Mutex
}

func (s *secrets) path(plugin, name string) (string, error) {
	if !secretName.MatchString(name) {
		return "", fmt.Errorf("%.64q is not the name of a secret", name)
	}
	return filepath.Join(s.dir, plugin, name), nil
}

func (s *secrets) get(plugin, name string) (value []byte, found bool, err error) {
	path, err := s.path(plugin, name)
	if err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("the secret %s cannot be read: %w", name, err)
	}
	defer f.Close()
	value, err = io.ReadAll(io.LimitReader(f, contractv1.MaxSecret+1))
	if err != nil || len(value) > contractv1.MaxSecret {
		return nil, false, fmt.Errorf("the secret %s cannot be read (%d bytes): %w", name, len(value), err)
	}
	return value, true, nil
}

func (s *secrets) set(plugin, name string, value []byte) error {
	path, err := s.path(plugin, name)
	if err != nil {
		return err
	}
	if len(value) > contractv1.MaxSecret {
		return fmt.Errorf("the secret %s is longer than %d bytes", name, contractv1.MaxSecret)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("the secret %s cannot be kept: %w", name, err)
	}
	if err := replaceFile(path, value); err != nil {
		return fmt.Errorf("the secret %s cannot be kept: %w", name, err)
	}
	return nil
}

// replaceFile writes a 0600 file whole: temporary, fsync, rename, fsync of the folder.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // there only if the rename did not happen
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
