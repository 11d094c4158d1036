package sdk

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"switchboard/sdk/internal/link"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// ServerOptions are what a Server needs beside the plugin.
type ServerOptions struct {
	// Token that the host has to show.
	Token string
	// Version of the plugin, told to the host.
	Version string
	Log     hclog.Logger
	// Descriptors is the channel on which descriptors arrive; nil for none.
	Descriptors *link.Descriptors
}

// Server is the service that Main serves. It is exported for sdktest, which
// serves it without a process of its own.
type Server struct {
	contractv1.UnimplementedPluginServer
	plugin   Plugin
	options  ServerOptions
	attached atomic.Bool
	current  atomic.Pointer[attachment]
	done     chan struct{}
}

// NewServer makes the service of a plugin. It serves one host.
func NewServer(p Plugin, o ServerOptions) *Server {
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	return &Server{plugin: p, options: o, done: make(chan struct{})}
}

// Done is closed when the host has gone and everything was stopped.
func (v *Server) Done() <-chan struct{} { return v.done }

// Attach serves the stream.
func (v *Server) Attach(stream contractv1.Plugin_AttachServer) error {
	md, _ := metadata.FromIncomingContext(stream.Context())
	token := md.Get(contractv1.TokenMetadata)
	if len(token) != 1 || subtle.ConstantTimeCompare([]byte(token[0]), []byte(v.options.Token)) != 1 {
		return status.Error(codes.Unauthenticated, "the launch token is wrong")
	}
	if !v.attached.CompareAndSwap(false, true) {
		return status.Error(codes.FailedPrecondition, "a host is attached already")
	}
	defer close(v.done)
	a, err := v.attach(stream)
	if err != nil {
		return err
	}
	v.current.Store(a)
	return a.serve()
}

// Quiet is for sdktest: how many frames of the host were taken in, how many
// were written to it, and whether nothing waits or runs in between.
func (v *Server) Quiet() (received, written uint64, quiet bool) {
	a := v.current.Load()
	if a == nil {
		return 0, 0, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	quiet = true
	for _, s := range a.sessions {
		quiet = quiet && s.quiet()
	}
	written, empty := a.host.link.Quiet()
	return a.received.Load(), written, quiet && empty && len(a.places) == 0
}

// attach reads Hello.
func (v *Server) attach(stream contractv1.Plugin_AttachServer) (*attachment, error) {
	// Hello comes alone or first of its batch.
	first, err := stream.Recv()
	if err != nil {
		return nil, fmt.Errorf("wait for hello: %w", err)
	}
	if len(first.GetFrames()) == 0 || first.GetFrames()[0].GetHello() == nil {
		return nil, status.Error(codes.InvalidArgument, "the first frame is not hello")
	}
	hello := first.GetFrames()[0].GetHello()
	if hello.GetContract() != contractv1.Contract {
		return nil, status.Errorf(codes.FailedPrecondition, "the host speaks contract %d, this plugin %d", hello.GetContract(), contractv1.Contract)
	}
	ctx, cancel := context.WithCancel(stream.Context())
	a := &attachment{plugin: v.plugin, options: v.options, stream: stream, ctx: ctx, cancel: cancel,
		sessions: map[uint32]*Session{}, places: make(chan struct{}, contractv1.MaxOpenCalls),
		first: first.GetFrames()[1:], stop: make(chan struct{})}
	l := link.New(func(frames []*contractv1.PluginFrame) error {
		return flow.Send(stream, pluginBatch, frames, func(f *contractv1.PluginFrame, err error) {
			v.options.Log.Error("a frame could not be encoded", "session", f.GetSession(), "error", err)
		})
	}, v.options.Descriptors)
	a.host = newHost(l, hello, v.options.Log)
	return a, nil
}

func pluginBatch(frames []*contractv1.PluginFrame) proto.Message {
	return &contractv1.PluginBatch{Frames: frames}
}

// attachment is one host's stream with all that runs on it.
type attachment struct {
	plugin  Plugin
	options ServerOptions
	stream  contractv1.Plugin_AttachServer
	host    *Host
	ctx     context.Context
	cancel  context.CancelFunc
	first   []*contractv1.HostFrame // came with Hello
	places  chan struct{}           // one for each plugin-scoped call that runs

	received  atomic.Uint64
	searching atomic.Int32

	mu       sync.Mutex
	sessions map[uint32]*Session
	running  sync.WaitGroup
	stopping bool
	stop     chan struct{}
	grace    time.Duration
}

// netCaller is a network plugin, as sdk/network adapts it.
type netCaller interface {
	NetStart(ctx context.Context, h *Host) error
	NetCall(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error)
}

// serve runs everything until the host goes or asks to stop.
func (a *attachment) serve() error {
	var workers sync.WaitGroup
	workers.Go(func() { _ = a.host.link.Run(); a.cancel() })
	workers.Go(func() { a.host.tell(a.ctx) })
	err := a.start()
	if err == nil {
		err = a.read()
	}
	a.finish()
	a.cancel()
	workers.Wait()
	return err
}

// start calls Starter and answers Hello.
func (a *attachment) start() error {
	if q, ok := a.plugin.(Starter); ok {
		ctx, cancel := context.WithTimeout(a.ctx, contractv1.ReadyTimeout)
		defer cancel()
		if err := protect(func() error { return q.Start(ctx, a.host) }); err != nil {
			a.logFailure("start failed", err)
			return status.Errorf(codes.Aborted, "the plugin could not start: %v", err)
		}
	}
	ready := &contractv1.Ready{Contract: contractv1.Contract, PluginId: a.host.PluginID(), Version: a.options.Version}
	if err := a.host.link.Ready(ready); err != nil {
		return fmt.Errorf("answer hello: %w", err)
	}
	return nil
}

func (a *attachment) logFailure(what string, err error) {
	var p *panicError
	if errors.As(err, &p) {
		a.options.Log.Error(what, "panic", p.Error(), "stack", string(p.stack))
		return
	}
	a.options.Log.Error(what, "error", err)
}

// read handles frames until the stream ends or a Stop comes. The reading itself
// is done beside it, so that a Stop is obeyed while the host is silent.
func (a *attachment) read() error {
	result := make(chan error, 1)
	if n, ok := a.plugin.(netCaller); ok {
		a.running.Go(func() {
			if err := protect(func() error { return n.NetStart(a.ctx, a.host) }); err != nil && a.ctx.Err() == nil {
				a.logFailure("start failed", err)
				a.beginStop(0)
			}
		})
	}
	go func() { result <- a.receive() }() // ends with the stream, at the latest when Attach returns
	select {
	case err := <-result:
		if errors.Is(err, io.EOF) || a.ctx.Err() != nil {
			return nil
		}
		a.options.Log.Error("the stream ended", "error", err)
		a.cancel() // nothing said from here on would be heard
		return err
	case <-a.stop:
		return nil
	}
}

func (a *attachment) receive() error {
	a.received.Add(1) // hello
	if err := flow.Each(a.first, a.frame); err != nil {
		return err
	}
	a.received.Add(uint64(len(a.first)))
	for {
		b, err := a.stream.Recv()
		if err != nil {
			return err
		}
		if err := flow.Each(b.GetFrames(), a.frame); err != nil {
			return status.Error(codes.InvalidArgument, err.Error())
		}
		a.received.Add(uint64(len(b.GetFrames())))
	}
}

// beginStop ends read with the time that is left for stopping.
func (a *attachment) beginStop(grace time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stopping {
		return
	}
	a.stopping = true
	a.grace = grace
	close(a.stop)
}

// finish ends sessions and calls, then the plugin, each with its share of time.
func (a *attachment) finish() {
	a.mu.Lock()
	a.stopping = true
	grace := a.grace
	if grace <= 0 || grace > contractv1.StopGrace {
		grace = contractv1.StopGrace
	}
	for _, s := range a.sessions {
		s.close(contractv1.SessionClose_STOPPING)
	}
	a.mu.Unlock()

	limit := time.AfterFunc(grace/2, a.cancel)
	defer limit.Stop()
	waited := make(chan struct{})
	go func() { // ends when the plugin's code returns; a plugin that never does is killed with its process
		a.running.Wait()
		close(waited)
	}()
	select {
	case <-waited:
	case <-time.After(grace * 3 / 4):
		a.options.Log.Warn("sessions did not end in time")
	}
	if q, ok := a.plugin.(Stopper); ok {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), max(grace/2, 100*time.Millisecond))
		defer cancel()
		if err := protect(func() error { return q.Stop(ctx) }); err != nil {
			a.logFailure("stop failed", err)
		}
	}
	a.host.link.Shutdown()
}
