package render

import (
	"image"

	contractv1 "switchboard/shared/contract/v1"
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
		p.popup.Open(image.Rectangle{Max: d.Size}, &e.in.Editor)
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
