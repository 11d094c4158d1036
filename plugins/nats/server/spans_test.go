package server

import (
	"math/rand/v2"
	"testing"
)

// naive is what spans stand for: every sequence one by one.
type naive map[uint64]bool

func (n naive) before(seq uint64) uint64 {
	for ; seq > 0; seq-- {
		if n[seq] {
			return seq
		}
	}
	return 0
}

func TestSpansAreWhatTheyStandFor(t *testing.T) {
	for round := range 300 {
		r := rand.New(rand.NewPCG(7, uint64(round)))
		s, n, in, all := spans(nil), naive{}, false, true
		for seq := uint64(1); seq < 200; seq++ {
			switch {
			case r.IntN(6) != 0:
			case in:
				s, in = s.closed(seq), false
				n[seq] = true
			default:
				earlier := r.IntN(10) == 0
				s, in = s.opened(seq, earlier), true
				for i := uint64(1); earlier && i < seq; i++ {
					n[i] = true
				}
			}
			if in {
				n[seq] = true
			}
			all = all && len(s) < maxSpans
			if s.open() != in {
				t.Fatalf("round %d: open is %v after %d: %v", round, s.open(), seq, s)
			}
			for i := uint64(0); all && i <= seq; i++ {
				if got, want := s.before(i), n.before(i); got != want {
					t.Fatalf("round %d: before %d is %d, want %d: %v", round, i, got, want, s)
				}
			}
		}
	}
}

func TestSpansAreBounded(t *testing.T) {
	s := spans(nil)
	for seq := uint64(1); seq < 1000; seq += 2 {
		s = s.opened(seq, false).closed(seq + 1)
	}
	if len(s) != maxSpans || s[len(s)-1] != (span{999, 1000}) || s[0].From != 999-2*(maxSpans-1) {
		t.Errorf("%d runs: %v", len(s), s)
	}
	if before := s.before(s[0].From - 1); before != 0 {
		t.Errorf("what is forgotten can be seen: %d", before)
	}
}

func TestSpansDoNotChangeWhatOthersHold(t *testing.T) {
	a := spans{}.opened(5, false)
	b := a.closed(9)
	c := b.opened(12, false)
	if !a.open() || b.open() || !c.open() || len(b) != 1 || a.closed(3)[0].To != 3 || b[0].To != 9 {
		t.Errorf("%v %v %v", a, b, c)
	}
	if twice := c.opened(20, true); len(twice) != 2 {
		t.Errorf("an open run is opened again: %v", twice)
	}
}
