package sdktest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// process is one start of the plugin on a device: its server and the host's end
// of the stream.
type process struct {
	server *sdk.Server
	grpc   *grpc.Server
	client *grpc.ClientConn
	stream contractv1.Plugin_AttachClient
	cancel context.CancelFunc
	sender *flow.Sender[*contractv1.HostFrame]
	window *flow.Window
	served chan struct{}
	wrote  chan struct{}

	received atomic.Uint64
}

// startProcess serves the plugin on a socket of its own and attaches to it.
func startProcess(d *Device) (*process, error) {
	const token = "room"
	path := filepath.Join(d.dir, fmt.Sprintf(".socket-%d", d.starts))
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	self := grpc.Creds(flow.Peer(os.Getpid))
	p := &process{window: flow.NewWindow(), served: make(chan struct{}), wrote: make(chan struct{})}
	p.server = sdk.NewServer(d.room.o.Plugin(), sdk.ServerOptions{Token: token, Log: d.room.o.Log.Named(d.name())})
	p.grpc = grpc.NewServer(self, grpc.MaxRecvMsgSize(flow.MaxMessage))
	contractv1.RegisterPluginServer(p.grpc, p.server)
	go func() {
		defer close(p.served)
		_ = p.grpc.Serve(l)
	}()
	p.client, err = grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(flow.Peer(os.Getpid)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(flow.MaxMessage)))
	if err != nil {
		p.grpc.Stop()
		<-p.served
		return nil, err
	}
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(context.Background(), contractv1.TokenMetadata, token))
	p.cancel = cancel
	close(p.wrote)
	if err := p.hello(ctx, d); err != nil {
		p.end()
		return nil, err
	}
	p.sender = flow.NewSender(func(frames []*contractv1.HostFrame) error {
		return p.stream.Send(&contractv1.HostBatch{Frames: frames})
	}, flow.Options{Keep: true})
	p.sender.Open(handle)
	p.wrote = make(chan struct{})
	go func() {
		defer close(p.wrote)
		_ = p.sender.Run()
	}()
	return p, nil
}

// hello greets and waits for the answer.
func (p *process) hello(ctx context.Context, d *Device) (err error) {
	if p.stream, err = contractv1.NewPluginClient(p.client).Attach(ctx); err != nil {
		return err
	}
	hello := &contractv1.Hello{Contract: contractv1.Contract, HostVersion: "room", PluginId: d.room.o.ID,
		DataDir: d.dir, Locale: "en", Grants: d.room.o.Grants}
	for k, v := range d.room.o.Settings {
		hello.Settings = append(hello.Settings, &contractv1.SettingValue{Key: k, Value: v})
	}
	_ = p.stream.Send(&contractv1.HostBatch{Frames: []*contractv1.HostFrame{{Body: &contractv1.HostFrame_Hello{Hello: hello}}}})
	b, err := p.stream.Recv()
	if err != nil {
		return err
	}
	if len(b.GetFrames()) == 0 || b.GetFrames()[0].GetReady() == nil {
		return errors.New("the first frame is not ready")
	}
	p.received.Add(uint64(len(b.GetFrames())))
	return nil
}

// kill cuts the stream, from any goroutine.
func (p *process) kill() { p.cancel() }

// end takes everything down and waits for it. The plugin's code sees cancelled
// contexts; one that ignores them is left behind, as it cannot be killed here.
func (p *process) end() {
	p.cancel()
	if p.sender != nil {
		p.sender.Close()
	}
	p.grpc.Stop()
	<-p.served
	<-p.wrote
	_ = p.client.Close()
	select {
	case <-p.server.Done():
	case <-time.After(2 * contractv1.StopGrace):
	}
}

// quiet: nothing is on its way in either direction.
func (p *process) quiet() bool {
	if p == nil || p.sender == nil {
		return false
	}
	in, out, idle := p.server.Quiet()
	written, empty := p.sender.Quiet()
	return idle && empty && in == written+1 && out == p.received.Load() // hello is not the sender's
}

// run keeps the plugin running until the room closes. It is the device's
// goroutine.
func (d *Device) run() {
	r := d.room
	for failures := 0; ; {
		r.mu.Lock()
		closed, held, changed := r.closed, d.held || r.ended != nil, r.changed
		d.starts++
		r.mu.Unlock()
		if closed {
			return
		}
		if held {
			<-changed
			continue
		}
		p, err := startProcess(d)
		if err != nil {
			if failures++; failures > 20 {
				r.t.Errorf("sdktest: the plugin of %s does not start: %v", d.name(), err)
				d.setFault(err.Error())
				return
			}
			continue
		}
		failures = 0
		d.serve(p)
	}
}

func (d *Device) setFault(text string) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.fault = text
	d.room.touch()
}

// serve handles one start of the plugin to its end.
func (d *Device) serve(p *process) {
	r := d.room
	r.mu.Lock()
	d.proc, d.ready, d.caught, d.fault = p, false, false, ""
	d.backlog, d.full, d.compact, d.lists = nil, nil, nil, map[string]*list{}
	d.arm()
	_ = p.sender.Control(&contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Open{Open: d.open()}})
	if r.closed || d.held {
		p.kill()
	}
	r.mu.Unlock()
	for {
		b, err := p.stream.Recv()
		if err != nil {
			break
		}
		if err := flow.Each(b.GetFrames(), func(f *contractv1.PluginFrame, size int) error { return d.take(p, f, size) }); err != nil {
			// A process that has ended cannot be answered, as it cannot be heard.
			if !errors.Is(err, errKilled) && !errors.Is(err, flow.ErrClosed) {
				r.t.Errorf("sdktest: %s: the plugin broke the contract: %v", d.name(), err)
			}
			break
		}
	}
	r.mu.Lock()
	d.proc, d.ready = nil, false
	r.touch()
	r.mu.Unlock()
	p.end()
}

// open describes the session as it stands. Called with the lock held.
func (d *Device) open() *contractv1.SessionOpen {
	r := d.room
	conversation := &contractv1.Conversation{Id: "room", Kind: contractv1.Conversation_DIRECT, Title: "Room"}
	if len(r.o.People) == 1 {
		conversation.Kind = contractv1.Conversation_SELF
	} else if len(r.o.People) > 2 {
		conversation.Kind = contractv1.Conversation_GROUP
	}
	if r.o.Group != "" {
		conversation.Kind, conversation.Title, conversation.ReadOnly = contractv1.Conversation_GROUP, r.group, r.readOnly(d)
	}
	open := &contractv1.SessionOpen{Conversation: conversation, SessionId: r.o.ID, Protocol: uint32(r.o.Protocol),
		Standing: r.o.Offer == nil, Solo: len(r.o.People) == 1, Mine: d.person == r.o.People[0], Offer: r.o.Offer,
		Self: &contractv1.Person{Address: d.address(), Name: d.person}, SelfDevice: d.device(), Pending: d.outbox}
	for _, p := range r.o.People {
		if r.o.Group != "" && r.members[p+"@room"] != contractv1.Member_JOINED {
			continue
		}
		conversation.Members = append(conversation.Members, &contractv1.Person{Address: p + "@room", Name: p})
		open.Members = append(open.Members, &contractv1.Member{Address: p + "@room", State: r.members[p+"@room"], Device: p + "-0"})
	}
	for _, v := range r.states {
		if d.mayKnow(v) {
			open.State = append(open.State, v)
		}
	}
	return open
}
