package dial

import (
	"context"
	"errors"
	"net"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// The protocols that the proxy package does not bring; SOCKS 5 is its own.
func init() {
	for kind, speak := range map[Kind]func(request) error{SOCKS4: speakSOCKS4, SOCKS4a: speakSOCKS4, HTTP: speakHTTP} {
		proxy.RegisterDialerType(string(kind), func(u *url.URL, forward proxy.Dialer) (proxy.Dialer, error) {
			next, ok := forward.(proxy.ContextDialer)
			if !ok {
				return nil, errors.New("the proxy cannot be dialled with a deadline")
			}
			return &tunnel{kind: kind, at: u, next: next, speak: speak}, nil
		})
	}
}

// tunnel dials by way of a proxy of one protocol.
type tunnel struct {
	kind  Kind
	at    *url.URL
	next  proxy.ContextDialer
	speak func(request) error
}

// request is what a protocol needs to ask for a connection. Reading from conn
// must take no byte more than the proxy's answer: what follows is the plugin's.
type request struct {
	ctx            context.Context
	conn           net.Conn
	kind           Kind
	address        string // checked
	user, password string
}

// Dial serves callers of the proxy package that have no context.
func (t *tunnel) Dial(network, address string) (net.Conn, error) {
	return t.DialContext(context.Background(), network, address)
}

// DialContext connects to the proxy and asks it for address. A proxy that says
// nothing is waited for as long as ctx says, and no longer than MaxTimeout.
func (t *tunnel) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, MaxTimeout)
	defer cancel()
	if t.kind == SOCKS4 {
		var err error
		if address, err = lookUp(ctx, address); err != nil {
			return nil, err
		}
	}
	conn, err := t.next.DialContext(ctx, "tcp", t.at.Host)
	if err != nil {
		return nil, err
	}
	r := request{ctx: ctx, conn: conn, kind: t.kind, address: address, user: t.at.User.Username()}
	r.password, _ = t.at.User.Password()
	if err := r.within(t.speak); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// within speaks until the context ends, and leaves no deadline behind.
func (r request) within(speak func(request) error) error {
	stop := context.AfterFunc(r.ctx, func() { _ = r.conn.SetDeadline(time.Unix(1, 0)) })
	err := speak(r)
	if !stop() { // the deadline of the past is or will be set: the connection is useless
		return errors.Join(r.ctx.Err(), err)
	}
	return err
}
