// Package bridge speaks to ONE plugin: it is the only importer of go-plugin in
// the host. It starts the process it is given a command for, proves both ends
// to each other, and checks every message of the plugin before anybody else
// sees it: is the session open, may this kind of plugin with these grants say
// this, does it keep the published bounds and its credit. What breaks the
// contract ends the connection with a named reason.
//
// It knows nothing of sessions' meaning, of storage, restarts or other plugins.
// The inner structure of views is left to the view cache, which can fault one
// view without ending the plugin.
package bridge

import (
	"errors"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"

	contractv1 "switchboard/shared/contract/v1"
)

// Errors of Send.
var (
	// ErrFull: the session's queue has no room; PluginRoom follows. Or too many
	// calls or sessions are open.
	ErrFull = errors.New("the plugin's queue is full")
	// ErrClosed: the connection is over.
	ErrClosed = errors.New("the plugin is not connected")
	// ErrNoSession: the frame's handle was not opened or is closed.
	ErrNoSession = errors.New("the session is not open in the plugin")
	// ErrTooLarge: the frame is beyond the contract's bound.
	ErrTooLarge = errors.New("the frame is larger than 1 MiB")
)

// Sink receives what a plugin says. It is called serially per plugin; it must
// not wait for the network or another plugin (a commit of the store is fine).
// It may call Conn.Send.
type Sink interface {
	// PluginUp: the plugin has answered Hello. Called before Start returns, and
	// after Options.Up.
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

// Kinds of plugin.
const (
	Feature = "feature"
	Network = "network"
)

// Options say whom to start and what it may do.
type Options struct {
	// ID of the manifest; Kind is "feature" or "network".
	ID, Kind string
	// Grants that the plugin has now.
	Grants []string
	// Command makes the process of this start: the launcher with its arguments,
	// environment (Launch.Env included; nothing is added) and working folder, not
	// started. The bridge itself sets Stdin (the token line, then kept open: its
	// end tells the plugin that the host is gone), Stdout and Stderr (pipes), the
	// first of ExtraFiles (fd 3, the descriptor channel), a process group of its
	// own and Pdeathsig, and starts it on a thread that lives as long as the
	// process, because Pdeathsig fires when the forking thread ends. A launcher
	// must exec in place: the pid is checked.
	Command func(l Launch) (*exec.Cmd, error)
	// Kill, when set, is called before the process is killed and ends whatever else
	// belongs to it. It must not block.
	Kill func() error
	// SocketRoot is the folder for socket folders; empty means the system's
	// temporary folder. Keep it short: a socket path holds about 100 bytes.
	SocketRoot string
	// Hello is the first frame's content; contract, id and grants are filled in.
	Hello *contractv1.Hello
	Sink  Sink
	// Up, when set, gets the connection before PluginUp is called, so that Send
	// already works from there.
	Up func(c *Conn)
	// Log gets what the plugin logs and what the bridge has to say of it.
	Log hclog.Logger
	// PingEvery and PingTimeout are the contract's when zero.
	PingEvery, PingTimeout time.Duration
}

// ContractError ends the connection of a plugin that broke the contract.
type ContractError struct{ ID, What string }

// Error names the plugin and what it did.
func (e *ContractError) Error() string {
	return "The plugin " + e.ID + " broke the contract: " + e.What + "."
}

// EndedError ends the connection of a plugin that ended without being asked.
type EndedError struct{ ID, Reason string }

// Error names the plugin and how it ended.
func (e *EndedError) Error() string {
	return "The plugin " + e.ID + " ended by itself: " + e.Reason + "."
}
