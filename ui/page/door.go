package page

import (
	"context"
	"strings"
	"time"

	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// DoorBars are the bars across the window for those who wait to be let in: people
// into my network, devices into my account; and the one offer of a recovery code.
type DoorBars struct {
	states map[string]*doorState
	make   widget.Click
	later  widget.Click
}

// doorState is one who waits.
type doorState struct {
	first   time.Time // when it was first drawn: letting in works a little later
	yes, no widget.Click
	busy    bool
}

// waiting is somebody or something at the door.
type waiting struct {
	id, text, more, digits, icon string
	answer                       func(ctx context.Context, allow bool) error
}

// maxDoors bounds the bars; the rest waits its turn.
const maxDoors = 2

// waits are those at the door now, oldest first.
func (s *Shell) waits() []waiting {
	var out []waiting
	for _, r := range s.Snap.LinkRequests {
		out = append(out, waiting{id: "link " + r.ID, text: words.AsksToLink(r.Computer), digits: r.Digits, icon: "devices",
			answer: func(ctx context.Context, allow bool) error { return s.Backend.AnswerLink(ctx, r.ID, allow) }})
	}
	for _, r := range s.Snap.Joins {
		more := r.Name
		out = append(out, waiting{id: "join " + r.ID, text: words.AsksToEnter(r.Computer, r.User), more: more, digits: r.Digits, icon: "person_add",
			answer: func(ctx context.Context, allow bool) error { return s.Backend.AnswerJoin(ctx, r.ID, allow) }})
	}
	return out
}

// Layout draws the bars, nothing when nobody waits.
func (b *DoorBars) Layout(gtx C, s *Shell) D {
	if b.states == nil {
		b.states = make(map[string]*doorState)
	}
	all := s.waits()
	if len(all) == 0 {
		clear(b.states)
	}
	var children []layout.FlexChild
	for _, w := range all[:min(len(all), maxDoors)] {
		st := b.states[w.id]
		if st == nil {
			st = new(doorState)
			b.states[w.id] = st
		}
		children = append(children, layout.Rigid(func(gtx C) D { return st.Layout(gtx, s, w) }))
	}
	if s.Snap.RecoveryOffer && len(all) == 0 && s.Page != PageRecovery {
		children = append(children, layout.Rigid(func(gtx C) D { return b.offer(gtx, s) }))
	}
	gtx.Constraints.Min.Y = 0
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, children...)
}

// Layout draws one who waits.
func (st *doorState) Layout(gtx C, s *Shell, w waiting) D {
	th := s.Theme
	if st.first.IsZero() {
		st.first = gtx.Now
	}
	settled := gtx.Now.Sub(st.first) >= Settle
	if !settled {
		gtx.Execute(op.InvalidateCmd{At: st.first.Add(Settle)})
	}
	yes, no := st.yes.Clicked(gtx), st.no.Clicked(gtx)
	if (yes && settled || no) && !st.busy {
		st.busy = true
		s.Call(func(ctx context.Context) error { return w.answer(ctx, yes) }, func(err error) {
			st.busy = false
			if err != nil {
				s.Say(Sentence(err))
			}
		})
	}
	more := words.DoorCompare.Text()
	if w.more != "" {
		more = words.Remarks(w.more, more)
	}
	lead := icon(w.icon, 24, th.Accent)
	return noticeBar(gtx, th, lead, w.text, more,
		func(gtx C) D {
			gtx.Constraints.Min.Y = gtx.Dp(theme.Control)
			return layout.Inset{Right: theme.Space8}.Layout(gtx, func(gtx C) D {
				return layout.W.Layout(gtx, func(gtx C) D { return digits(gtx, th, w.digits, th.Page()) })
			})
		},
		widget.Button{State: &st.yes, Text: words.LetIn.Text(), Role: widget.Primary, Disabled: !settled || st.busy}.W(th),
		widget.Button{State: &st.no, Text: words.RefuseIn.Text(), Disabled: st.busy}.W(th))
}

// offer is the one offer of a recovery code.
func (b *DoorBars) offer(gtx C, s *Shell) D {
	th := s.Theme
	if b.make.Clicked(gtx) {
		s.Go(PageRecovery)
	} else if b.later.Clicked(gtx) {
		s.Backend.DismissRecovery()
	}
	return noticeBar(gtx, th, icon("key", 24, th.Accent), words.RecoveryOffer.Text(), words.RecoveryOfferText.Text(),
		widget.Button{State: &b.make, Text: words.RecoveryMake.Text(), Role: widget.Primary}.W(th),
		widget.Button{State: &b.later, Text: words.RecoveryNotNow.Text()}.W(th))
}

// digits draws six digits in two groups, to be compared from some way off.
func digits(gtx C, th *theme.Theme, all string, t theme.Type) D {
	code := th.Code()
	code.Size, code.Height = t.Size, t.Height
	text := spacedDigits(all)
	call, d := widget.Measure(gtx, widget.Text{Type: code.Bold(), Text: text, MaxLines: 1}.W(th))
	defer clip.Rect{Max: d.Size}.Push(gtx.Ops).Pop()
	semantic.LabelOp(words.DigitsShown(text)).Add(gtx.Ops)
	call.Add(gtx.Ops)
	return d
}

// spacedDigits is "483920" as "483 920".
func spacedDigits(all string) string {
	if len(all) != 6 || strings.Contains(all, " ") {
		return all
	}
	return all[:3] + " " + all[3:]
}
