//go:build !linux

package access

import (
	"context"
	"image"
)

// Options are what a Server needs from the window.
type Options struct {
	Name   string
	Wake   func()
	Origin func() image.Point
	More   func(n int) string
}

// Server does nothing here: only Linux has AT-SPI.
type Server struct{}

// Start does nothing here.
func Start(context.Context, *Recorder, Options) *Server { return &Server{} }

// Show does nothing here.
func (*Server) Show(*Tree, bool) {}

// Close does nothing here.
func (*Server) Close() {}
