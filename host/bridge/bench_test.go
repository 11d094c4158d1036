package bridge_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"switchboard/host/bridge"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// The floor of every figure here is the same program as a bare go-plugin plugin
// whose one stream answers each message: no sessions, credit, checks or batches.

var bareHandshake = goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BARE", MagicCookieValue: "1"}

// bare is the floor's plugin, and its client.
type bare struct {
	goplugin.NetRPCUnsupportedPlugin
	contractv1.UnimplementedPluginServer
}

func (b *bare) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	contractv1.RegisterPluginServer(s, b)
	return nil
}

func (*bare) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return contractv1.NewPluginClient(c), nil
}

func (*bare) Attach(s contractv1.Plugin_AttachServer) error {
	for {
		b, err := s.Recv()
		if err != nil {
			return nil
		}
		at := uint64(time.Now().UnixNano())
		body := b.GetFrames()[0].GetEvent().GetSignal().GetBody()
		if len(body) >= 8 {
			binary.BigEndian.PutUint64(body, at) // when it came, by the clock of both
		}
		if err := s.Send(&contractv1.PluginBatch{Frames: []*contractv1.PluginFrame{{Session: 1,
			Body: &contractv1.PluginFrame_Signal{Signal: &contractv1.Signal{Body: body}}}}}); err != nil {
			return err
		}
	}
}

func serveBare() {
	goplugin.Serve(&goplugin.ServeConfig{HandshakeConfig: bareHandshake, Plugins: goplugin.PluginSet{"p": &bare{}},
		GRPCServer: goplugin.DefaultGRPCServer, Logger: hclog.NewNullLogger()})
	os.Exit(0)
}

func startBare(b *testing.B) (*goplugin.Client, contractv1.Plugin_AttachClient) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{"BRIDGE_TEST_PLUGIN=bare"}
	client := goplugin.NewClient(&goplugin.ClientConfig{HandshakeConfig: bareHandshake, Plugins: goplugin.PluginSet{"p": &bare{}},
		Cmd: cmd, SkipHostEnv: true, AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, Logger: hclog.NewNullLogger()})
	p, err := client.Client()
	if err != nil {
		b.Fatal(err)
	}
	raw, err := p.Dispense("p")
	if err != nil {
		b.Fatal(err)
	}
	stream, err := raw.(contractv1.PluginClient).Attach(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return client, stream
}

// echo is a plugin that answers every signal.
type echo struct{}

func (echo) Run(ctx context.Context, s *sdk.Session) error {
	for e := range s.Events() {
		if v, ok := e.(sdk.Signal); ok {
			if err := s.Signal(v.Body); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// counter is a sink that passes signals on.
type counter struct{ got, room chan struct{} }

func (c *counter) PluginUp(string, *contractv1.Ready) {}
func (c *counter) PluginDown(string, error)           {}
func (c *counter) PluginFrame(_ string, f *contractv1.PluginFrame) {
	if f.GetSignal() != nil || f.GetSessionReady() != nil {
		c.got <- struct{}{}
	}
}
func (c *counter) PluginRoom(string, uint32) {
	select {
	case c.room <- struct{}{}:
	default:
	}
}

func startEcho(b *testing.B) (*bridge.Conn, *counter) {
	b.Helper()
	k := &counter{got: make(chan struct{}, 1<<16), room: make(chan struct{}, 1)}
	o := options(nil, "echo")
	o.Kind, o.Sink = bridge.Feature, k
	c, err := bridge.Start(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close(context.Background(), time.Second) })
	if err := c.Send(open(1)); err != nil {
		b.Fatal(err)
	}
	<-k.got
	return c, k
}

// The events that are measured carry 200 bytes. Edited would do as well; a
// signal is what both ends have.
func signalEvent(body []byte) *contractv1.HostFrame {
	return event(1, &contractv1.Event{Event: &contractv1.Event_Signal{Signal: &contractv1.Signal{Body: body}}})
}

// BenchmarkRoundTrip: one event to the plugin's loop and an answer back.
func BenchmarkRoundTrip(b *testing.B) {
	body := make([]byte, 200)
	b.Run("floor", func(b *testing.B) {
		client, s := startBare(b)
		defer client.Kill()
		b.ResetTimer()
		for b.Loop() {
			if err := s.Send(&contractv1.HostBatch{Frames: []*contractv1.HostFrame{signalEvent(body)}}); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Recv(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sdk", func(b *testing.B) {
		c, k := startEcho(b)
		b.ResetTimer()
		for b.Loop() {
			if err := c.Send(signalEvent(body)); err != nil {
				b.Fatal(err)
			}
			<-k.got
		}
	})
}

// BenchmarkPipelined: as many events as fit, all answered, none dropped.
func BenchmarkPipelined(b *testing.B) {
	body := make([]byte, 200)
	b.Run("floor", func(b *testing.B) {
		client, s := startBare(b)
		defer client.Kill()
		b.ResetTimer()
		go func() {
			for range b.N {
				if s.Send(&contractv1.HostBatch{Frames: []*contractv1.HostFrame{signalEvent(body)}}) != nil {
					return
				}
			}
		}()
		for range b.N {
			if _, err := s.Recv(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("sdk", func(b *testing.B) {
		c, k := startEcho(b)
		// Signals are dropped when there is no room, so no more are under way than fit.
		places := make(chan struct{}, contractv1.WindowMessages)
		b.ResetTimer()
		go func() {
			for range b.N {
				places <- struct{}{}
				if err := c.Send(signalEvent(body)); err != nil && !errors.Is(err, bridge.ErrFull) {
					return
				}
			}
		}()
		for range b.N {
			<-k.got
			<-places
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}

// BenchmarkStart: from exec to Ready, without the sandbox's launcher.
func BenchmarkStart(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			client, _ := startBare(b)
			b.StopTimer()
			client.Kill()
			b.StartTimer()
		}
	})
	b.Run("bridge", func(b *testing.B) {
		for b.Loop() {
			o := options(nil, "echo")
			o.Kind, o.Sink = bridge.Feature, &counter{got: make(chan struct{}, 8)}
			c, err := bridge.Start(b.Context(), o)
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			c.Close(context.Background(), time.Second)
			b.StartTimer()
		}
	})
}
