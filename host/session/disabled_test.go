package session

import (
	"testing"

	"switchboard/shared/model"
)

func (h *host) switchOff(id, reason string) {
	h.mu.Lock()
	h.off[id] = reason
	h.mu.Unlock()
	h.e.PluginDisabled(id, reason)
}

func (h *host) switchOn(id string) {
	h.mu.Lock()
	delete(h.off, id)
	h.mu.Unlock()
	h.e.PluginEnabled(id)
}

// An offer that rings while the plugin is switched off is refused with the
// reason at once; another device, or the same one later, may still take it.
func TestSwitchingOffRefusesWhatRings(t *testing.T) {
	_, a1, a2, b := connected(t)
	k, err := b.e.Offer(t.Context(), ab, "game", "Chess", nil)
	must(t, err)
	a1.waitState(k, model.Offered)
	a2.waitState(k, model.Offered)
	const why = "Game is switched off"
	a1.switchOff("game", why)
	a1.waitState(k, model.Impossible)
	b.waitState(k, model.Impossible)
	if s := b.session(k); s.Reason != why {
		t.Errorf("%q", s.Reason)
	}
	if s := a2.session(k).State; s != model.Offered {
		t.Errorf("the other device: %v", s)
	}
	a1.switchOn("game")
	a1.waitState(k, model.Offered)
	must(t, a1.e.Accept(t.Context(), k))
	a1.waitState(k, model.Active)
	b.waitState(k, model.Active)
	a1.switchOff("game", why) // what runs is left to its members
	if s := b.session(k).State; s != model.Active {
		t.Error(s)
	}
}
