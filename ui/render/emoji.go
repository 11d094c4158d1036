package render

import (
	"image"
	"unicode"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/emoji"
	"switchboard/ui/widget"
)

// emojiButton opens the picker for an editor; what is chosen stands where the
// caret is.
func (s *Session) emojiButton(gtx C, sc scope, n *contractv1.Node, e *editing) D {
	p := &s.pick
	opened := false
	for e.emoji.Clicked(gtx) {
		opened = true
	}
	draw := func(gtx C) D {
		return widget.IconButton{State: &e.emoji, Icon: "mood", Tip: s.th.Say.Sprintf("Emoji")}.Layout(gtx, s.th)
	}
	s.focusable(sc, &e.emoji.Clickable, true)
	d := p.popup.Track(gtx, s.th, draw)
	if opened {
		p.sc, p.node, p.state, p.edit, p.drawn = sc, n.GetId(), nil, e, s.frame
		p.popup.OpenLow(gtx, s.th, image.Rectangle{Max: d.Size}, &e.in.Editor)
	}
	if p.edit != e || !p.popup.Opened() {
		return d
	}
	p.drawn = s.frame
	if text := p.popup.Chosen(gtx); text != "" {
		e.in.Insert(text)
		e.dirty = true
		s.focus.next = &e.in.Editor
	}
	p.popup.Layout(gtx, s.th)
	return d
}

// Bounds of the name of an emoji that is typed.
const (
	leastSign = 2
	mostSign  = 32
)

// signAt finds the colon that the caret stands behind, with the name of an emoji
// between them, as in ":smile".
func signAt(text []rune, caret int) (at int, query string, ok bool) {
	caret = min(caret, len(text))
	for i := caret - 1; i >= 0 && caret-i <= mostSign; i-- {
		switch r := text[i]; {
		case r == ':':
			if i > 0 && !unicode.IsSpace(text[i-1]) || caret-i-1 < leastSign {
				return 0, "", false
			}
			return i, string(text[i+1 : caret]), true
		case !unicode.IsLetter(r) && r != '_' && r != '+' && r != '-' && !unicode.IsDigit(r):
			return 0, "", false
		}
	}
	return 0, "", false
}

// signed brings the list up to date with the name of an emoji that is being typed.
func (s *Session) signed(n *naming, at int, query string) bool {
	if n.closed == at+1 {
		return false
	}
	if at != n.at {
		n.at, n.marked = at, 0
	}
	for _, i := range emoji.Search(query, maxNamedHits) {
		e := &emoji.All()[i]
		n.hits = append(n.hits, Member{Address: emoji.WithTone(e.Text, s.tone()), Name: e.Name(s.th.German())})
	}
	n.marked = min(n.marked, max(0, len(n.hits)-1))
	return len(n.hits) > 0
}
