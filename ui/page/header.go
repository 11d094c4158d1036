package page

import (
	"image"
	"image/color"
	"slices"
	"strings"

	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Header is the line above a conversation: who it is with, what can be done
// together, and the rest in a menu.
type Header struct {
	back    widget.Click
	about   widget.Click // who a group is
	find    widget.Click
	more    widget.MenuButton
	actions map[string]*widget.Click
}

// capability is an action of a plugin in the open conversation.
type capability struct {
	plugin, action, title, icon string
	reason                      string // why it cannot be used, or ""
}

// capabilities are what the plugins that are on can do in a conversation. What
// is stripped here is absent; what the other side lacks is there with a reason.
func capabilities(s *model.Snapshot, c *model.Conversation) []capability {
	var out []capability
	peer := contactOf(s, c.Peer)
	for i := range s.Plugins {
		p := &s.Plugins[i]
		if !p.Enabled || p.State == model.Refused || p.State == model.Disabled {
			continue
		}
		for _, a := range p.Actions {
			cap := capability{plugin: p.ID, action: a.ID, title: words.Known(a.Title), icon: a.Icon}
			if cap.icon == "" {
				cap.icon = p.Icon
			}
			switch {
			case s.PolicyFault != "":
				cap.reason = words.Known(s.PolicyFault)
			case c.ReadOnly != "":
				cap.reason = c.ReadOnly
			case peer != nil && peer.State != model.Friend:
				cap.reason = words.NotFriends(titleOf(s, c))
			case c.Kind == model.Direct && !has(peer, p.ID):
				cap.reason = words.LackedBy(titleOf(s, c), words.Known(p.Name))
			}
			out = append(out, cap)
		}
	}
	return out
}

// has tells whether somebody has a plugin; as long as nothing is known of them,
// the offer may be made and is answered there.
func has(k *model.Contact, plugin string) bool {
	if k == nil || len(k.Presence.Capabilities) == 0 {
		return true
	}
	for _, c := range k.Presence.Capabilities {
		if name, _, _ := strings.Cut(c, "/"); name == plugin {
			return true
		}
	}
	return false
}

// findFrom is how wide a header is at least to have the way to finding as an
// icon, too; it is in the menu always.
const findFrom unit.Dp = 320

// Layout draws the header of a conversation.
func (h *Header) Layout(gtx C, s *Shell, c *model.Conversation) D {
	th := s.Theme
	if h.back.Clicked(gtx) {
		s.Back()
	}
	if h.find.Clicked(gtx) {
		s.Find()
		gtx.Execute(op.InvalidateCmd{}) // the line is asked for before the header is drawn
	}
	caps := capabilities(s.Snap, c)
	fit := max(0, min(len(caps), (gtx.Constraints.Max.X-gtx.Dp(300))/gtx.Dp(36), 5))
	items, view := rowMenu(s, c, caps[fit:]), s.viewMenu(len(caps) > fit)
	items[len(caps)-fit].Separate = true
	items = slices.Insert(items, len(caps)-fit, view...)
	choose(gtx, &h.more.Menu, items)
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Header))
	gtx.Constraints.Max.Y = gtx.Constraints.Min.Y
	left, wide := theme.Space16, gtx.Constraints.Max.X
	if s.Narrow {
		left = theme.Space8
	}
	return layout.Inset{Left: left, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
		var children []layout.FlexChild
		if s.Narrow {
			children = append(children, layout.Rigid(func(gtx C) D {
				return widget.IconButton{State: &h.back, Icon: "back", Tip: words.GoBack.Text()}.Layout(gtx, th)
			}), widget.Gap(theme.Space8))
		}
		children = append(children, layout.Flexed(1, func(gtx C) D { return h.who(gtx, s, c) }))
		for _, cap := range caps[:fit] {
			children = append(children, layout.Rigid(h.action(s, c, cap)), widget.Gap(theme.Space4))
		}
		if wide >= gtx.Dp(findFrom) {
			children = append(children, layout.Rigid(func(gtx C) D {
				return widget.IconButton{State: &h.find, Icon: "search", Tip: words.FindTip.Text()}.Layout(gtx, th)
			}), widget.Gap(theme.Space4))
		}
		children = append(children, layout.Rigid(func(gtx C) D {
			return h.more.Layout(gtx, th, menuItems(items), func(gtx C, click *widget.Click) D {
				return widget.IconButton{State: click, Icon: "more", Tip: words.More.Text()}.Layout(gtx, th)
			})
		}))
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx, children...)
	})
}

// viewMenu are the ways to something in the conversation, and to more room for it.
func (s *Shell) viewMenu(separate bool) []MenuItem {
	out := []MenuItem{
		{Text: words.FindHere.Text(), Icon: "search", Shortcut: words.Shortcut("Ctrl F"), Separate: separate, Do: s.Find},
		{Text: words.SearchEverything.Text(), Icon: "history", Shortcut: words.Shortcut("Ctrl Shift F"), Do: func() { s.Go(PageSearch); s.FocusText = true }},
	}
	if s.askDate != nil {
		out = append(out, MenuItem{Text: words.JumpToDate.Text(), Icon: "event", Shortcut: words.Shortcut("Ctrl G"), Do: s.JumpToDate})
	}
	return append(out, MenuItem{Text: words.FillScreen.Text(), Icon: "fullscreen", Shortcut: words.Shortcut("F11"), Do: func() { s.filling = true }})
}

// TakeFill tells once whether the window is to fill the screen, or no longer to.
func (s *Shell) TakeFill() bool {
	f := s.filling
	s.filling = false
	return f
}

// action is a capability as an icon.
func (h *Header) action(s *Shell, c *model.Conversation, cap capability) layout.Widget {
	return func(gtx C) D {
		if h.actions == nil {
			h.actions = make(map[string]*widget.Click)
		}
		id := cap.plugin + " " + cap.action
		click := h.actions[id]
		if click == nil {
			click = new(widget.Click)
			h.actions[id] = click
		}
		if click.Clicked(gtx) && cap.reason == "" {
			s.Offer(c.ID, cap)
		}
		return widget.IconButton{State: click, Icon: cap.icon, Tip: cap.title, Disabled: cap.reason != "", Reason: cap.reason}.Layout(gtx, s.Theme)
	}
}

// who is the other side; of a group, pressing it shows who is in it.
func (h *Header) who(gtx C, s *Shell, c *model.Conversation) D {
	g := s.group(c.ID)
	if g == nil && s.contact(c.Peer) == nil {
		return who(gtx, s, c)
	}
	if h.about.Clicked(gtx) && !s.HideDetails() {
		s.ShowDetails(c.ID)
	}
	return layout.Inset{Right: theme.Space8}.Layout(gtx, func(gtx C) D {
		if g == nil {
			return pressedHead(gtx, s.Theme, words.ProfileShow.Text(), &h.about, func(gtx C) D { return who(gtx, s, c) })
		}
		return groupHead(gtx, s, c, g, &h.about)
	})
}

// pressedHead is what stands in the header and can be pressed.
func pressedHead(gtx C, th *theme.Theme, name string, click *widget.Click, w layout.Widget) D {
	tone := color.NRGBA{}
	if click.Hovered() {
		tone = th.Hover(th.Background)
	}
	d := click.Area(gtx, name, func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		gtx.Constraints.Min.Y = 0
		return ground(gtx, tone, theme.RadiusControl, func(gtx C) D {
			return layout.Inset{Top: theme.Space4, Bottom: theme.Space4, Right: theme.Space4}.Layout(gtx, w)
		})
	})
	if click.Ringed(gtx, th) {
		innerRing(gtx, th, d.Size)
	}
	return d
}

// groupHead is a group's picture, name and members, which can be pressed.
func groupHead(gtx C, s *Shell, c *model.Conversation, g *model.GroupInfo, click *widget.Click) D {
	th, line := s.Theme, s.groupLine(g)
	if s.Snap.Connection.State != model.Connected && g.State == model.InGroup {
		line = words.Connection(s.Snap.Connection, 0)
	}
	return pressedHead(gtx, th, words.GroupShow.Text(), click, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D {
				return widget.Avatar{Address: g.Conversation, Name: g.Name, Icon: "group", Size: 36}.Layout(gtx, th)
			}), widget.Gap(theme.Space12),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, named(words.MessageTo(g.Name), oneLine(th, th.Title(), th.Text, g.Name)),
					named(line, oneLine(th, th.Caption(), th.Secondary, line)))
			}))
	})
}

// who is the person's picture, name and presence.
func who(gtx C, s *Shell, c *model.Conversation) D {
	th := s.Theme
	name, peer := titleOf(s.Snap, c), s.contact(c.Peer)
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D {
			return face(gtx, th, rowAddress(s.Snap, c), name, s.seenStatus(peer), 36, th.Background)
		}),
		widget.Gap(theme.Space12),
		layout.Flexed(1, func(gtx C) D {
			return vertical(gtx,
				named(words.MessageTo(name), oneLine(th, th.Title(), th.Text, name)),
				func(gtx C) D {
					line, tone := presenceLine(th, c, peer, s.Snap.Connection)
					if line == "" {
						return D{}
					}
					return oneLine(th, th.Caption(), tone, line)(gtx)
				})
		}),
	)
}

// face is an avatar with a presence.
func face(gtx C, th *theme.Theme, address, name string, status model.Status, size unit.Dp, rim color.NRGBA) D {
	return widget.Avatar{Address: address, Name: name, Size: size, Presence: string(status), Rim: rim}.Layout(gtx, th)
}

// statusOf is the presence of a contact; nothing is known of one who is not a friend.
func statusOf(k *model.Contact) model.Status {
	if k == nil || k.State != model.Friend {
		return ""
	}
	if k.Presence.Status == "" || k.Presence.Status == model.Invisible {
		return model.Offline
	}
	return k.Presence.Status
}

// seenStatus is the presence of a contact as far as it is known now: without a
// connection nobody's is.
func (s *Shell) seenStatus(k *model.Contact) model.Status {
	if s.Snap.Connection.State != model.Connected {
		return ""
	}
	return statusOf(k)
}

// presenceLine is the line below the name: presence and its text. That somebody
// is typing shows where the text will appear, below the transcript.
func presenceLine(th *theme.Theme, c *model.Conversation, k *model.Contact, now model.Connection) (string, color.NRGBA) {
	switch {
	case k == nil:
		return "", th.Secondary
	case k.State == model.Blocked:
		return words.BlockedRow.Text(), th.Danger
	case k.State == model.Requested:
		return words.RequestedRow.Text(), th.Secondary
	case k.State == model.Request:
		return k.Address, th.Secondary
	}
	if now.State != model.Connected {
		return words.Connection(now, 0), th.Secondary
	}
	if c.From != "" && c.From != k.Address && statusOf(k) == model.Offline {
		return words.OfflineLater.Text(), th.Secondary // what I said last may wait for them
	}
	return words.PresenceWith(statusOf(k), k.Presence.Text), th.Secondary
}
