package page

import (
	"context"
	"sync"
	"time"
)

// jobTime bounds every call that the window makes for a person: after it the
// person reads that it took too long instead of looking at a wheel.
const jobTime = 90 * time.Second

// Jobs runs blocking calls beside the frame goroutine and hands their results
// to the next frame. The window owns it and waits for all of it in Close.
type Jobs struct {
	ctx    context.Context
	cancel context.CancelFunc
	wake   func()
	wg     sync.WaitGroup

	mu   sync.Mutex
	done []func()
}

// NewJobs makes a runner; wake asks for a frame and is safe from any goroutine.
func NewJobs(ctx context.Context, wake func()) *Jobs {
	ctx, cancel := context.WithCancel(ctx)
	return &Jobs{ctx: ctx, cancel: cancel, wake: wake}
}

// Go runs work; what it returns is called on the frame goroutine. cancel ends it
// early; it need not be called.
func (j *Jobs) Go(work func(ctx context.Context) (then func())) (cancel context.CancelFunc) {
	return j.GoFor(jobTime, work)
}

// GoFor is Go for what may take longer, as when the person has to do something.
func (j *Jobs) GoFor(d time.Duration, work func(ctx context.Context) (then func())) (cancel context.CancelFunc) {
	ctx, cancel := context.WithTimeout(j.ctx, d)
	j.wg.Add(1)
	go func() {
		defer j.wg.Done()
		defer cancel()
		then := work(ctx)
		if then == nil || j.ctx.Err() != nil {
			return
		}
		j.mu.Lock()
		j.done = append(j.done, then)
		j.mu.Unlock()
		j.wake()
	}()
	return cancel
}

// Drain applies the results that came since the last frame.
func (j *Jobs) Drain() {
	j.mu.Lock()
	done := j.done
	j.done = nil
	j.mu.Unlock()
	for _, f := range done {
		f()
	}
}

// Wait waits until nothing runs; tests use it instead of sleeping.
func (j *Jobs) Wait() { j.wg.Wait() }

// Close cancels what runs and waits for it.
func (j *Jobs) Close() {
	j.cancel()
	j.wg.Wait()
}
