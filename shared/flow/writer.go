package flow

import (
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// Run writes until Close, or until writing fails. It must be called once, by
// the goroutine that may write to the transport.
func (s *Sender[F]) Run() error {
	batch := make([]F, 0, contractv1.MaxBatch)
	for {
		var wait time.Duration
		var closed bool
		batch, wait, closed = s.take(batch[:0])
		if len(batch) > 0 {
			if err := s.write(batch); err != nil {
				s.fail()
				return err
			}
			clear(batch)
			continue
		}
		if closed {
			return nil
		}
		s.sleep(wait)
	}
}

// sleep waits for something to do, at most wait when that is not 0.
func (s *Sender[F]) sleep(wait time.Duration) {
	if wait <= 0 {
		<-s.wake
		return
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-s.wake:
	case <-t.C:
	}
}

// take fills a batch: control first, then items. With an empty batch it says
// how long until a paced item is due, 0 for never, and whether all is over.
func (s *Sender[F]) take(batch []F) (_ []F, wait time.Duration, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed {
		return batch, 0, true
	}
	now := time.Now()
	for session, l := range s.paced {
		if due := l.pace.Sub(now) - paceBurst*s.interval; due > 0 && !s.closed {
			if wait == 0 || due < wait {
				wait = due
			}
			continue
		}
		delete(s.paced, session)
		s.pump(session, l, now)
		// Room made by time alone is told like room made by credit.
		if l.room != nil && len(l.queue) <= LaneMessages/2 && l.queued <= LaneBytes/2 {
			l.tell()
		}
	}
	size := 0
	batch, s.control, size = fill(batch, s.control, size)
	batch, s.ready, _ = fill(batch, s.ready, size)
	s.written += uint64(len(batch))
	return batch, wait, s.closed
}

// fill moves entries from a queue into a batch, up to its bounds.
func fill[F Frame](batch []F, queue []entry[F], size int) ([]F, []entry[F], int) {
	n := 0
	for n < len(queue) && len(batch) < contractv1.MaxBatch {
		if len(batch) > 0 && size+queue[n].size > BatchBytes {
			break
		}
		size += queue[n].size
		batch = append(batch, queue[n].frame)
		n++
	}
	if n == 0 {
		return batch, queue, size
	}
	if n == len(queue) {
		clear(queue)
		return batch, queue[:0], size
	}
	clear(queue[:n])
	return batch, queue[n:], size
}

// Close lets Run write what is paid for and then return. Nothing more is taken.
func (s *Sender[F]) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, l := range s.lanes {
		l.tell()
	}
	s.wakeUp()
}

// fail ends everything at once, after a transport's error.
func (s *Sender[F]) fail() {
	s.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = true
	s.control, s.ready = nil, nil
}

// Quiet tells how many frames were handed to the transport and whether nothing
// waits.
func (s *Sender[F]) Quiet() (written uint64, quiet bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	quiet = len(s.control) == 0 && len(s.ready) == 0
	for _, l := range s.lanes {
		quiet = quiet && len(l.queue) == 0
	}
	return s.written, quiet
}
