package ui

import (
	"testing"

	"switchboard/ui/drop"
)

// TestDropsThatNobodySees: a window that draws no frame keeps a few of them.
func TestDropsThatNobodySees(t *testing.T) {
	var d drops
	h := d.handler(func() {})
	for range 3 * maxDrops {
		h.Drop(drop.Dropped{Picture: []byte("x")})
	}
	if len(d.fallen) != maxDrops || !d.failed {
		t.Errorf("%d wait, and that some are lost is said: %v", len(d.fallen), d.failed)
	}
}
