package render

import (
	"net/url"
	"strings"

	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op/clip"
	"golang.org/x/net/idna"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

func (s *Session) text(gtx C, sc scope, n *contractv1.Node, t *contractv1.Text) D {
	th := s.th
	typ, c := th.Body(), th.Text
	switch t.GetStyle() {
	case contractv1.Text_CAPTION:
		typ, c = th.Caption(), th.Secondary
	case contractv1.Text_TITLE:
		typ = th.Title()
	case contractv1.Text_PAGE:
		typ = th.Page()
	case contractv1.Text_CODE:
		typ = th.Code()
	case contractv1.Text_SECONDARY:
		c = th.Secondary
	case contractv1.Text_STRONG:
		typ = typ.Medium()
	case contractv1.Text_DANGER:
		c = th.Danger
	case contractv1.Text_SUCCESS:
		c = th.Success
	case contractv1.Text_WARNING:
		c = th.Warning
	}
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(theme.TextColumn))
	return widget.Text{Type: typ, Color: c, Text: t.GetText(), MaxLines: int(t.GetMaxLines())}.Layout(gtx, th)
}

// spans are a contract's spans as a widget's; links that cannot be opened are
// plain text.
func spans(in []*contractv1.Span) []widget.Span {
	out := make([]widget.Span, len(in))
	for i, p := range in {
		out[i] = widget.Span{
			Text: p.GetText(), Bold: p.GetBold(), Italic: p.GetItalic(), Code: p.GetCode(), Strike: p.GetStrike(), Mention: p.GetMention(),
		}
		if usableLink(p.GetLink()) {
			out[i].Link = p.GetLink()
			out[i].Tip, _ = trueAddress(p.GetLink())
		}
	}
	return out
}

const pluginLink = "plugin:"

func usableLink(link string) bool {
	if link == "" {
		return false
	}
	_, ok := trueAddress(link)
	return ok || strings.HasPrefix(link, pluginLink)
}

// maxLink is the longest address that is opened.
const maxLink = 4096

// trueAddress is a link in full, with a foreign host name in the form in which it
// cannot pass for another. Only http, https and mailto are opened.
func trueAddress(link string) (string, bool) {
	if len(link) > maxLink || strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", false
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "mailto":
		return u.String(), u.Opaque != ""
	case "http", "https":
		host, err := idna.Punycode.ToASCII(u.Host)
		if err != nil || host == "" {
			return "", false
		}
		u.Host = host
		return u.String(), true
	}
	return "", false
}

func (s *Session) richText(gtx C, sc scope, n *contractv1.Node, t *contractv1.RichText) D {
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(theme.TextColumn))
	return s.rich(gtx, sc, n.GetId(), s.state(sc, n), t.GetSpans(), s.th.Text)
}

// rich draws selectable text whose links ask before they open.
func (s *Session) rich(gtx C, sc scope, node string, st *state, in []*contractv1.Span, c colour) D {
	if st.rich == nil {
		st.rich = &widget.Rich{}
	}
	return s.richIn(gtx, sc, node, st.rich, st.converted(in), c)
}

// richIn is rich for spans that are a widget's already.
func (s *Session) richIn(gtx C, sc scope, node string, r *widget.Rich, in []widget.Span, c colour) D {
	d := widget.RichText{State: r, Spans: in, Color: c, Ground: sc.ground, Sel: &s.sel}.Layout(gtx, s.th)
	if link, at, ok := r.Pressed(); ok {
		s.pressedLink(sc, node, r, link, at)
	}
	s.drawLink(gtx, r)
	return d
}

// converted keeps the converted spans as long as the message stays the same.
func (st *state) converted(in []*contractv1.Span) []widget.Span {
	if len(in) == 0 {
		return nil
	}
	if st.spansOf != &in[0] || len(st.spans) != len(in) {
		st.spansOf, st.spans = &in[0], spans(in)
	}
	return st.spans
}

func (s *Session) code(gtx C, sc scope, n *contractv1.Node, c *contractv1.Code) D {
	st := s.state(sc, n)
	if st.rich == nil {
		st.rich = &widget.Rich{}
	}
	st.drag.Axis = layout.Horizontal
	gtx.Constraints.Min = imagePt(0, 0)
	call, d := widget.Measure(gtx, func(gtx C) D {
		return layout.UniformInset(theme.Space12).Layout(gtx, func(gtx C) D {
			return st.drag.Layout(gtx, 1, func(gtx C, _ int) D {
				gtx.Constraints.Max.X = maxCodeWidth
				return widget.RichText{State: st.rich, Spans: []widget.Span{{Text: c.GetText()}}, Type: s.th.Code(), Sel: &s.sel}.Layout(gtx, s.th)
			})
		})
	})
	area := clip.Rect{Max: d.Size}.Push(gtx.Ops)
	semantic.DescriptionOp(c.GetLanguage()).Add(gtx.Ops)
	widget.Fill(gtx, d.Size, theme.RadiusControl, s.th.Tint(sc.ground))
	call.Add(gtx.Ops)
	area.Pop()
	return d
}

// maxCodeWidth is where a line of code breaks after all.
const maxCodeWidth = 1 << 14
