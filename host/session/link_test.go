package session

import (
	"context"
	"errors"

	"switchboard/host/bridge"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// link is what an engine is connected to; a crashed host's leads nowhere.
type link struct {
	h *host
	e *Engine
}

func (l *link) Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.h.isDead() {
		return nil, errors.New("crashed")
	}
	return l.h.n.call(l.h, c)
}

func (h *host) isDead() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dead
}

func (l *link) Manifest(id string) (*manifest.Manifest, bool) {
	l.h.mu.Lock()
	defer l.h.mu.Unlock()
	m, ok := parsed()[id]
	return m, ok && !l.h.missing[id]
}

func (l *link) Enabled(id string) (bool, string) {
	l.h.mu.Lock()
	defer l.h.mu.Unlock()
	reason, off := l.h.off[id]
	return !off, reason
}

func (l *link) Ensure(_ context.Context, id string) error {
	h := l.h
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ensures++
	if h.noEnsure != nil {
		return h.noEnsure
	}
	if h.dead || h.running[id] != nil {
		return nil
	}
	d := h.data[id]
	if d == nil {
		d = &pluginData{sessions: map[model.SessionKey]*sessionData{}}
		h.data[id] = d
	}
	h.running[id] = startProcess(h, l.e, id, d)
	return nil
}

func (l *link) Kick(id string) {
	if m := parsed()[id]; !m.Resident {
		go l.h.kill(id, nil)
	}
}

func (l *link) Send(id string, f *contractv1.HostFrame) error {
	l.h.mu.Lock()
	p := l.h.running[id]
	l.h.mu.Unlock()
	if p == nil {
		return bridge.ErrClosed
	}
	return p.send(f)
}
