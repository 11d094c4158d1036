package client

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Times of being let in nearby.
const (
	askEvery    = time.Second
	askPatience = 11 * time.Minute // longer than a request lasts
)

// Ask asks to be let into a network that was found nearby, whose key the link
// pins. shown is told the digits that both screens show, before anybody can
// answer; Ask then waits for the answer, over lost connections too, until ctx
// ends.
func Ask(ctx context.Context, dial Dialer, link wire.Link, seed []byte, r wire.Register, shown func(digits string)) (*Account, error) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	id, err := newIdentity(seed)
	if err != nil {
		return nil, err
	}
	r.DeviceName = wire.Clean(r.DeviceName)
	nonce := make([]byte, wire.NonceBytes)
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("ask to be let in: %w", err)
	}
	j := wire.Joining{Network: link.Key, Device: id.public, User: r.User, Computer: r.DeviceName}
	c := &asking{dial: dial, link: link, id: id}
	defer c.close()
	r.Op, r.Commit = wire.RegisterAsk, j.Commit(nonce)
	answer, err := c.ask(ctx, r)
	if err != nil {
		return nil, err
	}
	if answer.Waiting == nil { // let in already, and the answer was lost
		return accountOf(answer, link, seed)
	}
	if len(answer.Waiting.Nonce) != wire.NonceBytes {
		return nil, fmt.Errorf("ask to be let in: the server's answer is malformed")
	}
	digits := j.Digits(nonce, answer.Waiting.Nonce)
	if answer, err = c.ask(ctx, wire.Register{Op: wire.RegisterReveal, Nonce: nonce}); err != nil {
		return nil, err
	}
	if answer.Waiting != nil {
		shown(digits)
	}
	return c.wait(ctx, answer, seed)
}

// asking is a connection that only registers, made again when it ends.
type asking struct {
	dial Dialer
	link wire.Link
	id   identity

	nc      *nats.Conn
	answers *nats.Subscription
	n       int
}

func (c *asking) close() {
	if c.nc != nil {
		c.nc.Close()
		c.nc = nil
	}
}

func (c *asking) ask(ctx context.Context, r wire.Register) (*wire.Registered, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if c.nc == nil || !c.nc.IsConnected() {
		c.close()
		nc, err := connect(ctx, c.dial, Places{Addresses: c.link.Addresses}, c.link.Key, c.id, true, nil)
		if err != nil {
			return nil, err
		}
		c.nc = nc
		if c.answers, err = nc.SubscribeSync(wire.RegisterAnswer(c.id.public, "*")); err != nil {
			return nil, fmt.Errorf("ask to be let in: %w", err)
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("ask to be let in: %w", err)
	}
	c.n++
	token := strconv.Itoa(c.n)
	m := nats.NewMsg(wire.RegisterSubject(c.id.public))
	m.Data = data
	m.Header.Set(wire.HeaderRequest, token)
	if err := c.nc.PublishMsg(m); err != nil {
		return nil, errOffline
	}
	for {
		got, err := c.answers.NextMsgWithContext(ctx)
		if err != nil {
			return nil, errOffline
		}
		if got.Subject != wire.RegisterAnswer(c.id.public, token) {
			continue // to a question that was given up
		}
		if err := answerError(got); err != nil {
			return nil, err
		}
		var ok wire.Registered
		if err := json.Unmarshal(got.Data, &ok); err != nil {
			return nil, fmt.Errorf("ask to be let in: the server's answer is malformed: %w", err)
		}
		return &ok, nil
	}
}

// wait asks again and again until somebody has decided.
func (c *asking) wait(ctx context.Context, answer *wire.Registered, seed []byte) (*Account, error) {
	t := time.NewTicker(askEvery)
	defer t.Stop()
	for answer.Waiting != nil {
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil, wire.Errorf(contractv1.Error_DEADLINE, "Nobody answered the request to be let into %s in time; ask again.", c.link.Network)
		}
		next, err := c.ask(ctx, wire.Register{Op: wire.RegisterWait})
		var e *wire.Error
		switch {
		case err == nil:
			answer = next
		case errors.As(err, &e) && (e.Code == contractv1.Error_UNAVAILABLE || e.Code == contractv1.Error_DEADLINE && ctx.Err() == nil && e.Message == errOffline.Message):
			c.close() // the owner's computer is away for a moment
		case errors.Is(err, errNotAdmitted):
			c.close()
		default:
			return nil, err
		}
	}
	return accountOf(answer, c.link, seed)
}

// accountOf is the account that a registration made.
func accountOf(ok *wire.Registered, link wire.Link, seed []byte) (*Account, error) {
	if ok.Network != link.Network {
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "The server carries the network %s, not %s.", ok.Network, link.Network)
	}
	if !wire.ValidName(ok.User) || !wire.ValidDevice(ok.Device) {
		return nil, fmt.Errorf("register: the server's answer is malformed")
	}
	return &Account{
		User: ok.User, Name: ok.Name, Device: ok.Device, Network: ok.Network, Key: link.Key,
		Addresses: link.Addresses, Seed: seed, Owner: ok.Owner,
	}, nil
}

// Invites lists the open invitations.
func (c *Client) Invites(ctx context.Context) (*contractv1.InviteList, error) {
	out := &contractv1.InviteList{}
	return out, c.directory(ctx, wire.OpInvites, nil, out)
}

// InviteRevoke makes an invitation open nothing any more.
func (c *Client) InviteRevoke(ctx context.Context, r *contractv1.InviteRevoke) error {
	return c.directory(ctx, wire.OpUninvite, r, nil)
}

// JoinAnswer lets somebody into the network, or not.
func (c *Client) JoinAnswer(ctx context.Context, a *contractv1.JoinAnswer) error {
	return c.directory(ctx, wire.OpJoin, a, nil)
}

// greeted is a connection whose first bytes were looked at.
type greeted struct {
	net.Conn
	r *bufio.Reader
}

// Read gives what was looked at first.
func (g *greeted) Read(b []byte) (int, error) { return g.r.Read(b) }

// greeting waits for a server's first words. One that has moved away says where
// to, in a record that the network's key has signed; its addresses are returned.
func greeting(ctx context.Context, conn net.Conn, key ed25519.PublicKey) (net.Conn, []string, error) {
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetReadDeadline(deadline); err != nil {
			return nil, nil, err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	g := &greeted{conn, bufio.NewReaderSize(conn, len(wire.MovedPrefix)+wire.MaxRecord+2)}
	first, err := g.r.Peek(len(wire.MovedPrefix))
	if err != nil {
		return nil, nil, err
	}
	if string(first) != wire.MovedPrefix {
		return g, nil, conn.SetReadDeadline(time.Time{})
	}
	line, err := g.r.ReadSlice('\n')
	if err != nil {
		return nil, nil, err
	}
	data, _ := wire.MovedRecord(string(line))
	r, err := wire.OpenRecord(data, key)
	if err != nil {
		return nil, nil, err
	}
	return nil, r.Addresses, errMoved
}

var errMoved = wire.Errorf(contractv1.Error_UNAVAILABLE,
	"The network has moved to another computer, which has not been found yet; messages wait until it is.")
