package page

import (
	"context"
	"image"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/render"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Views keeps the plugin views that show. What is drawn in a frame is open at
// the host; what is not is released, and its scroll position kept for a while.
type Views struct {
	open map[model.SessionKey]*openView
	turn uint64
}

// openView is one session's drawing state.
type openView struct {
	draw    *render.Session
	release func()
	turn    uint64 // frame in which it was drawn last
	restart widget.Click
	waiting bool
	refused uint64 // how many refusals were said
}

// maxKept bounds the drawing states kept of sessions that are out of sight.
const maxKept = 24

// of is the state of a session that is drawn in this frame.
func (v *Views) of(s *Shell, key model.SessionKey) *openView {
	if v.open == nil {
		v.open = make(map[model.SessionKey]*openView)
	}
	o := v.open[key]
	if o == nil {
		o = &openView{draw: render.New(s.env())}
		v.open[key] = o
	}
	if o.release == nil {
		o.release = s.Backend.OpenView(key)
	}
	o.turn = v.turn
	return o
}

// EndFrame releases what was not drawn.
func (v *Views) EndFrame() {
	kept := 0
	for key, o := range v.open {
		if o.turn == v.turn {
			continue
		}
		if o.release != nil {
			o.release()
			o.release = nil
		}
		if kept++; kept > maxKept {
			delete(v.open, key)
		}
	}
	v.turn++
}

// Close releases everything.
func (v *Views) Close() {
	for _, o := range v.open {
		if o.release != nil {
			o.release()
		}
	}
	v.open = nil
}

// env is what drawing a view may ask of the window.
func (s *Shell) env() render.Env {
	b := s.Backend
	return render.Env{
		Act: func(key model.SessionKey, a model.Action) error {
			err := b.Act(key, a)
			if err != nil {
				s.Say(Sentence(err))
			}
			return err
		},
		Want: b.Want, Seen: b.Seen, Edited: b.Edited, CommandDone: b.CommandDone, Compact: b.Compact,
		Cards: func(key model.SessionKey) []render.Card {
			if k, _, ok := s.chatKey(); !ok || k != key {
				return nil
			}
			return s.cards.places(s, key.Conversation)
		},
		Card: func(gtx C, key model.SessionKey, compact layout.Widget) (D, bool) {
			return s.cards.Layout(gtx, s, key, compact)
		},
		Open:     s.ShowSession,
		OpenLink: s.openAddress, Forward: s.ForwardMessages,
		Recall: b.Recall, Remember: b.Remember,
		Pictures: s.pictures, Enlarge: s.ShowPictures, Attach: s.attach, Take: s.takeAll, Paste: s.paste,
		Focused: func() bool { return s.Focused },
		Group: func(id string) bool {
			c := conversationOf(s.Snap, id)
			return c != nil && c.Kind == model.Group
		},
		Members:        s.named,
		CtrlEnterSends: func() bool { return SettingValue(s.Snap, "conversations.ctrl_enter_sends", "false") == "true" },
	}
}

// named are the members of a group that can be named there, apart from me.
func (s *Shell) named(conversation string) []render.Member {
	g := s.group(conversation)
	if g == nil {
		return nil
	}
	if s.naming.snap == s.Snap && s.naming.of == g {
		return s.naming.list
	}
	var out []render.Member
	for _, m := range g.Members {
		if m.State == model.InGroup && !isMe(s.Snap, m.Address) {
			out = append(out, render.Member{Address: m.Address, Name: s.memberName(m), Status: string(s.seenStatus(s.contact(m.Address)))})
		}
	}
	s.naming.snap, s.naming.of, s.naming.list = s.Snap, g, out
	return out
}

// SettingValue is a setting's value, or what it is without one.
func SettingValue(s *model.Snapshot, key, without string) string {
	for i := range s.Settings {
		if s.Settings[i].Key == key && s.Settings[i].Value != "" {
			return s.Settings[i].Value
		}
	}
	return without
}

// Layout draws a session's full view, with a notice when its plugin stopped.
func (o *openView) Layout(gtx C, s *Shell, key model.SessionKey, plugin, title string, crashed bool) D {
	view := s.Backend.View(key)
	s.revealIn(key)
	if view != nil && view.Refusals != o.refused {
		if o.refused = view.Refusals; o.refused > 0 {
			s.Say(words.Known(view.Refused))
		}
	}
	if crashed && (view == nil || view.Fault == "") {
		view = crash(view, key)
	}
	if view == nil || view.Fault == "" {
		o.waiting = false
		return o.draw.Layout(gtx, s.Theme, view)
	}
	if o.restart.Clicked(gtx) && !o.waiting {
		o.waiting = true
		s.Call(func(ctx context.Context) error { return s.Backend.Plugin(ctx, "restart", plugin) }, func(err error) {
			o.waiting = false
			if err != nil {
				s.Say(Sentence(err))
			}
		})
	}
	if view.Root == nil {
		return o.pane(gtx, s, title, words.Known(view.Fault))
	}
	// The last view stays readable under the notice: what was there is not lost.
	whole := *view
	whole.Fault = ""
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		layout.Rigid(func(gtx C) D { return o.notice(gtx, s, title, words.Known(view.Fault)) }),
		layout.Flexed(1, func(gtx C) D { return o.draw.Layout(gtx.Disabled(), s.Theme, &whole) }))
}

// crash is a view whose session's plugin stopped before it could say so there.
func crash(view *model.View, key model.SessionKey) *model.View {
	out := model.View{Key: key}
	if view != nil {
		out = *view
	}
	out.Fault = words.StoppedUnexpectedly.Text()
	return &out
}

// pane is the fault of a session that has nothing else to show.
func (o *openView) pane(gtx C, s *Shell, title, fault string) D {
	gtx.Constraints.Min = gtx.Constraints.Max
	return empty(gtx, s.Theme, "error", words.Stopped(title), words.StoppedBecause(fault), o.button(s))
}

func (o *openView) button(s *Shell) layout.Widget {
	text := words.Restart.Text()
	if o.waiting {
		text = words.Restarting.Text()
	}
	return widget.Button{State: &o.restart, Text: text, Role: widget.Primary, Disabled: o.waiting}.W(s.Theme)
}

// notice is the fault above a view that can still be read.
func (o *openView) notice(gtx C, s *Shell, title, fault string) D {
	th := s.Theme
	gtx.Constraints.Min = image.Pt(gtx.Constraints.Max.X, 0)
	return ground(gtx, theme.Mix(th.Background, th.Danger, 0.10), 0, func(gtx C) D {
		return layout.Inset{Left: theme.Space16, Right: theme.Space12, Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(icon("error", theme.IconSize, th.Danger)), widget.Gap(theme.Space12),
				layout.Flexed(1, func(gtx C) D {
					return vertical(gtx,
						named(words.Stopped(title), label(th, th.Body().Medium(), th.Text, words.Stopped(title))),
						label(th, th.Caption(), th.Secondary, words.StoppedBecause(fault)))
				}),
				widget.Gap(theme.Space12), layout.Rigid(o.button(s)))
		})
	})
}
