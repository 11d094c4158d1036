package server

import (
	"sync"
	"time"
)

// space tells whether there is room on the disk. It asks only when somebody
// writes, so that an idle server does nothing.
type space struct {
	free func() (int64, error)
	min  int64

	mu    sync.Mutex
	asked time.Time
	full  bool
}

const spaceEvery = time.Second

func (s *space) low() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.asked) >= spaceEvery {
		s.asked = now
		if free, err := s.free(); err == nil {
			s.full = free < s.min
		}
	}
	return s.full
}
