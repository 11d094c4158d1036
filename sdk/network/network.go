// Package network is what a network plugin is written against. It adds to sdk
// what only a network needs: calls from the host, events to it, and connected
// sockets. It knows no particular network.
package network

import (
	"context"
	"errors"
	"net"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// Plugin is a network plugin.
type Plugin interface {
	// Start is called once, before the host is told that the plugin is ready.
	Start(ctx context.Context, h *Host) error
	// Call answers one question of the host. Calls arrive concurrently, at most 64
	// at a time; the context ends at the call's deadline. The id is filled in.
	// An error becomes the reply's error; see Error.
	Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error)
	// Stop is called once when the host goes or asks for it.
	Stop(ctx context.Context) error
}

// Error is a failure with a code of the contract and a sentence for a person.
type Error = sdk.Error

// Host is sdk.Host with what only a network plugin may do.
type Host struct{ *sdk.Host }

// Main serves a network plugin and never returns.
func Main(p Plugin) { panic("not yet") }

// Emit tells the host something. Events arrive in order; Emit waits for room.
func (h *Host) Emit(ctx context.Context, e *contractv1.NetEvent) error { return errors.ErrUnsupported }

// Dial asks the host for a connected stream socket; it goes the way that the
// person's proxy settings and the policy say. TLS is the plugin's own.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return nil, errors.ErrUnsupported
}

// Companion connects to the control socket of the plugin's companion, which is
// started when it does not run, unless onlyIfRunning.
func (h *Host) Companion(ctx context.Context, onlyIfRunning bool) (net.Conn, error) {
	return nil, errors.ErrUnsupported
}
