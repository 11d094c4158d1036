package page

import (
	"context"
	"image"
	"strings"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Profile is the panel of a contact: who they are, what is shared, and what they
// may do to me.
type Profile struct {
	of                     string // the address
	close, rename, copy    widget.Click
	block, unblock, remove widget.Click
	alerts, watch          widget.MenuButton
	groups                 map[string]*widget.Click
	scroll                 widget.Scroll
}

// Person is the contact whose panel is open beside the conversation, or nil.
func (s *Shell) Person() *model.Contact {
	if s.detailed == "" || s.detailed != s.Open || s.Page != PageConversation {
		return nil
	}
	c := conversationOf(s.Snap, s.detailed)
	if c == nil {
		c = s.fresh()
	}
	if c.Kind != model.Direct {
		return nil
	}
	return s.contact(c.Peer)
}

// Focus puts the keyboard into the panel.
func (p *Profile) Focus(gtx C) { p.close.Focus(gtx) }

// Layout draws the panel of a contact.
func (p *Profile) Layout(gtx C, s *Shell, k *model.Contact) D {
	if p.of != k.Address {
		*p = Profile{of: k.Address, groups: make(map[string]*widget.Click)}
	}
	if p.close.Clicked(gtx) {
		s.HideDetails()
	}
	p.update(gtx, s, k)
	gtx.Constraints.Min = gtx.Constraints.Max
	parts := p.parts(gtx, s, k)
	return ground(gtx, s.Theme.Background, 0, func(gtx C) D {
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return panelBar(gtx, s.Theme, words.ProfileOf.Text(), &p.close) }),
			layout.Rigid(across(s.Theme)),
			layout.Flexed(1, func(gtx C) D {
				gtx.Constraints.Min = gtx.Constraints.Max
				return p.scroll.Layout(gtx, s.Theme, len(parts), func(gtx C, i int) D { return column(gtx, 480, parts[i]) })
			}))
	})
}

// panelBar is the line with which a panel beside the conversation is closed.
func panelBar(gtx C, th *theme.Theme, title string, shut *widget.Click) D {
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Header))
	gtx.Constraints.Max.Y = gtx.Constraints.Min.Y
	return layout.Inset{Left: theme.Space16, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, oneLine(th, th.Title(), th.Text, title)),
			layout.Rigid(widget.IconButton{State: shut, Icon: "close", Tip: words.Close.Text()}.W(th)))
	})
}

func (p *Profile) update(gtx C, s *Shell, k *model.Contact) {
	name, address := nameOf(s.Snap, k.Address), k.Address
	switch {
	case p.rename.Clicked(gtx):
		s.Rename(address)
	case p.copy.Clicked(gtx):
		s.Copy(address)
	case p.block.Clicked(gtx):
		s.askBlock(name, address)
	case p.unblock.Clicked(gtx):
		s.Contact("unblock", address, "", nil)
	case p.remove.Clicked(gtx):
		s.askRemove(name, address)
	}
}

func (p *Profile) parts(gtx C, s *Shell, k *model.Contact) []layout.Widget {
	th := s.Theme
	out := []layout.Widget{space(theme.Space24), func(gtx C) D { return p.title(gtx, s, k) }, space(theme.Space16)}
	lines := []layout.Widget{func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, label(th, th.Caption(), th.Secondary, words.AddAddress.Text()), named(k.Address, label(th, th.Body(), th.Text, k.Address)))
			}), widget.Gap(theme.Space8),
			layout.Rigid(widget.IconButton{State: &p.copy, Icon: "copy", Tip: words.CopyAddress.Text()}.W(th)))
	}}
	if k.State == model.Friend {
		lines = append(lines, p.told(gtx, s, k))
		if c := conversationOf(s.Snap, s.detailed); c != nil {
			lines = append(lines, func(gtx C) D { return muteLine(gtx, s, &p.alerts, c, nameOf(s.Snap, k.Address)) })
		}
	}
	out = append(out, group(th, lines...))
	if k.State == model.Friend {
		out = append(out, heading(th, words.ProfileDevices.Text()), p.devices(s, k))
	}
	if shared := sharedGroups(s.Snap, k.Address); len(shared) > 0 {
		out = append(out, heading(th, words.SharedGroups.Text()))
		for _, g := range shared {
			out = append(out, func(gtx C) D { return p.group(gtx, s, g) })
		}
	}
	return append(out, space(theme.Space24), p.ends(s, k), space(theme.Space24))
}

// title is the picture, my name for them and how they are.
func (p *Profile) title(gtx C, s *Shell, k *model.Contact) D {
	th := s.Theme
	name := nameOf(s.Snap, k.Address)
	line := words.PresenceWith(statusOf(k), k.Presence.Text)
	switch {
	case k.State == model.Blocked:
		line = words.BlockedRow.Text()
	case k.State == model.Requested:
		line = words.RequestedRow.Text()
	case s.Snap.Connection.State != model.Connected:
		line = words.Connection(s.Snap.Connection, 0)
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return face(gtx, th, k.Address, name, s.seenStatus(k), 72, th.Background) }), widget.Gap(theme.Space16),
		layout.Flexed(1, func(gtx C) D {
			return vertical(gtx, named(name, prose(th, widget.Text{Type: th.Page(), Text: name, MaxLines: 3})),
				named(line, prose(th, widget.Text{Color: th.Secondary, Text: line, MaxLines: 4})))
		}),
		layout.Rigid(widget.IconButton{State: &p.rename, Icon: "edit", Tip: words.Rename.Text()}.W(th)))
}

// told is whether I am told when they come online.
func (p *Profile) told(gtx C, s *Shell, k *model.Contact) layout.Widget {
	th, address := s.Theme, k.Address
	set := func(mode string) func() {
		return func() {
			s.Call(func(ctx context.Context) error { return s.Backend.Watch(ctx, address, mode) }, nil)
		}
	}
	items := []MenuItem{
		{Text: words.WatchNever.Text(), Checked: k.Watch == "", Do: set("never")},
		{Text: words.WatchOnce.Text(), Checked: k.Watch == "once", Do: set("once")},
		{Text: words.WatchAlways.Text(), Checked: k.Watch == "always", Do: set("always")},
	}
	choose(gtx, &p.watch.Menu, items)
	shown := words.WatchNever.Text()
	for _, i := range items {
		if i.Checked {
			shown = i.Text
		}
	}
	title := words.WatchTitle.Text()
	return func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, label(th, th.Body(), th.Text, title)), widget.Gap(theme.Space12),
			layout.Rigid(func(gtx C) D {
				gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(140))
				return p.watch.Layout(gtx, th, menuItems(items), func(gtx C, click *widget.Click) D {
					return widget.Select{State: click, Text: shown, Label: words.Chosen(title, shown)}.Layout(gtx, th)
				})
			}))
	}
}

// devices is what is known of their computers: what they can do, and the keys.
func (p *Profile) devices(s *Shell, k *model.Contact) layout.Widget {
	th := s.Theme
	var can []string
	for _, c := range k.Presence.Capabilities {
		id, _, _ := strings.Cut(c, "/")
		if x := pluginOf(s.Snap, id); x != nil {
			can = append(can, words.Known(x.Name))
		}
	}
	able := words.CapabilitiesUnknown.Text()
	if len(can) > 0 {
		able = strings.Join(can, ", ")
	}
	keys, sign, tone := words.KeysSame.Text(), "key", th.Secondary
	if !k.NewKeys.IsZero() {
		keys, sign, tone = words.NewKeys(nameOf(s.Snap, k.Address), longTime(k.NewKeys, s.local())), "warning", th.Warning
	}
	return group(th, iconLine(th, "devices", th.Secondary, words.CanUse.Text(), able), iconLine(th, sign, tone, words.KeysTitle.Text(), keys))
}

// group is a line of a group that I share with them.
func (p *Profile) group(gtx C, s *Shell, g *model.GroupInfo) D {
	th, click := s.Theme, clickOf(p.groups, g.ID)
	if click.Clicked(gtx) {
		s.OpenConversation(g.Conversation)
		s.FocusText = true
	}
	return pageRow(gtx, th, click, g.Name, false, false, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D {
				return widget.Avatar{Address: g.Conversation, Name: g.Name, Icon: "group", Size: 36}.Layout(gtx, th)
			}), widget.Gap(theme.Space12),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, oneLine(th, th.Body().Medium(), th.Text, g.Name), oneLine(th, th.Caption(), th.Secondary, words.MemberCount(g.Count)))
			}))
	})
}

// sharedGroups are the groups that somebody and I are in.
func sharedGroups(s *model.Snapshot, address string) []*model.GroupInfo {
	var out []*model.GroupInfo
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.State != model.InGroup {
			continue
		}
		for _, m := range g.Members {
			if m.Address == address && m.State == model.InGroup {
				out = append(out, g)
				break
			}
		}
	}
	return out
}

// ends are the ways to have nothing to do with them any more, or again.
func (p *Profile) ends(s *Shell, k *model.Contact) layout.Widget {
	th := s.Theme
	buttons := []layout.Widget{widget.Button{State: &p.unblock, Text: words.Unblock.Text(), Icon: "lock_open"}.W(th)}
	if k.State != model.Blocked {
		buttons = []layout.Widget{
			widget.Button{State: &p.block, Text: words.Block.Text(), Icon: "block", Role: widget.Danger}.W(th),
			widget.Button{State: &p.remove, Text: words.Remove.Text(), Icon: "delete", Role: widget.Danger}.W(th),
		}
	}
	return func(gtx C) D {
		return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(buttons), func(gtx C, i int) D { return buttons[i](gtx) })
	}
}

// askBlock asks and blocks somebody.
func (s *Shell) askBlock(name, address string) {
	s.Ask(words.BlockName(name), words.BlockText(name), words.Block.Text(), true, func() {
		s.Contact("block", address, "", func() {
			s.SayUndo(words.WasBlocked(name), func() { s.Contact("unblock", address, "", nil) })
		})
	})
}

// askRemove asks and removes a contact.
func (s *Shell) askRemove(name, address string) {
	s.Ask(words.RemoveName(name), words.RemoveText.Text(), words.Remove.Text(), true, func() {
		s.Contact("remove", address, "", func() { s.Say(words.WasRemoved(name)) })
	})
}
