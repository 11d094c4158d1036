package widget_test

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"gioui.org/layout"
	"gioui.org/unit"

	"switchboard/ui/theme"
	"switchboard/ui/uitest"
	"switchboard/ui/widget"
)

type (
	C = layout.Context
	D = layout.Dimensions
)

// gallery shows every widget once; it is what the reference pictures draw.
type gallery struct {
	th      *theme.Theme
	root    widget.Root
	buttons [24]widget.Click
	name    widget.Input
	secret  widget.Input
	wrong   widget.Input
	notes   widget.Input
	menu    widget.MenuButton
	rows    [6]widget.Click
	toasts  widget.Toasts
	pressed map[string]int
	chosen  string
}

func newGallery(o theme.Options) *gallery {
	g := &gallery{th: theme.New(o), pressed: map[string]int{}}
	g.name.SetText("Alice")
	g.secret.SetText("hunter2")
	g.wrong.SetText("bob@")
	return g
}

func (g *gallery) Layout(gtx C) D {
	return g.root.Layout(gtx, g.th, func(gtx C) D {
		if g.buttons[0].Clicked(gtx) {
			g.pressed["Save"]++
		}
		if g.buttons[4].Clicked(gtx) {
			g.pressed["Offline"]++
		}
		if id, ok := g.menu.Chosen(gtx); ok {
			g.chosen = id
		}
		d := layout.Flex{}.Layout(gtx,
			layout.Rigid(func(gtx C) D { return g.sidebar(gtx) }),
			layout.Flexed(1, func(gtx C) D {
				return layout.UniformInset(theme.Space24).Layout(gtx, func(gtx C) D { return g.column(gtx) })
			}))
		g.toasts.Layout(gtx, g.th)
		return d
	})
}

func (g *gallery) sidebar(gtx C) D {
	gtx.Constraints = layout.Exact(image.Pt(gtx.Dp(280), gtx.Constraints.Max.Y))
	widget.Fill(gtx, gtx.Constraints.Max, 0, g.th.Sidebar)
	lead := func(address, name, presence string) func(gtx C, rim color.NRGBA) D {
		return func(gtx C, rim color.NRGBA) D {
			size := unit.Dp(40)
			if g.th.Density == theme.Compact {
				size = 26
			}
			return widget.Avatar{Address: address, Name: name, Presence: presence, Rim: rim, Size: size}.Layout(gtx, g.th)
		}
	}
	badge := func(n int, quiet bool) layout.Widget {
		return func(gtx C) D { return widget.Badge{Count: n, Quiet: quiet}.Layout(gtx, g.th) }
	}
	rows := []widget.Row{
		{Title: "Bob", Line: "did you see the drawing?", Meta: "10:04", Strong: true, Marks: []layout.Widget{badge(2, false)}, Leading: lead("bob@lab", "Bob", "available")},
		{Title: "Christine Wolkenstein-Auerbach", Line: "The measurement is done and everything looks fine so far", Meta: "09:41", Selected: true, Leading: lead("chris@lab", "Christine W", "away")},
		{Title: "Lab", Line: "Bob: coffee?", Meta: "Mon", Marks: []layout.Widget{badge(128, true)}, Leading: lead("lab", "Lab", "")},
		{Title: "Dora", Line: "Draft: I will be late", LineTint: g.th.Danger, Meta: "Sun", Leading: lead("dora@lab", "Dora", "busy")},
		{Title: "Emil", Line: "Not sent", LineIcon: "error", LineTint: g.th.Danger, Meta: "12 Nov", Leading: lead("emil@lab", "Emil", "offline")},
		{Title: "שלום", Line: "typing…", LineTint: g.th.Accent, Meta: "10:04", Leading: lead("shalom@lab", "שלום", "available")},
	}
	var parts []layout.FlexChild
	for i, r := range rows {
		r.State = &g.rows[i]
		parts = append(parts, layout.Rigid(func(gtx C) D { return r.Layout(gtx, g.th) }))
	}
	layout.Flex{Axis: layout.Vertical}.Layout(gtx, parts...)
	return D{Size: gtx.Constraints.Max}
}

func (g *gallery) column(gtx C) D {
	th := g.th
	line := func(ws ...layout.Widget) layout.FlexChild {
		return layout.Rigid(func(gtx C) D {
			return layout.Inset{Bottom: theme.Space16}.Layout(gtx, func(gtx C) D {
				return widget.Wrap(gtx, gtx.Dp(theme.Space12), len(ws), func(gtx C, i int) D { return ws[i](gtx) })
			})
		})
	}
	return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
		line(widget.Text{Type: th.Page(), Text: "Gallery"}.W(th), func(gtx C) D { return widget.Pill{Text: "running", Color: th.Success}.Layout(gtx, th) }),
		line(
			widget.Button{State: &g.buttons[0], Text: "Save", Role: widget.Primary}.W(th),
			widget.Button{State: &g.buttons[1], Text: "Cancel"}.W(th),
			widget.Button{State: &g.buttons[2], Text: "Delete", Role: widget.Danger, Icon: "delete"}.W(th),
			widget.Button{State: &g.buttons[3], Text: "Learn more", Role: widget.Quiet}.W(th),
			widget.Button{State: &g.buttons[4], Text: "Offline", Disabled: true, Reason: "You are offline."}.W(th),
		),
		line(
			widget.IconButton{State: &g.buttons[5], Icon: "call", Tip: "Call"}.W(th),
			widget.IconButton{State: &g.buttons[6], Icon: "video", Tip: "Video", Selected: true}.W(th),
			widget.IconButton{State: &g.buttons[7], Icon: "attach", Tip: "Attach", Disabled: true}.W(th),
			widget.IconButton{State: &g.buttons[8], Icon: "send", Tip: "Send", Role: widget.Primary}.W(th),
			widget.IconButton{State: &g.buttons[9], Icon: "M4 4h16v16H4z M8 8v8h8V8z", Tip: "Own icon"}.W(th),
			func(gtx C) D {
				return g.menu.Layout(gtx, th, []widget.MenuItem{
					{ID: "reply", Text: "Reply", Icon: "reply", Shortcut: "R"}, {ID: "copy", Text: "Copy", Icon: "copy"},
					{ID: "edit", Text: "Edit", Icon: "edit", Disabled: true, Reason: "Only your own messages can be edited."},
					{ID: "delete", Text: "Delete", Icon: "delete", Danger: true, SeparatorBefore: true},
				}, func(gtx C, c *widget.Click) D {
					return widget.IconButton{State: c, Icon: "more", Tip: "More"}.Layout(gtx, th)
				})
			},
		),
		line(
			widget.Chip{State: &g.buttons[10], Text: "👍", Count: 3, Selected: true}.W(th),
			widget.Chip{State: &g.buttons[11], Text: "All"}.W(th),
			widget.Chip{State: &g.buttons[12], Text: "Unread", Count: 12}.W(th),
			func(gtx C) D { return widget.Badge{Count: 1200}.Layout(gtx, th) },
			func(gtx C) D { return widget.Badge{Mention: true}.Layout(gtx, th) },
			func(gtx C) D { return widget.Presence{Status: "available"}.Layout(gtx, th) },
			func(gtx C) D { return widget.Presence{Status: "away"}.Layout(gtx, th) },
			func(gtx C) D { return widget.Presence{Status: "busy"}.Layout(gtx, th) },
			func(gtx C) D { return widget.Presence{Status: "offline"}.Layout(gtx, th) },
			func(gtx C) D { return widget.Spinner{}.Layout(gtx, th) },
		),
		layout.Rigid(widget.Field{State: &g.name, Caption: "Your name", Help: "Others see it."}.W(th)), widget.Gap(theme.Space12),
		layout.Rigid(widget.Field{State: &g.secret, Caption: "Password", Secret: true}.W(th)), widget.Gap(theme.Space12),
		layout.Rigid(widget.Field{State: &g.wrong, Caption: "Address", Error: "An address has a name before the @ and a network after it."}.W(th)), widget.Gap(theme.Space12),
		layout.Rigid(widget.Field{State: &g.notes, Hint: "Search", Icon: "search"}.W(th)), widget.Gap(theme.Space12),
		layout.Rigid(func(gtx C) D {
			return widget.Toggle{State: &g.buttons[13], Text: "Play a sound for messages", On: true}.Layout(gtx, th)
		}),
		layout.Rigid(func(gtx C) D {
			return widget.Toggle{State: &g.buttons[14], Text: "Show my typing"}.Layout(gtx, th)
		}),
		layout.Rigid(func(gtx C) D {
			return widget.Toggle{State: &g.buttons[15], Text: "Locked by the administrator", Disabled: true, On: true, Reason: "Fixed."}.Layout(gtx, th)
		}),
		layout.Rigid(func(gtx C) D {
			return widget.Radio{State: &g.buttons[16], Text: "Comfortable", Selected: true}.Layout(gtx, th)
		}),
		widget.Gap(theme.Space12),
		layout.Rigid(func(gtx C) D { return widget.Separator{Text: "new", Accent: true}.Layout(gtx, th) }), widget.Gap(theme.Space12),
		layout.Rigid(func(gtx C) D { return widget.Progress{Fraction: 0.4, Text: "40 % of 3 MB"}.Layout(gtx, th) }), widget.Gap(theme.Space12),
		layout.Rigid(func(gtx C) D {
			return widget.Card{}.Layout(gtx, th, func(gtx C) D { return widget.Skeleton{Lines: 2}.Layout(gtx, th) })
		}),
	)
}

func TestGalleryPictures(t *testing.T) {
	dir := os.Getenv("GALLERY_DIR")
	for name, o := range map[string]theme.Options{
		"light": {}, "dark": {Dark: true}, "contrast": {HighContrast: true}, "contrast-dark": {HighContrast: true, Dark: true},
	} {
		for _, scale := range []float32{1, 2} {
			if dir == "" && scale == 2 {
				continue
			}
			o.ReducedMotion = true
			g := newGallery(o)
			w := uitest.New(t, image.Pt(int(900*scale), int(820*scale)), scale, g.Layout)
			g.toasts.Show(w.Now, "Conversation archived", "Undo", nil)
			w.Click("More")
			full := name
			if scale == 2 {
				full += "-200"
			}
			if dir != "" {
				w.Save(filepath.Join(dir, full+".png"))
			} else {
				w.Golden(full)
			}
		}
	}
}
