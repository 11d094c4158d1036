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

// pastedPictures are the paths of pictures when a text is nothing else, as after
// pasting or dropping files, one a line; none otherwise, or when there are more than
// can be attached together. Whether there are such files only the host knows.
func pastedPictures(text string) (paths []string) {
	if len(text) > maxPath*contractv1.MaxPictures {
		return nil
	}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		one := pastedPicture(line)
		if one == "" || len(paths) == contractv1.MaxPictures {
			return nil
		}
		paths = append(paths, one)
	}
	return paths
}

// pastedPicture is the path of a picture that is all of a line; empty for none.
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

// offerFiles asks whether the files that were named are meant: their names are a text
// as any other until the person says so.
func (s *Session) offerFiles(gtx C, sc scope, n *contractv1.Node, e *editing, files []string) D {
	if e.take.Clicked(gtx) {
		e.in.Replace("")
		e.dirty = true
		s.tell(gtx, sc, n.GetId(), e)
		s.focus.next = &e.in.Editor
		s.env.Take(sc.key, n.GetId(), files)
	}
	sentence, attach := s.th.Say.Sprintf("This is the name of a picture."), s.th.Say.Sprintf("Attach it")
	if len(files) > 1 {
		sentence, attach = s.th.Say.Sprintf("These are the names of pictures."), s.th.Say.Sprintf("Attach them")
	}
	return layout.Inset{Left: theme.Space12, Right: theme.Space8, Top: theme.Space8}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, widget.Text{Type: s.th.Caption(), Color: s.th.Secondary, MaxLines: 1,
				Text: sentence}.W(s.th)),
			layout.Rigid(widget.Button{State: &e.take, Text: attach}.W(s.th)))
	})
}

// attachButton lets a picture be chosen.
func (s *Session) attachButton(gtx C, sc scope, n *contractv1.Node, e *editing) D {
	for e.attach.Clicked(gtx) {
		s.env.Attach(sc.key, n.GetId())
	}
	return widget.IconButton{State: &e.attach, Icon: "image", Tip: s.th.Say.Sprintf("Attach a picture")}.Layout(gtx, s.th)
}
