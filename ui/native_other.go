//go:build !((linux && !android) || freebsd || openbsd)

package ui

import "gioui.org/io/event"

// native is nothing where Gio itself brings a window to the front.
type native struct{}

func (*native) note(event.Event) {}
func (*native) activate(string)  {}

// displayGone never is: these systems end their programs themselves.
func displayGone() (gone <-chan struct{}, stop func()) {
	return make(chan struct{}), func() {}
}
