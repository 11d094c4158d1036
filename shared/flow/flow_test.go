package flow

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func signal(session uint32, n int) *contractv1.PluginFrame {
	return &contractv1.PluginFrame{Session: session, Body: &contractv1.PluginFrame_Signal{
		Signal: &contractv1.Signal{Body: make([]byte, n)}}}
}

func show(revision int64, compact bool) *contractv1.PluginFrame {
	return &contractv1.PluginFrame{Session: 1, Body: &contractv1.PluginFrame_Show{
		Show: &contractv1.Show{Revision: revision, Compact: compact}}}
}

func ack(session uint32) *contractv1.PluginFrame {
	return &contractv1.PluginFrame{Session: session, Body: &contractv1.PluginFrame_Ack{Ack: &contractv1.Ack{}}}
}

// transport keeps what is written; its gate holds the writer up.
type transport struct {
	mu      sync.Mutex
	batches [][]*contractv1.PluginFrame
	gate    chan struct{}
	err     error
}

func (p *transport) write(b []*contractv1.PluginFrame) error {
	if p.gate != nil {
		<-p.gate
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.batches = append(p.batches, append([]*contractv1.PluginFrame(nil), b...))
	return p.err
}

func (p *transport) frames() (all []*contractv1.PluginFrame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.batches {
		all = append(all, b...)
	}
	return all
}

func begin(t *testing.T, p *transport, o Options) *Sender[*contractv1.PluginFrame] {
	t.Helper()
	s := NewSender(p.write, o)
	s.Open(1)
	s.Open(2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run()
	}()
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	return s
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("in vain: " + what)
		}
	}
}

// TestCreditMessages: no more than the window goes out, and credit lets more.
func TestCreditMessages(t *testing.T) {
	p := &transport{}
	s := begin(t, p, Options{})
	const more = 50
	for range contractv1.WindowMessages + more {
		if err := s.Item(signal(1, 10), Ordered); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the window", func() bool { return len(p.frames()) == contractv1.WindowMessages })
	time.Sleep(20 * time.Millisecond)
	if n := len(p.frames()); n != contractv1.WindowMessages {
		t.Fatalf("%d frames without credit", n)
	}
	if err := s.Item(signal(2, 10), Ordered); err != nil { // the neighbour
		t.Fatal(err)
	}
	if _, err := s.Credit(1, &contractv1.Credit{Messages: 30, Bytes: 300}); err != nil {
		t.Fatal(err)
	}
	until(t, "thirty more", func() bool { return len(p.frames()) == contractv1.WindowMessages+31 })
	if _, err := s.Credit(1, &contractv1.Credit{Messages: contractv1.WindowMessages + 1}); err == nil {
		t.Fatal("more credit than the window was taken")
	}
}

// TestCreditBytes: bytes count as well; the last frame may go below zero.
func TestCreditBytes(t *testing.T) {
	p := &transport{}
	s := begin(t, p, Options{})
	for range 3 {
		if err := s.Item(signal(1, 700<<10), Ordered); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "two frames", func() bool { return len(p.frames()) == 2 })
	time.Sleep(20 * time.Millisecond)
	if n := len(p.frames()); n != 2 {
		t.Fatalf("%d frames", n)
	}
	if _, err := s.Credit(1, &contractv1.Credit{Messages: 1, Bytes: 700 << 10}); err != nil {
		t.Fatal(err)
	}
	until(t, "the third", func() bool { return len(p.frames()) == 3 })
	if err := s.Item(signal(1, 2<<20), Ordered); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
}

// TestQueue: full queues refuse, drop or wait, and tell about room.
func TestQueue(t *testing.T) {
	p := &transport{}
	s := begin(t, p, Options{})
	for range contractv1.WindowMessages + LaneMessages {
		if err := s.Item(signal(1, 10), Ordered); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Item(signal(1, 10), Ordered); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	if err := s.Item(signal(1, 10), Droppable); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.ItemWait(ctx, signal(1, 10), Ordered); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	go func() { waited <- s.ItemWait(t.Context(), signal(1, 10), Ordered) }()
	if room, _ := s.Credit(1, &contractv1.Credit{Messages: 10, Bytes: 100}); room {
		t.Fatal("room while the queue is more than half full")
	}
	if room, _ := s.Credit(1, &contractv1.Credit{Messages: LaneMessages / 2, Bytes: 2000}); !room {
		t.Fatal("room was not told")
	}
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
}

// TestControl overtakes items that wait, but the final frame does not.
func TestControl(t *testing.T) {
	p := &transport{gate: make(chan struct{})}
	s := begin(t, p, Options{})
	for range 200 {
		_ = s.Item(signal(1, 10), Ordered)
	}
	if err := s.Control(ack(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Final(&contractv1.PluginFrame{Session: 1, Body: &contractv1.PluginFrame_SessionDone{SessionDone: &contractv1.SessionDone{}}}, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Item(signal(1, 10), Ordered); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	close(p.gate)
	until(t, "all", func() bool { return len(p.frames()) == 202 })
	all := p.frames()
	at := 0
	for i, f := range all {
		if f.GetAck() != nil {
			at = i
		}
	}
	if at > contractv1.MaxBatch {
		t.Errorf("control came at place %d", at)
	}
	if all[201].GetSessionDone() == nil {
		t.Error("the final frame is not the last")
	}
	for _, b := range p.batches {
		if len(b) > contractv1.MaxBatch {
			t.Errorf("a batch of %d", len(b))
		}
	}
	if err := s.Control(ack(1)); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

// TestPace: views beyond the pace are thinned out; the last one always comes.
func TestPace(t *testing.T) {
	p := &transport{}
	s := begin(t, p, Options{Pace: 100})
	for i := range 1000 {
		if err := s.Item(show(int64(i), i%2 == 1), Latest+Class(i%2)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the last of both", func() bool {
		last := map[bool]int64{}
		for _, f := range p.frames() {
			last[f.GetShow().GetCompact()] = f.GetShow().GetRevision()
		}
		return last[false] == 998 && last[true] == 999
	})
	if n := len(p.frames()); n > 30 {
		t.Errorf("%d views", n)
	}
}

// TestWriteFails: the sender ends and says so.
func TestWriteFails(t *testing.T) {
	p := &transport{err: errors.New("broken pipe")}
	s := begin(t, p, Options{})
	_ = s.Control(ack(1))
	until(t, "the end", func() bool { return errors.Is(s.Control(ack(1)), ErrClosed) })
}

// TestWindow: who sends without credit is noticed; credit comes back at half.
func TestWindow(t *testing.T) {
	w := NewWindow()
	for range contractv1.WindowMessages {
		if !w.Arrived(1) {
			t.Fatal("refused within the window")
		}
	}
	if w.Arrived(1) {
		t.Fatal("a message too many")
	}
	for i := range contractv1.WindowMessages / 2 {
		c := w.Consumed(1)
		if last := i == contractv1.WindowMessages/2-1; (c != nil) != last {
			t.Fatalf("credit %v after %d", c, i+1)
		}
	}
	if !w.Arrived(1) {
		t.Fatal("refused after credit")
	}
	w = NewWindow()
	if !w.Arrived(contractv1.WindowBytes-1) || !w.Arrived(contractv1.MaxFrame) || w.Arrived(1) {
		t.Fatal("bytes")
	}
	if c := w.Consumed(contractv1.WindowBytes - 1); c.GetBytes() != contractv1.WindowBytes-1 || c.GetMessages() != 1 {
		t.Fatal(c)
	}
}

// TestPeer: only the process that is expected may be at the other end.
func TestPeer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for pid, want := range map[int]string{os.Getpid(): "", 1: "is process"} {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		a, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = Peer(func() int { return pid }).ServerHandshake(a)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("pid %d: %v", pid, err)
		}
		_ = c.Close()
		_ = a.Close()
	}
}
