package desktop

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"

	"switchboard/shared/bus"
)

var quiet sync.Once

// ErrNoIdle says that nothing here knows how long the person has been away.
var ErrNoIdle = errors.New("nothing on this desktop tells how long keyboard and mouse have been idle")

// Idle asks how long keyboard and mouse have not been touched: on Wayland the
// compositor by D-Bus, else X11's screen saver extension. It keeps its connection
// between calls; it is for one goroutine.
type Idle struct {
	x     *xgb.Conn
	asked chan xIdle // what the X server has still to say; nil when nothing
	bus   *dbus.Conn
}

// xIdle is an answer of the X server, with the connection if that is still good.
type xIdle struct {
	x    *xgb.Conn
	idle time.Duration
	err  error
}

// Time is how long nobody has touched keyboard and mouse. An error ends the
// connection; the next call makes a new one.
func (i *Idle) Time(ctx context.Context) (time.Duration, error) {
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return i.compositor(ctx)
	}
	if os.Getenv("DISPLAY") == "" {
		return 0, ErrNoIdle
	}
	return i.x11(ctx)
}

// Close ends the connections. A question that an X server which hangs has still to
// answer ends with that server.
func (i *Idle) Close() {
	if i.asked != nil {
		go func(asked <-chan xIdle) {
			if r := <-asked; r.x != nil {
				r.x.Close()
			}
		}(i.asked)
	}
	if i.x != nil {
		i.x.Close()
	}
	if i.bus != nil {
		i.bus.Close()
	}
	i.x, i.asked, i.bus = nil, nil, nil
}

// x11 asks the X server, and waits for callTime. A server that hangs cannot be
// left: xgb waits for it even to close a connection. So there is one question at
// most, and as long as it is not answered no other.
func (i *Idle) x11(ctx context.Context) (time.Duration, error) {
	if i.asked == nil {
		i.asked = make(chan xIdle, 1)
		go func(x *xgb.Conn, answer chan<- xIdle) { answer <- askX(x) }(i.x, i.asked)
		i.x = nil
	}
	limit := time.NewTimer(callTime)
	defer limit.Stop()
	select {
	case r := <-i.asked:
		i.x, i.asked = r.x, nil
		return r.idle, r.err
	case <-limit.C:
	case <-ctx.Done():
	}
	return 0, ErrNoIdle
}

// askX asks on a connection, or on a new one where that is nil.
func askX(conn *xgb.Conn) xIdle {
	if conn == nil {
		quiet.Do(func() { xgb.Logger.SetOutput(io.Discard) }) // it would chat on stderr
		var err error
		if conn, err = xgb.NewConn(); err != nil {
			return xIdle{err: errors.Join(ErrNoIdle, err)}
		}
		if err := screensaver.Init(conn); err != nil {
			conn.Close()
			return xIdle{err: errors.Join(ErrNoIdle, err)}
		}
	}
	root := xproto.Drawable(xproto.Setup(conn).DefaultScreen(conn).Root)
	reply, err := screensaver.QueryInfo(conn, root).Reply()
	if err != nil || reply == nil {
		conn.Close()
		return xIdle{err: errors.Join(ErrNoIdle, err)}
	}
	return xIdle{x: conn, idle: time.Duration(reply.MsSinceUserInput) * time.Millisecond}
}

// compositor asks GNOME's, which counts milliseconds, then KDE's.
func (i *Idle) compositor(ctx context.Context) (time.Duration, error) {
	if i.bus != nil && !i.bus.Connected() {
		i.bus.Close()
		i.bus = nil
	}
	if i.bus == nil {
		conn, err := bus.Session(ctx, bus.Options{})
		if err != nil {
			return 0, errors.Join(ErrNoIdle, err)
		}
		i.bus = conn
	}
	var ms uint64
	const mutter = "org.gnome.Mutter.IdleMonitor"
	if ask(ctx, i.bus, false, mutter, "/org/gnome/Mutter/IdleMonitor/Core", mutter+".GetIdletime").Store(&ms) == nil {
		return bounded(ms), nil
	}
	var ms32 uint32
	const saver = "org.freedesktop.ScreenSaver"
	if err := ask(ctx, i.bus, false, saver, "/ScreenSaver", saver+".GetSessionIdleTime").Store(&ms32); err != nil {
		return 0, errors.Join(ErrNoIdle, err)
	}
	return bounded(uint64(ms32)), nil
}

// bounded makes milliseconds a duration; a year is more than anybody waits for.
func bounded(ms uint64) time.Duration {
	return time.Duration(min(ms, 366*24*3600*1000)) * time.Millisecond
}
