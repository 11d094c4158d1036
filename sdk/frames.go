package sdk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"switchboard/sdk/internal/link"
	contractv1 "switchboard/shared/contract/v1"
)

// frame handles one frame of the host. It never waits: a slow session must not
// hold up the others.
func (a *attachment) frame(f *contractv1.HostFrame, size int) error {
	switch b := f.GetBody().(type) {
	case *contractv1.HostFrame_Event:
		return a.event(f.GetSession(), b.Event, size)
	case *contractv1.HostFrame_Reply:
		a.host.link.Answer(b.Reply)
	case *contractv1.HostFrame_Credit:
		_, err := a.host.link.Credit(f.GetSession(), b.Credit)
		return err
	case *contractv1.HostFrame_Open:
		return a.openSession(f.GetSession(), b.Open)
	case *contractv1.HostFrame_Close:
		if s := a.session(f.GetSession()); s != nil {
			s.close(b.Close.GetReason())
		}
	case *contractv1.HostFrame_Command:
		a.command(f.GetSession(), b.Command)
	case *contractv1.HostFrame_Net:
		a.net(b.Net)
	case *contractv1.HostFrame_Search:
		a.search(b.Search)
	case *contractv1.HostFrame_Setting:
		a.host.setting(b.Setting)
		a.tellSetting(b.Setting)
	case *contractv1.HostFrame_Ping:
		return a.host.link.Send(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Pong{
			Pong: &contractv1.Pong{Nonce: b.Ping.GetNonce()}}})
	case *contractv1.HostFrame_Stop:
		a.beginStop(time.Duration(b.Stop.GetGraceMs()) * time.Millisecond)
	}
	return nil
}

// tellSetting tells every session of a change.
func (a *attachment) tellSetting(v *contractv1.SettingValue) {
	a.mu.Lock()
	sessions := slices.Collect(maps.Values(a.sessions))
	a.mu.Unlock()
	for _, s := range sessions {
		s.push(arrived{event: SettingChanged{Key: v.GetKey(), Value: v.GetValue()}})
	}
}

func (a *attachment) session(handle uint32) *Session {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sessions[handle]
}

func (a *attachment) openSession(handle uint32, open *contractv1.SessionOpen) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if handle == 0 || a.sessions[handle] != nil {
		return fmt.Errorf("handle %d is not free", handle)
	}
	if a.stopping {
		return nil
	}
	s := newSession(a.ctx, a.host, handle, open)
	a.sessions[handle] = s
	a.host.link.Open(handle)
	a.running.Go(func() {
		s.run(a.plugin, func() {
			a.mu.Lock()
			delete(a.sessions, handle)
			a.mu.Unlock()
		})
	})
	return nil
}

// event passes an event to its session. One that has just ended gets no more.
func (a *attachment) event(handle uint32, e *contractv1.Event, size int) error {
	s := a.session(handle)
	if s == nil {
		return nil
	}
	if !s.window.Arrived(size) {
		return fmt.Errorf("session %q: an event without credit", s.ID())
	}
	v := fromWire(e)
	if v == nil {
		s.consumed(size) // an event from a newer host
		return nil
	}
	s.push(arrived{event: v, size: size})
	return nil
}

func (a *attachment) command(handle uint32, c *contractv1.CommandCall) {
	v := Command{ID: c.GetId(), Name: c.GetName(), Args: c.GetArgs()}
	if handle != 0 {
		if s := a.session(handle); s != nil {
			s.push(arrived{event: v})
			return
		}
		// The lane of an ended session is closed, so the host finds out by SessionDone.
		return
	}
	reply := func(r *contractv1.CommandReply) {
		_ = a.host.link.Send(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_CommandReply{CommandReply: r}})
	}
	refuse := func(err error) { reply(&contractv1.CommandReply{Id: v.ID, Error: link.ToWire(err)}) }
	q, ok := a.plugin.(Commander)
	if !ok {
		refuse(Errorf(contractv1.Error_NOT_FOUND, "This plugin has no command %q.", v.Name))
		return
	}
	a.call(c.GetTimeoutMs(), refuse, func(ctx context.Context) error {
		result, err := q.Command(ctx, v)
		if err != nil {
			return err
		}
		r, err := commandReply(v.ID, result)
		if err != nil {
			return err
		}
		reply(r)
		return nil
	})
}

func (a *attachment) net(c *contractv1.NetCall) {
	reply := func(r *contractv1.NetReply) {
		r.Id = c.GetId()
		_ = a.host.link.Send(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_NetReply{NetReply: r}})
	}
	refuse := func(err error) {
		e := link.ToWire(err)
		reply(&contractv1.NetReply{ErrorCode: uint32(e.GetCode()), Error: e.GetMessage()})
	}
	n, ok := a.plugin.(netCaller)
	if !ok {
		refuse(Errorf(contractv1.Error_INVALID, "This plugin is not a network."))
		return
	}
	a.call(c.GetTimeoutMs(), refuse, func(ctx context.Context) error {
		r, err := n.NetCall(ctx, c)
		if err != nil {
			return err
		}
		if r == nil {
			r = &contractv1.NetReply{}
		}
		reply(r)
		return nil
	})
}

// call runs a plugin-scoped call in a goroutine of its own, at most 64 at once.
func (a *attachment) call(timeoutMs uint32, refuse func(error), f func(ctx context.Context) error) {
	select {
	case a.places <- struct{}{}:
	default:
		refuse(Errorf(contractv1.Error_UNAVAILABLE, "The plugin is busy."))
		return
	}
	timeout := contractv1.CallTimeout
	if timeoutMs > 0 {
		timeout = time.Duration(timeoutMs) * time.Millisecond
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stopping {
		<-a.places
		return
	}
	a.running.Go(func() {
		defer func() { <-a.places }()
		ctx, cancel := context.WithTimeout(a.ctx, timeout)
		defer cancel()
		if err := protect(func() error { return f(ctx) }); err != nil {
			var p *panicError
			if asPanic(err, &p) {
				a.logFailure("a call panicked", err)
			}
			refuse(err)
		}
	})
}
