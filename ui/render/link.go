package render

import (
	"image"
	"io"
	"strings"

	"gioui.org/io/clipboard"
	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// linkCard asks before an address is opened, and shows it as it really is.
type linkCard struct {
	pop              widget.Popover
	owner            *widget.Rich
	address          string
	doubt            doubt
	rich             widget.Rich // the address
	open, copy, keep widget.Click
}

func (s *Session) pressedLink(sc scope, node string, r *widget.Rich, link string, at image.Point) {
	if strings.HasPrefix(link, pluginLink) {
		_ = s.act(sc, node, contractv1.Action_LINK, link) // told by Env.Act
		return
	}
	address, ok := trueAddress(link)
	if !ok {
		return
	}
	if d := doubtOf(r.LinkText(link), link, address); d != noDoubt {
		s.link.doubt = d
		s.askLink(r, address, at)
		return
	}
	s.inner++
	if s.env.OpenLink != nil {
		s.env.OpenLink(address)
	}
}

func (s *Session) askLink(r *widget.Rich, address string, at image.Point) {
	s.inner++
	s.link.owner, s.link.address = r, address
	s.link.pop.Width, s.link.pop.Back, s.link.pop.First = 420, s.focus.writing, &s.link.keep.Clickable
	s.link.pop.OpenIn(image.Rectangle{Min: at.Sub(image.Pt(8, 8)), Max: at.Add(image.Pt(8, 8))}, r.Room(s.th))
}

// drawLink draws the question near the text that it belongs to.
func (s *Session) drawLink(gtx C, r *widget.Rich) {
	l := &s.link
	if l.owner != r {
		return
	}
	if l.open.Clicked(gtx) {
		l.pop.Close(gtx)
		if s.env.OpenLink != nil {
			s.env.OpenLink(l.address)
		}
	}
	if l.copy.Clicked(gtx) {
		l.pop.Close(gtx)
		copyText(gtx, l.address)
	}
	if l.keep.Clicked(gtx) {
		l.pop.Close(gtx)
	}
	if !l.pop.Opened() {
		l.owner = nil
		return
	}
	l.pop.Layout(gtx, s.th, s.linkBody)
}

func (s *Session) linkBody(gtx C) D {
	th, l := s.th, &s.link
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		layout.Rigid(widget.Text{Type: th.Body().Medium(), Text: th.Say.Sprintf("Open this address?")}.W(th)),
		widget.Gap(theme.Space8),
		layout.Rigid(func(gtx C) D {
			from, to := hostIn(l.address)
			a := l.address[:min(len(l.address), maxShownLink)]
			from, to = min(from, len(a)), min(to, len(a))
			spans := []widget.Span{{Text: a[:from]}, {Text: a[from:to], Bold: true}, {Text: a[to:]}}
			return widget.RichText{State: &l.rich, Spans: spans, Type: th.Code(), Label: a}.Layout(gtx, th)
		}),
		layout.Rigid(func(gtx C) D {
			why := l.doubt.why(th, l.address)
			if why == "" {
				return D{}
			}
			return layout.Inset{Top: theme.Space8}.Layout(gtx, widget.Text{Color: th.Warning, Text: why}.W(th))
		}),
		widget.Gap(theme.Space12),
		layout.Rigid(func(gtx C) D {
			buttons := []widget.Button{
				{State: &l.open, Text: th.Say.Sprintf("Open"), Role: widget.Primary},
				{State: &l.copy, Text: th.Say.Sprintf("Copy address")},
				{State: &l.keep, Text: th.Say.Sprintf("Cancel"), Role: widget.Quiet},
			}
			return widget.Wrap(gtx, gtx.Dp(theme.Space8), len(buttons), func(gtx C, i int) D { return buttons[i].Layout(gtx, th) })
		}))
}

// maxShownLink is how much of an address the question shows, in bytes; what a
// host leads to stands at its beginning.
const maxShownLink = 600

func copyText(gtx C, text string) {
	gtx.Execute(clipboard.WriteCmd{Type: "application/text", Data: io.NopCloser(strings.NewReader(text))})
}

// copySelection puts selected text on the clipboard on Ctrl+C. It is asked last,
// so an editor with the keyboard comes first.
func (s *Session) copySelection(gtx C) {
	if s.sel.Text() != "" && widget.Pressed(gtx, "C") {
		copyText(gtx, s.sel.Text())
	}
}
