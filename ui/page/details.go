package page

import (
	"image"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Details is the panel of a group: who is in it and what may be done about it.
type Details struct {
	of                  string // the group
	close, rename, add  widget.Click
	earlier, open, copy widget.Click
	leave               widget.Click
	alerts, picture     widget.MenuButton
	find                widget.Input
	scroll              widget.Scroll
	members             map[string]*memberState

	list struct { // what the lines below were made from
		snap        *model.Snapshot
		group       *model.GroupInfo
		query       string
		in, invited []model.GroupMember
	}
}

// memberState is what a member's line keeps between frames.
type memberState struct {
	click, yes, no widget.Click
	menu           widget.MenuButton
}

// findable is how many members a group has that are worth searching.
const findable = 12

// Layout draws the panel of a group.
func (p *Details) Layout(gtx C, s *Shell, g *model.GroupInfo) D {
	if p.of != g.ID {
		*p = Details{of: g.ID, members: make(map[string]*memberState)}
	}
	if p.close.Clicked(gtx) {
		s.HideDetails()
	}
	p.update(gtx, s, g)
	gtx.Constraints.Min = gtx.Constraints.Max
	parts := p.parts(gtx, s, g)
	return ground(gtx, s.Theme.Background, 0, func(gtx C) D {
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return panelBar(gtx, s.Theme, words.GroupDetails.Text(), &p.close) }),
			layout.Rigid(across(s.Theme)),
			layout.Flexed(1, func(gtx C) D {
				gtx.Constraints.Min = gtx.Constraints.Max
				return p.scroll.Layout(gtx, s.Theme, len(parts), func(gtx C, i int) D {
					return column(gtx, 480, parts[i])
				})
			}))
	})
}

// Focus puts the keyboard into the panel.
func (p *Details) Focus(gtx C) { p.close.Focus(gtx) }

func (p *Details) update(gtx C, s *Shell, g *model.GroupInfo) {
	change := func(op string, on bool) {
		s.ChangeGroup(model.GroupChange{Op: op, Group: g.ID, On: on}, nil)
	}
	switch {
	case p.rename.Clicked(gtx):
		s.RenameGroup(g)
	case p.add.Clicked(gtx):
		s.AddToGroup(g.ID)
	case p.leave.Clicked(gtx):
		s.LeaveGroup(g)
	case p.earlier.Clicked(gtx):
		change("earlier", !g.Earlier)
	case p.open.Clicked(gtx):
		change("open", !g.Open)
	case p.copy.Clicked(gtx):
		s.Copy(g.ID)
	}
}

// parts are what the panel scrolls through.
func (p *Details) parts(gtx C, s *Shell, g *model.GroupInfo) []layout.Widget {
	th := s.Theme
	out := []layout.Widget{space(theme.Space24), func(gtx C) D { return p.title(gtx, s, g) }}
	if manages(g) {
		if ask := asking(g); len(ask) > 0 {
			out = append(out, heading(th, words.GroupAsking.Text()))
			for _, m := range ask {
				out = append(out, func(gtx C) D { return p.applicant(gtx, s, g, m) })
			}
		}
	}
	in := g.State == model.InGroup
	if in && g.Count > findable { // nobody scrolls past hundreds
		out = append(out, p.rules(s, g)...)
	}
	out = append(out, p.memberParts(gtx, s, g)...)
	if in && g.Count <= findable {
		out = append(out, p.rules(s, g)...)
	}
	if in {
		out = append(out, space(theme.Space24),
			natural(widget.Button{State: &p.leave, Text: words.LeaveGroup.Text(), Icon: "exit", Role: widget.Danger}.W(th)))
	}
	return append(out, space(theme.Space24))
}

// title is picture, name and how many there are.
func (p *Details) title(gtx C, s *Shell, g *model.GroupInfo) D {
	th := s.Theme
	line := words.MemberCount(g.Count)
	if g.State != model.InGroup {
		line = s.groupLine(g)
	}
	children := []layout.FlexChild{
		layout.Rigid(func(gtx C) D {
			return widget.Avatar{Address: g.Conversation, Name: g.Name, Icon: "group", Size: 56}.Layout(gtx, th)
		}), widget.Gap(theme.Space16),
		layout.Flexed(1, func(gtx C) D {
			return vertical(gtx, named(g.Name, prose(th, widget.Text{Type: th.Page(), Text: g.Name, MaxLines: 3})),
				label(th, th.Body(), th.Secondary, line))
		}),
	}
	if manages(g) {
		items := s.groupPictureMenu(g)
		choose(gtx, &p.picture.Menu, items)
		children = append(children, layout.Rigid(func(gtx C) D {
			return p.picture.Layout(gtx, th, menuItems(items), func(gtx C, click *widget.Click) D {
				return widget.IconButton{State: click, Icon: "image", Tip: words.GroupPicture.Text()}.Layout(gtx, th)
			})
		}))
		children = append(children, layout.Rigid(widget.IconButton{State: &p.rename, Icon: "edit", Tip: words.RenameGroup.Text()}.W(th)))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, children...)
}

// memberParts are the members, and after them who is invited.
func (p *Details) memberParts(gtx C, s *Shell, g *model.GroupInfo) []layout.Widget {
	th := s.Theme
	if len(g.Members) == 0 {
		return nil
	}
	out := []layout.Widget{func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Flexed(1, heading(th, words.GroupMembers.Text())),
			layout.Rigid(func(gtx C) D {
				if !manages(g) {
					return D{}
				}
				return layout.Inset{Top: theme.Space8}.Layout(gtx, widget.Button{State: &p.add, Text: words.AddPeople.Text(), Icon: "group_add", Role: widget.Quiet, Small: true}.W(th))
			}))
	}}
	query := ""
	if g.Count > findable {
		p.find.Changed(gtx)
		query = fold(p.find.Text())
		out = append(out, widget.Field{State: &p.find, Hint: words.FindMember.Text(), Icon: "search", Label: words.FindMember.Text(), MaxBytes: 128}.W(th), space(theme.Space8))
	}
	in, invited := p.listed(s, g, query)
	for _, m := range in {
		out = append(out, func(gtx C) D { return p.member(gtx, s, g, m) })
	}
	if len(invited) > 0 {
		out = append(out, heading(th, words.GroupInvited.Text()))
	}
	for _, m := range invited {
		out = append(out, func(gtx C) D { return p.member(gtx, s, g, m) })
	}
	return out
}

// listed are the members and those invited that a query lets through, looked for
// anew only when something changed: there may be a thousand.
func (p *Details) listed(s *Shell, g *model.GroupInfo, query string) (in, invited []model.GroupMember) {
	l := &p.list
	if l.snap == s.Snap && l.group == g && l.query == query {
		return l.in, l.invited
	}
	l.snap, l.group, l.query, l.in, l.invited = s.Snap, g, query, nil, nil
	for _, m := range g.Members {
		switch {
		case m.State != model.InGroup && m.State != model.InvitedTo || query != "" && !matches(query, s.memberName(m), m.Address):
		case m.State == model.InGroup:
			l.in = append(l.in, m)
		default:
			l.invited = append(l.invited, m)
		}
	}
	return l.in, l.invited
}

// state is what a member's line keeps.
func (p *Details) state(address string) *memberState {
	st := p.members[address]
	if st == nil {
		st = new(memberState)
		p.members[address] = st
	}
	return st
}

// member is one line: who, how they are, their role and what can be done.
func (p *Details) member(gtx C, s *Shell, g *model.GroupInfo, m model.GroupMember) D {
	th, st := s.Theme, p.state(m.Address)
	name, line, status := p.about(s, m)
	shown := s.memberName(m)
	if st.click.Clicked(gtx) {
		s.meet(m.Address)
	}
	items := s.memberMenu(g, m)
	choose(gtx, &st.menu.Menu, items)
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Flexed(1, func(gtx C) D {
			return pageRow(gtx, th, &st.click, name, false, false, func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(func(gtx C) D { return face(gtx, th, m.Address, shown, status, 36, th.Background) }), widget.Gap(theme.Space12),
					layout.Flexed(1, func(gtx C) D {
						return vertical(gtx, oneLine(th, th.Body().Medium(), th.Text, name), oneLine(th, th.Caption(), th.Secondary, line))
					}),
					layout.Rigid(func(gtx C) D {
						role := words.Role(m.Role)
						if role == "" || m.State != model.InGroup {
							return D{}
						}
						return layout.Inset{Left: theme.Space8}.Layout(gtx, func(gtx C) D { return widget.Pill{Text: role}.Layout(gtx, th) })
					}))
			})
		}),
		layout.Rigid(func(gtx C) D {
			if len(items) == 0 {
				return D{Size: image.Pt(gtx.Dp(theme.Control), 0)}
			}
			return st.menu.Layout(gtx, th, menuItems(items), func(gtx C, click *widget.Click) D {
				return widget.IconButton{State: click, Icon: "more", Tip: words.MemberMenu(name)}.Layout(gtx, th)
			})
		}))
}

// about is what a member's line says.
func (p *Details) about(s *Shell, m model.GroupMember) (name, line string, status model.Status) {
	k := s.contact(m.Address)
	name, line, status = s.memberName(m), m.Address, s.seenStatus(k)
	switch {
	case m.State == model.InvitedTo && m.By != "" && !isMe(s.Snap, m.By):
		line = words.InvitedBy(nameOf(s.Snap, m.By))
	case m.State == model.InvitedTo:
		line = words.WaitingForThem.Text()
	case isMe(s.Snap, m.Address):
		name = words.GroupYou.Text()
		if s.Snap.Connection.State == model.Connected {
			status = shape(s.Snap.Presence.Status)
			if status == "" {
				status = model.Available
			}
		}
	case status != "":
		line = words.PresenceWith(status, k.Presence.Text)
	}
	return name, line, status
}

// applicant is somebody who asks to be let in.
func (p *Details) applicant(gtx C, s *Shell, g *model.GroupInfo, m model.GroupMember) D {
	th, st := s.Theme, p.state(m.Address)
	answerApplicant(gtx, s, g, m, &st.yes, &st.no)
	name := s.memberName(m)
	return layout.Inset{Left: theme.Space8, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return face(gtx, th, m.Address, name, "", 36, th.Background) }), widget.Gap(theme.Space12),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, oneLine(th, th.Body().Medium(), th.Text, name), oneLine(th, th.Caption(), th.Secondary, m.Address))
			}),
			widget.Gap(theme.Space8),
			layout.Rigid(widget.Button{State: &st.yes, Text: words.LetIn.Text(), Role: widget.Primary, Small: true}.W(th)), widget.Gap(theme.Space4),
			layout.Rigid(widget.Button{State: &st.no, Text: words.RefuseIn.Text(), Small: true}.W(th)))
	})
}

// answerApplicant lets somebody in or not.
func answerApplicant(gtx C, s *Shell, g *model.GroupInfo, m model.GroupMember, yes, no *widget.Click) {
	if yes.Clicked(gtx) {
		s.ChangeGroup(model.GroupChange{Op: "admit", Group: g.ID, Address: m.Address}, nil)
	} else if no.Clicked(gtx) {
		s.ChangeGroup(model.GroupChange{Op: "refuse", Group: g.ID, Address: m.Address}, nil)
	}
}

// rules are the switches of a group; who may not change them sees them locked by
// what they say.
func (p *Details) rules(s *Shell, g *model.GroupInfo) []layout.Widget {
	th := s.Theme
	lines := []layout.Widget{func(gtx C) D {
		c := conversationOf(s.Snap, g.Conversation)
		if c == nil {
			c = &model.Conversation{ID: g.Conversation, Kind: model.Group}
		}
		return muteLine(gtx, s, &p.alerts, c, g.Name)
	}}
	if manages(g) {
		lines = append(lines,
			func(gtx C) D {
				return ruleLine(gtx, s, &p.earlier, words.EarlierTitle.Text(), words.EarlierText.Text(), g.Earlier, "")
			},
			func(gtx C) D {
				return ruleLine(gtx, s, &p.open, words.OpenTitle.Text(), words.OpenText.Text(), g.Open, "")
			})
	}
	if g.Open {
		lines = append(lines, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Flexed(1, func(gtx C) D {
					return vertical(gtx, label(th, th.Caption(), th.Secondary, words.GroupCode.Text()), named(g.ID, label(th, th.Code(), th.Text, g.ID)))
				}), widget.Gap(theme.Space8),
				layout.Rigid(widget.IconButton{State: &p.copy, Icon: "copy", Tip: words.CopyCode.Text()}.W(th)))
		})
	}
	return []layout.Widget{heading(th, words.Settings.Text()), group(th, lines...)}
}

// muteLine is whether a conversation may make itself heard.
func muteLine(gtx C, s *Shell, menu *widget.MenuButton, c *model.Conversation, name string) D {
	th := s.Theme
	items := muteMenu(s, c, name)
	choose(gtx, &menu.Menu, items)
	shown := words.GroupAlertsOn.Text()
	if muted(c, s.Now) {
		shown = words.GroupAlertsOff.Text()
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Flexed(1, label(th, th.Body(), th.Text, words.GroupAlerts.Text())), widget.Gap(theme.Space12),
		layout.Rigid(func(gtx C) D {
			gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(140))
			return menu.Layout(gtx, th, menuItems(items), func(gtx C, click *widget.Click) D {
				return widget.Select{State: click, Text: shown, Label: words.Chosen(words.GroupAlerts.Text(), shown)}.Layout(gtx, th)
			})
		}))
}
