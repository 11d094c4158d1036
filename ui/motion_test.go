package ui_test

import (
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// TestStillWithReducedMotion: what moves by itself while the program connects and
// works asks for no frame at all with reduced motion, and does without it.
func TestStillWithReducedMotion(t *testing.T) {
	moving := func(reduced string) (frames int) {
		w := lab()
		w.change(func(m *model.Snapshot) { m.Connection = model.Connection{State: model.Connecting} })
		w.views[chat("bob")] = &model.View{Key: chat("bob"), Plugin: "im", Revision: 1, Root: &contractv1.Node{
			Id: "p", Body: &contractv1.Node_Progress{Progress: &contractv1.Progress{Fraction: -1, Text: "Working"}},
		}}
		s := show(t, with("appearance.reduced_motion", reduced, w), desk, 1)
		s.Advance(time.Second)
		for range 20 {
			if at, ok := s.Wakeup(); ok && at.Sub(s.Now) < 100*time.Millisecond {
				frames++
			}
			s.Advance(50 * time.Millisecond)
		}
		return frames
	}
	if n := moving("true"); n > 0 {
		t.Errorf("%d frames were asked for by something that moves", n)
	}
	if n := moving("false"); n < 10 {
		t.Errorf("only %d frames were asked for where something moves", n)
	}
}
