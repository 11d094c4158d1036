package ui_test

import (
	"strings"
	"testing"

	"switchboard/shared/model"
)

// TestHeaderKeepsThePresence: typing shows in the row and below the transcript,
// not a third time above it.
func TestHeaderKeepsThePresence(t *testing.T) {
	w := lab()
	w.change(func(m *model.Snapshot) { m.Conversations[0].Typing = true })
	s := show(t, w, desk, 1)
	if !s.Has("Available · in the lab") {
		t.Errorf("no presence in the header:\n%s", s.Tree())
	}
	// Bob's row and Dora's.
	if n := strings.Count(s.Tree(), "typing…"); n != 2 {
		t.Errorf("typing shows %d times, not in the two rows:\n%s", n, s.Tree())
	}
}

// TestHeaderSaysThatMessagesWait for somebody who is offline, as long as the
// last word is mine and I am connected myself.
func TestHeaderSaysThatMessagesWait(t *testing.T) {
	const waits = "Offline · messages arrive when they are back"
	w := lab()
	s := show(t, w, desk, 1)
	s.Click("Emil…")
	if s.Has(waits) {
		t.Error("it says so though nothing waits")
	}
	emil := func(m *model.Snapshot) *model.Conversation {
		for i := range m.Conversations {
			if m.Conversations[i].ID == dm("emil") {
				return &m.Conversations[i]
			}
		}
		return nil
	}
	w.change(func(m *model.Snapshot) { emil(m).From = "alice@lab" })
	s.Settle()
	if !s.Has(waits) {
		t.Errorf("it does not say what becomes of the message:\n%s", s.Tree())
	}
	w.change(func(m *model.Snapshot) { m.Connection.State = model.Disconnected })
	s.Settle()
	if s.Has(waits) {
		t.Error("offline myself, I am told of others")
	}
}
