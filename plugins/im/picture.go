package im

import (
	"context"
	"fmt"

	"switchboard/plugins/im/history"
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

// attach puts a picture beside what is being written. It is sent with it, or by
// itself; one that was there before goes.
func (c *chat) attach(ctx context.Context, text string) error {
	if _, ok := pictureOf(text); !ok {
		return refusal(c.words.badArguments)
	}
	if c.composer.editing != "" {
		c.leaveEdit(ctx)
	}
	if err := c.log.SetPicture(ctx, text); err != nil {
		return err
	}
	c.composer.picture, c.shown.view = text, true
	c.oops("focus", c.s.Focus(composerID))
	return nil
}

// detach takes away what is attached, if anything is.
func (c *chat) detach(ctx context.Context) error {
	if c.composer.picture == "" {
		return nil
	}
	if err := c.log.SetPicture(ctx, ""); err != nil {
		return err
	}
	c.composer.picture, c.shown.view = "", true
	return nil
}

// attached is the line above the text that shows what is attached; nil for nothing.
func (c *chat) attached() view.Node {
	p, ok := pictureOf(c.composer.picture)
	if !ok || c.composer.editing != "" {
		return nil
	}
	small := p
	k := min(1, float64(thumb)/float64(max(p.Width, p.Height)))
	small.Width, small.Height = max(int(float64(p.Width)*k), 1), max(int(float64(p.Height)*k), 1)
	return view.With(view.Row(
		view.Blob(attachedID, small, c.words.picture),
		view.With(view.Column(
			view.Text(c.words.picture, view.Style(contractv1.Text_STRONG), view.MaxLines(1)),
			view.Text(fmt.Sprintf("%d × %d", p.Width, p.Height), view.Style(contractv1.Text_SECONDARY), view.MaxLines(1)),
		), view.ID("banner:about")),
		view.IconButton(detachID, "close", c.words.detach, view.Quiet),
	), view.ID("banner:attached"), view.Grow("banner:about"), view.Align(contractv1.Box_CENTER))
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
