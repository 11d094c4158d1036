package ui

import (
	"context"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// look is what the desktop asks of every program.
type look struct {
	Dark, HighContrast, ReducedMotion bool
}

// desktop follows the settings portal. Without a session bus or a portal it
// stays at the zero look, which is light.
type desktop struct {
	mu     sync.Mutex
	now    look
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	portalName  = "org.freedesktop.portal.Desktop"
	portalPath  = "/org/freedesktop/portal/desktop"
	portalIface = "org.freedesktop.portal.Settings"
	appearance  = "org.freedesktop.appearance"
)

// followDesktop begins to follow the portal; wake asks for a frame.
func followDesktop(ctx context.Context, wake func()) *desktop {
	ctx, cancel := context.WithCancel(ctx)
	d := &desktop{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(d.done)
		d.follow(ctx, wake)
	}()
	return d
}

func (d *desktop) get() look {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desktop) close() {
	d.cancel()
	<-d.done
}

func (d *desktop) follow(ctx context.Context, wake func()) {
	conn, err := sessionBus(ctx)
	if err != nil {
		return // no session bus: the look stays light
	}
	defer conn.Close()
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(portalIface), dbus.WithMatchMember("SettingChanged"),
		dbus.WithMatchArg(0, appearance)); err != nil {
		return
	}
	for _, key := range []string{"color-scheme", "contrast", "reduced-motion"} {
		d.set(key, read(ctx, conn, key))
	}
	wake()
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-signals:
			if !ok {
				return
			}
			if len(s.Body) == 3 && s.Body[0] == appearance {
				key, _ := s.Body[1].(string)
				v, _ := s.Body[2].(dbus.Variant)
				d.set(key, number(v))
				wake()
			}
		}
	}
}

// read asks the portal for one value; what it does not know counts as 0.
func read(ctx context.Context, conn *dbus.Conn, key string) uint32 {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var v dbus.Variant
	call := conn.Object(portalName, portalPath).CallWithContext(ctx, portalIface+".Read", 0, appearance, key)
	if call.Store(&v) != nil {
		return 0
	}
	return number(v)
}

// number unwraps a variant; old portals put a variant into the variant.
func number(v dbus.Variant) uint32 {
	for range 3 {
		switch x := v.Value().(type) {
		case uint32:
			return x
		case dbus.Variant:
			v = x
		default:
			return 0
		}
	}
	return 0
}

func (d *desktop) set(key string, n uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch key {
	case "color-scheme":
		d.now.Dark = n == 1
	case "contrast":
		d.now.HighContrast = n == 1
	case "reduced-motion":
		d.now.ReducedMotion = n == 1
	}
}

// sessionBus connects to the bus that there is; it never starts one, which would
// outlive this program.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
