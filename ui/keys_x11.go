//go:build (linux && !android) || freebsd || openbsd

package ui

import (
	"context"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"gioui.org/app"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"switchboard/shared/xserver"
)

// layoutKeys makes Latin shortcuts work on other layouts under X11. Gio reports
// no key at all for a letter outside ASCII, so Ctrl+K on a Russian layout would
// be lost. A connection of our own watches the same window and reports what the
// key at that place is on a Latin keyboard, only when the layout in use has no
// key of that name anywhere. (On Wayland nothing can watch: there only Gio's own
// names count.) All that waits for the X server is done by goroutines of its own:
// one that hangs holds up nothing in the window.
type layoutKeys struct {
	mu  sync.Mutex
	now *keyWatch // nil when no window is watched
}

// place is a key that shortcuts use: its name and what a Latin layout calls it.
type place struct {
	name key.Name
	sym  xproto.Keysym // without Shift
}

// places are the keys that shortcuts use, by X11 keycode of a PC keyboard.
var places = map[xproto.Keycode]place{
	24: {"Q", 'q'}, 26: {"E", 'e'}, 29: {"Y", 'y'}, 31: {"I", 'i'}, 38: {"A", 'a'}, 40: {"D", 'd'}, 41: {"F", 'f'}, 42: {"G", 'g'},
	45: {"K", 'k'}, 52: {"Z", 'z'}, 53: {"X", 'x'}, 54: {"C", 'c'}, 55: {"V", 'v'}, 56: {"B", 'b'}, 59: {",", ','},
}

const (
	keyQueue  = 64          // presses that wait for the server; more are dropped
	xPatience = time.Second // for the server to say where the window is
)

// watch begins to watch the window of a view event, and ends what it watched. It
// waits for no server; report is called from another goroutine.
func (l *layoutKeys) watch(e event.Event, report func(key.Name, key.Modifiers)) {
	v, ok := e.(app.X11ViewEvent)
	if !ok {
		return
	}
	l.close()
	if !v.Valid() {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &keyWatch{window: xproto.Window(v.Window), report: report, stop: stop, done: make(chan struct{}),
		keys: make(chan xproto.KeyPressEvent, keyQueue), asks: make(chan chan<- image.Point)}
	l.mu.Lock()
	l.now = w
	l.mu.Unlock()
	go w.run(ctx)
}

// origin is where the window's upper left corner is on the screen: the last known
// place when the server does not answer within a second, zero when there is no window.
func (l *layoutKeys) origin() image.Point {
	l.mu.Lock()
	w := l.now
	l.mu.Unlock()
	if w == nil {
		return image.Point{}
	}
	return w.origin()
}

// close ends the connection and waits for its goroutine.
func (l *layoutKeys) close() {
	l.mu.Lock()
	w := l.now
	l.now = nil
	l.mu.Unlock()
	if w != nil {
		w.stop()
		<-w.done
	}
}

// keyWatch watches one window.
type keyWatch struct {
	window xproto.Window
	report func(key.Name, key.Modifiers)
	stop   context.CancelFunc
	done   chan struct{} // closed when it has ended
	keys   chan xproto.KeyPressEvent
	asks   chan chan<- image.Point
	last   atomic.Pointer[image.Point]
}

// run watches until ctx or the connection ends. Without a connection shortcuts
// work on Latin layouts only.
func (w *keyWatch) run(ctx context.Context) {
	defer close(w.done)
	server, err := xserver.Dial(ctx, w.heard)
	if err != nil {
		return
	}
	defer server.Close()
	defer server.Until(ctx)()
	conn := server.Conn
	err = xproto.ChangeWindowAttributesChecked(conn, w.window, xproto.CwEventMask, []uint32{xproto.EventMaskKeyPress}).Check()
	if err != nil {
		return
	}
	for {
		select {
		case e := <-w.keys:
			if p := places[e.Detail]; layoutOf(conn).foreign(e.Detail, p, int(e.State>>13)&3) {
				w.report(p.name, modifiers(e.State))
			}
		case answer := <-w.asks:
			answer <- w.locate(conn)
		case <-server.Done():
			return
		}
	}
}

// heard keeps the presses that may be shortcuts; of those that are not dealt with
// in time it drops what is too much.
func (w *keyWatch) heard(ev xgb.Event) {
	e, ok := ev.(xproto.KeyPressEvent)
	if _, ours := places[e.Detail]; !ok || !ours || e.State&xproto.ModMaskControl == 0 || e.State&foreignMods != 0 {
		return
	}
	select {
	case w.keys <- e:
	default:
	}
}

// foreignMods are Alt, Super and the key for a third level: with them Ctrl means
// something else.
const foreignMods = xproto.ModMask1 | xproto.ModMask4 | xproto.ModMask5

// locate asks where the window is; what it was before stays when nothing answers.
func (w *keyWatch) locate(conn *xgb.Conn) image.Point {
	r, err := xproto.TranslateCoordinates(conn, w.window, xproto.Setup(conn).DefaultScreen(conn).Root, 0, 0).Reply()
	if err != nil {
		return w.known()
	}
	at := image.Pt(int(r.DstX), int(r.DstY))
	w.last.Store(&at)
	return at
}

// known is where the window was last.
func (w *keyWatch) known() image.Point {
	if at := w.last.Load(); at != nil {
		return *at
	}
	return image.Point{}
}

func (w *keyWatch) origin() image.Point {
	patience := time.NewTimer(xPatience)
	defer patience.Stop()
	answer := make(chan image.Point, 1)
	select {
	case w.asks <- answer:
		select {
		case at := <-answer:
			return at
		case <-patience.C:
		}
	case <-w.done:
	case <-patience.C:
	}
	return w.known()
}

func modifiers(state uint16) key.Modifiers {
	m := key.ModCtrl
	if state&xproto.ModMaskShift != 0 {
		m |= key.ModShift
	}
	return m
}

// keysyms is the server's table of key meanings.
type keysyms struct {
	first xproto.Keycode
	width int
	table []xproto.Keysym
}

// layoutOf asks for the table. It is asked anew for every press, which is cheap
// and cannot be late: what tells of a change comes only to some clients.
func layoutOf(conn *xgb.Conn) keysyms {
	setup := xproto.Setup(conn)
	n := byte(setup.MaxKeycode - setup.MinKeycode + 1)
	r, err := xproto.GetKeyboardMapping(conn, setup.MinKeycode, n).Reply()
	if err != nil {
		return keysyms{}
	}
	return keysyms{first: setup.MinKeycode, width: int(r.KeysymsPerKeycode), table: r.Keysyms}
}

// foreign tells whether the key at a place has to stand for a name: no key of this
// group (0 to 3) is called that, and what this key is called is no other shortcut.
// That this one has an ASCII sign says nothing: Greek has ; where Q is.
func (k keysyms) foreign(c xproto.Keycode, p place, group int) bool {
	if k.width == 0 {
		return false
	}
	for row := range k.rows() {
		if k.means(row, p.sym, group) {
			return false
		}
	}
	at := (int(c) - int(k.first)) * k.width
	if at < 0 || at+k.width > len(k.table) {
		return false
	}
	for _, other := range places {
		if k.means(k.table[at:at+k.width], other.sym, group) {
			return false
		}
	}
	return true
}

// rows are the meanings of the keys, one key after the other.
func (k keysyms) rows() func(func([]xproto.Keysym) bool) {
	return func(yield func([]xproto.Keysym) bool) {
		for at := 0; at+k.width <= len(k.table); at += k.width {
			if !yield(k.table[at : at+k.width]) {
				return
			}
		}
	}
}

// means tells whether a key is called something in a group, without Shift. The
// core protocol tells the first two groups apart; those of a third and fourth stand
// somewhere behind them. A key with fewer groups than the layout has begins anew.
func (k keysyms) means(row []xproto.Keysym, sym xproto.Keysym, group int) bool {
	switch {
	case group == 1 && len(row) > 2 && row[2] != 0:
		return row[2] == sym
	case group > 1 && len(row) > 4:
		for _, s := range row[4:] {
			if s == sym {
				return true
			}
		}
		return false
	}
	return row[0] == sym
}
