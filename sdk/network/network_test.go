package network

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plugin starts slowly, as one that dials first, and answers by its kind of call.
type plugin struct {
	h       *Host
	stopped chan struct{}
}

func (p *plugin) Start(ctx context.Context, h *Host) error {
	p.h = h
	_, _, err := h.Secret(ctx, "key") // the host can be asked already
	if err == nil {
		return errors.New("a secret without a grant")
	}
	return nil
}

func (p *plugin) Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	switch c.GetCall().(type) {
	case *contractv1.NetCall_SignIn:
		for range 3 * contractv1.WindowMessages { // far beyond the window: it waits for room
			if err := p.h.Emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_SignedOut{SignedOut: &contractv1.SignedOut{}}}); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case *contractv1.NetCall_SignOut:
		return nil, Errorf(contractv1.Error_TAKEN, "That name is taken.")
	case *contractv1.NetCall_Devices:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	panic("unexpected")
}

func (p *plugin) Stop(context.Context) error { close(p.stopped); return nil }

// TestCalls: answers, errors with codes, deadlines, panics, and events under
// credit.
func TestCalls(t *testing.T) {
	p := &plugin{stopped: make(chan struct{})}
	s := serve(t, p)
	send := func(f ...*contractv1.HostFrame) { _ = s.Send(&contractv1.HostBatch{Frames: f}) }
	net := func(c *contractv1.NetCall) *contractv1.HostFrame {
		return &contractv1.HostFrame{Body: &contractv1.HostFrame_Net{Net: c}}
	}
	send(net(&contractv1.NetCall{Id: 1, Call: &contractv1.NetCall_SignIn{SignIn: &contractv1.SignIn{}}}),
		net(&contractv1.NetCall{Id: 2, Call: &contractv1.NetCall_SignOut{SignOut: &contractv1.SignOut{}}}),
		net(&contractv1.NetCall{Id: 3, TimeoutMs: 20, Call: &contractv1.NetCall_Devices{Devices: &contractv1.DevicesList{}}}),
		net(&contractv1.NetCall{Id: 4}))
	replies, events := map[uint64]*contractv1.NetReply{}, 0
	window := flow.NewWindow()
	for len(replies) < 4 || events < 3*contractv1.WindowMessages {
		b, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		_ = flow.Each(b.GetFrames(), func(f *contractv1.PluginFrame, size int) error {
			switch {
			case f.GetCall() != nil:
				send(&contractv1.HostFrame{Body: &contractv1.HostFrame_Reply{Reply: &contractv1.HostReply{Id: f.GetCall().GetId(),
					Error: &contractv1.Error{Code: contractv1.Error_REFUSED, Message: "no"}}}})
			case f.GetNetReply() != nil:
				replies[f.GetNetReply().GetId()] = f.GetNetReply()
			case f.GetNetEvent() != nil:
				if !window.Arrived(size) {
					t.Fatal("an event without credit")
				}
				events++
				if c := window.Consumed(size); c != nil {
					send(&contractv1.HostFrame{Body: &contractv1.HostFrame_Credit{Credit: c}})
				}
			}
			return nil
		})
	}
	for id, want := range map[uint64]contractv1.Error_Code{1: 0, 2: contractv1.Error_TAKEN, 3: contractv1.Error_DEADLINE, 4: contractv1.Error_INTERNAL} {
		if got := replies[id].GetErrorCode(); got != uint32(want) {
			t.Errorf("call %d: %v", id, replies[id])
		}
	}
	send(&contractv1.HostFrame{Body: &contractv1.HostFrame_Stop{Stop: &contractv1.Stop{GraceMs: 500}}})
	for {
		if _, err := s.Recv(); err != nil {
			break
		}
	}
	<-p.stopped
}

// serve attaches to the plugin over a real socket.
func serve(t *testing.T, p Plugin) contractv1.Plugin_AttachClient {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer(grpc.Creds(flow.Peer(os.Getpid)))
	contractv1.RegisterPluginServer(g, sdk.NewServer(Adapt(p), sdk.ServerOptions{Token: "t"}))
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = g.Serve(l)
	}()
	c, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(flow.Peer(os.Getpid)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), contractv1.TokenMetadata, "t"), 20*time.Second)
	t.Cleanup(func() {
		cancel()
		_ = c.Close()
		g.Stop()
		<-served
	})
	s, err := contractv1.NewPluginClient(c).Attach(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Send(&contractv1.HostBatch{Frames: []*contractv1.HostFrame{{Body: &contractv1.HostFrame_Hello{
		Hello: &contractv1.Hello{Contract: contractv1.Contract, PluginId: "net"}}}}})
	return s
}
