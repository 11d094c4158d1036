package client

import (
	"context"

	"switchboard/plugins/nats/wire"
)

// Link adds this device to an account, with a code of one of its devices. Where
// such a device is to answer first, shown is told the digits that both show, and
// Link waits for the answer, over lost connections too, until ctx ends.
func Link(ctx context.Context, dial Dialer, link wire.Link, seed []byte, r wire.Register, shown func(digits string)) (*Account, error) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	id, err := newIdentity(seed)
	if err != nil {
		return nil, err
	}
	c := &asking{dial: dial, link: link, id: id}
	defer c.close()
	r.Op, r.DeviceName = wire.RegisterDevice, wire.Clean(r.DeviceName)
	answer, err := c.ask(ctx, r)
	if err != nil {
		return nil, err
	}
	if answer.Waiting != nil {
		shown(wire.LinkDigits(link.Key, id.public, r.Code))
	}
	return c.wait(ctx, answer, seed)
}
