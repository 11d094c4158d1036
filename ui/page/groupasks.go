package page

import (
	"image"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// meet opens the conversation with somebody of a group, or the page that asks them
// to be a contact.
func (s *Shell) meet(address string) {
	if isMe(s.Snap, address) {
		return
	}
	if k := s.contact(address); k != nil && k.Conversation != "" && k.State != model.Request {
		s.OpenConversation(k.Conversation)
		s.FocusText = true
		return
	}
	s.AddAddress = address
	s.Go(PageAdd)
}

// memberMenu is what can be done about a member.
func (s *Shell) memberMenu(g *model.GroupInfo, m model.GroupMember) []MenuItem {
	if isMe(s.Snap, m.Address) {
		return nil
	}
	name := s.memberName(m)
	change := func(op string, role model.GroupRole) {
		s.ChangeGroup(model.GroupChange{Op: op, Group: g.ID, Address: m.Address, Role: role}, nil)
	}
	talk := MenuItem{Text: words.SendMessage.Text(), Icon: "chat", Do: func() { s.meet(m.Address) }}
	if k := s.contact(m.Address); k == nil {
		talk.Text, talk.Icon = words.AddContact.Text(), "person_add"
	}
	out := []MenuItem{talk, {Text: words.CopyAddress.Text(), Icon: "copy", Do: func() { s.Copy(m.Address) }}}
	if g.State != model.InGroup {
		return out
	}
	if g.Role == model.GroupOwner && m.State == model.InGroup {
		if m.Role == model.GroupAdmin {
			out = append(out, MenuItem{Text: words.NoLongerAdmin.Text(), Icon: "star_border", Separate: true, Do: func() { change("role", model.GroupPlain) }})
		} else {
			out = append(out, MenuItem{Text: words.MakeAdmin.Text(), Icon: "star", Separate: true, Do: func() { change("role", model.GroupAdmin) }})
		}
		out = append(out, MenuItem{Text: words.MakeOwner.Text(), Icon: "key", Do: func() {
			s.Ask(words.MakeOwnerTitle(name), words.MakeOwnerText(name), words.MakeOwner.Text(), false, func() { change("role", model.GroupOwner) })
		}})
	}
	if !manages(g) || m.Role == model.GroupOwner {
		return out
	}
	if m.State == model.InvitedTo {
		return append(out, MenuItem{Text: words.WithdrawInvite.Text(), Icon: "close", Danger: true, Separate: true, Do: func() { change("remove", "") }})
	}
	return append(out, MenuItem{Text: words.RemoveMember.Text(), Icon: "delete", Danger: true, Separate: true, Do: func() {
		s.Ask(words.RemoveMemberTitle(name, g.Name), words.RemoveMemberText(name), words.RemoveMember.Text(), true, func() { change("remove", "") })
	}})
}

// groupBars are the lines above a group's conversation: who asks to be let in.
type groupBars struct{ states map[string]*memberState }

// Layout draws the lines for who may answer them.
func (b *groupBars) Layout(gtx C, s *Shell) D {
	g := s.group(s.Open)
	if g == nil || !manages(g) || s.Details() != nil { // they stand in the panel, too
		return D{}
	}
	if b.states == nil {
		b.states = make(map[string]*memberState)
	}
	all := asking(g)
	var children []layout.FlexChild
	for _, m := range all[:min(len(all), maxBars)] {
		key := g.ID + " " + m.Address
		st := b.states[key]
		if st == nil {
			st = new(memberState)
			b.states[key] = st
		}
		children = append(children, layout.Rigid(func(gtx C) D {
			answerApplicant(gtx, s, g, m, &st.yes, &st.no)
			return askingBar(gtx, s, m, st)
		}))
	}
	if len(all) == 0 {
		clear(b.states)
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, children...)
}

func askingBar(gtx C, s *Shell, m model.GroupMember, st *memberState) D {
	th := s.Theme
	name := s.memberName(m)
	text := words.AsksToJoin(name)
	return noticeBar(gtx, th, func(gtx C) D { return face(gtx, th, m.Address, name, "", 28, th.Background) }, text, m.Address,
		widget.Button{State: &st.yes, Text: words.LetIn.Text(), Role: widget.Primary, Small: true}.W(th),
		widget.Button{State: &st.no, Text: words.RefuseIn.Text(), Small: true}.W(th))
}

// noticeBar is a line across the window's middle that asks for something.
func noticeBar(gtx C, th *theme.Theme, lead layout.Widget, text, more string, actions ...layout.Widget) D {
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	sentence := func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Rigid(lead), widget.Gap(theme.Space12),
			layout.Flexed(1, func(gtx C) D {
				parts := []layout.Widget{named(text, prose(th, widget.Text{Text: text, MaxLines: 3}))}
				if more != "" {
					parts = append(parts, prose(th, widget.Text{Type: th.Caption(), Color: th.Secondary, Text: more, MaxLines: 3}))
				}
				return vertical(gtx, parts...)
			}))
	}
	buttons := func(gtx C) D {
		return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(actions), func(gtx C, i int) D { return actions[i](gtx) })
	}
	d := ground(gtx, th.Selected(th.Background), 0, func(gtx C) D {
		return layout.Inset{Left: theme.Space16, Right: theme.Space12, Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			gtx.Constraints.Min.X = gtx.Constraints.Max.X
			if gtx.Constraints.Max.X < gtx.Dp(480) {
				return vertical(gtx, sentence, space(theme.Space8), func(gtx C) D { return layout.E.Layout(gtx, buttons) })
			}
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Flexed(1, sentence), widget.Gap(theme.Space12), layout.Rigid(buttons))
		})
	})
	call, line := widget.Measure(gtx, across(th))
	widget.Offset(gtx, image.Pt(0, d.Size.Y), call)
	d.Size.Y += line.Size.Y
	return d
}

// invited draws an invitation to a group in the list, or that I asked to enter.
func (b *Sidebar) invited(gtx C, s *Shell, g *model.GroupInfo) D {
	th := s.Theme
	a := b.asks[g.ID]
	if a == nil {
		a = new(askState)
		b.asks[g.ID] = a
	}
	if a.yes.Clicked(gtx) {
		s.ChangeGroup(model.GroupChange{Op: "accept", Group: g.ID}, func(id string) { s.openGroup(id) })
	} else if a.no.Clicked(gtx) {
		op := "decline"
		if g.State == model.RequestedFor {
			op = "leave"
		}
		s.ChangeGroup(model.GroupChange{Op: op, Group: g.ID}, nil)
	}
	by := ""
	for _, m := range g.Members {
		if isMe(s.Snap, m.Address) && m.By != "" && m.By != m.Address {
			by = nameOf(s.Snap, m.By)
		}
	}
	text := words.InvitesYou(by)
	buttons := []layout.Widget{
		widget.Button{State: &a.yes, Text: words.Accept.Text(), Role: widget.Primary, Small: true}.W(th),
		widget.Button{State: &a.no, Text: words.Decline.Text(), Small: true}.W(th),
	}
	if g.State == model.RequestedFor {
		text, buttons = words.GroupWaitTitle.Text(), []layout.Widget{widget.Button{State: &a.no, Text: words.CancelOffer.Text(), Small: true}.W(th)}
	}
	name := g.Name
	if name == "" {
		name = words.GroupDetails.Text()
	}
	return layout.Inset{Left: theme.Space8, Right: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
		return widget.Card{}.Layout(gtx, th, full(func(gtx C) D {
			return vertical(gtx,
				func(gtx C) D {
					return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
						layout.Rigid(func(gtx C) D {
							return widget.Avatar{Address: g.Conversation, Name: name, Icon: "group", Size: 32}.Layout(gtx, th)
						}), widget.Gap(theme.Space12),
						layout.Flexed(1, func(gtx C) D {
							return vertical(gtx, named(name, prose(th, widget.Text{Type: th.Body().Medium(), Text: name, MaxLines: 2})),
								named(text, prose(th, widget.Text{Type: th.Caption(), Color: th.Secondary, Text: text, MaxLines: 3})))
						}))
				}, space(theme.Space8), func(gtx C) D {
					return widget.Wrap(gtx, gtx.Dp(6), len(buttons), func(gtx C, i int) D { return buttons[i](gtx) })
				})
		}))
	})
}
