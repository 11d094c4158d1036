// Package bus connects to the desktop's message buses in a way that no other
// program on them can make this one grow: what comes in is bounded in size, calls
// wait in a short queue for one goroutine that answers them in order, and signals
// are handed on without being kept. It knows no service and no object.
package bus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	// greeting bounds connecting to a bus until it has given a name.
	greeting = 2 * time.Second
	// systemSocket is where the computer's bus listens.
	systemSocket = "unix:path=/var/run/dbus/system_bus_socket"
)

// ErrNone says that there is no bus to connect to.
var ErrNone = errors.New("this desktop has no message bus")

// Options are what a connection does with what comes in.
type Options struct {
	// Heard is told of every signal, in the order in which they come, by the
	// goroutine that reads the connection: it must not block, and it keeps at most so
	// much. Anybody on the bus can send any signal. Nil hears none.
	Heard func(*dbus.Signal)
	// Handler finds what a call is for; nil is one for which the connection's Export
	// works. Its methods are called one at a time, in the order of the calls, and are
	// to be quick; they are not told who calls.
	Handler dbus.Handler
}

// Session connects to the person's bus and has a name on it. It never starts one,
// which would outlive this program. The connection lasts until it is closed or ctx
// ends; a bus that does not answer is given up after two seconds.
func Session(ctx context.Context, o Options) (*dbus.Conn, error) {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || address == "autolaunch:" {
		path := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
		if info, err := os.Stat(path); err != nil || info.Mode()&os.ModeSocket == 0 || !filepath.IsAbs(path) {
			return nil, ErrNone
		}
		address = "unix:path=" + escape(path)
	}
	return Dial(ctx, address, o)
}

// System is Session for the bus of the computer.
func System(ctx context.Context, o Options) (*dbus.Conn, error) {
	address := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS")
	if address == "" {
		address = systemSocket
	}
	return Dial(ctx, address, o)
}

// Dial is Session for the bus at an address of the specification, of which the
// kinds of "unix:" are understood.
func Dial(ctx context.Context, address string, o Options) (*dbus.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	conn, err := dial(ctx, address, o)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("connect to the bus: %w", err)
	}
	context.AfterFunc(conn.Context(), cancel)
	return conn, nil
}

func dial(ctx context.Context, address string, o Options) (*dbus.Conn, error) {
	limit := time.Now().Add(greeting)
	raw, err := socket(ctx, address, limit)
	if err != nil {
		return nil, err
	}
	if o.Handler == nil {
		//lint:ignore SA1019 it is asked here for the objects of Export
		o.Handler = dbus.NewDefaultHandler()
	}
	c := newCalls(o.Handler)
	conn, err := dbus.NewConn(newWire(raw), dbus.WithContext(ctx), dbus.WithHandler(o.Handler),
		dbus.WithSignalHandler(ear(o.Heard)), dbus.WithIncomingInterceptor(c.incoming))
	if err != nil {
		raw.Close()
		return nil, err
	}
	c.begin(conn)
	late := time.AfterFunc(time.Until(limit), func() { conn.Close() })
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !late.Stop() && err == nil {
		err = context.DeadlineExceeded
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// socket connects to the first place of an address that takes a connection.
func socket(ctx context.Context, address string, limit time.Time) (net.Conn, error) {
	err := ErrNone
	for one := range strings.SplitSeq(address, ";") {
		path, ok := place(one)
		if !ok {
			continue
		}
		var conn net.Conn
		if conn, err = (&net.Dialer{Deadline: limit}).DialContext(ctx, "unix", path); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// place is the socket of one address; one that begins with @ is abstract.
func place(address string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		return "", false
	}
	for pair := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(pair, "=")
		value, err := url.PathUnescape(value)
		if err != nil || value == "" || strings.ContainsRune(value, 0) {
			continue
		}
		switch key {
		case "path":
			return value, true
		case "abstract":
			return "@" + value, true
		case "runtime":
			return filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus"), true
		}
	}
	return "", false
}

// escape writes a path as an address has it.
func escape(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_/.*", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// ear hands signals on. godbus's own would start a goroutine for each that finds
// no room.
type ear func(*dbus.Signal)

// DeliverSignal implements dbus.SignalHandler.
func (e ear) DeliverSignal(_, _ string, s *dbus.Signal) {
	if e != nil {
		e(s)
	}
}

// Poke is for a Heard that only wants to know that something was said: it never
// blocks, and several pokes that nobody has seen to are one.
type Poke chan struct{}

// NewPoke is one that nobody has poked.
func NewPoke() Poke { return make(Poke, 1) }

// Do pokes.
func (p Poke) Do() {
	select {
	case p <- struct{}{}:
	default:
	}
}
