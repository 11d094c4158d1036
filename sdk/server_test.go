package sdk

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// rawHost speaks to a server without any help, so that tests can break rules.
type rawHost struct {
	t      *testing.T
	client contractv1.PluginClient
	server *Server
}

func serveRaw(t *testing.T, p Plugin) *rawHost {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	h := &rawHost{t: t, server: NewServer(p, ServerOptions{Token: "right"})}
	g := grpc.NewServer(grpc.Creds(flow.Peer(os.Getpid)), grpc.MaxRecvMsgSize(flow.MaxMessage))
	contractv1.RegisterPluginServer(g, h.server)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = g.Serve(l)
	}()
	c, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(flow.Peer(os.Getpid)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		g.Stop()
		<-served
	})
	h.client = contractv1.NewPluginClient(c)
	return h
}

// attach opens a stream and sends frames.
func (h *rawHost) attach(token string, frames ...*contractv1.HostFrame) contractv1.Plugin_AttachClient {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), contractv1.TokenMetadata, token), 10*time.Second)
	h.t.Cleanup(cancel)
	s, err := h.client.Attach(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = s.Send(&contractv1.HostBatch{Frames: frames})
	return s
}

// end reads to the end of a stream.
func end(s contractv1.Plugin_AttachClient) error {
	for {
		if _, err := s.Recv(); err != nil {
			return err
		}
	}
}

func hello() *contractv1.HostFrame {
	return &contractv1.HostFrame{Body: &contractv1.HostFrame_Hello{Hello: &contractv1.Hello{
		Contract: contractv1.Contract, PluginId: "p"}}}
}

func openOne() *contractv1.HostFrame {
	return &contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Open{Open: &contractv1.SessionOpen{SessionId: "s"}}}
}

var idle = PluginFunc(func(ctx context.Context, s *Session) error { <-ctx.Done(); return nil })

// TestAttach: who may attach, and how.
func TestAttach(t *testing.T) {
	h := serveRaw(t, idle)
	if err := end(h.attach("wrong", hello())); status.Code(err) != codes.Unauthenticated {
		t.Errorf("a wrong token: %v", err)
	}
	first := h.attach("right", hello())
	if b, err := first.Recv(); err != nil || b.GetFrames()[0].GetReady().GetPluginId() != "p" {
		t.Fatalf("ready: %v, %v", b, err)
	}
	if err := end(h.attach("right", hello())); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("a second host: %v", err)
	}
	if err := end(serveRaw(t, idle).attach("right", openOne())); status.Code(err) != codes.InvalidArgument {
		t.Errorf("no hello: %v", err)
	}
	old := hello()
	old.GetHello().Contract = 99
	if err := end(serveRaw(t, idle).attach("right", old)); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("another contract: %v", err)
	}
}

// TestHostBreaksRules: a host that breaks the contract ends the stream.
func TestHostBreaksRules(t *testing.T) {
	events := func(n int) (all []*contractv1.HostFrame) {
		for range n {
			all = append(all, &contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Event{Event: &contractv1.Event{
				Event: &contractv1.Event_CaughtUp{CaughtUp: &contractv1.CaughtUp{}}}}})
		}
		return all
	}
	for want, frames := range map[string][]*contractv1.HostFrame{
		"is not free":    {openOne(), openOne()},
		"without credit": append([]*contractv1.HostFrame{openOne()}, events(contractv1.WindowMessages+1)...),
		"more credit": {openOne(), {Session: 1, Body: &contractv1.HostFrame_Credit{
			Credit: &contractv1.Credit{Messages: 1}}}},
	} {
		s := serveRaw(t, idle).attach("right", hello())
		for len(frames) > 0 {
			n := min(len(frames), contractv1.MaxBatch)
			_ = s.Send(&contractv1.HostBatch{Frames: frames[:n]})
			frames = frames[n:]
		}
		if err := end(s); status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestStop: after Stop the stream ends by itself and the plugin was told.
func TestStop(t *testing.T) {
	p := &stopper{stopped: make(chan struct{})}
	h := serveRaw(t, p)
	s := h.attach("right", hello(), openOne())
	_ = s.Send(&contractv1.HostBatch{Frames: []*contractv1.HostFrame{{Body: &contractv1.HostFrame_Stop{Stop: &contractv1.Stop{GraceMs: 1000}}}}})
	if err := end(s); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	<-p.stopped
	<-h.server.Done()
}

type stopper struct{ stopped chan struct{} }

func (*stopper) Run(ctx context.Context, s *Session) error {
	for range s.Events() {
	}
	return ctx.Err()
}

func (p *stopper) Stop(context.Context) error { close(p.stopped); return nil }

// FuzzToken: the first line of standard input, whatever it is.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{"abc\n", "\n", "", "abc", strings.Repeat("x", 300) + "\n", "a\r\nb\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		token, err := readToken(bufio.NewReaderSize(strings.NewReader(text), 256))
		if err == nil && (token == "" || strings.ContainsAny(token, "\n")) {
			t.Fatalf("%q gives %q", text, token)
		}
	})
}
