package supervise

import (
	"errors"
	"fmt"
	"time"

	"switchboard/shared/model"
)

// Bytes that a plugin may keep where nothing else is said: DefaultQuota, or
// InstalledQuota for one that came with the program or that the system's
// administrator installed. The chat is one of those: a long history must never
// be what stops it.
const (
	DefaultQuota   = 1 << 30
	InstalledQuota = 256 << 30
)

// What looking at a data folder may cost: this often, this many files and
// folders, and this many folders inside each other. A folder beyond that is as
// one that is too large, since what it holds cannot be known.
const (
	quotaEvery = 30 * time.Second
	maxEntries = 20_000
	maxDepth   = 32
)

// Why a folder cannot be measured.
var (
	errManyEntries = fmt.Errorf("more than %d files and folders", maxEntries)
	errDeep        = fmt.Errorf("folders more than %d deep", maxDepth)
	errHidden      = errors.New("a folder that cannot be looked into")
)

// overQuota says that a plugin keeps too much, and what to do about it.
type overQuota struct {
	dir           string
	used, allowed int64
	immeasurable  error // instead of used
}

// Error is a sentence for people.
func (e *overQuota) Error() string {
	has := megabytes(e.used)
	if e.immeasurable != nil {
		has = e.immeasurable.Error()
	}
	return fmt.Sprintf("its data folder holds %s, and %s are allowed: make room in %s, or have the administrator allow more (quota_mb), and restart it",
		has, megabytes(e.allowed), e.dir)
}

// megabytes rounds up: what is over the quota must not read as equal to it.
func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+1<<20-1)>>20) }

// quotaOf is what a spec allows.
func quotaOf(spec Spec) int64 {
	if spec.Quota > 0 {
		return spec.Quota
	}
	return DefaultQuota
}

// measure is an *overQuota when the plugin keeps too much. pid is its process,
// whose deleted files count while it has them open; 0 without. A folder that
// cannot be read for a reason that is not the plugin's doing is let pass: the
// next look tells.
func measure(spec Spec, sockets string, pid int) error {
	allowed := quotaOf(spec)
	over := &overQuota{dir: spec.DataDir, allowed: allowed}
	used, err := diskUse(spec.DataDir, sockets, pid)
	switch {
	case errors.Is(err, errManyEntries), errors.Is(err, errDeep), errors.Is(err, errHidden):
		over.immeasurable = err
	case used > allowed:
		over.used = used
	default:
		return nil
	}
	return over
}

// quotaDue is when the running process is to be looked at next; u.mu is held.
func (u *unit) quotaDue() time.Duration {
	return u.lookAt.Sub(u.s.o.Now())
}

// look parks the plugin when it keeps too much. The process is ended first: it
// gets its grace time like one that is not needed any more.
func (u *unit) look() {
	u.mu.Lock()
	c, spec, sockets := u.process, u.spec, u.socketDir
	u.lookAt = u.s.o.Now().Add(u.s.o.QuotaEvery)
	u.mu.Unlock()
	if c == nil {
		return
	}
	over := measure(spec, sockets, c.PID())
	if over == nil {
		return
	}
	u.mu.Lock()
	if u.removed || u.stop {
		u.mu.Unlock()
		return // it is on its way out anyhow
	}
	u.park(over)
	u.mu.Unlock()
	u.s.o.Changed(u.id)
	u.shut(c)
	u.s.o.Changed(u.id)
}

// park lets nothing start it until somebody restarts it; u.mu is held.
func (u *unit) park(why error) {
	u.state, u.reason, u.wanted = model.Parked, why.Error(), false
	var over *overQuota
	u.full = errors.As(why, &over)
	u.log.Warn("the plugin is stopped", "reason", u.reason)
	u.answer(u.parked())
}

// parked is the error of a parked plugin; u.mu is held.
func (u *unit) parked() error {
	return &ParkedError{Plugin: u.spec.Manifest.Name, Reason: u.reason, Full: u.full}
}
