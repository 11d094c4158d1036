package server

import (
	"hash/fnv"
	"sync"
)

// shards run work that belongs to one name serially and in order, and work of
// different names side by side: one conversation has one order, and one
// fsync at a time.
type shards struct {
	queues []chan func()
	done   sync.WaitGroup

	mu     sync.RWMutex
	closed bool
}

const shardQueue = 512

func newShards(n int) *shards {
	s := &shards{}
	for range n {
		q := make(chan func(), shardQueue)
		s.queues = append(s.queues, q)
		s.done.Add(1)
		go func() {
			defer s.done.Done()
			for f := range q {
				f()
			}
		}()
	}
	return s
}

// do queues f, or reports that the queue is full.
func (s *shards) do(name string, f func()) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return false
	}
	select {
	case s.queues[h.Sum32()%uint32(len(s.queues))] <- f:
		return true
	default:
		return false
	}
}

// wait queues f, and waits for room in the queue; after close it does nothing.
// Work of the queues themselves must not call it.
func (s *shards) wait(name string, f func()) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed {
		s.queues[h.Sum32()%uint32(len(s.queues))] <- f
	}
}

// close refuses new work and waits for what is queued.
func (s *shards) close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	for _, q := range s.queues {
		close(q)
	}
	s.mu.Unlock()
	s.done.Wait()
}
