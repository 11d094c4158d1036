package render

import (
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// textArea is an editor that is not the composer: a field of several lines.
func (s *Session) textArea(gtx C, n *contractv1.Node, b *contractv1.Editor, e *editing) D {
	f := widget.Field{State: &e.in, Hint: b.GetHint(), Label: n.GetLabel(), Lines: 4, Disabled: b.GetDisabled()}
	if b.GetDisabled() {
		f.Help = b.GetReason()
	}
	if too := over(b, e.in.Text()); too > 0 {
		f.Error = s.th.Say.Sprintf("This text is %d bytes too long.", too)
	}
	return f.Layout(gtx, s.th)
}

// field is one line that is submitted on Enter and when the keyboard leaves it.
func (s *Session) field(gtx C, sc scope, n *contractv1.Node, b *contractv1.Field) D {
	e := s.state(sc, n).editing()
	text, rev := s.hostText(sc, n.GetId(), b.GetInitial())
	if !e.started {
		e.last = text
	}
	e.follow(text, rev)
	limit := int(b.GetMaxBytes())
	if limit <= 0 || limit > contractv1.MaxEditor {
		limit = contractv1.MaxEditor
	}
	if t := e.in.Text(); len(t) > limit {
		for limit > 0 && !utf8.RuneStart(t[limit]) {
			limit--
		}
		e.in.Replace(t[:limit])
		e.dirty = true
	}
	s.typed(gtx, sc, n.GetId(), e)
	entered, left := e.in.Submitted(gtx), e.in.Blurred(gtx)
	if now := e.in.Text(); entered || left && now != e.last {
		s.tell(gtx, sc, n.GetId(), e)
		if s.act(sc, n.GetId(), contractv1.Action_SUBMIT, now) == nil {
			e.last = now
		}
	}
	if !b.GetDisabled() {
		s.focusable(sc, &e.in.Editor, true)
	}
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(theme.TextColumn))
	return widget.Field{
		State: &e.in, Caption: b.GetCaption(), Hint: b.GetHint(), Error: b.GetError(), Secret: b.GetSecret(),
		Disabled: b.GetDisabled(), Label: n.GetLabel(),
	}.Layout(gtx, s.th)
}
