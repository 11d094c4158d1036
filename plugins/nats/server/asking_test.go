package server_test

import (
	"fmt"
	"testing"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// TestNobodyAsksEverybody: a person asks few others in a short time, and what
// was asked already costs nothing.
func TestNobodyAsksEverybody(t *testing.T) {
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	ask := func(i int) error {
		return alice.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_REQUEST, Address: fmt.Sprintf("p%02d", i)})
	}
	refused := 0
	for i := range 35 {
		join(t, s, fmt.Sprintf("p%02d", i))
		switch err := ask(i); code(err) {
		case contractv1.Error_CODE_UNSPECIFIED:
		case contractv1.Error_UNAVAILABLE:
			refused++
		default:
			t.Fatal(err)
		}
	}
	if refused != 5 {
		t.Errorf("%d of 35 requests were refused, not 5", refused)
	}
	if err := ask(0); err != nil {
		t.Errorf("a repeat: %v", err)
	}
}
