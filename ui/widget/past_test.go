package widget

import (
	"strconv"
	"strings"
	"testing"
)

// replay does a step of the past to a text.
func replay(t *testing.T, p *past, text string, again bool) string {
	t.Helper()
	from, to, in, ok := p.back(again)
	if !ok {
		t.Fatalf("nothing to take back (%v) of %q", again, text)
	}
	r := []rune(text)
	text = string(r[:from]) + in + string(r[to:])
	p.text = []rune(text)
	return text
}

func TestPastTakesWordsBackAndDoesThemAgain(t *testing.T) {
	var p past
	p.forget("")
	typed := ""
	for _, r := range "žluť a kůň" {
		typed += string(r)
		p.note(typed)
	}
	var seen []string
	for text := typed; len(p.done) > 0; {
		text = replay(t, &p, text, false)
		seen = append(seen, text)
	}
	if got := strings.Join(seen, "|"); got != "žluť a |žluť |" {
		t.Errorf("taken back %q", got)
	}
	text := ""
	for len(p.undone) > 0 {
		text = replay(t, &p, text, true)
	}
	if text != typed {
		t.Errorf("done again %q", text)
	}
	p.note(text[:len(text)-len("ň")])
	p.note("žluť a k")
	if text = replay(t, &p, "žluť a k", false); text != typed {
		t.Errorf("two letters that were deleted came back as %q", text)
	}
	p.note("something else")
	if _, _, _, ok := p.back(true); ok {
		t.Error("what was taken back can be done again after something new")
	}
}

func TestPastIsBounded(t *testing.T) {
	var p past
	for i := range 3 * maxSteps {
		p.note("step " + strconv.Itoa(i*7919))
	}
	if len(p.done) > maxSteps {
		t.Errorf("%d steps", len(p.done))
	}
	for i := range 40 {
		p.note(strings.Repeat(string(rune('a'+i%26)), 32<<10))
	}
	total := 0
	for i := range p.done {
		total += p.done[i].bytes()
	}
	if total != p.size || total > maxPast {
		t.Errorf("%d bytes are kept, counted as %d", total, p.size)
	}
	p.note(strings.Repeat("z", 2*maxPast))
	if p.size > maxPast || p.size < 0 {
		t.Errorf("%d bytes after one that is too large", p.size)
	}
}

func FuzzPast(f *testing.F) {
	f.Add("one", "one two", "two")
	f.Add("", "żółw\n", "z")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		a, b, c = strings.ToValidUTF8(a, ""), strings.ToValidUTF8(b, ""), strings.ToValidUTF8(c, "")
		var p past
		p.forget(a)
		p.note(b)
		p.note(c)
		text := c
		for len(p.done) > 0 {
			text = replay(t, &p, text, false)
		}
		if text != a && len(a)+2*len(b)+len(c) < maxPast {
			t.Fatalf("%q %q %q goes back to %q", a, b, c, text)
		}
		for len(p.undone) > 0 {
			text = replay(t, &p, text, true)
		}
		if text != c {
			t.Fatalf("%q %q %q goes on to %q", a, b, c, text)
		}
	})
}
