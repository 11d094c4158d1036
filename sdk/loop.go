package sdk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"switchboard/sdk/internal/link"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// arrived is an event on its way to the loop.
type arrived struct {
	event Event
	size  int    // credit it cost; 0 for events that the plugin itself made
	scope *scope // of Go's work
}

// ending says how a session is to end.
type ending uint8

const (
	running ending = iota
	draining
	discarding
)

// Events are what happens, in order; it begins with Started and ends with the
// session. When the loop body of an Action or Command completes, it counts as
// handled; leaving the loop does not. Work begun by Go while handling it, and
// the event this returns, are part of the handling.
func (s *Session) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		s.setLoop(true)
		defer s.setLoop(false)
		if s.begin() && !yield(s.startEvent()) {
			return
		}
		for {
			a, ok := s.next()
			if !ok {
				return
			}
			if !s.handle1(a, yield) {
				return
			}
		}
	}
}

// begin reports whether Started is still to be told.
func (s *Session) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.started
	s.started = true
	return first
}

func (s *Session) startEvent() Started {
	var e Started
	for _, p := range s.open.GetPending() {
		e.Pending = append(e.Pending, pendingFromWire(p))
	}
	for _, v := range s.open.GetState() {
		e.State = append(e.State, stateFromWire(v))
	}
	return e
}

// handle1 runs the loop body for one event. False means that the body left.
func (s *Session) handle1(a arrived, yield func(Event) bool) bool {
	scope := a.scope
	if scope == nil {
		scope = s.newScope(a.event)
	}
	s.setCurrent(scope)
	ok := yield(a.event)
	s.setCurrent(nil)
	if ok && scope != nil {
		s.finish(scope)
	}
	s.consumed(a.size)
	return ok
}

func (s *Session) setCurrent(c *scope) {
	s.mu.Lock()
	s.current = c
	s.mu.Unlock()
}

// setLoop notes whether somebody ranges over the events. A plugin that has left
// its loop can be told of the end by its context only.
func (s *Session) setLoop(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looping = on
	s.looped = true
}

// quiet: the loop waits for an event and there is none.
func (s *Session) quiet() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting && len(s.queue) == 0 && s.working == 0
}

// next waits for an event; false ends the loop.
func (s *Session) next() (arrived, bool) {
	for {
		s.mu.Lock()
		s.waiting = false
		if s.ending == discarding || s.ctx.Err() != nil {
			s.mu.Unlock()
			return arrived{}, false
		}
		if len(s.queue) > 0 {
			a := s.queue[0]
			s.queue[0] = arrived{}
			s.queue = s.queue[1:]
			if m, ok := a.event.(MemberChanged); ok {
				a.event = s.member(m.Member)
			}
			s.mu.Unlock()
			return a, true
		}
		if s.ending == draining && s.working == 0 {
			s.mu.Unlock()
			return arrived{}, false
		}
		s.waiting = true
		s.mu.Unlock()
		select {
		case <-s.wake:
		case <-s.ctx.Done():
		}
	}
}

// member takes a change into the list of members. Called with the lock held.
func (s *Session) member(m Member) MemberChanged {
	for _, p := range s.open.GetConversation().GetMembers() {
		if p.GetAddress() == m.Address && m.Name == "" {
			m.Name = p.GetName()
		}
	}
	for i := range s.members {
		if s.members[i].Address == m.Address {
			s.members[i] = m
			return MemberChanged{m}
		}
	}
	s.members = append(s.members, m)
	return MemberChanged{m}
}

// push queues an event for the loop. It never waits.
func (s *Session) push(a arrived) {
	s.mu.Lock()
	if s.ending == discarding {
		s.mu.Unlock()
		return
	}
	s.queue = append(s.queue, a)
	s.mu.Unlock()
	s.stir()
}

func (s *Session) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// consumed returns credit for an event.
func (s *Session) consumed(size int) {
	if size == 0 {
		return
	}
	if c := s.window.Consumed(size); c != nil {
		_ = s.host.link.Send(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_Credit{Credit: c}})
	}
}

// Go runs slow work beside the loop. Its event, unless nil, comes through
// Events. Updates that it makes with its context belong to the action in whose
// handling Go was called, and the action counts as handled only when the work
// and its event are done. The session waits for it before it ends; a panic in
// it ends the session.
func (s *Session) Go(f func(ctx context.Context) Event) {
	s.mu.Lock()
	c := s.current
	if s.over {
		s.mu.Unlock()
		return
	}
	s.working++
	s.work.Add(1)
	s.mu.Unlock()
	c.hold()
	go func() {
		defer s.work.Done()
		var e Event
		err := protect(func() error {
			e = f(context.WithValue(s.ctx, scopeKey{}, c))
			return nil
		})
		if err != nil {
			s.cancel(err)
		}
		s.mu.Lock()
		s.working--
		s.mu.Unlock()
		switch {
		case err != nil || s.ctx.Err() != nil:
		case e == nil:
			s.finish(c)
		default:
			s.push(arrived{event: e, scope: c})
		}
		s.stir()
	}()
}

// close begins the session's end, as the host asked.
func (s *Session) close(reason contractv1.SessionClose_Reason) {
	how := draining
	if reason == contractv1.SessionClose_STOPPING || reason == contractv1.SessionClose_DISABLED {
		how = discarding
	}
	s.mu.Lock()
	if s.ending < how {
		s.ending = how
	}
	if s.looped && !s.looping {
		s.cancel(errSessionOver)
	}
	if s.limit == nil {
		// A loop body that waits for something else is told by its context.
		s.limit = afterFunc(closeLimit, func() { s.cancel(errSessionOver) })
	}
	s.mu.Unlock()
	s.stir()
}

var errSessionOver = errors.New("the session is over")

// run is the session's goroutine.
func (s *Session) run(p Plugin, done func()) {
	defer done()
	err := protect(func() error {
		if err := s.position(p); err != nil {
			return err
		}
		return p.Run(s.ctx, s)
	})
	s.end(err)
}

// position tells the host from where updates are wanted.
func (s *Session) position(p Plugin) error {
	var from int64
	if q, ok := p.(Positioner); ok {
		var err error
		if from, err = q.Position(s.ctx, s.open.GetConversation().GetId(), s.open.GetSessionId()); err != nil {
			return fmt.Errorf("position of session %q: %w", s.open.GetSessionId(), err)
		}
	}
	return s.host.link.Send(&contractv1.PluginFrame{Session: s.handle,
		Body: &contractv1.PluginFrame_SessionReady{SessionReady: &contractv1.SessionReady{FromSeq: from}}})
}

// end waits for what the session began and says that it is done.
func (s *Session) end(err error) {
	s.mu.Lock()
	s.over = true
	drop := s.ending == discarding
	asked := s.ending != running
	if s.limit != nil {
		s.limit.Stop()
	}
	s.mu.Unlock()
	cause := context.Cause(s.ctx)
	s.cancel(errSessionOver)
	s.work.Wait()
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, errSessionOver) || errors.Is(err, link.ErrClosed) {
		err = nil
		if cause != nil && !errors.Is(cause, errSessionOver) && !errors.Is(cause, context.Canceled) {
			err = cause // a panic in Go's work
		}
	}
	done := &contractv1.SessionDone{}
	if err != nil {
		var p *panicError
		if errors.As(err, &p) {
			s.host.log.Error("a session panicked", "session", s.ID(), "panic", p.Error(), "stack", string(p.stack))
		} else if !asked {
			s.host.log.Error("a session failed", "session", s.ID(), "error", err)
		}
		done.Error = link.ToWire(err).GetMessage()
	}
	_ = s.host.link.Final(&contractv1.PluginFrame{Session: s.handle,
		Body: &contractv1.PluginFrame_SessionDone{SessionDone: done}}, drop)
}

// Members are the people of the session as they are now; of a standing session
// in a group, those of the group.
func (s *Session) Members() []Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.members)
}

// item queues a frame that costs credit, as long as the session lives.
func (s *Session) item(f *contractv1.PluginFrame, class flow.Class) error {
	f.Session = s.handle
	err := s.host.link.SendItem(s.ctx, f, class)
	if errors.Is(err, context.Canceled) {
		return ErrClosed
	}
	return err
}
