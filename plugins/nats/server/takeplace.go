package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// restoringFile says that what is in a folder is neither what was there before nor
// what is being restored.
const restoringFile = "restoring"

// checkWhole refuses a folder in which a restore was cut short: an empty store
// beside the network's key would lock everybody out.
func checkWhole(folder string) error {
	_, err := os.Stat(filepath.Join(folder, restoringFile))
	if err == nil {
		return fmt.Errorf("a restore into %s was cut short; run it again (what was there before is in store.before-…)", folder)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("look whether a restore was cut short: %w", err)
}

// takePlace puts what was unpacked where the server looks for it; the key comes
// last, for without it there is no network. Until all of it is there no server
// begins.
func takePlace(folder, part string, info *backupInfo) error {
	stamp := time.Now().UTC().Format("20060102T150405.000")
	if err := writeFile(filepath.Join(folder, restoringFile), []byte(stamp+"\n")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(folder, "store"), filepath.Join(folder, "store.before-"+stamp)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, name := range []string{"index.db", "index.db-wal", "index.db-shm", recordFile} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(filepath.Join(part, "store"), filepath.Join(folder, "store")); err != nil {
		return err
	}
	files, err := os.ReadDir(filepath.Join(part, backupFiles))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(part, backupFiles, f.Name()), filepath.Join(folder, f.Name())); err != nil {
			return err
		}
	}
	if err := writeFile(filepath.Join(folder, nameFile), []byte(info.Network+"\n")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(part, KeyFile), filepath.Join(folder, KeyFile)); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(folder, movedFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(folder, restoringFile)); err != nil {
		return err
	}
	return d.Sync()
}
