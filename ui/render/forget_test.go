package render

import (
	"strconv"
	"testing"
)

// TestForgetsWhatIsOutOfSight: however much is scrolled by, few states are kept;
// what is in sight and what somebody has typed stay.
func TestForgetsWhatIsOutOfSight(t *testing.T) {
	s := New(Env{})
	draft := s.stateOf(scope{}, "draft")
	draft.edit = &editing{dirty: true}
	const perFrame = 8
	seen := s.stateOf(scope{}, "seen")
	for s.frame = 1; s.frame < 2000; s.frame++ {
		s.stateOf(scope{}, "seen")
		for i := range perFrame {
			s.stateOf(scope{}, strconv.FormatUint(s.frame*perFrame+uint64(i), 10))
		}
		s.forget()
		if most := maxStates + perFrame*(keepFrames+forgetEvery+1); len(s.states) > most {
			t.Fatalf("%d states in frame %d, at most %d", len(s.states), s.frame, most)
		}
	}
	if s.stateOf(scope{}, "seen") != seen {
		t.Error("what is in sight was forgotten")
	}
	if s.stateOf(scope{}, "draft") != draft {
		t.Error("what was typed was forgotten")
	}
}

// TestExpandedAreBounded: the oldest of what was opened is closed again.
func TestExpandedAreBounded(t *testing.T) {
	var e expanded
	key := func(i int) stateKey { return stateKey{list: "log", item: strconv.Itoa(i)} }
	for i := range 3 * maxExpanded {
		e.add(key(i))
		e.add(key(i))
	}
	if len(e.keys) != maxExpanded || len(e.order) != maxExpanded {
		t.Errorf("%d and %d are kept, not %d", len(e.keys), len(e.order), maxExpanded)
	}
	if last := 3*maxExpanded - 1; !e.keys[key(last)] || !e.keys[key(last-maxExpanded+1)] || e.keys[key(last-maxExpanded)] {
		t.Error("what is kept are not the newest")
	}
}
