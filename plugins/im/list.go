package im

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
	"switchboard/sdk/view"
)

// want answers with items around an anchor, from the history by position.
func (c *chat) want(ctx context.Context, w sdk.Want) error {
	if w.List != listID {
		return nil
	}
	items, more, err := c.window(ctx, w)
	if err != nil {
		return err
	}
	c.shown.wanted = true
	c.oops("answer for items", c.s.Items(w, items, more[0], more[1], c.shown.generation))
	return nil
}

// window draws the rows around the anchor of w and says whether there are more
// above and below.
func (c *chat) window(ctx context.Context, w sdk.Want) ([]view.Item, [2]bool, error) {
	var more [2]bool
	at := history.At(history.End)
	if w.Anchor != "" {
		row, err := c.rowOf(ctx, w.Anchor)
		if err != nil {
			return nil, more, err
		}
		if row != nil {
			at = row.Place()
		}
	}
	before, after := min(max(w.Before, 0), maxPatch), min(max(w.After, 0), maxPatch)
	rows, above, below, err := c.log.Window(ctx, at, before+1, after+1)
	if err != nil {
		return nil, more, err
	}
	// One row more than asked for, to know what the first one follows.
	var prev *history.Row
	lower := 0
	for lower < len(rows) && rows[lower].Place().Compare(at) < 0 {
		lower++
	}
	if lower > before {
		first := rows[0]
		prev, rows, above = &first, rows[1:], true
	}
	sc, err := c.scene(ctx, rows)
	if err != nil {
		return nil, more, err
	}
	anchor := len(rows)
	for i := range rows {
		if rows[i].Place().Compare(at) >= 0 {
			anchor = i
			break
		}
	}
	items := sc.items(prev, rows[:anchor])
	middle := len(items)
	if anchor > 0 {
		prev = &rows[anchor-1]
	}
	items = append(items, sc.items(prev, rows[anchor:])...)
	items, cutAbove, cutBelow := fit(items, middle)
	return items, [2]bool{above || cutAbove, below || cutBelow}, nil
}

// fit drops items that are farthest from at until the rest fits into an answer.
func fit(items []view.Item, at int) (kept []view.Item, above, below bool) {
	size := 0
	for _, i := range items {
		size += proto.Size(i)
	}
	lo, hi := 0, len(items)
	for hi-lo > 1 && (hi-lo > maxPatch || size > answerBytes) {
		if at-lo > hi-1-at {
			size -= proto.Size(items[lo])
			lo++
		} else {
			hi--
			size -= proto.Size(items[hi])
		}
	}
	return items[lo:hi], lo > 0, hi < len(items)
}

// rowOf finds the row to which a key belongs: its own, that of a day or of the
// "new" line above it.
func (c *chat) rowOf(ctx context.Context, key string) (*history.Row, error) {
	if key == newKey {
		key = c.shown.newAt
	}
	return c.log.Row(ctx, strings.TrimPrefix(strings.TrimPrefix(key, olderPrefix), dayPrefix))
}

// visible follows who looks. The "new" line is set when a person opens the
// conversation and taken away when it is closed.
func (c *chat) visible(ctx context.Context, v sdk.Visible) error {
	was := c.shown.visible
	c.shown.visible = v
	switch {
	case v.Full && v.Focused && !(was.Full && was.Focused):
		err := c.refreshNew(ctx)
		c.unmark(ctx) // who comes back to it has seen it
		return err
	case v.Full && !was.Full:
		return c.refreshNew(ctx)
	case !v.Full && was.Full:
		return c.setNew(ctx, "")
	}
	return nil
}

// refreshNew sets the "new" line above the first unread message.
func (c *chat) refreshNew(ctx context.Context) error {
	if !c.shown.visible.Full || c.shown.newAt != "" || c.unreadShown() == 0 {
		return nil
	}
	if c.unread == 0 {
		rows, _, _, err := c.log.Window(ctx, history.At(c.marked), 0, 1)
		if err != nil || len(rows) == 0 || rows[0].Pos != c.marked {
			return err
		}
		return c.setNew(ctx, rows[0].ID)
	}
	_, first, err := c.log.Unread(ctx, c.me, c.cursors[c.me][stateRead])
	if err != nil {
		return err
	}
	return c.setNew(ctx, first)
}

// setNew moves the "new" line above a message, or takes it away.
func (c *chat) setNew(ctx context.Context, id string) error {
	old := c.shown.newAt
	if old == id {
		return nil
	}
	c.shown.newAt = id
	if old != "" {
		c.shown.dirty[old] = true
		if c.shown.wanted {
			c.shown.ops = append(c.shown.ops, view.Remove(newKey))
		}
	}
	if id == "" || !c.shown.wanted {
		return nil
	}
	row, err := c.log.Row(ctx, id)
	if err != nil || row == nil {
		return err
	}
	before, err := c.log.Before(ctx, row.Place())
	if err != nil {
		return err
	}
	sc, err := c.scene(ctx, []history.Row{*row})
	if err != nil {
		return err
	}
	c.placeOne(sc, before, row)
	return nil
}
