package control

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	contractv1 "switchboard/shared/contract/v1"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// Times and sizes of looking at a view.
const (
	viewWait  = 10 * time.Second // for a view's first tree and the items of its lists
	viewItems = 100              // items asked for in each list
	// attendEvery bounds how often Attend tells a changed tree.
	attendEvery = 20 * time.Millisecond
)

// look opens a view and waits until it is drawn; release when done.
func (s *service) look(ctx context.Context, name string) (model.SessionKey, *model.View, func(), error) {
	key, err := session(s.host.Snapshot(), name)
	if err != nil {
		return key, nil, nil, err
	}
	changed := make(chan struct{}, 1)
	cancel := s.host.Subscribe(func() { poke(changed) })
	defer cancel()
	release := s.host.OpenView(key)
	ctx, stop := context.WithTimeout(ctx, viewWait)
	defer stop()
	for {
		v := s.host.View(key)
		if v != nil && s.drawn(key, v) {
			return key, v, release, nil
		}
		select {
		case <-changed:
		case <-s.ending.Done():
			release()
			return key, nil, nil, errors.New("the host is ending")
		case <-ctx.Done():
			release()
			return key, nil, nil, errors.New("the plugin has shown nothing in time")
		}
	}
}

// drawn asks for the items of lists that are not there, and tells whether all is
// there. A plugin that begins a list anew empties it at any time, and the host
// drops a question that is open already, so it may be asked as often as one looks.
func (s *service) drawn(key model.SessionKey, v *model.View) bool {
	if v.Fault != "" {
		return true
	}
	if v.Loading || v.Root == nil {
		return false
	}
	ready := true
	walk(v.Root, func(n *contractv1.Node) {
		if _, ok := n.Body.(*contractv1.Node_List); !ok {
			return
		}
		if l := v.Lists[n.Id]; l != nil && l.Loaded {
			return
		}
		ready = false
		s.host.Want(key, n.Id, "", viewItems, viewItems)
	})
	return ready
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// View gives the tree as drawn.
func (s *service) View(ctx context.Context, r *controlv1.ViewRequest) (*controlv1.ViewReply, error) {
	_, v, release, err := s.look(ctx, r.Session)
	if err != nil {
		return nil, refusal(err)
	}
	defer release()
	data, err := draw(v)
	return &controlv1.ViewReply{Json: data}, refusal(err)
}

// Attend keeps looking until the caller goes.
func (s *service) Attend(r *controlv1.ViewRequest, stream grpc.ServerStreamingServer[controlv1.ViewReply]) error {
	ctx := stream.Context()
	key, _, release, err := s.look(ctx, r.Session)
	if err != nil {
		return refusal(err)
	}
	defer release()
	changed := make(chan struct{}, 1)
	defer s.host.Subscribe(func() { poke(changed) })()
	s.host.Focus(key.Conversation, true)
	defer s.host.Focus("", false)
	var last []byte
	for {
		if v := s.host.View(key); v != nil {
			s.drawn(key, v)
			data, err := draw(v)
			if err != nil {
				return refusal(err)
			}
			if !bytes.Equal(data, last) {
				if err := stream.Send(&controlv1.ViewReply{Json: data}); err != nil {
					return err
				}
				last = data
			}
		}
		if !pause(ctx, s.ending, attendEvery) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		case <-s.ending.Done():
			return nil
		}
	}
}

func pause(ctx, ending context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-ending.Done():
	}
	return false
}

// Act does what a person would do to a node.
func (s *service) Act(ctx context.Context, r *controlv1.ActRequest) (*controlv1.Empty, error) {
	key, v, release, err := s.look(ctx, r.Session)
	if err != nil {
		return done(err)
	}
	defer release()
	p, err := find(v, r.Node)
	if err != nil {
		return done(err)
	}
	a, err := action(p, r.Value)
	if err != nil {
		return done(err)
	}
	return done(s.host.Act(key, a))
}

// Edit types without submitting.
func (s *service) Edit(ctx context.Context, r *controlv1.ActRequest) (*controlv1.Empty, error) {
	key, v, release, err := s.look(ctx, r.Session)
	if err != nil {
		return done(err)
	}
	defer release()
	p, err := find(v, r.Node)
	if err != nil {
		return done(err)
	}
	s.host.Edited(key, p.node.Id, r.Value)
	return &controlv1.Empty{}, nil
}

// See marks items as seen.
func (s *service) See(ctx context.Context, r *controlv1.SeeRequest) (*controlv1.Empty, error) {
	key, err := session(s.host.Snapshot(), r.Session)
	if err != nil {
		return done(err)
	}
	s.host.Seen(key, r.List, r.Item)
	return &controlv1.Empty{}, nil
}

// watchQueue is how far a reader of Watch may fall behind.
const watchQueue = 4096

// Watch tells what happens.
func (s *service) Watch(_ *controlv1.Empty, stream grpc.ServerStreamingServer[controlv1.Event]) error {
	events := make(chan *controlv1.Event, watchQueue)
	var missed atomic.Int64
	cancel := s.host.Events(func(e *controlv1.Event) {
		select {
		case events <- e:
		default:
			missed.Add(1) // told with the next event that is read
		}
	})
	defer cancel()
	if err := stream.Send(&controlv1.Event{Type: "watching", TimeMs: time.Now().UnixMilli()}); err != nil {
		return err
	}
	for {
		select {
		case e := <-events:
			if n := missed.Swap(0); n > 0 {
				if err := stream.Send(&controlv1.Event{Type: "missed", TimeMs: time.Now().UnixMilli(), N: n}); err != nil {
					return err
				}
			}
			if err := stream.Send(e); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return nil
		case <-s.ending.Done():
			return nil
		}
	}
}
