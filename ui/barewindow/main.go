// Command barewindow is the floor of what a window costs: a bare Gio window of
// our size that writes one line in each of our fonts and does nothing else. It
// knows the theme's fonts and nothing of the host.
package main

import (
	"fmt"
	"image"
	"os"

	"gioui.org/app"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/paint"
	"gioui.org/widget"

	"switchboard/ui/theme"
)

func main() {
	go func() {
		if err := run(); err != nil {
			fmt.Fprintln(os.Stderr, "barewindow:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}()
	app.Main()
}

func run() error {
	w := new(app.Window)
	w.Option(app.Title("Bare window"), app.Size(1180, 780))
	th := theme.New(theme.Options{SystemFonts: true})
	var ops op.Ops
	for {
		switch e := w.Event().(type) {
		case app.DestroyEvent:
			return e.Err
		case app.FrameEvent:
			draw(app.NewContext(&ops, e), th)
			e.Frame(&ops)
		}
	}
}

// draw writes a line in every font that the window's first frame uses.
func draw(gtx layout.Context, th *theme.Theme) {
	paint.Fill(gtx.Ops, th.Palette.Sidebar)
	color := op.Record(gtx.Ops)
	paint.ColorOp{Color: th.Palette.Text}.Add(gtx.Ops)
	material := color.Stop()
	gtx.Constraints.Min = image.Point{}
	for _, t := range []theme.Type{th.Caption(), th.Body(), th.Body().Medium(), th.Body().Bold(), th.Title(), th.Page(), th.Code()} {
		d := widget.Label{MaxLines: 1}.Layout(gtx, th.Shaper, t.Font, t.Size, "The quick brown fox, 0123456789", material)
		op.Offset(image.Pt(0, d.Size.Y)).Add(gtx.Ops)
	}
}
