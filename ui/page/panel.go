package page

import (
	"image"
	"image/color"

	"gioui.org/io/pointer"
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Panel is the session that is open beside the conversation, with tabs when
// several run in it.
type Panel struct {
	hide, leave, back widget.Click
	leaveIdle         widget.Click
	older             widget.MenuButton
	tabs              map[model.SessionKey]*panelTab
	view              *openView
}

// Layout draws the panel; x is not nil.
func (p *Panel) Layout(gtx C, s *Shell, views *Views, x *model.Session) D {
	th := s.Theme
	if p.hide.Clicked(gtx) || p.back.Clicked(gtx) {
		s.HideSession()
	}
	if leave, idle := p.leave.Clicked(gtx), p.leaveIdle.Clicked(gtx); leave || idle {
		s.Leave(x.Key)
	}
	gtx.Constraints.Min = gtx.Constraints.Max
	p.view = views.of(s, x.Key)
	title := sessionTitle(s.Snap, x)
	return ground(gtx, th.Background, 0, func(gtx C) D {
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return p.head(gtx, s, x) }),
			layout.Rigid(across(th)),
			layout.Rigid(func(gtx C) D { return p.idle(gtx, s, x) }),
			layout.Flexed(1, func(gtx C) D {
				gtx.Constraints.Min = gtx.Constraints.Max
				return p.view.Layout(gtx, s, x.Key, x.Plugin, title, x.Crashed)
			}))
	})
}

// Focus puts the keyboard into the panel's view.
func (p *Panel) Focus() {
	if p.view != nil {
		p.view.draw.FocusComposer()
	}
}

// HasFocus tells whether the keyboard is in the panel.
func (p *Panel) HasFocus() bool { return p.view != nil && p.view.draw.HasFocus() }

func (p *Panel) head(gtx C, s *Shell, x *model.Session) D {
	th := s.Theme
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Header))
	gtx.Constraints.Max.Y = gtx.Constraints.Min.Y
	return layout.Inset{Left: theme.Space8, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D {
				if !s.Narrow {
					return D{Size: image.Pt(gtx.Dp(theme.Space4), 0)}
				}
				return widget.IconButton{State: &p.back, Icon: "back", Tip: words.GoBack.Text()}.Layout(gtx, th)
			}),
			layout.Flexed(1, func(gtx C) D { return p.titles(gtx, s, x) }),
			layout.Rigid(widget.IconButton{State: &p.hide, Icon: "remove", Tip: words.Hide.Text()}.W(th)),
			widget.Gap(theme.Space4),
			layout.Rigid(widget.IconButton{State: &p.leave, Icon: "close", Tip: words.Leave.Text()}.W(th)))
	})
}

// idle says that nothing has happened in the session for long, and offers to leave.
func (p *Panel) idle(gtx C, s *Shell, x *model.Session) D {
	days := idle(x, s.Now)
	if days == 0 {
		return D{}
	}
	th := s.Theme
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	return ground(gtx, th.Sidebar, 0, func(gtx C) D {
		return layout.Inset{Left: theme.Space16, Right: theme.Space12, Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(icon("schedule", theme.IconSize, th.Secondary)), widget.Gap(theme.Space12),
				layout.Flexed(1, named(words.IdleFor(days), label(th, th.Body(), th.Secondary, words.IdleFor(days)))), widget.Gap(theme.Space12),
				layout.Rigid(widget.Button{State: &p.leaveIdle, Text: words.Leave.Text(), Small: true}.W(th)))
		})
	})
}

// more are the sessions in which nothing happens any more, in a menu beside the tabs.
func (p *Panel) more(gtx C, s *Shell, older []model.Session) D {
	items := make([]MenuItem, len(older))
	for i, x := range older {
		items[i] = MenuItem{Text: sessionTitle(s.Snap, &x), Icon: sessionIcon(s.Snap, &x), Do: func() { s.ShowSession(x.Key) }}
	}
	choose(gtx, &p.older.Menu, items)
	return p.older.Layout(gtx, s.Theme, menuItems(items), func(gtx C, click *widget.Click) D {
		return widget.Button{State: click, Text: words.Older.Text(), Role: widget.Quiet, Small: true}.Layout(gtx, s.Theme)
	})
}

func (p *Panel) titles(gtx C, s *Shell, x *model.Session) D {
	all, older := byUse(activeIn(s.Snap, x.Key.Conversation), x.Key, s.Now)
	crowded := gtx.Constraints.Max.X < len(all)*gtx.Dp(tabWidth)
	var children []layout.FlexChild
	for i := range all {
		a := &all[i]
		click := p.tab(a.Key)
		if click.Clicked(gtx) {
			s.ShowSession(a.Key)
		}
		if crowded && a.Key != x.Key {
			children = append(children, layout.Rigid(func(gtx C) D {
				return click.tip.Layout(gtx, s.Theme, sessionTitle(s.Snap, a), click.Ringed(gtx, s.Theme), func(gtx C) D { return tab(gtx, s, a, &click.Click, false, true) })
			}))
			continue
		}
		children = append(children, layout.Flexed(1, func(gtx C) D { return tab(gtx, s, a, &click.Click, a.Key == x.Key && len(all) > 1, false) }))
	}
	if len(older) > 0 {
		children = append(children, layout.Rigid(func(gtx C) D { return p.more(gtx, s, older) }))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, children...)
}

// panelTab is one tab; its tip is its title when there is no room for it.
type panelTab struct {
	widget.Click
	tip widget.Tip
}

func (p *Panel) tab(key model.SessionKey) *panelTab {
	if p.tabs == nil {
		p.tabs = make(map[model.SessionKey]*panelTab)
	}
	c := p.tabs[key]
	if c == nil {
		c = new(panelTab)
		p.tabs[key] = c
	}
	return c
}

// tabWidth is what a tab needs for a title that can be read. With less, only
// the chosen one has a title.
const tabWidth = 96

func tab(gtx C, s *Shell, x *model.Session, click *widget.Click, chosen, bare bool) D {
	th := s.Theme
	under := color.NRGBA{}
	switch {
	case chosen:
		under = th.Selected(th.Background)
	case click.Hovered():
		under = th.Hover(th.Background)
	}
	title := sessionTitle(s.Snap, x)
	d := click.Area(gtx, title, func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		gtx.Constraints.Min.Y = gtx.Dp(theme.Control + 4)
		return ground(gtx, under, theme.RadiusControl, func(gtx C) D {
			return layout.W.Layout(gtx, func(gtx C) D {
				return layout.Inset{Left: theme.Space8, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
					picture := icon(sessionIcon(s.Snap, x), theme.IconSize, th.Secondary)
					if bare {
						return picture(gtx)
					}
					return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
						layout.Rigid(picture), widget.Gap(theme.Space8),
						layout.Flexed(1, oneLine(th, th.Title(), th.Text, title)))
				})
			})
		})
	})
	if click.Ringed(gtx, th) {
		innerRing(gtx, th, d.Size)
	}
	return d
}
