package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// descriptorTimeout is how long a plugin may leave its descriptor channel full.
const descriptorTimeout = 2 * time.Second

// Conn is the connection to one running plugin.
type Conn struct {
	o       Options
	life    context.Context
	stream  contractv1.Plugin_AttachClient
	cancel  context.CancelCauseFunc
	sender  *flow.Sender[*contractv1.HostFrame]
	process *process
	ready   *contractv1.Ready
	first   []*contractv1.PluginFrame        // came with Ready
	ended   func(grace time.Duration) string // kills the process and says how it ended
	grants  map[string]bool
	window  *flow.Window  // of handle 0
	free    *rate.Limiter // of frames that cost no credit

	sink sync.Mutex // one call of the sink at a time

	mu       sync.Mutex
	sessions map[uint32]*session
	calls    map[uint64]uint32    // open host calls with their session
	asked    map[string]time.Time // commands and network calls that wait for a reply
	pong     uint64
	closing  bool
	grace    time.Time // when Close kills
	err      error
	stop     chan struct{} // closed by Close
	done     chan struct{}
}

// session is a handle that is open in the plugin.
type session struct {
	window  *flow.Window
	shows   *rate.Limiter
	ready   bool // the plugin said so; only the reader looks
	closing bool // the host sent Close
}

// showBurst: with a window of credit a conforming plugin's shows may arrive
// together after the host was busy; more than that is a flood.
const showBurst = contractv1.WindowMessages + contractv1.MaxShows

// Frames without credit: far more than a conforming plugin sends. A flood is
// slowed down, not ended: the plugin feels it, the host and its other plugins
// do not.
const (
	freeFrames = 20_000 // a second
	freeBurst  = 40_000
)

// maxSessions bounds the handles open at once.
const maxSessions = 4096

func newConn(o Options, life context.Context, cancel context.CancelCauseFunc, stream contractv1.Plugin_AttachClient,
	ready *contractv1.Ready, first []*contractv1.PluginFrame, ended func(time.Duration) string) *Conn {
	if o.PingEvery <= 0 {
		o.PingEvery = contractv1.PingEvery
	}
	if o.PingTimeout <= 0 {
		o.PingTimeout = contractv1.PingTimeout
	}
	c := &Conn{o: o, life: life, stream: stream, cancel: cancel, ready: ready, first: first, ended: ended,
		grants: map[string]bool{}, window: flow.NewWindow(), free: rate.NewLimiter(freeFrames, freeBurst), sessions: map[uint32]*session{},
		calls: map[uint64]uint32{}, asked: map[string]time.Time{},
		stop: make(chan struct{}), done: make(chan struct{})}
	for _, g := range o.Grants {
		c.grants[g] = true
	}
	c.sender = flow.NewSender(func(frames []*contractv1.HostFrame) error {
		return flow.Send(stream, hostBatch, frames, func(f *contractv1.HostFrame, err error) {
			o.Log.Error("a frame could not be encoded", "plugin", o.ID, "session", f.GetSession(), "error", err)
		})
	}, flow.Options{Keep: true})
	c.sender.Open(0)
	return c
}

func hostBatch(frames []*contractv1.HostFrame) proto.Message {
	return &contractv1.HostBatch{Frames: frames}
}

// begin tells that the plugin is up and lets everything run.
func (c *Conn) begin() *Conn {
	if c.o.Up != nil {
		c.o.Up(c)
	}
	c.sink.Lock()
	c.o.Sink.PluginUp(c.o.ID, c.ready)
	c.sink.Unlock()
	go c.run()
	return c
}

// run owns everything of the connection and ends it.
func (c *Conn) run() {
	var workers sync.WaitGroup
	reading := make(chan struct{})
	workers.Go(func() { _ = c.sender.Run() })
	workers.Go(func() { c.ping(reading) })
	workers.Go(func() { c.watchStop(reading) })
	err := c.read()
	close(reading)

	c.mu.Lock()
	grace := 500 * time.Millisecond // a process that crashed is gone by then; it tells how
	if c.closing {
		grace = time.Until(c.grace)
	}
	closing := c.closing
	c.closing = true
	c.mu.Unlock()
	c.sender.Close()
	var broken *ContractError
	if errors.As(err, &broken) || errors.Is(err, errSilent) {
		grace = 0
	}
	c.cancel(io.EOF)
	reason := c.ended(grace)
	workers.Wait()
	if closing {
		err = nil
	} else if broken == nil && !errors.Is(err, errSilent) {
		err = &EndedError{c.o.ID, endReason(reason, err)}
	}
	c.mu.Lock()
	c.err = err
	c.mu.Unlock()
	c.sink.Lock()
	c.o.Sink.PluginDown(c.o.ID, err)
	c.sink.Unlock()
	close(c.done)
}

func endReason(process string, err error) string {
	if process != "" {
		return process
	}
	if err == nil || errors.Is(err, io.EOF) {
		return "it closed its connection"
	}
	if s, ok := status.FromError(err); ok {
		return s.Message()
	}
	return err.Error()
}

// read handles frames until the stream ends.
func (c *Conn) read() error {
	if err := flow.Each(c.first, c.frame); err != nil {
		return c.broke(err)
	}
	for {
		b, err := c.stream.Recv()
		if err != nil {
			if cause := context.Cause(c.life); errors.Is(cause, errSilent) {
				return cause
			}
			return err
		}
		if err := flow.Each(b.GetFrames(), c.frame); err != nil {
			return c.broke(err)
		}
	}
}

func (c *Conn) broke(err error) error {
	var e *ContractError
	if cause := context.Cause(c.life); errors.As(err, &e) || cause != nil && err == cause {
		return err
	}
	return &ContractError{c.o.ID, err.Error()}
}

// watchStop ends the reading when a plugin that was asked to stop does not.
func (c *Conn) watchStop(reading <-chan struct{}) {
	select {
	case <-reading:
		return
	case <-c.stop:
	}
	c.mu.Lock()
	left := time.Until(c.grace)
	c.mu.Unlock()
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-reading:
	case <-t.C:
		c.cancel(io.EOF)
	}
}

// SendDescriptor passes a descriptor under a token. The file stays the caller's.
func (c *Conn) SendDescriptor(token []byte, f *os.File) error {
	if len(token) == 0 || len(token) > 64 {
		return fmt.Errorf("a descriptor's token has 1 to 64 bytes, not %d", len(token))
	}
	if c.process == nil || c.process.descriptors == nil {
		return errors.ErrUnsupported
	}
	if err := sendDescriptor(c.process.descriptors, token, f, descriptorTimeout); err != nil {
		return fmt.Errorf("pass a descriptor to %s: %w", c.o.ID, err)
	}
	return nil
}

// PID is the plugin's process id.
func (c *Conn) PID() int {
	if c.process == nil {
		return 0
	}
	return c.process.pid()
}

// Ready is the plugin's answer to Hello.
func (c *Conn) Ready() *contractv1.Ready { return c.ready }

// Close asks the plugin to stop, waits up to grace, then kills it. When it
// returns, the process is gone and PluginDown was called; when the context ends
// earlier, the process is killed at once.
func (c *Conn) Close(ctx context.Context, grace time.Duration) {
	c.mu.Lock()
	if !c.closing {
		c.closing = true
		c.grace = time.Now().Add(grace)
		close(c.stop)
		_ = c.sender.Control(&contractv1.HostFrame{Body: &contractv1.HostFrame_Stop{
			Stop: &contractv1.Stop{GraceMs: uint32(max(grace.Milliseconds(), 1))}}})
	}
	c.mu.Unlock()
	select {
	case <-c.done:
		return
	case <-ctx.Done():
	}
	if c.process != nil {
		_ = c.process.Kill(context.Background())
	}
	<-c.done
}

// Done is closed when the process is gone and PluginDown was called.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err says why the connection ended: nil after Close, else a sentence that
// names the reason. Valid after Done.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

var errSilent = errors.New("silent")

// silentError ends the connection of a plugin that does not answer pings.
type silentError struct{ id string }

// Error names the plugin.
func (e *silentError) Error() string { return "The plugin " + e.id + " does not answer." }

// Is marks it.
func (*silentError) Is(target error) bool { return target == errSilent }

// ping asks now and then whether the plugin's reader is alive.
func (c *Conn) ping(reading <-chan struct{}) {
	t := time.NewTimer(c.o.PingEvery)
	defer t.Stop()
	for nonce := uint64(1); ; nonce++ {
		select {
		case <-reading:
			return
		case <-t.C:
		}
		if c.sender.Control(&contractv1.HostFrame{Body: &contractv1.HostFrame_Ping{Ping: &contractv1.Ping{Nonce: nonce}}}) != nil {
			return
		}
		t.Reset(c.o.PingTimeout)
		select {
		case <-reading:
			return
		case <-t.C:
		}
		c.mu.Lock()
		answered := c.pong == nonce
		c.mu.Unlock()
		if !answered {
			c.cancel(&silentError{c.o.ID})
			return
		}
		t.Reset(c.o.PingEvery)
	}
}
