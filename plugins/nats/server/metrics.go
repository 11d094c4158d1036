package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	contractv1 "switchboard/shared/contract/v1"
)

// counters are what a server counts for whoever watches it. None names anybody.
type counters struct {
	stored, refused, retried      atomic.Int64 // entries
	admitted, turnedAway          atomic.Int64 // connections
	registered, registerErrors    atomic.Int64
	posts, postNanos, postSlowest atomic.Int64 // batches
	began                         time.Time
}

func (c *counters) post(took time.Duration) {
	c.posts.Add(1)
	c.postNanos.Add(int64(took))
	for {
		have := c.postSlowest.Load()
		if int64(took) <= have || c.postSlowest.CompareAndSwap(have, int64(took)) {
			return
		}
	}
}

func (c *counters) entry(r *contractv1.PostResult) {
	switch {
	case r.GetStored() != nil:
		c.stored.Add(1)
	case r.GetRefused() != nil:
		c.refused.Add(1)
	default:
		c.retried.Add(1)
	}
}

// Ready reports why the server cannot take posts at the moment, or nil.
func (s *Server) Ready(ctx context.Context) error {
	if s.space.low() {
		return errors.New("the disk is full")
	}
	if s.core.Status() != nats.CONNECTED {
		return errors.New("no server of the cluster can be reached")
	}
	st, err := s.js.Stream(ctx, streamConv)
	if err != nil {
		return fmt.Errorf("the store does not answer: %w", err)
	}
	if c := st.CachedInfo().Cluster; c != nil && c.Leader == "" {
		return errors.New("the store has no leader")
	}
	return nil
}

// WriteMetrics writes figures in the text format of Prometheus.
func (s *Server) WriteMetrics(ctx context.Context, w io.Writer) error {
	connections, devices := s.conns.counts()
	users := map[string]int{userActive: 0, userDisabled: 0, userRemoved: 0}
	s.dir.mu.RLock()
	for _, u := range s.dir.users {
		users[u.state()]++
	}
	s.dir.mu.RUnlock()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	c := &s.counters
	ready := 1
	if s.Ready(ctx) != nil {
		ready = 0
	}
	p := &metricsPage{w: w}
	p.one("switchboard_ready", "gauge", "1 while posts are taken.", ready)
	p.one("switchboard_start_time_seconds", "gauge", "When the server began, Unix time.", c.began.Unix())
	p.one("switchboard_connections", "gauge", "Connections of people, those that register included.", connections)
	p.one("switchboard_devices_online", "gauge", "Devices with a connection.", devices)
	p.head("switchboard_users", "gauge", "Accounts by state.")
	for _, state := range []string{userActive, userDisabled, userRemoved} {
		p.row(`switchboard_users{state="`+state+`"}`, users[state])
	}
	p.head("switchboard_entries_total", "counter", "Entries by what became of them.")
	p.row(`switchboard_entries_total{result="stored"}`, c.stored.Load())
	p.row(`switchboard_entries_total{result="refused"}`, c.refused.Load())
	p.row(`switchboard_entries_total{result="retry"}`, c.retried.Load())
	p.head("switchboard_post_seconds", "summary", "Time that batches took.")
	p.row("switchboard_post_seconds_sum", time.Duration(c.postNanos.Load()).Seconds())
	p.row("switchboard_post_seconds_count", c.posts.Load())
	p.one("switchboard_post_seconds_max", "gauge", "The slowest batch since the start.", time.Duration(c.postSlowest.Load()).Seconds())
	p.head("switchboard_sign_ins_total", "counter", "Connections by what became of them.")
	p.row(`switchboard_sign_ins_total{result="admitted"}`, c.admitted.Load())
	p.row(`switchboard_sign_ins_total{result="turned_away"}`, c.turnedAway.Load())
	p.head("switchboard_registrations_total", "counter", "Registrations by what became of them.")
	p.row(`switchboard_registrations_total{result="done"}`, c.registered.Load())
	p.row(`switchboard_registrations_total{result="refused"}`, c.registerErrors.Load())
	if st, err := s.js.Stream(ctx, streamConv); err == nil {
		state := st.CachedInfo().State
		p.one("switchboard_store_entries", "gauge", "Entries in the store.", state.Msgs)
		p.one("switchboard_store_bytes", "gauge", "Bytes of entries in the store.", state.Bytes)
	}
	p.one("switchboard_store_failures", "gauge", "Failures of the store since it last took something.", s.health.failures.Load())
	if free, err := s.space.free(); err == nil {
		p.one("switchboard_disk_free_bytes", "gauge", "Free on the disk of the server's folder.", free)
	}
	p.one("go_goroutines", "gauge", "Goroutines.", runtime.NumGoroutine())
	p.one("go_memstats_heap_inuse_bytes", "gauge", "Heap in use.", mem.HeapInuse)
	return p.err
}

type metricsPage struct {
	w   io.Writer
	err error
}

func (p *metricsPage) head(name, kind, help string) {
	p.print("# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (p *metricsPage) row(name string, value any) { p.print("%s %v\n", name, value) }

func (p *metricsPage) one(name, kind, help string, value any) {
	p.head(name, kind, help)
	p.row(name, value)
}

func (p *metricsPage) print(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
