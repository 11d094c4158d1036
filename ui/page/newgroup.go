package page

import (
	"context"
	"strings"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// NewGroup is the page that makes a group, and asks to be let into one.
type NewGroup struct {
	name    widget.Input
	people  picker
	earlier bool
	toggle  widget.Click
	create  widget.Click
	ask     widget.Click
	failed  string
	busy    bool
}

func (p *NewGroup) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	if fresh {
		p.name.Replace("")
		p.people.reset(nil)
		p.failed, p.earlier = "", true
		p.name.Focus(gtx)
	}
	p.update(gtx, s)
	text := words.CreateGroup.Text()
	if p.busy {
		text = words.CreatingGroup.Text()
	}
	out := []layout.Widget{
		note(th, words.NewGroupText.Text()),
		widget.Field{State: &p.name, Caption: words.GroupName.Text(), Hint: words.GroupNameHint.Text(), Error: p.failed, Disabled: p.busy, MaxBytes: maxGroupName}.W(th),
		space(theme.Space12),
		p.rule(s),
		space(theme.Space16),
		func(gtx C) D {
			buttons := []layout.Widget{
				widget.Button{State: &p.create, Text: text, Role: widget.Primary, Icon: "group_add", Disabled: p.busy}.W(th),
				widget.Button{State: &p.ask, Text: words.HaveGroupCode.Text(), Role: widget.Quiet, Disabled: p.busy}.W(th),
			}
			return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(buttons), func(gtx C, i int) D { return buttons[i](gtx) })
		},
		heading(th, words.GroupPeople.Text()),
	}
	return append(out, p.people.parts(gtx, s)...)
}

// rule is whether newcomers see what was before them.
func (p *NewGroup) rule(s *Shell) layout.Widget {
	return func(gtx C) D {
		return ruleLine(gtx, s, &p.toggle, words.EarlierTitle.Text(), words.EarlierText.Text(), p.earlier, "")
	}
}

// ruleLine is a switch with its title and what it means.
func ruleLine(gtx C, s *Shell, click *widget.Click, title, text string, on bool, locked string) D {
	th := s.Theme
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Flexed(1, func(gtx C) D {
			return vertical(gtx, label(th, th.Body(), th.Text, title), label(th, th.Caption(), th.Secondary, text))
		}), widget.Gap(theme.Space16),
		layout.Rigid(func(gtx C) D {
			return widget.Toggle{State: click, On: on, Label: title, Disabled: locked != "", Reason: locked}.Layout(gtx, th)
		}))
}

func (p *NewGroup) update(gtx C, s *Shell) {
	if p.name.Changed(gtx) {
		p.failed = ""
	}
	if p.toggle.Clicked(gtx) {
		p.earlier = !p.earlier
	}
	if p.name.Submitted(gtx) && checkGroupName(strings.TrimSpace(p.name.Text())) == "" {
		p.people.search.Focus(gtx)
	}
	if p.create.Clicked(gtx) {
		p.submit(gtx, s)
	}
	if p.ask.Clicked(gtx) {
		s.AskText(words.JoinGroup.Text(), words.GroupCode.Text(), "", words.AskToBeLetIn.Text(), s.enterGroup)
	}
}

// submit makes the group and then brings in who was chosen.
func (p *NewGroup) submit(gtx C, s *Shell) {
	name := strings.TrimSpace(p.name.Text())
	if p.failed = checkGroupName(name); p.failed != "" {
		p.name.Focus(gtx)
		return
	}
	if p.busy {
		return
	}
	p.busy = true
	people, earlier := p.people.chosen, p.earlier
	s.Jobs.Go(func(ctx context.Context) func() {
		id, err := s.Backend.ChangeGroup(ctx, model.GroupChange{Op: "create", Name: name, Earlier: earlier})
		if err != nil {
			return func() { p.busy, p.failed = false, Sentence(err) }
		}
		failed, _ := s.inviteAll(ctx, id, people)
		return func() {
			p.busy = false
			s.openGroup(id)
			if failed != "" {
				s.Say(failed)
			}
		}
	})
}

// inviteAll brings people into a group, one after the other; failed is what to say
// about the first who could not be, and added counts the others.
func (s *Shell) inviteAll(ctx context.Context, id string, people []string) (failed string, added int) {
	snap := s.Backend.Snapshot()
	for _, address := range people {
		if _, err := s.Backend.ChangeGroup(ctx, model.GroupChange{Op: "invite", Group: id, Address: address}); err == nil {
			added++
		} else if failed == "" {
			failed = words.NotInvited(nameOf(snap, address), Sentence(err))
		}
	}
	return failed, added
}

// enterGroup asks to be let into the group with a code.
func (s *Shell) enterGroup(code string) {
	code = strings.TrimPrefix(strings.TrimSpace(code), "room.")
	if code == "" {
		s.Say(words.GroupCodeNeeded.Text())
		return
	}
	s.ChangeGroup(model.GroupChange{Op: "request", Group: code}, func(string) { s.Say(words.GroupAsked.Text()) })
}

// AddPeople is the page that brings contacts into a group.
type AddPeople struct {
	people picker
	add    widget.Click
	busy   bool
	of     string
}

func (p *AddPeople) parts(gtx C, s *Shell, fresh bool) []layout.Widget {
	th := s.Theme
	g := groupByID(s.Snap, s.AddGroup)
	if g == nil {
		return []layout.Widget{note(th, words.NotInGroup.Text())}
	}
	if fresh || p.of != g.ID {
		p.of = g.ID
		p.people.reset(func(address string) string { return inAlready(groupByID(s.Snap, p.of), address) })
		p.people.search.Focus(gtx)
	}
	n := len(p.people.chosen)
	if p.add.Clicked(gtx) && n > 0 && !p.busy {
		p.submit(s, g)
	}
	text := words.AddCount(n)
	if p.busy {
		text = words.AddingPeople.Text()
	}
	out := []layout.Widget{heading(th, g.Name), note(th, words.AddPeopleText.Text())}
	out = append(out, natural(widget.Button{State: &p.add, Text: text, Icon: "group_add", Role: widget.Primary, Disabled: n == 0 || p.busy}.W(th)), space(theme.Space16))
	return append(out, p.people.parts(gtx, s)...)
}

// inAlready is why somebody cannot be added to a group; empty when they can.
func inAlready(g *model.GroupInfo, address string) string {
	if g == nil {
		return ""
	}
	for _, m := range g.Members {
		switch {
		case m.Address != address:
		case m.State == model.InGroup:
			return words.AlreadyIn.Text()
		case m.State == model.InvitedTo:
			return words.AlreadyInvited.Text()
		}
	}
	return ""
}

func (p *AddPeople) submit(s *Shell, g *model.GroupInfo) {
	p.busy = true
	people, id := p.people.chosen, g.ID
	s.Jobs.Go(func(ctx context.Context) func() {
		failed, added := s.inviteAll(ctx, id, people)
		return func() {
			p.busy = false
			p.people.chosen = nil
			switch {
			case failed != "":
				s.Say(failed)
			case s.Page == PageAddPeople:
				s.Say(words.PeopleAdded(added))
				s.Back()
			}
		}
	})
}
