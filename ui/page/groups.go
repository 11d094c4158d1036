package page

import (
	"context"
	"strings"

	"switchboard/shared/model"
	"switchboard/ui/words"
)

// maxGroupName bounds a group's name, in bytes.
const maxGroupName = 64

// group is the group that a conversation is, or nil.
func (s *Shell) group(conversation string) *model.GroupInfo { return s.groups[conversation] }

// groupByID is the group with an id, or nil.
func groupByID(s *model.Snapshot, id string) *model.GroupInfo {
	for i := range s.Groups {
		if s.Groups[i].ID == id {
			return &s.Groups[i]
		}
	}
	return nil
}

// manages tells whether I may change a group: its owner and admins may.
func manages(g *model.GroupInfo) bool {
	return g.State == model.InGroup && (g.Role == model.GroupOwner || g.Role == model.GroupAdmin)
}

// invitedGroups are those that wait for my yes, and those that I asked to enter.
func invitedGroups(s *model.Snapshot) []*model.GroupInfo {
	var out []*model.GroupInfo
	for _, state := range []model.GroupState{model.InvitedTo, model.RequestedFor} {
		for i := range s.Groups {
			if s.Groups[i].State == state {
				out = append(out, &s.Groups[i])
			}
		}
	}
	return out
}

// asking are the people who wait to be let into a group.
func asking(g *model.GroupInfo) []model.GroupMember {
	var out []model.GroupMember
	for _, m := range g.Members {
		if m.State == model.RequestedFor {
			out = append(out, m)
		}
	}
	return out
}

// memberName is what a member is called: in my roster, or else as the group says.
func (s *Shell) memberName(m model.GroupMember) string {
	if k := s.contact(m.Address); k != nil && k.Name != "" {
		return k.Name
	}
	if m.Name != "" && !isMe(s.Snap, m.Address) {
		return m.Name
	}
	return nameOf(s.Snap, m.Address)
}

// isMe tells whether an address is mine.
func isMe(s *model.Snapshot, address string) bool {
	return s.Account != nil && s.Account.Address == address
}

// maxNamed bounds how many members the line below a group's name lists.
const maxNamed = 12

// groupNames are the members in a line, others before me.
func (s *Shell) groupNames(g *model.GroupInfo) string {
	var names []string
	me := false
	for _, m := range g.Members {
		switch {
		case m.State != model.InGroup:
		case me && len(names) == maxNamed:
			return strings.Join(append(names, words.GroupYou.Text()), ", ")
		case isMe(s.Snap, m.Address):
			me = true
		case len(names) < maxNamed:
			names = append(names, s.memberName(m))
		}
	}
	if me {
		names = append(names, words.GroupYou.Text())
	}
	return strings.Join(names, ", ")
}

// groupLine is the second line of a group's header.
func (s *Shell) groupLine(g *model.GroupInfo) string {
	if g.State != model.InGroup {
		if g.Why != "" {
			return words.Known(g.Why)
		}
		return words.NotInGroup.Text()
	}
	return words.GroupLine(g.Count, s.groupNames(g))
}

// checkGroupName says what is wrong with a group's name; empty when nothing is.
func checkGroupName(name string) string {
	switch {
	case name == "":
		return words.GroupNameNeeded.Text()
	case len(name) > maxGroupName:
		return words.GroupNameLong.Text()
	}
	return ""
}

// ChangeGroup does one thing to a group; then runs when it worked, and what went
// wrong shows as a toast.
func (s *Shell) ChangeGroup(c model.GroupChange, then func(id string)) {
	s.Jobs.Go(func(ctx context.Context) func() {
		id, err := s.Backend.ChangeGroup(ctx, c)
		return func() {
			if err != nil {
				s.Say(Sentence(err))
			} else if then != nil {
				then(id)
			}
		}
	})
}

// openGroup shows a group's conversation.
func (s *Shell) openGroup(id string) {
	conversation := "room." + id
	if g := groupByID(s.Backend.Snapshot(), id); g != nil {
		conversation = g.Conversation
	}
	s.OpenConversation(conversation)
	s.FocusText = true
}

// RenameGroup asks for a group's new name.
func (s *Shell) RenameGroup(g *model.GroupInfo) {
	id, old := g.ID, g.Name
	s.AskText(words.RenameGroup.Text(), words.GroupName.Text(), old, words.SaveStatus.Text(), func(name string) {
		name = strings.TrimSpace(name)
		if wrong := checkGroupName(name); wrong != "" {
			s.Say(wrong)
		} else if name != old {
			s.ChangeGroup(model.GroupChange{Op: "rename", Group: id, Name: name}, nil)
		}
	})
}

// LeaveGroup asks and leaves; an owner says who takes over.
func (s *Shell) LeaveGroup(g *model.GroupInfo) {
	id := g.ID
	leave := func(heir string) {
		s.ChangeGroup(model.GroupChange{Op: "leave", Group: id, Address: heir}, nil)
	}
	var heirs []option
	for _, rank := range []model.GroupRole{model.GroupAdmin, model.GroupPlain} {
		for _, m := range g.Members {
			if m.State == model.InGroup && m.Role == rank && !isMe(s.Snap, m.Address) {
				heirs = append(heirs, option{id: m.Address, text: s.memberName(m), detail: words.Role(m.Role)})
			}
		}
	}
	title := words.LeaveTitle(g.Name)
	switch {
	case len(heirs) == 0 && g.Count <= 1:
		s.Ask(title, words.LeaveLastText.Text(), words.LeaveGroup.Text(), true, func() { leave("") })
	case g.Role == model.GroupOwner && len(heirs) > 0:
		s.AskChoice(title, words.LeaveOwnerText.Text(), words.LeaveGroup.Text(), true, heirs, leave)
	default:
		s.Ask(title, words.LeaveGroupText.Text(), words.LeaveGroup.Text(), true, func() { leave("") })
	}
}

// groupMenu is the part of a row's menu that is about a group.
func (s *Shell) groupMenu(c *model.Conversation) []MenuItem {
	g := s.group(c.ID)
	if c.Kind != model.Group || g == nil {
		return nil
	}
	id := c.ID
	out := []MenuItem{{Text: words.GroupShow.Text(), Icon: "group", Separate: true, Do: func() { s.ShowDetails(id) }}}
	if manages(g) {
		out = append(out,
			MenuItem{Text: words.AddPeople.Text(), Icon: "group_add", Do: func() { s.AddToGroup(g.ID) }},
			MenuItem{Text: words.RenameGroup.Text(), Icon: "edit", Shortcut: words.Shortcut("F2"), Do: func() { s.RenameGroup(g) }})
	}
	if g.State == model.InGroup {
		out = append(out, MenuItem{Text: words.LeaveGroup.Text(), Icon: "exit", Danger: true, Do: func() { s.LeaveGroup(g) }})
	}
	return out
}

// AddToGroup opens the page that brings people into a group.
func (s *Shell) AddToGroup(id string) {
	s.AddGroup = id
	s.Go(PageAddPeople)
}

// ShowDetails opens the panel of a group.
func (s *Shell) ShowDetails(conversation string) {
	s.OpenConversation(conversation)
	s.detailed = conversation
}

// HideDetails closes the panel of a group; it reports whether there was one.
func (s *Shell) HideDetails() bool {
	if s.Details() == nil && s.Person() == nil {
		return false
	}
	s.detailed, s.FocusText = "", true
	return true
}

// Details is the group whose panel is open beside its conversation, or nil.
func (s *Shell) Details() *model.GroupInfo {
	if s.detailed == "" || s.detailed != s.Open || s.Page != PageConversation {
		return nil
	}
	return s.group(s.detailed)
}
