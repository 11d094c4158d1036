package server

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// take notes one word of the watch, which comes in the bucket's order.
func (d *directory) take(e jetstream.KeyValueEntry) {
	d.apply(e.Key(), e.Value(), e.Revision(), e.Operation() != jetstream.KeyValuePut)
	d.seenMu.Lock()
	defer d.seenMu.Unlock()
	if e.Revision() > d.followed {
		d.followed = e.Revision()
		close(d.passed)
		d.passed = make(chan struct{})
	}
}

// follow keeps memory in step with what another server writes; our own writes
// come back here too and are older than what we have.
func (d *directory) follow(ctx context.Context) {
	for {
		select {
		case e, ok := <-d.watcher.Updates():
			if !ok {
				return
			}
			if e != nil {
				d.take(e)
			}
		case <-d.fresh:
			d.rewatch(ctx)
		case <-ctx.Done():
			if err := d.watcher.Stop(); err != nil {
				d.s.o.Log.Debug("stop following the directory", "error", err)
			}
			return
		}
	}
}

// again begins the watch anew: its server may be gone, which the library notices
// late.
func (d *directory) again() {
	select {
	case d.fresh <- struct{}{}:
	default:
	}
}

func (d *directory) rewatch(ctx context.Context) {
	// The library ends the watch when this context does: it must be the long one.
	w, err := d.kv.WatchAll(ctx)
	if err != nil {
		d.s.o.Log.Debug("follow the directory again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(clusterRetry):
			d.again()
		}
		return
	}
	if err := d.watcher.Stop(); err != nil {
		d.s.o.Log.Debug("stop following the directory", "error", err)
	}
	d.watcher = w
}

// upToDate waits until memory knows everything that was written before the call.
// A replica asks before it refuses something: another may just have written what
// makes it right.
func (d *directory) upToDate(ctx context.Context) error {
	if d.s.o.Cluster == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, upToDateWait)
	defer cancel()
	st, err := d.s.js.Stream(ctx, "KV_"+bucketDir)
	if err != nil {
		return fmt.Errorf("read the directory: %w", err)
	}
	head := st.CachedInfo().State.LastSeq
	for {
		d.seenMu.Lock()
		seen, passed := d.followed, d.passed
		d.seenMu.Unlock()
		if seen >= head {
			return nil
		}
		select {
		case <-passed:
		case <-ctx.Done():
			return fmt.Errorf("follow the directory: %w", ctx.Err())
		}
	}
}

// upToDateWait bounds how long a refusal waits for the directory.
const upToDateWait = time.Second

// settled repeats a question whose answer was no, when what it was decided from
// may have been old.
func (d *directory) settled(ctx context.Context, ask func() error) error {
	err := ask()
	if err == nil || d.s.o.Cluster == nil {
		return err
	}
	if behind := d.upToDate(ctx); behind != nil {
		d.s.o.Log.Debug("directory", "error", behind)
		return err
	}
	return ask()
}
