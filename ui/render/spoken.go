package render

import (
	"gioui.org/op"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/access"
	"switchboard/ui/widget"
)

// messageNote makes a message one thing for a screen reader: all that is to be
// said of it is its name, all that can be done with it are its actions.
func (s *Session) messageNote(gtx C, sc scope, n *contractv1.Node, st *state, m *contractv1.Message) access.Note {
	if !access.On(gtx) {
		return access.Note{}
	}
	note := access.Note{Key: st, Role: access.ListItem, Name: s.spoken(m), Tag: &st.row, Focused: gtx.Focused(&st.row)}
	if sc.list != "" {
		l := s.listOf(sc.list)
		note.Take = func(gtx C) {
			l.current, l.focusTo = sc.item, sc.item
			gtx.Execute(op.InvalidateCmd{})
		}
	}
	for _, it := range m.GetMenu() {
		if it.GetDisabled() {
			continue
		}
		note.Actions = append(note.Actions, access.Action{Name: widget.Clean(it.GetText()), Do: func() { s.press(sc, n.GetId(), it.GetId()) }})
	}
	for i, link := range st.rich.Links() {
		if i == maxMenuLinks {
			break
		}
		note.Actions = append(note.Actions, access.Action{Name: s.th.Say.Sprintf("Open %s", shortAddress(link)), Do: func() {
			s.pressedLink(sc, n.GetId(), st.rich, link, imagePt(0, 0))
		}})
	}
	return note
}

// listNote is what a screen reader gets to know of a list.
func (s *Session) listNote(l *list, n *contractv1.Node) access.Note {
	name := widget.Clean(n.GetLabel())
	if name == "" && l.stick {
		name = s.th.Say.Sprintf("Messages")
	}
	return access.Note{Key: l, Role: access.List, Name: name, First: l.first, Count: len(l.items)}
}

// announce tells a screen reader of the messages that came since the last frame.
// What was there when the list was first seen is not news.
func (s *Session) announce(gtx C, l *list) {
	if !access.On(gtx) || !l.stick || len(l.items) == 0 {
		return
	}
	last := l.items[len(l.items)-1].GetKey()
	at, known := l.index[l.spoken]
	l.spoken = last
	if !known {
		return
	}
	for _, it := range l.items[at+1:] {
		m := it.GetNode().GetMessage()
		if m == nil || m.GetMine() || m.GetDeleted() {
			continue
		}
		from, text := m.GetName(), plain(m.GetBody())
		if from == "" {
			from = m.GetFrom()
		}
		if text == "" {
			text = m.GetNote()
		}
		access.Announce(gtx, widget.Clean(from+": "+text))
	}
}
