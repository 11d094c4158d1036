package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	controlv1 "switchboard/shared/contract/control/v1"
)

// MaxMessage bounds one message on the socket: a whole view or a long history.
const MaxMessage = 8 << 20

// Server is the socket of a running host.
type Server struct {
	grpc *grpc.Server
	path string
	stop context.CancelFunc
	done chan struct{}
}

// Serve listens on path, which it replaces: the profile's lock says that nobody
// else serves it.
func Serve(path string, host Host) (*Server, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the control socket cannot be replaced: %w", err)
	}
	l, err := listen(path)
	if err != nil {
		return nil, fmt.Errorf("the control socket cannot be made: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		grpc: grpc.NewServer(grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(MaxMessage),
			grpc.MaxConcurrentStreams(256), grpc.ConnectionTimeout(5*time.Second), grpc.WaitForHandlers(true)),
		path: path, stop: stop, done: make(chan struct{}),
	}
	controlv1.RegisterControlServer(s.grpc, &service{host: host, ending: ctx})
	go func() {
		defer close(s.done)
		_ = s.grpc.Serve(&ownListener{Listener: l}) // returns when Close stops it
	}()
	return s, nil
}

// listen makes a socket that only this user may use. The process's umask is left
// alone: it is that of everything else that makes files meanwhile. Until the mode
// is set, the folder, which is this user's alone, and Accept keep others out.
func listen(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Close ends the streams, lets running calls finish until ctx ends, and removes
// the socket.
func (s *Server) Close(ctx context.Context) {
	s.stop()
	graceful := make(chan struct{})
	go func() {
		defer close(graceful)
		s.grpc.GracefulStop()
	}()
	select {
	case <-graceful:
	case <-ctx.Done():
		s.grpc.Stop()
		<-graceful
	}
	<-s.done
	_ = os.Remove(s.path) // the listener has removed it in most cases
}

// ownListener accepts only processes of this user.
type ownListener struct{ net.Listener }

// Accept gives the next connection of this user.
func (l *ownListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if uid, err := peerUID(c); err == nil && uid == os.Getuid() {
			return c, nil
		}
		c.Close()
	}
}

// Client is a connection to a running host.
type Client struct {
	controlv1.ControlClient
	conn *grpc.ClientConn
}

// ErrNotRunning says that no host serves the profile.
var ErrNotRunning = errors.New("no Switchboard runs with this profile")

// Dial connects to the host that serves path. It fails at once with
// ErrNotRunning when there is none, or when the socket is another user's.
func Dial(path string) (*Client, error) {
	probe, err := net.DialTimeout("unix", path, 2*time.Second)
	if err != nil {
		return nil, ErrNotRunning
	}
	uid, err := peerUID(probe)
	probe.Close()
	if err != nil || uid != os.Getuid() {
		return nil, errors.New("the control socket belongs to another user")
	}
	conn, err := grpc.NewClient("passthrough:///switchboard",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxMessage), grpc.MaxCallSendMsgSize(MaxMessage)))
	if err != nil {
		return nil, fmt.Errorf("the host could not be reached: %w", err)
	}
	return &Client{controlv1.NewControlClient(conn), conn}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }
