package page

import (
	"context"
	"image"
	"image/color"

	"gioui.org/io/pointer"
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Plugins is the page of all plugins: one row each, which opens to what the
// plugin may do, what is enforced here and what it said last.
type Plugins struct {
	rows map[string]*pluginRow
}

type pluginRow struct {
	open          bool
	click, toggle widget.Click
	restart       widget.Click
	failed        string
	busy          bool
}

func (p *Plugins) row(id string) *pluginRow {
	if p.rows == nil {
		p.rows = make(map[string]*pluginRow)
	}
	r := p.rows[id]
	if r == nil {
		r = new(pluginRow)
		p.rows[id] = r
	}
	return r
}

func (p *Plugins) parts(gtx C, s *Shell) []layout.Widget {
	th := s.Theme
	if len(s.Snap.Plugins) == 0 {
		return []layout.Widget{func(gtx C) D { return empty(gtx, th, "extension", words.NoPlugins.Text(), words.NoPluginsText.Text()) }}
	}
	out := []layout.Widget{note(th, words.PluginsText.Text())}
	for i := range s.Snap.Plugins {
		x := s.Snap.Plugins[i]
		x.Name, x.Summary = words.Known(x.Name), words.Known(x.Summary)
		if x.State == model.Absent {
			out = append(out, absent(s, x))
			continue
		}
		r := p.row(x.ID)
		r.update(gtx, s, x)
		out = append(out, func(gtx C) D {
			return layout.Inset{Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
				return widget.Card{Padding: -1}.Layout(gtx, th, full(func(gtx C) D { return r.Layout(gtx, s, x) }))
			})
		})
	}
	return out
}

// absent is the line of a plugin that is known and not installed: there is nothing
// to switch or to open.
func absent(s *Shell, x model.Plugin) layout.Widget {
	th := s.Theme
	return func(gtx C) D {
		return layout.Inset{Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return widget.Card{Ground: th.Background}.Layout(gtx, th, full(func(gtx C) D {
				return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
					layout.Rigid(func(gtx C) D {
						return ground(gtx, theme.Mix(th.Background, th.Disabled, 0.12), theme.RadiusControl, boxed(36, icon(pluginIcon(x), theme.IconSize, th.Disabled)))
					}),
					widget.Gap(theme.Space16),
					layout.Flexed(1, func(gtx C) D {
						state := words.PluginState(x)
						return vertical(gtx, oneLine(th, th.Body().Medium(), th.Secondary, x.Name), space(2), named(state, label(th, th.Caption(), th.Secondary, state)))
					}))
			}))
		})
	}
}

func (r *pluginRow) update(gtx C, s *Shell, x model.Plugin) {
	if r.click.Clicked(gtx) {
		r.open = !r.open
	}
	if r.toggle.Clicked(gtx) && x.Locked == "" && !r.busy {
		op, done := "enable", words.PluginOn(x.Name)
		if x.Enabled {
			op, done = "disable", words.PluginOff(x.Name)
		}
		r.do(s, op, x.ID, done)
	}
	if r.restart.Clicked(gtx) && !r.busy {
		r.do(s, "restart", x.ID, "")
	}
}

func (r *pluginRow) do(s *Shell, op, id, done string) {
	r.busy, r.failed = true, ""
	s.Call(func(ctx context.Context) error { return s.Backend.Plugin(ctx, op, id) }, func(err error) {
		r.busy, r.failed = false, Sentence(err)
		if err == nil && done != "" {
			s.Say(done)
		}
	})
}

// Layout draws the row and, when it is open, what is behind it.
func (r *pluginRow) Layout(gtx C, s *Shell, x model.Plugin) D {
	parts := []layout.Widget{func(gtx C) D { return r.head(gtx, s, x) }}
	if r.failed != "" {
		parts = append(parts, indented(label(s.Theme, s.Theme.Caption(), s.Theme.Danger, r.failed)))
	}
	if r.needsRestart(x) && !r.open {
		parts = append(parts, indented(natural(widget.Button{State: &r.restart, Text: words.Restart.Text(), Small: true, Disabled: r.busy}.W(s.Theme))))
	}
	if r.open {
		parts = append(parts, space(theme.Space4), indented(func(gtx C) D { return r.details(gtx, s, x) }))
	}
	d := vertical(gtx, parts...)
	if r.click.Ringed(gtx, s.Theme) { // around all that belongs to the line
		widget.Outline(gtx, d.Size, theme.RadiusCard, theme.FocusRing, s.Theme.Accent)
	}
	return d
}

func (r *pluginRow) needsRestart(x model.Plugin) bool {
	return x.Enabled && (x.State == model.Parked || x.State == model.Backoff)
}

func indented(w layout.Widget) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Left: 64, Right: theme.Space16, Bottom: theme.Space12}.Layout(gtx, w)
	}
}

// head is the whole line to press, with the switch on top of its right end.
func (r *pluginRow) head(gtx C, s *Shell, x model.Plugin) D {
	th := s.Theme
	under := color.NRGBA{}
	if r.click.Hovered() {
		under = th.Hover(th.Raised)
	}
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	d := r.click.Area(gtx, words.AboutPlugin(x.Name), func(gtx C) D {
		pointer.CursorPointer.Add(gtx.Ops)
		return ground(gtx, under, theme.RadiusCard, func(gtx C) D {
			return layout.Inset{Left: theme.Space12, Right: 68, Top: theme.Space12, Bottom: theme.Space12}.Layout(gtx, func(gtx C) D { return r.summary(gtx, s, x) })
		})
	})
	toggle, t := widget.Measure(gtx, func(gtx C) D {
		gtx.Constraints.Min = image.Point{}
		return widget.Toggle{State: &r.toggle, On: x.Enabled, Label: words.SwitchName(x.Name, x.Enabled), Disabled: x.Locked != "", Reason: x.Locked}.Layout(gtx, th)
	})
	widget.Offset(gtx, image.Pt(d.Size.X-t.Size.X-gtx.Dp(theme.Space16), (d.Size.Y-t.Size.Y)/2), toggle)
	return d
}

func (r *pluginRow) summary(gtx C, s *Shell, x model.Plugin) D {
	th := s.Theme
	ink := th.Accent
	if !x.Enabled {
		ink = th.Disabled
	}
	chevron := "expand"
	if r.open {
		chevron = "collapse"
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
		layout.Rigid(func(gtx C) D {
			return ground(gtx, theme.Mix(th.Raised, ink, 0.12), theme.RadiusControl, boxed(36, icon(pluginIcon(x), theme.IconSize, ink)))
		}),
		widget.Gap(theme.Space16),
		layout.Flexed(1, func(gtx C) D {
			parts := []layout.Widget{oneLine(th, th.Body().Medium(), th.Text, x.Name)}
			if x.Summary != "" {
				parts = append(parts, label(th, th.Caption(), th.Secondary, x.Summary))
			}
			parts = append(parts, space(2), stateLine(s, x))
			if x.Locked != "" {
				parts = append(parts, lock(th, x.Locked))
			}
			return vertical(gtx, parts...)
		}),
		widget.Gap(theme.Space8),
		layout.Rigid(icon(chevron, theme.IconSize, th.Secondary)))
}

func pluginIcon(x model.Plugin) string {
	if x.Icon != "" {
		return x.Icon
	}
	return "extension"
}

// stateLine is a plugin's state in words and a colour that fits them.
func stateLine(s *Shell, x model.Plugin) layout.Widget {
	th := s.Theme
	tone := th.Secondary
	switch x.State {
	case model.Running:
		tone = th.Success
	case model.Backoff, model.Starting:
		tone = th.Warning
	case model.Parked, model.Refused:
		tone = th.Danger
	}
	text := words.PluginState(x)
	if x.State == model.Running && x.MemoryKB > 0 {
		text = words.StateWithMemory(text, words.Memory(x.MemoryKB))
	}
	return func(gtx C) D {
		if x.Reason == "" || x.State == model.Running {
			return named(text, label(th, th.Caption(), tone, text))(gtx)
		}
		return vertical(gtx, named(text, label(th, th.Caption().Medium(), tone, text)), label(th, th.Caption(), th.Secondary, words.Known(x.Reason)))
	}
}

func (r *pluginRow) details(gtx C, s *Shell, x model.Plugin) D {
	th := s.Theme
	parts := []layout.Widget{label(th, th.Caption(), th.Secondary, words.PluginFrom(x.Version, words.From(x.Publisher, x.Origin)))}
	section := func(title string) {
		parts = append(parts, space(theme.Space12), label(th, th.Caption().Bold(), th.Text, title), space(theme.Space4))
	}
	section(words.Grants.Text())
	if len(x.Grants) == 0 {
		parts = append(parts, label(th, th.Caption(), th.Secondary, words.GrantsNone.Text()))
	}
	for _, g := range x.Grants {
		name, tone, text := "check", th.Success, words.Grant(g.Name)
		if !g.Allowed {
			name, tone = "block", th.Danger
			if g.Reason != "" {
				text = words.Refused(text, g.Reason)
			}
		}
		parts = append(parts, bullet(th, name, tone, th.Text, text))
	}
	if len(x.Isolation) > 0 {
		section(words.EnforcedHere.Text())
		for _, e := range x.Isolation {
			parts = append(parts, bullet(th, "security", th.Success, th.Text, words.Isolation(e)))
		}
	}
	if len(x.Missing) > 0 {
		section(words.MissingHere.Text())
		for _, e := range x.Missing {
			parts = append(parts, bullet(th, "warning", th.Danger, th.Danger, words.Isolation(e)))
		}
	}
	section(words.LastLog.Text())
	parts = append(parts, logLines(th, x.Log), space(theme.Space12),
		natural(widget.Button{State: &r.restart, Text: words.Restart.Text(), Small: true, Disabled: r.busy || !x.Enabled}.W(th)))
	return vertical(gtx, parts...)
}

// bullet is a sentence after a small icon.
func bullet(th *theme.Theme, name string, tone, ink color.NRGBA, text string) layout.Widget {
	return func(gtx C) D {
		return layout.Inset{Bottom: 2}.Layout(gtx, func(gtx C) D {
			return layout.Flex{}.Layout(gtx,
				layout.Rigid(func(gtx C) D { return layout.Inset{Top: 2}.Layout(gtx, icon(name, 14, tone)) }), widget.Gap(theme.Space8),
				layout.Flexed(1, label(th, th.Caption(), ink, text)))
		})
	}
}

// maxLog bounds the lines of a log that a page shows.
const maxLog = 12

func logLines(th *theme.Theme, lines []string) layout.Widget {
	if len(lines) == 0 {
		return label(th, th.Caption(), th.Secondary, words.LogEmpty.Text())
	}
	if len(lines) > maxLog {
		lines = lines[len(lines)-maxLog:]
	}
	return func(gtx C) D {
		return widget.Card{Padding: theme.Space8, Ground: th.Sidebar}.Layout(gtx, th, full(func(gtx C) D {
			var parts []layout.Widget
			t := th.Code()
			t.Size, t.Height = th.Caption().Size, th.Caption().Height
			for _, l := range lines {
				parts = append(parts, label(th, t, th.Secondary, l))
			}
			return vertical(gtx, parts...)
		}))
	}
}
