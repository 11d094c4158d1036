package ui

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"gioui.org/app"
	"gioui.org/io/system"

	"switchboard/shared/model"
	"switchboard/ui/page"
	"switchboard/ui/words"
)

// Life is what a window that comes and goes needs to know of the program that
// goes on without it. All of it is safe for concurrent use.
type Life struct {
	// Raises are the wishes for the window.
	Raises <-chan model.Raise
	// Stays tells whether the program goes on when its window is closed.
	Stays func() bool
	// Tray tells whether there is an icon that brings the window back.
	Tray func() bool
	// Gone tells the person outside the window where it went.
	Gone func(title, text string)
	// Hidden begins without a window.
	Hidden bool
	// Token is what the desktop gave along with the start.
	Token string
}

// trayPatience is how long a start without a window waits for a tray, which may
// come up after it when the person signs in.
const trayPatience = 15 * time.Second

// keyToldStays is where it is kept that the person knows what closing does.
const keyToldStays = "background.told"

// Live shows the window, goes on without it where that is wanted, and shows it
// again when it is asked for, until ctx ends, the person quits or the desktop goes
// away. The error says why no window could be shown.
func Live(ctx context.Context, b Backend, o Options, l Life) error {
	s := &living{ctx: ctx, b: b, o: o, Life: l}
	next, begins := model.Raise{Token: l.Token}, true
	if l.Hidden {
		if o.Shown != nil {
			o.Shown()
		}
		next, begins = s.wait(ctx, true)
	}
	for begins {
		missed, err := s.window(ctx, next)
		if err != nil || ctx.Err() != nil {
			return err
		}
		next, begins = s.closed(ctx, missed)
	}
	return nil
}

// living is a Life under way. It belongs to one goroutine.
type living struct {
	Life
	ctx    context.Context // of the program
	b      Backend
	o      Options
	iconic bool // the next window begins as an icon
	told   bool // where the window went, in this run of the program
}

// window shows one window until it is closed, and gives the wishes that it did
// not come to.
func (s *living) window(ctx context.Context, first model.Raise) ([]model.Raise, error) {
	o := s.o
	s.o.StartConversation, s.o.Shown = "", nil // of the first window only
	iconic := s.iconic
	s.iconic = false
	o.raised, o.life = &raised{first: first}, s
	shown := o.Shown
	o.Shown = func() {
		if shown != nil {
			shown()
		}
		if iconic {
			o.raised.iconify()
		}
		if first.Token != "" {
			o.raised.activate(first.Token)
		}
	}
	ending, stop := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-ending.Done():
				return
			case r := <-s.Raises:
				o.raised.do(r)
			}
		}
	})
	err := Run(ctx, s.b, o)
	stop()
	reader.Wait()
	return o.raised.missed, err
}

// closed is what follows when the person has closed the window: the wish with
// which it opens again, or false when the program ends.
func (s *living) closed(ctx context.Context, missed []model.Raise) (model.Raise, bool) {
	s.b.Focus("", false) // nobody looks
	if len(missed) > 0 {
		return missed[len(missed)-1], true // asked for while it went
	}
	if !s.Stays() {
		return model.Raise{}, false
	}
	if !s.Tray() && !s.told {
		s.told = true
		s.Gone(words.StaysTitle.Text(), words.StaysNoTray.Text())
	}
	return s.wait(ctx, false)
}

// mayClose tells whether a window goes when the person closes it. Where it does
// not, they are asked: before the program goes on without it for the first time,
// and before it ends where that would cut others off. A nil living lets it go.
func (s *living) mayClose(w *app.Window, win *Window) bool {
	if s == nil || s.ctx.Err() != nil || win.leaving {
		return true
	}
	switch {
	case !s.Stays():
		if !page.QuitAsks(s.b.Snapshot()) {
			return true
		}
		win.shell.QuitOver()
		return false
	case s.b.Recall(keyToldStays) != "":
		return true
	}
	s.b.Remember(keyToldStays, "yes")
	text := words.StaysNoTray.Text()
	if s.Tray() {
		text = words.StaysTray.Text()
	}
	win.shell.AskStays(text, func() {
		win.leaving = true
		w.Perform(system.ActionClose)
	})
	return false
}

// quit ends the program, or asks in a window where that is due.
func (s *living) quit(ctx context.Context) (model.Raise, bool) {
	if page.QuitAsks(s.b.Snapshot()) {
		return model.Raise{Quit: true}, true
	}
	_ = s.b.Quit(ctx) // it fails only when the program ends anyhow
	return model.Raise{}, false
}

// wait is the time without a window. A start without one that finds no tray shows
// the window after a while, as an icon: there must be a way to it.
func (s *living) wait(ctx context.Context, starting bool) (model.Raise, bool) {
	gone, stop := displayGone()
	defer stop()
	debug.FreeOSMemory() // what the window held
	giveBack()
	late := make(<-chan time.Time)
	if starting {
		t := time.NewTimer(trayPatience)
		defer t.Stop()
		late = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return model.Raise{}, false
		case <-gone:
			return model.Raise{}, false // the person has signed out
		case r := <-s.Raises:
			if r.Quit {
				return s.quit(ctx)
			}
			return r, true
		case <-late:
			if !s.Tray() {
				s.iconic = true
				return model.Raise{}, true
			}
		}
	}
}

// raised hands wishes to the window that is there. Its methods are safe for
// concurrent use; a nil one belongs to a window that nobody asks for anything.
type raised struct {
	first  model.Raise
	asks   sync.Mutex // held while the window system is asked for something
	going  atomic.Bool
	mu     sync.Mutex
	w      *app.Window
	win    *Window
	missed []model.Raise // asked for when no window was there to do it
}

// begin notes the window; the answer notes that it is gone.
func (r *raised) begin(w *app.Window, win *Window) func() {
	if r == nil {
		return func() {}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.w, r.win = w, win
	if first := r.first; first != (model.Raise{Token: first.Token}) {
		win.wishes.add(first)
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.w, r.win = nil, nil
		r.missed = append(r.missed, win.wishes.take()...)
	}
}

// do raises the window and hands it the wish.
func (r *raised) do(wish model.Raise) {
	r.mu.Lock()
	w, win := r.w, r.win
	if win == nil {
		r.missed = append(r.missed, wish)
		r.mu.Unlock()
		return
	}
	win.wishes.add(wish)
	r.mu.Unlock()
	r.perform(w, system.ActionRaise)
	win.native.activate(wish.Token)
	w.Invalidate()
}

// perform asks the window system for something, unless the window goes.
func (r *raised) perform(w *app.Window, what system.Action) {
	if r == nil {
		w.Perform(what)
		return
	}
	r.asks.Lock()
	defer r.asks.Unlock()
	if !r.going.Load() {
		w.Perform(what)
	}
}

// goes says that the window goes with the next event, which frees what requests
// from other goroutines use: from now on there are none. On Windows they are done
// by this goroutine, and are not to be waited for.
func (r *raised) goes() {
	if r == nil {
		return
	}
	r.going.Store(true)
	if runtime.GOOS != "windows" {
		r.asks.Lock()
		defer r.asks.Unlock()
	}
}

// iconify makes an icon of the window. One that begins as an icon has no title:
// Gio sets it for others only.
func (r *raised) iconify() {
	r.mu.Lock()
	w := r.w
	r.mu.Unlock()
	if w != nil {
		w.Option(app.Minimized.Option())
	}
}

// activate asks the window manager for the front with a token of the desktop.
func (r *raised) activate(token string) {
	r.mu.Lock()
	win := r.win
	r.mu.Unlock()
	if win != nil {
		win.native.activate(token)
	}
}
