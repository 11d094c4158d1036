package server

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// A stream that once failed to write refuses everything until the store is
// opened again: a full disk would last longer than the fullness. So after
// failures in a row, and when there is room, the store is closed and opened.

const (
	reviveAfter = 2 // failures in a row
	reviveEvery = 5 * time.Second
)

// health counts the store's failures since it last took something.
type health struct {
	failures atomic.Int32
	wake     chan struct{}
}

func (h *health) ok() {
	if h.failures.Load() != 0 {
		h.failures.Store(0)
	}
}

func (h *health) failed() {
	h.failures.Add(1)
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// reviver opens the store again when that may help.
func (s *Server) reviver(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.health.wake:
		}
		if s.ns.JetStreamEnabled() && s.health.failures.Load() < reviveAfter || s.space.low() {
			continue
		}
		if err := s.reopen(); err != nil {
			s.o.Log.Error("open the store again", "error", err)
		} else {
			s.o.Log.Info("the store was closed by a failure and is open again")
			s.health.ok()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(reviveEvery):
		}
	}
}

func (s *Server) reopen() error {
	if err := s.ns.ShutdownJetStream(); err != nil {
		return err
	}
	c := &server.JetStreamConfig{
		StoreDir: filepath.Join(s.o.Folder, "store"), MaxMemory: maxMemory, MaxStore: s.maxStore(),
		SyncAlways: true, SyncInterval: 2 * time.Minute,
	}
	return s.ns.EnableJetStream(c)
}

// maxMemory bounds what the store keeps in memory streams, of which there are none.
const maxMemory = 64 << 20

// maxStore is the bound of the store; without one it is the disk.
func (s *Server) maxStore() int64 {
	if s.o.MaxStore > 0 {
		return s.o.MaxStore
	}
	return 1 << 50
}
