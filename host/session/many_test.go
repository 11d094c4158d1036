package session

import (
	"fmt"
	"testing"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

// Ten thousand messages were written offline, and ten thousand conversations
// are known: nothing that is done often depends on how many there are.
func TestManyThatWait(t *testing.T) {
	many := 10_000
	if slow {
		many = 500
	}
	n := newNetwork()
	h := newHost(t, n, "a@n", "a1")
	must(t, h.store.Update(func(tx *store.Tx) error {
		for i := range many {
			if err := tx.AddOut(&store.OutRow{ID: newID(), Conversation: ab, Session: "im", Plugin: "im", Protocol: 1,
				Kind: contractv1.Envelope_UPDATE, Body: []byte(fmt.Sprint("m", i)), TimeMs: time.Now().UnixMilli()}); err != nil {
				return err
			}
			if err := tx.SetSummary(&store.SummaryRow{Conversation: fmt.Sprintf("dm.a.u%05d", i), Session: "im", Plugin: "im", Text: "x"}); err != nil {
				return err
			}
		}
		return nil
	}))
	took := func(what string, limit time.Duration, f func()) {
		t.Helper()
		begin := time.Now()
		f()
		d := time.Since(begin)
		t.Logf("%s: %v", what, d)
		if d > limit {
			t.Errorf("%s took %v, more than %v", what, d, limit)
		}
	}
	took("restart", 10*time.Second, h.crash)
	took("open", 10*time.Second, func() {
		release := h.e.OpenView(imKey)
		t.Cleanup(release)
		eventually(t, "open", func() bool { return h.process("im").sessionOf(imKey) != nil })
	})
	p := h.process("im")
	if got := len(p.sessionOf(imKey).open.GetPending()); got == 0 {
		t.Error("the plugin was not told what waits")
	}
	full := &contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: &contractv1.UpdateCall{}}}
	if r := p.ask(p.sessionOf(imKey), full); !slow && r.GetError() == nil {
		t.Error("one more was taken")
	}
	took("all sent and read", 60*time.Second, func() {
		h.connect()
		for end := time.Now().Add(2 * time.Minute); len(h.log("im", imKey)) < many && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
		}
	})
	eventually(t, "nothing waits", func() bool { return h.e.Queued() == 0 })
	for i, line := range h.log("im", imKey)[:many] {
		if line != fmt.Sprintf("%d:m%d", i+1, i) {
			t.Fatalf("%q is at %d", line, i)
		}
	}
}
