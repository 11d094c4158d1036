package server

import (
	"context"
	"time"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// blobRecord is one person's blob: key blob.<user>.<hash>. It is written when
// the first part comes, so that room is kept for the whole, and again when all
// is there and has the hash it claims.
type blobRecord struct {
	Size      int64 `json:"size"`
	Done      bool  `json:"done,omitempty"`
	ExpiresMS int64 `json:"expires_ms"`
}

// unfinished is how long a blob may take to come.
const unfinished = 24 * time.Hour

// maxBlobs bounds the blobs of one person, so that small ones are bounded too.
const maxBlobs = 2000

// blobs is what memory knows of everybody's blobs; the directory's lock guards it.
type blobs struct {
	byUser map[string]map[string]*blobRecord
	byHash map[string]map[string]bool
}

func newBlobs() blobs {
	return blobs{byUser: map[string]map[string]*blobRecord{}, byHash: map[string]map[string]bool{}}
}

func (b *blobs) learn(user, hash string, r *blobRecord) {
	if b.byUser[user] == nil {
		b.byUser[user] = map[string]*blobRecord{}
	}
	if b.byHash[hash] == nil {
		b.byHash[hash] = map[string]bool{}
	}
	b.byUser[user][hash], b.byHash[hash][user] = r, true
}

func (b *blobs) forget(user, hash string) {
	delete(b.byUser[user], hash)
	if len(b.byUser[user]) == 0 {
		delete(b.byUser, user)
	}
	delete(b.byHash[hash], user)
	if len(b.byHash[hash]) == 0 {
		delete(b.byHash, hash)
	}
}

func blobKey(user, hash string) string { return "blob." + user + "." + hash }

func (d *directory) blob(user, hash string) (blobRecord, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if r := d.blobs.byUser[user][hash]; r != nil {
		return *r, true
	}
	return blobRecord{}, false
}

// blobOwner is somebody who has the whole blob, the one who asks first.
func (d *directory) blobOwner(user, hash string) (string, blobRecord, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	now := d.s.nowMS()
	good := func(u string) bool {
		r := d.blobs.byUser[u][hash]
		return r != nil && r.Done && (r.ExpiresMS > now || d.shown(u, hash))
	}
	if good(user) {
		return user, *d.blobs.byUser[user][hash], true
	}
	for u := range d.blobs.byHash[hash] {
		if good(u) {
			return u, *d.blobs.byUser[u][hash], true
		}
	}
	return "", blobRecord{}, false
}

// blobUse is how many bytes and blobs a person keeps.
func (d *directory) blobUse(user string) (bytes int64, n int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, r := range d.blobs.byUser[user] {
		bytes += r.Size
	}
	return bytes, len(d.blobs.byUser[user])
}

// reserve keeps room for a blob before its first part is stored.
func (d *directory) reserve(ctx context.Context, user string, in *contractv1.BlobPut) (blobRecord, error) {
	d.write.Lock()
	defer d.write.Unlock()
	if r, ok := d.blob(user, in.Hash); ok {
		return r, nil
	}
	used, n := d.blobUse(user)
	if used+in.Size > d.s.o.BlobQuota || n >= maxBlobs {
		return blobRecord{}, wire.Errorf(contractv1.Error_TOO_LARGE,
			"There is no room for this: the server keeps %d MB of pictures and files for you, and %d MB are used. Older ones expire by themselves.",
			d.s.o.BlobQuota>>20, used>>20)
	}
	r := blobRecord{Size: in.Size, ExpiresMS: d.s.o.Now().Add(unfinished).UnixMilli()}
	return r, d.put(ctx, blobKey(user, in.Hash), &r)
}

// finish says that a blob is whole.
func (d *directory) finish(ctx context.Context, user string, in *contractv1.BlobPut) (blobRecord, error) {
	d.write.Lock()
	defer d.write.Unlock()
	r, ok := d.blob(user, in.Hash)
	if !ok {
		return r, errBlobGone
	}
	r.Done, r.ExpiresMS = true, d.s.o.Now().Add(d.blobLife(in)).UnixMilli()
	return r, d.put(ctx, blobKey(user, in.Hash), &r)
}

// unwanted lists blobs whose time is over and that nobody is shown by.
func (d *directory) unwanted() (users, hashes []string) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	now := d.s.nowMS()
	for u, all := range d.blobs.byUser {
		for h, r := range all {
			if gone := d.users[u] == nil; gone || r.ExpiresMS <= now && !d.shown(u, h) {
				users, hashes = append(users, u), append(hashes, h)
			}
		}
	}
	return users, hashes
}

// shown reports whether a blob is somebody's or some group's picture now, and so
// has no end; the caller holds the lock.
func (d *directory) shown(user, hash string) bool {
	if u := d.users[user]; u != nil && u.Avatar == hash {
		return true
	}
	for id := range d.groups[user] {
		if r := d.rooms[id]; r != nil && r.rec != nil && r.rec.Picture == hash {
			return true
		}
	}
	return false
}

// isUnwanted is unwanted of one blob.
func (d *directory) isUnwanted(user, hash string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.blobs.byUser[user][hash]
	return r != nil && (d.users[user] == nil || r.ExpiresMS <= d.s.nowMS() && !d.shown(user, hash))
}

// prolong keeps a blob that is put again for as long as a new one would be kept.
// A little less is not worth writing.
func (d *directory) prolong(ctx context.Context, user string, in *contractv1.BlobPut) (blobRecord, error) {
	d.write.Lock()
	defer d.write.Unlock()
	r, ok := d.blob(user, in.Hash)
	if !ok || !r.Done {
		return r, errBlobGone
	}
	life := d.blobLife(in)
	until := d.s.o.Now().Add(life).UnixMilli()
	if until <= r.ExpiresMS+life.Milliseconds()/16 {
		return r, nil
	}
	r.ExpiresMS = until
	return r, d.put(ctx, blobKey(user, in.Hash), &r)
}

// blobLife is how long a blob is kept: as long as was asked for, and entries are.
func (d *directory) blobLife(in *contractv1.BlobPut) time.Duration {
	if asked := time.Duration(in.TtlS) * time.Second; asked > 0 {
		return min(d.s.retention, asked)
	}
	return d.s.retention
}

var errBlobGone = wire.Errorf(contractv1.Error_UNAVAILABLE, "This expired while it was sent; send it again.")
