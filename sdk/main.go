package sdk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
	"switchboard/shared/rest"
)

// Main serves a plugin to the host that started the program, and never returns.
// It ends the program when the host asks for it, when the stream ends, or when
// standard input ends, which means that the host is gone.
func Main(p Plugin) {
	if os.Getenv(contractv1.CookieKey) != contractv1.CookieValue {
		fmt.Fprintln(os.Stderr, "This program is a plugin of Switchboard. Put its folder where Switchboard looks for plugins; it is not started by hand.")
		os.Exit(1)
	}
	// go-plugin replaces os.Stderr while it serves: the logger comes first.
	log := hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, Output: os.Stderr, JSONFormat: true})
	parent := os.Getppid()
	stdin := bufio.NewReaderSize(os.Stdin, 256)
	token, err := readToken(stdin)
	if err != nil {
		log.Error("no launch token", "error", err)
		os.Exit(1)
	}
	descriptors, err := openDescriptors()
	if err != nil {
		log.Error("no descriptor channel", "error", err)
		os.Exit(1)
	}
	server := NewServer(p, ServerOptions{Token: token, Log: log, Descriptors: descriptors})
	m := &process{server: server, log: log}
	go m.watchStdin(stdin)
	go Rest(context.Background()) // as long as the process
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: goplugin.HandshakeConfig{ProtocolVersion: contractv1.Contract,
			MagicCookieKey: contractv1.CookieKey, MagicCookieValue: contractv1.CookieValue},
		Plugins: goplugin.PluginSet{"plugin": &served{server: server, process: m}},
		GRPCServer: func(o []grpc.ServerOption) *grpc.Server {
			m.grpc = grpc.NewServer(append(o,
				grpc.Creds(flow.Peer(func() int { return parent })),
				grpc.MaxRecvMsgSize(flow.MaxMessage),
				grpc.StatsHandler(&connections{ended: m.exit}))...)
			return m.grpc
		},
		Logger: log.Named("serve").With("part", "go-plugin"),
	})
	m.exit()
	select {} // exit ends the program
}

// Rest gives memory back to the system whenever the process has come to rest,
// until ctx ends. Main does so by itself; it is for companions.
func Rest(ctx context.Context) { rest.Run(ctx) }

// readToken reads the line that the host writes first.
func readToken(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errors.New("the first line of standard input is too long")
	}
	if err != nil {
		return "", fmt.Errorf("read the first line of standard input: %w", err)
	}
	token := strings.TrimSpace(string(line))
	if token == "" {
		return "", errors.New("the first line of standard input is empty")
	}
	return token, nil
}

// process ends the program once.
type process struct {
	server *Server
	log    hclog.Logger
	grpc   *grpc.Server
	once   sync.Once
}

// watchStdin exits when the host is gone.
func (m *process) watchStdin(r io.Reader) {
	_, _ = io.Copy(io.Discard, r)
	m.exit()
}

// exit lets what was attached end in its time, says goodbye and ends the
// program. It does not wait itself.
func (m *process) exit() {
	m.once.Do(func() {
		go func() {
			if m.server.attached.Load() {
				select {
				case <-m.server.Done():
				case <-time.After(contractv1.StopGrace):
				}
			}
			if m.grpc != nil {
				bye := make(chan struct{})
				go func() {
					m.grpc.GracefulStop()
					close(bye)
				}()
				select {
				case <-bye:
				case <-time.After(20 * time.Millisecond):
				}
			}
			os.Exit(0)
		}()
	})
}

// served registers the service with go-plugin.
type served struct {
	goplugin.NetRPCUnsupportedPlugin
	server  *Server
	process *process
}

// GRPCServer is called by go-plugin.
func (s *served) GRPCServer(_ *goplugin.GRPCBroker, g *grpc.Server) error {
	contractv1.RegisterPluginServer(g, s.server)
	go func() {
		<-s.server.Done()
		s.process.exit()
	}()
	return nil
}

// GRPCClient is the host's side and not used here.
func (s *served) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.ErrUnsupported
}

// connections calls ended when the last connection has ended: the second guard
// against a program without its host.
type connections struct {
	open  atomic.Int64
	ended func()
}

// TagRPC is part of stats.Handler.
func (*connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC is part of stats.Handler.
func (*connections) HandleRPC(context.Context, stats.RPCStats) {}

// TagConn is part of stats.Handler.
func (*connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn counts.
func (c *connections) HandleConn(_ context.Context, s stats.ConnStats) {
	switch s.(type) {
	case *stats.ConnBegin:
		c.open.Add(1)
	case *stats.ConnEnd:
		if c.open.Add(-1) == 0 {
			c.ended()
		}
	}
}
