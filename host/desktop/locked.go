package desktop

import (
	"context"
	"errors"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
)

// lockTime bounds finding out whether the screen is locked.
const lockTime = time.Second

// savers are who may know that the screen is locked, on the session bus.
var savers = []string{"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver", "org.kde.screensaver"}

// Locked tells whether the screen is locked or its saver runs. Where nobody can
// know it is not; where somebody who knows does not answer it is.
func Locked(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	return sessionLocked(ctx) || loginLocked(ctx)
}

// sessionLocked asks the desktop's screen savers.
func sessionLocked(ctx context.Context) bool {
	conn, err := bus.Session(ctx, bus.Options{})
	if err != nil {
		return false
	}
	defer conn.Close()
	for _, name := range savers {
		var owner string
		if ask(ctx, conn, false, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.GetNameOwner", name).Store(&owner) != nil {
			continue
		}
		for _, path := range []dbus.ObjectPath{"/org/freedesktop/ScreenSaver", "/ScreenSaver", pathOf(name)} {
			var active bool
			err := ask(ctx, conn, false, name, path, name+".GetActive").Store(&active)
			if active || err != nil && silent(err) {
				return true
			}
			if err == nil {
				break
			}
		}
	}
	return false
}

// pathOf is a service's name as a path.
func pathOf(name string) dbus.ObjectPath {
	path := []byte("/" + name)
	for i, c := range path {
		if c == '.' {
			path[i] = '/'
		}
	}
	return dbus.ObjectPath(path)
}

// loginLocked asks the login manager of the system.
func loginLocked(ctx context.Context) bool {
	const login = "org.freedesktop.login1"
	conn, err := bus.System(ctx, bus.Options{})
	if err != nil {
		return false
	}
	defer conn.Close()
	var locked dbus.Variant
	err = ask(ctx, conn, false, login, "/org/freedesktop/login1/session/auto", "org.freedesktop.DBus.Properties.Get", login+".Session", "LockedHint").Store(&locked)
	if err != nil {
		return silent(err)
	}
	yes, _ := locked.Value().(bool)
	return yes
}

// silent tells that somebody is there who does not answer.
func silent(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
