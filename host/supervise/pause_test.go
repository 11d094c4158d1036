package supervise

import (
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

func TestPauses(t *testing.T) {
	for _, c := range []struct {
		n    int
		up   time.Duration
		want time.Duration
	}{
		{1, time.Minute, 0},
		{1, 0, 100 * time.Millisecond},
		{2, time.Minute, 200 * time.Millisecond},
		{3, 0, 400 * time.Millisecond},
		{9, 0, 25600 * time.Millisecond},
		{10, 0, 30 * time.Second},
		{1000, 0, 30 * time.Second},
	} {
		if got := pauseAfter(c.n, c.up); got != c.want {
			t.Errorf("after failure %d, up %v: %v, not %v", c.n, c.up, got, c.want)
		}
	}
}

// Failures that lie further apart never park, but the pauses grow.
func TestSlowFailuresDoNotPark(t *testing.T) {
	now := time.Unix(0, 0)
	u := &unit{
		id: "im", log: hclog.NewNullLogger(),
		spec: Spec{Manifest: &manifest.Manifest{ID: "im", Name: "Messages", Resident: true}},
		s:    &Supervisor{o: Options{Now: func() time.Time { return now }}},
	}
	for i := range 20 {
		u.failed(errors.New("it broke"), time.Minute)
		if u.state != model.Backoff || u.reason != "it broke" {
			t.Fatalf("after %d failures: %v", i+1, u.state)
		}
		now = now.Add(5*time.Minute + time.Second)
	}
	if got := u.notUntil.Sub(now.Add(-5*time.Minute - time.Second)); got != longestWait {
		t.Fatalf("the last pause is %v", got)
	}
	u.failed(errors.New("after a day"), 24*time.Hour)
	if u.streak != 1 || u.notUntil != now {
		t.Fatalf("a healthy run does not count: %d, %v", u.streak, u.notUntil.Sub(now))
	}
	u.failed(errors.New("again"), 0)
	u.failed(errors.New("and again"), 0)
	if u.state != model.Parked || u.reason != "and again" || u.wanted {
		t.Fatalf("%v %q", u.state, u.reason)
	}
}
