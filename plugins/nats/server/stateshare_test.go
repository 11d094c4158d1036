package server_test

import (
	"fmt"
	"testing"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

func TestValuesOfOneAuthorAreBounded(t *testing.T) {
	t.Parallel()
	s, all := four(t, server.Options{})
	alice, bob := all[0], all[1]
	set := func(p *peer, key string) error {
		return p.c.SetState(short(t), &contractv1.NetState{Conversation: conv, Session: "im", Plugin: "im",
			Value: &contractv1.StateValue{Key: key, Value: []byte("v"), Scope: contractv1.StateValue_MY_DEVICES}})
	}
	if err := set(alice, "before"); err != nil {
		t.Fatal(err)
	}
	s.LimitValues(10)
	refused := 0
	for i := range 20 {
		if set(alice, fmt.Sprintf("key%d", i)) != nil {
			refused++
		}
	}
	if refused != 11 {
		t.Errorf("%d of 20 new values were refused, want 11: one was stored before the limit", refused)
	}
	if err := set(alice, "before"); err != nil {
		t.Errorf("a value that is there cannot be replaced: %v", err)
	}
	if err := set(bob, "key"); err != nil {
		t.Errorf("another author is refused: %v", err)
	}
}
