package ui

import (
	"context"
	"sync"

	"gioui.org/app"
	"gioui.org/io/key"
	"gioui.org/io/system"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/shared/model"
	"switchboard/ui/page"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Size of the small window that takes leave, in dp.
const farewellWidth, farewellHeight = 420, 200

// farewell is the small window that says once, when the window was closed for the
// first time, that the program goes on. quit tells that the person would rather
// end it; raise is a wish for the real window that came meanwhile.
func (s *living) farewell(ctx context.Context) (quit bool, raise *model.Raise) {
	w := new(app.Window)
	f := newFarewell(s)
	k := f.look.opts.Scale
	if k <= 0 {
		k = 1
	}
	size := app.Size(unit.Dp(farewellWidth*k), unit.Dp(farewellHeight*k))
	w.Option(app.Title(words.StaysTitle.Text()), size, app.MinSize(unit.Dp(farewellWidth*k), unit.Dp(farewellHeight*k)))
	ending, stop := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() {
		select {
		case <-ending.Done():
		case r := <-s.Raises:
			raise = &r
		}
		w.Perform(system.ActionClose)
		w.Invalidate()
	})
	defer func() {
		stop()
		reader.Wait()
		f.look.Close()
	}()
	var ops op.Ops
	for {
		switch e := w.Event().(type) {
		case app.DestroyEvent:
			stop()
			reader.Wait()
			return f.quit && raise == nil, raise // that no window could be shown changes nothing
		case app.FrameEvent:
			gtx := app.NewContext(&ops, e)
			f.Layout(gtx)
			e.Frame(gtx.Ops)
			if f.done {
				w.Perform(system.ActionClose)
			}
		}
	}
}

// farewell is what the small window draws, and what became of it.
type farewell struct {
	look       *Window // for theme and language, which are those of the real one
	text       string
	root       widget.Root
	on, off    widget.Click
	began      bool
	quit, done bool
}

func newFarewell(s *living) *farewell {
	f := &farewell{look: newWindow(s.b, theme.New(theme.Options{SystemFonts: true}), s.o, func() {})}
	words.Use(words.Choose(page.SettingValue(s.b.Snapshot(), "appearance.language", "system")))
	f.text = words.StaysNoTray.Text()
	if s.Tray() {
		f.text = words.StaysTray.Text()
	}
	return f
}

// Layout draws a frame.
func (f *farewell) Layout(gtx C) D {
	f.look.shell.Snap = f.look.shell.Backend.Snapshot()
	gtx.Metric = f.look.look(gtx)
	th := f.look.shell.Theme
	if f.on.Clicked(gtx) || page.Pressed(gtx, key.NameEscape, 0) {
		f.done = true
	}
	if f.off.Clicked(gtx) {
		f.done, f.quit = true, true
	}
	if !f.began {
		f.began = true
		f.on.Focus(gtx)
	}
	return f.root.Layout(gtx, th, func(gtx C) D {
		return widget.Inset(gtx, theme.Space24, func(gtx C) D {
			gtx.Constraints.Min = gtx.Constraints.Max
			return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
				layout.Rigid(widget.Text{Type: th.Title(), Color: th.Text, Text: words.StaysTitle.Text()}.W(th)),
				widget.Gap(theme.Space8),
				layout.Flexed(1, widget.Text{Type: th.Body(), Color: th.Secondary, Text: f.text}.W(th)),
				layout.Rigid(func(gtx C) D {
					gtx.Constraints.Min.Y = 0
					return layout.Flex{Spacing: layout.SpaceStart}.Layout(gtx,
						layout.Rigid(widget.Button{State: &f.off, Text: words.QuitInstead.Text()}.W(th)),
						widget.Gap(theme.Space8),
						layout.Rigid(widget.Button{State: &f.on, Text: words.StaysOn.Text(), Role: widget.Primary}.W(th)))
				}))
		})
	})
}
