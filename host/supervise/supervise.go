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
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/bridge"
	"switchboard/host/policy"
	"switchboard/host/sandbox"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
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
type ParkedError struct {
	Plugin, Reason string
	Full           bool // it did not fail: its data folder is over the quota
}

// Error is a sentence for people.
func (e *ParkedError) Error() string {
	if e.Full {
		return fmt.Sprintf("%s was stopped: %s", e.Plugin, e.Reason)
	}
	return fmt.Sprintf("%s was stopped after failing repeatedly: %s", e.Plugin, e.Reason)
}

// RefusedError says why the policy does not let a plugin run here.
type RefusedError struct{ Plugin, Reason string }

// Error is a sentence for people.
func (e *RefusedError) Error() string { return fmt.Sprintf("%s may not run: %s", e.Plugin, e.Reason) }

// Spec is an enabled plugin.
type Spec struct {
	Manifest *manifest.Manifest
	Dir      string // where it is installed
	DataDir  string // the one folder it may write
	Grants   []string
	// Quota is how many bytes it may keep in DataDir; 0 is DefaultQuota.
	Quota int64
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
	// Hold keeps every start waiting until it is closed; nil holds nothing.
	Hold <-chan struct{}
	// Cgroup is the control group (version 2) that this host may divide; empty
	// takes the one it was started in, if that was handed over to it.
	Cgroup string
	// QuotaEvery is how often the folder of a running plugin is measured; 30 s when 0.
	QuotaEvery time.Duration
	// Now and After are the clock; the real one when nil.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

func (o *Options) fill() {
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	if o.Changed == nil {
		o.Changed = func(string) {}
	}
	if o.Decide == nil {
		o.Decide = func(policy.Question) policy.Verdict { return policy.Verdict{Allowed: true} }
	}
	if o.QuotaEvery <= 0 {
		o.QuotaEvery = quotaEvery
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.CompanionDir == nil {
		o.CompanionDir = func(id string) string { return filepath.Join(o.RunDir, "..", "companions", id) }
	}
	if o.Launcher == "" {
		if self, err := os.Executable(); err == nil {
			o.Launcher = filepath.Join(filepath.Dir(self), "switchboard-launch")
		}
	}
}

// Supervisor owns every plugin process of this host.
type Supervisor struct {
	o       Options
	sockets string
	reapers sync.WaitGroup

	groupsOnce sync.Once
	groups     *groups // nil: there are none

	life context.Context // until Close
	end  context.CancelFunc

	mu     sync.Mutex
	units  map[string]*unit
	ending map[*unit]bool // removed, and perhaps not gone yet
	copies *sandbox.Copies
	closed bool
	// quitting: the companions that were ended for good.
	quitting map[string]bool
}

// New makes a supervisor and sweeps away what a dead host left in RunDir. What
// is wrong with the folders is told by the first start.
func New(o Options) *Supervisor {
	o.fill()
	s := &Supervisor{o: o, units: map[string]*unit{}, ending: map[*unit]bool{}, quitting: map[string]bool{}}
	s.life, s.end = context.WithCancel(context.Background())
	s.sockets = socketRoot(o.RunDir)
	sweep(s.sockets)
	sweepReports(o.RunDir)
	return s
}

// images opens the copies when they are first needed.
func (s *Supervisor) images() (*sandbox.Copies, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copies == nil {
		c, err := sandbox.OpenCopies(filepath.Join(s.o.RunDir, "cache"))
		if err != nil {
			return nil, err
		}
		s.copies = c
	}
	return s.copies, nil
}

func (s *Supervisor) unit(id string) *unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.units[id]
}

// Set makes a plugin known or changes it. A resident plugin starts at once; a
// running one is restarted only if its program or grants differ.
func (s *Supervisor) Set(spec Spec) {
	id := spec.Manifest.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if u := s.units[id]; u != nil && u.change(spec) {
		return
	}
	u := newUnit(s, spec, s.units[id])
	s.units[id] = u
	go u.run()
}

// Remove stops a plugin at once and forgets it.
func (s *Supervisor) Remove(ctx context.Context, id string) {
	s.mu.Lock()
	u := s.units[id]
	if u != nil {
		s.ending[u] = true
		u.remove()
	}
	s.mu.Unlock()
	if u == nil {
		return
	}
	select {
	case <-u.done:
	case <-ctx.Done():
	}
}

// forget is called by a removed unit at its end.
func (s *Supervisor) forget(u *unit) {
	s.mu.Lock()
	delete(s.ending, u)
	if s.units[u.id] == u {
		delete(s.units, u.id)
	}
	s.mu.Unlock()
}

// Ensure starts a plugin when it does not run and waits until it is ready. A
// start that fails is tried again until the plugin is parked or ctx ends.
// Errors: ErrUnknown, ErrClosed, *ParkedError, *RefusedError, that of ctx.
func (s *Supervisor) Ensure(ctx context.Context, id string) error {
	u := s.unit(id)
	if u == nil {
		return s.unknown()
	}
	return u.ensure(ctx)
}

func (s *Supervisor) unknown() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return ErrUnknown
}

// Send queues a frame and never waits: ErrNotRunning, bridge.ErrFull.
func (s *Supervisor) Send(id string, f *contractv1.HostFrame) error {
	c := s.conn(id)
	if c == nil {
		return ErrNotRunning
	}
	return closedIsNotRunning(c.Send(f))
}

// SendDescriptor passes a descriptor under a token; the file stays the caller's.
func (s *Supervisor) SendDescriptor(id string, token []byte, f *os.File) error {
	c := s.conn(id)
	if c == nil {
		return ErrNotRunning
	}
	return closedIsNotRunning(c.SendDescriptor(token, f))
}

func closedIsNotRunning(err error) error {
	if errors.Is(err, bridge.ErrClosed) {
		return ErrNotRunning
	}
	return err
}

func (s *Supervisor) conn(id string) *bridge.Conn {
	u := s.unit(id)
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.conn
}

// Stop stops a plugin within the grace time; it starts again when needed.
func (s *Supervisor) Stop(ctx context.Context, id string) error {
	u := s.unit(id)
	if u == nil {
		return s.unknown()
	}
	return u.stopAndWait(ctx)
}

// Restart stops a plugin and starts it again, a parked one too.
func (s *Supervisor) Restart(ctx context.Context, id string) error {
	u := s.unit(id)
	if u == nil {
		return s.unknown()
	}
	return u.restart(ctx)
}

// Kick stops a plugin that is idle; a resident one is left alone. Never blocks.
func (s *Supervisor) Kick(id string) {
	if u := s.unit(id); u != nil {
		u.kick()
	}
}

// Close stops all plugins, not the companions, within the grace time.
func (s *Supervisor) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.end()
	for _, u := range s.units {
		s.ending[u] = true
		u.remove()
	}
	var all []*unit
	for u := range s.ending {
		all = append(all, u)
	}
	s.mu.Unlock()
	for _, u := range all {
		select {
		case <-u.done:
		case <-ctx.Done():
			return fmt.Errorf("stop the plugins: %w", ctx.Err())
		}
	}
	s.reapers.Wait()
	return nil
}
