package im

import (
	"context"
	"errors"
	"math"
	"strings"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// composer is what is being written.
type composer struct {
	initial   string // what the editor is created with
	draft     string // the text while nothing is edited
	revision  int64  // of the editor, as last heard
	foreign   bool   // the draft is another device's: what the host has is older
	replace   bool   // and is to be replaced as soon as there is a composer
	editing   string // id of the message being edited
	replyTo   string // id of the message being answered
	about     string // its line, for the banner
	aboutName string
	saved     wire.Draft // as my other devices know it
	pictures  []string   // attached: the text forms of contractv1.Pictures
	refused   string     // why what is attached is still there, in words
	saving    bool       // a timer to save it runs
}

// action does what the person asked for.
func (c *chat) action(ctx context.Context, a sdk.Action) error {
	switch {
	case a.Kind == sdk.Reveal:
		return c.reveal(ctx, a.Value)
	case a.Kind == sdk.Date:
		return c.toDay(ctx, a.Value)
	case a.List == listID && a.Kind == sdk.Link:
		return c.jump(ctx, a.Value)
	case a.Kind == sdk.React:
		if a.List != listID || !wire.ValidEmoji(a.Value) { // nothing that a person chose
			return nil
		}
		return c.react(ctx, a.Item, a.Value)
	case a.Kind == sdk.Forward:
		_, err := c.forward(ctx, a.ID, a.Source)
		return err
	case a.Node == infoCloseID && a.Kind == sdk.Press, a.Node == infoID:
		c.infoOf, c.shown.view = "", true
	case a.List == listID && a.Kind == sdk.Press:
		return c.messageAction(ctx, a)
	case a.Node == composerID && a.Kind == sdk.Submit:
		return c.submit(ctx, a.ID, a.Value)
	case a.Node == composerID && a.Kind == sdk.Attach:
		return c.attach(ctx, a.Value)
	case a.Node == detachID && a.Kind == sdk.Press:
		return c.detach(ctx, "")
	case strings.HasPrefix(a.Node, detachID+":") && a.Kind == sdk.Press:
		return c.detach(ctx, strings.TrimPrefix(a.Node, detachID+":"))
	case a.Node == composerID && a.Kind == sdk.EditLast:
		return c.editLast(ctx)
	case a.Node == composerID && a.Kind == sdk.Cancel, a.Node == closeID && a.Kind == sdk.Press:
		c.cancel(ctx)
	}
	return nil
}

func (c *chat) messageAction(ctx context.Context, a sdk.Action) error {
	switch {
	case a.Node == buttonAgain:
		return c.again(ctx, a.Item)
	case a.Node == buttonDiscard:
		return c.discard(ctx, a.Item)
	case a.Value == menuReceipts, a.Value == menuInfo:
		return c.showInfo(ctx, a.Item)
	case a.Value == menuReply:
		return c.startReply(ctx, a.Item)
	case a.Value == menuEdit:
		return c.startEdit(ctx, a.Item)
	case a.Value == menuDelete:
		return c.remove(ctx, a.Item)
	case a.Value == menuCopy:
		row, err := c.existing(ctx, a.Item)
		if err != nil {
			return err
		}
		c.copyText(row)
	}
	return nil
}

// existing finds a message that can still be spoken of.
func (c *chat) existing(ctx context.Context, id string) (*history.Row, error) {
	row, err := c.log.Row(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case row == nil || row.Gone() || row.Kind == history.Event:
		return nil, refusal(c.words.noMessage)
	}
	return row, nil
}

// own finds a message of mine that can be changed for everybody.
func (c *chat) own(ctx context.Context, id string) (*history.Row, error) {
	row, err := c.existing(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case row.From != c.me:
		return nil, refusal(c.words.notYours)
	}
	return row, nil
}

func (c *chat) submit(ctx context.Context, key, text string) error {
	if id := c.composer.editing; id != "" {
		if err := c.edit(ctx, id, text); err != nil {
			return err
		}
		c.leaveEdit(ctx)
		return nil
	}
	if err := c.finishSending(ctx); err != nil {
		return err
	}
	if len(c.composer.pictures) > 0 {
		if err := c.sendAttached(ctx, key, text); err != nil {
			return err
		}
	} else if _, err := c.send(ctx, text, c.composer.replyTo, ""); err != nil {
		return err
	}
	c.composer.draft, c.composer.initial, c.composer.replyTo = "", "", ""
	c.shown.view = true
	c.draftDone(ctx)
	c.sendTyping(false)
	return nil
}

// send makes a message: on the host's disk first, then in the history.
func (c *chat) send(ctx context.Context, text, replyTo, attached string, options ...sdk.UpdateOption) (id string, err error) {
	m, body, err := c.newMessage(ctx, text, replyTo, attached)
	if err != nil {
		return "", err
	}
	return c.post(ctx, m, body, options...)
}

// newMessage is a message to be sent, and its body.
func (c *chat) newMessage(ctx context.Context, text, replyTo, attached string) (m history.Outgoing, body []byte, err error) {
	picture, shown := pictureOf(attached)
	if attached != "" && !shown {
		return m, nil, refusal(c.words.badArguments)
	}
	if text, err = wire.Clean(text); err != nil && !(shown && errors.Is(err, wire.ErrEmpty)) {
		return m, nil, err
	}
	if replyTo != "" {
		row, err := c.log.Row(ctx, replyTo)
		if err != nil {
			return m, nil, err
		}
		if row == nil || row.Kind == history.Event {
			return m, nil, refusal(c.words.notQuotable)
		}
	}
	if body, err = wire.Encode(wire.Body{Kind: wire.Text, Text: text, ReplyTo: replyTo, Picture: picture}); err != nil {
		return m, nil, refusal(c.words.notQuotable)
	}
	return history.Outgoing{From: c.me, Device: c.self.Device, Time: c.now().UnixMilli(), Text: text, ReplyTo: replyTo, Picture: attached}, body, nil
}

// post gives a message to the host and then to the history.
func (c *chat) post(ctx context.Context, m history.Outgoing, body []byte, options ...sdk.UpdateOption) (id string, err error) {
	u, err := c.s.Update(ctx, body, options...)
	if err != nil {
		return "", err
	}
	m.ID = string(u)
	_, err = c.keep(ctx, m)
	return m.ID, err
}

// edit replaces the text of an own message for everybody.
func (c *chat) edit(ctx context.Context, id, text string) error {
	row, err := c.own(ctx, id)
	if err != nil {
		return err
	}
	if row.Kind != wire.Text || row.State == history.Failed {
		return refusal(c.words.notEditable)
	}
	if text, err = wire.Clean(text); err != nil || text == row.Shown() {
		return err
	}
	return c.change(ctx, history.Change{Target: id, Kind: wire.Edit, Text: text}, row)
}

// remove deletes an own message for everybody, or drops one that nobody got.
func (c *chat) remove(ctx context.Context, id string) error {
	row, err := c.own(ctx, id)
	if err != nil {
		return err
	}
	if row.State == history.Failed {
		return c.discard(ctx, id)
	}
	if c.composer.editing == id {
		c.leaveEdit(ctx)
	}
	return c.change(ctx, history.Change{Target: id, Kind: wire.Delete}, row)
}

// change sends an edit or deletion; a refused one before it is forgotten, by the
// host first: it would be told of again.
func (c *chat) change(ctx context.Context, ch history.Change, row *history.Row) error {
	body, err := wire.Encode(wire.Body{Kind: ch.Kind, Target: ch.Target, Text: ch.Text})
	if err != nil {
		return refusal(c.words.notEditable)
	}
	replaces := ""
	if row.Change != nil && row.Change.Reason != "" {
		replaces = row.Change.ID
		if err := c.s.Discard(ctx, sdk.ID(replaces)); err != nil {
			return err
		}
	}
	id, err := c.s.Update(ctx, body)
	if err != nil {
		return err
	}
	ch.ID, ch.Time = string(id), c.now().UnixMilli()
	return c.keepChange(ctx, ch, replaces)
}

// again sends once more what was not sent, under the same id: whatever became of
// the first attempt, it is there once.
func (c *chat) again(ctx context.Context, id string) error {
	row, err := c.log.Row(ctx, id)
	switch {
	case err != nil:
		return err
	case row == nil:
		return refusal(c.words.noMessage)
	case row.Change != nil && row.Change.Reason != "":
		return c.change(ctx, history.Change{Target: id, Kind: row.Change.Kind, Text: row.Change.Text}, row)
	case row.State != history.Failed:
		return nil
	}
	picture, _ := pictureOf(row.Picture)
	body, err := wire.Encode(wire.Body{Kind: wire.Text, Text: row.Text, ReplyTo: row.ReplyTo, Picture: picture,
		Forwarded: wire.ParseAuthor(row.Forwarded)})
	if err != nil {
		return refusal(c.words.noMessage)
	}
	if _, err := c.s.Update(ctx, body, sdk.WithID(sdk.ID(id))); err != nil {
		return err
	}
	if _, err := c.keep(ctx, history.Outgoing{ID: id, From: c.me, Device: c.self.Device,
		Time: c.now().UnixMilli(), Text: row.Text, ReplyTo: row.ReplyTo, Picture: row.Picture, Forwarded: row.Forwarded}); err != nil {
		return err
	}
	return c.closeGap(ctx, row.Place())
}

// discard drops what was not sent, at the host first: what is left there is told
// of again.
func (c *chat) discard(ctx context.Context, id string) error {
	row, err := c.log.Row(ctx, id)
	if err != nil || row == nil {
		return err
	}
	drop := id
	if row.State != history.Failed && row.Change != nil {
		drop = row.Change.ID
	}
	if err := c.s.Discard(ctx, sdk.ID(drop)); err != nil {
		return err
	}
	if err := c.log.Discard(ctx, drop); err != nil {
		return err
	}
	if err := c.touched(ctx, id); err != nil {
		return err
	}
	if row.State != history.Failed {
		return nil
	}
	return c.closeGap(ctx, row.Place())
}

// closeGap draws again what followed a row that has gone: it may begin a run or
// a day now.
func (c *chat) closeGap(ctx context.Context, at history.Place) error {
	next, _, _, err := c.log.Window(ctx, at, 0, 1)
	if err != nil {
		return err
	}
	before, err := c.log.Before(ctx, at)
	if err != nil {
		return err
	}
	return c.place(ctx, before, next)
}

func (c *chat) startReply(ctx context.Context, id string) error {
	row, err := c.existing(ctx, id)
	if err != nil {
		return err
	}
	if row.State == history.Failed || row.Kind != wire.Text {
		return refusal(c.words.notAnswerable)
	}
	if c.composer.editing != "" {
		c.leaveEdit(ctx)
	}
	c.composer.replyTo = id
	c.draftDone(ctx)
	c.speakOf(row)
	return nil
}

// speakOf fills the banner and brings the keyboard to the composer.
func (c *chat) speakOf(row *history.Row) {
	c.describe(row)
	c.oops("focus", c.s.Focus(composerID))
}

// describe fills the banner.
func (c *chat) describe(row *history.Row) {
	sc := &scene{words: c.words, emoticons: c.setting("emoticons")}
	c.composer.about = sc.line(row, maxQuote)
	c.composer.aboutName = c.name(row.From)
	c.shown.view = true
}

// cancel leaves an edit or, when there is none, a reply. The draft stays.
func (c *chat) cancel(ctx context.Context) {
	if c.composer.editing != "" {
		c.leaveEdit(ctx)
		return
	}
	if c.composer.replyTo != "" {
		c.composer.replyTo = ""
		c.shown.view = true
		c.draftDone(ctx)
		return
	}
	c.oops("forget what was attached", c.detach(ctx, ""))
}

// leaveEdit gives the composer its draft back.
func (c *chat) leaveEdit(ctx context.Context) {
	c.keepEditing(ctx, "")
	c.shown.dirty[c.composer.editing] = true
	c.composer.editing, c.composer.replyTo = "", ""
	c.shown.view = true
	c.replaceText(c.composer.draft)
}

// replaceText puts another text into the composer because the person asked for
// that, so what was typed a moment ago does not stand in the way.
func (c *chat) replaceText(text string) {
	c.oops("set text", c.s.SetText(composerID, text, math.MaxInt64))
}

// edited follows what the person types.
func (c *chat) edited(ctx context.Context, e sdk.Edited) {
	if e.Node != composerID {
		return
	}
	c.composer.revision = max(c.composer.revision, e.Revision)
	old := e.Revision == 0 // typed before the conversation was opened
	if c.composer.editing != "" || e.Text == c.composer.draft || old && c.composer.foreign {
		return
	}
	c.composer.draft = e.Text
	c.draftTyped()
	if !old {
		c.sendTyping(e.Text != "")
	}
}
