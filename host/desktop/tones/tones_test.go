package tones

import "testing"

func TestTonesAreShortSoftAndTheSame(t *testing.T) {
	for _, name := range []string{Message, Offer, SignIn} {
		s, again := Samples(name), Samples(name)
		var top int16
		for i, v := range s {
			top = max(top, v, -v)
			if v != again[i] {
				t.Fatalf("%s: sample %d differs", name, i)
			}
		}
		if len(s) < Rate/5 || len(s) > Rate || top < 3000 || top > 20000 {
			t.Errorf("%s: %d samples, as loud as %d", name, len(s), top)
		}
		if a, z := s[0], s[len(s)-1]; a != 0 || z > 200 || z < -200 {
			t.Errorf("%s clicks: %d, %d", name, a, z)
		}
	}
	if Samples("none") != nil || Pitch("none") != 0 {
		t.Error("there is a sound without a name")
	}
}
