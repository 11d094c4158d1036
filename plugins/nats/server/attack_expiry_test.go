package server_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// TestWhoComesBackIsNotForgotten: a group is forgotten for somebody who left it at
// the moment at which they come back into it.
func TestWhoComesBackIsNotForgotten(t *testing.T) {
	s := start(t, server.Unsafely(server.Options{}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	in, n, err := s.ReturnsWhileForgotten(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if !in || n != 501 { // the oldest, and of the others the newest 500
		t.Errorf("still in: %v; %d groups are remembered", in, n)
	}
}

// TestWhatIsPutAgainIsKept: content that is put again shortly before its end is
// kept for as long as new content.
func TestWhatIsPutAgainIsKept(t *testing.T) {
	var later atomic.Int64
	s := start(t, server.Options{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	alice := signIn(t, join(t, s, "alice"))
	b, hash := content(t, 1000)
	put(t, alice, b, hash, 600)
	for _, at := range []time.Duration{9 * time.Minute, 20 * time.Minute} { // before its end, and after it
		later.Store(int64(at))
		got := put(t, alice, b, hash, 600)
		if left := time.UnixMilli(got.ExpiresMs).Sub(time.Now().Add(at)); !got.Complete || left < 9*time.Minute {
			t.Fatalf("after %v: %v, which is %v more", at, got, left)
		}
		s.ExpireBlobs(short(t))
		if got, err := get(short(t), alice, hash); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("after %v: %d bytes, %v", at, len(got), err)
		}
	}
	later.Store(int64(time.Hour))
	s.ExpireBlobs(short(t))
	if _, err := get(short(t), alice, hash); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("it never ends: %v", err)
	}
}
