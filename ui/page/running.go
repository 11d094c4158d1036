package page

import (
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// maxPills bounds the sessions below the list; the rest stands with the older ones.
const maxPills = 4

// running are the sessions that go on out of sight. Those in which nothing has
// happened for long stand behind one line, each with a button to leave it.
func (b *Sidebar) running(s *Shell) layout.Widget {
	return func(gtx C) D {
		var all []model.Session
		for _, x := range s.Snap.Sessions {
			if !x.Standing && x.State == model.Active && !s.Visible(x.Key) {
				all = append(all, x)
			}
		}
		used, older := byUse(all, model.SessionKey{}, s.Now)
		if len(used) > maxPills {
			used, older = used[:maxPills], append(used[maxPills:len(used):len(used)], older...)
		}
		if b.older.Clicked(gtx) {
			b.showOlder = !b.showOlder
		}
		var children []layout.FlexChild
		for i := range used {
			children = append(children, layout.Rigid(func(gtx C) D { return b.pill(gtx, s, &used[i]) }))
		}
		if len(older) > 0 {
			children = append(children, layout.Rigid(func(gtx C) D { return b.olderLine(gtx, s, len(older)) }))
		}
		if b.showOlder {
			for i := range older[:min(len(older), maxPills)] {
				children = append(children, layout.Rigid(func(gtx C) D { return b.forgotten(gtx, s, &older[i]) }))
			}
		}
		if len(children) == 0 {
			return D{}
		}
		return layout.Inset{Left: theme.Space8, Right: theme.Space8, Top: theme.Space4, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return layout.Flex{Axis: layout.Vertical}.Layout(gtx, children...)
		})
	}
}

// pillState is what a session's line below the list keeps between frames.
type pillState struct{ open, leave widget.Click }

func (b *Sidebar) pillOf(key model.SessionKey) *pillState {
	p := b.pills[key]
	if p == nil {
		p = new(pillState)
		b.pills[key] = p
	}
	return p
}

func (b *Sidebar) pill(gtx C, s *Shell, x *model.Session) D {
	p := b.pillOf(x.Key)
	if p.open.Clicked(gtx) {
		s.ShowSession(x.Key)
	}
	return pill(gtx, s, &p.open, x, words.Return.Text())
}

// forgotten is a session that can be left without looking at it.
func (b *Sidebar) forgotten(gtx C, s *Shell, x *model.Session) D {
	p := b.pillOf(x.Key)
	if p.open.Clicked(gtx) {
		s.ShowSession(x.Key)
	}
	if p.leave.Clicked(gtx) {
		s.Leave(x.Key)
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Flexed(1, func(gtx C) D { return pill(gtx, s, &p.open, x, "") }),
		layout.Rigid(widget.Button{State: &p.leave, Text: words.Leave.Text(), Role: widget.Quiet, Small: true}.W(s.Theme)))
}

// olderLine opens and closes the older sessions.
func (b *Sidebar) olderLine(gtx C, s *Shell, n int) D {
	th := s.Theme
	text, chevron := words.OlderCount(n), "expand"
	if b.showOlder {
		chevron = "collapse"
	}
	return listRow(gtx, th, &b.older, text, false, 36, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon("schedule", 18, th.Secondary)), widget.Gap(theme.Space8),
			layout.Flexed(1, oneLine(th, th.Body(), th.Secondary, text)),
			layout.Rigid(icon(chevron, 18, th.Secondary)))
	})
}

func pill(gtx C, s *Shell, click *widget.Click, x *model.Session, action string) D {
	th := s.Theme
	with := ""
	if c := conversationOf(s.Snap, x.Key.Conversation); c != nil {
		with = titleOf(s.Snap, c)
	}
	text, ink := words.SessionActive(sessionTitle(s.Snap, x), with), th.Success
	if action == "" {
		ink = th.Secondary
	}
	return listRow(gtx, th, click, text, false, 36, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon(sessionIcon(s.Snap, x), 18, ink)), widget.Gap(theme.Space8),
			layout.Flexed(1, oneLine(th, th.Body(), th.Text, text)),
			widget.Gap(theme.Space8),
			layout.Rigid(oneLine(th, th.Caption().Medium(), th.Accent, action)))
	})
}
