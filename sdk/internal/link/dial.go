package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// Dial asks the host for a connected stream socket.
func (l *Link) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	c := &contractv1.HostCall{Call: &contractv1.HostCall_Dial{Dial: &contractv1.DialCall{
		Network: network, Address: address, TimeoutMs: timeout(ctx)}}}
	conn, err := l.connected(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	return conn, nil
}

// Companion asks the host for a connection to the companion's control socket.
func (l *Link) Companion(ctx context.Context, onlyIfRunning bool) (net.Conn, error) {
	c := &contractv1.HostCall{Call: &contractv1.HostCall_Companion{Companion: &contractv1.CompanionCall{
		OnlyIfRunning: onlyIfRunning, TimeoutMs: timeout(ctx)}}}
	conn, err := l.connected(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("companion: %w", err)
	}
	return conn, nil
}

// Browse asks the host for services of a type near this computer.
func (l *Link) Browse(ctx context.Context, service string, wait time.Duration) ([]*contractv1.Nearby, error) {
	r, err := l.Call(ctx, 0, &contractv1.HostCall{Call: &contractv1.HostCall_Browse{Browse: &contractv1.BrowseCall{
		Service: service, WaitMs: uint32(max(wait, 0).Milliseconds())}}})
	if err != nil {
		return nil, fmt.Errorf("look for %s nearby: %w", service, err)
	}
	return r.GetBrowse().GetServices(), nil
}

// connected makes a call that is answered by a DialReply and takes the
// descriptor that belongs to it.
func (l *Link) connected(ctx context.Context, c *contractv1.HostCall) (net.Conn, error) {
	if l.descriptors == nil {
		return nil, errors.New("this plugin has no descriptor channel")
	}
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, contractv1.CallTimeout)
		defer cancel()
	}
	r, err := l.Call(ctx, 0, c)
	if err != nil {
		return nil, err
	}
	d := r.GetDial()
	f, err := l.descriptors.Take(ctx, d.GetToken())
	if err != nil {
		return nil, fmt.Errorf("the descriptor did not arrive: %w", err)
	}
	defer func() { _ = f.Close() }()
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("use the descriptor: %w", err)
	}
	return named{conn, address{d.GetLocal()}, address{d.GetRemote()}}, nil
}

// timeout is what is left of a context's time in milliseconds, less what the
// answer's way back may take; 0 leaves it to the contract.
func timeout(ctx context.Context) uint32 {
	t, has := ctx.Deadline()
	if !has {
		return 0
	}
	left := time.Until(t) - 50*time.Millisecond
	return uint32(min(max(left.Milliseconds(), 1), 10*60*1000))
}

// named is a connection that carries the addresses that the host knows. They
// differ from the socket's own when a proxy stands between.
type named struct {
	net.Conn
	local, remote address
}

// LocalAddr is the host's end.
func (n named) LocalAddr() net.Addr {
	if n.local.s == "" {
		return n.Conn.LocalAddr()
	}
	return n.local
}

// RemoteAddr is what was dialled.
func (n named) RemoteAddr() net.Addr {
	if n.remote.s == "" {
		return n.Conn.RemoteAddr()
	}
	return n.remote
}

type address struct{ s string }

// Network is always a stream.
func (address) Network() string { return "tcp" }

// String is the address.
func (a address) String() string { return a.s }
