package server

import (
	"context"
	"errors"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// What two people have with each other is stored while there is something. A pair
// of which nothing is left counts for neither of them.

// grave is what is remembered of a pair that was removed, so that older news of it
// that come late do not bring it back.
type grave struct {
	rev  uint64 // nothing up to here is news
	atMS int64
}

// bury notes that a pair is gone; d.mu is held.
func (d *directory) bury(key string, rev uint64) {
	if strings.HasPrefix(key, "pair.") {
		d.graves[key] = grave{rev: rev, atMS: d.s.nowMS()}
	}
}

// putPair writes a pair, or removes one of which nothing is left, if it is still
// what we know; d.write is held.
func (d *directory) putPair(ctx context.Context, key string, p *pairRecord) error {
	if !p.empty() {
		return d.put(ctx, key, p)
	}
	d.mu.RLock()
	rev := d.revisions[key]
	d.mu.RUnlock()
	if rev == 0 {
		return nil
	}
	return d.dropPair(ctx, key, rev)
}

// dropPair removes a pair that has a revision; d.write is held. Memory forgets it
// at once, and takes up again only what was written later.
func (d *directory) dropPair(ctx context.Context, key string, rev uint64) error {
	err := d.kv.Purge(ctx, key, jetstream.LastRevision(rev))
	if wrongRevision(err) {
		return errRaced
	}
	if err != nil {
		d.s.health.failed()
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot write at the moment; try again later.")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.revisions[key] <= rev && d.graves[key].rev <= rev {
		d.forget(key)
		d.bury(key, rev)
	}
	return nil
}

// dropEmptyPairs removes the pairs of which nothing is left, as older servers kept
// them, and forgets the graves that every replica has seen long ago.
func (d *directory) dropEmptyPairs(ctx context.Context) error {
	d.write.Lock()
	defer d.write.Unlock()
	empty := map[string]uint64{}
	d.mu.Lock()
	for key, p := range d.pairs {
		if p.empty() {
			empty[key] = d.revisions[key]
		}
	}
	old := d.s.nowMS() - markerLife.Milliseconds()
	for key, g := range d.graves {
		if g.atMS < old {
			delete(d.graves, key)
		}
	}
	d.mu.Unlock()
	for key, rev := range empty {
		if err := d.dropPair(ctx, key, rev); err != nil && !errors.Is(err, errRaced) {
			return err
		}
	}
	return nil
}
