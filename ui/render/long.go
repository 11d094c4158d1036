package render

import (
	"strings"
	"unicode/utf8"

	"gioui.org/op"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/widget"
)

// What of a very long message is shown until the person asks for more: a screen
// or two. Shaping and drawing all of it would cost every frame.
const (
	shownBytes = 3000
	shownLines = 60
	shownSpans = 80 // each change of style is shaped for itself
)

// maxExpanded bounds the messages of which all is shown; the oldest goes.
const maxExpanded = 256

// expanded are the elements of which the person wants all. It outlives their
// states, which go when they are out of sight for a while.
type expanded struct {
	keys  map[stateKey]bool
	order []stateKey
}

func (e *expanded) add(k stateKey) {
	if e.keys[k] {
		return
	}
	if e.keys == nil {
		e.keys = map[stateKey]bool{}
	}
	if len(e.order) == maxExpanded {
		delete(e.keys, e.order[0])
		e.order = append(e.order[:0], e.order[1:]...)
	}
	e.keys[k], e.order = true, append(e.order, k)
}

// shown is what of a text is drawn now, and whether that is only its beginning.
func (st *state) shown(body []*contractv1.Span, all bool) ([]*contractv1.Span, bool) {
	if all || !long(body) {
		st.cut = false
		return body, false
	}
	if !st.cut || st.longOf != body[0] {
		st.cut, st.longOf, st.short = true, body[0], beginning(body)
	}
	return st.short, true
}

func long(body []*contractv1.Span) bool {
	size, lines := 0, 0
	if len(body) > 2*shownSpans {
		return true
	}
	for _, p := range body {
		size += len(p.GetText())
		if size > 2*shownBytes {
			return true
		}
		lines += strings.Count(p.GetText(), "\n")
	}
	return lines > 2*shownLines
}

// beginning is the first part of a text, cut between runes.
func beginning(body []*contractv1.Span) []*contractv1.Span {
	var out []*contractv1.Span
	size, lines := 0, 0
	for i, p := range body {
		if i == shownSpans {
			return append(out, &contractv1.Span{Text: "…"})
		}
		text := p.GetText()
		end := min(len(text), shownBytes-size)
		for i := range end {
			if text[i] == '\n' {
				if lines++; lines >= shownLines {
					end = i
					break
				}
			}
		}
		for end < len(text) && end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		size += end
		if end == len(text) {
			out = append(out, p)
			continue
		}
		return append(out, &contractv1.Span{
			Text: text[:end] + "…", Bold: p.GetBold(), Italic: p.GetItalic(), Code: p.GetCode(),
			Strike: p.GetStrike(), Mention: p.GetMention(), Link: p.GetLink(),
			Block: p.GetBlock(), Number: p.GetNumber(), Indent: p.GetIndent(),
		})
	}
	return out
}

// showAll is the button below the beginning of a long message.
func (s *Session) showAll(gtx C, sc scope, key stateKey, st *state) D {
	c := st.sub("show-all")
	if c.Clicked(gtx) {
		s.expanded.add(key)
		s.inner++
		if sc.list != "" {
			s.listOf(sc.list).atEnd = false // it grows downwards, under the eyes
		}
		gtx.Execute(op.InvalidateCmd{})
	}
	s.focusable(sc, &c.Clickable, true)
	return widget.Button{State: c, Text: s.th.Say.Sprintf("Show all"), Role: widget.Quiet, Small: true}.Layout(gtx, s.th)
}
