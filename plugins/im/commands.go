package im

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of answers to commands.
const (
	defaultHistory = 50
	maxHistory     = 5000
	maxFound       = 200
	replyBytes     = 850 << 10
)

// Entry is a message as the commands history and search give it.
type Entry struct {
	ID      string `json:"id"`
	From    string `json:"from"`
	Text    string `json:"text"`
	Time    string `json:"time"` // RFC 3339
	State   string `json:"state"`
	Edited  bool   `json:"edited"`
	ReplyTo string `json:"reply_to"`
	Deleted bool   `json:"deleted,omitempty"`
	Reason  string `json:"reason,omitempty"` // why it was not sent
	Note    string `json:"note,omitempty"`   // what is said in place of a text that cannot be shown
	Picture *Image `json:"picture,omitempty"`
	// Reactions in the order in which the first of each came.
	Reactions []Reacted `json:"reactions,omitempty"`
	// Forwarded is whose it was, as the one who forwarded it says.
	Forwarded *Origin `json:"forwarded,omitempty"`
}

// Image is the picture of an Entry.
type Image struct {
	Hash   string `json:"hash"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

type arguments struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	ReplyTo string `json:"reply_to"`
	Query   string `json:"query"`
	Before  string `json:"before"`
	Limit   int    `json:"limit"`
	On      bool   `json:"on"`
	Emoji   string `json:"emoji"`
	From    string `json:"from"`
	IDs     string `json:"ids"`
	Picture string `json:"picture"`
}

// command answers a contributed command.
func (c *chat) command(ctx context.Context, cmd sdk.Command) {
	result, err := c.run(ctx, cmd)
	if err != nil {
		c.s.Fail(cmd, c.sentence(err))
		return
	}
	c.oops("answer a command", c.s.Reply(cmd, result))
}

func (c *chat) run(ctx context.Context, cmd sdk.Command) (any, error) {
	if result, taken, err := c.transfer(ctx, cmd); taken {
		return result, err
	}
	var a arguments
	if err := cmd.Decode(&a); err != nil {
		return nil, refusal(c.words.badArguments)
	}
	done := struct{}{}
	switch cmd.Name {
	case "send":
		id, err := c.send(ctx, a.Text, a.ReplyTo, a.Picture)
		return map[string]string{"id": id}, err
	case "history":
		return c.history(ctx, a.Limit, a.Before)
	case "search":
		return c.search(ctx, a.Query, a.Limit)
	case "edit":
		return done, c.edit(ctx, a.ID, a.Text)
	case "delete":
		return done, c.remove(ctx, a.ID)
	case "typing":
		c.sendTyping(a.On)
		return done, nil
	case "receipts":
		row, err := c.own(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		return c.receipts(row.Seq()), nil
	case "read":
		c.unmark(ctx)
		if c.last == nil {
			return done, nil
		}
		return done, c.readUpTo(ctx, c.last.Pos)
	case "unread":
		return done, c.markUnread(ctx)
	case "react":
		return done, c.react(ctx, a.ID, a.Emoji)
	case "forward":
		ids, err := c.forwardCommand(ctx, cmd.ID, a.From, a.IDs)
		return map[string][]string{"ids": ids}, err
	}
	return nil, refusal(c.words.badArguments)
}

// history lists the newest messages, or those above one, oldest first. What was
// not sent stands where it was written.
func (c *chat) history(ctx context.Context, limit int, before string) ([]Entry, error) {
	if limit <= 0 {
		limit = defaultHistory
	}
	limit = min(limit, maxHistory)
	pos, until, read := int64(history.End), int64(math.MaxInt64), limit
	if before != "" {
		row, err := c.log.Row(ctx, before)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, refusal(c.words.noMessage)
		}
		if pos, until = row.Pos, row.Time; row.State == history.Failed { // it has no place in the order
			pos, read = history.End, maxHistory
		}
	}
	rows, err := c.log.Messages(ctx, pos, read+1)
	if err != nil {
		return nil, err
	}
	if read > limit || before != "" && pos == history.End {
		rows = slices.DeleteFunc(rows, func(r history.Row) bool { return r.Time > until })
	}
	more := len(rows) > limit
	rows = rows[max(0, len(rows)-limit):]
	from := int64(0)
	if more {
		from = rows[0].Time
	}
	failed, err := c.log.NotSent(ctx, from, until, limit)
	if err != nil {
		return nil, err
	}
	rows = lastOf(byTime(rows, failed), limit, more)
	slices.Reverse(rows)
	out, err := c.entries(ctx, rows)
	slices.Reverse(out)
	return out, err
}

// byTime puts what was not sent among the rows of the order, by when it was
// written; both are sorted.
func byTime(rows, failed []history.Row) []history.Row {
	out := make([]history.Row, 0, len(rows)+len(failed))
	for _, r := range rows {
		for len(failed) > 0 && failed[0].Time < r.Time {
			out, failed = append(out, failed[0]), failed[1:]
		}
		out = append(out, r)
	}
	return append(out, failed...)
}

// lastOf are the last rows. Where there are others above, the first of them is
// one of the order: who asks for those above it by its id misses nothing.
func lastOf(rows []history.Row, limit int, more bool) []history.Row {
	if len(rows) > limit {
		rows, more = rows[len(rows)-limit:], true
	}
	for more && len(rows) > 1 && rows[0].State == history.Failed {
		rows = rows[1:]
	}
	return rows
}

func (c *chat) search(ctx context.Context, query string, limit int) ([]Entry, error) {
	if limit <= 0 || limit > maxFound {
		limit = defaultHistory
	}
	rows, err := c.log.Search(ctx, query, limit)
	if err != nil {
		return nil, err
	}
	return c.entries(ctx, rows)
}

// entries gives as many rows, the first ones first, as fit into an answer.
func (c *chat) entries(ctx context.Context, rows []history.Row) ([]Entry, error) {
	sc, err := c.scene(ctx, nil)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(rows))
	size := 0
	for i := range rows {
		e := sc.entry(&rows[i])
		data, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		if size += len(data) + 1; size > replyBytes && i > 0 {
			break
		}
		out = append(out, e)
	}
	return out, nil
}

var stateNames = map[contractv1.Message_State]string{
	contractv1.Message_WAITING: "pending", contractv1.Message_SENT: "sent", contractv1.Message_DELIVERED: "delivered",
	contractv1.Message_READ: "read", contractv1.Message_NOT_SENT: "not-sent", contractv1.Message_RECEIVED: "received",
}

func (sc *scene) entry(r *history.Row) Entry {
	e := Entry{
		ID: r.ID, From: r.From, State: stateNames[sc.state(r)], ReplyTo: r.ReplyTo, Deleted: r.Gone(),
		Reason: r.Reason, Note: sc.note(r), Time: time.UnixMilli(r.Time).UTC().Format("2006-01-02T15:04:05.000Z07:00"),
	}
	if !e.Deleted {
		e.Text, e.Edited = r.Shown(), r.WasEdited()
		if p, ok := pictureOf(r.Picture); ok {
			e.Picture = &Image{p.Hash, p.Type, p.Width, p.Height, p.Bytes}
		}
		e.Reactions, e.Forwarded = sc.reacted(r), originOf(r)
	}
	return e
}
