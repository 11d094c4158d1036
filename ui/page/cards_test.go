package page

import (
	"strconv"
	"testing"
	"time"

	"switchboard/shared/model"
)

func TestCardsAreBoundedAndInOrder(t *testing.T) {
	snap := &model.Snapshot{}
	start := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for i := range maxCards + 50 { // the newest first, as the host gives them
		snap.Sessions = append(snap.Sessions, model.Session{Key: model.SessionKey{Conversation: "dm.a.b", Session: strconv.Itoa(i)},
			Offered: start.Add(-time.Duration(i) * time.Minute), State: model.Ended})
	}
	snap.Sessions = append(snap.Sessions, model.Session{Key: model.SessionKey{Conversation: "dm.a.b", Session: "im"}, Standing: true},
		model.Session{Key: model.SessionKey{Conversation: "dm.a.c", Session: "x"}, Offered: start})
	s := &Shell{Snap: snap}
	got := s.cards.places(s, "dm.a.b")
	if len(got) != maxCards || got[len(got)-1].Session != "0" || got[0].Session != strconv.Itoa(maxCards-1) {
		t.Fatalf("%d cards, from %q to %q", len(got), got[0].Session, got[len(got)-1].Session)
	}
	for i := 1; i < len(got); i++ {
		if got[i].At.Before(got[i-1].At) {
			t.Fatalf("card %d is out of order", i)
		}
	}
	if again := s.cards.places(s, "dm.a.b"); &again[0] != &got[0] {
		t.Error("the places were made anew though nothing changed")
	}
}

func TestSessionsAreIdleAfterADay(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]int{0: 0, 23 * time.Hour: 0, 24 * time.Hour: 1, 47 * time.Hour: 1, 72 * time.Hour: 3} {
		if got := idle(&model.Session{Idle: now.Add(-ago)}, now); got != want {
			t.Errorf("idle for %v: %d days, want %d", ago, got, want)
		}
	}
	if got := idle(&model.Session{}, now); got != 0 {
		t.Errorf("a session of which nothing is known counts as idle for %d days", got)
	}
}
