package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
)

// Settle writes accounts with a device each, and friendships, straight into the
// store, and waits until the directory has read them. It returns the devices'
// secrets.
func (s *Server) Settle(ctx context.Context, names []string, pairs [][2]string) ([][]byte, error) {
	js, err := jetstream.New(s.core, jetstream.WithPublishAsyncMaxPending(1024))
	if err != nil {
		return nil, err
	}
	var failed error
	put := func(key string, v any) {
		data, err := json.Marshal(v)
		if err == nil {
			_, err = js.PublishAsync("$KV."+bucketDir+"."+key, data)
		}
		if err != nil && failed == nil {
			failed = fmt.Errorf("write %s: %w", key, err)
		}
	}
	var seeds [][]byte
	for _, name := range names {
		kp, err := nkeys.CreateUser()
		if err != nil {
			return nil, err
		}
		seed, err := kp.Seed()
		if err != nil {
			return nil, err
		}
		key, err := kp.PublicKey()
		if err != nil {
			return nil, err
		}
		dev := s.dir.newDevice(name, key, "d")
		put("user."+name, &userRecord{Name: "Name of " + name})
		put("dev."+name+"."+dev.ID, dev)
		seeds = append(seeds, seed)
	}
	for _, p := range pairs {
		put(pairKey(p[0], p[1]), &pairRecord{Friends: true})
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for failed == nil {
		s.dir.mu.RLock()
		users, friends := len(s.dir.users), len(s.dir.pairs)
		s.dir.mu.RUnlock()
		if users >= len(names) && friends >= len(pairs) {
			return seeds, nil
		}
		select {
		case <-ctx.Done():
			failed = fmt.Errorf("%d of %d accounts and %d of %d friendships are there: %w", users, len(names), friends, len(pairs), ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil, failed
}
