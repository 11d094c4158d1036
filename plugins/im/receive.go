package im

import (
	"context"
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
	c.dated(u.Time)
	b := wire.Decode(u.Body)
	if b.Kind != wire.React {
		c.stopTyping(u.From)
	}
	return c.received(ctx, history.Entry{
		ID: string(u.ID), From: u.From, Device: u.Device, Seq: u.Seq, Time: u.Time.UnixMilli(),
		Body: b, Own: u.From == c.me, Mention: c.namesMe(u.From, b.Text),
	})
}

// received gathers entries of the order for a moment.
func (c *chat) received(ctx context.Context, e history.Entry) error {
	c.batch = append(c.batch, e)
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
	c.committed, c.position = c.now(), applied.Position
	c.oops("acknowledge", c.s.Ack(applied.Position))
	return c.absorb(ctx, entries, applied)
}

// absorb brings memory and list in line with what was stored.
func (c *chat) absorb(ctx context.Context, entries []history.Entry, a history.Applied) error {
	c.fetchPictures(ctx, entries)
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
	if a.Moved {
		if err := c.reload(ctx); err != nil {
			return err
		}
	}
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
	rows, err := c.log.Ordered(ctx, first.Pos, len(added))
	if err != nil {
		return err
	}
	before, err := c.log.Before(ctx, first.Place())
	if err != nil {
		return err
	}
	read := c.cursors[c.me][stateRead]
	answered := -1 // the last that I wrote, on another device
	for i := range rows {
		if rows[i].From == c.me && rows[i].Kind != history.Event {
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
		if r.Kind == history.Event {
			c.learn(r)
			continue
		}
		c.message = r
		if r.From == c.me || r.Pos <= read {
			continue
		}
		if r.Mention {
			c.mentions = min(c.mentions+1, history.MaxUnread)
			c.mentioned = r.Pos
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
			Time: p.Time.UnixMilli(), Text: b.Text, ReplyTo: b.ReplyTo, Picture: history.PictureText(b), Forwarded: b.Forwarded.String()})
		return err
	case wire.React:
		return c.keepChange(ctx, history.ReactionChange(id, b.Target, b.Emoji, b.On, p.Time.UnixMilli()), "")
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
	before, err := c.log.Before(ctx, row.Place())
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
	change, err := c.log.Change(ctx, string(f.ID))
	if err != nil {
		return err
	}
	was, err := c.log.Row(ctx, string(f.ID))
	if err != nil {
		return err
	}
	message, moved, err := c.log.Fail(ctx, string(f.ID), reason)
	if err != nil {
		return err
	}
	if err := c.notReacted(ctx, change); err != nil {
		return err
	}
	delete(c.unsettled, string(f.ID))
	delete(c.sent, string(f.ID))
	c.shown.anew = c.shown.anew || moved
	switch {
	case message == "":
		return nil
	case was == nil || was.ID != message:
		return c.touched(ctx, message)
	}
	return c.stays(ctx, was)
}

// stays brings a message that was not sent from the end to where it was written.
func (c *chat) stays(ctx context.Context, was *history.Row) error {
	row, err := c.log.Row(ctx, was.ID)
	if err != nil || row == nil {
		return err
	}
	next, err := c.log.After(ctx, row.Place(), 1)
	if err != nil {
		return err
	}
	if len(next) == 0 || next[0].Place().Compare(was.Place()) > 0 {
		return c.touched(ctx, row.ID) // it is there
	}
	if err := c.touched(ctx, row.ID); err != nil {
		return err
	}
	before, err := c.log.Before(ctx, row.Place())
	if err != nil {
		return err
	}
	if err := c.place(ctx, before, []history.Row{*row}); err != nil {
		return err
	}
	return c.closeGap(ctx, was.Place())
}
