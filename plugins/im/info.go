package im

import (
	"context"
	"fmt"

	"switchboard/plugins/im/history"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// Ids of the dialog about one message.
const (
	menuInfo    = "info"
	infoID      = "info"
	infoCloseID = "info:close"
)

// showInfo opens the dialog about a message.
func (c *chat) showInfo(ctx context.Context, id string) error {
	row, err := c.log.Row(ctx, id)
	switch {
	case err != nil:
		return err
	case row == nil || row.Kind == history.Event:
		return refusal(c.words.noMessage)
	}
	c.infoOf, c.shown.view = id, true
	return nil
}

// renewInfo makes the dialog anew before the view is shown; nil when nobody asks.
func (c *chat) renewInfo(ctx context.Context) error {
	c.infoNode = nil
	if c.infoOf == "" {
		return nil
	}
	row, err := c.log.Row(ctx, c.infoOf)
	if err != nil {
		return err
	}
	if row == nil {
		c.infoOf = ""
		return nil
	}
	title, lines := c.words.chat().infoTitle, c.aboutMessage(row)
	if row.From == c.me && row.Seq() > 0 && len(c.others) > 0 && c.receiptsWanted() {
		r := c.receipts(row.Seq())
		if c.group() && r.of() > 0 {
			title = fmt.Sprintf(c.words.readBy, len(r.Read), r.of())
		}
		who, err := c.whoHas(ctx, row.Seq(), r)
		if err != nil {
			return err
		}
		lines = append(lines, who...)
	}
	last := c.words.chat().infoOpen
	if len(c.others) == 0 {
		last = c.words.chat().infoSelf + " " + last
	}
	lines = append(lines, view.Caption(last))
	c.infoNode = view.Dialog(infoID, title, view.Column(lines...), true, view.Button(infoCloseID, c.words.close))
	return nil
}

// moment is an exact time.
func (c *chat) moment(ms int64) string { return local(ms).Format(c.words.chat().timeLayout) }

// aboutMessage says from whom it is, and when it was sent and edited.
func (c *chat) aboutMessage(row *history.Row) (lines []view.Node) {
	w := c.words.chat()
	say := func(sentence string, args ...any) {
		lines = append(lines, view.Text(fmt.Sprintf(sentence, args...)))
	}
	if row.From != c.me {
		say(w.infoFrom, clip(c.name(row.From), maxPreview)+" ("+clip(row.From, maxPreview)+")")
	}
	switch {
	case row.State == history.Failed:
		say(w.infoNotSent, c.moment(row.Time), clip(row.Reason, maxReason))
	case row.State == history.Waiting && !c.sent[row.ID]:
		say(w.infoWaiting, c.moment(row.Time))
	default:
		say(w.infoSent, c.moment(row.Time))
	}
	if row.WasEdited() && row.EditTime > 0 {
		say(w.infoEdited, c.moment(row.EditTime))
	}
	return lines
}

// whoHas names who has read or received an own message, and when, where that is
// known.
func (c *chat) whoHas(ctx context.Context, seq int64, r receipts) (lines []view.Node, err error) {
	w := c.words.chat()
	for _, part := range []struct {
		title, key, at string
		who            []string
	}{{c.words.haveRead, stateRead, w.readAt, r.Read}, {c.words.haveReceived, stateDelivered, w.gotAt, r.Delivered}, {c.words.haveNot, "", "", r.Waiting}} {
		if len(part.who) == 0 {
			continue
		}
		lines = append(lines, view.Text(part.title, view.Style(contractv1.Text_STRONG)))
		for i, who := range part.who {
			if i == maxNamed {
				lines = append(lines, view.Secondary(fmt.Sprintf(c.words.andMore, len(part.who)-maxNamed)))
				break
			}
			line, err := c.whoWhen(ctx, who, part.key, part.at, seq)
			if err != nil {
				return nil, err
			}
			lines = append(lines, view.Text(line, view.MaxLines(2)))
		}
	}
	return lines, nil
}

// whoWhen is a person, with when that was where it is known.
func (c *chat) whoWhen(ctx context.Context, who, key, sentence string, seq int64) (string, error) {
	line := clip(c.name(who), maxPreview)
	if key == "" {
		return line, nil
	}
	at, err := c.log.Moved(ctx, who, key, seq)
	if err != nil || at == 0 {
		return line, err
	}
	return fmt.Sprintf(sentence, line, c.moment(at)), nil
}
