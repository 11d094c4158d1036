package session

import "testing"

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
