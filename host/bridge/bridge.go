// Package bridge speaks to ONE plugin: it is the only importer of go-plugin in
// the host. It starts the process it is given a command for, proves both ends
// to each other, and checks every message of the plugin before anybody else
// sees it: is the session open, may this kind of plugin with these grants say
// this, does it keep the published bounds and its credit. What breaks the
// contract ends the connection with a named reason.
//
// It knows nothing of sessions' meaning, of storage, restarts or other plugins.
package bridge

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"

	contractv1 "switchboard/shared/contract/v1"
)

// Errors of Send.
var (
	// ErrFull: the session's queue has no room. PluginRoom follows.
	ErrFull = errors.New("the plugin's queue is full")
	// ErrClosed: the connection is over.
	ErrClosed = errors.New("the plugin is not connected")
)

// Sink receives what a plugin says. It is called serially per plugin; it must
// not wait for the network or another plugin (a commit of the store is fine).
// It may call Conn.Send.
type Sink interface {
	// PluginUp: the plugin has answered Hello. Called before Start returns.
	PluginUp(id string, ready *contractv1.Ready)
	// PluginDown comes exactly once for each PluginUp. After Close the error is nil.
	PluginDown(id string, err error)
	// PluginFrame is a checked frame. Credit, Pong and Ready do not come here; a
	// HostCall is to be answered with a HostFrame holding a HostReply.
	PluginFrame(id string, f *contractv1.PluginFrame)
	// PluginRoom: after ErrFull the session's queue is below half again.
	PluginRoom(id string, handle uint32)
}

// Launch is what a command is made from, for one start.
type Launch struct {
	// Env must be in the plugin's environment: the cookie, the versions and the
	// folder of the socket.
	Env []string
	// SocketDir is the folder in which the plugin makes its socket: the one
	// place beside its data folder where the sandbox must let it write.
	SocketDir string
}

// Options say whom to start and what it may do.
type Options struct {
	// ID of the manifest; Kind is "feature" or "network".
	ID, Kind string
	// Version of the manifest, for messages. May be empty.
	Version string
	// Grants that the plugin has now.
	Grants []string
	// Command makes the process of this start: the launcher with its arguments,
	// environment (Launch.Env included) and working folder, not started. The
	// bridge itself sets Stdin (the token line, then kept open: its end tells
	// the plugin that the host is gone), Stdout and Stderr (pipes), ExtraFiles
	// (fd 3, the descriptor channel) and SysProcAttr.Pdeathsig, and starts it
	// on a thread that lives as long as the process, because Pdeathsig fires when
	// the forking thread ends. The launcher must exec in place: the pid is checked.
	Command func(l Launch) (*exec.Cmd, error)
	// SocketRoot is the folder for socket folders; empty means the system's
	// temporary folder. Keep it short: a socket path holds about 100 bytes.
	SocketRoot string
	// Hello is the first frame's content.
	Hello *contractv1.Hello
	Sink  Sink
	// Log gets what the plugin logs and what the bridge has to say of it.
	Log hclog.Logger
	// PingEvery and PingTimeout are the contract's when zero.
	PingEvery, PingTimeout time.Duration
}

// Conn is the connection to one running plugin.
type Conn struct{}

// Start starts the plugin and returns when it has answered Hello, or an error
// and nothing is left running. The launch token is the bridge's own.
func Start(ctx context.Context, o Options) (*Conn, error) { return nil, errors.ErrUnsupported }

// Send queues a frame and never waits: ErrFull for an event beyond its
// session's queue (a signal is dropped silently instead), ErrClosed. Handles
// become known by Open frames and end with Close frames.
func (c *Conn) Send(f *contractv1.HostFrame) error { return errors.ErrUnsupported }

// SendDescriptor passes a descriptor under a token. The file stays the caller's.
func (c *Conn) SendDescriptor(token []byte, f *os.File) error { return errors.ErrUnsupported }

// PID is the plugin's process id.
func (c *Conn) PID() int { return 0 }

// Close asks the plugin to stop, waits up to grace, then kills it. When it
// returns, the process is gone and PluginDown was called.
func (c *Conn) Close(ctx context.Context, grace time.Duration) {}

// Done is closed when the process is gone and PluginDown was called.
func (c *Conn) Done() <-chan struct{} { return nil }

// Err says why the connection ended: nil after Close, else a sentence that
// names the reason. Valid after Done.
func (c *Conn) Err() error { return nil }
