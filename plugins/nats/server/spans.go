package server

// spans are what a member may see of a group's order: runs of sequences from
// the entry that brought them in to the entry that took them out, both
// included. They rise and do not touch; only the last one may be open (To 0).
type spans []span

type span struct {
	From uint64 `json:"f"`
	To   uint64 `json:"t,omitempty"`
}

// maxSpans bounds how often somebody comes and goes; beyond it the oldest run
// is forgotten.
const maxSpans = 32

// open reports whether the last run goes on.
func (s spans) open() bool { return len(s) > 0 && s[len(s)-1].To == 0 }

// before is the newest sequence at or before seq that lies in a run, 0 for
// none: what a reader must have to have missed nothing. A run ends with an
// entry, so its end is one.
func (s spans) before(seq uint64) uint64 {
	for i := len(s) - 1; i >= 0; i-- {
		switch {
		case seq < s[i].From:
		case s[i].To == 0 || seq <= s[i].To:
			return seq
		default:
			return s[i].To
		}
	}
	return 0
}

// opened begins a run with an entry; with earlier it reaches back to the
// beginning and takes in all that were before.
func (s spans) opened(seq uint64, earlier bool) spans {
	switch {
	case s.open():
		return s
	case earlier:
		return spans{{From: 1}}
	}
	all := append(append(spans(nil), s...), span{From: seq})
	return all[max(0, len(all)-maxSpans):]
}

// closed ends the open run with an entry.
func (s spans) closed(seq uint64) spans {
	if !s.open() {
		return s
	}
	all := append(spans(nil), s...)
	all[len(all)-1].To = seq
	return all
}
