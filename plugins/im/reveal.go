package im

import (
	"context"
	"time"
)

// reveal goes to a message and lights it up.
func (c *chat) reveal(ctx context.Context, id string) error {
	row, err := c.log.Row(ctx, id)
	switch {
	case err != nil:
		return err
	case row == nil:
		return refusal(c.words.more().notHere)
	case row.Gone():
		return refusal(c.words.more().goneNow)
	}
	return c.jump(ctx, id)
}

// toDay goes to the first message of a day, or of the next day that has one.
func (c *chat) toDay(ctx context.Context, value string) error {
	day, err := time.ParseInLocation(time.DateOnly, value, time.Local)
	if err != nil {
		return refusal(c.words.more().noDay)
	}
	row, err := c.log.From(ctx, day.UnixMilli())
	switch {
	case err != nil:
		return err
	case row == nil:
		return refusal(c.words.more().nothingSince)
	}
	return c.jump(ctx, row.ID)
}

// jump goes to a quoted message and lights it up.
func (c *chat) jump(ctx context.Context, id string) error {
	row, err := c.log.Row(ctx, id)
	if err != nil || row == nil {
		return err
	}
	c.oops("scroll", c.s.ScrollTo(listID, id))
	c.oops("flash", c.s.Flash(listID, id))
	return nil
}
