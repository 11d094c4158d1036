package session

import (
	"cmp"
	"slices"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

// What is kept here, beyond what must be.
const (
	keepOver        = 24 * time.Hour      // sessions that are over, in memory
	maxOver         = 64                  // of them, in one conversation
	keepFailed      = 30 * 24 * time.Hour // own entries that failed, and what actions made
	maxSessionBytes = 256 << 20           // of updates that the plugin has acked
	settleAfter     = time.Hour           // no answer to an offer that timed out comes this late
	trimAtATime     = 32                  // sessions in one transaction
)

// MaxOverKept is how many sessions that are over are kept in the store for one
// conversation. Of them only how they went is kept: no entries after a day, and
// nothing of what an offer carried. Beyond it the oldest are forgotten within
// as many again, and the id of one that is forgotten counts as new.
const MaxOverKept = 2048

// upkeep trims what is no longer needed, now and every hour.
func (e *Engine) upkeep() {
	now := e.o.Now()
	e.settleExpired()
	for _, s := range e.sessions {
		if e.droppable(s) && s.fold.Time < now.Add(-keepOver).UnixMilli() {
			e.dropSession(s)
		}
	}
	e.trimOuts(now.Add(-keepFailed).UnixMilli())
	e.trim()
	e.alarm(alarmKey{what: "upkeep"}, upkeepEvery, func(e *Engine) { e.upkeep() })
}

// trim looks, beside the loop, for what the store need not keep any more.
func (e *Engine) trim() {
	now := e.o.Now()
	before, over := now.Add(-e.net.retention).UnixMilli(), now.Add(-keepOver).UnixMilli()
	e.spawn(func() input {
		points, err := e.o.Store.TrimPoints(e.ctx, before, maxSessionBytes)
		if err == nil {
			var ended []*store.TrimPoint
			ended, err = e.o.Store.OverPoints(e.ctx, over, MaxOverKept)
			points = append(points, ended...)
		}
		if err != nil && e.ctx.Err() == nil {
			e.log.Warn("look for what can be trimmed", "error", err)
		}
		return &trimming{points: points, before: before}
	})
}

// trimming drops a few sessions' old entries at a time; others go in between.
type trimming struct {
	points []*store.TrimPoint
	before int64
}

func (in *trimming) apply(e *Engine) {
	if e.closing {
		return
	}
	n := min(len(in.points), trimAtATime)
	held := make([]int64, n)
	more := false
	if e.write(func(tx *store.Tx) (err error) {
		for i, p := range in.points[:n] {
			s := e.sessions[key(p.Conversation, p.Session)]
			if s != nil && (p.Over || s.live != nil && s.live.phase != current) {
				continue // it is shown still, or a plugin that lost its own store may be reading them
			}
			if held[i], err = tx.Trim(p); err != nil {
				return err
			}
		}
		if n == 0 {
			more, err = tx.TrimOver(in.before, trimAtATime)
		}
		return err
	}) != nil {
		return // an hour later again
	}
	for i, p := range in.points[:n] {
		if s := e.sessions[key(p.Conversation, p.Session)]; s != nil {
			s.held = max(s.held, held[i])
		}
	}
	if in.points = in.points[n:]; n > 0 || more {
		e.box.put(in)
	}
}

// droppable tells whether nothing can come of a session any more.
func (e *Engine) droppable(s *session) bool {
	return !s.standing && (s.fold.Over != "" || s.blocked != "") && s.live == nil && s.views == 0
}

// settleExpired ends the offers that nobody has answered in time. Until then
// only our clock says so, and an answer may have been ordered before.
func (e *Engine) settleExpired() {
	if !e.net.connected {
		return
	}
	at := e.serverNow() - settleAfter.Milliseconds()
	var list []*session
	for _, s := range e.sessions {
		if !s.standing && !s.foreseen && s.row && s.fold.Over == "" && s.fold.Expired(at) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return
	}
	folds := make([]Fold, len(list))
	err := e.write(func(tx *store.Tx) error {
		for i, s := range list {
			folds[i] = s.fold
			folds[i].Over, folds[i].Payload = OverTimedOut, nil
			if err := keepFold(tx, &folds[i], e.now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return // an hour later again
	}
	for i, s := range list {
		s.fold = folds[i]
		e.boundOver(s.conv)
	}
}

// boundOver drops the oldest sessions that are over when a conversation has too
// many of them: whoever offers and cancels all day does not fill the memory.
func (e *Engine) boundOver(c *conversation) {
	if len(c.sessions) <= maxOver {
		return
	}
	var list []*session
	for _, s := range c.sessions {
		if e.droppable(s) {
			list = append(list, s)
		}
	}
	if len(list) <= maxOver {
		return
	}
	slices.SortFunc(list, func(a, b *session) int { return cmp.Compare(a.fold.Seq, b.fold.Seq) })
	for _, s := range list[:len(list)-maxOver] {
		e.dropSession(s)
		e.overN++
	}
	if e.begun && e.overN >= MaxOverKept { // nor the disk, until the next hour
		e.overN = 0
		e.trim()
	}
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
