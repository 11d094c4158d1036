package ui_test

import (
	"image"
	"testing"
	"time"

	"gioui.org/io/input"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/ui"
	"switchboard/ui/theme"
)

// BenchmarkFrame is the window's own work for one frame, without the rasteriser,
// with 1,000 contacts and an open conversation. The budget is 3 ms.
func BenchmarkFrame(b *testing.B) {
	w := crowd(1000)
	w.kept["conversation"] = dm("bob")
	win := ui.NewWindow(w, theme.New(theme.Options{Zone: time.UTC}))
	defer win.Close()
	var ops op.Ops
	var r input.Router
	frame := func() {
		ops.Reset()
		win.Layout(layout.Context{Ops: &ops, Now: now, Source: r.Source(), Metric: unit.Metric{PxPerDp: 1, PxPerSp: 1}, Constraints: layout.Exact(image.Pt(1180, 780))})
		r.Frame(&ops)
	}
	frame()
	for b.Loop() {
		frame()
	}
}
