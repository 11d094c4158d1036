// Package dial makes every connection that leaves this computer, so that proxy
// and policy cannot be passed by. A plugin gets the connected socket as a
// descriptor. The package knows addresses and proxies, never what is spoken.
package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/proxy"
)

// Limits of one dial.
const (
	MaxAddress     = 262 // 253 of a name, a colon, a port, brackets
	DefaultTimeout = 10 * time.Second
	MaxTimeout     = 60 * time.Second
)

// Dialer dials as its Way says. It is safe for concurrent use.
type Dialer struct{ way atomic.Pointer[Way] }

// New gives a dialer that goes directly.
func New() *Dialer {
	d := new(Dialer)
	d.SetWay(Way{})
	return d
}

// SetWay changes how the next connections leave, and tells whether that is a
// change. Those that are being made the old way fail; those that were made stay.
func (d *Dialer) SetWay(w Way) (changed bool) {
	old := d.way.Swap(&w)
	return old == nil || *old != w
}

// Conn is a connected stream socket, ready to be passed on: closing File is the
// caller's duty.
type Conn struct {
	File          *os.File
	Local, Remote string
}

// Dial connects to a host:port over tcp. The error is a sentence for people.
func (d *Dialer) Dial(ctx context.Context, network, address string, timeout time.Duration) (*Conn, error) {
	if err := check(network, address); err != nil {
		return nil, err
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, min(timeout, MaxTimeout))
	defer cancel()
	now := d.way.Load()
	way, err := now.to(address)
	if err != nil {
		return nil, err
	}
	var conn *net.TCPConn
	if way.Kind == Direct {
		conn, err = direct(ctx, network, address)
	} else {
		conn, err = through(ctx, way, network, address)
	}
	if err != nil {
		return nil, sentence(address, way, err)
	}
	defer conn.Close() // File is a duplicate
	if *d.way.Load() != *now {
		return nil, fmt.Errorf("the connection to %s was given up, for it is to be made another way now", address)
	}
	f, err := conn.File()
	if err != nil {
		return nil, fmt.Errorf("the connection to %s could not be handed on: %w", address, err)
	}
	return &Conn{File: f, Local: conn.LocalAddr().String(), Remote: conn.RemoteAddr().String()}, nil
}

func check(network, address string) error {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return fmt.Errorf("only tcp can be dialled, not %.16q", network)
	}
	if len(address) > MaxAddress {
		return errors.New("the address is too long")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		return fmt.Errorf("%q is not an address of the form host:port", address)
	}
	// Proxies take the host as it is, within a line or up to a zero byte.
	if strings.ContainsFunc(host, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._:%", r))
	}) {
		return fmt.Errorf("%q contains a character that no address has", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || port != strconv.Itoa(n) {
		return fmt.Errorf("%q has no port between 1 and 65535", address)
	}
	return nil
}

func direct(ctx context.Context, network, address string) (*net.TCPConn, error) {
	c, err := (&net.Dialer{KeepAlive: 15 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		c.Close()
		return nil, fmt.Errorf("a connection of type %T cannot be handed on", c)
	}
	return tcp, nil
}

// hop dials the proxy itself and remembers the socket, which is what is handed
// on once the proxy has agreed.
type hop struct{ conn *net.TCPConn }

// Dial serves callers of the proxy package that have no context.
func (h *hop) Dial(network, address string) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}

// DialContext connects to the proxy.
func (h *hop) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := direct(ctx, network, address)
	if err != nil {
		return nil, unreachable{err}
	}
	h.conn = c
	return c, nil
}

// through connects by way of a proxy.
func through(ctx context.Context, way Way, network, address string) (*net.TCPConn, error) {
	h := new(hop)
	if err := ask(ctx, way, network, address, h); err != nil {
		if h.conn != nil {
			h.conn.Close()
		}
		return nil, err
	}
	return h.conn, nil
}

// ask has a proxy, reached by next, connect to an address.
func ask(ctx context.Context, way Way, network, address string, next proxy.Dialer) error {
	at := &url.URL{Scheme: string(way.Kind), Host: way.Proxy}
	if way.User != "" {
		at.User = url.UserPassword(way.User, way.Password)
	}
	via, err := proxy.FromURL(at, next)
	if err != nil {
		return err
	}
	dialer, ok := via.(proxy.ContextDialer)
	if !ok {
		return errors.New("the proxy cannot be dialled with a deadline")
	}
	_, err = dialer.DialContext(ctx, network, address)
	if err != nil && way.Kind == SOCKS5 {
		err = socks5Fault(err)
	}
	if err != nil && ctx.Err() != nil { // the socket knows only that it was too late
		err = errors.Join(ctx.Err(), err)
	}
	return err
}
