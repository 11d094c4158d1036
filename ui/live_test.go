package ui

import (
	"runtime"
	"testing"
	"time"
)

// TestAWindowGoesWhileItIsAskedFor: what a request uses is freed when it is done.
func TestAWindowGoesWhileItIsAskedFor(t *testing.T) {
	var r raised
	r.asks.Lock() // a request is under way
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		r.goes()
	}()
	for !r.going.Load() {
		time.Sleep(time.Millisecond)
	}
	if runtime.GOOS != "windows" {
		select {
		case <-gone:
			t.Error("the window went under it")
		default:
		}
	}
	r.asks.Unlock()
	<-gone
	r.perform(nil, 0) // asks no window any more
	(*raised)(nil).goes()
}
