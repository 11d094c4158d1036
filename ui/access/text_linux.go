package access

import (
	"unicode"

	"gioui.org/io/key"
)

// runes are the text of a node.
func (x *object) runes() []rune { return []rune(x.node.Text.Content) }

// part is a piece of a text with its ends, in runes.
type part struct {
	text     string
	from, to int32
}

func (p part) out() []any { return []any{p.text, p.from, p.to} }

// Granularities of GetStringAtOffset, and boundaries of the older calls that say
// the same.
const (
	byChar = iota
	byWord
	bySentence
	byLine
	byParagraph
)

// older turns a boundary type into a granularity.
func older(boundary uint32) uint32 {
	switch boundary {
	case 0:
		return byChar
	case 1, 2:
		return byWord
	case 3, 4:
		return bySentence
	}
	return byLine
}

// around is the piece of a text that a place lies in. Lines are those that were
// written, not those that the width makes.
func around(r []rune, at int, by uint32) (from, to int) {
	at = min(max(at, 0), len(r))
	switch by {
	case byChar:
		return at, min(at+1, len(r))
	case byWord:
		letter := func(i int) bool {
			return unicode.IsLetter(r[i]) || unicode.IsDigit(r[i]) || r[i] == '_' || unicode.IsMark(r[i])
		}
		from, to = at, at
		if at < len(r) && !letter(at) || at == len(r) { // between words: the one before, with what follows it
			for from > 0 && !letter(from-1) {
				from--
			}
		}
		for from > 0 && letter(from-1) {
			from--
		}
		to = max(to, from)
		for to < len(r) && letter(to) {
			to++
		}
		for to < len(r) && !letter(to) {
			to++
		}
		return from, to
	}
	from, to = at, at
	for from > 0 && r[from-1] != '\n' {
		from--
	}
	for to < len(r) && r[to] != '\n' {
		to++
	}
	return from, min(to+1, len(r))
}

func (x *object) piece(from, to int) part {
	r := x.runes()
	from = min(max(from, 0), len(r))
	if to < 0 || to > len(r) {
		to = len(r)
	}
	to = max(to, from)
	return part{string(r[from:to]), int32(from), int32(to)}
}

// near is the piece at a place, or the one before or after that.
func (x *object) near(at int32, by uint32, step int) part {
	r := x.runes()
	from, to := around(r, int(at), by)
	switch {
	case step < 0 && from == 0:
		return part{}
	case step < 0:
		from, to = around(r, from-1, by)
	case step > 0 && to >= len(r):
		return part{"", int32(len(r)), int32(len(r))}
	case step > 0:
		from, to = around(r, to, by)
	}
	return x.piece(from, to)
}

func piecewise(step int) method {
	return method{[]any{int32(0), uint32(0)}, func(x *object, in []any) ([]any, error) {
		return x.near(in[0].(int32), older(in[1].(uint32)), step).out(), nil
	}}
}

// selected is the selection in order; ok is false when there is none.
func (x *object) selected() (from, to int32, ok bool) {
	t := x.node.Text
	return int32(min(t.Caret, t.Mark)), int32(max(t.Caret, t.Mark)), t.Caret != t.Mark
}

// move puts caret and mark, which gives the field the keyboard, too.
func (x *object) move(caret, mark int32) bool {
	t := x.node.Text
	n := int32(len(x.runes()))
	if t.Move == nil || x.node.Disabled || caret < 0 || mark < 0 || caret > n || mark > n {
		return false
	}
	tag := x.node.Tag
	return x.do(func(gtx C) {
		if tag != nil {
			gtx.Execute(key.FocusCmd{Tag: tag})
		}
		t.Move(int(caret), int(mark))
	})
}

var textProperties = map[string]func(x *object) any{
	"CharacterCount": func(x *object) any { return int32(len(x.runes())) },
	"CaretOffset":    func(x *object) any { return int32(x.node.Text.Caret) },
}

var noAttributes = map[string]string{}

// extents is the place of the whole field: the window does not tell where a
// single letter stands.
func (x *object) extents(coords any) []any {
	b := x.box(coords.(uint32))
	return []any{int32(b.Min.X), int32(b.Min.Y), int32(b.Dx()), int32(b.Dy())}
}

var textMethods = map[string]method{
	"GetText": {[]any{int32(0), int32(0)}, func(x *object, in []any) ([]any, error) {
		return []any{x.piece(int(in[0].(int32)), int(in[1].(int32))).text}, nil
	}},
	"GetStringAtOffset": {[]any{int32(0), uint32(0)}, func(x *object, in []any) ([]any, error) {
		from, to := around(x.runes(), int(in[0].(int32)), in[1].(uint32))
		return x.piece(from, to).out(), nil
	}},
	"GetTextAtOffset":     piecewise(0),
	"GetTextBeforeOffset": piecewise(-1),
	"GetTextAfterOffset":  piecewise(1),
	"GetCharacterAtOffset": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) {
		if r, i := x.runes(), int(in[0].(int32)); i >= 0 && i < len(r) {
			return []any{r[i]}, nil
		}
		return []any{int32(0)}, nil
	}},
	"SetCaretOffset": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) {
		return []any{x.move(in[0].(int32), in[0].(int32))}, nil
	}},
	"GetNSelections": get(func(x *object) any {
		if _, _, ok := x.selected(); ok {
			return int32(1)
		}
		return int32(0)
	}),
	"GetSelection": {[]any{int32(0)}, func(x *object, in []any) ([]any, error) {
		from, to, ok := x.selected()
		if !ok || in[0].(int32) != 0 {
			return []any{int32(0), int32(0)}, nil
		}
		return []any{from, to}, nil
	}},
	"AddSelection": {[]any{int32(0), int32(0)}, func(x *object, in []any) ([]any, error) {
		return []any{x.move(in[1].(int32), in[0].(int32))}, nil
	}},
	"SetSelection": {[]any{int32(0), int32(0), int32(0)}, func(x *object, in []any) ([]any, error) {
		return []any{in[0].(int32) == 0 && x.move(in[2].(int32), in[1].(int32))}, nil
	}},
	"RemoveSelection": {[]any{int32(0)}, func(x *object, _ []any) ([]any, error) {
		c := int32(x.node.Text.Caret)
		return []any{x.move(c, c)}, nil
	}},
	"GetAttributes": {[]any{int32(0)}, func(x *object, _ []any) ([]any, error) {
		return []any{noAttributes, int32(0), int32(len(x.runes()))}, nil
	}},
	"GetAttributeRun": {[]any{int32(0), false}, func(x *object, _ []any) ([]any, error) {
		return []any{noAttributes, int32(0), int32(len(x.runes()))}, nil
	}},
	"GetDefaultAttributes":   get(func(*object) any { return noAttributes }),
	"GetDefaultAttributeSet": get(func(*object) any { return noAttributes }),
	"GetAttributeValue":      {[]any{int32(0), ""}, func(*object, []any) ([]any, error) { return []any{""}, nil }},
	"GetCharacterExtents": {[]any{int32(0), uint32(0)}, func(x *object, in []any) ([]any, error) {
		return x.extents(in[1]), nil
	}},
	"GetRangeExtents": {[]any{int32(0), int32(0), uint32(0)}, func(x *object, in []any) ([]any, error) {
		return x.extents(in[2]), nil
	}},
	"GetOffsetAtPoint":  {[]any{int32(0), int32(0), uint32(0)}, func(*object, []any) ([]any, error) { return []any{int32(-1)}, nil }},
	"ScrollSubstringTo": refused(int32(0), int32(0), uint32(0)),
}

// replace puts a text in the place of the runes from..to, in the next frame.
func (x *object) replace(from, to int, text string) bool {
	t := x.node.Text
	n := len(x.runes())
	if from < 0 || to < from || from > n || len(text) > MaxText {
		return false
	}
	to = min(to, n)
	return x.do(func(C) { t.Set(from, to, text) })
}

var editMethods = map[string]method{
	"SetTextContents": {[]any{""}, func(x *object, in []any) ([]any, error) {
		return []any{x.replace(0, len(x.runes()), in[0].(string))}, nil
	}},
	"InsertText": {[]any{int32(0), "", int32(0)}, func(x *object, in []any) ([]any, error) {
		at, text := int(in[0].(int32)), []rune(in[1].(string))
		text = text[:min(max(int(in[2].(int32)), 0), len(text))]
		return []any{x.replace(at, at, string(text))}, nil
	}},
	"DeleteText": {[]any{int32(0), int32(0)}, func(x *object, in []any) ([]any, error) {
		return []any{x.replace(int(in[0].(int32)), int(in[1].(int32)), "")}, nil
	}},
	"CopyText":  {[]any{int32(0), int32(0)}, func(*object, []any) ([]any, error) { return nil, nil }},
	"CutText":   refused(int32(0), int32(0)),
	"PasteText": refused(int32(0)),
}
