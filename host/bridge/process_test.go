package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/host/bridge"
	"switchboard/sdk"
	"switchboard/sdk/network"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// TestMain is also the plugin: the tests start this program again.
func TestMain(m *testing.M) {
	switch os.Getenv("BRIDGE_TEST_PLUGIN") {
	case "feature":
		sdk.Main(&probe{})
	case "bare":
		serveBare()
	case "echo":
		sdk.Main(echo{})
	case "many":
		sdk.Main(&many{})
	case "stubborn":
		sdk.Main(stubborn{})
	case "network":
		network.Main(&netProbe{})
	case "garbage":
		os.Stdout.WriteString("hello\n")
		os.Exit(0)
	case "mute":
		select {}
	case "elsewhere":
		fmt.Printf("1|1|%s|grpc\n", os.Getenv("BRIDGE_TEST_LISTENS"))
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	case "chatty":
		sdk.Main(chatty{})
	case "runaway":
		sdk.Main(runaway{})
	}
	goleak.VerifyTestMain(m)
}

// probe is a feature plugin for the tests.
type probe struct{}

func (*probe) Start(_ context.Context, h *sdk.Host) error {
	if h.Setting("fail") == "start" {
		return errors.New("no database")
	}
	return nil
}

func (*probe) Command(ctx context.Context, c sdk.Command) (any, error) {
	switch c.Name {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("at once")
	}
	return map[string]string{"echo": string(c.Args)}, nil
}

func (*probe) Run(ctx context.Context, s *sdk.Session) error {
	for e := range s.Events() {
		switch v := e.(type) {
		case sdk.Action:
			if _, err := s.Update(ctx, []byte(v.Value)); err != nil {
				return err
			}
		case sdk.Update:
			if err := s.Show(view.Text(string(v.Body))); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// netProbe is a network plugin for the tests.
type netProbe struct{ h *network.Host }

func (p *netProbe) Start(_ context.Context, h *network.Host) error { p.h = h; return nil }
func (p *netProbe) Stop(context.Context) error                     { return nil }
func (p *netProbe) Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	conn, err := p.h.Dial(ctx, "tcp", "example.org:4222")
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("through")); err != nil {
		return nil, err
	}
	err = p.h.Emit(ctx, &contractv1.NetEvent{Event: &contractv1.NetEvent_SignedOut{
		SignedOut: &contractv1.SignedOut{Reason: conn.RemoteAddr().String()}}})
	return &contractv1.NetReply{}, err
}

// sink collects what a plugin says and answers calls.
type sink struct {
	answer func(f *contractv1.PluginFrame)
	frames chan *contractv1.PluginFrame
	room   chan uint32
	mu     sync.Mutex
	up     int
	down   []error
}

func newSink() *sink {
	return &sink{frames: make(chan *contractv1.PluginFrame, 4096), room: make(chan uint32, 64)}
}

func (s *sink) PluginUp(string, *contractv1.Ready) { s.mu.Lock(); s.up++; s.mu.Unlock() }
func (s *sink) PluginDown(_ string, err error) {
	s.mu.Lock()
	s.down = append(s.down, err)
	s.mu.Unlock()
}
func (s *sink) PluginFrame(_ string, f *contractv1.PluginFrame) {
	if s.answer != nil && f.GetCall() != nil {
		s.answer(f)
	}
	s.frames <- f
}
func (s *sink) PluginRoom(_ string, h uint32) { s.room <- h }

// next waits for a frame that pick accepts.
func (s *sink) next(t *testing.T, pick func(*contractv1.PluginFrame) bool) *contractv1.PluginFrame {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		select {
		case f := <-s.frames:
			if pick(f) {
				return f
			}
		case <-limit:
			t.Fatal("the frame did not come")
		}
	}
}

func options(s *sink, mode string) bridge.Options {
	return bridge.Options{
		ID: "probe", Kind: map[string]string{"network": bridge.Network}[mode], Sink: s,
		Command: func(l bridge.Launch) (*exec.Cmd, error) {
			c := exec.Command(os.Args[0])
			c.Env = append(l.Env, "BRIDGE_TEST_PLUGIN="+mode)
			return c, nil
		},
	}
}

func start(t *testing.T, o bridge.Options) *bridge.Conn {
	t.Helper()
	if o.Kind == "" {
		o.Kind = bridge.Feature
	}
	c, err := bridge.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background(), time.Second) })
	return c
}

func send(t *testing.T, c *bridge.Conn, f *contractv1.HostFrame) {
	t.Helper()
	if err := c.Send(f); err != nil {
		t.Fatal(err)
	}
}

func open(handle uint32) *contractv1.HostFrame {
	return &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Open{Open: &contractv1.SessionOpen{
		SessionId: "s", Conversation: &contractv1.Conversation{Id: "dm.a.b"}}}}
}

func event(handle uint32, e *contractv1.Event) *contractv1.HostFrame {
	return &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Event{Event: e}}
}

// TestProcess runs a whole conversation with a real process: action, update
// call, event, view, handled, close, stop.
func TestProcess(t *testing.T) {
	s := newSink()
	var c *bridge.Conn
	s.answer = func(f *contractv1.PluginFrame) {
		_ = c.Send(&contractv1.HostFrame{Session: f.GetSession(), Body: &contractv1.HostFrame_Reply{Reply: &contractv1.HostReply{
			Id: f.GetCall().GetId(), Reply: &contractv1.HostReply_Update{Update: &contractv1.UpdateReply{Id: "u1"}}}}})
	}
	o := options(s, "feature")
	o.Up = func(up *bridge.Conn) { c = up }
	began := time.Now()
	start(t, o)
	t.Logf("start: %v, pid %d", time.Since(began), c.PID())
	send(t, c, open(1))
	s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetSessionReady() != nil })
	send(t, c, event(1, &contractv1.Event{Event: &contractv1.Event_Action{Action: &contractv1.Action{Id: "a1", Value: "hello"}}}))
	u := s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetCall() != nil }).GetCall().GetUpdate()
	if string(u.GetBody()) != "hello" || u.GetActionId() != "a1" || u.GetOrdinal() != 0 {
		t.Fatalf("update %v", u)
	}
	s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetHandled().GetActionId() == "a1" })
	send(t, c, event(1, &contractv1.Event{Event: &contractv1.Event_Update{Update: &contractv1.Update{Id: "u1", Seq: 1, Body: []byte("hello")}}}))
	if f := s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetShow() != nil }); f.GetShow().GetRoot().GetText().GetText() != "hello" {
		t.Fatalf("show %v", f)
	}
	send(t, c, &contractv1.HostFrame{Body: &contractv1.HostFrame_Command{Command: &contractv1.CommandCall{Id: "c1", Name: "x", Args: []byte(`{"a":1}`)}}})
	r := s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetCommandReply() != nil }).GetCommandReply()
	var result map[string]string
	if err := json.Unmarshal(r.GetResult(), &result); err != nil || result["echo"] != `{"a":1}` {
		t.Fatalf("reply %v", r)
	}
	send(t, c, &contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Close{Close: &contractv1.SessionClose{Reason: contractv1.SessionClose_IDLE}}})
	if f := s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetSessionDone() != nil }); f.GetSessionDone().GetError() != "" {
		t.Fatalf("done %v", f)
	}
	began = time.Now()
	c.Close(t.Context(), 2*time.Second)
	t.Logf("stop: %v", time.Since(began))
	if c.Err() != nil || len(s.down) != 1 || s.down[0] != nil || s.up != 1 {
		t.Fatalf("err %v, down %v, up %d", c.Err(), s.down, s.up)
	}
	if err := c.Send(open(2)); !errors.Is(err, bridge.ErrClosed) {
		t.Fatalf("send after close: %v", err)
	}
}

// TestKilled names how a process ended.
func TestKilled(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, c *bridge.Conn) string{
		"kill -9": func(t *testing.T, c *bridge.Conn) string {
			_ = syscall.Kill(c.PID(), syscall.SIGKILL)
			return "killed"
		},
		"exit": func(t *testing.T, c *bridge.Conn) string {
			send(t, c, &contractv1.HostFrame{Body: &contractv1.HostFrame_Command{Command: &contractv1.CommandCall{Id: "c", Name: "exit"}}})
			return "exit status 3"
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSink()
			c := start(t, options(s, "feature"))
			want := end(t, c)
			<-c.Done()
			if c.Err() == nil || !strings.Contains(c.Err().Error(), want) || len(s.down) != 1 {
				t.Fatalf("err %v, down %v", c.Err(), s.down)
			}
		})
	}
}

// TestSilent: a stopped process does not answer pings.
func TestSilent(t *testing.T) {
	s := newSink()
	o := options(s, "feature")
	o.PingEvery, o.PingTimeout = 50*time.Millisecond, 200*time.Millisecond
	c := start(t, o)
	time.Sleep(300 * time.Millisecond) // some pings are answered
	select {
	case <-c.Done():
		t.Fatal(c.Err())
	default:
	}
	_ = syscall.Kill(c.PID(), syscall.SIGSTOP)
	<-c.Done()
	if c.Err() == nil || !strings.Contains(c.Err().Error(), "does not answer") {
		t.Fatal(c.Err())
	}
}

// TestStartFails: nothing is left behind, and the reason is named.
func TestStartFails(t *testing.T) {
	for _, mode := range []string{"garbage", "feature", "missing"} {
		t.Run(mode, func(t *testing.T) {
			s := newSink()
			o := options(s, mode)
			o.Kind = bridge.Feature
			o.SocketRoot = t.TempDir()
			want := "Unrecognized"
			switch mode {
			case "feature":
				o.Hello = &contractv1.Hello{Settings: []*contractv1.SettingValue{{Key: "fail", Value: "start"}}}
				want = "no database"
			case "missing":
				o.Command = func(bridge.Launch) (*exec.Cmd, error) { return exec.Command("/no/such/program"), nil }
				want = "no such file"
			}
			_, err := bridge.Start(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), want) || s.up != 0 {
				t.Fatalf("error %v, up %d", err, s.up)
			}
			if left, _ := os.ReadDir(o.SocketRoot); len(left) != 0 {
				t.Fatalf("left behind: %v", left)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		o := options(newSink(), "mute")
		o.Kind = bridge.Feature
		if _, err := bridge.Start(ctx, o); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	})
}

// TestDescriptor passes a connected socket to a network plugin.
func TestDescriptor(t *testing.T) {
	s := newSink()
	var c *bridge.Conn
	received := make(chan string, 1)
	s.answer = func(f *contractv1.PluginFrame) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return
		}
		go func() {
			defer func() { _ = l.Close() }()
			a, err := l.Accept()
			if err != nil {
				return
			}
			b, _ := io.ReadAll(a)
			_ = a.Close()
			received <- string(b)
		}()
		d, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		file, _ := d.(*net.TCPConn).File()
		_ = d.Close()
		defer func() { _ = file.Close() }()
		token := []byte("token-1")
		if err := c.SendDescriptor(token, file); err != nil {
			t.Error(err)
		}
		_ = c.Send(&contractv1.HostFrame{Session: f.GetSession(), Body: &contractv1.HostFrame_Reply{Reply: &contractv1.HostReply{
			Id: f.GetCall().GetId(), Reply: &contractv1.HostReply_Dial{Dial: &contractv1.DialReply{Token: token, Remote: "example.org:4222"}}}}})
	}
	o := options(s, "network")
	o.Grants = []string{"network"}
	o.Up = func(up *bridge.Conn) { c = up }
	start(t, o)
	send(t, c, &contractv1.HostFrame{Body: &contractv1.HostFrame_Net{Net: &contractv1.NetCall{Id: 7}}})
	var e *contractv1.NetEvent
	var r *contractv1.NetReply
	for e == nil || r == nil { // a reply may overtake an event
		f := s.next(t, func(f *contractv1.PluginFrame) bool { return f.GetNetEvent() != nil || f.GetNetReply() != nil })
		if f.GetNetEvent() != nil {
			e = f.GetNetEvent()
		} else {
			r = f.GetNetReply()
		}
	}
	if r.GetError() != "" || r.GetId() != 7 || e.GetSignedOut().GetReason() != "example.org:4222" {
		t.Fatalf("reply %v, event %v", r, e)
	}
	if got := <-received; got != "through" {
		t.Fatal(got)
	}
}
