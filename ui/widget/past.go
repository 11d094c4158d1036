package widget

import (
	"unicode"

	"gioui.org/io/key"
)

// What is kept of a text's past, at most.
const (
	maxSteps  = 200
	maxPast   = 256 << 10 // bytes of all steps
	maxTyping = 64        // letters that are taken back at once
)

// past is what was done to a text, so that it can be taken back. Gio's editor has
// one of its own, which only a key with a Latin name reaches and a text that was
// sent does not leave.
type past struct {
	text         []rune // as it stands after the last step
	last         string // the same
	done, undone []step
	size         int // bytes of done
}

// step is one change: at a place, in runes, something was taken out and something
// put in.
type step struct {
	at      int
	out, in []rune
	typed   bool // a letter at a time, so more may follow
}

func (s *step) bytes() int { return len(string(s.out)) + len(string(s.in)) }

// forget begins anew with a text.
func (p *past) forget(text string) { *p = past{text: []rune(text), last: text} }

// note takes in how the text is now.
func (p *past) note(text string) {
	if text == p.last { // asked several times a frame
		return
	}
	now := []rune(text)
	p.last = text
	a := 0
	for a < len(p.text) && a < len(now) && p.text[a] == now[a] {
		a++
	}
	end := 0
	for end < len(p.text)-a && end < len(now)-a && p.text[len(p.text)-1-end] == now[len(now)-1-end] {
		end++
	}
	s := step{at: a, out: p.text[a : len(p.text)-end], in: now[a : len(now)-end]}
	s.typed = len(s.out)+len(s.in) == 1
	p.text, p.undone = now, nil
	if n := len(p.done); n > 0 && p.done[n-1].join(s) {
		p.size += s.bytes()
		return
	}
	p.done = append(p.done, s)
	p.size += s.bytes()
	for len(p.done) > maxSteps || p.size > maxPast && len(p.done) > 0 {
		p.size -= p.done[0].bytes()
		p.done = p.done[1:]
	}
}

// join makes one step of two when the second goes on with the word of the first.
func (s *step) join(next step) bool {
	if !s.typed || !next.typed || len(s.in)+len(s.out) >= maxTyping {
		return false
	}
	switch {
	case len(next.in) == 1 && len(s.out) == 0 && next.at == s.at+len(s.in):
		if unicode.IsSpace(s.in[len(s.in)-1]) && !unicode.IsSpace(next.in[0]) {
			return false // another word
		}
		s.in = append(s.in[:len(s.in):len(s.in)], next.in...)
	case len(next.out) == 1 && len(s.in) == 0 && next.at == s.at-1: // backwards
		s.at, s.out = next.at, append(next.out[:1:1], s.out...)
	case len(next.out) == 1 && len(s.in) == 0 && next.at == s.at:
		s.out = append(s.out[:len(s.out):len(s.out)], next.out...)
	default:
		return false
	}
	return true
}

// back takes the last step back, or with again does the one that was taken back.
// It tells what to replace, in runes, and by what.
func (p *past) back(again bool) (from, to int, text string, ok bool) {
	if again {
		n := len(p.undone)
		if n == 0 {
			return 0, 0, "", false
		}
		s := p.undone[n-1]
		p.undone, p.done, p.size = p.undone[:n-1], append(p.done, s), p.size+s.bytes()
		return s.at, s.at + len(s.out), string(s.in), true
	}
	n := len(p.done)
	if n == 0 {
		return 0, 0, "", false
	}
	s := p.done[n-1]
	s.typed = false // what comes next is another step
	p.done, p.undone, p.size = p.done[:n-1], append(p.undone, s), p.size-s.bytes()
	return s.at, s.at + len(s.in), string(s.out), true
}

// remember notes what happened to the text, by keys or by the program on behalf of
// the person. A secret is not kept a second time.
func (in *Input) remember() {
	if in.Mask != 0 {
		in.past.forget("")
		return
	}
	in.past.note(in.Text())
}

// pastKeys takes Ctrl+Z, which takes back, and Ctrl+Shift+Z and Ctrl+Y, which do
// again, before Gio's editor sees them.
func (in *Input) pastKeys(gtx C) {
	for {
		ev, ok := gtx.Event(key.Filter{Focus: &in.Editor, Name: "Z", Required: key.ModShortcut, Optional: key.ModShift},
			key.Filter{Focus: &in.Editor, Name: "Y", Required: key.ModShortcut})
		if !ok {
			return
		}
		if e, ok := ev.(key.Event); ok && e.State == key.Press {
			in.takeBack(e.Name == "Y" || e.Modifiers.Contain(key.ModShift))
		}
	}
}

// takeBack undoes what was done last, or does it again.
func (in *Input) takeBack(again bool) {
	if in.ReadOnly || in.Mask != 0 {
		return
	}
	in.remember()
	from, to, text, ok := in.past.back(again)
	if !ok {
		return
	}
	in.SetCaret(to, from)
	in.Insert(text)
	in.past.last = in.Text()
	in.past.text = []rune(in.past.last)
	in.changed = true
}
