package session

import (
	"testing"
	"testing/synctest"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// A plugin on which nothing is open is stopped after a while and comes back
// when it is needed; one that resides stays.
func TestUnusedPluginsAreStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a1, _, b := connected(t)
		_, err := a1.send(ab, "hello")
		must(t, err)
		k, err := b.e.Offer(t.Context(), ab, "game", "", nil)
		must(t, err)
		synctest.Wait()
		must(t, a1.e.Accept(t.Context(), k))
		synctest.Wait()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if a1.process("game") == nil || b.process("game") == nil {
			t.Fatal("stopped under a session that runs")
		}
		must(t, b.e.End(t.Context(), k))
		synctest.Wait()
		if b.process("game") == nil {
			t.Fatal("stopped at once: the next one would have to start it again")
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if a1.process("game") != nil || b.process("game") != nil {
			t.Error("it still runs, and nobody needs it")
		}
		if a1.process("im") == nil {
			t.Error("one that resides was stopped")
		}
		k, err = b.e.Offer(t.Context(), ab, "game", "", nil)
		must(t, err)
		must(t, a1.waitAccept(t, k))
		if b.process("game") == nil || b.process("game").sessionOf(k) == nil {
			t.Error("it did not come back")
		}
	})
}

func (h *host) waitAccept(t *testing.T, k model.SessionKey) error {
	synctest.Wait()
	err := h.e.Accept(t.Context(), k)
	synctest.Wait()
	return err
}

// Who is there is told to plugins that asked for it, and not against the policy.
func TestPresenceIsGranted(t *testing.T) {
	_, a1, _, b := connected(t)
	k, err := b.e.Offer(t.Context(), ab, "call", "", nil)
	must(t, err)
	a1.waitState(k, model.Offered)
	must(t, a1.e.Accept(t.Context(), k))
	a1.waitState(k, model.Active)
	b.waitState(k, model.Active)
	told := func() (n int) {
		p := b.process("call")
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, f := range p.seen {
			if f.GetEvent().GetPresence() != nil {
				n++
			}
		}
		return n
	}
	presence := func(s contractv1.SetPresence_Status) {
		b.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_Presence{Presence: &contractv1.PresenceChange{Address: "a@n", Status: s}}})
	}
	eventually(t, "open", func() bool { return b.process("call").sessionOf(k) != nil })
	presence(contractv1.SetPresence_AWAY)
	eventually(t, "told", func() bool { return told() == 1 })
	b.mu.Lock()
	b.refused = "not here"
	b.mu.Unlock()
	presence(contractv1.SetPresence_BUSY)
	must(t, b.e.ask(func(*Engine) {}))
	time.Sleep(20 * time.Millisecond)
	if n := told(); n != 1 {
		t.Errorf("told %d times", n)
	}
}
