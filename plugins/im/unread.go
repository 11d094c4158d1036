package im

import (
	"context"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// stateUnread is where the person marked a message as unread again, 0 for nowhere.
// It is a matter of the person's own devices: what was told as read stays so.
const stateUnread = "unread"

// markUnread marks the newest message that others wrote, of notes to oneself the
// newest of all.
func (c *chat) markUnread(ctx context.Context) error {
	pos, err := c.log.LastIncoming(ctx, c.me)
	if err != nil {
		return err
	}
	if len(c.others) == 0 && c.message != nil {
		pos = c.message.Pos
	}
	if pos == 0 {
		return refusal(c.words.chat().nothingUnread)
	}
	return c.setMark(ctx, max(1, min(pos, c.position)))
}

// unmark is when the person has read again.
func (c *chat) unmark(ctx context.Context) {
	if c.marked != 0 {
		c.oops("tell what is no longer marked as unread", c.setMark(ctx, 0))
	}
}

func (c *chat) setMark(ctx context.Context, pos int64) error {
	value, err := wire.EncodeCursor(pos)
	if err != nil {
		return err
	}
	if err := c.s.SetState(ctx, stateUnread, value, sdk.MyDevices); err != nil {
		return err
	}
	c.marked, c.shown.summary = pos, true
	return nil
}

// markedElsewhere takes what another device of mine has marked.
func (c *chat) markedElsewhere(s sdk.State) {
	if pos, ok := wire.DecodeCursor(s.Value); ok && s.Author == c.me && pos != c.marked {
		c.marked, c.shown.summary = pos, true
	}
}

// unreadShown is what the list of conversations counts.
func (c *chat) unreadShown() int {
	if c.marked != 0 {
		return max(c.unread, 1)
	}
	return c.unread
}
