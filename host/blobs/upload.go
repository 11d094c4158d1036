package blobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// Pauses between tries; an upload that was refused is tried again much later:
// there may be room then.
const (
	retryFirst  = 500 * time.Millisecond
	retryMost   = time.Minute
	retryRefuse = time.Hour
	partTime    = contractv1.CallTimeout
	// maxRounds bounds how often one try asks where to go on.
	maxRounds = 4
)

// upload is what waits for the network; it is the content of its marker.
type upload struct {
	Size    int64     `json:"size"`
	TTL     uint32    `json:"ttl_s,omitempty"`
	Since   time.Time `json:"since"`
	Refused string    `json:"refused,omitempty"`

	hash string
	next time.Time     // when to try
	wait time.Duration // the last pause
	done chan struct{} // closed when it is over: there, or refused for now
}

// Upload is an upload as others see it. Refused is the network's sentence.
type Upload struct {
	Hash    string
	Size    int64
	Refused string
}

// Uploads is what still waits, the oldest first.
func (s *Store) Uploads() []Upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Upload, 0, len(s.uploads))
	for _, u := range s.ordered() {
		out = append(out, Upload{u.hash, u.Size, u.Refused})
	}
	return out
}

// ordered are the uploads, oldest first. The lock is held.
func (s *Store) ordered() []*upload {
	list := make([]*upload, 0, len(s.uploads))
	for _, u := range s.uploads {
		list = append(list, u)
	}
	slices.SortFunc(list, func(x, y *upload) int {
		return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.hash, y.hash))
	})
	return list
}

// scanUpload takes a marker up again. One without its blob has nothing to upload.
func (s *Store) scanUpload(hash string) {
	e := s.entries[hash]
	if e == nil {
		s.remove(hash + uploadEnd)
		return
	}
	u := &upload{Size: e.size, Since: e.used}
	data, err := readFile(s.path(hash)+uploadEnd, 4<<10)
	if err != nil || json.Unmarshal(data, u) != nil || u.Size != e.size {
		u = &upload{Size: e.size, Since: e.used} // that it must be uploaded is what counts
	}
	u.hash, u.done = hash, make(chan struct{})
	s.uploads[hash] = u
}

// queue notes on the disk that a blob must be uploaded.
func (s *Store) queue(hash string, size int64, ttl time.Duration) error {
	u := &upload{Size: size, TTL: uint32(ttl / time.Second), Since: time.Now(), hash: hash, done: make(chan struct{})}
	if err := s.mark(u); err != nil {
		return err
	}
	s.mu.Lock()
	if old := s.uploads[hash]; old == nil || old.Refused != "" {
		s.uploads[hash] = u
	}
	s.mu.Unlock()
	s.Poke()
	return nil
}

func (s *Store) mark(u *upload) error {
	data, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("an upload cannot be noted: %w", err)
	}
	return s.place(u.hash+uploadEnd, data)
}

// Drop gives up an upload that was refused, and with it the blob.
func (s *Store) Drop(hash string) {
	s.mu.Lock()
	u := s.uploads[hash]
	if u == nil || u.Refused == "" {
		s.mu.Unlock()
		return
	}
	delete(s.uploads, hash)
	s.mu.Unlock()
	s.remove(hash + uploadEnd)
	s.forget(hash)
}

// Poke makes every upload that waits be tried now, as when a connection is back.
func (s *Store) Poke() {
	select {
	case s.poked <- struct{}{}:
	default:
	}
}

// Wait waits until a blob is at the network. A Refusal says that it will not be.
func (s *Store) Wait(ctx context.Context, hash string) error {
	s.mu.Lock()
	u := s.uploads[hash]
	s.mu.Unlock()
	if u == nil {
		return nil
	}
	select {
	case <-u.done:
	case <-ctx.Done():
		return fmt.Errorf("the network has not taken it yet: %w", ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.Refused != "" {
		return Refusal(u.Refused)
	}
	return nil
}

// uploadLoop uploads one blob after the other until the store closes.
func (s *Store) uploadLoop() {
	for s.ctx.Err() == nil {
		u, pause := s.nextUpload()
		if u != nil {
			s.settle(u, s.upload(u))
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-s.poked:
			s.mu.Lock()
			for _, u := range s.uploads {
				if u.Refused == "" {
					u.next, u.wait = time.Time{}, 0
				}
			}
			s.mu.Unlock()
		case <-s.ctx.Done():
		}
		timer.Stop()
	}
}

// nextUpload is the upload whose time has come, or how long to wait for one.
func (s *Store) nextUpload() (*upload, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, pause := time.Now(), retryRefuse
	for _, u := range s.ordered() {
		if !u.next.After(now) {
			return u, 0
		}
		pause = min(pause, u.next.Sub(now))
	}
	return nil, pause
}

// settle notes what became of a try.
func (s *Store) settle(u *upload, err error) {
	var no Refusal
	refused := errors.As(err, &no)
	s.mu.Lock()
	switch {
	case err == nil:
		u.Refused = ""
		delete(s.uploads, u.hash)
	case refused:
		u.Refused, u.next = string(no), time.Now().Add(retryRefuse)
		if u.Refused == "" {
			u.Refused = "The network refused it without saying why."
		}
	default:
		u.wait = min(max(2*u.wait, retryFirst), retryMost)
		u.next = time.Now().Add(u.wait)
	}
	over := err == nil || refused
	if over {
		select {
		case <-u.done:
		default:
			close(u.done)
		}
	}
	marked := *u
	s.mu.Unlock()
	switch {
	case err == nil:
		s.remove(u.hash + uploadEnd) // again after a crash is harmless
		s.evict()
	case refused:
		if err := s.mark(&marked); err != nil {
			s.o.Log.Warn("that an upload was refused is not on the disk", "error", err)
		}
		fallthrough
	default:
		s.o.Log.Warn("a picture was not given to the network", "hash", u.hash, "error", err)
	}
	if over && s.o.Changed != nil {
		s.o.Changed()
	}
}

// upload gives one blob to the network, from where the network wants it.
func (s *Store) upload(u *upload) error {
	data, err := s.cached(u.hash, contractv1.MaxBlob)
	if err != nil {
		return err
	}
	if data == nil {
		return Refusal("A picture that was to be sent is damaged on this computer; attach it again.")
	}
	put := func(offset int64, part []byte) (*contractv1.BlobStored, error) {
		ctx, cancel := context.WithTimeout(s.ctx, partTime)
		defer cancel()
		return s.o.Network.Put(ctx, &contractv1.BlobPut{Hash: u.hash, Size: int64(len(data)), Offset: offset, Data: part, TtlS: u.TTL})
	}
	for range maxRounds {
		at, err := put(0, nil)
		for err == nil && !at.GetComplete() {
			from := at.GetOffset()
			if from < 0 || from >= int64(len(data)) || from%contractv1.MaxBlobPart != 0 {
				return fmt.Errorf("the network wants a part at %d of %d bytes", from, len(data))
			}
			at, err = put(from, data[from:min(from+contractv1.MaxBlobPart, int64(len(data)))])
			if err == nil && !at.GetComplete() && at.GetOffset() <= from {
				break // it lacks something earlier: ask again
			}
		}
		if err != nil {
			return err
		}
		if at.GetComplete() {
			return nil
		}
	}
	return errors.New("the network does not get on with a picture")
}
