package page

import (
	"context"
	"image"
	"image/color"
	"strings"

	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"

	"switchboard/shared/model"
	"switchboard/ui/access"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// statuses are those that a person can choose.
var statuses = [...]model.Status{model.Available, model.Away, model.Busy, model.Invisible}

// meRow is my own line above the list, with my presence and ways to people.
type meRow struct {
	click  widget.Click
	box    widget.Popover
	choice [len(statuses)]widget.Click
	text   widget.Input
	save   widget.Click
	quit   widget.Click
	face   widget.Click
	bare   widget.Click
	add    widget.MenuButton
}

// Layout draws the row.
func (m *meRow) Layout(gtx C, s *Shell) D {
	m.update(gtx, s)
	th := s.Theme
	me := s.Snap.Account
	if me == nil {
		return D{}
	}
	size := image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Header))
	gtx.Constraints = layout.Constraints{Min: size, Max: size}
	items := s.peopleMenu()
	choose(gtx, &m.add.Menu, items)
	return layout.Inset{Left: theme.Space4, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Flexed(1, func(gtx C) D {
				gtx.Constraints.Min.Y = 0
				return layout.Inset{Right: theme.Space4}.Layout(gtx, func(gtx C) D {
					return m.box.Track(gtx, th, func(gtx C) D { return m.row(gtx, s, me) })
				})
			}),
			layout.Rigid(func(gtx C) D {
				return m.add.Layout(gtx, th, menuItems(items), func(gtx C, click *widget.Click) D {
					return widget.IconButton{State: click, Icon: "person_add", Tip: words.NewPeople.Text()}.Layout(gtx, th)
				})
			}))
	})
}

// peopleMenu are the ways to bring people in, and my other devices.
func (s *Shell) peopleMenu() []MenuItem {
	return []MenuItem{
		{Text: words.AddContact.Text(), Icon: "person_add", Do: func() { s.AddAddress = ""; s.Go(PageAdd) }},
		{Text: words.NewGroup.Text(), Icon: "group_add", Do: func() { s.Go(PageNewGroup) }},
		{Text: words.InviteSomebody.Text(), Icon: "link", Do: func() { s.Go(PageInvite) }},
		{Text: words.TalkToEcho.Text(), Icon: "chat", Do: s.TalkToEcho},
		{Text: words.LinkDevice.Text(), Icon: "devices", Separate: true, Do: func() { s.Go(PageDevices) }},
	}
}

func (m *meRow) update(gtx C, s *Shell) {
	if m.click.Clicked(gtx) {
		m.text.Replace(s.Snap.Presence.Text)
		m.box.Back = &m.click.Clickable
		m.box.Open(image.Rect(gtx.Dp(theme.Space8), 0, gtx.Dp(200), gtx.Dp(theme.Header-8)))
	}
	for i := range m.choice {
		if m.choice[i].Clicked(gtx) {
			s.setPresence(statuses[i], s.Snap.Presence.Text)
			m.box.Close(gtx)
		}
	}
	if m.face.Clicked(gtx) {
		m.box.Close(gtx)
		s.ChangeMyPicture()
	}
	if m.bare.Clicked(gtx) {
		m.box.Close(gtx)
		s.RemoveMyPicture()
	}
	if m.quit.Clicked(gtx) {
		m.box.Close(gtx)
		s.Quit()
	}
	if m.save.Clicked(gtx) || m.text.Submitted(gtx) {
		status := s.Snap.Presence.Status
		if status == "" || status == model.Offline {
			status = model.Available
		}
		s.setPresence(status, strings.TrimSpace(m.text.Text()))
		m.box.Close(gtx)
	}
}

func (s *Shell) setPresence(status model.Status, text string) {
	s.Call(func(ctx context.Context) error { return s.Backend.SetPresence(ctx, status, text) }, nil)
}

func (m *meRow) row(gtx C, s *Shell, me *model.Account) D {
	th := s.Theme
	tone := th.Sidebar
	if m.click.Hovered() || m.box.Opened() {
		tone = th.Hover(tone)
	}
	name := me.Name
	if name == "" {
		name = me.Address
	}
	status := s.Snap.Presence.Status
	if status == "" {
		status = model.Available
	}
	if s.Snap.Connection.State != model.Connected {
		status = model.Offline
	}
	d := m.click.Area(gtx, words.MyPresence(words.PresenceWith(status, s.Snap.Presence.Text)), func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		return ground(gtx, tone, theme.RadiusControl, func(gtx C) D {
			return layout.Inset{Left: theme.Space8, Right: theme.Space8, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(func(gtx C) D { return face(gtx, th, me.Address, name, shape(status), 36, tone) }),
					widget.Gap(theme.Space12),
					layout.Flexed(1, func(gtx C) D {
						return vertical(gtx,
							oneLine(th, th.Body().Medium(), th.Text, name),
							oneLine(th, th.Caption(), th.Secondary, words.PresenceWith(status, s.Snap.Presence.Text)))
					}),
					layout.Rigid(icon("expand", 18, th.Secondary)))
			})
		})
	})
	if m.click.Ringed(gtx, th) {
		innerRing(gtx, th, d.Size)
	}
	m.box.Layout(gtx, th, func(gtx C) D { return m.menu(gtx, s) })
	return d
}

// shape is the presence whose shape is drawn: others see an invisible person as
// offline, and so does the picture.
func shape(status model.Status) model.Status {
	if status == model.Invisible {
		return model.Offline
	}
	return status
}

func (m *meRow) menu(gtx C, s *Shell) D {
	th := s.Theme
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	var parts []layout.Widget
	for i, status := range statuses {
		parts = append(parts, menuLine(th, &m.choice[i], words.Presence(status), func(gtx C) D { return m.line(gtx, s, status) }))
	}
	parts = append(parts, space(theme.Space8), across(th), space(theme.Space12),
		widget.Field{State: &m.text, Hint: words.StatusText.Text(), Label: words.StatusText.Text(), MaxBytes: 256}.W(th),
		space(theme.Space8),
		func(gtx C) D {
			return layout.E.Layout(gtx, widget.Button{State: &m.save, Text: words.SaveStatus.Text(), Role: widget.Primary}.W(th))
		},
		space(theme.Space12), across(th), space(theme.Space8),
		menuLine(th, &m.face, words.ChangeMyPicture.Text(), meLine(th, "image", words.ChangeMyPicture.Text())))
	if a := s.Snap.Account; a != nil && a.Avatar != "" {
		parts = append(parts, menuLine(th, &m.bare, words.RemoveMyPicture.Text(), meLine(th, "delete", words.RemoveMyPicture.Text())))
	}
	parts = append(parts, space(theme.Space8), across(th), space(theme.Space8),
		menuLine(th, &m.quit, words.Quit.Text(), func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(icon("power", 16, th.Secondary)), widget.Gap(theme.Space8),
				layout.Flexed(1, oneLine(th, th.Body(), th.Text, words.Quit.Text())),
				layout.Rigid(oneLine(th, th.Caption(), th.Secondary, words.QuitKey.Text())))
		}))
	return vertical(gtx, parts...)
}

// meLine is what stands in a line of the menu.
func meLine(th *theme.Theme, sign, text string) layout.Widget {
	return func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon(sign, 16, th.Secondary)), widget.Gap(theme.Space8),
			layout.Flexed(1, oneLine(th, th.Body(), th.Text, text)))
	}
}

// menuLine is a line of the menu that can be pressed.
func menuLine(th *theme.Theme, click *widget.Click, name string, w layout.Widget) layout.Widget {
	return func(gtx C) D {
		tone := color.NRGBA{}
		if click.Hovered() {
			tone = th.Hover(th.Raised)
		}
		d := click.Area(gtx, name, func(gtx C) D {
			pointer.CursorPointer.Add(gtx.Ops)
			gtx.Constraints.Min.Y = gtx.Dp(theme.Control + 4)
			return ground(gtx, tone, theme.RadiusControl, func(gtx C) D {
				return layout.W.Layout(gtx, func(gtx C) D {
					return layout.Inset{Left: theme.Space8, Right: theme.Space8}.Layout(gtx, w)
				})
			})
		})
		if click.Ringed(gtx, th) {
			innerRing(gtx, th, d.Size)
		}
		return d
	}
}

func (m *meRow) line(gtx C, s *Shell, status model.Status) D {
	th := s.Theme
	mark := func(gtx C) D { return D{} }
	if s.Snap.Presence.Status == status {
		mark = icon("check", 18, th.Accent)
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D {
			return widget.Presence{Status: string(shape(status)), Ground: th.Raised}.Layout(gtx, th)
		}),
		widget.Gap(theme.Space12),
		layout.Flexed(1, func(gtx C) D {
			if status != model.Invisible {
				return oneLine(th, th.Body(), th.Text, words.Presence(status))(gtx)
			}
			return vertical(gtx, oneLine(th, th.Body(), th.Text, words.Presence(status)), oneLine(th, th.Caption(), th.Secondary, words.InvisibleText.Text()))
		}),
		layout.Rigid(mark))
}

// connectionLine is the quiet line at the bottom of the list.
type connectionLine struct {
	click, retry widget.Click
	again        widget.Click // in the details
	box          widget.Popover
	told         model.ConnectionState // to a screen reader
}

// Layout draws the line.
func (l *connectionLine) Layout(gtx C, s *Shell) D {
	th, c := s.Theme, s.Snap.Connection
	if l.click.Clicked(gtx) {
		l.box.Back = &l.click.Clickable
		l.box.Open(image.Rectangle{Max: image.Pt(gtx.Dp(120), gtx.Dp(theme.Control))})
	}
	if l.retry.Clicked(gtx) || l.again.Clicked(gtx) {
		s.Backend.Reconnect()
		l.box.Close(gtx)
	}
	children := []layout.FlexChild{layout.Flexed(1, func(gtx C) D {
		return l.box.Track(gtx, th, func(gtx C) D { return l.line(gtx, s, c) })
	})}
	if c.State == model.Disconnected {
		children = append(children, layout.Rigid(widget.IconButton{State: &l.retry, Icon: "sync", Tip: words.TryNow.Text()}.W(th)))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, children...)
}

func (l *connectionLine) line(gtx C, s *Shell, c model.Connection) D {
	th := s.Theme
	text, name, tone := words.Connection(c, s.Snap.QueuedUpdates), "cloud_off", th.Secondary
	switch c.State {
	case model.Connected:
		name = ""
	case model.Connecting:
		name = "sync"
	case model.WrongKey, model.RefusedState:
		name, tone = "error", th.Danger
	}
	if s.Snap.PolicyFault != "" {
		text, name, tone = words.PolicyTitle.Text(), "lock", th.Danger
	}
	if l.told != c.State {
		if l.told != "" {
			access.Announce(gtx, text)
		}
		l.told = c.State
	}
	under := color.NRGBA{}
	if l.click.Hovered() {
		under = th.Hover(th.Sidebar)
	}
	d := l.click.Area(gtx, text, func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		gtx.Constraints.Min.Y = gtx.Dp(theme.Control)
		return ground(gtx, under, theme.RadiusControl, func(gtx C) D {
			return layout.W.Layout(gtx, func(gtx C) D {
				return layout.Inset{Left: theme.Space8, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
					lead := icon(name, 16, tone)
					if name == "" {
						lead = func(gtx C) D {
							return widget.Presence{Status: string(model.Available), Size: 8, Ground: th.Sidebar}.Layout(gtx, th)
						}
					}
					return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Rigid(lead), widget.Gap(theme.Space8),
						layout.Flexed(1, oneLine(th, th.Caption(), tone, text)))
				})
			})
		})
	})
	if l.click.Ringed(gtx, th) {
		innerRing(gtx, th, d.Size)
	}
	l.box.Layout(gtx, th, func(gtx C) D { return l.details(gtx, s, c) })
	return d
}

func (l *connectionLine) details(gtx C, s *Shell, c model.Connection) D {
	th := s.Theme
	parts := []layout.Widget{label(th, th.Body().Medium(), th.Text, words.Connection(c, s.Snap.QueuedUpdates))}
	if s.Snap.PolicyFault != "" {
		parts = append(parts, space(theme.Space4), label(th, th.Body(), th.Danger, words.Known(s.Snap.PolicyFault)))
	}
	if c.Detail != "" {
		parts = append(parts, space(theme.Space4), label(th, th.Body(), th.Secondary, c.Detail))
	}
	if n := s.Snap.QueuedUpdates; n > 0 {
		parts = append(parts, space(theme.Space4), label(th, th.Body(), th.Secondary, words.Queued(n)))
	}
	if f := s.Snap.Blobs.Fault; f != "" {
		parts = append(parts, space(theme.Space4), label(th, th.Body(), th.Danger, words.UploadFault(f)))
	}
	if a := s.Snap.Account; a != nil && a.Network != "" {
		parts = append(parts, space(theme.Space8), label(th, th.Caption(), th.Secondary, words.OnNetwork(a.Address)))
	}
	if c.State != model.Connected {
		if wait := c.RetryAt.Sub(gtx.Now); wait > 0 {
			parts = append(parts, space(theme.Space4), label(th, th.Caption(), th.Secondary, words.RetryIn(int(wait.Seconds()+0.99))))
			gtx.Execute(op.InvalidateCmd{At: gtx.Now.Add(wait - wait.Truncate(1e9) + 1e6)})
		}
		parts = append(parts, space(theme.Space12), widget.Button{State: &l.again, Text: words.TryNow.Text(), Role: widget.Primary}.W(th))
	}
	return vertical(gtx, parts...)
}
