// Package dial makes every connection that leaves this computer, so that proxy
// and policy cannot be passed by. A plugin gets the connected socket as a
// descriptor. The package knows addresses and proxies, never what is spoken.
package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
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

// Way is how connections leave: directly, or through a SOCKS5 proxy.
type Way struct {
	Proxy          string // host:port; empty is directly
	User, Password string
}

// Dialer dials as its Way says. It is safe for concurrent use.
type Dialer struct{ way atomic.Pointer[Way] }

// New gives a dialer that goes directly.
func New() *Dialer {
	d := new(Dialer)
	d.SetWay(Way{})
	return d
}

// SetWay changes how the next connections leave.
func (d *Dialer) SetWay(w Way) { d.way.Store(&w) }

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
	way := d.way.Load()
	var conn *net.TCPConn
	var err error
	if way.Proxy == "" {
		conn, err = direct(ctx, network, address)
	} else {
		conn, err = through(ctx, *way, network, address)
	}
	if err != nil {
		return nil, sentence(address, way.Proxy, err)
	}
	defer conn.Close() // File is a duplicate
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
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
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
		return nil, err
	}
	h.conn = c
	return c, nil
}

// through connects by way of a SOCKS5 proxy, which also looks the name up.
func through(ctx context.Context, way Way, network, address string) (*net.TCPConn, error) {
	var auth *proxy.Auth
	if way.User != "" {
		auth = &proxy.Auth{User: way.User, Password: way.Password}
	}
	h := new(hop)
	socks, err := proxy.SOCKS5("tcp", way.Proxy, auth, h)
	if err != nil {
		return nil, err
	}
	dialer, ok := socks.(proxy.ContextDialer)
	if !ok {
		return nil, errors.New("the proxy cannot be dialled with a deadline")
	}
	if _, err := dialer.DialContext(ctx, network, address); err != nil {
		if h.conn != nil {
			h.conn.Close()
		}
		return nil, err
	}
	return h.conn, nil
}

func sentence(address, via string, err error) error {
	if via != "" {
		return fmt.Errorf("could not reach %s through the proxy %s: %w", address, via, err)
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return fmt.Errorf("could not find the computer of %s: %w", address, err)
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return fmt.Errorf("%s did not answer in time: %w", address, err)
	}
	return fmt.Errorf("could not reach %s: %w", address, cause(err))
}

// cause leaves out what the sentence says already: the operation and the address.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) && call.Err != nil {
		err = call.Err
	}
	return err
}
