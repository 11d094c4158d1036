package page

import (
	"image"
	"image/color"
	"time"

	"gioui.org/layout"
	"gioui.org/op"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Offers are the bars below the header: what is being offered and how it ended.
type Offers struct {
	bars map[model.SessionKey]*bar
}

// bar is one offer's state in this window.
type bar struct {
	first     time.Time // when it was first drawn: its keys work a little later
	live      bool      // seen while it was still open, so its end is worth telling
	dismissed bool
	yes, no   widget.Click
}

// maxBars bounds the bars above a conversation; the rest waits its turn.
const maxBars = 3

// Layout draws the bars of the open conversation.
func (o *Offers) Layout(gtx C, s *Shell) D {
	var children []layout.FlexChild
	for i := range s.Snap.Sessions {
		x := &s.Snap.Sessions[i]
		if x.Key.Conversation != s.Open || x.Standing || len(children) >= maxBars {
			continue
		}
		b := o.bar(x.Key)
		if x.State == model.Offered {
			b.live = true
			if b.first.IsZero() {
				b.first = gtx.Now
			}
			if gtx.Now.Sub(b.first) < Settle {
				gtx.Execute(op.InvalidateCmd{At: b.first.Add(Settle)})
			}
		}
		if x.State == model.Impossible && stuck(s.Snap, x) {
			b.live = true // it may have been so since the window opened
		}
		if b.dismissed || !b.live || x.State == model.Active {
			continue
		}
		children = append(children, layout.Rigid(func(gtx C) D { return b.Layout(gtx, s, x) }))
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, children...)
}

func (o *Offers) bar(key model.SessionKey) *bar {
	if o.bars == nil {
		o.bars = make(map[model.SessionKey]*bar)
	}
	b := o.bars[key]
	if b == nil {
		b = new(bar)
		o.bars[key] = b
	}
	return b
}

// Answer accepts or declines the newest offer that waits for me, by key. It does
// nothing until the offer has been seen for half a second.
func (o *Offers) Answer(s *Shell, accept bool) bool {
	for i := len(s.Snap.Sessions) - 1; i >= 0; i-- {
		x := &s.Snap.Sessions[i]
		b := o.bars[x.Key]
		if x.Key.Conversation != s.Open || x.State != model.Offered || x.Mine || b == nil || s.Now.Sub(b.first) < Settle || b.first.IsZero() {
			continue
		}
		if accept {
			s.Session("accept", x.Key)
		} else {
			s.Session("decline", x.Key)
		}
		return true
	}
	return false
}

// again is the capability that would offer a session once more.
func again(s *model.Snapshot, x *model.Session) (capability, bool) {
	p := pluginOf(s, x.Plugin)
	if p == nil || !p.Enabled || len(p.Actions) == 0 {
		return capability{}, false
	}
	return capability{plugin: p.ID, action: p.Actions[0].ID, title: sessionTitle(s, x)}, true
}

// said is the sentence of an offer in its state.
func said(s *model.Snapshot, x *model.Session) (text string, tone widgetTone) {
	title, who := sessionTitle(s, x), nameOf(s, x.By)
	other := otherOf(s, x)
	switch x.State {
	case model.Offered:
		if x.Mine {
			return words.OfferOut(other, title), toneAccent
		}
		return words.OfferIn(who, title), toneAccent
	case model.Elsewhere:
		return words.AnsweredOn(title, x.AnsweredOn), toneQuiet
	case model.Declined:
		if x.Mine {
			return words.OfferDeclined(title, other), toneQuiet
		}
		return words.OfferDeclinedByMe(title), toneQuiet
	case model.Cancelled:
		if x.Mine {
			return words.OfferCancelledByMe(title), toneQuiet
		}
		return words.OfferCancelled(title, who), toneQuiet
	case model.TimedOut:
		return words.OfferTimedOut(title), toneQuiet
	case model.Impossible:
		return words.OfferImpossible(title, x.Reason), toneDanger
	case model.Left:
		return words.SessionLeft(title), toneQuiet
	}
	return words.SessionEnded(title, x.Reason), toneQuiet
}

// otherOf is who an offer of mine went to.
func otherOf(s *model.Snapshot, x *model.Session) string {
	if c := conversationOf(s, x.Key.Conversation); c != nil {
		return titleOf(s, c)
	}
	return x.Key.Conversation
}

type widgetTone int

const (
	toneQuiet widgetTone = iota
	toneAccent
	toneDanger
)

// Layout draws one bar.
func (b *bar) Layout(gtx C, s *Shell, x *model.Session) D {
	th := s.Theme
	text, tone := said(s.Snap, x)
	under, ink := th.Sidebar, th.Secondary
	switch tone {
	case toneAccent:
		under, ink = th.Selected(th.Background), th.Accent
	case toneDanger:
		ink = th.Danger
	}
	actions := b.actions(gtx, s, x)
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	d := ground(gtx, under, 0, func(gtx C) D {
		return layout.Inset{Left: theme.Space16, Right: theme.Space12, Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return b.body(gtx, s, x, text, ink, actions)
		})
	})
	call, line := widget.Measure(gtx, across(th))
	widget.Offset(gtx, image.Pt(0, d.Size.Y), call)
	d.Size.Y += line.Size.Y
	return d
}

func (b *bar) body(gtx C, s *Shell, x *model.Session, text string, ink color.NRGBA, actions []layout.Widget) D {
	th := s.Theme
	sentence := func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon(sessionIcon(s.Snap, x), theme.IconSize, ink)), widget.Gap(theme.Space12),
			layout.Flexed(1, named(text, prose(th, widget.Text{Text: text, MaxLines: 3}))))
	}
	buttons := func(gtx C) D {
		return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(actions), func(gtx C, i int) D { return actions[i](gtx) })
	}
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Control))
	if gtx.Constraints.Max.X < gtx.Dp(420) && len(actions) > 1 {
		gtx.Constraints.Min.Y = 0
		return vertical(gtx, sentence, space(theme.Space8), func(gtx C) D { return layout.E.Layout(gtx, buttons) })
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, layout.Flexed(1, sentence), widget.Gap(theme.Space12), layout.Rigid(buttons))
}

// actions are the buttons of a bar in its state.
func (b *bar) actions(gtx C, s *Shell, x *model.Session) []layout.Widget {
	th := s.Theme
	settled := gtx.Now.Sub(b.first) >= Settle
	yes, no := b.yes.Clicked(gtx), b.no.Clicked(gtx)
	switch {
	case x.State == model.Offered && x.Mine:
		if no {
			s.Session("cancel", x.Key)
		}
		return []layout.Widget{widget.Button{State: &b.no, Text: words.CancelOffer.Text()}.W(th)}
	case x.State == model.Offered:
		if yes && settled {
			s.Session("accept", x.Key)
		} else if no {
			s.Session("decline", x.Key)
		}
		return []layout.Widget{
			widget.Button{State: &b.yes, Text: words.Accept.Text(), Role: widget.Primary, Disabled: !settled, Tip: words.AcceptKey.Text()}.W(th),
			widget.Button{State: &b.no, Text: words.Decline.Text(), Tip: words.DeclineKey.Text()}.W(th),
		}
	}
	if no {
		b.dismissed = true
		gtx.Execute(op.InvalidateCmd{})
	}
	close := widget.IconButton{State: &b.no, Icon: "close", Tip: words.Close.Text()}.W(th)
	if stuck(s.Snap, x) {
		if yes {
			s.Leave(x.Key)
		}
		return []layout.Widget{widget.Button{State: &b.yes, Text: words.Leave.Text()}.W(th), close}
	}
	c, ok := again(s.Snap, x)
	if !ok || x.State == model.Elsewhere || x.State == model.Impossible {
		return []layout.Widget{close}
	}
	if yes {
		b.dismissed = true
		s.Offer(x.Key.Conversation, c)
	}
	return []layout.Widget{widget.Button{State: &b.yes, Text: words.Again.Text()}.W(th), close}
}
