package desktop

import (
	"context"
	"math"
	"net"
	"path/filepath"
	"testing"
	"time"

	"switchboard/host/desktest"
	"switchboard/host/desktop/tones"
)

// power is how much of one frequency is in samples, and how much of anything.
func power(samples []int16, hertz float64) (at, all float64) {
	var re, im float64
	for i, s := range samples {
		v := float64(s) / 32768
		turn := 2 * math.Pi * hertz * float64(i) / tones.Rate
		re, im = re+v*math.Cos(turn), im+v*math.Sin(turn)
		all += v * v
	}
	n := float64(len(samples))
	return 2 * (re*re + im*im) / (n * n), all / n
}

// loud is the part of a recording from the first to the last sound in it.
func loud(samples []int16) []int16 {
	first, last := -1, -1
	for i, s := range samples {
		if s > 200 || s < -200 {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return nil
	}
	return samples[first : last+1]
}

// TestSounds plays each sound to a real sound server and listens to what came out.
func TestSounds(t *testing.T) {
	home := desktest.Home(t)
	s := desktest.NewSound(t, home)
	for _, name := range []string{tones.Message, tones.Offer, tones.SignIn} {
		stop := s.Record()
		ctx, cancel := context.WithTimeout(t.Context(), playTime)
		err := play(ctx, tones.Samples(name))
		cancel()
		time.Sleep(200 * time.Millisecond) // what was played is still on its way to who records
		heard := loud(stop())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want := float64(len(tones.Samples(name))) / tones.Rate; math.Abs(float64(len(heard))/tones.Rate-want) > 0.3 {
			t.Errorf("%s: %d samples were heard, %.2f s were played", name, len(heard), want)
		}
		if len(heard) == 0 {
			t.Fatalf("%s: silence", name)
		}
		tail := heard[len(heard)*6/10:]
		at, all := power(tail, tones.Pitch(name))
		if all < 1e-6 || at < 0.5*all {
			t.Errorf("%s: power %g at %.0f Hz, %g in all", name, at, tones.Pitch(name), all)
		}
		if off, _ := power(tail, tones.Pitch(name)*1.12); off > at/4 {
			t.Errorf("%s: as much at another pitch: %g, %g", name, off, at)
		}
	}
}

// TestPlayer leaves out what would follow too soon, and needs no server.
func TestPlayer(t *testing.T) {
	home := desktest.Home(t)
	p := NewPlayer()
	defer p.Close()
	now := time.Now()
	p.now = func() time.Time { return now }
	if !p.Play(tones.Message) || p.Play(tones.Message) {
		t.Error("of two sounds at once not exactly the first is played")
	}
	now = now.Add(soundGap)
	desktest.Until(t, "the next sound to be taken", func() bool { return p.Play(tones.Offer) })

	// A server that takes the connection and says nothing costs its time and no more.
	path := filepath.Join(home, "mute")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("PULSE_SERVER", "unix:"+path)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := play(ctx, tones.Samples(tones.Message)); err == nil || time.Since(begin) > 2*time.Second {
		t.Errorf("a mute server: %v after %v", err, time.Since(begin))
	}
}
