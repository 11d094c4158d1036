package bridge

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// raw is a plugin without the SDK: it says what the test says.
type raw struct {
	contractv1.UnimplementedPluginServer
	first *contractv1.PluginFrame
	out   chan *contractv1.PluginBatch
	in    chan *contractv1.HostFrame
	over  chan struct{} // the stream has ended
}

func (p *raw) Attach(s contractv1.Plugin_AttachServer) error {
	defer close(p.over)
	if _, err := s.Recv(); err != nil {
		return err
	}
	if err := s.Send(&contractv1.PluginBatch{Frames: []*contractv1.PluginFrame{p.first}}); err != nil {
		return err
	}
	go func() {
		for {
			b, err := s.Recv()
			if err != nil {
				return
			}
			for _, f := range b.GetFrames() {
				p.in <- f
			}
		}
	}()
	for {
		select {
		case b := <-p.out:
			if err := s.Send(b); err != nil {
				return err
			}
		case <-s.Context().Done():
			return nil
		}
	}
}

// say sends frames to the host, as long as it listens.
func (p *raw) say(frames ...*contractv1.PluginFrame) {
	select {
	case p.out <- &contractv1.PluginBatch{Frames: frames}:
	case <-p.over:
	}
}

// hear waits for a frame of the host.
func (p *raw) hear(t *testing.T, pick func(*contractv1.HostFrame) bool) *contractv1.HostFrame {
	t.Helper()
	limit := time.After(5 * time.Second)
	for {
		select {
		case f := <-p.in:
			if pick(f) {
				return f
			}
		case <-limit:
			t.Fatal("the host did not say it")
		}
	}
}

// heard is a sink that keeps all.
type heard struct {
	frames chan *contractv1.PluginFrame
	room   chan uint32
}

func (h *heard) PluginUp(string, *contractv1.Ready)              {}
func (h *heard) PluginDown(string, error)                        {}
func (h *heard) PluginFrame(_ string, f *contractv1.PluginFrame) { h.frames <- f }
func (h *heard) PluginRoom(_ string, n uint32)                   { h.room <- n }

func (h *heard) next(t *testing.T) *contractv1.PluginFrame {
	t.Helper()
	select {
	case f := <-h.frames:
		return f
	case <-time.After(5 * time.Second):
		t.Fatal("the sink heard nothing")
		return nil
	}
}

func readyFrame(r *contractv1.Ready) *contractv1.PluginFrame {
	return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Ready{Ready: r}}
}

// dialRaw serves a raw plugin and attaches to it.
func dialRaw(t *testing.T, o Options, p *raw) (*Conn, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(flow.Peer(os.Getpid)))
	contractv1.RegisterPluginServer(server, p)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	client, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(flow.Peer(os.Getpid)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Stop()
		<-served
		_ = client.Close()
	})
	o.Log = hclog.NewNullLogger()
	return attach(t.Context(), o, client, "token", func(time.Duration) string { return "" })
}

func newRaw() *raw {
	return &raw{first: readyFrame(&contractv1.Ready{Contract: contractv1.Contract, PluginId: "raw"}),
		out: make(chan *contractv1.PluginBatch, 16), in: make(chan *contractv1.HostFrame, 4096), over: make(chan struct{})}
}

// connect is a running connection to a raw plugin, with session 1 open.
func connect(t *testing.T, kind string, grants ...string) (*Conn, *raw, *heard) {
	t.Helper()
	h := &heard{frames: make(chan *contractv1.PluginFrame, 4096), room: make(chan uint32, 16)}
	p := newRaw()
	c, err := dialRaw(t, Options{ID: "raw", Kind: kind, Grants: grants, Sink: h}, p)
	if err != nil {
		t.Fatal(err)
	}
	c.begin()
	t.Cleanup(func() { c.Close(context.Background(), time.Millisecond) })
	if err := c.Send(openFrame(1)); err != nil {
		t.Fatal(err)
	}
	return c, p, h
}

func openFrame(handle uint32) *contractv1.HostFrame {
	return &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Open{Open: &contractv1.SessionOpen{SessionId: "s"}}}
}

// broken waits for the end of the connection and returns its sentence.
func broken(t *testing.T, c *Conn) string {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the connection goes on")
	}
	if c.Err() == nil {
		t.Fatal("the connection ended without a reason")
	}
	return c.Err().Error()
}

// TestReady: what must not be accepted as a plugin.
func TestReady(t *testing.T) {
	for want, first := range map[string]*contractv1.PluginFrame{
		"first frame is not ready": {Session: 1, Body: &contractv1.PluginFrame_Pong{Pong: &contractv1.Pong{}}},
		"speaks contract 99":       readyFrame(&contractv1.Ready{Contract: 99, PluginId: "raw"}),
		`calls itself "im"`:        readyFrame(&contractv1.Ready{Contract: contractv1.Contract, PluginId: "im"}),
	} {
		p := newRaw()
		p.first = first
		_, err := dialRaw(t, Options{ID: "raw", Kind: Feature, Sink: &heard{}}, p)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
