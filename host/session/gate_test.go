package session

import (
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
)

// What waited for the network when the administrator forbade it does not leave
// when the network is back; it is not sent, with the administrator's words.
func TestRulesOfTodayDecideWhatLeaves(t *testing.T) {
	_, a1, _, b := connected(t)
	_, err := a1.send(ab, "before")
	must(t, err)
	eventually(t, "there", func() bool { return len(b.log("im", imKey)) == 1 })
	a1.disconnect()
	id, err := a1.send(ab, "meanwhile forbidden")
	must(t, err)
	a1.mu.Lock()
	a1.refused = "The administrator forbids it."
	a1.mu.Unlock()
	a1.connect()
	eventually(t, "failed", func() bool {
		a1.mu.Lock()
		defer a1.mu.Unlock()
		for _, ev := range a1.events {
			if ev.Kind == "failed" && ev.ID == id && ev.Text == "The administrator forbids it." {
				return true
			}
		}
		return false
	})
	if l := b.log("im", imKey); len(l) != 1 {
		t.Errorf("it left: %v", l)
	}
	eventually(t, "nothing waits", func() bool { return a1.e.Queued() == 0 })
}

// A device that was removed is told so when it wants to send; nothing waits for
// a network that will never take it. Signed in again, it sends.
func TestARefusedDeviceSendsNothing(t *testing.T) {
	_, a1, _, b := connected(t)
	a1.disconnect()
	waits, err := a1.send(ab, "waits")
	must(t, err)
	a1.event(connection(contractv1.ConnectionChanged_REFUSED))
	if id, err := a1.send(ab, "never"); err == nil || !strings.Contains(err.Error(), "does not accept this device") {
		t.Errorf("%q %v", id, err)
	}
	if rows, err := a1.store.Outbox(t.Context()); err != nil || len(rows) != 1 || rows[0].ID != waits {
		t.Errorf("%+v %v", rows, err)
	}
	a1.event(connection(contractv1.ConnectionChanged_CONNECTING))
	_, err = a1.send(ab, "again")
	must(t, err)
	a1.connect()
	eventually(t, "both are there", func() bool { return len(b.log("im", imKey)) == 2 })
}
