package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits holds one token bucket per name and forgets those that are idle and full.
type limits struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	*rate.Limiter
	used    time.Time
	dropped int
	since   time.Time
}

const sweepEvery = time.Minute

func newLimits(perSecond float64, burst int) *limits {
	return &limits{rate: rate.Limit(perSecond), burst: burst, buckets: make(map[string]*bucket)}
}

func (l *limits) get(name string, now time.Time) *bucket {
	if now.Sub(l.swept) > sweepEvery {
		l.swept = now
		for n, b := range l.buckets {
			// What is not full yet would be full when it is made anew.
			if now.Sub(b.used) > sweepEvery && b.TokensAt(now) >= float64(l.burst) {
				delete(l.buckets, n)
			}
		}
	}
	b := l.buckets[name]
	if b == nil {
		b = &bucket{Limiter: rate.NewLimiter(l.rate, l.burst), since: now}
		l.buckets[name] = b
	}
	b.used = now
	return b
}

// allow takes one token. The second result counts what was dropped in the
// last second: the measure of a flood.
func (l *limits) allow(name string) (bool, int) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.get(name, now)
	if b.AllowN(now, 1) {
		return true, 0
	}
	if now.Sub(b.since) > time.Second {
		b.since, b.dropped = now, 0
	}
	b.dropped++
	return false, b.dropped
}

// take takes n tokens, or none.
func (l *limits) take(name string, n int) bool {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.get(name, now).AllowN(now, n)
}

// wait takes one token if there is one, else tells after how long there is.
func (l *limits) wait(name string) time.Duration { return l.waitN(name, 1) }

// waitN is wait for what costs n tokens, and at most half of what there can be.
func (l *limits) waitN(name string, n int) time.Duration {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.get(name, now).ReserveN(now, max(1, min(n, l.burst/2)))
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}
