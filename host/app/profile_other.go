//go:build !unix

package app

import (
	"errors"
	"io/fs"
	"os"
)

// mine cannot be told here: the rights of the profile's folder keep others out.
func mine(fs.FileInfo) bool { return true }

// lockFile opens and takes a file until it is closed. Where files that are open
// cannot be removed, one that is left behind by a crash can: it is taken over.
func lockFile(path string) (f *os.File, held bool, err error) {
	removed := os.Remove(path)
	f, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	return f, err == nil && removed != nil && !errors.Is(removed, fs.ErrNotExist), err
}
