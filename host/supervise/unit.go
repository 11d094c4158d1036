package supervise

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/bridge"
	"switchboard/host/sandbox"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// When a plugin fails.
const (
	parkAfter   = 3                // failures …
	parkWithin  = 10 * time.Minute // … within this time park it
	firstPause  = 100 * time.Millisecond
	longestWait = 30 * time.Second
	// A process that ran this long crashed once; the first restart is at once.
	wellStarted = time.Second
	// After a run this long earlier failures do not lengthen the pause.
	healthyRun = 10 * time.Minute
)

// unit is one plugin: its goroutine (run) does everything that takes time.
type unit struct {
	s      *Supervisor
	id     string
	before *unit // the one it replaces, which must be gone first
	lines  *tail
	log    hclog.Logger
	wake   chan struct{}
	done   chan struct{}

	mu       sync.Mutex
	spec     Spec
	conn     *bridge.Conn // while its stream is up
	process  *bridge.Conn // until its process is gone
	state    model.PluginState
	reason   string
	wanted   bool // start it
	stop     bool // stop what runs first
	removed  bool
	notUntil time.Time
	upSince  time.Time
	failures []time.Time
	streak   int
	waiters  []chan error
	stopped  []chan struct{}
	cancel   context.CancelFunc // of a start that is under way
	report   *sandbox.Report
	memory   memory
	full     bool      // parked for what it keeps
	lookAt   time.Time // when what it keeps is measured next
	// socketDir is the other folder that the process may write.
	socketDir string
	group     *group // of the process; nil without
}

func newUnit(s *Supervisor, spec Spec, before *unit) *unit {
	u := &unit{
		s: s, id: spec.Manifest.ID, before: before, spec: spec, state: model.Stopped,
		wanted: spec.Manifest.Resident, wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	u.lines, u.log = newTail(u.id, s.o.Log)
	return u
}

// poke lets the goroutine look again; u.mu may be held.
func (u *unit) poke() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// change takes a new spec; false when the unit is on its way out.
func (u *unit) change(spec Spec) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.removed {
		return false
	}
	same := spec.Dir == u.spec.Dir && spec.DataDir == u.spec.DataDir &&
		slices.Equal(spec.Grants, u.spec.Grants) && reflect.DeepEqual(spec.Manifest, u.spec.Manifest)
	u.spec = spec
	u.wanted = u.wanted || spec.Manifest.Resident
	if !same {
		u.forgive()
		if u.process != nil || u.cancel != nil {
			u.stop, u.wanted = true, true
			u.cancelStart()
		}
	}
	u.poke()
	return true
}

// forgive lets a parked or refused plugin start again.
func (u *unit) forgive() {
	u.failures, u.streak, u.notUntil = nil, 0, time.Time{}
	if u.state == model.Parked || u.state == model.Refused {
		u.state, u.reason, u.full = model.Stopped, "", false
		u.wanted = u.wanted || u.spec.Manifest.Resident
	}
}

func (u *unit) cancelStart() {
	if u.cancel != nil {
		u.cancel()
	}
}

func (u *unit) remove() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.removed = true
	u.cancelStart()
	u.poke()
}

func (u *unit) kick() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conn == nil || u.spec.Manifest.Resident || len(u.waiters) > 0 {
		return
	}
	u.stop, u.wanted = true, false
	u.poke()
}

func (u *unit) ensure(ctx context.Context) error {
	u.mu.Lock()
	if err := u.impossible(); err != nil {
		u.mu.Unlock()
		return err
	}
	if u.conn != nil && !u.stop {
		u.mu.Unlock()
		return nil
	}
	return u.wait(ctx)
}

// impossible says why a start is out of the question now.
func (u *unit) impossible() error {
	switch {
	case u.removed:
		return ErrUnknown
	case u.state == model.Parked:
		return u.parked()
	case u.state == model.Refused:
		return &RefusedError{u.spec.Manifest.Name, u.reason}
	}
	return nil
}

// wait asks for a start and waits for its end. It is called with the lock held
// and gives it up.
func (u *unit) wait(ctx context.Context) error {
	ready := make(chan error, 1)
	u.waiters = append(u.waiters, ready)
	u.wanted = true
	u.poke()
	u.mu.Unlock()
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.waiters = slices.DeleteFunc(u.waiters, func(w chan error) bool { return w == ready })
	if u.reason != "" {
		return fmt.Errorf("start of %s: %w (%s)", u.id, ctx.Err(), u.reason)
	}
	return fmt.Errorf("start of %s: %w", u.id, ctx.Err())
}

// answer tells everybody who waits for a start; u.mu is held.
func (u *unit) answer(err error) {
	for _, w := range u.waiters {
		w <- err
	}
	u.waiters = nil
}

func (u *unit) stopAndWait(ctx context.Context) error {
	gone := make(chan struct{})
	u.mu.Lock()
	u.stop, u.wanted = true, false
	u.stopped = append(u.stopped, gone)
	u.answer(ErrNotRunning)
	u.cancelStart()
	u.poke()
	u.mu.Unlock()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop of %s: %w", u.id, ctx.Err())
	}
}

func (u *unit) restart(ctx context.Context) error {
	u.mu.Lock()
	if u.removed {
		u.mu.Unlock()
		return ErrUnknown
	}
	u.forgive()
	u.stop = true
	u.cancelStart()
	return u.wait(ctx)
}

// run is the plugin's goroutine.
func (u *unit) run() {
	defer close(u.done)
	defer u.s.forget(u)
	if u.before != nil {
		<-u.before.done
		u.before = nil
	}
	for u.step() {
	}
}

// step does the next thing, or waits until there may be one; false at the end.
func (u *unit) step() bool {
	u.mu.Lock()
	process := u.process
	switch {
	case process != nil && (u.removed || u.stop):
		u.mu.Unlock()
		u.shut(process)
	case u.removed:
		u.answer(ErrUnknown)
		u.halted()
		u.mu.Unlock()
		return false
	case u.stop:
		u.stop = false
		u.halted()
		u.mu.Unlock()
		u.s.o.Changed(u.id)
	case process != nil:
		due := u.quotaDue()
		u.mu.Unlock()
		u.watch(process, due)
	case u.wanted && u.impossible() == nil && u.s.held():
		u.mu.Unlock()
		select {
		case <-u.wake:
		case <-u.s.o.Hold:
		}
	case u.wanted && u.impossible() == nil:
		u.startOrPause() // gives up the lock
	default:
		u.mu.Unlock()
		<-u.wake
	}
	return true
}

// watch waits until a running process wants something.
func (u *unit) watch(process *bridge.Conn, due time.Duration) {
	if due <= 0 {
		u.look()
		return
	}
	select {
	case <-u.wake:
	case <-process.Done():
		u.lost(process)
	case <-u.s.o.After(due):
	}
}

// held tells whether starts are still to wait.
func (s *Supervisor) held() bool {
	if s.o.Hold == nil {
		return false
	}
	select {
	case <-s.o.Hold:
		return false
	default:
		return true
	}
}

// halted answers everybody who waits for a stop; u.mu is held.
func (u *unit) halted() {
	for _, c := range u.stopped {
		close(c)
	}
	u.stopped = nil
	if u.state != model.Parked && u.state != model.Refused {
		u.state, u.reason = model.Stopped, ""
	}
}

func (u *unit) startOrPause() {
	pause := u.notUntil.Sub(u.s.o.Now())
	if pause <= 0 {
		u.mu.Unlock()
		u.start()
		return
	}
	u.state = model.Backoff
	u.mu.Unlock()
	u.s.o.Changed(u.id)
	select {
	case <-u.wake:
	case <-u.s.o.After(pause):
	}
}

// shut ends a process that was asked to stop. The connection stays usable until
// the end: the plugin's last calls want their answers.
func (u *unit) shut(c *bridge.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), contractv1.StopGrace)
	defer cancel()
	c.Close(ctx, contractv1.StopGrace-graceMargin)
	u.gone()
}

// gone cleans up behind a process that has ended.
func (u *unit) gone() {
	u.mu.Lock()
	g := u.group
	u.conn, u.process, u.group = nil, nil, nil
	u.mu.Unlock()
	g.remove()
}

// graceMargin is left for killing and collecting within the grace time.
const graceMargin = 300 * time.Millisecond

// lost handles the end of a process that nobody asked for.
func (u *unit) lost(c *bridge.Conn) {
	err := c.Err()
	if err == nil {
		err = errors.New("it ended by itself")
	}
	u.gone()
	u.mu.Lock()
	up := u.s.o.Now().Sub(u.upSince)
	u.failed(err, up)
	u.mu.Unlock()
	u.s.o.Changed(u.id)
}

// failed counts a failure and decides between a pause and parking; u.mu is held.
func (u *unit) failed(err error, up time.Duration) {
	now := u.s.o.Now()
	if up >= healthyRun {
		u.streak = 0
	}
	u.streak++
	u.failures = append(slices.DeleteFunc(u.failures, func(t time.Time) bool { return now.Sub(t) > parkWithin }), now)
	u.reason = err.Error()
	u.log.Warn("the plugin failed", "reason", u.reason, "failures", len(u.failures))
	if len(u.failures) >= parkAfter {
		u.park(err)
		return
	}
	u.wanted = u.spec.Manifest.Resident || len(u.waiters) > 0
	u.notUntil = now.Add(pauseAfter(u.streak, up))
	u.state = model.Stopped
	if u.wanted {
		u.state = model.Backoff
	}
}

// pauseAfter is how long to wait after the n-th failure in a row.
func pauseAfter(n int, up time.Duration) time.Duration {
	if n == 1 && up >= wellStarted {
		return 0
	}
	pause := firstPause
	for ; n > 1 && pause < longestWait; n-- {
		pause *= 2
	}
	return min(pause, longestWait)
}
