//go:build !linux || android || !cgo

package drop

import (
	"context"

	"gioui.org/io/event"
)

// Watcher takes drops where there is X11; here there is none.
type Watcher struct{}

// Watch watches nothing here.
func (*Watcher) Watch(event.Event, Handler) error { return nil }

// Close ends nothing here.
func (*Watcher) Close() {}

// Picture is always ErrNone here.
func Picture(context.Context) ([]byte, error) { return nil, ErrNone }
