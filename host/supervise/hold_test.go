package supervise

import (
	"context"
	"testing"
	"time"
)

// TestHold: nothing starts before it may, neither what is resident nor what is
// needed; then both do.
func TestHold(t *testing.T) {
	hold := make(chan struct{})
	b := newBench(t, func(o *Options) { o.Hold = hold })
	b.s.Set(b.spec("one", "resident = true"))
	b.s.Set(b.spec("two", ""))
	ready := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		ready <- b.s.Ensure(ctx, "two")
	}()
	select {
	case err := <-ready:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	for _, id := range []string{"one", "two"} {
		if up, _ := b.sink.count(id); up != 0 {
			t.Errorf("%s has started", id)
		}
	}
	close(hold)
	if err := <-ready; err != nil {
		t.Error(err)
	}
	b.ensure("one")
}

// TestHeldPluginsEnd: closing does not wait for what never started.
func TestHeldPluginsEnd(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Hold = make(chan struct{}) })
	b.s.Set(b.spec("one", "resident = true"))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	b.s.Remove(ctx, "one")
	if ctx.Err() != nil {
		t.Error("it waits")
	}
}
