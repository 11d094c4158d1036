package page

import (
	"image"

	"gioui.org/layout"
	"gioui.org/op"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Chat is the middle column: header, offers and transcript of one conversation.
type Chat struct {
	header  Header
	offers  Offers
	groups  groupBars
	keys    newKeys
	find    FindBar
	list    widget.Scroll
	plugins widget.Click
	focused bool
}

// Offers are the bars of the conversation.
func (c *Chat) Offers() *Offers { return &c.offers }

// FindBar is the line that finds in the conversation.
func (c *Chat) FindBar() *FindBar { return &c.find }

// HasFocus tells whether the keyboard is in the transcript.
func (c *Chat) HasFocus() bool { return c.focused }

// chatKey is the session whose view is the transcript; ok is false without one.
func (s *Shell) chatKey() (key model.SessionKey, p *model.Plugin, ok bool) {
	p = feature(s.Snap)
	if p == nil || s.Open == "" {
		return key, nil, false
	}
	return model.SessionKey{Conversation: s.Open, Session: p.ID}, p, true
}

// Layout draws the conversation that is open.
func (c *Chat) Layout(gtx C, s *Shell, views *Views) D {
	th := s.Theme
	gtx.Constraints.Min = gtx.Constraints.Max
	conversation := conversationOf(s.Snap, s.Open)
	if conversation == nil {
		if s.Open == "" {
			if len(s.Snap.Conversations) == 0 {
				return empty(gtx, th, "chat", words.NothingToPick.Text(), words.NothingToPickText.Text())
			}
			return empty(gtx, th, "chat", words.PickConversation.Text(), words.PickConversationText.Text())
		}
		// A contact may be opened before its conversation has a row.
		conversation = s.fresh()
	}
	c.find.update(gtx, s)
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return c.header.Layout(gtx, s, conversation) }),
		layout.Rigid(across(th)),
		layout.Rigid(func(gtx C) D { return c.find.Layout(gtx, s) }),
		layout.Rigid(func(gtx C) D { return c.keys.Layout(gtx, s, conversation) }),
		layout.Rigid(func(gtx C) D { return c.groups.Layout(gtx, s) }),
		layout.Rigid(func(gtx C) D { return c.offers.Layout(gtx, s) }),
		layout.Flexed(1, func(gtx C) D {
			gtx.Constraints.Min = gtx.Constraints.Max
			d := c.transcript(gtx, s, views, conversation)
			if s.Dragged {
				s.dropZone(gtx)
			}
			return d
		}))
}

// fresh is a conversation that has no row yet.
func (s *Shell) fresh() *model.Conversation {
	out := &model.Conversation{ID: s.Open, Kind: model.Direct}
	if g := s.group(s.Open); g != nil {
		out.Kind, out.Title, out.Members, out.ReadOnly = model.Group, g.Name, g.Count, words.Known(g.Why)
		return out
	}
	for _, k := range s.Snap.Contacts {
		if k.Conversation == s.Open {
			out.Peer, out.Title = k.Address, k.Name
		}
	}
	return out
}

func (c *Chat) transcript(gtx C, s *Shell, views *Views, conversation *model.Conversation) D {
	key, p, ok := s.chatKey()
	if !ok {
		return c.plain(gtx, s, conversation)
	}
	o := views.of(s, key)
	if s.FocusText && !s.Covered() {
		s.FocusText = false
		o.draw.FocusComposer()
		gtx.Execute(op.InvalidateCmd{})
	}
	s.askDate = nil
	if o.draw.HasDates() {
		s.askDate = o.draw.AskDate
	}
	s.cards.has = false
	d := o.Layout(gtx, s, key, p.ID, words.Known(p.Name), false)
	c.focused = o.draw.HasFocus() || s.cards.has
	return d
}

// plain is a conversation without any plugin that shows it: what the host knows.
func (c *Chat) plain(gtx C, s *Shell, conversation *model.Conversation) D {
	th := s.Theme
	if c.plugins.Clicked(gtx) {
		s.Go(PagePlugins)
	}
	var lines []layout.Widget
	if conversation.Summary != "" {
		lines = append(lines, c.summary(s, conversation.Summary, nameOf(s.Snap, conversation.From), rowTime(conversation.Time, s.local())))
	}
	for _, x := range offeredIn(s.Snap, conversation.ID) {
		lines = append(lines, func(gtx C) D {
			return layout.Inset{Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
				d, _ := s.cards.Layout(gtx, s, x.Key, nil)
				return d
			})
		})
	}
	if len(lines) == 0 {
		lines = append(lines, centred(th, th.Body(), th.Secondary, words.NothingHappened.Text()))
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return c.hint(gtx, s) }),
		layout.Flexed(1, func(gtx C) D {
			return layout.Inset{Top: theme.Space16}.Layout(gtx, func(gtx C) D {
				gtx.Constraints.Min = gtx.Constraints.Max
				return c.list.Layout(gtx, th, len(lines), func(gtx C, i int) D { return column(gtx, theme.TextColumn, lines[i]) })
			})
		}))
}

func (c *Chat) summary(s *Shell, text, from, when string) layout.Widget {
	th := s.Theme
	return func(gtx C) D {
		return layout.Inset{Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return widget.Card{}.Layout(gtx, th, full(func(gtx C) D {
				return layout.Flex{Alignment: layout.Baseline}.Layout(gtx,
					layout.Flexed(1, func(gtx C) D {
						if from == "" {
							return label(th, th.Body(), th.Text, text)(gtx)
						}
						return vertical(gtx, oneLine(th, th.Caption().Medium(), th.Secondary, from), label(th, th.Body(), th.Text, text))
					}),
					widget.Gap(theme.Space12),
					layout.Rigid(oneLine(th, th.Caption(), th.Secondary, when)))
			}))
		})
	}
}

func (c *Chat) hint(gtx C, s *Shell) D {
	th := s.Theme
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	return ground(gtx, th.Sidebar, 0, func(gtx C) D {
		return layout.UniformInset(theme.Space16).Layout(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Flexed(1, func(gtx C) D {
					return vertical(gtx, label(th, th.Body().Medium(), th.Text, words.NoFeature.Text()), label(th, th.Caption(), th.Secondary, words.NoFeatureText.Text()))
				}),
				widget.Gap(theme.Space12),
				layout.Rigid(widget.Button{State: &c.plugins, Text: words.OpenPlugins.Text(), Role: widget.Primary}.W(th)))
		})
	})
}
