package server

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// alive watches the nats-servers of a cluster: one that is killed cannot say
// that its connections are gone.
type alive struct {
	s *Server

	mu     sync.Mutex
	missed map[string]int    // rounds without an answer, by id
	names  map[string]string // what the servers are called, by id
	wake   chan struct{}
}

const (
	aliveEvery = time.Second
	aliveWait  = 600 * time.Millisecond
	aliveLost  = 3 // rounds without an answer
)

func newAlive(s *Server) *alive {
	return &alive{s: s, missed: map[string]int{}, names: map[string]string{}, wake: make(chan struct{}, 1)}
}

// servers are the ids of those that answered lately.
func (a *alive) servers() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := make([]string, 0, len(a.missed))
	for id := range a.missed {
		ids = append(ids, id)
	}
	return ids
}

// watch asks all servers every second who they are.
func (a *alive) watch(ctx context.Context) {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-a.wake:
		}
		if a.round(ctx) {
			a.s.resync()
		}
	}
}

// round asks once, and reports whether a server came or went.
func (a *alive) round(ctx context.Context) bool {
	before := a.s.sys.Stats().Reconnects
	heard, err := a.ask(ctx)
	if err != nil || len(heard) == 0 || before != a.s.sys.Stats().Reconnects {
		return false // it is we who were cut off: nothing can be said about others
	}
	var lost []string
	changed := false
	a.mu.Lock()
	for id, name := range heard {
		if _, known := a.missed[id]; !known {
			changed = true
		}
		a.missed[id], a.names[id] = 0, name
	}
	for id := range a.missed {
		if heard[id] != "" {
			continue
		}
		if a.missed[id]++; a.missed[id] >= aliveLost {
			lost = append(lost, id)
			delete(a.missed, id)
			delete(a.names, id)
		}
	}
	a.mu.Unlock()
	for _, id := range lost {
		a.s.o.Log.Warn("a server of the cluster does not answer any more", "server", id)
		a.s.conns.goneWith(id)
	}
	return changed || len(lost) > 0
}

func (a *alive) ask(ctx context.Context) (map[string]string, error) {
	sub, err := a.s.sys.SubscribeSync(a.s.sys.NewInbox())
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := a.s.sys.PublishRequest("$SYS.REQ.SERVER.PING.IDZ", sub.Subject, nil); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, aliveWait)
	defer cancel()
	heard := map[string]string{}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return heard, nil // the time is up
		}
		var id server.ServerID
		if json.Unmarshal(m.Data, &id) == nil && id.ID != "" {
			heard[id.ID] = id.Name
		}
	}
}

// resync has everything that follows events looked at again: some may have been
// missed.
func (s *Server) resync() {
	select {
	case s.again <- struct{}{}:
	default:
	}
}

// resyncer does it, one after the other.
func (s *Server) resyncer(ctx context.Context) {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.again:
		case <-tick.C:
			s.index.lookAgain(ctx)
			continue
		}
		if s.core.Status() != nats.CONNECTED {
			continue // the reconnect asks again
		}
		s.dir.again()
		s.index.lookAgain(ctx)
		s.hello(ctx)
		s.conns.reconcile(ctx)
	}
}
