package render

import (
	"image"
	"strings"
	"time"

	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

// editedEvery is how often typed text is handed over at most.
const editedEvery = 500 * time.Millisecond

// editing is text that is being typed. The host owns it: a new revision replaces
// what is here, and what is typed is handed over.
type editing struct {
	in       widget.Input
	revision int64
	started  bool
	dirty    bool      // typed text that the host does not have
	told     time.Time // when it last got some
	sent     bool      // submitted here; the host's own clearing is still to come
	send     widget.Click
	attach   widget.Click
	emoji    widget.Click
	take     widget.Click
	last     string // of a field, what was submitted
	naming   naming
}

func (st *state) editing() *editing {
	if st.edit == nil {
		st.edit = &editing{}
	}
	return st.edit
}

// follow takes the host's text when its revision has changed.
func (e *editing) follow(text string, revision int64) {
	if e.started && revision == e.revision {
		return
	}
	clearing := e.started && e.sent && text == ""
	e.started, e.revision, e.sent = true, revision, false
	if clearing { // done here already, and the person may have typed on
		return
	}
	if mine := e.in.Text(); e.dirty && mine != "" && text != "" && mine != text {
		text = text + "\n" + mine // a text that came back must not eat the next one
	}
	e.in.Replace(text)
	e.dirty = false
}

func (s *Session) hostText(sc scope, id, initial string) (string, int64) {
	if ed, ok := s.view.Editors[id]; ok && !sc.compact {
		return ed.Text, ed.Revision
	}
	return initial, 0
}

// typed hands over what was typed, at most twice a second.
func (s *Session) typed(gtx C, sc scope, id string, e *editing) {
	if e.in.Changed(gtx) {
		e.dirty = true
	}
	if !e.dirty || s.env.Edited == nil {
		return
	}
	if wait := editedEvery - gtx.Now.Sub(e.told); wait > 0 {
		gtx.Execute(op.InvalidateCmd{At: gtx.Now.Add(wait)})
		return
	}
	s.tell(gtx, sc, id, e)
}

func (s *Session) tell(gtx C, sc scope, id string, e *editing) {
	if e.dirty && s.env.Edited != nil {
		s.env.Edited(sc.key, id, e.in.Text())
	}
	e.dirty, e.told = false, gtx.Now
}

func (s *Session) editor(gtx C, sc scope, n *contractv1.Node, b *contractv1.Editor) D {
	e := s.state(sc, n).editing()
	e.in.MaxLen = contractv1.MaxEditor
	text, rev := s.hostText(sc, n.GetId(), b.GetInitial())
	e.follow(text, rev)
	e.in.ReadOnly = b.GetDisabled()
	if !b.GetDisabled() {
		s.editorKeys(gtx, sc, n, b, e)
	}
	if b.GetFormatting() && !b.GetDisabled() {
		e.in.Format(gtx)
	}
	s.typed(gtx, sc, n.GetId(), e)
	if !b.GetDisabled() {
		s.focusable(sc, &e.in.Editor, true)
		if s.focus.composer == nil || b.GetComposer() {
			s.focus.composer = &e.in.Editor
		}
		if s.wantComposer {
			s.wantComposer = false
			s.focus.next = &e.in.Editor
		}
	}
	if e.in.SelectionLen() > 0 {
		s.sel.Clear()
	}
	if b.GetComposer() {
		return s.composer(gtx, sc, n, b, e)
	}
	gtx.Constraints.Max.X = min(gtx.Constraints.Max.X, gtx.Dp(theme.TextColumn))
	return s.textArea(gtx, n, b, e)
}

// editorKeys takes the keys that mean something else here than in plain text.
func (s *Session) editorKeys(gtx C, sc scope, n *contractv1.Node, b *contractv1.Editor, e *editing) {
	ed := &e.in.Editor
	s.nameKeys(gtx, sc, b, e)
	if e.in.Pasted(gtx) && b.GetPictures() && s.env.Paste != nil {
		s.env.Paste(sc.key, n.GetId())
	}
	var filters []event.Filter
	if e.in.Len() == 0 {
		filters = append(filters, key.Filter{Focus: ed, Name: key.NameUpArrow})
	}
	if b.GetBanner() != nil {
		filters = append(filters, key.Filter{Focus: ed, Name: key.NameEscape})
	}
	eachPress(gtx, filters, func(name key.Name) {
		kind := contractv1.Action_EDIT_LAST
		if name == key.NameEscape {
			kind = contractv1.Action_CANCEL
		}
		_ = s.act(sc, n.GetId(), kind, "") // told by Env.Act
	})
	// A plain Enter is the editor's own, so that it comes in its place among the
	// letters: taken ahead of them it would send a text without its end.
	ctrlSends := s.env.CtrlEnterSends != nil && s.env.CtrlEnterSends()
	e.in.Submit = !ctrlSends || e.naming.shown
	for e.in.Submitted(gtx) {
		if s.names(sc, b, e) || ctrlSends {
			continue
		}
		s.submit(gtx, sc, n, b, e)
	}
	if ctrlSends {
		eachPress(gtx, []event.Filter{
			key.Filter{Focus: ed, Name: key.NameReturn, Required: key.ModCtrl},
			key.Filter{Focus: ed, Name: key.NameEnter, Required: key.ModCtrl},
		}, func(key.Name) { s.submit(gtx, sc, n, b, e) })
	}
	for e.send.Clicked(gtx) {
		s.submit(gtx, sc, n, b, e)
		s.focus.next = ed
	}
}

// eachPress calls do for every press of the keys that the filters let through.
func eachPress(gtx C, filters []event.Filter, do func(key.Name)) {
	for len(filters) > 0 {
		ev, ok := gtx.Event(filters...)
		if !ok {
			return
		}
		if k, ok := ev.(key.Event); ok && k.State == key.Press {
			do(k.Name)
		}
	}
}

// over is by how many bytes a text is too long.
func over(b *contractv1.Editor, text string) int {
	limit := int(b.GetMaxBytes())
	if limit <= 0 || limit > contractv1.MaxEditor {
		limit = contractv1.MaxEditor
	}
	return max(len(text)-limit, 0)
}

func (s *Session) submit(gtx C, sc scope, n *contractv1.Node, b *contractv1.Editor, e *editing) {
	text := e.in.Text()
	if strings.TrimSpace(text) == "" && !b.GetMayBeEmpty() || over(b, text) > 0 {
		return
	}
	s.tell(gtx, sc, n.GetId(), e)
	if s.act(sc, n.GetId(), contractv1.Action_SUBMIT, text) != nil {
		return
	}
	e.in.Replace("")
	e.sent, e.dirty = true, false
	for _, l := range s.lists {
		if l.stick {
			l.jumpToEnd()
		}
	}
}

// Room of the composer.
const (
	composerLines = 8
	composerShare = 40 // percent of the height
)

// composerColumn is where the composer stands in the width of its view.
func composerColumn(gtx C) (left, width int) {
	room := max(0, gtx.Constraints.Max.X-2*gtx.Dp(theme.Space16))
	width = min(room, gtx.Dp(column))
	return gtx.Dp(theme.Space16) + (room-width)/2, width
}

func isComposer(n *contractv1.Node) bool { return n.GetEditor().GetComposer() }

// composer is the box in which messages are written.
func (s *Session) composer(gtx C, sc scope, n *contractv1.Node, b *contractv1.Editor, e *editing) D {
	th := s.th
	left, width := composerColumn(gtx)
	inset := layout.Inset{Top: theme.Space4, Bottom: theme.Space12}
	return inset.Layout(gtx, func(gtx C) D {
		wide := gtx.Constraints.Max.X
		gtx.Constraints = layout.Constraints{Max: image.Pt(width, gtx.Constraints.Max.Y)}
		call, d := widget.Measure(gtx, func(gtx C) D {
			if b.GetDisabled() {
				return s.closedComposer(gtx, b)
			}
			return s.openComposer(gtx, sc, n, b, e)
		})
		line := th.Control
		w := theme.FocusRing / 2
		if e.in.Focused(gtx) { // it nearly always is: a thick line would be the loudest thing in the window
			line = th.Accent
			if th.Options.HighContrast {
				w = theme.FocusRing
			}
		}
		if b.GetDisabled() {
			line = th.Border
		}
		t := op.Offset(image.Pt(left, 0)).Push(gtx.Ops)
		ground := th.Raised
		if b.GetDisabled() {
			ground = th.Sidebar
		}
		widget.Fill(gtx, d.Size, theme.RadiusCard, ground)
		widget.Outline(gtx, d.Size, theme.RadiusCard, w, line)
		call.Add(gtx.Ops)
		if !b.GetDisabled() {
			gtx.Constraints.Max.X = d.Size.X
			s.nameList(gtx, sc, b, e)
		}
		t.Pop()
		return D{Size: image.Pt(wide, d.Size.Y)}
	})
}

// closedComposer says why nothing can be sent.
func (s *Session) closedComposer(gtx C, b *contractv1.Editor) D {
	words := b.GetReason()
	if words == "" {
		words = s.th.Say.Sprintf("Messages cannot be sent here.")
	}
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	return widget.Inset(gtx, theme.Space12, func(gtx C) D { return s.iconLine(gtx, "lock", words, s.th.Secondary) })
}

func (s *Session) openComposer(gtx C, sc scope, n *contractv1.Node, b *contractv1.Editor, e *editing) D {
	th := s.th
	var parts []layout.FlexChild
	if b.GetBanner() != nil {
		parts = append(parts, layout.Rigid(func(gtx C) D { return s.banner(gtx, sc, b.GetBanner()) }))
	}
	if paths := pastedPictures(e.in.Text()); len(paths) > 0 && b.GetPictures() && s.env.Take != nil {
		parts = append(parts, layout.Rigid(func(gtx C) D { return s.offerFiles(gtx, sc, n, e, paths) }))
	}
	parts = append(parts, layout.Rigid(func(gtx C) D {
		gtx.Constraints.Min.X = gtx.Constraints.Max.X
		return layout.Inset{Left: theme.Space4, Right: theme.Space4, Top: theme.Space4, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.End}.Layout(gtx, s.composerLine(sc, n, b, e)...)
		})
	}))
	if too := over(b, e.in.Text()); too > 0 {
		parts = append(parts, layout.Rigid(func(gtx C) D {
			return layout.Inset{Left: theme.Space12, Right: theme.Space12, Bottom: theme.Space8}.Layout(gtx,
				widget.Text{Type: th.Caption(), Color: th.Danger, Text: th.Say.Sprintf("This message is %d bytes too long to be sent.", too)}.W(th))
		}))
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
}

func (s *Session) composerLine(sc scope, n *contractv1.Node, b *contractv1.Editor, e *editing) []layout.FlexChild {
	th := s.th
	var out []layout.FlexChild
	tools := func(nodes []*contractv1.Node, from int) {
		for i, t := range nodes {
			out = append(out, layout.Rigid(func(gtx C) D {
				gtx.Constraints.Min = image.Point{}
				return s.child(gtx, sc, t, from+i)
			}))
		}
	}
	tools(b.GetLeading(), 100)
	if b.GetPictures() && s.env.Attach != nil {
		out = append(out, layout.Rigid(func(gtx C) D { return s.attachButton(gtx, sc, n, e) }))
	}
	if b.GetEmoji() {
		out = append(out, layout.Rigid(func(gtx C) D { return s.emojiButton(gtx, sc, n, e) }))
	}
	label := n.GetLabel()
	if label == "" {
		label = b.GetHint()
	}
	out = append(out, layout.Flexed(1, func(gtx C) D {
		line := max(gtx.Sp(th.Body().Height), 1)
		most := max(min(line*composerLines, s.height*composerShare/100), line)
		gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
		pad := max((gtx.Dp(theme.Control)-line)/2, gtx.Dp(4))
		gtx.Constraints.Max.Y = most + 2*pad
		return layout.Inset{Left: theme.Space8, Right: theme.Space8}.Layout(gtx, func(gtx C) D {
			t := op.Offset(image.Pt(0, pad)).Push(gtx.Ops)
			gtx.Constraints.Max.Y = most
			d := widget.EditArea(gtx, th, &e.in, widget.Clean(label), b.GetHint(), false)
			t.Pop()
			d.Size.Y = max(d.Size.Y+2*pad, gtx.Dp(theme.Control))
			return d
		})
	}))
	tools(b.GetTrailing(), 200)
	empty := strings.TrimSpace(e.in.Text()) == "" && !b.GetMayBeEmpty()
	out = append(out, layout.Rigid(func(gtx C) D {
		return widget.IconButton{
			State: &e.send, Icon: "send", Tip: th.Say.Sprintf("Send"), Role: widget.Primary,
			Disabled: empty || over(b, e.in.Text()) > 0,
		}.Layout(gtx, th)
	}))
	return out
}

// banner says what is being replied to or edited, above the text.
func (s *Session) banner(gtx C, sc scope, n *contractv1.Node) D {
	call, d := widget.Measure(gtx, func(gtx C) D {
		gtx.Constraints.Min.X = gtx.Constraints.Max.X
		return layout.Inset{Left: 20, Right: theme.Space8, Top: theme.Space8, Bottom: theme.Space4}.Layout(gtx, func(gtx C) D {
			return s.child(gtx, sc, n, 300)
		})
	})
	bar := image.Rect(gtx.Dp(theme.Space8), gtx.Dp(theme.Space8), gtx.Dp(theme.Space8)+gtx.Dp(3), d.Size.Y-gtx.Dp(theme.Space4))
	paint.FillShape(gtx.Ops, s.th.Accent, clip.Rect(bar).Op())
	call.Add(gtx.Ops)
	return d
}
