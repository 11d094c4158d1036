//go:build unix

package bus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"

	"switchboard/shared/bus/bustest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// late is how long anything may take on a busy computer.
const late = 30 * time.Second

func dialled(t *testing.T, address string, o Options) *dbus.Conn {
	t.Helper()
	conn, err := Dial(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(late); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// door is an object whose calls can be held up.
type door struct {
	open  chan struct{}
	count atomic.Int64
	last  atomic.Int32
	wrong atomic.Int64
}

func (d *door) Pass(n int32) (int32, *dbus.Error) {
	<-d.open
	d.count.Add(1)
	if last := d.last.Swap(n); n < last {
		d.wrong.Add(1)
	}
	return n + 1, nil
}

func (d *door) Long(text string) (int32, *dbus.Error) { return int32(len(text)), nil }

func (d *door) Fail() *dbus.Error { return dbus.NewError("org.example.No", []any{"no"}) }

// message is one that a program sends to another.
func message(to string, kind dbus.Type, member string, body ...any) *dbus.Message {
	m := &dbus.Message{Type: kind, Flags: dbus.FlagNoReplyExpected, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldDestination: dbus.MakeVariant(to), dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/door")),
		dbus.FieldInterface: dbus.MakeVariant("org.example.Door"), dbus.FieldMember: dbus.MakeVariant(member)}}
	if len(body) > 0 {
		m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	return m
}

// settled waits until the bus has handed on all that a connection has sent.
func settled(t *testing.T, conn *dbus.Conn) {
	t.Helper()
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
}

// held is the memory that is in use.
func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestFlood: whoever sends signals and calls without end costs neither goroutines
// nor memory, while the program is busy and after.
func TestFlood(t *testing.T) {
	address, _ := bustest.Start(t)
	d := &door{open: make(chan struct{})}
	var signals atomic.Int64
	conn := dialled(t, address, Options{Heard: func(*dbus.Signal) { signals.Add(1) }})
	if err := conn.Export(d, "/door", "org.example.Door"); err != nil {
		t.Fatal(err)
	}
	me := conn.Names()[0]
	flooder, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flooder.Close() })
	settled(t, flooder)
	goroutines, memory := runtime.NumGoroutine(), held()
	const flood = 20_000
	most := 0
	for n := range flood {
		for _, m := range []*dbus.Message{message(me, dbus.TypeSignal, "Knock", strings.Repeat("x", 1000)), message(me, dbus.TypeMethodCall, "Pass", int32(n))} {
			if err := flooder.Send(m, nil).Err; err != nil {
				t.Fatal(err)
			}
		}
		most = max(most, runtime.NumGoroutine()-goroutines)
	}
	settled(t, flooder)
	until(t, "the signals", func() bool { most = max(most, runtime.NumGoroutine()-goroutines); return signals.Load() >= flood })
	grown := int64(held()) - int64(memory)
	t.Logf("%d goroutines and %d KB more at the most, while %d calls were held up", most, grown>>10, flood)
	if most > 8 {
		t.Errorf("the flood made %d goroutines", most)
	}
	if grown > 8<<20 {
		t.Errorf("the flood holds %d bytes", grown)
	}
	close(d.open)
	until(t, "the calls that were taken", func() bool { return d.count.Load() >= maxCalls })
	var n int32
	if err := flooder.Object(me, "/door").Call("org.example.Door.Pass", 0, int32(flood)).Store(&n); err != nil || n != flood+1 {
		t.Errorf("after the flood a call gives %d (%v)", n, err)
	}
	if got := d.count.Load(); got > maxCalls+2 || d.wrong.Load() > 0 {
		t.Errorf("%d calls were done, %d out of order", got, d.wrong.Load())
	}
}

// TestBusy: a call for which there is no room is refused at once.
func TestBusy(t *testing.T) {
	address, _ := bustest.Start(t)
	d := &door{open: make(chan struct{})}
	conn := dialled(t, address, Options{})
	if err := conn.Export(d, "/door", "org.example.Door"); err != nil {
		t.Fatal(err)
	}
	caller := dialled(t, address, Options{})
	object := caller.Object(conn.Names()[0], "/door")
	done := make(chan *dbus.Call, 4*maxCalls)
	for n := range 2 * maxCalls {
		object.Go("org.example.Door.Pass", 0, done, int32(n))
	}
	refused := 0
	for range maxCalls - 1 {
		var e dbus.Error
		if c := <-done; !errors.As(c.Err, &e) || e.Name != errBusy.Name {
			t.Fatalf("a call ended with %v", c.Err)
		}
		refused++
	}
	close(d.open)
	for range 2*maxCalls - refused {
		if c := <-done; c.Err != nil {
			t.Errorf("a call that was taken: %v", c.Err)
		}
	}
}

// TestCalls: what is answered, and how what is wrong is refused.
func TestCalls(t *testing.T) {
	address, _ := bustest.Start(t)
	d := &door{open: make(chan struct{})}
	close(d.open)
	conn := dialled(t, address, Options{})
	if err := conn.Export(d, "/door", "org.example.Door"); err != nil {
		t.Fatal(err)
	}
	caller := dialled(t, address, Options{})
	me := conn.Names()[0]
	for _, c := range []struct {
		path   dbus.ObjectPath
		method string
		args   []any
		want   string
	}{
		{"/door", "org.example.Door.Pass", []any{int32(1)}, ""},
		{"/door", "org.freedesktop.DBus.Peer.Ping", nil, ""},
		{"/door", "org.example.Door.Pass", []any{"one"}, dbus.ErrMsgInvalidArg.Name},
		{"/door", "org.example.Door.Pass", nil, dbus.ErrMsgInvalidArg.Name},
		{"/door", "org.example.Door.Fail", nil, "org.example.No"},
		{"/door", "org.example.Door.None", nil, dbus.ErrMsgUnknownMethod.Name},
		{"/door", "org.example.Window.Pass", nil, dbus.ErrMsgUnknownInterface.Name},
		{"/none", "org.example.Door.Pass", nil, dbus.ErrMsgUnknownInterface.Name},
	} {
		err := caller.Object(me, c.path).Call(c.method, 0, c.args...).Err
		var e dbus.Error
		if errors.As(err, &e) && e.Name != c.want || err == nil != (c.want == "") {
			t.Errorf("%s of %s with %v: %v", c.method, c.path, c.args, err)
		}
	}
	var n int32
	if err := caller.Object(me, "/door").Call("org.example.Door.Long", 0, strings.Repeat("x", 100<<10)).Store(&n); err != nil || n != 100<<10 {
		t.Errorf("a long text: %d (%v)", n, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := caller.Object(me, "/door").CallWithContext(ctx, "org.example.Door.Long", 0, strings.Repeat("x", maxMessage)).Err; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("what is too long: %v", err)
	}
	if err := caller.Object(me, "/door").Call("org.example.Door.Pass", 0, int32(2)).Store(&n); err != nil || n != 3 {
		t.Errorf("what comes after it: %d (%v)", n, err)
	}
}

// TestBusThatHangs: one that takes nothing ends the connection; closing it and
// greeting such a bus do not wait for it.
func TestBusThatHangs(t *testing.T) {
	address, process := bustest.Start(t)
	conn := dialled(t, address, Options{})
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if c, err := Dial(t.Context(), address, Options{}); err == nil {
		c.Close()
		t.Error("a bus that hangs was greeted")
	}
	if took := time.Since(begin); took > greeting+5*time.Second {
		t.Errorf("giving up took %v", took)
	}
	end := time.After(2*patience + late)
	for conn.Connected() { // until the kernel takes no more
		select {
		case <-end:
			t.Fatal("it waits for a bus that hangs")
		default:
			_ = conn.Emit("/door", "org.example.Door.Said", strings.Repeat("x", 60<<10)) // fails in the end
		}
	}
	conn.Close()
}

func TestAddresses(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "/run/me")
	for address, want := range map[string]string{
		"unix:path=/tmp/a%20b,guid=00": "/tmp/a b", "unix:guid=1,abstract=/tmp/x": "@/tmp/x", "unix:runtime=yes": "/run/me/bus",
		"tcp:host=localhost,port=1": "", "unix:path=%zz": "", "unix:path=": "", "unix:path=a%00b": "", "": "",
	} {
		if got, ok := place(address); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %v", address, got, ok)
		}
	}
	if path, ok := place("unix:path=" + escape("/tmp/ä;,=%")); !ok || path != "/tmp/ä;,=%" {
		t.Errorf("written and read again it is %q", path)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if _, err := Session(t.Context(), Options{}); !errors.Is(err, ErrNone) {
		t.Errorf("without a bus: %v", err)
	}
}

// bytesOnly is what a wire reads in a test.
type bytesOnly struct {
	net.Conn
	r io.Reader
}

func (b bytesOnly) Read(p []byte) (int, error) { return b.r.Read(p) }

func framed(body []byte) []byte {
	m := make([]byte, head, head+len(body))
	m[0] = 'l'
	binary.LittleEndian.PutUint32(m[4:], uint32(len(body)))
	return append(m, body...)
}

func TestLongMessagesAreLeftOut(t *testing.T) {
	a, b := framed([]byte("first")), framed([]byte("last"))
	stream := slices.Concat(a, framed(make([]byte, maxMessage+1)), framed(make([]byte, 3*maxMessage)), b)
	w := newWire(bytesOnly{r: bytes.NewReader(stream)})
	w.begun.Store(true)
	got, err := io.ReadAll(w)
	if err != nil || !bytes.Equal(got, slices.Concat(a, b)) {
		t.Errorf("read were %d bytes (%v)", len(got), err)
	}
}

// FuzzWire: whatever comes, no more than whole messages of the size that is allowed
// is handed on.
func FuzzWire(f *testing.F) {
	f.Add(framed([]byte("x")))
	f.Add(append(framed(nil), "Bxxxxxxxxxxxxxxxxxxxxxxx"...))
	f.Add([]byte("l\x01\x00\x01\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newWire(bytesOnly{r: bytes.NewReader(data)})
		w.begun.Store(true)
		got, _ := io.ReadAll(w) // what is cut off ends in an error, or in the middle
		for len(got) >= head {
			rest, err := after([head]byte(got))
			if err != nil || rest > maxMessage {
				t.Fatalf("a message of %d bytes was handed on (%v)", rest, err)
			}
			got = got[min(len(got), head+int(rest)):]
		}
	})
}
