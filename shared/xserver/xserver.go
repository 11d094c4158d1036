// Package xserver connects to the X server of this desktop in a way that one which
// hangs holds nobody: connecting ends with a context, closing never waits for the
// server, and events that nobody takes are dropped. It knows no window and no
// request.
package xserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// greeting bounds connecting, whatever the context says.
const greeting = 10 * time.Second

// ErrNone says that there is no X server to connect to.
var ErrNone = errors.New("there is no X display")

var quiet sync.Once

// Conn is a connection. It is safe for concurrent use.
type Conn struct {
	*xgb.Conn
	socket net.Conn
	done   chan struct{}
}

// Dial connects to the server that DISPLAY names, until ctx ends. heard is told of
// every event, by one goroutine of the connection, which it must not block; nil
// drops them. Errors of requests that nobody checks are dropped, too.
func Dial(ctx context.Context, heard func(xgb.Event)) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	d, err := parse(os.Getenv("DISPLAY"))
	if err != nil {
		return nil, err
	}
	socket, err := (&net.Dialer{}).DialContext(ctx, d.network, d.address)
	if err != nil {
		return nil, fmt.Errorf("connect to the X display: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { socket.Close() })
	quiet.Do(func() { xgb.Logger.SetOutput(io.Discard) }) // it would chat on stderr
	conn, err := xgb.NewConnNet(&greeted{Conn: socket, hello: hello(credentials(d.host, d.number))})
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err == nil && d.screen >= len(xproto.Setup(conn).Roots) {
		err = fmt.Errorf("the display has no screen %d", d.screen)
	}
	if err != nil {
		socket.Close()
		return nil, fmt.Errorf("greet the X server: %w", err)
	}
	conn.DefaultScreen = d.screen
	c := &Conn{Conn: conn, socket: socket, done: make(chan struct{})}
	go c.pump(heard)
	return c, nil
}

// pump takes events off the connection until it ends: with 5,000 of them waiting
// xgb would read no answers any more.
func (c *Conn) pump(heard func(xgb.Event)) {
	defer close(c.done)
	for {
		e, err := c.WaitForEvent()
		if e == nil && err == nil {
			return
		}
		if e != nil && heard != nil {
			heard(e)
		}
	}
}

// Done is closed when the connection has ended, by either side.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Close ends the connection, and with an error all that waits for an answer. It
// does not wait for the server, only for the function that hears events, by which
// it must not be called.
func (c *Conn) Close() {
	c.socket.Close()
	<-c.done
}

// Until closes the connection when ctx ends, unless stop is called before; so
// whatever is asked in between has an end.
func (c *Conn) Until(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, c.Close)
}

// Flush waits until the server has all that was sent.
func (c *Conn) Flush() error {
	if _, err := xproto.GetInputFocus(c.Conn).Reply(); err != nil {
		return fmt.Errorf("wait for the X server: %w", err)
	}
	return nil
}

// display is what DISPLAY says.
type display struct {
	network, address string
	host, number     string // as the file of credentials has them
	screen           int
}

// parse reads a DISPLAY: "host:number.screen", where the host may be left out, be
// "unix", or be a path.
func parse(text string) (display, error) {
	d := display{}
	if text == "" {
		return d, ErrNone
	}
	wrong := fmt.Errorf("%w: DISPLAY is %.40q", ErrNone, text)
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return d, wrong
	}
	where, number := text[:i], text[i+1:]
	number, screen, named := strings.Cut(number, ".")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return d, wrong
	}
	d.number = strconv.FormatUint(n, 10)
	if named {
		s, err := strconv.ParseUint(screen, 10, 8)
		if err != nil {
			return d, wrong
		}
		d.screen = int(s)
	}
	protocol, host, two := strings.Cut(where, "/")
	switch {
	case strings.HasPrefix(where, "/"):
		d.network, d.address = "unix", where+":"+d.number
	case !two && (where == "" || where == "unix"), two && protocol == "unix":
		d.network, d.address = "unix", "/tmp/.X11-unix/X"+d.number
	default:
		if !two {
			host = where
		}
		d.network, d.address, d.host = "tcp", net.JoinHostPort(strings.Trim(host, "[]"), strconv.FormatUint(6000+n, 10)), host
	}
	return d, nil
}
