package client

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// here is the connection, or an error and a try at once.
func (c *Client) here() (*online, error) {
	if o := c.current(); o != nil {
		return o, nil
	}
	c.Poke()
	return nil, errOffline
}

// Post stores a batch. It answers for a prefix; what the network could not take
// now is to be tried again, with the same ids.
func (c *Client) Post(ctx context.Context, p *contractv1.Post) (*contractv1.PostReply, error) {
	a := c.o.Account
	subject, err := wire.PostTo(p.Conversation, a.User, a.Device)
	if err != nil {
		return nil, err
	}
	reply := &contractv1.PostReply{}
	o, err := c.here()
	if err == nil {
		var data []byte
		if data, err = proto.Marshal(p); err != nil {
			return nil, err
		}
		m, e := o.request(ctx, subject, data)
		if e == nil {
			if err := proto.Unmarshal(m.Data, reply); err != nil {
				return nil, err
			}
			return reply, nil
		}
		err = e
	}
	var e *wire.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	switch e.Code {
	case contractv1.Error_UNAVAILABLE, contractv1.Error_DEADLINE, contractv1.Error_INTERNAL:
	default:
		return nil, err
	}
	for _, entry := range p.Envelopes[:min(1, len(p.Envelopes))] {
		reply.Results = append(reply.Results, &contractv1.PostResult{Id: entry.Id,
			Result: &contractv1.PostResult_Retry{Retry: &contractv1.Retry{AfterMs: 500, Reason: e.Message}}})
	}
	return reply, nil
}

// Fetch reads a part of a conversation: entries after one sequence and before
// another (0 for any), oldest first.
func (c *Client) Fetch(ctx context.Context, f *contractv1.NetFetch) (*contractv1.NetFetchReply, error) {
	o, err := c.here()
	if err != nil {
		return nil, err
	}
	page, more, err := o.page(ctx, wire.BoxRequest{Op: wire.BoxPage, Conversation: f.Conversation,
		From: f.AfterSeq, Before: f.BeforeSeq, Limit: int(min(f.Limit, wire.MaxPageEntries))})
	if err != nil {
		return nil, err
	}
	return &contractv1.NetFetchReply{Envelopes: page.Envelopes, More: more}, nil
}

// SetState stores a value.
func (c *Client) SetState(ctx context.Context, s *contractv1.NetState) error {
	o, err := c.here()
	if err != nil {
		return err
	}
	return o.directory(ctx, wire.OpState, s, nil)
}

// Signal sends a signal now or never: being offline is no error.
func (c *Client) Signal(s *contractv1.NetSignal) error {
	o := c.current()
	if o == nil {
		return nil
	}
	a := c.o.Account
	subject, err := wire.SignalTo(s.Conversation, a.User, a.Device)
	if err != nil {
		return err
	}
	if len(s.GetSignal().GetBody()) > contractv1.MaxSignal {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A signal has at most %d bytes.", contractv1.MaxSignal)
	}
	data, err := proto.Marshal(s)
	if err != nil {
		return err
	}
	if err := o.nc.Publish(subject, data); err != nil {
		c.o.Log.Debug("signal", "error", err)
	}
	return nil
}

// SetPresence sets the account's presence and this device's capabilities. While
// away it is remembered and said on arrival. Without a status only the device's
// part changes.
func (c *Client) SetPresence(ctx context.Context, p *contractv1.SetPresence) error {
	p = proto.Clone(p).(*contractv1.SetPresence)
	said := p.Status
	c.mu.Lock()
	if said == contractv1.SetPresence_STATUS_UNSPECIFIED {
		p.Status, p.Text = c.presence.GetStatus(), c.presence.GetText()
	} else {
		c.set = true
	}
	c.presence = p
	o := c.online
	c.mu.Unlock()
	if o == nil {
		c.Poke()
		return nil
	}
	a := c.o.Account
	_, err := o.ask(ctx, wire.DirSubject(wire.OpPresence, a.User, a.Device),
		wire.Announce{Status: int32(said), Text: p.Text, Capabilities: p.Capabilities, Idle: p.Idle})
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.presence == p && said != contractv1.SetPresence_STATUS_UNSPECIFIED {
		c.set = false
	}
	c.mu.Unlock()
	return nil
}

// Roster changes a contact.
func (c *Client) Roster(ctx context.Context, r *contractv1.RosterChange) error {
	return c.directory(ctx, wire.OpChange, r, nil)
}

// Group does one thing to a group and tells what of it is new.
func (c *Client) Group(ctx context.Context, g *contractv1.GroupChange) (*contractv1.Group, error) {
	out := &contractv1.Group{}
	return out, c.directory(ctx, wire.OpGroup, g, out)
}

// Profile changes what belongs to the account; absent fields stay.
func (c *Client) Profile(ctx context.Context, p *contractv1.ProfileChange) error {
	return c.directory(ctx, wire.OpProfile, p, nil)
}

// BlobPut stores a part of a blob.
func (c *Client) BlobPut(ctx context.Context, b *contractv1.BlobPut) (*contractv1.BlobStored, error) {
	out := &contractv1.BlobStored{}
	return out, c.directory(ctx, wire.OpBlobPut, b, out)
}

// BlobGet reads a part of a blob, from an offset to at most the end of a stored
// part. Nothing proves a part: whoever has the whole checks its hash.
func (c *Client) BlobGet(ctx context.Context, b *contractv1.BlobGet) (*contractv1.BlobPart, error) {
	out := &contractv1.BlobPart{}
	return out, c.directory(ctx, wire.OpBlobGet, b, out)
}

// Invite makes an invitation.
func (c *Client) Invite(ctx context.Context, r *contractv1.InviteCreate) (*contractv1.Invite, error) {
	out := &contractv1.Invite{}
	return out, c.directory(ctx, wire.OpInvite, r, out)
}

// Devices lists the account's devices.
func (c *Client) Devices(ctx context.Context) (*contractv1.DeviceList, error) {
	out := &contractv1.DeviceList{}
	return out, c.directory(ctx, wire.OpDevices, nil, out)
}

// DeviceLink makes a one-shot code for a further device.
func (c *Client) DeviceLink(ctx context.Context, r *contractv1.DeviceLink) (*contractv1.DeviceCode, error) {
	out := &contractv1.DeviceCode{}
	return out, c.directory(ctx, wire.OpLink, r, out)
}

// DeviceRename gives a device of the account another name.
func (c *Client) DeviceRename(ctx context.Context, r *contractv1.DeviceRename) error {
	return c.directory(ctx, wire.OpRename, r, nil)
}

// LinkAnswer links a device that waits for it, or refuses it.
func (c *Client) LinkAnswer(ctx context.Context, a *contractv1.JoinAnswer) error {
	return c.directory(ctx, wire.OpLinked, a, nil)
}

// Recovery makes the code that restores the account; an older one opens nothing
// any more.
func (c *Client) Recovery(ctx context.Context) (*contractv1.Recovery, error) {
	out := &contractv1.Recovery{}
	return out, c.directory(ctx, wire.OpRecovery, nil, out)
}

// DeviceRevoke locks a device out.
func (c *Client) DeviceRevoke(ctx context.Context, r *contractv1.DeviceRevoke) error {
	return c.directory(ctx, wire.OpRevoke, r, nil)
}

func (c *Client) directory(ctx context.Context, op string, in, out proto.Message) error {
	o, err := c.here()
	if err != nil {
		return err
	}
	return o.directory(ctx, op, in, out)
}
