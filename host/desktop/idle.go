package desktop

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"

	"switchboard/shared/bus"
	"switchboard/shared/xserver"
)

// ErrNoIdle says that nothing here knows how long the person has been away.
var ErrNoIdle = errors.New("nothing on this desktop tells how long keyboard and mouse have been idle")

// Idle asks how long keyboard and mouse have not been touched: on Wayland the
// compositor by D-Bus, else X11's screen saver extension. It keeps its connection
// between calls; it is for one goroutine.
type Idle struct {
	x   *xserver.Conn
	bus *dbus.Conn
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

// Close ends the connections.
func (i *Idle) Close() {
	if i.x != nil {
		i.x.Close()
	}
	if i.bus != nil {
		i.bus.Close()
	}
	i.x, i.bus = nil, nil
}

// x11 asks the X server, and waits for callTime.
func (i *Idle) x11(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	idle, err := i.ask(ctx)
	if err != nil {
		if i.x != nil {
			i.x.Close()
		}
		i.x = nil
		return 0, errors.Join(ErrNoIdle, err)
	}
	return idle, nil
}

// ask asks on the connection that there is, or on a new one.
func (i *Idle) ask(ctx context.Context) (time.Duration, error) {
	begun := i.x != nil
	if !begun {
		x, err := xserver.Dial(ctx, nil)
		if err != nil {
			return 0, err
		}
		i.x = x
	}
	defer i.x.Until(ctx)()
	if !begun {
		if err := screensaver.Init(i.x.Conn); err != nil {
			return 0, err
		}
	}
	root := xproto.Drawable(xproto.Setup(i.x.Conn).DefaultScreen(i.x.Conn).Root)
	reply, err := screensaver.QueryInfo(i.x.Conn, root).Reply()
	if err == nil && reply == nil {
		err = errors.New("the X server does not answer")
	}
	if err != nil {
		return 0, err
	}
	return time.Duration(reply.MsSinceUserInput) * time.Millisecond, nil
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
