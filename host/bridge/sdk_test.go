package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"switchboard/host/bridge"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// many is a plugin whose sessions behave by their id.
type many struct{ probe }

func (p *many) Run(ctx context.Context, s *sdk.Session) error {
	switch s.ID() {
	case "slow":
		for range s.Events() {
			<-ctx.Done()
		}
		return nil
	case "panic":
		for e := range s.Events() {
			if _, ok := e.(sdk.Action); ok {
				panic("on purpose")
			}
		}
		return nil
	}
	return p.probe.Run(ctx, s)
}

func openAs(handle uint32, id string) *contractv1.HostFrame {
	return &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Open{Open: &contractv1.SessionOpen{
		SessionId: id, Conversation: &contractv1.Conversation{Id: "dm.a.b"}}}}
}

func press(handle uint32, id string) *contractv1.HostFrame {
	return event(handle, &contractv1.Event{Event: &contractv1.Event_Action{Action: &contractv1.Action{Id: id}}})
}

// TestNeighbours: in one real process, a session that takes nothing and is
// flooded, and one that panics, leave their neighbour as fast as it was.
func TestNeighbours(t *testing.T) {
	s := newSink()
	var c *bridge.Conn
	s.answer = func(f *contractv1.PluginFrame) {
		_ = c.Send(&contractv1.HostFrame{Session: f.GetSession(), Body: &contractv1.HostFrame_Reply{Reply: &contractv1.HostReply{
			Id: f.GetCall().GetId(), Reply: &contractv1.HostReply_Update{Update: &contractv1.UpdateReply{Id: "u"}}}}})
	}
	o := options(s, "many")
	o.Up = func(up *bridge.Conn) { c = up }
	start(t, o)
	for n, id := range []string{"slow", "panic", "good"} {
		send(t, c, openAs(uint32(n+1), id))
	}
	body := make([]byte, 1000)
	full := 0
	for range 5000 {
		err := c.Send(event(1, &contractv1.Event{Event: &contractv1.Event_Update{Update: &contractv1.Update{Id: "u", Body: body}}}))
		if errors.Is(err, bridge.ErrFull) {
			full++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if full == 0 {
		t.Fatal("the slow session took everything")
	}
	send(t, c, press(2, "boom"))
	f := s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetSessionDone() != nil })
	if f.GetSession() != 2 || f.GetSessionDone().GetError() != "panic: on purpose" {
		t.Fatal(f)
	}
	began := time.Now()
	const n = 200
	for i := range n {
		id := fmt.Sprint(i)
		send(t, c, press(3, id))
		s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetHandled().GetActionId() == id })
	}
	if each := time.Since(began) / n; each > 20*time.Millisecond {
		t.Fatalf("the neighbour needs %v an action", each)
	}
	select {
	case <-c.Done():
		t.Fatal(c.Err())
	default:
	}
}

// TestHardStop: a plugin whose loop does not react is gone in time.
func TestHardStop(t *testing.T) {
	s := newSink()
	c := start(t, options(s, "stubborn"))
	send(t, c, openAs(1, "s"))
	s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetSessionReady() != nil })
	began := time.Now()
	c.Close(t.Context(), 300*time.Millisecond)
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Fatalf("it took %v", took)
	}
}

// stubborn ignores everything.
type stubborn struct{}

func (stubborn) Run(context.Context, *sdk.Session) error { select {} }
