//go:build (linux && !android) || freebsd || openbsd

package ui

import (
	"image"
	"io"
	"sync"

	"gioui.org/app"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// layoutKeys makes Latin shortcuts work on other layouts under X11. Gio reports
// no key at all for a letter outside ASCII, so Ctrl+K on a Russian layout would
// be lost. A connection of our own watches the same window and reports what the
// key at that place is on a Latin keyboard, only when the layout in use has no
// Latin letter there. (On Wayland nothing can watch: there only Gio's own names
// count.)
type layoutKeys struct {
	mu     sync.Mutex
	conn   *xgb.Conn
	window xproto.Window
	done   chan struct{}
}

// places are the keys that shortcuts use, by X11 keycode of a PC keyboard.
var places = map[xproto.Keycode]key.Name{
	24: "Q", 26: "E", 31: "I", 38: "A", 40: "D", 41: "F", 42: "G", 45: "K", 53: "X", 54: "C", 55: "V", 56: "B", 59: ",",
}

var quiet sync.Once

// watch begins to watch the window of a view event, and ends what it watched.
func (l *layoutKeys) watch(e event.Event, report func(key.Name, key.Modifiers)) {
	v, ok := e.(app.X11ViewEvent)
	if !ok {
		return
	}
	l.close()
	if !v.Valid() {
		return
	}
	quiet.Do(func() { xgb.Logger.SetOutput(io.Discard) }) // it would chat on stderr
	conn, err := xgb.NewConn()
	if err != nil {
		return // without it shortcuts work on Latin layouts only
	}
	err = xproto.ChangeWindowAttributesChecked(conn, xproto.Window(v.Window), xproto.CwEventMask,
		[]uint32{xproto.EventMaskKeyPress}).Check()
	if err != nil {
		conn.Close()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.window, l.done = conn, xproto.Window(v.Window), make(chan struct{})
	go read11(conn, report, l.done)
}

// origin is where the window's upper left corner is on the screen; zero when
// there is no window.
func (l *layoutKeys) origin() image.Point {
	l.mu.Lock()
	conn, window := l.conn, l.window
	l.mu.Unlock()
	if conn == nil {
		return image.Point{}
	}
	r, err := xproto.TranslateCoordinates(conn, window, xproto.Setup(conn).DefaultScreen(conn).Root, 0, 0).Reply()
	if err != nil {
		return image.Point{}
	}
	return image.Pt(int(r.DstX), int(r.DstY))
}

// close ends the connection and waits for its reader.
func (l *layoutKeys) close() {
	l.mu.Lock()
	conn, done := l.conn, l.done
	l.conn, l.done = nil, nil
	l.mu.Unlock()
	if conn == nil {
		return
	}
	conn.Close()
	<-done
}

// read11 reports keys until the connection ends.
func read11(conn *xgb.Conn, report func(key.Name, key.Modifiers), done chan<- struct{}) {
	defer close(done)
	syms := mapping(conn)
	for {
		ev, err := conn.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		switch e := ev.(type) {
		case xproto.MappingNotifyEvent:
			syms = mapping(conn)
		case xproto.KeyPressEvent:
			name, ok := places[e.Detail]
			if ok && e.State&xproto.ModMaskControl != 0 && !syms.latin(e.Detail, int(e.State>>13)&3) {
				report(name, modifiers(e.State))
			}
		}
	}
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

func mapping(conn *xgb.Conn) keysyms {
	setup := xproto.Setup(conn)
	n := byte(setup.MaxKeycode - setup.MinKeycode + 1)
	r, err := xproto.GetKeyboardMapping(conn, setup.MinKeycode, n).Reply()
	if err != nil {
		return keysyms{}
	}
	return keysyms{first: setup.MinKeycode, width: int(r.KeysymsPerKeycode), table: r.Keysyms}
}

// latin tells whether a key has an ASCII letter or sign in a group. The core
// protocol tells two groups apart; a key of a further one counts as foreign when
// any of its meanings is.
func (k keysyms) latin(c xproto.Keycode, group int) bool {
	at := (int(c) - int(k.first)) * k.width
	if k.width == 0 || at < 0 || at+k.width > len(k.table) {
		return true
	}
	row := k.table[at : at+k.width]
	if group < 2 && len(row) > group*2 && row[group*2] != 0 {
		return row[group*2] < 0x80
	}
	for _, s := range row {
		if s >= 0x100 && s < 0xfd00 {
			return false
		}
	}
	return true
}
