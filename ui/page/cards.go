package page

import (
	"image"
	"time"

	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/shared/model"
	"switchboard/ui/render"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Cards are the sessions of a conversation in the place where they were offered:
// who, what, how it stands and what can be done about it now.
type Cards struct {
	cards map[model.SessionKey]*card
	has   bool // the keyboard, in this frame

	of struct { // what the places below were made from
		snap         *model.Snapshot
		conversation string
		places       []render.Card
	}
}

// card is one session's state in this window.
type card struct {
	first   time.Time // when its offer was first drawn: accepting works a little later
	yes, no widget.Click
}

// maxCards bounds the cards of a conversation; the newest stay.
const maxCards = 200

// places are where the cards of a conversation stand, oldest first.
func (c *Cards) places(s *Shell, conversation string) []render.Card {
	if c.of.snap == s.Snap && c.of.conversation == conversation {
		return c.of.places
	}
	var out []render.Card
	all := offeredIn(s.Snap, conversation)
	for _, x := range all[max(0, len(all)-maxCards):] {
		out = append(out, render.Card{Session: x.Key.Session, From: x.By, Name: nameOf(s.Snap, x.By), Mine: x.Mine, At: x.Offered})
	}
	c.of.snap, c.of.conversation, c.of.places = s.Snap, conversation, out
	c.forget(s.Snap)
	return out
}

// forget drops the state of sessions that are gone.
func (c *Cards) forget(snap *model.Snapshot) {
	if len(c.cards) <= len(snap.Sessions)+maxCards {
		return
	}
	for k := range c.cards {
		if sessionOf(snap, k) == nil {
			delete(c.cards, k)
		}
	}
}

// Layout draws the card of a session; false when there is none with this key.
func (c *Cards) Layout(gtx C, s *Shell, key model.SessionKey, compact layout.Widget) (D, bool) {
	x := sessionOf(s.Snap, key)
	if x == nil || x.Standing {
		return D{}, false
	}
	if c.cards == nil {
		c.cards = make(map[model.SessionKey]*card)
	}
	k := c.cards[key]
	if k == nil {
		k = new(card)
		c.cards[key] = k
	}
	if x.State != model.Active {
		compact = nil // what is over shows how it ended, not what it was
	}
	actions := k.actions(gtx, s, x)
	c.has = c.has || gtx.Focused(&k.yes.Clickable) || gtx.Focused(&k.no.Clickable)
	gtx.Constraints.Min = image.Point{}
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(440))
	return k.layout(gtx, s, x, compact, actions), true
}

// stuck tells whether I am in a session that is not possible here: what is left is
// to leave it.
func stuck(s *model.Snapshot, x *model.Session) bool {
	if x.State != model.Impossible {
		return false
	}
	for _, m := range x.Members {
		if isMe(s, m.Address) && m.State == "joined" {
			return true
		}
	}
	return false
}

// over tells whether nothing more can happen in a session here.
func over(x *model.Session) bool { return x.State != model.Offered && x.State != model.Active }

func (k *card) layout(gtx C, s *Shell, x *model.Session, compact layout.Widget, actions []layout.Widget) D {
	th := s.Theme
	state, tone := standing(s.Snap, x, s.Now)
	parts := []layout.Widget{func(gtx C) D { return k.head(gtx, s, x, state, tone) }}
	if compact != nil {
		parts = append(parts, space(theme.Space12), across(th), space(theme.Space12), compact)
	}
	if len(actions) > 0 {
		parts = append(parts, space(theme.Space12), func(gtx C) D {
			return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(actions), func(gtx C, i int) D { return actions[i](gtx) })
		})
	}
	under := th.Raised
	if over(x) {
		under = th.Background
	}
	title := sessionTitle(s.Snap, x)
	return named(words.CardSpoken(title, state, rowTime(x.Offered, s.local())), func(gtx C) D {
		return widget.Card{Ground: under}.Layout(gtx, th, func(gtx C) D {
			gtx.Constraints.Min.X = min(gtx.Constraints.Max.X, gtx.Dp(260))
			return vertical(gtx, parts...)
		})
	})(gtx)
}

// head is the picture, the title with its time, and how it stands.
func (k *card) head(gtx C, s *Shell, x *model.Session, state string, tone widgetTone) D {
	th := s.Theme
	ink, name, edge := th.Secondary, th.Text, unit.Dp(36)
	switch {
	case tone == toneDanger:
		ink = th.Danger
	case x.State == model.Active:
		ink = th.Success
	case x.State == model.Offered:
		ink = th.Accent
	}
	if over(x) {
		name = th.Secondary
	}
	line := th.Secondary
	if tone == toneDanger {
		line = th.Danger
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D {
			return ground(gtx, theme.Mix(th.Raised, ink, 0.12), theme.RadiusControl, boxed(int(edge), icon(sessionIcon(s.Snap, x), theme.IconSize, ink)))
		}),
		widget.Gap(theme.Space12),
		layout.Flexed(1, func(gtx C) D {
			return vertical(gtx,
				func(gtx C) D {
					return layout.Flex{Alignment: layout.Baseline}.Layout(gtx,
						layout.Flexed(1, oneLine(th, th.Body().Medium(), name, sessionTitle(s.Snap, x))), widget.Gap(theme.Space12),
						layout.Rigid(oneLine(th, th.Caption(), th.Secondary, rowTime(x.Offered, s.local()))))
				},
				prose(th, widget.Text{Type: th.Caption(), Color: line, Text: state, MaxLines: 4}))
		}))
}

// actions are what can be done about a session in its state; they do what the bar
// and the panel do.
func (k *card) actions(gtx C, s *Shell, x *model.Session) []layout.Widget {
	th := s.Theme
	yes, no := k.yes.Clicked(gtx), k.no.Clicked(gtx)
	switch {
	case x.State == model.Offered && x.Mine:
		if no {
			s.Session("cancel", x.Key)
		}
		return []layout.Widget{widget.Button{State: &k.no, Text: words.CancelOffer.Text()}.W(th)}
	case x.State == model.Offered:
		if k.first.IsZero() {
			k.first = gtx.Now
		}
		settled := gtx.Now.Sub(k.first) >= Settle
		if !settled {
			gtx.Execute(op.InvalidateCmd{At: k.first.Add(Settle)})
		}
		if yes && settled {
			s.Session("accept", x.Key)
		} else if no {
			s.Session("decline", x.Key)
		}
		return []layout.Widget{
			widget.Button{State: &k.yes, Text: words.Accept.Text(), Role: widget.Primary, Disabled: !settled, Tip: words.AcceptKey.Text()}.W(th),
			widget.Button{State: &k.no, Text: words.Decline.Text(), Tip: words.DeclineKey.Text()}.W(th),
		}
	case x.State == model.Active:
		if yes {
			s.ShowSession(x.Key)
		} else if no {
			s.Leave(x.Key)
		}
		if s.Visible(x.Key) { // it is before the person's eyes
			return []layout.Widget{widget.Button{State: &k.no, Text: words.Leave.Text()}.W(th)}
		}
		return []layout.Widget{widget.Button{State: &k.yes, Text: words.Open.Text()}.W(th), widget.Button{State: &k.no, Text: words.Leave.Text(), Role: widget.Quiet}.W(th)}
	case stuck(s.Snap, x):
		if no {
			s.Leave(x.Key)
		}
		return []layout.Widget{widget.Button{State: &k.no, Text: words.Leave.Text()}.W(th)}
	}
	return nil
}

// standing is how a session stands, below its title.
func standing(s *model.Snapshot, x *model.Session, now time.Time) (text string, tone widgetTone) {
	who, other := nameOf(s, x.By), otherOf(s, x)
	switch x.State {
	case model.Offered:
		if x.Mine {
			return words.CardWaiting(other), toneAccent
		}
		return words.CardOffer(who), toneAccent
	case model.Active:
		if x.Crashed {
			return words.StoppedUnexpectedly.Text(), toneDanger
		}
		if days := idle(x, now); days > 0 {
			return words.IdleFor(days), toneQuiet
		}
		return words.CardRunning.Text(), toneQuiet
	case model.Elsewhere:
		return words.CardAnswered(x.AnsweredOn), toneQuiet
	case model.Declined:
		if x.Mine {
			return words.CardDeclined(other), toneQuiet
		}
		return words.CardDeclinedByMe.Text(), toneQuiet
	case model.Cancelled:
		if x.Mine {
			return words.CardWithdrawnByMe.Text(), toneQuiet
		}
		return words.CardWithdrawn(who), toneQuiet
	case model.TimedOut:
		return words.CardTimedOut.Text(), toneQuiet
	case model.Impossible:
		return words.CardImpossible(x.Reason), toneDanger
	case model.Left:
		return words.CardLeft.Text(), toneQuiet
	}
	return words.CardOver(x.Reason), toneQuiet
}
