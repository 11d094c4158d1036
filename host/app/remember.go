package app

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Bounds of the window's own small state.
const (
	maxRemembered = 4 << 10 // bytes of one value
	rememberAgain = time.Second
	recallTime    = time.Second
)

// windowState holds what the window wants kept until it is on the disk. One
// goroutine writes it, so that no frame waits.
type windowState struct {
	mu      sync.Mutex
	pending map[string]string
	wake    chan struct{}
}

func newWindowState() *windowState {
	return &windowState{pending: map[string]string{}, wake: make(chan struct{}, 1)}
}

// Remember keeps the window's own small state soon; it never waits. Of several
// values of a key the last one counts; what is too long is not kept.
func (a *App) Remember(key, value string) {
	if len(value) > maxRemembered {
		return
	}
	w := a.window
	w.mu.Lock()
	w.pending[key] = value
	w.mu.Unlock()
	w.poke()
}

func (w *windowState) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Recall gives back what Remember kept for the window; empty when nothing is kept.
func (a *App) Recall(key string) string {
	a.window.mu.Lock()
	value, ok := a.window.pending[key]
	a.window.mu.Unlock()
	if ok {
		return value
	}
	ctx, cancel := context.WithTimeout(a.ctx, recallTime)
	defer cancel()
	value, _, err := a.store.Value(ctx, windowKeys+key)
	if err != nil {
		a.log.Warn("window state", "key", key, "error", err)
	}
	return value
}

// rememberLoop writes what the window wants kept, and the rest at the end.
func (a *App) rememberLoop() {
	for {
		select {
		case <-a.window.wake:
			if a.keepWindow() {
				continue
			}
			select { // the disk is full, say: again in a moment
			case <-time.After(rememberAgain):
				a.window.poke()
			case <-a.ctx.Done():
			}
		case <-a.ctx.Done():
			a.keepWindow()
			return
		}
	}
}

// keepWindow writes what is pending; false when something could not be written
// and is pending still.
func (a *App) keepWindow() (all bool) {
	w := a.window
	w.mu.Lock()
	list := maps.Clone(w.pending)
	w.mu.Unlock()
	all = true
	for key, value := range list {
		if err := a.store.SetValue(context.WithoutCancel(a.ctx), windowKeys+key, value); err != nil {
			a.log.Warn("window state", "key", key, "error", err)
			all = false
			continue
		}
		w.mu.Lock()
		if w.pending[key] == value {
			delete(w.pending, key)
		}
		w.mu.Unlock()
	}
	return all
}
