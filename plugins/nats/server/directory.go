package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	contractv1 "switchboard/shared/contract/v1"

	"switchboard/plugins/nats/wire"
)

// directory is who exists and who knows whom. Everything is in the bucket and
// in memory: questions are answered from memory, changes are written first and
// compare revisions, so that two servers on one store could not both win.
type directory struct {
	s       *Server
	kv      jetstream.KeyValue
	watcher jetstream.KeyWatcher

	write sync.Mutex    // one change at a time
	fresh chan struct{} // the watch begins again

	seenMu   sync.Mutex
	followed uint64        // everything up to here was followed
	passed   chan struct{} // closed when seen rises

	mu         sync.RWMutex
	revisions  map[string]uint64
	graves     map[string]grave // of pairs
	users      map[string]*userRecord
	devices    map[string]map[string]*deviceRecord
	keys       map[string]*deviceRecord
	pairs      map[string]*pairRecord
	contacts   map[string]map[string]bool
	invites    map[string]*inviteRecord
	codes      map[string]*codeRecord
	enrolments map[string]*enrolRecord
	joins      map[string]*joinRecord
	presences  map[string]*presenceRecord
	rooms      map[string]*room
	groups     map[string]map[string]bool // by user: where there is a member's record
	blobs      blobs

	makes *limits // codes and invitations of a user: see mayMake
}

// errRaced: the record was not what we knew when it was to be written.
var errRaced = wire.Errorf(contractv1.Error_UNAVAILABLE, "Somebody changed this at the same moment; try again.")

func openDirectory(ctx context.Context, s *Server) (*directory, error) {
	var kv jetstream.KeyValue
	err := s.patiently(ctx, func(ctx context.Context) (err error) {
		kv, err = s.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: bucketDir, History: 1, Storage: jetstream.FileStorage, MaxValueSize: 16 << 10, Replicas: s.copies(),
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open the directory: %w", err)
	}
	d := &directory{
		s: s, kv: kv, revisions: map[string]uint64{}, graves: map[string]grave{}, users: map[string]*userRecord{},
		devices: map[string]map[string]*deviceRecord{}, keys: map[string]*deviceRecord{},
		pairs: map[string]*pairRecord{}, contacts: map[string]map[string]bool{},
		invites: map[string]*inviteRecord{}, codes: map[string]*codeRecord{}, enrolments: map[string]*enrolRecord{}, joins: map[string]*joinRecord{},
		presences: map[string]*presenceRecord{}, rooms: map[string]*room{}, groups: map[string]map[string]bool{}, blobs: newBlobs(), makes: newLimits(makeRate, makeBurst), fresh: make(chan struct{}, 1), passed: make(chan struct{}),
	}
	if d.watcher, err = kv.WatchAll(context.Background()); err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("read the directory: %w", ctx.Err())
		case e := <-d.watcher.Updates():
			if e == nil { // all that was there
				s.run(d.follow, s.life)
				return d, nil
			}
			d.take(e)
		}
	}
}

// put writes a record if it is still what we know, and then knows the new one.
func (d *directory) put(ctx context.Context, key string, v any) error {
	if d.s.space.low() {
		return errFull
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	d.mu.RLock()
	rev := d.revisions[key]
	d.mu.RUnlock()
	if rev == 0 {
		rev, err = d.kv.Create(ctx, key, data)
	} else {
		rev, err = d.kv.Update(ctx, key, data, rev)
	}
	if errors.Is(err, jetstream.ErrKeyExists) {
		return errRaced
	}
	if err != nil {
		d.s.health.failed()
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot write at the moment; try again later.")
	}
	d.apply(key, data, rev, false)
	d.s.tellReplicas(subjectDir, dirNews{From: d.s.replica, Key: key, Rev: rev, Data: data})
	return nil
}

func (d *directory) apply(key string, data []byte, rev uint64, deleted bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if rev <= d.revisions[key] || rev <= d.graves[key].rev {
		return
	}
	if deleted {
		d.forget(key)
		d.bury(key, rev)
		return
	}
	if err := d.learn(strings.Split(key, "."), data); err != nil {
		d.s.o.Log.Error("the directory holds a damaged record", "key", key, "error", err)
		return
	}
	d.revisions[key] = rev
}

func parse[T any](data []byte) (*T, error) {
	v := new(T)
	return v, json.Unmarshal(data, v)
}

func (d *directory) learn(k []string, data []byte) (err error) {
	switch {
	case k[0] == "user" && len(k) == 2:
		var v *userRecord
		if v, err = parse[userRecord](data); err == nil {
			d.users[k[1]] = v
		}
	case k[0] == "dev" && len(k) == 3:
		var v *deviceRecord
		if v, err = parse[deviceRecord](data); err == nil {
			if d.devices[k[1]] == nil {
				d.devices[k[1]] = map[string]*deviceRecord{}
			}
			d.devices[k[1]][k[2]] = v
			d.keys[v.Key] = v
		}
	case k[0] == "pair" && len(k) == 3:
		var v *pairRecord
		if v, err = parse[pairRecord](data); err == nil {
			d.pairs[pairKey(k[1], k[2])] = v
			d.acquaint(k[1], k[2])
			d.acquaint(k[2], k[1])
		}
	case k[0] == "inv" && len(k) == 2:
		var v *inviteRecord
		if v, err = parse[inviteRecord](data); err == nil {
			d.invites[k[1]] = v
		}
	case k[0] == "enr" && len(k) == 2 && len(k[1]) > tokenIDLen:
		var v *enrolRecord
		if v, err = parse[enrolRecord](data); err == nil {
			d.enrolments[k[1]] = v
		}
	case k[0] == "code" && len(k) == 2:
		var v *codeRecord
		if v, err = parse[codeRecord](data); err == nil {
			d.codes[k[1]] = v
		}
	case k[0] == "join" && len(k) == 2:
		var v *joinRecord
		if v, err = parse[joinRecord](data); err == nil {
			d.joins[k[1]] = v
		}
	case k[0] == "pres" && len(k) == 2:
		var v *presenceRecord
		if v, err = parse[presenceRecord](data); err == nil {
			d.presences[k[1]] = v
		}
	case k[0] == "room" && len(k) == 2:
		err = d.learnRoom(k[1], data)
	case k[0] == "mem" && len(k) == 3:
		err = d.learnMember(k[1], k[2], data)
	case k[0] == "blob" && len(k) == 3:
		var v *blobRecord
		if v, err = parse[blobRecord](data); err == nil {
			d.blobs.learn(k[1], k[2], v)
		}
	}
	return err
}

func (d *directory) acquaint(me, other string) {
	if d.contacts[me] == nil {
		d.contacts[me] = map[string]bool{}
	}
	d.contacts[me][other] = true
}

func (d *directory) forget(key string) {
	delete(d.revisions, key)
	k := strings.Split(key, ".")
	switch {
	case k[0] == "dev" && len(k) == 3:
		if v := d.devices[k[1]][k[2]]; v != nil && d.keys[v.Key] == v {
			delete(d.keys, v.Key)
		}
		delete(d.devices[k[1]], k[2])
	case k[0] == "pair" && len(k) == 3:
		delete(d.pairs, key)
		delete(d.contacts[k[1]], k[2])
		delete(d.contacts[k[2]], k[1])
	case k[0] == "inv" && len(k) == 2:
		delete(d.invites, k[1])
	case k[0] == "enr" && len(k) == 2:
		delete(d.enrolments, k[1])
	case k[0] == "code" && len(k) == 2:
		delete(d.codes, k[1])
	case k[0] == "join" && len(k) == 2:
		delete(d.joins, k[1])
	case k[0] == "room" && len(k) == 2:
		d.forgetRoom(k[1])
	case k[0] == "mem" && len(k) == 3:
		d.forgetMember(k[1], k[2])
	case k[0] == "blob" && len(k) == 3:
		d.blobs.forget(k[1], k[2])
	}
}

func (d *directory) byKey(key string) (deviceRecord, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	v := d.keys[key]
	if !d.belongs(v) {
		return deviceRecord{}, false
	}
	return *v, true
}

// belongs reports whether a device is one of its account; d.mu is held.
func (d *directory) belongs(v *deviceRecord) bool {
	if v == nil || d.users[v.User] == nil {
		return false
	}
	return !v.Founder || d.users[v.User].Founder == v.ID
}

func (d *directory) device(user, id string) (deviceRecord, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	v := d.devices[user][id]
	if !d.belongs(v) {
		return deviceRecord{}, false
	}
	return *v, true
}

func (d *directory) user(name string) (userRecord, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	v := d.users[name]
	if v == nil {
		return userRecord{}, false
	}
	return *v, true
}

func (d *directory) hasOwner() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, u := range d.users {
		if u.Owner {
			return true
		}
	}
	return false
}

func (d *directory) pair(a, b string) pairRecord {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if p := d.pairs[pairKey(a, b)]; p != nil {
		return *p
	}
	return pairRecord{}
}

// open reports whether two people may exchange anything: friends of whom
// neither blocks the other, or one person with itself.
func (d *directory) open(a, b string) bool {
	if a == b {
		return true
	}
	p := d.pair(a, b)
	return p.open()
}

// known lists everybody a user has something with, in order of name.
func (d *directory) known(user string) []string {
	d.mu.RLock()
	names := make([]string, 0, len(d.contacts[user]))
	for n := range d.contacts[user] {
		names = append(names, n)
	}
	d.mu.RUnlock()
	sort.Strings(names)
	return names
}

// expire removes what nobody can use any more.
func (d *directory) expire(ctx context.Context) {
	now := d.s.nowMS()
	var keys []string
	d.mu.RLock()
	for h, v := range d.invites {
		if v.Uses == 0 || v.ExpiresMS < now {
			keys = append(keys, "inv."+h)
		}
	}
	for h, v := range d.codes {
		if v.Used || v.ExpiresMS < now {
			keys = append(keys, "code."+h)
		}
	}
	for id, v := range d.joins {
		if v.expires() < now {
			keys = append(keys, "join."+id)
		}
	}
	d.mu.RUnlock()
	if err := d.dropAll(ctx, keys); err != nil {
		d.s.o.Log.Warn("forget what expired", "error", err)
	}
	if err := d.dropEmptyPairs(ctx); err != nil {
		d.s.o.Log.Warn("forget who knows nobody any more", "error", err)
	}
	if err := d.forgetMarkers(ctx, markerLife); err != nil {
		d.s.o.Log.Warn("forget what was removed", "error", err)
	}
}

var errFull = wire.Errorf(contractv1.Error_UNAVAILABLE,
	"The server's disk is full; nothing is lost, it takes more when whoever runs it makes room.")

// putPresence writes an account's presence if it differs from what is written.
func (d *directory) putPresence(ctx context.Context, user string, r presenceRecord) error {
	d.write.Lock()
	defer d.write.Unlock()
	d.mu.RLock()
	have := d.presences[user]
	d.mu.RUnlock()
	if have != nil && have.Status == r.Status && have.Text == r.Text && slices.Equal(have.Capabilities, r.Capabilities) {
		return nil
	}
	return d.put(ctx, "pres."+user, &r)
}

// lockedOut reports whether a device may no longer be connected.
func (d *directory) lockedOut(user, device string) bool {
	v, ok := d.device(user, device)
	return !ok || v.RevokedMS != 0 || d.s.barred(user) != nil
}
