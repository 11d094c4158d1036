// Package desktop is the seam to the person's desktop outside the window:
// notifications and their answers, whether the screen is locked, how long nobody
// has touched keyboard and mouse, sounds, and the desktop's own dialogs. It decides
// nothing about who is disturbed and when, and knows no conversation.
package desktop

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// callTime bounds one call on a bus, and connecting to one.
const callTime = 2 * time.Second

// sessionBus connects to the bus that there is; it never starts one, which would
// outlive this program. The connection lasts until it is closed or ctx ends.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	return greet(ctx, dbus.SessionBusPrivateNoAutoStartup)
}

// systemBus is the same for the bus of the computer.
func systemBus(ctx context.Context) (*dbus.Conn, error) { return greet(ctx, dbus.SystemBusPrivate) }

// greet connects, and gives up on a bus that does not answer.
func greet(ctx context.Context, open func(...dbus.ConnOption) (*dbus.Conn, error)) (*dbus.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	limit := time.AfterFunc(callTime, cancel)
	conn, err := open(dbus.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("connect to the bus: %w", err)
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !limit.Stop() && err == nil {
		err = context.DeadlineExceeded
	}
	if err != nil {
		cancel()
		conn.Close()
		return nil, fmt.Errorf("greet the bus: %w", err)
	}
	return conn, nil
}

// ask makes one call, bounded in time. With start the service is started where the
// bus knows how.
func ask(ctx context.Context, conn *dbus.Conn, start bool, service string, path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	flags := dbus.FlagNoAutoStart
	if start {
		flags = 0
	}
	return conn.Object(service, path).CallWithContext(ctx, method, flags, args...)
}
