// Package rest gives memory back to the system when a process has come to rest.
// Go keeps what it once needed, up to twice what it holds, because it may need
// it again; a program that mostly waits, in several processes, should not. It
// knows nothing of what the process does.
package rest

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Times and sizes. Looking costs microseconds, giving back some milliseconds.
const (
	first  = 4 * time.Second // starting up needs much that is not needed again
	every  = 30 * time.Second
	enough = 1 << 20 // bytes allocated since the last time; less is not worth it
	// busy is what is allocated between two looks by a process that works: its
	// garbage collector has enough to do.
	busy = 256 << 20
)

// Run gives memory back now and then until ctx ends.
func Run(ctx context.Context) { run(ctx, first, every, debug.FreeOSMemory) }

func run(ctx context.Context, first, every time.Duration, free func()) {
	var freed, looked uint64
	t := time.NewTimer(first)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := allocated()
		if now-freed >= enough && now-looked < busy {
			free()
			freed = now
		}
		looked = now
		t.Reset(every)
	}
}

// allocated counts all bytes that were ever allocated.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return s[0].Value.Uint64()
}
