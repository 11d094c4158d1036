package im

import (
	"context"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
)

// startEdit begins to change an own message.
func (c *chat) startEdit(ctx context.Context, id string) error {
	row, err := c.own(ctx, id)
	if err != nil {
		return err
	}
	if row.Kind != wire.Text || row.State == history.Failed {
		return refusal(c.words.notEditable)
	}
	c.beginEdit(ctx, row)
	return nil
}

func (c *chat) editLast(ctx context.Context) error {
	row, err := c.log.LastEditable(ctx, c.me)
	if err != nil || row == nil {
		return err
	}
	c.beginEdit(ctx, row)
	return nil
}

// beginEdit puts a message's text into the composer; the draft waits.
func (c *chat) beginEdit(ctx context.Context, row *history.Row) {
	c.keepEditing(ctx, row.ID)
	if c.composer.editing != "" {
		c.shown.dirty[c.composer.editing] = true
	}
	c.composer.editing = row.ID
	c.shown.dirty[row.ID] = true
	c.replaceText(row.Shown())
	c.speakOf(row)
}
