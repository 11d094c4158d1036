package im

import (
	"context"
	"slices"
	"time"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// Updates are committed in groups while they arrive fast, at once otherwise.
const (
	groupSize = 256
	groupTime = 5 * time.Millisecond
)

// started takes in what the host knows: states, and own updates on their way.
func (c *chat) started(ctx context.Context, e sdk.Started) error {
	for _, s := range e.State {
		if s.Key == stateDraft {
			c.initialDraft(s)
		} else if err := c.state(ctx, s); err != nil {
			return err
		}
	}
	if err := c.resume(ctx); err != nil {
		return err
	}
	for _, p := range e.Pending {
		if err := c.pending(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *chat) update(ctx context.Context, u sdk.Update) error {
	c.batch = append(c.batch, history.Entry{
		ID: string(u.ID), From: u.From, Device: u.Device, Seq: u.Seq, Time: u.Time.UnixMilli(),
		Body: wire.Decode(u.Body), Own: u.From == c.me,
	})
	c.stopTyping(u.From)
	switch {
	case len(c.batch) >= groupSize, c.caughtUp && !c.flushing && c.now().Sub(c.committed) > groupTime:
		return c.flush(ctx)
	case !c.flushing:
		c.flushing = true
		c.after(groupTime, timerFlush)
	}
	return nil
}

// flush stores what has arrived, with the new position, in one transaction.
func (c *chat) flush(ctx context.Context) error {
	if len(c.batch) == 0 {
		return nil
	}
	entries := c.batch
	applied, err := c.log.Apply(ctx, entries)
	if err != nil {
		return err // the host delivers again from the stored position
	}
	c.batch = c.batch[:0]
	c.committed = c.now()
	c.oops("acknowledge", c.s.Ack(applied.Position))
	return c.absorb(ctx, entries, applied)
}

// absorb brings memory and list in line with what was stored.
func (c *chat) absorb(ctx context.Context, entries []history.Entry, a history.Applied) error {
	for i := range entries {
		delete(c.unsettled, entries[i].ID)
		delete(c.sent, entries[i].ID)
	}
	if len(a.Added) > 0 {
		if err := c.added(ctx, a.Added); err != nil {
			return err
		}
	}
	for _, id := range a.Changed {
		if err := c.touched(ctx, id); err != nil {
			return err
		}
	}
	if len(a.Changed) > 0 {
		if err := c.countUnread(ctx); err != nil {
			return err
		}
	}
	c.shown.summary = c.shown.summary || len(a.Added)+len(a.Changed) > 0
	if c.caughtUp {
		c.tellDelivered(ctx)
	}
	return nil
}

// touched draws a message again, and those that quote it.
func (c *chat) touched(ctx context.Context, id string) error {
	c.shown.dirty[id] = true
	c.shown.summary = true
	if !c.shown.wanted {
		return nil
	}
	answers, err := c.log.Answers(ctx, id, maxRedraw)
	for _, id := range answers {
		c.shown.dirty[id] = true
	}
	return err
}

// added places new stored rows in the list: all at the end of the stored ones.
func (c *chat) added(ctx context.Context, added []history.Added) error {
	first, err := c.log.Row(ctx, added[0].ID)
	if err != nil || first == nil {
		return err
	}
	rows, _, _, err := c.log.Window(ctx, first.Pos, 0, len(added))
	if err != nil {
		return err
	}
	before := c.last
	read := c.cursors[c.me][stateRead]
	answered := -1 // the last that I wrote, on another device
	for i := range rows {
		if rows[i].From == c.me {
			answered = i
		}
	}
	if answered >= 0 && c.caughtUp {
		if err := c.setNew(ctx, ""); err != nil {
			return err
		}
	}
	for i := range rows {
		r := &rows[i]
		if r.From == c.me || r.Pos <= read {
			continue
		}
		c.unread = min(c.unread+1, history.MaxUnread)
		if i > answered && c.caughtUp && c.shown.visible.Full && !c.shown.visible.Focused && c.shown.newAt == "" {
			c.shown.newAt = r.ID
		}
	}
	if len(rows) > 0 {
		last := rows[len(rows)-1]
		c.last = &last
	}
	return c.place(ctx, before, rows)
}

// told keeps an own update that the host tells of. One that is known as failed
// stays so: its Failed follows. Sending it anew is noted where that is asked for.
func (c *chat) told(ctx context.Context, p sdk.Pending) error {
	id := string(p.ID)
	if c.unsettled[id] {
		return nil
	}
	row, err := c.log.Row(ctx, id)
	if err != nil || row != nil && row.State == history.Failed {
		return err
	}
	if ch, err := c.log.Change(ctx, id); err != nil || ch != nil && ch.Reason != "" {
		return err
	}
	return c.pending(ctx, p)
}

// pending keeps an own update that the host holds, unless it is known.
func (c *chat) pending(ctx context.Context, p sdk.Pending) error {
	id := string(p.ID)
	if c.unsettled[id] {
		return nil
	}
	b := wire.Decode(p.Body)
	switch b.Kind {
	case wire.Text:
		_, err := c.keep(ctx, history.Outgoing{ID: id, From: c.me, Device: c.self.Device,
			Time: p.Time.UnixMilli(), Text: b.Text, ReplyTo: b.ReplyTo})
		return err
	case wire.Edit, wire.Delete:
		return c.keepChange(ctx, history.Change{ID: id, Target: b.Target, Kind: b.Kind, Text: b.Text, Time: p.Time.UnixMilli()}, "")
	}
	return nil
}

// keep stores an own message that waits and shows it.
func (c *chat) keep(ctx context.Context, m history.Outgoing) (bool, error) {
	added, err := c.log.AddWaiting(ctx, m)
	if err != nil || !added {
		return false, err
	}
	c.unsettled[m.ID] = true
	c.shown.summary = true
	row, err := c.log.Row(ctx, m.ID)
	if err != nil || row == nil {
		return true, err
	}
	before, err := c.log.Before(ctx, row.Pos)
	if err != nil {
		return true, err
	}
	if err := c.place(ctx, before, []history.Row{*row}); err != nil {
		return true, err
	}
	return true, c.setNew(ctx, "") // who answers has seen what was new
}

// keepChange stores an own edit or deletion that waits and shows it.
func (c *chat) keepChange(ctx context.Context, ch history.Change, replaces string) error {
	added, err := c.log.AddChange(ctx, ch, replaces)
	if err != nil || !added {
		return err
	}
	c.unsettled[ch.ID] = true
	return c.touched(ctx, ch.Target)
}

// failed marks what was refused. The host says it again at every opening.
func (c *chat) failed(ctx context.Context, f sdk.Failed) error {
	if !c.unsettled[string(f.ID)] {
		return nil
	}
	reason := f.Reason
	if reason == "" {
		reason = c.words.refused
	}
	message, err := c.log.Fail(ctx, string(f.ID), reason)
	if err != nil {
		return err
	}
	delete(c.unsettled, string(f.ID))
	delete(c.sent, string(f.ID))
	if message == "" {
		return nil
	}
	return c.touched(ctx, message)
}

// state takes somebody's cursors, and the draft of another device of mine.
func (c *chat) state(ctx context.Context, s sdk.State) error {
	if s.Key == stateDraft {
		if s.Author == c.me {
			c.otherDraft(s)
		}
		return nil
	}
	if s.Key != stateDelivered && s.Key != stateRead || s.Author != c.me && !slices.Contains(c.others, s.Author) {
		return nil
	}
	seq, ok := wire.DecodeCursor(s.Value)
	if !ok {
		return nil
	}
	if s.Author == c.me {
		return c.ownCursor(ctx, s.Key, seq)
	}
	if seq <= c.cursors[s.Author][s.Key] {
		return nil
	}
	if _, err := c.log.SetCursor(ctx, s.Author, s.Key, seq); err != nil {
		return err
	}
	c.cursors[s.Author][s.Key] = seq
	return c.othersMoved(ctx)
}

// ownCursor takes what another device of mine has done.
func (c *chat) ownCursor(ctx context.Context, key string, seq int64) error {
	known := c.cursors[c.me][key]
	switch {
	case key == stateDelivered:
		c.deliveredC = max(c.deliveredC, seq)
		return nil
	case seq < known: // two devices wrote at once: the higher one holds
		c.tellRead(ctx)
		return nil
	case seq == known:
		return nil
	}
	if err := c.setRead(ctx, seq); err != nil {
		return err
	}
	if c.unread == 0 {
		return c.setNew(ctx, "")
	}
	return nil
}

// othersCursors are what all others have.
func (c *chat) othersCursors() (delivered, read int64) {
	for i, who := range c.others {
		r := c.cursors[who][stateRead]
		d := max(c.cursors[who][stateDelivered], r)
		if i == 0 || d < delivered {
			delivered = d
		}
		if i == 0 || r < read {
			read = r
		}
	}
	return delivered, read
}

// othersMoved redraws own messages whose state has changed.
func (c *chat) othersMoved(ctx context.Context) error {
	delivered, read := c.othersCursors()
	for _, span := range [][2]int64{{c.delivered, delivered}, {c.read, read}} {
		if span[1] <= span[0] {
			continue
		}
		ids, many, err := c.log.Mine(ctx, c.me, span[0], span[1], maxRedraw)
		if err != nil {
			return err
		}
		c.shown.anew = c.shown.anew || many
		for _, id := range ids {
			c.shown.dirty[id] = true
		}
	}
	c.delivered, c.read = delivered, read
	return nil
}

// seen moves the read cursor to what was looked at.
func (c *chat) seen(ctx context.Context, e sdk.Seen) error {
	if e.List != listID {
		return nil
	}
	row, err := c.rowOf(ctx, e.Key)
	if err != nil || row == nil {
		return err
	}
	seq := row.Seq()
	if seq == 0 && c.last != nil { // an own message below everything stored
		seq = c.last.Pos
	}
	return c.readUpTo(ctx, seq)
}

// readUpTo marks as read when that covers anything of somebody else.
func (c *chat) readUpTo(ctx context.Context, seq int64) error {
	if c.unread == 0 || seq <= c.cursors[c.me][stateRead] {
		return nil
	}
	unread := c.unread
	before := c.cursors[c.me][stateRead]
	n, _, err := c.log.Unread(ctx, c.me, seq)
	if err != nil || n == unread && n < history.MaxUnread {
		return err
	}
	if err := c.setRead(ctx, seq); err != nil {
		return err
	}
	if c.cursors[c.me][stateRead] > before {
		c.tellRead(ctx)
	}
	return nil
}

func (c *chat) setRead(ctx context.Context, seq int64) error {
	if _, err := c.log.SetCursor(ctx, c.me, stateRead, seq); err != nil {
		return err
	}
	c.cursors[c.me][stateRead] = seq
	c.shown.summary = true
	return c.countUnread(ctx)
}

// tellRead tells my other devices and, with receipts on, everybody.
func (c *chat) tellRead(ctx context.Context) {
	scope := sdk.Everyone
	if !c.setting("receipts") {
		scope = sdk.MyDevices
	}
	value, err := wire.EncodeCursor(c.cursors[c.me][stateRead])
	if err == nil {
		err = c.s.SetState(ctx, stateRead, value, scope)
	}
	c.oops("tell what was read", err)
}

// tellDelivered tells that everything up to the last message of somebody else
// is stored here.
func (c *chat) tellDelivered(ctx context.Context) {
	if c.last == nil || len(c.others) == 0 || c.last.Pos <= c.deliveredC {
		return
	}
	seq := c.last.Pos
	if c.last.From == c.me {
		var err error
		if seq, err = c.log.LastIncoming(ctx, c.me); err != nil {
			c.oops("find the last message", err)
			return
		}
	}
	if seq <= c.deliveredC {
		return
	}
	value, err := wire.EncodeCursor(seq)
	if err == nil {
		err = c.s.SetState(ctx, stateDelivered, value, sdk.Everyone)
	}
	if err != nil {
		c.oops("tell what was delivered", err)
		return
	}
	c.deliveredC = seq
	if _, err := c.log.SetCursor(ctx, c.me, stateDelivered, seq); err != nil {
		c.oops("keep what was delivered", err)
	}
}
