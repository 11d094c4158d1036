package im

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// Ids of the picture in the composer's banner and in a message.
const (
	attachedID = "banner:picture"
	detachID   = "banner:detach"
	pictureID  = "do:picture" // ids of messages hold no colon
)

// thumb bounds the attached picture in the banner, in pixels.
const thumb = 64

// pictureOf reads what is kept of a picture; false for none.
func pictureOf(text string) (contractv1.Picture, bool) {
	if text == "" {
		return contractv1.Picture{}, false
	}
	p, err := contractv1.ParsePicture(text)
	return p, err == nil
}

// attach puts a picture beside what is being written, behind those that are there. They
// are sent with it, or by themselves.
func (c *chat) attach(ctx context.Context, text string) error {
	p, ok := pictureOf(text)
	if !ok {
		return refusal(c.words.badArguments)
	}
	if err := c.finishSending(ctx); err != nil {
		return err
	}
	if c.composer.editing != "" {
		c.leaveEdit(ctx)
	}
	c.oops("focus", c.s.Focus(composerID))
	if slices.ContainsFunc(c.composer.pictures, hasHash(p.Hash)) {
		return nil
	}
	if len(c.composer.pictures) >= contractv1.MaxPictures {
		return refusal(fmt.Sprintf(c.words.chat().tooManyPictures, contractv1.MaxPictures))
	}
	return c.setPictures(ctx, append(slices.Clone(c.composer.pictures), text))
}

func hasHash(hash string) func(text string) bool {
	return func(text string) bool {
		p, ok := pictureOf(text)
		return ok && p.Hash == hash
	}
}

func (c *chat) setPictures(ctx context.Context, pictures []string) error {
	if err := c.log.SetPictures(ctx, pictures); err != nil {
		return err
	}
	c.composer.pictures, c.composer.refused, c.shown.view = pictures, "", true
	return nil
}

// detach takes away one of what is attached, or all with "".
func (c *chat) detach(ctx context.Context, hash string) error {
	if err := c.finishSending(ctx); err != nil || len(c.composer.pictures) == 0 {
		return err
	}
	if hash == "" {
		return c.setPictures(ctx, nil)
	}
	return c.setPictures(ctx, slices.DeleteFunc(slices.Clone(c.composer.pictures), hasHash(hash)))
}

// sendAttached sends a message for each picture that is attached, the text with the
// first. What is to be made is noted before: should this program end in between, it is
// made when the conversation opens again, each once. Key is a UUIDv7 of its own.
func (c *chat) sendAttached(ctx context.Context, key, text string) error {
	pictures := c.composer.pictures
	m, body, err := c.newMessage(ctx, text, c.composer.replyTo, pictures[0])
	if err != nil {
		return err
	}
	if err := c.log.BeginSending(ctx, history.Sending{Key: key, Pictures: pictures}); err != nil {
		return err
	}
	if _, err := c.post(ctx, m, body, sdk.WithID(sdk.ID(key))); err != nil {
		return err
	}
	// The text has gone with the first: were the action to fail, the person would get it
	// back and send it twice.
	return c.sendRest(ctx)
}

// sendRest is finishSending where no action waits for what comes of it: why something
// is still attached is said beside it.
func (c *chat) sendRest(ctx context.Context) error {
	err := c.finishSending(ctx)
	if err == nil || errors.Is(err, sdk.ErrClosed) || ctx.Err() != nil {
		return err // what was begun is told of again, and finds what was made
	}
	c.composer.refused, c.shown.view = c.sentence(err), true
	return nil
}

// finishSending makes what is left of messages whose first one is there. Without that
// nothing was made: the text is in the composer again, and the pictures still are.
func (c *chat) finishSending(ctx context.Context) error {
	s, err := c.log.Sending(ctx)
	if err != nil || s.Key == "" {
		return err
	}
	first, err := c.log.Row(ctx, s.Key)
	if err != nil {
		return err
	}
	if first == nil {
		return c.log.EndSending(ctx, false)
	}
	for i, picture := range s.Pictures {
		if i == 0 {
			continue
		}
		_, err := c.send(ctx, "", "", picture, sdk.WithKey(s.Key, i))
		var no *sdk.Error
		if errors.As(err, &no) { // it was not made: the person sees what is left, and why
			err = errors.Join(err, c.setPictures(ctx, s.Pictures[i:]), c.log.EndSending(ctx, false))
		}
		if err != nil {
			return err
		}
	}
	if err := c.log.EndSending(ctx, true); err != nil {
		return err
	}
	c.composer.pictures, c.composer.refused, c.shown.view = nil, "", true
	if first.ReplyTo == c.composer.replyTo {
		c.composer.replyTo = ""
	}
	return nil
}

// smallThumb is the side of a picture in the banner when there are several.
const smallThumb = 48

// thumbOf is a picture that fits into a square.
func thumbOf(p contractv1.Picture, side int) contractv1.Picture {
	k := min(1, float64(side)/float64(max(p.Width, p.Height)))
	p.Width, p.Height = max(int(float64(p.Width)*k), 1), max(int(float64(p.Height)*k), 1)
	return p
}

// attached is the line above the text that shows what is attached, and why it still is
// when it was refused; nil for nothing.
func (c *chat) attached() view.Node {
	switch {
	case c.composer.editing != "" || len(c.composer.pictures) == 0:
		return nil
	case c.composer.refused == "":
		return c.attachedOnly()
	}
	return view.With(view.Column(
		view.With(view.Text(c.composer.refused, view.Style(contractv1.Text_DANGER)), view.ID("banner:refused")),
		c.attachedOnly(),
	), view.ID("banner:left"))
}

func (c *chat) attachedOnly() view.Node {
	if len(c.composer.pictures) > 1 {
		return c.attachedMany()
	}
	p, ok := pictureOf(c.composer.pictures[0])
	if !ok {
		return nil
	}
	return view.With(view.Row(
		view.Blob(attachedID, thumbOf(p, thumb), c.words.picture),
		view.With(view.Column(
			view.Text(c.words.picture, view.Style(contractv1.Text_STRONG), view.MaxLines(1)),
			view.Text(fmt.Sprintf("%d × %d", p.Width, p.Height), view.Style(contractv1.Text_SECONDARY), view.MaxLines(1)),
		), view.ID("banner:about")),
		view.IconButton(detachID, "close", c.words.detach, view.Quiet),
	), view.ID("banner:attached"), view.Grow("banner:about"), view.Align(contractv1.Box_CENTER))
}

// attachedMany shows several pictures, each with its button.
func (c *chat) attachedMany() view.Node {
	title := fmt.Sprintf(c.words.chat().pictures, len(c.composer.pictures))
	parts := []view.Node{view.With(view.Row(
		view.With(view.Column(view.Text(title, view.Style(contractv1.Text_STRONG), view.MaxLines(1))), view.ID("banner:about")),
		view.IconButton(detachID, "close", c.words.chat().detachAll, view.Quiet),
	), view.ID("banner:title"), view.Grow("banner:about"), view.Align(contractv1.Box_CENTER))}
	// Pairs of a picture and its button fill one line after the other: columns, which
	// take all the width that there is, would not.
	var pairs []view.Node
	for i, text := range c.composer.pictures {
		p, ok := pictureOf(text)
		if !ok {
			continue
		}
		pairs = append(pairs, view.With(view.Row(
			view.Blob(attachedID+":"+p.Hash, thumbOf(p, smallThumb), c.words.picture),
			view.IconButton(detachID+":"+p.Hash, "close", fmt.Sprintf(c.words.chat().detachOne, i+1), view.Quiet),
		), view.Gap(contractv1.Box_NONE), view.Align(contractv1.Box_CENTER)))
	}
	parts = append(parts, view.Row(pairs...))
	return view.With(view.Column(parts...), view.ID("banner:attached"))
}

// image is a message's picture; nil for none.
func (sc *scene) image(r *history.Row) view.Node {
	p, ok := pictureOf(r.Picture)
	if !ok || r.Gone() {
		return nil
	}
	return view.Blob(pictureID, p, sc.words.picture)
}

// fetchPictures asks the host for the pictures of others, which the network keeps
// for a time only.
func (c *chat) fetchPictures(ctx context.Context, entries []history.Entry) {
	for i := range entries {
		p := entries[i].Body.Picture
		if entries[i].From != c.me && p.Hash != "" && p.Bytes <= contractv1.MaxWanted {
			c.oops("have a picture fetched", c.s.WantBlob(ctx, p.Hash, p.Bytes))
		}
	}
}
