package render

import (
	"path"
	"strings"

	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// maxPath is the longest path that is looked at.
const maxPath = 4096

// pastedPicture is the path of a picture when a text is nothing else, as after
// pasting or dropping a file; empty otherwise. Whether there is such a file only
// the host knows.
func pastedPicture(text string) string {
	if len(text) > maxPath {
		return ""
	}
	text = strings.Trim(strings.TrimSpace(text), `'"`)
	if strings.ContainsAny(text, "\n\r\x00") || !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "file:///") {
		return ""
	}
	switch strings.ToLower(path.Ext(text)) {
	case ".png", ".jpg", ".jpeg", ".gif":
		return text
	}
	return ""
}

// offerFile asks whether the file that was named is meant: its name is a text as
// any other until the person says so.
func (s *Session) offerFile(gtx C, sc scope, n *contractv1.Node, e *editing, file string) D {
	if e.take.Clicked(gtx) {
		e.in.Replace("")
		e.dirty = true
		s.tell(gtx, sc, n.GetId(), e)
		s.focus.next = &e.in.Editor
		s.env.Take(sc.key, n.GetId(), file)
	}
	return layout.Inset{Left: theme.Space12, Right: theme.Space8, Top: theme.Space8}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, widget.Text{Type: s.th.Caption(), Color: s.th.Secondary, MaxLines: 1,
				Text: s.th.Say.Sprintf("This is the name of a picture.")}.W(s.th)),
			layout.Rigid(widget.Button{State: &e.take, Text: s.th.Say.Sprintf("Attach it")}.W(s.th)))
	})
}

// attachButton lets a picture be chosen.
func (s *Session) attachButton(gtx C, sc scope, n *contractv1.Node, e *editing) D {
	for e.attach.Clicked(gtx) {
		s.env.Attach(sc.key, n.GetId())
	}
	return widget.IconButton{State: &e.attach, Icon: "image", Tip: s.th.Say.Sprintf("Attach a picture")}.Layout(gtx, s.th)
}
