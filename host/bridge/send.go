package bridge

import (
	"errors"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// replySlack is how much longer than its deadline an unanswered call counts as
// open.
const replySlack = 5 * time.Second

// Send queues a frame and never waits: ErrFull for an event beyond its
// session's queue (a signal is dropped silently instead) or for too many open
// calls, ErrNoSession, ErrClosed. Handles become known by Open frames; Close
// ends them. A handle is not used twice.
func (c *Conn) Send(f *contractv1.HostFrame) error {
	switch b := f.GetBody().(type) {
	case *contractv1.HostFrame_Event:
		return c.sendEvent(f, b.Event)
	case *contractv1.HostFrame_Open:
		return c.sendOpen(f)
	case *contractv1.HostFrame_Close:
		return c.sendClose(f, b.Close)
	case *contractv1.HostFrame_Reply:
		c.mu.Lock()
		delete(c.calls, b.Reply.GetId())
		c.mu.Unlock()
		err := translate(c.sender.Control(f))
		if errors.Is(err, ErrNoSession) {
			return nil // whoever asked has ended
		}
		return err
	case *contractv1.HostFrame_Command:
		return c.sendAsked(f, commandKey(b.Command.GetId()), b.Command.GetTimeoutMs())
	case *contractv1.HostFrame_Search:
		return c.sendSearch(f, b.Search)
	case *contractv1.HostFrame_Net:
		return c.sendAsked(f, netKey(b.Net.GetId()), b.Net.GetTimeoutMs())
	}
	return translate(c.sender.Control(f))
}

func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, flow.ErrFull):
		return ErrFull
	case errors.Is(err, flow.ErrTooLarge):
		return ErrTooLarge
	}
	return ErrNoSession
}

// over adds to an error of the sender that the whole connection is over.
func (c *Conn) over(err error) error {
	if !errors.Is(err, ErrNoSession) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return ErrClosed
	}
	return err
}

func (c *Conn) sendEvent(f *contractv1.HostFrame, e *contractv1.Event) error {
	class := flow.Ordered
	if e.GetSignal() != nil {
		class = flow.Droppable
	}
	return c.over(translate(c.sender.Item(f, class)))
}

func (c *Conn) sendOpen(f *contractv1.HostFrame) error {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		return ErrClosed
	}
	if c.sessions[f.GetSession()] != nil || f.GetSession() == 0 {
		c.mu.Unlock()
		return errors.New("the handle is in use")
	}
	if len(c.sessions) >= maxSessions {
		c.mu.Unlock()
		return ErrFull
	}
	c.sessions[f.GetSession()] = &session{window: flow.NewWindow(), shows: rate.NewLimiter(contractv1.MaxShows, showBurst)}
	c.mu.Unlock()
	c.sender.Open(f.GetSession())
	err := c.over(translate(c.sender.Control(f)))
	if err != nil {
		c.forget(f.GetSession())
	}
	return err
}

func (c *Conn) sendClose(f *contractv1.HostFrame, m *contractv1.SessionClose) error {
	c.mu.Lock()
	if s := c.sessions[f.GetSession()]; s != nil {
		s.closing = true
	}
	c.mu.Unlock()
	r := m.GetReason()
	drop := r == contractv1.SessionClose_STOPPING || r == contractv1.SessionClose_DISABLED
	return c.over(translate(c.sender.Final(f, drop)))
}

// sendAsked sends what waits for a reply, at most 64 at once.
func (c *Conn) sendAsked(f *contractv1.HostFrame, key string, timeoutMs uint32) error {
	timeout := contractv1.CallTimeout
	if timeoutMs > 0 {
		timeout = time.Duration(timeoutMs) * time.Millisecond
	}
	now := time.Now()
	c.mu.Lock()
	if len(c.asked) >= contractv1.MaxOpenCalls {
		for k, deadline := range c.asked {
			if deadline.Before(now) {
				delete(c.asked, k)
			}
		}
	}
	if len(c.asked) >= contractv1.MaxOpenCalls {
		c.mu.Unlock()
		return ErrFull
	}
	c.asked[key] = now.Add(timeout + replySlack)
	c.mu.Unlock()
	err := c.over(translate(c.sender.Control(f)))
	if err != nil {
		c.takeAsked(key)
	}
	return err
}

// takeAsked reports whether a reply was waited for.
func (c *Conn) takeAsked(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.asked[key]
	delete(c.asked, key)
	return ok
}

func commandKey(id string) string { return "c" + id }

func netKey(id uint64) string { return "n" + strconv.FormatUint(id, 10) }
