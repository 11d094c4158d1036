package client

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// A replica may answer from a moment ago, so the heads are asked again soon
// after sign-in and now and then.
const (
	lookSoon  = 2 * time.Second
	lookLater = 45 * time.Second
)

// maxLive bounds one event made of entries that came together.
const (
	maxLive      = 64
	maxLiveBytes = 128 << 10
)

// pump passes on what arrives until the connection ends.
func (o *online) pump(ctx context.Context) error {
	look := time.NewTimer(lookSoon)
	defer look.Stop()
	var held *nats.Msg
	for {
		if o.lost.Swap(false) {
			if err := o.again(ctx); err != nil {
				return err
			}
		}
		var m *nats.Msg
		if m, held = held, nil; m == nil {
			select {
			case m = <-o.in:
			case <-look.C:
				if err := o.catchUp(ctx); err != nil {
					return err
				}
				look.Reset(lookLater)
				continue
			case <-o.end:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var err error
		if o.isEntry(m) {
			held, err = o.live(ctx, m)
		} else {
			err = o.pushed(ctx, m)
		}
		if err != nil {
			return err
		}
	}
}

// again looks at everything after something was dropped.
func (o *online) again(ctx context.Context) error {
	if err := o.groups(ctx); err != nil {
		return err
	}
	if err := o.catchUp(ctx); err != nil {
		return err
	}
	return o.snapshot(ctx)
}

// entry is a live message read.
type entry struct {
	conv string
	prev int64
	*contractv1.Envelope
}

// isEntry tells entries from everything else that arrives.
func (o *online) isEntry(m *nats.Msg) bool {
	return strings.HasPrefix(m.Subject, "live.") || strings.HasPrefix(m.Subject, o.rooms)
}

// readLive reads an entry: of two people, as the store publishes it, or of a
// group, as the fan service brings it.
func readLive(m *nats.Msg) (entry, bool) {
	e := entry{Envelope: &contractv1.Envelope{}}
	where, last := "Nats-Sequence", "Nats-Last-Sequence"
	conv, dm := strings.CutPrefix(m.Subject, "live.")
	if e.conv = conv; !dm {
		e.conv = wire.RoomConversation(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:])
		where, last = wire.HeaderSequence, wire.HeaderPrevious
	}
	seq, err := strconv.ParseInt(m.Header.Get(where), 10, 64)
	if err != nil || proto.Unmarshal(m.Data, e.Envelope) != nil {
		return entry{}, false
	}
	e.prev, _ = strconv.ParseInt(m.Header.Get(last), 10, 64)
	e.Seq = seq
	return e, true
}

// live passes on an entry and those that came with it; a gap before it is
// fetched first. It returns the message that it took but did not want.
func (o *online) live(ctx context.Context, m *nats.Msg) (*nats.Msg, error) {
	first, ok := readLive(m)
	if !ok {
		o.c.o.Log.Warn("a malformed entry", "subject", m.Subject)
		return nil, nil
	}
	have := o.c.position(first.conv)
	if first.Seq <= have {
		return nil, nil
	}
	if first.prev > have {
		return nil, o.fetch(ctx, first.conv, first.Seq)
	}
	batch := []*contractv1.Envelope{first.Envelope}
	size := len(first.Body)
	var held *nats.Msg
	for held == nil && len(batch) < maxLive && size < maxLiveBytes {
		select {
		case next := <-o.in:
			e, ok := entry{}, false
			if o.isEntry(next) {
				e, ok = readLive(next)
			}
			tail := batch[len(batch)-1].Seq
			switch {
			case ok && e.conv == first.conv && e.Seq <= tail: // twice, in one's own conversation
			case ok && e.conv == first.conv && e.prev == tail:
				batch = append(batch, e.Envelope)
				size += len(e.Body)
			default:
				held = next
			}
			continue
		default:
		}
		break
	}
	return held, o.deliver(ctx, first.conv, batch, 0, false)
}

// pushed passes on what the services tell.
func (o *online) pushed(ctx context.Context, m *nats.Msg) error {
	e := &contractv1.NetEvent{}
	kind, _, _ := strings.Cut(m.Subject, ".")
	what := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	var body proto.Message
	switch {
	case kind == "pres", kind == "in" && what == wire.PushPresence:
		p := &contractv1.PresenceChange{}
		body, e.Event = p, &contractv1.NetEvent_Presence{Presence: p}
	case kind == "eph":
		s := &contractv1.NetSignal{}
		body, e.Event = s, &contractv1.NetEvent_Signal{Signal: s}
	case what == wire.PushRoster:
		r := &contractv1.Roster{}
		body, e.Event = r, &contractv1.NetEvent_Roster{Roster: r}
	case what == wire.PushGroup:
		g := &contractv1.Groups{}
		body, e.Event = g, &contractv1.NetEvent_Groups{Groups: g}
	case what == wire.PushState:
		s := &contractv1.StateChange{}
		body, e.Event = s, &contractv1.NetEvent_State{State: s}
	case what == wire.PushJoins:
		j := &contractv1.JoinRequests{}
		body, e.Event = j, &contractv1.NetEvent_Joins{Joins: j}
	case what == wire.PushLinks:
		j := &contractv1.JoinRequests{}
		body, e.Event = j, &contractv1.NetEvent_Links{Links: j}
	case what == wire.PushDevices:
		d := &contractv1.DeviceList{}
		body, e.Event = d, &contractv1.NetEvent_Devices{Devices: d}
	default:
		return nil // from a newer server
	}
	if err := proto.Unmarshal(m.Data, body); err != nil {
		o.c.o.Log.Warn("a malformed push", "subject", m.Subject, "error", err)
		return nil
	}
	if !o.wanted(e) {
		return nil
	}
	return o.c.emit(ctx, e)
}

// wanted drops what comes back to the device that sent it.
func (o *online) wanted(e *contractv1.NetEvent) bool {
	a := o.c.o.Account
	switch v := e.Event.(type) {
	case *contractv1.NetEvent_Signal:
		s := v.Signal.GetSignal()
		return s != nil && s.Device != a.Device && (s.TargetDevice == "" || s.TargetDevice == a.Device)
	case *contractv1.NetEvent_Devices:
		for _, d := range v.Devices.Devices {
			d.This = d.Id == a.Device
		}
	case *contractv1.NetEvent_Presence:
		if v.Presence.Mine {
			o.c.mu.Lock()
			if p := o.c.presence; p != nil && v.Presence.Device != a.Device {
				p = proto.Clone(p).(*contractv1.SetPresence)
				p.Status, p.Text = v.Presence.Status, v.Presence.Text
				o.c.presence = p
			}
			o.c.mu.Unlock()
		}
	}
	return true
}
