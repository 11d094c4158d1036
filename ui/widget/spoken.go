package widget

import (
	"strings"
	"unicode/utf8"

	"switchboard/ui/access"
)

// note is what a screen reader gets to know of a field, and how it writes in it.
func (in *Input) note(label string, disabled bool) access.Note {
	n := access.Note{
		Key: in, Role: access.Entry, Name: label, Description: in.told, Invalid: in.wrong, Disabled: disabled, Tag: &in.Editor,
	}
	caret, mark := in.Selection()
	t := &access.Text{Content: in.Text(), Caret: caret, Mark: mark, Lines: !in.SingleLine, Secret: in.Mask != 0}
	if t.Secret {
		t.Content = strings.Repeat(string(in.Mask), utf8.RuneCountInString(t.Content))
	}
	if !disabled {
		t.Move = func(caret, mark int) { in.SetCaret(caret, mark) }
	}
	if !disabled && !in.ReadOnly {
		t.Set = func(from, to int, text string) {
			in.SetCaret(from, to)
			in.Insert(text)
			in.changed = true
		}
	}
	n.Text = t
	return n
}
