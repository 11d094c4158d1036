package ui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"strings"

	"gioui.org/app"
	"gioui.org/io/system"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/ui/access"
	"switchboard/ui/drop"
	"switchboard/ui/theme"
	"switchboard/ui/words"
)

// Options are what the command line decides about the window.
type Options struct {
	Title             string
	StartConversation string
	// Scale multiplies the size of everything; 0 leaves it to the settings.
	Scale float32
	// Theme overrides the setting: light, dark, contrast-light, contrast-dark.
	Theme string
	// Language overrides the setting, as a BCP 47 tag; empty leaves it to that.
	Language string
	// Shown is called once, when the first picture is on the screen.
	Shown func()

	raised *raised // what may be asked of the window while it is there
	life   *living // the program's, which may go on without the window
}

// appID is the class of the window; the desktop file names it.
const appID = "switchboard"

// Smallest and first size of the window in dp.
const (
	minWidth, minHeight     = 360, 480
	startWidth, startHeight = 1180, 780
	maxEdge                 = 16384 // of a remembered size; more is a broken profile
)

// Main gives the main thread to the window system and runs f beside it. The
// program ends with f's exit status; Main itself never returns.
func Main(f func() int) {
	app.ID = appID
	go func() { os.Exit(f()) }()
	app.Main()
}

// Run shows the window until it is closed or ctx ends. The error says why no
// window could be shown or why it went away by itself.
func Run(ctx context.Context, b Backend, o Options) error {
	if err := quietWayland(); err != nil {
		return err
	}
	w := new(app.Window)
	words.UseRegion(words.Region())
	if o.Title == "" {
		o.Title = words.Product
	}
	width, height := recallSize(b)
	w.Option(app.Title(o.Title), app.Size(width, height), app.MinSize(minWidth, minHeight))
	win := newWindow(b, theme.New(theme.Options{SystemFonts: true}), o, w.Invalidate)
	defer win.Close()
	defer o.raised.begin(w, win)()
	stop := b.Subscribe(w.Invalidate)
	defer stop()
	desk := followDesktop(ctx, w.Invalidate)
	defer desk.close()
	win.desktop = desk.get
	keys := new(layoutKeys)
	defer keys.close()
	unwatch := context.AfterFunc(ctx, func() {
		o.raised.perform(w, system.ActionClose)
		w.Invalidate() // on X11 the request lies in a buffer until the window has something to do
	})
	defer unwatch()
	speech := startSpeech(ctx, win, keys)
	defer speech.Close()
	return loop(w, win, keys, speech, o)
}

func loop(w *app.Window, win *Window, keys *layoutKeys, speech *access.Server, o Options) error {
	var ops op.Ops
	var size image.Point
	var metric unit.Metric
	filled, closing, shown := false, false, o.Shown
	var falls drop.Watcher
	defer falls.Close()
	for {
		switch e := w.Event().(type) {
		case app.DestroyEvent:
			rememberSize(win.shell.Backend, size, metric)
			return destroyed(e.Err)
		case app.ConfigEvent:
			win.SetFocused(e.Config.Focused)
			filled = e.Config.Mode != app.Windowed
		case *app.ClosingEvent:
			if closing = o.life.mayClose(w, win); !closing {
				e.Abort()
				w.Invalidate()
				continue
			}
			o.raised.goes()
		case app.ViewEvent:
			keys.watch(e, win.Physical)
			win.native.note(e)
			if closing && !e.Valid() {
				// The window is gone; another event would make Gio open a new one to
				// tell of its end.
				rememberSize(win.shell.Backend, size, metric)
				return nil
			}
			// Without it nothing can be dropped, and all else works.
			_ = falls.Watch(e, win.drops.handler(w.Invalidate))
		case app.FrameEvent:
			gtx := app.NewContext(&ops, e)
			if !filled {
				size, metric = e.Size, e.Metric
			}
			win.Layout(gtx)
			speech.Show(win.Spoken(gtx.Ops, e.Size), win.focused.Load())
			e.Frame(gtx.Ops)
			if shown != nil {
				shown()
				shown = nil
			}
			if win.takeFill() {
				w.Option(fill(filled))
			}
		}
	}
}

// fill is the option that F11 asks for.
func fill(filled bool) app.Option {
	if filled {
		return app.Windowed.Option()
	}
	return app.Fullscreen.Option()
}

// destroyed says in words for a person why there is no window.
func destroyed(err error) error {
	switch display, named := os.Getenv("DISPLAY"), os.Getenv(wayland); {
	case err == nil:
		return nil
	case named != "" && named != noWayland:
	case display == "":
		return errors.New("there is no display to show a window on: start Switchboard from a desktop, or with --headless")
	case strings.HasPrefix(err.Error(), "wayland:"): // Gio keeps only the error of what it tried first
		return fmt.Errorf("the display %s cannot be used: check DISPLAY, or start with --headless", display)
	}
	return fmt.Errorf("the window could not be shown (%w): install a graphics driver (libegl1, libgles2, libgl1-mesa-dri) or start with --headless", err)
}

// The name of the Wayland display, and one that leads nowhere.
const (
	wayland   = "WAYLAND_DISPLAY"
	noWayland = "/dev/null"
)

// quietWayland keeps libwayland, which Gio tries first, from complaining on
// standard error where nothing says that there is a Wayland.
func quietWayland() error {
	if os.Getenv(wayland) != "" || os.Getenv("XDG_RUNTIME_DIR") != "" {
		return nil // it is there, or may be there under its usual name
	}
	if err := os.Setenv(wayland, noWayland); err != nil {
		return fmt.Errorf("choose the display: %w", err)
	}
	return nil
}

// recallSize is the size of last time, or a first one.
func recallSize(b Backend) (w, h unit.Dp) {
	var x, y int
	if n, err := fmt.Sscanf(b.Recall("window.size"), "%dx%d", &x, &y); n != 2 || err != nil ||
		x < minWidth || y < minHeight || x > maxEdge || y > maxEdge {
		return startWidth, startHeight
	}
	return unit.Dp(x), unit.Dp(y)
}

func rememberSize(b Backend, size image.Point, m unit.Metric) {
	if size == (image.Point{}) || m.PxPerDp <= 0 {
		return
	}
	b.Remember("window.size", fmt.Sprintf("%dx%d", int(m.PxToDp(size.X)), int(m.PxToDp(size.Y))))
}
