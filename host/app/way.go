package app

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	"switchboard/host/dial"
)

// ways follows how connections leave: after a change no connection that was made
// the old way stays. The sockets are the plugins', so who has dialled is started
// again; the network plugin then signs in the new way.
type ways struct {
	woken chan struct{}

	mu      sync.Mutex
	dialled map[string]bool // by id of plugin
}

// wayPause is waited for after a change: an address, a port and a password are
// given one after the other.
const wayPause = 300 * time.Millisecond

// wayRestart bounds the new start of one plugin.
const wayRestart = 15 * time.Second

func newWays() *ways { return &ways{woken: make(chan struct{}, 1), dialled: map[string]bool{}} }

// note remembers that a plugin may hold a connection.
func (w *ways) note(plugin string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dialled[plugin] = true
}

// take gives who may hold a connection, and forgets them.
func (w *ways) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	ids := make([]string, 0, len(w.dialled))
	for id := range w.dialled {
		ids = append(ids, id)
	}
	clear(w.dialled)
	return ids
}

// setWay tells the dialer how connections leave.
func (a *App) setWay() {
	if !a.dialer.SetWay(wayOf(a.settings.Get)) {
		return
	}
	select {
	case a.ways.woken <- struct{}{}:
	default:
	}
}

// wayOf is what the settings say. A proxy without an address stays a proxy: the
// dialer then refuses, and does not go directly.
func wayOf(get func(key string) string) dial.Way {
	if get("network.use_proxy") != "true" {
		return dial.Way{}
	}
	w := dial.Way{Kind: dial.Kind(get("network.proxy_type"))}
	if w.Kind == dial.System {
		return w
	}
	if host := strings.Trim(strings.TrimSpace(get("network.proxy_address")), "[]"); host != "" {
		w.Proxy = net.JoinHostPort(host, get("network.proxy_port"))
	}
	w.User, w.Password = get("network.proxy_user"), get("network.proxy_password")
	return w
}

// wayLoop acts on changes of the way until the app ends.
func (a *App) wayLoop() {
	for {
		select {
		case <-a.ways.woken:
		case <-a.ctx.Done():
			return
		}
		for quiet := time.After(wayPause); quiet != nil; {
			select {
			case <-a.ways.woken:
				quiet = time.After(wayPause)
			case <-quiet:
				quiet = nil
			case <-a.ctx.Done():
				return
			}
		}
		var all sync.WaitGroup
		for _, id := range a.ways.take() {
			all.Go(func() { a.leaveOldWay(id) })
		}
		all.Wait()
	}
}

func (a *App) leaveOldWay(id string) {
	if a.sup.Status(id).PID == 0 {
		return // its connections ended with it
	}
	a.log.Info("another way out: the plugin is started again", "plugin", id)
	ctx, cancel := context.WithTimeout(a.ctx, wayRestart)
	defer cancel()
	if err := a.sup.Restart(ctx, id); err != nil && a.ctx.Err() == nil {
		a.log.Warn("the plugin could not be started again", "plugin", id, "error", err)
	}
}
