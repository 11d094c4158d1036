package im

import (
	"testing"
	"time"

	"switchboard/sdk"
	"switchboard/sdk/sdktest"
)

// TestRoomKeepFollowsTheNetworksClock: over the real stream, what is read goes when both
// clocks say that it is old enough, and what is not read stays.
func TestRoomKeepFollowsTheNetworksClock(t *testing.T) {
	ahead := time.Duration(0) // of this computer's clock
	r := sdktest.New(t, sdktest.Options{ID: "im", Settings: map[string]string{keepKey: "30d"}, Timeout: 15 * time.Second, Plugin: func() sdk.Plugin {
		p, by := New(), ahead
		p.now = func() time.Time { return time.Now().Add(by) }
		return p
	}})
	alice, bob := r.Device("alice", 0), r.Device("bob", 0)
	r.Advance(-time.Until(r.Now()))
	send(t, alice, "old")
	r.Settle()
	again := func(d *sdktest.Device) { // what is old goes when the session has begun
		d.Kill()
		d.Visible(true, true, true)
		r.Settle()
	}
	ahead = 40 * 24 * time.Hour
	again(alice)
	if got := texts(historyOf(t, alice)); got != "old" {
		t.Errorf("a clock that is ahead has removed something: %q is left", got)
	}
	r.Advance(40 * 24 * time.Hour)
	again(bob)
	again(alice)
	r.Until("what is old and was written or read is gone", func() bool { return texts(historyOf(t, alice)) == "" })
	if got := texts(historyOf(t, bob)); got != "old" {
		t.Errorf("%q is left of what was not read", got)
	}
	if err := bob.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	again(bob)
	r.Until("what is read goes, too", func() bool { return texts(historyOf(t, bob)) == "" })
}
