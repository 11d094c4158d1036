package im

import (
	"context"
	"slices"
	"time"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// Times of drafts and of typing.
const (
	draftEvery  = 1500 * time.Millisecond
	typingEvery = 3 * time.Second // at most one signal in this time
	typingFor   = 6 * time.Second // then it is forgotten
	maxTypers   = 32
)

// draftTyped saves the draft soon, for my other devices and the list.
func (c *chat) draftTyped() {
	c.shown.summary = true
	if !c.composer.saving {
		c.composer.saving = true
		c.after(draftEvery, timerDraft)
	}
}

// draftDone saves the draft at once: it was sent, or its reply begun or dropped.
func (c *chat) draftDone(ctx context.Context) {
	c.shown.summary = true
	c.saveDraft(ctx)
}

func (c *chat) saveDraft(ctx context.Context) {
	d := wire.Draft{Text: c.composer.draft, ReplyTo: c.composer.replyTo, Device: c.self.Device}
	if d == c.composer.saved || d.Text == "" && c.composer.saved.Text == "" && d.ReplyTo == c.composer.saved.ReplyTo {
		return
	}
	value, err := wire.EncodeDraft(d)
	if err == nil {
		err = c.s.SetState(ctx, stateDraft, value, sdk.MyDevices)
	}
	if err != nil {
		c.oops("save the draft", err)
		return
	}
	c.composer.saved = d
}

// initialDraft takes the draft that was kept when the session opens. What another
// device has written since replaces what the host has in the composer.
func (c *chat) initialDraft(s sdk.State) {
	d, ok := wire.DecodeDraft(s.Value)
	if !ok || s.Author != c.me {
		return
	}
	c.composer.saved = d
	c.composer.draft, c.composer.initial, c.composer.replyTo = d.Text, d.Text, d.ReplyTo
	c.composer.foreign = d.Device != c.self.Device
	c.composer.replace = c.composer.foreign
}

// resume goes on with the edit or the reply that was begun when the session was
// open last.
func (c *chat) resume(ctx context.Context) error {
	id, draft, err := c.log.Editing(ctx)
	if err != nil {
		return err
	}
	if c.composer.pictures, err = c.log.Pictures(ctx); err != nil {
		return err
	}
	if id != "" {
		row, err := c.log.Row(ctx, id)
		if err != nil {
			return err
		}
		if row != nil && !row.Gone() && row.From == c.me {
			c.composer.draft, c.composer.initial, c.composer.editing = draft, row.Shown(), id
			c.composer.replyTo, c.composer.replace = "", false
			c.describe(row)
			return nil
		}
		c.keepEditing(ctx, "")
	}
	if c.composer.replyTo == "" {
		return nil
	}
	row, err := c.log.Row(ctx, c.composer.replyTo)
	if err != nil {
		return err
	}
	if row == nil || row.Gone() {
		c.composer.replyTo = ""
		return nil
	}
	c.describe(row)
	return nil
}

// keepEditing remembers the edit that has begun, with the draft that waits, or
// with "" that it is over.
func (c *chat) keepEditing(ctx context.Context, id string) {
	draft := ""
	if id != "" {
		draft = c.composer.draft
	}
	c.oops("remember the edit", c.log.SetEditing(ctx, id, draft))
}

// otherDraft takes what I write on another of my devices, unless something is
// being written here.
func (c *chat) otherDraft(s sdk.State) {
	d, ok := wire.DecodeDraft(s.Value)
	if !ok || d.Device == c.self.Device {
		return
	}
	untouched := c.composer.draft == c.composer.saved.Text && c.composer.editing == ""
	c.composer.saved = d
	if !untouched {
		return
	}
	c.composer.draft = d.Text
	c.shown.summary = true
	c.oops("set text", c.s.SetText(composerID, d.Text, c.composer.revision))
}

// typing is who writes now, and when I said last that I do.
type typing struct {
	until map[string]time.Time
	timer bool
	told  bool
	at    time.Time
	shown time.Time // when the summary said last that somebody writes
}

// signal takes the typing signals of others.
func (c *chat) signal(s sdk.Signal) {
	on, ok := wire.DecodeTyping(s.Body)
	if !ok || !slices.Contains(c.others, s.From) {
		return
	}
	if !on {
		c.stopTyping(s.From)
		return
	}
	if len(c.typing.until) < maxTypers || !c.typing.until[s.From].IsZero() {
		c.typing.until[s.From] = c.now().Add(typingFor)
		c.shown.view, c.shown.summary = true, true
	}
	if !c.typing.timer {
		c.typing.timer = true
		c.after(typingFor, timerTyping)
	}
}

func (c *chat) stopTyping(who string) {
	if _, ok := c.typing.until[who]; ok {
		delete(c.typing.until, who)
		c.shown.view, c.shown.summary = true, true
	}
}

func (c *chat) expireTyping() {
	c.typing.timer = false
	now := c.now()
	next := time.Duration(0)
	for who, until := range c.typing.until {
		left := until.Sub(now)
		if left <= 0 {
			c.stopTyping(who)
		} else if next == 0 || left < next {
			next = left
		}
	}
	if next > 0 {
		c.typing.timer = true
		c.after(next, timerTyping)
	}
}

// typingLine says who is writing.
func (c *chat) typingLine() string {
	names := make([]string, 0, len(c.typing.until))
	for who := range c.typing.until {
		names = append(names, clip(c.name(who), maxPreview))
	}
	slices.Sort(names)
	return c.words.typing(names)
}

// sendTyping tells the others that I write, or no longer do. The setting
// forbids the first, never the second.
func (c *chat) sendTyping(on bool) {
	if len(c.others) == 0 || c.readOnly != "" || on && !c.setting("typing") {
		return
	}
	if !on && !c.typing.told || on && c.typing.told && c.now().Sub(c.typing.at) < typingEvery {
		return
	}
	body, err := wire.EncodeTyping(on)
	if err == nil {
		err = c.s.Signal(body)
	}
	c.oops("tell that I am typing", err)
	c.typing.told, c.typing.at = on, c.now()
}
