package bridge

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// Start starts the plugin and returns when it has answered Hello, or an error
// and nothing is left running. The launch token is the bridge's own.
func Start(ctx context.Context, o Options) (*Conn, error) {
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	token := hex.EncodeToString(secret)
	p := &peer{}
	client := goplugin.NewClient(p.config(o, token))
	abort := context.AfterFunc(ctx, p.kill)
	defer abort()
	raw, err := dispense(client)
	if err == nil {
		var c *Conn
		if c, err = attach(ctx, o, raw, token, p.ended(client)); err == nil {
			c.process = p.process
			return c.begin(), nil
		}
	}
	early := p.endedItself()
	p.kill()
	client.Kill()
	p.clean()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("start of %s: %w", o.ID, ctx.Err())
	case early != "" && p.words() != "":
		// Its own last words say more than a handshake that did not come.
		return nil, fmt.Errorf("%s ended while it was starting (%s)%s", o.ID, early, p.words())
	}
	if reason := p.reason(); reason != "" {
		err = fmt.Errorf("%w (%s)", oneLine(err), reason)
	}
	return nil, fmt.Errorf("start of %s: %w", o.ID, oneLine(err))
}

// oneLine takes the first line of an error: go-plugin adds a page of advice.
func oneLine(err error) error {
	first, more, _ := strings.Cut(err.Error(), "\n")
	if more == "" {
		return err
	}
	return errors.New(strings.TrimSpace(first))
}

func dispense(client *goplugin.Client) (*grpc.ClientConn, error) {
	protocol, err := client.Client()
	if err != nil {
		return nil, err
	}
	raw, err := protocol.Dispense("plugin")
	if err != nil {
		return nil, err
	}
	return raw.(*grpc.ClientConn), nil
}

// peer is the process of one start, from the moment go-plugin asks for it.
type peer struct {
	mu      sync.Mutex
	process *process
	dir     string // of the socket
	killed  bool
}

func (p *peer) config(o Options, token string) *goplugin.ClientConfig {
	return &goplugin.ClientConfig{
		HandshakeConfig: goplugin.HandshakeConfig{ProtocolVersion: contractv1.Contract,
			MagicCookieKey: contractv1.CookieKey, MagicCookieValue: contractv1.CookieValue},
		Plugins: goplugin.PluginSet{"plugin": direct{}},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, dir string) (runner.Runner, error) {
			return p.launch(o, token, cmd.Env, dir)
		},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		SkipHostEnv:      true, // otherwise the host's environment overrides the command's
		StartTimeout:     contractv1.ReadyTimeout,
		Logger:           said{o.Log},
		SyncStdout:       o.Log.StandardWriter(&hclog.StandardLoggerOptions{ForceLevel: hclog.Info}),
		SyncStderr:       o.Log.StandardWriter(&hclog.StandardLoggerOptions{ForceLevel: hclog.Info}),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: o.SocketRoot},
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithTransportCredentials(flow.Peer(p.pid)),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(flow.MaxMessage)),
		},
	}
}

func (p *peer) launch(o Options, token string, env []string, dir string) (runner.Runner, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dir = dir
	if p.killed {
		return nil, context.Canceled
	}
	cmd, err := o.Command(Launch{Env: env, SocketDir: dir})
	if err != nil {
		return nil, err
	}
	q, err := newProcess(o.ID, cmd, token)
	if err != nil {
		return nil, err
	}
	q.dir, q.also = dir, o.Kill
	p.process = q
	return q, nil
}

func (p *peer) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.process.pid()
}

func (p *peer) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	if p.process != nil {
		_ = p.process.Kill(context.Background())
	}
}

func (p *peer) clean() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process != nil {
		p.process.close()
	}
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

// endedItself is how the process ended if it has, without being killed.
func (p *peer) endedItself() string {
	p.mu.Lock()
	q := p.process
	p.mu.Unlock()
	if q == nil || q.pid() == 0 {
		return ""
	}
	select {
	case <-q.exited:
	case <-time.After(drain): // its output ends a moment before it does
	}
	// go-plugin kills as soon as standard output ends; the process may have
	// been on its way out by itself, and its exit status then says so.
	reason := q.reason()
	if q.wasKilled() && strings.HasPrefix(reason, "signal:") {
		return ""
	}
	return reason
}

// words are the last line that the process wrote to standard error.
func (p *peer) words() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return ""
	}
	return p.process.last.line()
}

// reason is how the process ended, if it has.
func (p *peer) reason() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return ""
	}
	return p.process.reason()
}

// ended stops the process, after grace, and cleans up behind it. Of one that was
// ended from outside it is not asked what it said last.
func (p *peer) ended(client *goplugin.Client) func(grace time.Duration) string {
	return func(grace time.Duration) string {
		select {
		case <-p.process.exited:
		case <-time.After(grace):
		}
		reason := p.reason()
		p.kill()
		client.Kill() // when it returns, all that the process wrote was read
		p.clean()
		if reason != "" && reason != "signal: killed" {
			reason += p.words()
		}
		return reason
	}
}

// attach opens the stream and waits for Ready.
func attach(ctx context.Context, o Options, g *grpc.ClientConn, token string, ended func(time.Duration) string) (*Conn, error) {
	life, cancel := context.WithCancelCause(context.Background())
	stop := context.AfterFunc(ctx, func() { cancel(ctx.Err()) })
	defer stop()
	late := time.AfterFunc(contractv1.ReadyTimeout, func() { cancel(errors.New("it did not answer in time")) })
	defer late.Stop()
	fail := func(err error) (*Conn, error) {
		if cause := context.Cause(life); cause != nil {
			err = cause
		}
		cancel(err)
		return nil, err
	}
	stream, err := contractv1.NewPluginClient(g).Attach(metadata.AppendToOutgoingContext(life, contractv1.TokenMetadata, token))
	if err != nil {
		return fail(err)
	}
	hello := proto.CloneOf(o.Hello)
	if hello == nil {
		hello = &contractv1.Hello{}
	}
	hello.Contract, hello.PluginId, hello.Grants = contractv1.Contract, o.ID, o.Grants
	first := &contractv1.HostBatch{Frames: []*contractv1.HostFrame{{Body: &contractv1.HostFrame_Hello{Hello: hello}}}}
	// An error of Send is only "EOF"; Recv then tells the true one.
	_ = stream.Send(first)
	answer, err := stream.Recv()
	if err != nil {
		return fail(err)
	}
	ready := (*contractv1.Ready)(nil)
	if len(answer.GetFrames()) > 0 {
		ready = answer.GetFrames()[0].GetReady()
	}
	switch {
	case ready == nil:
		return fail(&ContractError{o.ID, "its first frame is not ready"})
	case ready.GetContract() != contractv1.Contract:
		return fail(fmt.Errorf("it speaks contract %d, this host %d", ready.GetContract(), contractv1.Contract))
	case ready.GetPluginId() != o.ID:
		return fail(&ContractError{o.ID, fmt.Sprintf("it calls itself %q", ready.GetPluginId())})
	}
	return newConn(o, life, cancel, stream, ready, answer.GetFrames()[1:], ended), nil
}

// direct hands out the connection itself: the contract has one service.
type direct struct {
	goplugin.NetRPCUnsupportedPlugin
}

// GRPCServer is the plugin's side and not used here.
func (direct) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return errors.ErrUnsupported }

// GRPCClient returns the connection.
func (direct) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}
