package session

import (
	"testing"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// What the network's plugin tells of a conversation of two others is not kept.
func TestConversationsOfOthersAreNotKept(t *testing.T) {
	_, a1, _, _ := connected(t)
	tell := func(conversation string) {
		a1.envelopes(conversation, []*contractv1.Envelope{{Id: "1", Conversation: conversation, Session: "im", Plugin: "im",
			From: "b@n", Device: "b9", Seq: 1000, TimeMs: 1, Kind: contractv1.Envelope_UPDATE, Body: []byte("x")}})
		a1.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: &contractv1.StateChange{Values: []*contractv1.NetState{{
			Conversation: conversation, Session: "im", Plugin: "im", Value: &contractv1.StateValue{Author: "b@n", Key: "read",
				Scope: contractv1.StateValue_EVERYONE, Value: []byte("1"), TimeMs: 1}}}}}})
	}
	tell("dm.b.c")
	tell("dm.b.b")
	tell(ab)
	eventually(t, "mine", func() bool { return len(a1.log("im", imKey)) == 1 })
	for _, c := range a1.e.Cursors() {
		if c.GetConversation() != ab {
			t.Errorf("%s is known", c.GetConversation())
		}
	}
	for _, c := range []string{"dm.b.c", "dm.b.b"} {
		if n, err := a1.store.CountEnvelopes(t.Context(), c, "im"); err != nil || n != 0 {
			t.Errorf("%s: %d entries (%v)", c, n, err)
		}
		if s := a1.session(model.SessionKey{Conversation: c, Session: "im"}); s.Plugin != "" {
			t.Errorf("%+v", s)
		}
	}
}
