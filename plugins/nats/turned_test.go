package nats

import (
	"slices"
	"testing"
)

// TestEveryAddressHasItsTurn: however many nearby claim to be the network, each
// address is the first to be tried at some time, and none is lost.
func TestEveryAddressHasItsTurn(t *testing.T) {
	t.Parallel()
	all := []string{"false:1", "false:2", "false:3", "true:1"}
	first := map[string]bool{}
	for try := range 9 {
		got := turned(slices.Clone(all), try)
		first[got[0]] = true
		if slices.Sort(got); !slices.Equal(got, all) {
			t.Fatalf("try %d: %v", try, got)
		}
	}
	if len(first) != len(all) || turned(nil, 3) != nil {
		t.Errorf("first were %v", first)
	}
}
