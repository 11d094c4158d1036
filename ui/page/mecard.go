package page

import (
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// meCard is who the person is to others, above the settings about them.
type meCard struct {
	copy, face, bare widget.Click
}

// part is the card; nil while there is no account.
func (m *meCard) part(gtx C, s *Shell) layout.Widget {
	me := s.Snap.Account
	if me == nil {
		return nil
	}
	if m.copy.Clicked(gtx) {
		s.Copy(me.Address)
	}
	if m.face.Clicked(gtx) {
		s.ChangeMyPicture()
	}
	if m.bare.Clicked(gtx) {
		s.RemoveMyPicture()
	}
	th := s.Theme
	lines := []layout.Widget{
		func(gtx C) D { return m.who(gtx, s, me) },
		menuLine(th, &m.face, words.ChangeMyPicture.Text(), meLine(th, "image", words.ChangeMyPicture.Text())),
	}
	if me.Avatar != "" {
		lines = append(lines, menuLine(th, &m.bare, words.RemoveMyPicture.Text(), meLine(th, "delete", words.RemoveMyPicture.Text())))
	}
	return group(th, lines...)
}

// who is picture, name and address; the address can be copied to give it to somebody.
func (m *meCard) who(gtx C, s *Shell, me *model.Account) D {
	th, name := s.Theme, me.Name
	if name == "" {
		name = me.Address
	}
	status := s.Snap.Presence.Status
	if s.Snap.Connection.State != model.Connected {
		status = model.Offline
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return face(gtx, th, me.Address, name, shape(status), 48, th.Raised) }),
		widget.Gap(theme.Space16),
		layout.Flexed(1, func(gtx C) D {
			return vertical(gtx, named(name, oneLine(th, th.Title(), th.Text, name)),
				named(me.Address, label(th, th.Caption(), th.Secondary, me.Address)))
		}),
		widget.Gap(theme.Space8),
		layout.Rigid(widget.IconButton{State: &m.copy, Icon: "copy", Tip: words.CopyAddress.Text()}.W(th)))
}
