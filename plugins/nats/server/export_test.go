package server

import (
	"context"
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
