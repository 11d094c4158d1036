package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// arrivals is how many messages may wait for the host. More are dropped by the
// library and then noticed and fetched.
const arrivals = 4096

// online is one connection from sign-in to its end.
type online struct {
	c  *Client
	nc *nats.Conn

	in    chan *nats.Msg
	rooms string      // how the subjects of groups' entries begin
	lost  atomic.Bool // something was dropped: look again
	end   chan struct{}
	once  sync.Once

	mu      sync.Mutex
	prefix  string
	counter uint64
	waiting map[string]chan *nats.Msg
}

func newOnline(ctx context.Context, c *Client, at Places) (*online, error) {
	o := &online{
		c: c, in: make(chan *nats.Msg, arrivals), end: make(chan struct{}),
		rooms:  wire.RoomSubject(c.o.Account.User, ""),
		prefix: rand.Text()[:12], waiting: make(map[string]chan *nats.Msg),
	}
	a := c.o.Account
	nc, err := connect(ctx, c.o.Dial, at, a.Key, c.id, false, func(err error) {
		o.lost.Store(true)
		c.o.Log.Debug("connection", "error", err)
	})
	if err != nil {
		return nil, err
	}
	o.nc = nc
	nc.SetClosedHandler(func(*nats.Conn) { o.once.Do(func() { close(o.end) }) })
	if nc.IsClosed() { // before the handler was there
		o.once.Do(func() { close(o.end) })
	}
	if err := o.listen(a.User, a.Device); err != nil {
		nc.Close()
		return nil, err
	}
	return o, nil
}

func (o *online) listen(user, device string) error {
	if _, err := o.nc.Subscribe(wire.AnswerSubject(user, device, "*"), o.answered); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for _, s := range []string{
		wire.LiveSubject(user, "*"), wire.LiveSubject("*", user),
		wire.RoomSubject(user, "*"), wire.PushSubject(user, "*"), wire.PresenceSubject(user, "*"), wire.EphemeralSubject(user, "*", "*"),
	} {
		if _, err := o.nc.ChanSubscribe(s, o.in); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	if err := o.nc.FlushTimeout(connectTimeout); err != nil {
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "The server does not answer (%v).", err)
	}
	return nil
}

func (o *online) close() {
	o.nc.Close()
	o.once.Do(func() { close(o.end) })
}

// bye tells the server that this device leaves on purpose.
func (o *online) bye() {
	a := o.c.o.Account
	if err := o.nc.Publish(wire.DirSubject(wire.OpBye, a.User, a.Device), nil); err == nil {
		_ = o.nc.FlushTimeout(500 * time.Millisecond)
	}
}

func (o *online) answered(m *nats.Msg) {
	t := m.Subject[len(wire.AnswerSubject(o.c.o.Account.User, o.c.o.Account.Device, "")):]
	o.mu.Lock()
	ch := o.waiting[t]
	delete(o.waiting, t)
	o.mu.Unlock()
	if ch != nil {
		ch <- m
	}
}

// requestTimeout bounds a request whose caller named no deadline.
const requestTimeout = 10 * time.Second

var errOffline = wire.Errorf(contractv1.Error_UNAVAILABLE, "The network cannot be reached at the moment.")

// request asks a service and waits for its answer.
func (o *online) request(ctx context.Context, subject string, data []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	ch := make(chan *nats.Msg, 1)
	o.mu.Lock()
	o.counter++
	token := o.prefix + strconv.FormatUint(o.counter, 36)
	o.waiting[token] = ch
	o.mu.Unlock()
	defer func() {
		o.mu.Lock()
		delete(o.waiting, token)
		o.mu.Unlock()
	}()
	m := nats.NewMsg(subject)
	m.Data = data
	m.Header.Set(wire.HeaderRequest, token)
	if err := o.nc.PublishMsg(m); err != nil {
		return nil, errOffline
	}
	select {
	case got := <-ch:
		return got, answerError(got)
	case <-o.end:
		return nil, errOffline
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, wire.Errorf(contractv1.Error_DEADLINE, "The server does not answer in time.")
		}
		return nil, ctx.Err()
	}
}

// directory asks the directory; in and out may be nil.
func (o *online) directory(ctx context.Context, op string, in, out proto.Message) error {
	var data []byte
	if in != nil {
		var err error
		if data, err = proto.Marshal(in); err != nil {
			return fmt.Errorf("ask the directory: %w", err)
		}
	}
	a := o.c.o.Account
	m, err := o.request(ctx, wire.DirSubject(op, a.User, a.Device), data)
	if err != nil || out == nil {
		return err
	}
	if err := proto.Unmarshal(m.Data, out); err != nil {
		return fmt.Errorf("the server's answer is malformed: %w", err)
	}
	return nil
}

// ask is directory with words of our own.
func (o *online) ask(ctx context.Context, subject string, in any) (*nats.Msg, error) {
	data, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	return o.request(ctx, subject, data)
}

// serve catches up, reports connected and passes on what arrives.
func (o *online) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := o.announce(ctx); err != nil {
		return err
	}
	// Groups come first: their entries are about something that the host knows.
	if err := o.groups(ctx); err != nil {
		return err
	}
	if err := o.catchUp(ctx); err != nil {
		return err
	}
	if err := o.snapshot(ctx); err != nil {
		return err
	}
	o.c.tell(ctx, contractv1.ConnectionChanged_CONNECTED, "", 0)
	return o.pump(ctx)
}

func (o *online) announce(ctx context.Context) error {
	c := o.c
	c.mu.Lock()
	p, set := c.presence, c.set
	c.mu.Unlock()
	a := wire.Announce{Status: int32(p.GetStatus()), Text: p.GetText(), Capabilities: p.GetCapabilities(), Set: set, Idle: p.GetIdle()}
	m, err := o.ask(ctx, wire.DirSubject(wire.OpAnnounce, c.o.Account.User, c.o.Account.Device), a)
	if err != nil {
		return err
	}
	var w wire.Welcome
	if err := json.Unmarshal(m.Data, &w); err != nil {
		return fmt.Errorf("the server's answer is malformed: %w", err)
	}
	if c.o.Found != nil {
		c.o.Found()
	}
	if c.o.Record != nil && len(w.Record) > 0 {
		if err := c.o.Record(w.Record); err != nil {
			return err
		}
	}
	c.mu.Lock()
	if c.presence == p {
		c.set = false
	}
	c.mu.Unlock()
	if c.o.Learned != nil && len(w.Addresses) > 0 {
		c.o.Learned(w.Addresses)
	}
	if err := c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Info{Info: &contractv1.NetworkInfo{
		Name: w.Network, Key: wire.PrintKey(c.o.Account.Key), RetentionS: w.RetentionS,
		ServerTimeMs: w.TimeMS, Address: c.o.Account.Address(), BlobQuota: w.BlobQuota, BlobUsed: w.BlobUsed, Avatar: w.Avatar, Recovery: w.Recovery,
	}}}); err != nil {
		return err
	}
	return c.emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_Presence{Presence: &contractv1.PresenceChange{
		Address: c.o.Account.Address(), Status: contractv1.SetPresence_Status(w.Status), Text: w.Text,
		Capabilities: p.GetCapabilities(), Mine: true,
	}}})
}
