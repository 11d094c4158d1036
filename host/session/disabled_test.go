package session

import (
	"testing"

	contractv1 "switchboard/shared/contract/v1"
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

// What runs is impossible for as long as its plugin is switched off, with the
// reason, and what it was before when it is on again; it can be left meanwhile.
// The others do not notice.
func TestSwitchingOffShowsWhatRunsAsImpossible(t *testing.T) {
	_, a1, a2, b := connected(t)
	k, err := b.e.Offer(t.Context(), ab, "game", "Chess", nil)
	must(t, err)
	a1.waitState(k, model.Offered)
	must(t, a1.e.Accept(t.Context(), k))
	for _, h := range []*host{a1, b} {
		h.waitState(k, model.Active)
	}
	a2.waitState(k, model.Elsewhere)
	const why = "Game is switched off"
	a1.switchOff("game", why)
	a1.waitState(k, model.Impossible)
	if s := a1.session(k); s.Reason != why {
		t.Errorf("the reason is %q", s.Reason)
	}
	if s := b.session(k).State; s != model.Active {
		t.Errorf("the other: %v", s)
	}
	a1.switchOn("game")
	a1.waitState(k, model.Active)
	a1.switchOff("game", why)
	a1.crash()
	a1.waitState(k, model.Impossible)
	a1.connect()
	must(t, a1.e.Leave(t.Context(), k))
	a1.waitState(k, model.Left)
	a1.switchOn("game")
	eventually(t, "it is left", func() bool { return a1.session(k).State == model.Left })
}

// A session says since when nothing happened in it, over restarts too.
func TestASessionSaysSinceWhenItIsIdle(t *testing.T) {
	n, a1, _, b := connected(t)
	k, err := b.e.Offer(t.Context(), ab, "game", "Chess", nil)
	must(t, err)
	a1.waitState(k, model.Offered)
	must(t, a1.e.Accept(t.Context(), k))
	a1.waitState(k, model.Active)
	b.waitState(k, model.Active)
	accepted := a1.session(k).Idle
	if !accepted.After(a1.session(k).Offered) {
		t.Fatalf("idle since %v, offered %v", accepted, a1.session(k).Offered)
	}
	n.inject("a@n", "a7", &contractv1.Envelope{Conversation: ab, Session: k.Session, Plugin: "game", Kind: contractv1.Envelope_LEAVE})
	n.inject("b@n", "b1", &contractv1.Envelope{Conversation: ab, Session: k.Session, Plugin: "game", Kind: contractv1.Envelope_UPDATE})
	eventually(t, "the update counts", func() bool { return a1.session(k).Idle.After(accepted) })
	idle := a1.session(k).Idle
	a1.crash()
	if got := a1.session(k).Idle; !got.Equal(idle) {
		t.Errorf("idle since %v, before the crash since %v", got, idle)
	}
}
