package server

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// What people make and remove again leaves something behind: a revoked device its
// record, every removed key a marker in the store. Both are bounded here, so that
// nobody fills the disk with what is not there any more.
const (
	// maxRevoked is how many revoked devices of an account are remembered, so that
	// they are told why they are not let in. Older ones are unknown.
	maxRevoked = 32
	// markerLife is long enough for every replica to have seen that a key is gone.
	markerLife = time.Hour
	// markerTime bounds one round of forgetting; the next goes on.
	markerTime = time.Minute
	// What has a key of its own each time: codes and invitations of a user.
	makeRate  = 0.2
	makeBurst = 400
)

// mayMake slows who makes codes and invitations without end.
func (d *directory) mayMake(user string) error {
	if user != "" && d.makes.wait(user) > 0 {
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "You have made many codes and invitations in a short time; try again in some minutes.")
	}
	return nil
}

// forgetRevoked drops the oldest revoked devices of an account, so that with the
// one that is about to be added there are not too many. The caller holds d.write.
func (d *directory) forgetRevoked(ctx context.Context, user string) error {
	var gone []deviceRecord
	d.mu.RLock()
	for _, v := range d.devices[user] {
		if v.RevokedMS != 0 {
			gone = append(gone, *v)
		}
	}
	d.mu.RUnlock()
	sort.Slice(gone, func(i, j int) bool { return gone[i].RevokedMS > gone[j].RevokedMS })
	for _, v := range gone[min(len(gone), maxRevoked):] {
		if err := d.drop(ctx, "dev."+user+"."+v.ID); err != nil {
			return err
		}
	}
	return nil
}

// forgetMarkers takes out of the store what only says that something is gone.
func (d *directory) forgetMarkers(ctx context.Context, older time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, markerTime)
	defer cancel()
	st, err := d.s.js.Stream(ctx, "KV_"+bucketDir)
	if err != nil {
		return fmt.Errorf("forget removed keys: %w", err)
	}
	w, err := d.kv.WatchAll(ctx, jetstream.MetaOnly())
	if err != nil {
		return fmt.Errorf("forget removed keys: %w", err)
	}
	var markers []jetstream.KeyValueEntry
	for e := range w.Updates() {
		if e == nil {
			break
		}
		if e.Operation() != jetstream.KeyValuePut && time.Since(e.Created()) >= older {
			markers = append(markers, e)
		}
	}
	if err := w.Stop(); err != nil {
		return fmt.Errorf("forget removed keys: %w", err)
	}
	for _, e := range markers {
		// Only up to the marker: the key may have been made again meanwhile.
		if err := st.Purge(ctx, jetstream.WithPurgeSubject("$KV."+bucketDir+"."+e.Key()), jetstream.WithPurgeSequence(e.Revision()+1)); err != nil {
			return fmt.Errorf("forget removed keys: %w", err)
		}
	}
	return nil
}

// dropAt removes a record for good unless it was written since it had a revision.
func (d *directory) dropAt(ctx context.Context, key string, rev uint64) error {
	err := d.kv.Purge(ctx, key, jetstream.LastRevision(rev))
	if wrongRevision(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove %s: %w", key, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.revisions[key] <= rev {
		d.forget(key)
	}
	return nil
}

// wrongRevision: somebody else has written meanwhile.
func wrongRevision(err error) bool {
	var e *jetstream.APIError
	return errors.As(err, &e) && e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// drop removes a record for good.
func (d *directory) drop(ctx context.Context, key string) error {
	if err := d.kv.Purge(ctx, key); err != nil {
		return fmt.Errorf("remove %s: %w", key, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(key)
	return nil
}

// dropAll removes records for good.
func (d *directory) dropAll(ctx context.Context, keys []string) error {
	d.write.Lock()
	defer d.write.Unlock()
	for _, k := range keys {
		if err := d.drop(ctx, k); err != nil {
			return err
		}
	}
	return nil
}
