package session

import (
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// TestPluginsHearTheNetworksClock: with what it was when the network told it, counted on,
// whatever our own clock says.
func TestPluginsHearTheNetworksClock(t *testing.T) {
	_, a1, _, _ := connected(t)
	open := func() int64 {
		release := a1.e.OpenView(imKey)
		defer release()
		eventually(t, "open", func() bool { return a1.process("im").sessionOf(imKey) != nil })
		var told *contractv1.CaughtUp
		eventually(t, "caught up", func() bool {
			p := a1.process("im")
			for _, ev := range p.eventsOf(p.sessionOf(imKey)) {
				if c := ev.GetCaughtUp(); c != nil {
					told = c
				}
			}
			return told != nil
		})
		return told.GetServerTimeMs()
	}
	if got := open(); got != 0 {
		t.Errorf("the clock of a network that told nothing is %d", got)
	}
	far := time.Now().AddDate(7, 0, 0)
	a1.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_Info{Info: &contractv1.NetworkInfo{ServerTimeMs: far.UnixMilli()}}})
	a1.kill("im", nil)
	if got := time.UnixMilli(open()); got.Before(far.Add(-time.Second)) || got.After(far.Add(time.Minute)) {
		t.Errorf("the network's clock is told as %v, not about %v", got, far)
	}
}
