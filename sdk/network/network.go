// Package network is what a network plugin is written against. It adds to sdk
// what only a network needs: calls from the host, events to it, and connected
// sockets. It knows no particular network.
package network

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// Plugin is a network plugin.
type Plugin interface {
	// Start is called once, right after the host was told that the plugin is
	// there; unlike in a feature plugin, everything of Host works in it. Calls
	// wait until it has returned. An error ends the plugin.
	Start(ctx context.Context, h *Host) error
	// Call answers one question of the host. Calls arrive concurrently, at most 64
	// at a time; the context ends at the call's deadline. The reply's id is filled
	// in. An error becomes the reply's error; see Error.
	Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error)
	// Stop is called once when the host goes or asks for it.
	Stop(ctx context.Context) error
}

// Error is a failure with a code of the contract and a sentence for a person.
type Error = sdk.Error

// Errorf makes an Error.
func Errorf(code contractv1.Error_Code, format string, args ...any) *Error {
	return sdk.Errorf(code, format, args...)
}

// Host is sdk.Host with what only a network plugin may do.
type Host struct{ *sdk.Host }

// Main serves a network plugin and never returns.
func Main(p Plugin) { sdk.Main(Adapt(p)) }

// Adapt makes a network plugin fit for sdk.NewServer; Main and tests use it.
func Adapt(p Plugin) sdk.Plugin { return &adapter{plugin: p, started: make(chan struct{})} }

// Emit tells the host something. Events arrive in order; Emit waits for room.
func (h *Host) Emit(ctx context.Context, e *contractv1.NetEvent) error {
	return sdk.LinkOf(h.Host).SendItem(ctx, &contractv1.PluginFrame{
		Body: &contractv1.PluginFrame_NetEvent{NetEvent: e}}, flow.Ordered)
}

// Dial asks the host for a connected stream socket; it goes the way that the
// person's proxy settings and the policy say. TLS is the plugin's own.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return sdk.LinkOf(h.Host).Dial(ctx, network, address)
}

// Companion connects to the control socket of the plugin's companion, which is
// started when it does not run, unless onlyIfRunning.
func (h *Host) Companion(ctx context.Context, onlyIfRunning bool) (net.Conn, error) {
	return sdk.LinkOf(h.Host).Companion(ctx, onlyIfRunning)
}

// Browse looks for services of a type ("_name._tcp") near this computer for a
// time of at most five seconds. What it finds is what anybody nearby claims.
func (h *Host) Browse(ctx context.Context, service string, wait time.Duration) ([]*contractv1.Nearby, error) {
	return sdk.LinkOf(h.Host).Browse(ctx, service, wait)
}

// adapter is a network plugin as sdk serves it.
type adapter struct {
	plugin  Plugin
	started chan struct{}

	mu sync.Mutex
	ok bool // Start has succeeded, so Stop is due
}

// Run refuses: a network has no sessions.
func (*adapter) Run(context.Context, *sdk.Session) error {
	return errors.New("a network plugin has no sessions")
}

// NetStart is called by sdk.
func (a *adapter) NetStart(ctx context.Context, h *sdk.Host) error {
	if err := a.plugin.Start(ctx, &Host{h}); err != nil {
		return err
	}
	a.mu.Lock()
	a.ok = true
	a.mu.Unlock()
	close(a.started)
	return nil
}

// NetCall is called by sdk.
func (a *adapter) NetCall(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	select {
	case <-a.started:
	case <-ctx.Done():
		return nil, sdk.Errorf(contractv1.Error_UNAVAILABLE, "The network plugin is still starting.")
	}
	return a.plugin.Call(ctx, c)
}

// Stop is called by sdk.
func (a *adapter) Stop(ctx context.Context) error {
	a.mu.Lock()
	ok := a.ok
	a.mu.Unlock()
	if !ok {
		return nil
	}
	return a.plugin.Stop(ctx)
}
