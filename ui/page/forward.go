package page

import (
	"image"

	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// forwarding is the sheet in which a conversation is chosen for messages that are
// given on.
type forwarding struct {
	from   model.SessionKey
	keys   []string
	search widget.Input
	list   widget.Scroll
	rows   map[string]*widget.Click
	marked int
	cancel widget.Click
	box    widget.Dialog
	shown  bool
}

// target is a conversation that messages can go to.
type target struct{ conversation, address, name string }

// ForwardMessages lets the person choose where messages of a session go.
func (s *Shell) ForwardMessages(from model.SessionKey, keys []string) {
	if len(keys) == 0 {
		return
	}
	s.forward = &forwarding{from: from, keys: keys[:min(len(keys), contractv1.MaxForward)], rows: map[string]*widget.Click{}}
}

// targets are the conversations that can be written in and whose name has what
// was typed.
func (f *forwarding) targets(s *Shell) []target {
	query := fold(f.search.Text())
	var out []target
	seen := map[string]bool{f.from.Conversation: true}
	add := func(conversation, address, name string) {
		if !seen[conversation] && matches(query, name, address) {
			out = append(out, target{conversation, address, name})
		}
		seen[conversation] = true
	}
	for i := range s.Snap.Conversations {
		c := &s.Snap.Conversations[i]
		peer := s.contact(c.Peer)
		if c.ReadOnly != "" || c.Archived && query == "" || peer != nil && peer.State != model.Friend {
			seen[c.ID] = true
			continue
		}
		add(c.ID, rowAddress(s.Snap, c), titleOf(s.Snap, c))
	}
	for i := range s.Snap.Contacts {
		if k := &s.Snap.Contacts[i]; k.State == model.Friend && k.Conversation != "" {
			add(k.Conversation, k.Address, nameOf(s.Snap, k.Address))
		}
	}
	return out
}

// send gives the messages on and says so.
func (f *forwarding) send(s *Shell, to target) {
	err := s.Backend.Act(model.SessionKey{Conversation: to.conversation, Session: f.from.Session}, model.Action{
		Kind: contractv1.Action_FORWARD, Source: f.from, Keys: f.keys,
	})
	s.forward, s.FocusText = nil, true
	if err != nil {
		s.Say(Sentence(err))
		return
	}
	s.toasts.Show(s.Now, words.Forwarded(to.name), words.Open.Text(), func() { s.OpenConversation(to.conversation) })
}

func (s *Shell) layoutForward(gtx C) {
	f := s.forward
	if f == nil {
		return
	}
	all := f.targets(s)
	if to, ok := f.update(gtx, all); ok {
		f.send(s, to)
		gtx.Execute(op.InvalidateCmd{})
		return
	}
	th := s.Theme
	closed := f.box.Show(gtx, th, words.ForwardTo.Text(), func(gtx C) D {
		return vertical(gtx,
			widget.Field{State: &f.search, Icon: "search", Hint: words.ForwardFind.Text(), MaxBytes: 128}.W(th), space(theme.Space8),
			func(gtx C) D { return f.layout(gtx, s, all) })
	}, nil, widget.Button{State: &f.cancel, Text: words.Cancel.Text()}.W(th))
	if closed || f.cancel.Clicked(gtx) {
		s.forward, s.FocusText = nil, true
		gtx.Execute(op.InvalidateCmd{})
		return
	}
	if !f.shown {
		f.shown = true
		f.search.Focus(gtx)
	}
}

// update takes keys and presses; ok is true when a conversation was chosen.
func (f *forwarding) update(gtx C, all []target) (to target, ok bool) {
	ed := &f.search.Editor
	for {
		ev, more := nextKey(gtx, []key.Filter{{Focus: ed, Name: key.NameUpArrow}, {Focus: ed, Name: key.NameDownArrow}})
		if !more {
			break
		}
		switch n := len(all); {
		case ev.State != key.Press || n == 0:
		case ev.Name == key.NameUpArrow:
			f.marked = (f.marked + n - 1) % n
		default:
			f.marked = (f.marked + 1) % n
		}
		f.list.ScrollTo(max(f.marked-2, 0))
		gtx.Execute(op.InvalidateCmd{})
	}
	if f.search.Changed(gtx) {
		f.marked = 0
		f.list.ScrollTo(0)
	}
	f.marked = min(f.marked, max(0, len(all)-1))
	if f.search.Submitted(gtx) && len(all) > 0 {
		return all[f.marked], true
	}
	for _, t := range all {
		if c := f.rows[t.conversation]; c != nil && c.Clicked(gtx) {
			return t, true
		}
	}
	return target{}, false
}

func (f *forwarding) layout(gtx C, s *Shell, all []target) D {
	th := s.Theme
	gtx.Constraints.Max.Y = min(gtx.Constraints.Max.Y, gtx.Dp(300))
	if len(all) == 0 {
		return layout.UniformInset(theme.Space12).Layout(gtx, centred(th, th.Body(), th.Secondary, words.NothingFound.Text()))
	}
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	return f.list.Layout(gtx, th, len(all), func(gtx C, i int) D { return f.row(gtx, s, all[i], i == f.marked) })
}

func (f *forwarding) row(gtx C, s *Shell, t target, marked bool) D {
	th, c := s.Theme, f.rows[t.conversation]
	if c == nil {
		c = new(widget.Click)
		f.rows[t.conversation] = c
	}
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	d := c.Area(gtx, t.name, func(gtx C) D {
		semantic.SelectedOp(marked).Add(gtx.Ops)
		pointer.CursorPointer.Add(gtx.Ops)
		tone := th.Raised
		switch {
		case marked:
			tone = th.Selected(th.Raised)
		case c.Hovered():
			tone = th.Hover(th.Raised)
		}
		return ground(gtx, tone, theme.RadiusControl, func(gtx C) D {
			return layout.Inset{Left: theme.Space8, Right: theme.Space8, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(func(gtx C) D {
						gtx.Constraints.Min = image.Point{}
						icon := ""
						if s.group(t.conversation) != nil {
							icon = "group"
						}
						return widget.Avatar{Address: t.address, Name: t.name, Icon: icon, Size: 28}.Layout(gtx, th)
					}), widget.Gap(theme.Space12),
					layout.Flexed(1, oneLine(th, th.Body(), th.Text, t.name)))
			})
		})
	})
	if c.Ringed(gtx, th) {
		innerRing(gtx, th, d.Size)
	}
	return d
}
