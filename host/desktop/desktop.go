// Package desktop is the seam to the person's desktop outside the window:
// notifications and their answers, whether the screen is locked, how long nobody
// has touched keyboard and mouse, sounds, and the desktop's own dialogs. It decides
// nothing about who is disturbed and when, and knows no conversation.
package desktop

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"
)

// callTime bounds one call on a bus.
const callTime = 2 * time.Second

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
