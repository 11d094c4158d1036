//go:build !((linux && !android) || freebsd || openbsd)

package ui

import (
	"image"

	"gioui.org/io/event"
	"gioui.org/io/key"
)

// layoutKeys is needed under X11 only: elsewhere Gio names keys by their place.
type layoutKeys struct{}

func (*layoutKeys) watch(event.Event, func(key.Name, key.Modifiers)) {}
func (*layoutKeys) origin() image.Point                              { return image.Point{} }
func (*layoutKeys) close()                                           {}
