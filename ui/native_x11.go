//go:build (linux && !android) || freebsd || openbsd

package ui

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gioui.org/app"
	"gioui.org/io/event"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"switchboard/shared/xserver"
)

// native is the window as the window system knows it: under X11 its number. The
// zero value is one that is not known.
type native struct{ window atomic.Uint32 }

// note keeps what a view event tells.
func (n *native) note(e event.Event) {
	if v, ok := e.(app.X11ViewEvent); ok {
		n.window.Store(uint32(v.Window))
	}
}

// activation bounds the asking for the front.
const activation = 2 * time.Second

// fromPager says to a window manager that the person asked for it.
const fromPager = 2

// activate asks the window manager for the front, with the time of what the
// person did when the token holds it, and tells the desktop that the start is
// over. Without X11 it does nothing.
func (n *native) activate(token string) {
	window := xproto.Window(n.window.Load())
	if window == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), activation)
	defer cancel()
	server, err := xserver.Dial(ctx, nil)
	if err != nil {
		return
	}
	defer server.Close()
	defer server.Until(ctx)()
	conn := server.Conn
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	if active, ok := atom(conn, "_NET_ACTIVE_WINDOW"); ok {
		tell(conn, root, window, active, [5]uint32{fromPager, tokenTime(token)})
	}
	if token != "" {
		endStart(conn, root, token)
	}
	_ = server.Flush() // a server that does not take it has other worries
}

func atom(conn *xgb.Conn, name string) (xproto.Atom, bool) {
	r, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, false
	}
	return r.Atom, true
}

func tell(conn *xgb.Conn, root, window xproto.Window, kind xproto.Atom, data [5]uint32) {
	e := xproto.ClientMessageEvent{Format: 32, Window: window, Type: kind, Data: xproto.ClientMessageDataUnionData32New(data[:])}
	xproto.SendEvent(conn, false, root, xproto.EventMaskSubstructureNotify|xproto.EventMaskSubstructureRedirect, string(e.Bytes()))
}

// tokenTime is the X server's time in a startup id, "…_TIME123"; 0 when there is none.
func tokenTime(token string) uint32 {
	i := strings.LastIndex(token, "_TIME")
	if i < 0 {
		return 0
	}
	n, err := strconv.ParseUint(token[i+len("_TIME"):], 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// endStart tells the desktop that what it started is there, so that the pointer
// shows no clock any more: one text in pieces of 20 bytes.
func endStart(conn *xgb.Conn, root xproto.Window, token string) {
	begin, ok := atom(conn, "_NET_STARTUP_INFO_BEGIN")
	more, ok2 := atom(conn, "_NET_STARTUP_INFO")
	if !ok || !ok2 {
		return
	}
	id, err := xproto.NewWindowId(conn)
	if err != nil || xproto.CreateWindowChecked(conn, 0, id, root, -1, -1, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check() != nil {
		return
	}
	text := append([]byte(`remove: ID="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(token)+`"`), 0)
	for kind := begin; len(text) > 0; kind = more {
		var piece [20]byte
		text = text[copy(piece[:], text):]
		e := xproto.ClientMessageEvent{Format: 8, Window: id, Type: kind, Data: xproto.ClientMessageDataUnionData8New(piece[:])}
		xproto.SendEvent(conn, false, root, xproto.EventMaskPropertyChange, string(e.Bytes()))
	}
}

// displayAgain is how long a display that does not answer is left alone.
const displayAgain = time.Second

// displayGone is closed when the display that this program was started on goes
// away: the person has signed out, and a program without a window would stay
// behind. Without a display it never is. stop ends the watching and waits.
func displayGone() (gone <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	closed := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		watch := xGone
		if waylandName() != "" {
			watch = waylandGone
		}
		if watch(ctx) {
			close(closed)
		}
	})
	return closed, func() {
		cancel()
		watcher.Wait()
	}
}

// xGone waits until the X server goes away; false when ctx ends before, or there
// was none. One that hangs is waited for.
func xGone(ctx context.Context) bool {
	for there := false; ; there = true {
		server, err := xserver.Dial(ctx, nil)
		switch {
		case err == nil:
			defer server.Close()
			select {
			case <-server.Done():
				return true
			case <-ctx.Done():
				return false
			}
		case ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded):
			return there && ctx.Err() == nil
		}
		select {
		case <-time.After(displayAgain):
		case <-ctx.Done():
			return false
		}
	}
}

// waylandGone is xGone for the compositor.
func waylandGone(ctx context.Context) bool {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", waylandName())
	if err != nil {
		return false
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_, _ = io.Copy(io.Discard, conn) // however it ends, it has gone
	return ctx.Err() == nil
}

// waylandName is the compositor's socket, empty where there is none.
func waylandName() string {
	name := os.Getenv(wayland)
	if name == "" || name == noWayland {
		return ""
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), name)
	}
	if _, err := os.Stat(name); err != nil {
		return ""
	}
	return name
}
