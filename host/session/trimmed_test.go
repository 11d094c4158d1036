package session

import (
	"testing"

	contractv1 "switchboard/shared/contract/v1"
)

// caughtUp opens a session and gives what the plugin was told when it had all.
func (h *host) caughtUp(t *testing.T) *contractv1.CaughtUp {
	t.Helper()
	defer h.e.OpenView(imKey)()
	var got *contractv1.CaughtUp
	eventually(t, "caught up", func() bool {
		p := h.process("im")
		if p == nil {
			return false
		}
		s := p.sessionOf(imKey)
		if s == nil {
			return false
		}
		for _, ev := range p.eventsOf(s) {
			if c := ev.GetCaughtUp(); c != nil {
				got = c
			}
		}
		return got != nil
	})
	return got
}

func trimmedEntries(conversation string, seq int64) *contractv1.NetEvent {
	return &contractv1.NetEvent{Event: &contractv1.NetEvent_Envelopes{Envelopes: &contractv1.Envelopes{Conversation: conversation, Trimmed: true,
		Envelopes: []*contractv1.Envelope{{Id: uid("trimmed"), Conversation: conversation, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE,
			From: "b@n", Device: "b9", Seq: seq, TimeMs: 1, Body: []byte("late")}}}}}
}

// A device that comes when the network has dropped the beginning tells its plugins,
// also after it was started again.
func TestAPluginIsToldThatTheBeginningIsElsewhere(t *testing.T) {
	n := newNetwork()
	h := newHost(t, n, "a@n", "a1")
	h.connect()
	h.event(trimmedEntries(ab, 500))
	eventually(t, "stored", func() bool { return len(h.log("im", imKey)) == 1 })
	if c := h.caughtUp(t); !c.Trimmed {
		t.Fatal(c)
	}
	h.stop()
	h.start()
	if c := h.caughtUp(t); !c.Trimmed {
		t.Fatal("forgotten:", c)
	}
}

// Who was away for longer than the network keeps has the beginning.
func TestAGapIsNotTheBeginning(t *testing.T) {
	n := newNetwork()
	h := newHost(t, n, "a@n", "a1")
	h.connect()
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("early")})
	eventually(t, "stored", func() bool { return len(h.log("im", imKey)) == 1 })
	h.event(trimmedEntries(ab, 500))
	eventually(t, "stored", func() bool { return len(h.log("im", imKey)) == 2 })
	if c := h.caughtUp(t); c.Trimmed {
		t.Fatal(c)
	}
}
