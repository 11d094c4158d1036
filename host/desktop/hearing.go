package desktop

import (
	"sync/atomic"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
)

// hearing is what a connection hears of the notification server. Only what the
// server itself says is kept, so that nobody else can push its words out; and not
// more than queue, because it says little. The zero value hears nothing.
type hearing struct {
	signals chan *dbus.Signal
	changed bus.Poke               // owner has changed
	owner   atomic.Pointer[string] // of the server's name, as the bus last said
	server  atomic.Pointer[string] // who is believed
}

func newHearing() *hearing {
	return &hearing{signals: make(chan *dbus.Signal, queue), changed: bus.NewPoke()}
}

// believe says which unique name the server has; empty while that is not known.
func (h *hearing) believe(name string) { h.server.Store(&name) }

// take hears a signal; it never blocks.
func (h *hearing) take(s *dbus.Signal) {
	if s.Name == "org.freedesktop.DBus.NameOwnerChanged" {
		var name, before, now string
		if s.Sender == "org.freedesktop.DBus" && dbus.Store(s.Body, &name, &before, &now) == nil && name == notifications {
			h.owner.Store(&now)
			h.changed.Do()
		}
		return
	}
	if server := h.server.Load(); server == nil || *server == "" || s.Sender != *server || s.Path != notificationsPath {
		return
	}
	select {
	case h.signals <- s:
	default:
	}
}
