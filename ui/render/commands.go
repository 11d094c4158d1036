package render

import (
	"time"

	"gioui.org/layout"
	"gioui.org/op"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// commands carries out what the plugin asked for once.
func (s *Session) commands(gtx C) {
	last := s.done
	for _, c := range s.view.Commands {
		if c.N <= s.done {
			continue
		}
		last = c.N
		switch k := c.Command.GetCommand().(type) {
		case *contractv1.ViewCommand_ScrollTo:
			s.listOf(k.ScrollTo.GetList()).scrollTo(k.ScrollTo.GetKey(), gtx.Now)
		case *contractv1.ViewCommand_Flash:
			s.listOf(k.Flash.GetList()).flash(k.Flash.GetKey(), gtx.Now)
		case *contractv1.ViewCommand_Focus:
			s.focusNode(k.Focus.GetNode())
		case *contractv1.ViewCommand_Copy:
			copyText(gtx, k.Copy.GetText())
		case *contractv1.ViewCommand_SetText:
			// The host has put the text into View.Editors already.
		}
	}
	if last > s.done {
		s.done = last
		if s.env.CommandDone != nil {
			s.env.CommandDone(s.view.Key, last)
		}
	}
}

// focusNode gives the keyboard to an element outside of lists, if it is drawn in
// this frame.
func (s *Session) focusNode(id string) {
	st := s.states[stateKey{session: s.view.Key.Session, id: id}]
	switch {
	case st == nil:
		s.wantComposer = true
	case st.edit != nil:
		s.focus.next = &st.edit.in.Editor
	case st.menu != nil:
		s.focus.next = &st.menu.Button.Clickable
	default:
		s.focus.next = &st.click.Clickable
	}
}

// What is shown while there is no view: nothing, then grey lines, then words.
const (
	skeletonAfter = 300 * time.Millisecond
	wordsAfter    = 3 * time.Second
)

func (s *Session) loading(gtx C) D {
	size := gtx.Constraints.Min
	if s.since.IsZero() {
		s.since = gtx.Now
	}
	waited := gtx.Now.Sub(s.since)
	switch {
	case waited < skeletonAfter:
		gtx.Execute(op.InvalidateCmd{At: s.since.Add(skeletonAfter)})
		return D{Size: size}
	case waited < wordsAfter:
		gtx.Execute(op.InvalidateCmd{At: s.since.Add(wordsAfter)})
	}
	d := layout.UniformInset(theme.Space24).Layout(gtx, func(gtx C) D {
		gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(420))
		parts := []layout.FlexChild{layout.Rigid(func(gtx C) D { return widget.Skeleton{Lines: 4}.Layout(gtx, s.th) })}
		if waited >= wordsAfter {
			parts = append(parts, widget.Gap(theme.Space12),
				layout.Rigid(widget.Text{Text: s.th.Say.Sprintf("Still starting. This takes longer than usual."), Color: s.th.Secondary}.W(s.th)))
		}
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
	})
	d.Size = gtx.Constraints.Constrain(d.Size)
	return d
}

// fault is what stands where a view would, when its plugin stopped.
func (s *Session) fault(gtx C, words string) D {
	size := gtx.Constraints.Min
	d := layout.Center.Layout(gtx, func(gtx C) D {
		gtx.Constraints.Min = imagePt(0, 0)
		gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(420))
		return s.faultLine(gtx, words)
	})
	d.Size.X, d.Size.Y = max(d.Size.X, size.X), max(d.Size.Y, size.Y)
	return d
}

func (s *Session) faultLine(gtx C, words string) D {
	return layout.Inset{Left: theme.Space16, Right: theme.Space16, Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return theme.IconNamed("warning").Layout(gtx, theme.IconSize, s.th.Warning) }),
			layout.Rigid(layout.Spacer{Width: theme.Space8}.Layout),
			layout.Flexed(1, widget.Text{Text: words}.W(s.th)))
	})
}
