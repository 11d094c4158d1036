package im

import (
	"context"
	"slices"
	"strings"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// state takes somebody's cursors, and the draft of another device of mine.
func (c *chat) state(ctx context.Context, s sdk.State) error {
	if s.Key == stateDraft {
		if s.Author == c.me {
			c.otherDraft(s)
		}
		return nil
	}
	if strings.HasPrefix(s.Key, olderWant) || strings.HasPrefix(s.Key, olderHave) {
		return c.olderState(ctx, s)
	}
	if s.Key == stateUnread {
		c.markedElsewhere(s)
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
	at := s.Time
	if at.IsZero() {
		at = c.now()
	}
	if err := c.log.MoveCursor(ctx, s.Author, s.Key, seq, at.UnixMilli()); err != nil {
		return err
	}
	before := c.cursors[s.Author][s.Key]
	c.cursors[s.Author][s.Key] = seq
	if err := c.memberMoved(ctx, before, seq); err != nil {
		return err
	}
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
		r := c.cursor(who, stateRead)
		d := max(c.cursor(who, stateDelivered), r)
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
	switch {
	case row.State == history.Failed: // what was above it when it was written
		seq = row.Place().Pos
	case seq == 0 && c.last != nil: // an own message below everything stored
		seq = c.last.Pos
	}
	if seq >= c.marked {
		c.unmark(ctx)
	}
	return c.readUpTo(ctx, seq)
}

// readUpTo marks as read when that covers anything of somebody else.
func (c *chat) readUpTo(ctx context.Context, seq int64) error {
	seq = min(seq, c.position)
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
	if !c.setting("receipts") || !c.receiptsWanted() {
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
	if c.message == nil || len(c.others) == 0 || min(c.message.Pos, c.position) <= c.deliveredC || !c.receiptsWanted() {
		return
	}
	seq := c.message.Pos
	if c.message.From == c.me {
		var err error
		if seq, err = c.log.LastIncoming(ctx, c.me); err != nil {
			c.oops("find the last message", err)
			return
		}
	}
	if seq = min(seq, c.position); seq <= c.deliveredC {
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
