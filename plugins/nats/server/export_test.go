package server

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"switchboard/plugins/nats/wire"
)

// KeepOnly makes the store keep only the newest n entries, as time would.
func (s *Server) KeepOnly(ctx context.Context, n int64) error {
	st, err := s.js.Stream(ctx, streamConv)
	if err != nil {
		return err
	}
	c := st.CachedInfo().Config
	c.MaxMsgs = n
	if _, err := s.js.UpdateStream(ctx, c); err != nil {
		return err
	}
	c.MaxMsgs = -1
	if _, err := s.js.UpdateStream(ctx, c); err != nil {
		return err
	}
	s.index.flush()
	return s.index.trim(ctx)
}

// Stored counts the entries of the store and of the index.
func (s *Server) Stored(ctx context.Context) (store, index int, err error) {
	st, err := s.js.Stream(ctx, streamConv)
	if err != nil {
		return 0, 0, err
	}
	s.index.flush()
	err = s.index.db.QueryRowContext(ctx, `SELECT count(*) FROM entries`).Scan(&index)
	return int(st.CachedInfo().State.Msgs), index, err
}

// Reopen closes the store and opens it again, as after a full disk.
func (s *Server) Reopen() error { return s.reopen() }

// LimitValues lowers the share of state values of every author.
func (s *Server) LimitValues(n int) {
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	s.shares.limit = n
}

// ExpireBlobs removes what has come to its end now, not within the minute.
func (s *Server) ExpireBlobs(ctx context.Context) { s.expireBlobs(ctx) }

// Unsafely makes options with which the store writes to the disk when it likes.
func Unsafely(o Options) Options {
	o.sync = `"2m"`
	return o
}

// Requests counts what devices of a user ask for from now on, by operation.
func (s *Server) Requests(user string) (counts func() map[string]int, stop func(), err error) {
	var mu sync.Mutex
	all := map[string]int{}
	var subs []*nats.Subscription
	stop = func() {
		for _, sub := range subs {
			_ = sub.Unsubscribe() // the connection may be closed
		}
	}
	for _, subject := range []string{wire.BoxSubject(user, "*"), wire.DirSubject("*", user, "*"), wire.PostSubject("*", user, "*")} {
		sub, err := s.sb.Subscribe(subject, func(m *nats.Msg) {
			what := strings.Split(m.Subject, ".")[0]
			var q wire.BoxRequest
			switch {
			case what == "box" && json.Unmarshal(m.Data, &q) == nil:
				what += "." + q.Op
			case what == "dir":
				what += "." + strings.Split(m.Subject, ".")[1]
			}
			mu.Lock()
			defer mu.Unlock()
			all[what]++
		})
		if err != nil {
			stop()
			return nil, nil, err
		}
		subs = append(subs, sub)
	}
	return func() map[string]int {
		_ = s.sb.FlushTimeout(time.Second) // what was counted late is counted in a moment
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(all)
	}, stop, nil
}
