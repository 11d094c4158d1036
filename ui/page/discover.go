package page

import (
	"context"
	"time"

	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// lookEvery is how often the neighbourhood is looked at while somebody chooses.
const lookEvery = 10 * time.Second

// maxNearby bounds the networks that are listed.
const maxNearby = 32

// nearby is the list of networks that are close to this computer.
type nearby struct {
	found   []model.FoundNetwork
	picked  string // its link
	busy    bool
	known   bool // looked at least once
	failed  string
	next    time.Time
	again   widget.Click
	choices map[string]*widget.Click
}

// look asks who is near, once in a while.
func (n *nearby) look(gtx C, s *Shell) {
	if !n.next.IsZero() {
		gtx.Execute(op.InvalidateCmd{At: n.next})
	}
	if n.busy || s.Now.Before(n.next) {
		return
	}
	n.busy, n.next = true, s.Now.Add(lookEvery)
	s.Jobs.Go(func(ctx context.Context) func() {
		found, err := s.Backend.Discover(ctx)
		return func() {
			n.busy, n.known, n.failed = false, true, Sentence(err)
			if err == nil {
				n.found = found[:min(len(found), maxNearby)]
			}
		}
	})
}

// choice is the network that was picked, or the only one; nil without one.
func (n *nearby) choice() *model.FoundNetwork {
	for i := range n.found {
		if n.found[i].Link == n.picked || n.picked == "" && len(n.found) == 1 {
			return &n.found[i]
		}
	}
	return nil
}

// summary is the neighbourhood in a line.
func (n *nearby) summary() string {
	switch {
	case len(n.found) > 0:
		return words.NearbyFound(len(n.found), n.found[0].Name)
	case n.failed != "":
		return n.failed
	case !n.known:
		return words.NearbyLooking.Text()
	}
	return words.NearbyNone.Text()
}

// parts are the networks to choose from.
func (n *nearby) parts(gtx C, s *Shell, busy bool) []layout.Widget {
	th := s.Theme
	if n.again.Clicked(gtx) {
		n.next = time.Time{}
	}
	if !busy {
		n.look(gtx, s)
	}
	if n.choices == nil {
		n.choices = make(map[string]*widget.Click)
	}
	var out []layout.Widget
	chosen := n.choice()
	for i := range n.found {
		one := &n.found[i]
		out = append(out, func(gtx C) D { return n.line(gtx, s, one, chosen == one) })
	}
	if len(n.found) == 0 {
		text := n.summary()
		out = append(out, named(text, label(th, th.Body(), th.Secondary, text)), space(theme.Space12),
			natural(widget.Button{State: &n.again, Text: words.LookAgain.Text(), Icon: "sync", Small: true, Disabled: n.busy}.W(th)))
	}
	return append(out, space(theme.Space16))
}

// line is one network, with what it says of itself.
func (n *nearby) line(gtx C, s *Shell, one *model.FoundNetwork, chosen bool) D {
	th, click := s.Theme, clickOf(n.choices, one.Link)
	if click.Clicked(gtx) {
		n.picked = one.Link
	}
	more := words.FoundOn(one.Computer, one.Owner)
	if one.Joined {
		more = words.NearbyJoined.Text()
	}
	mark, tint := "radio_off", th.Control
	if chosen {
		mark, tint = "radio", th.Accent
	}
	return pageRow(gtx, th, click, one.Name, false, chosen, func(gtx C) D {
		semantic.SelectedOp(chosen).Add(gtx.Ops)
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon("hub", 24, th.Accent)), widget.Gap(theme.Space12),
			layout.Flexed(1, func(gtx C) D {
				return vertical(gtx, oneLine(th, th.Body().Medium(), th.Text, one.Name), prose(th, widget.Text{Type: th.Caption(), Color: th.Secondary, Text: more, MaxLines: 2}))
			}), widget.Gap(theme.Space12),
			layout.Rigid(icon(mark, theme.IconSize, tint)))
	})
}
