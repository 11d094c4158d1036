package sdk

import (
	"context"
	"sync"

	contractv1 "switchboard/shared/contract/v1"
)

// scope is one action or command while it is being handled: it names the
// updates made for it and knows when all work for it is done. Work that Go
// began, and the event that this work returned, belong to it.
type scope struct {
	id      string
	command bool

	mu       sync.Mutex
	ordinal  uint32
	holders  int
	answered bool
}

// next is the ordinal of the next update.
func (c *scope) next() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ordinal++
	return c.ordinal - 1
}

func (c *scope) hold() {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.holders++
	c.mu.Unlock()
}

// release reports that this was the last holder and nothing was answered yet;
// then the caller answers.
func (c *scope) release() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holders--
	if c.holders > 0 || c.answered {
		return false
	}
	c.answered = true
	return true
}

// answer reports whether this is the first answer.
func (c *scope) answer() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answered {
		return false
	}
	c.answered = true
	return true
}

type scopeKey struct{}

// scopeOf is the scope of Go's work, or what the loop handles now.
func (s *Session) scopeOf(ctx context.Context) *scope {
	if c, ok := ctx.Value(scopeKey{}).(*scope); ok {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// newScope begins the handling of an action or command; nil for other events.
func (s *Session) newScope(e Event) *scope {
	c := &scope{holders: 1}
	switch v := e.(type) {
	case Action:
		c.id = v.ID
	case Command:
		c.id, c.command = v.ID, true
	default:
		return nil
	}
	s.mu.Lock()
	s.scopes[c.id] = c
	s.mu.Unlock()
	return c
}

// finish lets go of a scope, and answers for it when nobody else did or will.
func (s *Session) finish(c *scope) {
	if !c.release() {
		return
	}
	s.dropScope(c)
	if c.command {
		_ = s.commandReply(&contractv1.CommandReply{Id: c.id, Result: []byte("null")})
		return
	}
	_ = s.handled(&contractv1.Handled{ActionId: c.id})
}

// answering finds the scope of an action or command that is not answered yet.
func (s *Session) answering(id string) *scope {
	s.mu.Lock()
	c := s.scopes[id]
	s.mu.Unlock()
	if c == nil || !c.answer() {
		return nil
	}
	s.dropScope(c)
	return c
}

func (s *Session) dropScope(c *scope) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scopes[c.id] == c {
		delete(s.scopes, c.id)
	}
}

func (s *Session) handled(h *contractv1.Handled) error {
	return s.host.link.Send(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_Handled{Handled: h}})
}

func (s *Session) commandReply(r *contractv1.CommandReply) error {
	return s.host.link.Send(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_CommandReply{CommandReply: r}})
}
