package app

import (
	"fmt"
	"os"
	"sync"
)

// maxLog is the size at which the log is put aside; the one before is dropped.
const maxLog = 4 << 20

// logFile is the log of this profile, never longer than maxLog and a line.
type logFile struct {
	path string

	mu   sync.Mutex
	f    *os.File
	size int64
}

// openLogFile goes on with the log that is there.
func openLogFile(path string) (*logFile, error) {
	l := &logFile{path: path}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("the log cannot be opened: %w", err)
	}
	return l, nil
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return err
	}
	l.f, l.size = f, info.Size()
	return nil
}

// Write appends a line.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size > maxLog {
		l.putAside()
	}
	n, err := l.f.Write(b)
	l.size += int64(n)
	return n, err
}

// putAside begins a new file. When that cannot be done, the old one is begun
// anew: nobody reads a log that filled the disk.
func (l *logFile) putAside() {
	old := l.f
	if os.Rename(l.path, l.path+".1") == nil && l.open() == nil {
		_ = old.Close()
		return
	}
	if l.f.Truncate(0) == nil {
		l.size = 0
	}
}

// Close closes the file.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.f.Close()
}
