package widget

import (
	"strings"
	"unicode"

	"gioui.org/io/event"
	"gioui.org/io/key"
)

// marksOf are the signs of formatting by the key that puts them around a text.
var marksOf = map[key.Name]string{"B": "*", "I": "_", "E": "`"}

// Format takes Ctrl+B, Ctrl+I and Ctrl+E, which put * _ and ` around what is
// selected, or take them away. Whoever owns the input calls it before Changed.
func (in *Input) Format(gtx C) {
	in.formats = true
	for {
		var filters []event.Filter
		for name := range marksOf {
			filters = append(filters, key.Filter{Focus: &in.Editor, Name: name, Required: key.ModShortcut})
		}
		ev, ok := gtx.Event(filters...)
		if !ok {
			return
		}
		if e, ok := ev.(key.Event); ok && e.State == key.Press && !in.ReadOnly {
			in.wrap(marksOf[e.Name])
		}
	}
}

// wrap puts a sign around what is selected; what has it already loses it. Lines of
// code get a fence.
func (in *Input) wrap(mark string) {
	a, b := in.Selection()
	a, b = min(a, b), max(a, b)
	all := []rune(in.Text())
	a, b = min(a, len(all)), min(b, len(all))
	for a < b && unicode.IsSpace(all[a]) {
		a++
	}
	for b > a && unicode.IsSpace(all[b-1]) {
		b--
	}
	text := string(all[a:b])
	open, end := mark, mark
	if mark == "`" && strings.Contains(text, "\n") {
		open, end = "```\n", "\n```"
	}
	n := len([]rune(open))
	in.changed = true
	if a >= n && b+n <= len(all) && string(all[a-n:a]) == open && string(all[b:b+n]) == end {
		in.SetCaret(a-n, b+n)
		in.Insert(text)
		in.SetCaret(b-n, a-n)
		return
	}
	in.SetCaret(a, b)
	in.Insert(open + text + end)
	in.SetCaret(b+n, a+n)
}
