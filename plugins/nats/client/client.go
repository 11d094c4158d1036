// Package client is a device's side of the default network: it signs in, stays
// signed in, catches up what was missed and turns what arrives into events of
// the contract. It owns connections and nothing on a disk: cursors are the
// host's, the account is the caller's. It knows the server only through
// package wire.
package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Options of a client.
type Options struct {
	Account *Account // who signs in
	Dial    Dialer   // makes every connection
	// Where gives the server's addresses before every try; nil takes the account's.
	Where func(ctx context.Context) (Places, error)
	// Emit takes events, in order; it may wait. An error ends the client.
	Emit func(ctx context.Context, e *contractv1.NetEvent) error
	// Record is told the signed record of the network's addresses that the server
	// shows. An error means that the server is an older copy of the network,
	// which is left alone.
	Record func(record []byte) error
	// Found is told that a server was reached and signed in at.
	Found func()
	// Learned is told the addresses that the server itself names.
	Learned func(addresses []string)
	Log     hclog.Logger
}

// Places is where a server may be.
type Places struct {
	// Addresses are tried in this order: host:port.
	Addresses []string
	// Hints are those among them that only an announcement nearby names, which
	// anybody can make: another key there says nothing about the network.
	Hints []string
}

// Client is one signed-in device.
type Client struct {
	o  Options
	id identity

	mu       sync.Mutex
	online   *online
	have     map[string]int64 // newest sequence given to the host, by conversation
	complete uint64           // everything up to here was given to the host
	presence *contractv1.SetPresence
	set      bool // the person changed the presence while away

	poked  chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
}

// Back-off between tries.
const (
	firstRetry = 150 * time.Millisecond
	maxRetry   = 15 * time.Second
	steady     = 10 * time.Second // online this long: begin again with short waits
)

// SignIn goes online and stays so until SignOut. Cursors say what the host has.
func SignIn(o Options, cursors []*contractv1.Cursor, presence *contractv1.SetPresence) (*Client, error) {
	id, err := newIdentity(o.Account.Seed)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{
		o: o, id: id, have: make(map[string]int64), poked: make(chan struct{}, 1),
		cancel: cancel, done: make(chan struct{}),
	}
	for _, cur := range cursors {
		c.have[cur.Conversation] = cur.Seq
	}
	if presence != nil {
		c.presence = proto.Clone(presence).(*contractv1.SetPresence)
	}
	go func() {
		defer close(c.done)
		defer cancel()
		c.run(ctx)
	}()
	return c, nil
}

// SignOut leaves the network; contacts see it at once.
func (c *Client) SignOut(ctx context.Context) {
	if o := c.current(); o != nil {
		o.bye()
	}
	c.cancel()
	select {
	case <-c.done:
	case <-ctx.Done():
	}
}

// Poke ends a wait for the next try.
func (c *Client) Poke() {
	select {
	case c.poked <- struct{}{}:
	default:
	}
}

func (c *Client) current() *online {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.online
}

func (c *Client) use(o *online) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.online = o
}

// run tries again and again until it is told to stop or trying is no use.
func (c *Client) run(ctx context.Context) {
	wait := firstRetry
	for ctx.Err() == nil {
		c.tell(ctx, contractv1.ConnectionChanged_CONNECTING, "", 0)
		began := time.Now()
		err := c.once(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > steady {
			wait = firstRetry
		}
		state, detail := c.explain(ctx, err)
		if state == contractv1.ConnectionChanged_REFUSED {
			c.tell(ctx, state, detail, 0)
			c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_SignedOut{SignedOut: &contractv1.SignedOut{Reason: detail}}})
			return
		}
		if ctx.Err() != nil {
			break
		}
		pause := wait/2 + rand.N(wait/2+1)
		c.tell(ctx, state, detail, time.Now().Add(pause).UnixMilli())
		c.rest(ctx, pause)
		wait = min(2*wait, maxRetry)
	}
	last, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.tell(last, contractv1.ConnectionChanged_OFFLINE, "Signed out.", 0)
}

// rest waits, or not, when somebody wants something. Whoever asks again and
// again still leaves the server a moment.
func (c *Client) rest(ctx context.Context, pause time.Duration) {
	least := time.NewTimer(min(pause, firstRetry))
	defer least.Stop()
	select {
	case <-least.C:
	case <-ctx.Done():
		return
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.poked:
	case <-ctx.Done():
	}
}

// once connects and serves the connection until it ends.
func (c *Client) once(ctx context.Context) error {
	at := Places{Addresses: c.o.Account.Addresses}
	if c.o.Where != nil {
		var err error
		if at, err = c.o.Where(ctx); err != nil {
			return err
		}
	}
	o, err := newOnline(ctx, c, at)
	if err != nil {
		return err
	}
	defer o.close()
	c.use(o)
	defer c.use(nil)
	return o.serve(ctx)
}

// explain turns the end of a connection into what the person is told. A server
// that does not admit the device is asked why, on a connection that can do
// nothing else.
func (c *Client) explain(ctx context.Context, err error) (contractv1.ConnectionChanged_State, string) {
	switch {
	case errors.Is(err, wire.ErrWrongKey):
		return contractv1.ConnectionChanged_WRONG_KEY,
			"The server shows another key than the network's; nothing was sent to it. Ask whoever runs the network."
	case errors.Is(err, errNotAdmitted):
		link := wire.Link{Addresses: c.o.Account.Addresses, Network: c.o.Account.Network, Key: c.o.Account.Key}
		if c.o.Where != nil {
			if a, e := c.o.Where(ctx); e == nil {
				link.Addresses = a.Addresses
			}
		}
		_, why := Register(ctx, c.o.Dial, link, c.o.Account.Seed, wire.Register{Op: wire.RegisterWho})
		var e *wire.Error
		if errors.As(why, &e) && (e.Code == contractv1.Error_REFUSED || e.Code == contractv1.Error_NOT_FOUND) {
			return contractv1.ConnectionChanged_REFUSED, e.Message
		}
		if e != nil && e.Code == contractv1.Error_UNAVAILABLE {
			return contractv1.ConnectionChanged_OFFLINE, e.Message
		}
		return contractv1.ConnectionChanged_OFFLINE, "The server does not admit this device at the moment."
	case err == nil:
		return contractv1.ConnectionChanged_OFFLINE, "The connection was lost; messages will wait."
	}
	var e *wire.Error
	if errors.As(err, &e) {
		return contractv1.ConnectionChanged_OFFLINE, e.Message
	}
	return contractv1.ConnectionChanged_OFFLINE, "The connection was lost (" + err.Error() + "); messages will wait."
}

func (c *Client) tell(ctx context.Context, s contractv1.ConnectionChanged_State, detail string, retryMS int64) {
	c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Connection{Connection: &contractv1.ConnectionChanged{
		State: s, Detail: detail, RetryMs: retryMS}}})
}

func (c *Client) emit(ctx context.Context, e *contractv1.NetEvent) error {
	err := c.o.Emit(ctx, e)
	if err != nil && ctx.Err() == nil {
		c.o.Log.Debug("the host takes no events", "error", err)
	}
	return err
}

// position is how far the host has a conversation.
func (c *Client) position(conversation string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.have[conversation]
}

func (c *Client) advance(conversation string, seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.have[conversation] = max(c.have[conversation], seq)
}
