package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of downloads.
const (
	maxLoads  = 3   // at once
	maxWanted = 256 // noted by Want; more are left until somebody looks
)

type want struct {
	hash string
	size int64
}

// load is a download that runs, and those who wait for it.
type load struct {
	limit int64
	done  chan struct{}
	data  []byte
	err   error
}

// Want notes that a blob shall be here, and fetches it when there is time. What
// is larger than contractv1.MaxWanted, or too much at once, is left.
func (s *Store) Want(hash string, size int64) {
	if !contractv1.ValidBlob(hash) || size > contractv1.MaxWanted || s.Has(hash) {
		return
	}
	select {
	case s.wanted <- want{hash, size}:
	default:
	}
}

func (s *Store) wantLoop() {
	for {
		select {
		case w := <-s.wanted:
			ctx, cancel := context.WithTimeout(s.ctx, 4*partTime)
			_, err := s.Get(ctx, w.hash, contractv1.MaxWanted)
			cancel()
			if err != nil && s.ctx.Err() == nil {
				s.o.Log.Debug("a picture could not be fetched ahead", "hash", w.hash, "error", err)
			}
		case <-s.ctx.Done():
			return
		}
	}
}

// fetch downloads a blob, or waits for the download of it that runs: there is one
// at a time for each.
func (s *Store) fetch(ctx context.Context, hash string, limit int64) ([]byte, error) {
	for {
		s.mu.Lock()
		l := s.loading[hash]
		fresh := l == nil
		if fresh {
			l = &load{limit: limit, done: make(chan struct{})}
			s.loading[hash] = l
		}
		s.mu.Unlock()
		if fresh && !s.begin(func() { s.load(hash, l) }) {
			return nil, context.Canceled
		}
		select {
		case <-l.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("the network did not answer in time: %w", ctx.Err())
		}
		switch {
		case errors.Is(l.err, ErrTooLarge) && l.limit < limit:
			continue // somebody wanted less of it
		case l.err == nil && int64(len(l.data)) > limit:
			return nil, ErrTooLarge
		}
		return l.data, l.err
	}
}

func (s *Store) load(hash string, l *load) {
	defer func() {
		s.mu.Lock()
		delete(s.loading, hash)
		s.mu.Unlock()
		close(l.done)
	}()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-s.ctx.Done():
		l.err = s.ctx.Err()
		return
	}
	if s.o.Network == nil {
		l.err = ErrMissing
		return
	}
	for range 2 { // what came of an earlier try may be wrong: once more from the start
		l.data, l.err = s.download(hash, l.limit)
		if !errors.Is(l.err, ErrFalse) {
			break
		}
	}
	if l.err == nil {
		s.evict()
	}
}

// download gets the parts into a file, and the file its name when all of it has
// the hash.
func (s *Store) download(hash string, limit int64) (data []byte, err error) {
	path := s.path(hash) + partEnd
	have, err := readFile(path, limit)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || int64(len(have)) > limit {
		have = nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, diskError(err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if errors.Is(err, ErrFalse) || errors.Is(err, ErrGone) || errors.Is(err, ErrTooLarge) || errors.Is(err, errFull) {
			s.remove(hash + partEnd)
		}
	}()
	if have, err = s.parts(f, hash, have, limit); err != nil {
		return nil, err
	}
	if HashOf(have) != hash {
		return nil, ErrFalse
	}
	if err := f.Sync(); err != nil {
		return nil, diskError(err)
	}
	if err := os.Rename(path, s.path(hash)); err != nil {
		return nil, diskError(err)
	}
	s.arrived(hash, int64(len(have)))
	return have, s.syncDir()
}

// parts asks for what is missing after have. The first answer's size is the one
// that counts, and no answer is empty, so it comes to an end.
func (s *Store) parts(f *os.File, hash string, have []byte, limit int64) ([]byte, error) {
	if err := f.Truncate(int64(len(have))); err != nil {
		return nil, diskError(err)
	}
	size := int64(0)
	for size == 0 || int64(len(have)) < size {
		ctx, cancel := context.WithTimeout(s.ctx, partTime)
		p, err := s.o.Network.Get(ctx, &contractv1.BlobGet{Hash: hash, Offset: int64(len(have)), Limit: contractv1.MaxBlobPart})
		cancel()
		if err != nil {
			return nil, err
		}
		if size == 0 {
			size = p.GetSize()
		}
		rest := size - int64(len(have))
		switch n := int64(len(p.GetData())); {
		case size > limit:
			return nil, ErrTooLarge
		case size < 1 || p.GetSize() != size || rest < 0 || n > rest || n > contractv1.MaxBlobPart || n == 0 && rest > 0:
			return nil, ErrFalse
		}
		if _, err := f.WriteAt(p.GetData(), int64(len(have))); err != nil {
			return nil, diskError(err)
		}
		have = append(have, p.GetData()...)
	}
	return have, nil
}
