package session

import (
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
)

// watchUnused stops a feature's process some time after the last thing was open
// on it: it starts again when it is needed. What resides is left alone, which
// is the supervisor's to know.
func (e *Engine) watchUnused(p *plugin) {
	if m, known := e.o.Catalog.Manifest(p.id); !p.up || len(p.handles) > 0 || !known || m.Kind != manifest.Feature || m.Resident {
		return
	}
	e.alarm(alarmKey{what: "unused", id: p.id}, contractv1.IdleSession, func(e *Engine) {
		switch {
		case !p.up || len(p.handles) > 0: // the next one that closes asks again
		case e.asked(p.id):
			e.watchUnused(p)
		default:
			e.o.Plugins.Kick(p.id)
			e.watchUnused(p) // a kick may come at a bad moment; the end silences this
		}
	})
}

// asked tells whether a command to a plugin waits for its answer.
func (e *Engine) asked(plugin string) bool {
	for _, c := range e.calls {
		if c.plugin == plugin {
			return true
		}
	}
	return false
}
