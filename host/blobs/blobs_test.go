package blobs

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) {
	if os.Getenv(fullDisk) != "" {
		os.Exit(onFullDisk(os.Getenv(fullDisk)))
	}
	goleak.VerifyTestMain(m)
}

// shelf is a network: parts by hash, as the server keeps them. What a test sets
// makes it offline, full or false.
type shelf struct {
	mu      sync.Mutex
	parts   map[string][]byte
	whole   map[string]bool
	puts    int
	gets    int
	offline bool
	full    bool
	answer  func(*contractv1.BlobGet) *contractv1.BlobPart
}

func newShelf() *shelf { return &shelf{parts: map[string][]byte{}, whole: map[string]bool{}} }

var errOffline = errors.New("offline")

func (n *shelf) Put(_ context.Context, p *contractv1.BlobPut) (*contractv1.BlobStored, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.puts++
	switch {
	case n.offline:
		return nil, errOffline
	case n.full:
		return nil, Refusal("There is no room.")
	}
	if int64(len(n.parts[p.Hash])) == p.Offset {
		n.parts[p.Hash] = append(n.parts[p.Hash], p.Data...)
	}
	have := int64(len(n.parts[p.Hash]))
	if have == p.Size {
		if HashOf(n.parts[p.Hash]) != p.Hash {
			return nil, Refusal("It is another.")
		}
		n.whole[p.Hash] = true
	}
	return &contractv1.BlobStored{Offset: have, Complete: n.whole[p.Hash]}, nil
}

func (n *shelf) Get(_ context.Context, g *contractv1.BlobGet) (*contractv1.BlobPart, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gets++
	if n.answer != nil {
		return n.answer(g), nil
	}
	data := n.parts[g.Hash]
	if !n.whole[g.Hash] {
		return nil, ErrGone
	}
	end := min(g.Offset-g.Offset%contractv1.MaxBlobPart+contractv1.MaxBlobPart, int64(len(data)))
	return &contractv1.BlobPart{Data: data[min(g.Offset, end):end], Size: int64(len(data))}, nil
}

func (n *shelf) set(f func()) { n.mu.Lock(); f(); n.mu.Unlock() }

func (n *shelf) has(hash string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.whole[hash]
}

func open(t *testing.T, dir string, n Network, bound int64) *Store {
	t.Helper()
	s, err := Open(Options{Dir: dir, Network: n, Log: hclog.NewNullLogger(), Bound: bound})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func random(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestWhatIsAddedReachesAnother(t *testing.T) {
	n := newShelf()
	a, b := open(t, t.TempDir(), n, 0), open(t, t.TempDir(), n, 0)
	for _, size := range []int{1, contractv1.MaxBlobPart, contractv1.MaxBlobPart + 1, 3*contractv1.MaxBlobPart - 7} {
		data := random(size)
		hash, err := a.Add(data, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Wait(soon(t), hash); err != nil {
			t.Fatal(err)
		}
		got, err := b.Get(soon(t), hash, int64(size))
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%d bytes: %d, %v", size, len(got), err)
		}
		info, err := os.Stat(filepath.Join(b.o.Dir, hash))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v %v", info.Mode(), err)
		}
	}
	if len(a.Uploads()) != 0 {
		t.Fatal(a.Uploads())
	}
	if left, _ := filepath.Glob(filepath.Join(a.o.Dir, "*.*")); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestAnUploadSurvivesAndGoesOn(t *testing.T) {
	n, dir := newShelf(), t.TempDir()
	n.offline = true
	s, err := Open(Options{Dir: dir, Network: n, Log: hclog.NewNullLogger()})
	if err != nil {
		t.Fatal(err)
	}
	data := random(4 * contractv1.MaxBlobPart)
	hash, err := s.Add(data, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	n.set(func() { n.offline, n.puts, n.parts[hash] = false, 0, bytes.Clone(data[:2*contractv1.MaxBlobPart]) })
	s = open(t, dir, n, 0)
	if err := s.Wait(soon(t), hash); err != nil || !n.has(hash) {
		t.Fatalf("%v, %v", n.has(hash), err)
	}
	if n.puts != 3 { // the question, and the two parts that were missing
		t.Fatalf("%d puts", n.puts)
	}
}

func TestPokeTriesAtOnce(t *testing.T) {
	n := newShelf()
	n.offline = true
	s := open(t, t.TempDir(), n, 0)
	hash, err := s.Add(random(10), 0)
	if err != nil {
		t.Fatal(err)
	}
	for {
		n.mu.Lock()
		tries := n.puts
		n.mu.Unlock()
		if tries >= 3 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	n.set(func() { n.offline = false })
	from := time.Now()
	s.Poke()
	if err := s.Wait(soon(t), hash); err != nil || time.Since(from) > time.Second {
		t.Fatalf("%v after %v", err, time.Since(from))
	}
}

func TestARefusalIsSaidAndKept(t *testing.T) {
	n, dir := newShelf(), t.TempDir()
	n.full = true
	s, err := Open(Options{Dir: dir, Network: n, Log: hclog.NewNullLogger()})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := s.Add(random(10), 0)
	if err != nil {
		t.Fatal(err)
	}
	var no Refusal
	if err := s.Wait(soon(t), hash); !errors.As(err, &no) || no != "There is no room." {
		t.Fatal(err)
	}
	s.Close()
	n.set(func() { n.full = false })
	s = open(t, dir, n, 0)
	if err := s.Wait(soon(t), hash); err != nil { // tried again with a new start
		t.Fatal(err)
	}
	n.set(func() { n.full = true })
	other, err := s.Add(random(11), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(soon(t), other); err == nil {
		t.Fatal("taken")
	}
	s.Drop(other)
	if s.Has(other) || len(s.Uploads()) != 0 {
		t.Fatal("given up, and still here")
	}
}

func TestHostileParts(t *testing.T) {
	data := random(1000)
	hash := HashOf(data)
	for name, c := range map[string]struct {
		answer func(*contractv1.BlobGet) *contractv1.BlobPart
		want   error
	}{
		"wrong content": {func(*contractv1.BlobGet) *contractv1.BlobPart {
			return &contractv1.BlobPart{Data: random(1000), Size: 1000}
		}, ErrFalse},
		"too large": {func(*contractv1.BlobGet) *contractv1.BlobPart {
			return &contractv1.BlobPart{Data: data, Size: 1 << 40}
		}, ErrTooLarge},
		"no size": {func(*contractv1.BlobGet) *contractv1.BlobPart { return &contractv1.BlobPart{Data: data} }, ErrFalse},
		"endless": {func(*contractv1.BlobGet) *contractv1.BlobPart { return &contractv1.BlobPart{Size: 1000} }, ErrFalse},
		"more than there is": {func(*contractv1.BlobGet) *contractv1.BlobPart {
			return &contractv1.BlobPart{Data: random(1001), Size: 1000}
		}, ErrFalse},
		"another size each time": {func(g *contractv1.BlobGet) *contractv1.BlobPart {
			return &contractv1.BlobPart{Data: data[:1], Size: 900 + g.Offset}
		}, ErrFalse},
		"negative": {func(*contractv1.BlobGet) *contractv1.BlobPart { return &contractv1.BlobPart{Data: data, Size: -1} }, ErrFalse},
	} {
		t.Run(name, func(t *testing.T) {
			n := newShelf()
			n.answer = c.answer
			s := open(t, t.TempDir(), n, 0)
			if _, err := s.Get(soon(t), hash, 5000); !errors.Is(err, c.want) {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(s.o.Dir); len(left) != 0 || s.Has(hash) || n.gets > 4000 {
				t.Fatalf("%v after %d questions", left, n.gets)
			}
		})
	}
}

func TestADownloadGoesOnAndIsOne(t *testing.T) {
	n := newShelf()
	s := open(t, t.TempDir(), n, 0)
	data := random(3 * contractv1.MaxBlobPart)
	hash := HashOf(data)
	n.parts[hash], n.whole[hash] = data, true
	if err := os.WriteFile(s.path(hash)+partEnd, data[:2*contractv1.MaxBlobPart], 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got, err := s.Get(soon(t), hash, contractv1.MaxBlob); err != nil || !bytes.Equal(got, data) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n.gets != 1 {
		t.Fatalf("%d questions for one missing part", n.gets)
	}
}

func TestAPartThatIsNotOursIsDropped(t *testing.T) {
	n := newShelf()
	s := open(t, t.TempDir(), n, 0)
	data := random(2 * contractv1.MaxBlobPart)
	hash := HashOf(data)
	n.parts[hash], n.whole[hash] = data, true
	if err := os.WriteFile(s.path(hash)+partEnd, random(contractv1.MaxBlobPart), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(soon(t), hash, contractv1.MaxBlob); err != nil || !bytes.Equal(got, data) {
		t.Fatal(err)
	}
}

func TestADamagedFileIsFetchedAgain(t *testing.T) {
	n := newShelf()
	s := open(t, t.TempDir(), n, 0)
	data := random(500)
	hash, _ := s.Add(data, 0)
	if err := s.Wait(soon(t), hash); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path(hash), random(500), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(soon(t), hash, 500); err != nil || !bytes.Equal(got, data) {
		t.Fatal(err)
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	n := newShelf()
	kept := map[string]bool{}
	s, err := Open(Options{Dir: t.TempDir(), Network: n, Log: hclog.NewNullLogger(), Bound: 1000, Keep: func() map[string]bool { return kept }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	var hashes []string
	for i := range 6 {
		data := random(300)
		hash := HashOf(data)
		n.set(func() { n.parts[hash], n.whole[hash] = data, true })
		if i == 0 {
			kept[hash] = true
		}
		if _, err := s.Get(soon(t), hash, 300); err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
	}
	if !s.Has(hashes[0]) || s.Has(hashes[1]) || !s.Has(hashes[5]) || s.total > 1000 {
		t.Fatalf("%d bytes", s.total)
	}
	n.set(func() { n.offline = true })
	for range 5 { // what waits for the network stays, over the bound
		if _, err := s.Add(random(300), 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range s.Uploads() {
		if !s.Has(u.Hash) {
			t.Fatal("an upload was removed")
		}
	}
}

func TestWantIsBounded(t *testing.T) {
	n := newShelf()
	s := open(t, t.TempDir(), n, 0)
	data := random(100)
	hash := HashOf(data)
	n.set(func() { n.parts[hash], n.whole[hash] = data, true })
	for range 3 * maxWanted {
		s.Want(HashOf(random(8)), 1)
	}
	s.Want("no hash", 1)
	s.Want(hash, contractv1.MaxWanted+1)
	time.Sleep(50 * time.Millisecond)
	for deadline := time.Now().Add(5 * time.Second); !s.Has(hash) && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		s.Want(hash, 100)
	}
	if !s.Has(hash) {
		t.Fatal("not fetched ahead")
	}
}
