package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	contractv1 "switchboard/shared/contract/v1"
)

// DefaultBound is how many bytes the cache holds unless told otherwise.
const DefaultBound = 512 << 20

// Errors that a person sees; each is one sentence.
var (
	ErrGone     = errors.New("The network does not have this picture: it is still on its way, or is no longer kept.")
	ErrFalse    = errors.New("What the network gave is not what was asked for; try again later.")
	ErrTooLarge = errors.New("This is larger than what is fetched from the network.")
	ErrMissing  = errors.New("This is not on this computer, and there is no network to ask.")
	errFull     = errors.New("There is no room for this on this computer: remove something and try again.")
)

// Refusal is the network's no to an upload: trying again soon changes nothing.
type Refusal string

// Error is the network's sentence.
func (r Refusal) Error() string { return string(r) }

// Network is how blobs travel. Put fails with a Refusal, Get with ErrGone, when
// asking again at once is of no use; every other error is one that passes. Both
// are bounded in time by their context.
type Network interface {
	Put(ctx context.Context, p *contractv1.BlobPut) (*contractv1.BlobStored, error)
	Get(ctx context.Context, g *contractv1.BlobGet) (*contractv1.BlobPart, error)
}

// Options are what a Store needs.
type Options struct {
	Dir     string // its folder, made when it is missing
	Network Network
	Log     hclog.Logger
	Bound   int64 // bytes; 0 is DefaultBound
	// Keep tells which blobs are in use and stay, whatever the bound; nil for none.
	Keep func() map[string]bool
	// Changed is called, from any goroutine and holding no lock, when an upload
	// came to its end or was refused; may be nil.
	Changed func()
}

// Store is the open folder. Its methods may be called from any goroutine.
type Store struct {
	o      Options
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	poked  chan struct{}
	wanted chan want
	slots  chan struct{} // downloads at once

	mu      sync.Mutex
	entries map[string]*entry
	total   int64
	uploads map[string]*upload
	loading map[string]*load
	shut    bool
}

type entry struct {
	size int64
	used time.Time
}

// Open reads the folder and begins to give to the network what still waits.
func Open(o Options) (*Store, error) {
	if o.Bound == 0 {
		o.Bound = DefaultBound
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of pictures %s: %w", o.Dir, err)
	}
	s := &Store{o: o, poked: make(chan struct{}, 1), wanted: make(chan want, maxWanted), slots: make(chan struct{}, maxLoads),
		entries: map[string]*entry{}, uploads: map[string]*upload{}, loading: map[string]*load{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.scan(); err != nil {
		s.cancel()
		return nil, err
	}
	s.evict()
	s.begin(s.uploadLoop)
	s.begin(s.wantLoop)
	return s, nil
}

// begin runs f in a goroutine that Close waits for.
func (s *Store) begin(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return false
	}
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		f()
	}()
	return true
}

// Close ends what runs; what waits to be uploaded waits on the disk.
func (s *Store) Close() {
	s.mu.Lock()
	s.shut = true
	s.mu.Unlock()
	s.cancel()
	s.work.Wait()
}

// HashOf is the name of a content.
func HashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Add keeps a content and queues it for the network. When it returns both are on
// the disk and survive a crash; adding it again does nothing. ttl is how long the
// network shall keep it, 0 for as long as messages.
func (s *Store) Add(data []byte, ttl time.Duration) (hash string, err error) {
	if len(data) == 0 || len(data) > contractv1.MaxBlob {
		return "", fmt.Errorf("A blob has 1 byte to %d MB.", contractv1.MaxBlob>>20)
	}
	hash = HashOf(data)
	if got, err := s.cached(hash, int64(len(data))); err != nil || got == nil {
		if err := s.write(hash, data); err != nil {
			return "", err
		}
	}
	if err := s.queue(hash, int64(len(data)), ttl); err != nil {
		return "", err
	}
	s.evict()
	return hash, nil
}

// Has tells whether a blob is here.
func (s *Store) Has(hash string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[hash] != nil
}

// Get gives a blob of at most limit bytes, from the disk or the network. Several
// who want the same one wait for one download.
func (s *Store) Get(ctx context.Context, hash string, limit int64) ([]byte, error) {
	if !contractv1.ValidBlob(hash) {
		return nil, ErrGone
	}
	if data, err := s.cached(hash, limit); err != nil || data != nil {
		return data, err
	}
	return s.fetch(ctx, hash, limit)
}

func (s *Store) path(hash string) string { return filepath.Join(s.o.Dir, hash) }
