// Package supervise keeps plugin processes: one goroutine per plugin starts it
// when it is needed, restarts it with growing pauses, parks it with a named
// reason when it keeps failing, and stops it so that nothing of it stays behind.
// Companions, which outlive the host, are started, found and ended here too.
//
// It decides nothing about sessions and reads no frames.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/bridge"
	"switchboard/host/policy"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// Errors of the supervisor.
var (
	// ErrUnknown: no enabled plugin has this id.
	ErrUnknown = errors.New("there is no such plugin, or it is switched off")
	// ErrNotRunning: the plugin's stream is not up now.
	ErrNotRunning = errors.New("the plugin is not running")
	// ErrClosed: the supervisor has been closed.
	ErrClosed = errors.New("the host is stopping")
	// ErrNoCompanion: the companion does not run, and was not to be started.
	ErrNoCompanion = errors.New("the plugin's server does not run on this computer")
)

// ParkedError says why a plugin is not started any more until Restart.
type ParkedError struct{ Plugin, Reason string }

// Error is a sentence for people.
func (e *ParkedError) Error() string {
	return fmt.Sprintf("%s was stopped after failing repeatedly: %s", e.Plugin, e.Reason)
}

// Spec is an enabled plugin.
type Spec struct {
	Manifest *manifest.Manifest
	Dir      string // where it is installed
	DataDir  string // the one folder it may write
	Grants   []string
	// Hello is asked before every start; the supervisor fills in isolation.
	Hello func() *contractv1.Hello
}

// Options are what a Supervisor is made of.
type Options struct {
	// Launcher is the path of switchboard-launch; empty is next to this program.
	Launcher string
	// RunDir is the profile's run folder: sockets and the read-only copies.
	RunDir string
	Log    hclog.Logger
	// Sink gets what plugins say.
	Sink bridge.Sink
	// Changed is called, quickly and from any goroutine, when a Status changed.
	Changed func(id string)
	// CompanionDir is the folder of a plugin's companion.
	CompanionDir func(id string) string
	// Decide asks the policy; nil allows everything.
	Decide func(policy.Question) policy.Verdict
	// Now and After are the clock; the real one when nil.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// Status is how a plugin stands.
type Status struct {
	State        model.PluginState
	PID          int
	CompanionPID int
	Reason       string
	Isolation    []string // enforced for the process that runs, or would run
	Missing      []string // what this system cannot enforce
	Log          []string // the last lines, oldest first
	MemoryKB     int      // proportional share of the running process
}

// Supervisor owns every plugin process of this host.
type Supervisor struct{}

// New makes a supervisor and sweeps away what a dead host left in RunDir.
func New(o Options) *Supervisor { return &Supervisor{} }

// Set makes a plugin known or changes it. A resident plugin starts at once; a
// running one is restarted only if its program or grants differ.
func (s *Supervisor) Set(spec Spec) {}

// Remove stops a plugin at once and forgets it.
func (s *Supervisor) Remove(ctx context.Context, id string) {}

// Ensure starts a plugin when it does not run and waits until it is ready.
func (s *Supervisor) Ensure(ctx context.Context, id string) error { return ErrUnknown }

// Send queues a frame and never waits: ErrNotRunning, bridge.ErrFull.
func (s *Supervisor) Send(id string, f *contractv1.HostFrame) error { return ErrNotRunning }

// SendDescriptor passes a descriptor under a token; the file stays the caller's.
func (s *Supervisor) SendDescriptor(id string, token []byte, f *os.File) error { return ErrNotRunning }

// Status tells how a plugin stands; never blocks on the plugin.
func (s *Supervisor) Status(id string) Status { return Status{} }

// Stop stops a plugin within the grace time; it starts again when needed.
func (s *Supervisor) Stop(ctx context.Context, id string) error { return ErrUnknown }

// Restart stops a plugin and starts it again, a parked one too.
func (s *Supervisor) Restart(ctx context.Context, id string) error { return ErrUnknown }

// Kick stops a plugin that is idle; a resident one is left alone. Never blocks.
func (s *Supervisor) Kick(id string) {}

// Companion connects to a plugin's companion, starting it unless onlyIfRunning.
// The socket is the caller's.
func (s *Supervisor) Companion(ctx context.Context, id string, onlyIfRunning bool) (*os.File, error) {
	return nil, ErrNoCompanion
}

// StopCompanion ends a companion; for Quit only.
func (s *Supervisor) StopCompanion(ctx context.Context, id string) error { return nil }

// Close stops all plugins, not the companions, within the grace time.
func (s *Supervisor) Close(ctx context.Context) error { return nil }
