package page

import (
	"context"
	"image"
	"image/color"
	"strings"

	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/unit"

	"switchboard/shared/model"
	"switchboard/ui/access"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// rowState is what a row of the list keeps between frames.
type rowState struct {
	click widget.Click
	menu  widget.ContextMenu
}

// listRow is one line of a list: rounded, tinted under the pointer and when chosen.
func listRow(gtx C, th *theme.Theme, click *widget.Click, name string, selected bool, height unit.Dp, w layout.Widget) D {
	return layout.Inset{Left: theme.Space4, Right: theme.Space4}.Layout(gtx, func(gtx C) D {
		gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
		tone := rowTone(th, click, selected)
		d := click.Area(gtx, name, func(gtx C) D {
			pointer.CursorPointer.Add(gtx.Ops)
			gtx.Constraints.Min.Y = gtx.Dp(height)
			return ground(gtx, tone, 8, func(gtx C) D {
				return layout.W.Layout(gtx, func(gtx C) D {
					gtx.Constraints.Min.Y = 0
					return layout.Inset{Left: theme.Space8, Right: theme.Space8, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, full(w))
				})
			})
		})
		if click.Ringed(gtx, th) {
			innerRing(gtx, th, d.Size)
		} else if selected && th.Options.HighContrast {
			widget.Outline(gtx, d.Size, 8, 1, th.Accent)
		}
		return d
	})
}

// innerRing is the focus ring of things that touch their neighbours.
func innerRing(gtx C, th *theme.Theme, size image.Point) {
	widget.Outline(gtx, size, theme.RadiusControl, theme.FocusRing, th.Accent)
}

func rowTone(th *theme.Theme, click *widget.Click, selected bool) color.NRGBA {
	switch {
	case selected: // a shade more under the pointer would take contrast from what is on it
		return th.Selected(th.Sidebar)
	case click.Pressed():
		return th.Pressed(th.Sidebar)
	case click.Hovered():
		return th.Hover(th.Sidebar)
	}
	return color.NRGBA{}
}

// Layout draws the row of a conversation.
func (r *rowState) Layout(gtx C, s *Shell, c *model.Conversation) D {
	if r.click.Clicked(gtx) {
		s.OpenConversation(c.ID)
		s.FocusText = true
	}
	items := rowMenu(s, c, nil)
	choose(gtx, &r.menu.Menu, items)
	name := titleOf(s.Snap, c)
	row := widget.Row{
		State: &r.click, Title: name, Label: rowLabel(name, s.news(c)), Meta: rowTime(c.Time, s.local()),
		Strong:   s.news(c) > 0 && !muted(c, s.Now),
		Selected: s.shows(c.ID),
		Marks:    rowMarks(s, c),
		Leading:  rowAvatar(s, c, name),
		Dimmed:   c.ReadOnly != "",
	}
	row.Line, row.LineIcon, row.LineTint = rowLine(s, c)
	if access.On(gtx) {
		row.Spoken = rowSpoken(s, c, name, row.Line, row.Meta)
		row.Actions = spokenActions(items)
	}
	return r.menu.Layout(gtx, s.Theme, menuItems(items), func(gtx C) D { return row.Layout(gtx, s.Theme) }, &r.click.Clickable)
}

// rowLabel is what a screen reader says for a row.
func rowLabel(name string, unread int) string {
	if unread > 0 {
		return words.RowWithUnread(name, words.Unread(unread))
	}
	return name
}

func rowAvatar(s *Shell, c *model.Conversation, name string) func(C, color.NRGBA) D {
	a := widget.Avatar{Size: 40, Address: rowAddress(s.Snap, c), Name: name, Presence: string(s.seenStatus(s.contact(c.Peer)))}
	if s.Theme.Density == theme.Compact {
		a.Size = 24
	}
	switch c.Kind {
	case model.Self:
		a.Icon = "bookmark"
	case model.Group:
		a.Icon = "group"
	}
	return func(gtx C, rim color.NRGBA) D {
		a.Rim = rim
		return a.Layout(gtx, s.Theme)
	}
}

// rowMarks are the small signs at the right of a row.
func rowMarks(s *Shell, c *model.Conversation) []layout.Widget {
	th := s.Theme
	var out []layout.Widget
	quiet := muted(c, s.Now)
	if _, name, tint := rowLine(s, c); th.Density == theme.Compact && name != "" {
		out = append(out, icon(name, 16, tint)) // the second line that says it is not there
	}
	if c.InCall {
		out = append(out, icon("call", 16, th.Success))
	}
	if quiet {
		out = append(out, icon("notifications_off", 16, th.Disabled))
	}
	if c.Pinned && s.news(c) == 0 {
		out = append(out, icon("star", 16, th.Disabled))
	}
	if c.Mentions > 0 {
		out = append(out, func(gtx C) D { return widget.Badge{Mention: true}.Layout(gtx, th) })
	}
	if n := s.news(c); n > 0 {
		out = append(out, func(gtx C) D { return widget.Badge{Count: n, Quiet: quiet}.Layout(gtx, th) })
	}
	return out
}

// rowLine is the second line: what is most worth knowing now.
func rowLine(s *Shell, c *model.Conversation) (text, icon string, tint color.NRGBA) {
	th, k := s.Theme, s.contact(c.Peer)
	switch {
	case c.NotSent:
		return words.NotSentRow.Text(), "error", th.Danger
	case c.Typing:
		return words.TypingRow.Text(), "", th.Accent
	case c.Draft != "" && !s.shows(c.ID): // what I write now is before my eyes
		return words.Draft(flat(c.Draft)), "edit", th.Warning
	case k != nil && k.State == model.Blocked:
		return words.BlockedRow.Text(), "block", th.Secondary
	case k != nil && k.State == model.Requested:
		return words.RequestedRow.Text(), "schedule", th.Secondary
	case c.Summary == "" && c.Kind == model.Self:
		return words.NotesText.Text(), "", th.Secondary
	case c.Summary == "":
		return words.NoMessages.Text(), "", th.Secondary
	case s.Snap.Account != nil && c.From == s.Snap.Account.Address && c.Kind != model.Self:
		return words.ByMe(flat(c.Summary)), "", th.Secondary
	case c.Kind == model.Group && c.From != "":
		return words.ByThem(nameOf(s.Snap, c.From), flat(c.Summary)), "", th.Secondary
	}
	return flat(c.Summary), "", th.Secondary
}

// flat is a text on one line.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// rowMenu is the context menu of a conversation, and the ⋯ of its header, where
// the capabilities that found no room come first.
func rowMenu(s *Shell, c *model.Conversation, caps []capability) []MenuItem {
	var out []MenuItem
	id := c.ID
	for _, cap := range caps {
		out = append(out, MenuItem{Text: cap.title, Icon: cap.icon, Reason: cap.reason, Do: func() { s.Offer(id, cap) }})
	}
	row := func(op, undo, done string) func() { return rowOp(s, id, op, undo, done) }
	name := titleOf(s.Snap, c)
	first := len(out) > 0
	for _, m := range readMenu(s, c) {
		m.Separate, first = first, false
		out = append(out, m)
	}
	if c.Pinned {
		out = append(out, MenuItem{Text: words.Unpin.Text(), Icon: "star_border", Do: row("unpin", "", ""), Separate: first})
	} else {
		out = append(out, MenuItem{Text: words.Pin.Text(), Icon: "star", Do: row("pin", "", ""), Separate: first})
	}
	out = append(out, muteMenu(s, c, name)...)
	if c.Archived {
		out = append(out, MenuItem{Text: words.Unarchive.Text(), Icon: "unarchive", Do: row("unarchive", "", "")})
	} else {
		out = append(out, MenuItem{Text: words.Archive.Text(), Icon: "archive", Do: row("archive", "unarchive", words.RowArchived(name))})
	}
	return append(append(append(out, keepMenu(s, c)...), personMenu(s, c)...), s.groupMenu(c)...)
}

// rowOp does one thing to a row; done, when it says something, comes with Undo.
func rowOp(s *Shell, id, op, undo, done string) func() {
	return func() {
		s.Call(func(ctx context.Context) error { return s.Backend.Row(ctx, op, id) }, func(err error) {
			if err != nil {
				s.Say(Sentence(err))
			} else if done != "" {
				s.SayUndo(done, func() {
					s.Call(func(ctx context.Context) error { return s.Backend.Row(ctx, undo, id) }, nil)
				})
			}
		})
	}
}

// muteMenu are the ways to make a conversation quiet, or loud again.
func muteMenu(s *Shell, c *model.Conversation, name string) []MenuItem {
	if muted(c, s.Now) {
		return []MenuItem{{Text: words.Unmute.Text(), Icon: "notifications", Do: rowOp(s, c.ID, "unmute", "", "")}}
	}
	return []MenuItem{
		{Text: words.MuteHour.Text(), Icon: "notifications_off", Do: rowOp(s, c.ID, "mute-1h", "unmute", words.Muted(name))},
		{Text: words.MuteWork.Text(), Do: rowOp(s, c.ID, "mute-8h", "unmute", words.Muted(name))},
		{Text: words.MuteAlways.Text(), Do: rowOp(s, c.ID, "mute", "unmute", words.Muted(name))},
	}
}

// personMenu is the part of the menu that is about the person.
func personMenu(s *Shell, c *model.Conversation) []MenuItem {
	k := s.contact(c.Peer)
	if c.Kind != model.Direct || c.Peer == "" {
		return nil
	}
	name, peer := titleOf(s.Snap, c), c.Peer
	address := MenuItem{Text: words.CopyAddress.Text(), Icon: "copy", Separate: true, Do: func() { s.Copy(peer) }}
	if k == nil {
		return []MenuItem{address}
	}
	id := c.ID
	out := []MenuItem{{Text: words.ProfileShow.Text(), Icon: "person", Separate: true, Do: func() { s.ShowDetails(id) }}, address}
	out[1].Separate = false
	if k.State == model.Blocked {
		return append(out, MenuItem{Text: words.Unblock.Text(), Icon: "lock_open", Do: func() { s.Contact("unblock", peer, "", nil) }})
	}
	return append(out,
		MenuItem{Text: words.Rename.Text(), Icon: "edit", Shortcut: words.Shortcut("F2"), Do: func() { s.Rename(peer) }},
		MenuItem{Text: words.Block.Text(), Icon: "block", Danger: true, Do: func() { s.askBlock(name, peer) }},
		MenuItem{Text: words.Remove.Text(), Icon: "delete", Danger: true, Do: func() { s.askRemove(name, peer) }})
}

// askState is a request in the list: address and text only.
type askState struct{ yes, no, block widget.Click }

// ask draws a request.
func (b *Sidebar) ask(gtx C, s *Shell, k model.Contact) D {
	th := s.Theme
	a := b.asks[k.Address]
	if a == nil {
		a = new(askState)
		b.asks[k.Address] = a
	}
	switch {
	case a.yes.Clicked(gtx):
		s.Contact("accept", k.Address, "", func() {
			if now := s.contact(k.Address); now != nil && now.Conversation != "" {
				s.OpenConversation(now.Conversation)
				s.FocusText = true
			}
		})
	case a.no.Clicked(gtx):
		s.Contact("remove", k.Address, "", nil)
	case a.block.Clicked(gtx):
		s.Contact("block", k.Address, "", func() {
			s.SayUndo(words.WasBlocked(k.Address), func() { s.Contact("unblock", k.Address, "", nil) })
		})
	}
	return layout.Inset{Left: theme.Space8, Right: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
		return widget.Card{}.Layout(gtx, th, full(func(gtx C) D {
			parts := []layout.Widget{widget.Text{Type: th.Body().Medium(), Text: k.Address, MaxLines: 2}.W(th)}
			if like := lookalike(s.Snap, k); like != "" {
				parts = append(parts, widget.Text{Type: th.Caption().Medium(), Color: th.Warning, Text: words.NotTheSame(like, k.Address)}.W(th))
			}
			if k.Greeting != "" {
				parts = append(parts, space(theme.Space4), widget.Text{Color: th.Secondary, Text: flat(k.Greeting), MaxLines: 3}.W(th))
			}
			parts = append(parts, space(theme.Space8), func(gtx C) D {
				buttons := []layout.Widget{
					widget.Button{State: &a.yes, Text: words.Accept.Text(), Role: widget.Primary, Small: true}.W(th),
					widget.Button{State: &a.no, Text: words.Decline.Text(), Small: true}.W(th),
					widget.Button{State: &a.block, Text: words.Block.Text(), Small: true}.W(th),
				}
				return widget.Wrap(gtx, gtx.Dp(6), len(buttons), func(gtx C, i int) D { return buttons[i](gtx) })
			})
			return vertical(gtx, parts...)
		}))
	})
}
