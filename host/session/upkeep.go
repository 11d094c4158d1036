package session

import (
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

// What is kept here, beyond what must be.
const (
	keepOver        = 24 * time.Hour      // sessions that are over, in memory
	keepFailed      = 30 * 24 * time.Hour // own entries that failed, and what actions made
	maxSessionBytes = 256 << 20           // of updates that the plugin has acked
)

// upkeep trims what is no longer needed, now and every hour.
func (e *Engine) upkeep() {
	now := e.o.Now()
	old := now.Add(-e.net.retention).UnixMilli()
	var standing []*session
	for _, s := range e.sessions {
		switch {
		case s.standing && s.row && s.acked > s.held:
			standing = append(standing, s)
		case !s.standing && e.over(s) && s.live == nil && s.views == 0 && s.fold.Time < now.Add(-keepOver).UnixMilli():
			if s.fold.Over != "" || s.blocked != "" {
				e.dropSession(s)
			}
		}
	}
	for _, s := range standing {
		held := s.held
		if e.write(func(tx *store.Tx) (err error) {
			held, err = tx.TrimSession(s.key.Conversation, s.key.Session, old, maxSessionBytes)
			return err
		}) == nil {
			s.held = held
		}
	}
	e.trimOuts(now.Add(-keepFailed).UnixMilli())
	e.alarm(alarmKey{what: "upkeep"}, upkeepEvery, func(e *Engine) { e.upkeep() })
}

// trimOuts forgets own entries that failed long ago, and what the network has
// had for so long that reading it back is no longer expected.
func (e *Engine) trimOuts(before int64) {
	if e.write(func(tx *store.Tx) error { return tx.TrimOut(before) }) != nil {
		return
	}
	for _, r := range e.own.rows {
		if r.State != store.OutPending && r.TimeMs < before {
			e.dropOut(r)
		}
	}
}

// shut says goodbye to every plugin; wait is closed when all have answered.
func (e *Engine) shut(wait chan struct{}) {
	e.closed, e.closing = wait, true
	for _, s := range e.sessions {
		if s.live != nil {
			e.closeLive(s.live, contractv1.SessionClose_STOPPING)
		}
	}
	e.lastGone()
}

// lastGone closes the waiting channel when no session is open any more.
func (e *Engine) lastGone() {
	for _, s := range e.sessions {
		if s.live != nil {
			return
		}
	}
	if e.closed != nil {
		close(e.closed)
		e.closed = nil
	}
}
