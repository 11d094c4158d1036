package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"golang.org/x/sync/errgroup"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// fetchers is how many conversations catch up side by side.
const fetchers = 4

// catchUp gives the host everything that its conversations have beyond what it
// has. The store's sequence is one for all conversations, so "everything up to
// here" makes the next look cheap.
func (o *online) catchUp(ctx context.Context) error {
	o.c.mu.Lock()
	since := o.c.complete
	o.c.mu.Unlock()
	q := wire.BoxRequest{Op: wire.BoxHeads, Since: since}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(fetchers)
	for {
		h, err := o.heads(ctx, q)
		if err != nil {
			_ = g.Wait()
			return err
		}
		for conv, head := range h.Heads {
			if o.c.position(conv) < int64(head) {
				g.Go(func() error { return o.fetch(gctx, conv, int64(head)) })
			}
		}
		if h.Next != "" && h.Next <= q.After {
			_ = g.Wait()
			return errRepeats
		}
		q.UpTo, q.After = h.UpTo, h.Next
		if h.Next == "" {
			break
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	o.c.mu.Lock()
	o.c.complete = max(o.c.complete, q.UpTo)
	o.c.mu.Unlock()
	return nil
}

func (o *online) heads(ctx context.Context, q wire.BoxRequest) (*wire.Heads, error) {
	a := o.c.o.Account
	m, err := o.ask(ctx, wire.BoxSubject(a.User, a.Device), q)
	if err != nil {
		return nil, err
	}
	h := &wire.Heads{}
	if err := json.Unmarshal(m.Data, h); err != nil {
		return nil, fmt.Errorf("the server's answer is malformed: %w", err)
	}
	return h, nil
}

// errRepeats ends a connection to a server whose pages do not end: each must
// come further than the one before.
var errRepeats = errors.New("the server repeats itself")

// fetch gives the host a conversation's pages up to head.
func (o *online) fetch(ctx context.Context, conv string, head int64) error {
	for {
		from := o.c.position(conv)
		if from >= head {
			return nil
		}
		page, more, err := o.page(ctx, wire.BoxRequest{Op: wire.BoxPage, Conversation: conv, From: from, Head: head})
		if err != nil {
			return err
		}
		if n := len(page.Envelopes); n > 0 {
			head = max(head, page.Envelopes[n-1].Seq)
			if err := o.deliver(ctx, conv, page.Envelopes, head, page.Trimmed); err != nil {
				return err
			}
		}
		if !more {
			// What was promised but is not there has been trimmed meanwhile.
			o.c.advance(conv, head)
			return nil
		}
		if o.c.position(conv) <= from {
			return errRepeats
		}
	}
}

func (o *online) page(ctx context.Context, q wire.BoxRequest) (*contractv1.Envelopes, bool, error) {
	a := o.c.o.Account
	m, err := o.ask(ctx, wire.BoxSubject(a.User, a.Device), q)
	if err != nil {
		return nil, false, err
	}
	page := &contractv1.Envelopes{}
	if err := proto.Unmarshal(m.Data, page); err != nil {
		return nil, false, fmt.Errorf("the server's answer is malformed: %w", err)
	}
	return page, m.Header.Get(wire.HeaderMore) == "1", nil
}

// deliver hands the host entries it does not have, in order.
func (o *online) deliver(ctx context.Context, conv string, all []*contractv1.Envelope, head int64, trimmed bool) error {
	have := o.c.position(conv)
	for len(all) > 0 && all[0].Seq <= have {
		all = all[1:]
	}
	if len(all) == 0 {
		return nil
	}
	last := all[len(all)-1].Seq
	if err := o.c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Envelopes{Envelopes: &contractv1.Envelopes{
		Conversation: conv, Envelopes: all, Head: max(head, last), Trimmed: trimmed,
	}}}); err != nil {
		return err
	}
	o.c.advance(conv, last)
	return nil
}

// snapshot gives the host roster, presence, devices and state as they are.
func (o *online) snapshot(ctx context.Context) error {
	for _, step := range []func(context.Context) error{o.roster, o.presences, o.devices, o.state} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (o *online) roster(ctx context.Context) error {
	a := o.c.o.Account
	after := ""
	for {
		m, err := o.ask(ctx, wire.DirSubject(wire.OpRoster, a.User, a.Device), wire.Page{After: after})
		if err != nil {
			return err
		}
		r := &contractv1.Roster{}
		if err := proto.Unmarshal(m.Data, r); err != nil {
			return fmt.Errorf("the server's answer is malformed: %w", err)
		}
		r.Full = after == ""
		if r.Full || len(r.Contacts) > 0 {
			if err := o.c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Roster{Roster: r}}); err != nil {
				return err
			}
		}
		if len(r.Contacts) < wire.RosterPage {
			return nil
		}
		before := after
		if after, err = wire.User(r.Contacts[len(r.Contacts)-1].Address, a.Network); err != nil {
			return err
		}
		if after <= before {
			return errRepeats
		}
	}
}

// groups gives the host every group, in numbered pages.
func (o *online) groups(ctx context.Context) error {
	a := o.c.o.Account
	q := wire.Page{}
	for page := uint32(0); ; page++ {
		m, err := o.ask(ctx, wire.DirSubject(wire.OpGroups, a.User, a.Device), q)
		if err != nil {
			return err
		}
		g := &contractv1.Groups{}
		if err := proto.Unmarshal(m.Data, g); err != nil {
			return fmt.Errorf("the server's answer is malformed: %w", err)
		}
		next := m.Header.Get(wire.HeaderNext)
		g.Full, g.Page, g.More = true, page, next != ""
		if err := o.c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Groups{Groups: g}}); err != nil {
			return err
		}
		if next == "" {
			return nil
		}
		if next <= q.After {
			return errRepeats
		}
		q.After = next
	}
}

func (o *online) presences(ctx context.Context) error {
	a := o.c.o.Account
	after := ""
	for {
		m, err := o.ask(ctx, wire.DirSubject(wire.OpPresences, a.User, a.Device), wire.Page{After: after})
		if err != nil {
			return err
		}
		if len(m.Data) == 0 {
			return nil
		}
		before := after
		for r := bytes.NewReader(m.Data); r.Len() > 0; {
			p := &contractv1.PresenceChange{}
			if err := protodelim.UnmarshalFrom(r, p); err != nil {
				return fmt.Errorf("the server's answer is malformed: %w", err)
			}
			if err := o.c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Presence{Presence: p}}); err != nil {
				return err
			}
			if after, err = wire.User(p.Address, a.Network); err != nil {
				return err
			}
		}
		if after <= before {
			return errRepeats
		}
	}
}

func (o *online) devices(ctx context.Context) error {
	l := &contractv1.DeviceList{}
	if err := o.directory(ctx, wire.OpDevices, nil, l); err != nil {
		return err
	}
	return o.c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Devices{Devices: l}})
}

func (o *online) state(ctx context.Context) error {
	a := o.c.o.Account
	q := wire.BoxRequest{Op: wire.BoxState}
	for {
		m, err := o.ask(ctx, wire.BoxSubject(a.User, a.Device), q)
		if err != nil {
			return err
		}
		s := &contractv1.StateChange{}
		if err := proto.Unmarshal(m.Data, s); err != nil {
			return fmt.Errorf("the server's answer is malformed: %w", err)
		}
		if len(s.Values) > 0 {
			if err := o.c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: s}}); err != nil {
				return err
			}
		}
		before := q.After
		if q.After = m.Header.Get(wire.HeaderNext); q.After == "" {
			return nil
		}
		if q.After == before {
			return errRepeats
		}
	}
}
