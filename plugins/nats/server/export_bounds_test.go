package server

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Written tells how often each stream was written since it was made.
func (s *Server) Written(ctx context.Context) (map[string]uint64, error) {
	all := map[string]uint64{}
	for _, name := range []string{streamConv, streamState, streamBlob, "KV_" + bucketDir} {
		st, err := s.js.Stream(ctx, name)
		if err != nil {
			return nil, err
		}
		all[name] = st.CachedInfo().State.LastSeq
	}
	return all, nil
}

// Keys counts what is stored in the directory under a prefix, and the markers of
// removed keys in all of it.
func (s *Server) Keys(ctx context.Context, prefix string) (stored, markers int, err error) {
	st, err := s.js.Stream(ctx, "KV_"+bucketDir)
	if err != nil {
		return 0, 0, err
	}
	s.dir.mu.RLock()
	for key := range s.dir.revisions {
		if strings.HasPrefix(key, prefix) {
			stored++
		}
	}
	markers = int(st.CachedInfo().State.Msgs) - len(s.dir.revisions)
	s.dir.mu.RUnlock()
	return stored, markers, nil
}

// FillBlobs writes records of n blobs of a user straight into the directory.
func (s *Server) FillBlobs(ctx context.Context, user string, n int) error {
	for i := range n {
		if err := s.dir.put(ctx, blobKey(user, fmt.Sprintf("%064x", i)), &blobRecord{Size: 1, Done: true, ExpiresMS: s.nowMS() + unfinished.Milliseconds()}); err != nil {
			return err
		}
	}
	return nil
}

// ForgetMarkers is what housekeeping does every hour.
func (s *Server) ForgetMarkers(ctx context.Context, older time.Duration) error {
	return s.dir.forgetMarkers(ctx, older)
}

// Bounds that the tests reach.
const (
	MaxRevoked = maxRevoked
	MaxInvites = maxInvites
	MaxBlobs   = maxBlobs
	MakeBurst  = makeBurst
)
