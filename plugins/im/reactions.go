package im

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

const (
	maxTipNames  = 20  // people named by the tooltip of a reaction
	maxTip       = 512 // bytes of it
	maxReacted   = 200 // addresses of one emoji in the answer to a command
	maxReactedTo = 80  // bytes of a message in the line that says somebody reacted
)

// Reacted is a reaction as the command history gives it.
type Reacted struct {
	Emoji string   `json:"emoji"`
	From  []string `json:"from"` // addresses, at most 200
	// Count of all who gave it, where those are more.
	Count int `json:"count,omitempty"`
}

// reactionsTo are the reactions of a row, with own ones that are on their way.
func reactionsTo(r *history.Row, me string) []history.Reaction {
	if len(r.Reacting) == 0 {
		return r.Reactions
	}
	out := make([]history.Reaction, len(r.Reactions))
	for i, one := range r.Reactions {
		out[i] = history.Reaction{Emoji: one.Emoji, From: slices.Clone(one.From)}
	}
	for _, p := range r.Reacting {
		i := slices.IndexFunc(out, func(one history.Reaction) bool { return one.Emoji == p.Emoji })
		switch {
		case p.On && i < 0:
			out = append(out, history.Reaction{Emoji: p.Emoji, From: []string{me}})
		case p.On && !slices.Contains(out[i].From, me):
			out[i].From = append(out[i].From, me)
		case !p.On && i >= 0:
			out[i].From = slices.DeleteFunc(out[i].From, func(who string) bool { return who == me })
		}
	}
	return slices.DeleteFunc(out, func(one history.Reaction) bool { return len(one.From) == 0 })
}

// reactable tells whether a message can have reactions.
func reactable(r *history.Row) bool {
	return r.Kind == wire.Text && !r.Gone() && r.State != history.Failed
}

// react gives a message an emoji, or takes an own one back.
func (c *chat) react(ctx context.Context, id, emoji string) error {
	if !wire.ValidEmoji(emoji) {
		return refusal(c.words.chat().badEmoji)
	}
	row, err := c.existing(ctx, id)
	switch {
	case err != nil:
		return err
	case !reactable(row):
		return refusal(c.words.chat().notReactable)
	}
	all := reactionsTo(row, c.me)
	i := slices.IndexFunc(all, func(one history.Reaction) bool { return one.Emoji == emoji })
	on := i < 0 || !slices.Contains(all[i].From, c.me)
	if i < 0 && len(all) >= history.MaxReactions {
		return refusal(c.words.chat().tooManyEmoji)
	}
	body, err := wire.Encode(wire.Body{Kind: wire.React, Target: id, Emoji: emoji, On: on})
	if err != nil {
		return refusal(c.words.chat().notReactable)
	}
	update, err := c.s.Update(ctx, body)
	if err != nil {
		return err
	}
	return c.keepChange(ctx, history.ReactionChange(string(update), id, emoji, on, c.now().UnixMilli()), "")
}

// notReacted forgets a reaction that was refused, at the host too: nobody would
// look for it.
func (c *chat) notReacted(ctx context.Context, ch *history.Change) error {
	if ch == nil || ch.Kind != wire.React {
		return nil
	}
	if err := c.s.Discard(ctx, sdk.ID(ch.ID)); err != nil {
		c.oops("forget a reaction", err)
	}
	return c.log.Discard(ctx, ch.ID)
}

// chips are the reactions below a message.
func (sc *scene) chips(r *history.Row) []*contractv1.Chip {
	if !reactable(r) {
		return nil
	}
	var out []*contractv1.Chip
	for _, one := range reactionsTo(r, sc.me) {
		out = append(out, &contractv1.Chip{Id: one.Emoji, Text: one.Emoji, Count: uint32(len(one.From)),
			Selected: slices.Contains(one.From, sc.me), Tooltip: sc.people(one.From)})
	}
	return out
}

// people names who reacted.
func (sc *scene) people(who []string) string {
	names := make([]string, 0, min(len(who), maxTipNames)+1)
	for i, address := range who {
		if i == maxTipNames {
			names = append(names, fmt.Sprintf(sc.words.andMore, len(who)-maxTipNames))
			break
		}
		if address == sc.me {
			names = append(names, sc.words.you)
		} else {
			names = append(names, clip(sc.name(address), maxQuote))
		}
	}
	return clip(strings.Join(names, ", "), maxTip)
}

// reacted are a row's reactions for a command.
func (sc *scene) reacted(r *history.Row) (out []Reacted) {
	if !reactable(r) {
		return nil
	}
	for _, one := range reactionsTo(r, sc.me) {
		e := Reacted{Emoji: one.Emoji, From: one.From}
		if n := len(one.From); n > maxReacted {
			e.From, e.Count = one.From[:maxReacted], n
		}
		out = append(out, e)
	}
	return out
}

// lastReaction is the line of the summary when the newest thing is a reaction to
// a message of mine; false when it is not.
func (c *chat) lastReaction(ctx context.Context, sc *scene, last *history.Row) (line, who string, ok bool, err error) {
	if last == nil || last.State == history.Waiting {
		return "", "", false, nil
	}
	who, emoji, target, found, err := c.log.LastReaction(ctx, c.me, last.Place().Pos)
	if err != nil || !found {
		return "", "", false, err
	}
	row, err := c.log.Row(ctx, target)
	if err != nil || row == nil || row.Gone() {
		return "", "", false, err
	}
	return clip(fmt.Sprintf(c.words.chat().reacted, emoji, sc.line(row, maxReactedTo)), maxPreview), who, true, nil
}
