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
	tabs              map[model.SessionKey]*panelTab
	view              *openView
}

// Layout draws the panel; x is not nil.
func (p *Panel) Layout(gtx C, s *Shell, views *Views, x *model.Session) D {
	th := s.Theme
	if p.hide.Clicked(gtx) || p.back.Clicked(gtx) {
		s.HideSession()
	}
	if p.leave.Clicked(gtx) {
		s.Leave(x.Key)
	}
	gtx.Constraints.Min = gtx.Constraints.Max
	p.view = views.of(s, x.Key)
	title := sessionTitle(s.Snap, x)
	return ground(gtx, th.Background, 0, func(gtx C) D {
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return p.head(gtx, s, x) }),
			layout.Rigid(across(th)),
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
				return widget.IconButton{State: &p.back, Icon: "back", Tip: words.GoBack}.Layout(gtx, th)
			}),
			layout.Flexed(1, func(gtx C) D { return p.titles(gtx, s, x) }),
			layout.Rigid(widget.IconButton{State: &p.hide, Icon: "remove", Tip: words.Hide}.W(th)),
			widget.Gap(theme.Space4),
			layout.Rigid(widget.IconButton{State: &p.leave, Icon: "close", Tip: words.Leave}.W(th)))
	})
}

func (p *Panel) titles(gtx C, s *Shell, x *model.Session) D {
	all := activeIn(s.Snap, x.Key.Conversation)
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
