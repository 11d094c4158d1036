package ui

import (
	"context"
	"image"

	"gioui.org/op"

	"switchboard/ui/access"
	"switchboard/ui/words"
)

// Access is the recorder of what the window shows to a screen reader.
func (w *Window) Access() *access.Recorder { return &w.access }

// Spoken is what a screen reader gets to know of the frame in ops, which Layout
// drew; nil when none listens.
func (w *Window) Spoken(ops *op.Ops, size image.Point) *access.Tree {
	title := w.opts.Title
	if title == "" {
		title = words.Product
	}
	return w.access.End(ops, size, title)
}

// startSpeech shows the window to screen readers for as long as one listens.
func startSpeech(ctx context.Context, w *Window, keys *layoutKeys) *access.Server {
	return access.Start(ctx, &w.access, access.Options{
		Name: words.Product, Wake: w.wakeup, Origin: keys.origin, More: words.MoreNews,
	})
}
