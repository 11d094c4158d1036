package desktop

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
)

// lockAgain is how long a bus that went away, or was never there, is left alone.
const lockAgain = time.Minute

// WatchLock calls f, which must be quick, whenever the screen is locked or its
// saver begins, until ctx ends. What it hears is only good for hiding something:
// anybody on the bus can say it.
func WatchLock(ctx context.Context, f func()) {
	locked := bus.NewPoke()
	session, system := &ear{open: bus.Session, locked: locked, matches: saverMatches()}, &ear{open: bus.System, locked: locked, matches: [][]dbus.MatchOption{{
		dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged"),
		dbus.WithMatchPathNamespace("/org/freedesktop/login1/session"), dbus.WithMatchArg(0, "org.freedesktop.login1.Session")}}}
	defer session.close()
	defer system.close()
	for {
		session.listen(ctx)
		system.listen(ctx)
		again := time.NewTimer(lockAgain)
		select {
		case <-ctx.Done():
			again.Stop()
			return
		case <-locked:
			f()
		case <-session.gone():
			session.close()
		case <-system.gone():
			system.close()
		case <-again.C:
		}
		again.Stop()
	}
}

func saverMatches() (all [][]dbus.MatchOption) {
	for _, name := range savers {
		all = append(all, []dbus.MatchOption{dbus.WithMatchInterface(name), dbus.WithMatchMember("ActiveChanged")})
	}
	return all
}

// locks tells whether a signal says that the screen is locked now.
func locks(s *dbus.Signal) bool {
	if s.Name == "org.freedesktop.DBus.Properties.PropertiesChanged" {
		var of string
		var changed map[string]dbus.Variant
		var gone []string
		if dbus.Store(s.Body, &of, &changed, &gone) != nil || of != "org.freedesktop.login1.Session" {
			return false
		}
		on, _ := changed["LockedHint"].Value().(bool)
		return on
	}
	var on bool
	return len(s.Body) > 0 && dbus.Store(s.Body[:1], &on) == nil && on
}

// ear is a connection that listens to one bus.
type ear struct {
	open    func(context.Context, bus.Options) (*dbus.Conn, error)
	locked  bus.Poke
	matches [][]dbus.MatchOption
	conn    *dbus.Conn // nil while there is none
	tried   time.Time
}

// listen connects where there is no connection and it was not just tried.
func (e *ear) listen(ctx context.Context) {
	if e.conn != nil || !e.tried.IsZero() && time.Since(e.tried) < lockAgain {
		return
	}
	e.tried = time.Now()
	conn, err := e.open(ctx, bus.Options{Heard: func(s *dbus.Signal) {
		if locks(s) {
			e.locked.Do()
		}
	}})
	if err != nil {
		return
	}
	calling, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	for _, m := range e.matches {
		if err := conn.AddMatchSignalContext(calling, m...); err != nil {
			conn.Close()
			return
		}
	}
	e.conn = conn
}

// gone is closed when the connection ends; nil while there is none.
func (e *ear) gone() <-chan struct{} {
	if e.conn == nil {
		return nil
	}
	return e.conn.Context().Done()
}

func (e *ear) close() {
	if e.conn != nil {
		e.conn.Close()
	}
	e.conn = nil
}
