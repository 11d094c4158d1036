package ui

import (
	"context"
	"image"
	"strconv"
	"sync"
	"sync/atomic"

	"gioui.org/io/key"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/ui/access"
	"switchboard/ui/page"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// C and D shorten the signatures of layout functions.
type (
	C = layout.Context
	D = layout.Dimensions
)

// Widths at which the frame changes, in dp.
const (
	oneColumn = 680  // below it there is one column
	panelOver = 1080 // below it the panel covers the conversation

	sideMin, sideStart, sideMax = 220, 280, 400
	chatMin                     = 400
	panelMin                    = 360
	detailsWidth                = 340
)

// Window is everything in one window apart from the window itself, so that tests
// can lay it out without a screen. It belongs to one goroutine; Wake and
// Physical may be called from others.
type Window struct {
	shell   page.Shell
	sidebar *page.Sidebar
	chat    page.Chat
	panel   page.Panel
	details page.Details
	profile page.Profile
	doors   page.DoorBars
	pages   page.Set
	first   page.FirstRun
	views   page.Views
	root    widget.Root

	opts    Options
	desktop func() look
	side    splitter // width of the list
	beside  splitter // width of the panel
	fill    bool
	told    struct {
		conversation string
		focused, any bool
	}
	pane    pane
	wakeup  func()
	keyMu   sync.Mutex
	keys    []stroke // reported since the last frame
	ripe    []stroke // reported before it
	editing widget.EditKeys
	focused atomic.Bool
	access  access.Recorder
	drops   drops
	wishes  wishes
	native  native
	leaving bool // closed for good, and knowing what that means
}

// stroke is a key that was reported by its place.
type stroke struct {
	name key.Name
	mods key.Modifiers
}

// NewWindow makes a window's content for a backend. The theme's options are
// where the settings begin to apply.
func NewWindow(b Backend, th *theme.Theme) *Window { return newWindow(b, th, Options{}, func() {}) }

func newWindow(b Backend, th *theme.Theme, o Options, wake func()) *Window {
	w := &Window{sidebar: page.NewSidebar(), opts: o, wakeup: wake}
	w.focused.Store(true)
	w.shell = page.Shell{Backend: b, Theme: th, Jobs: page.NewJobs(context.Background(), wake), Snap: b.Snapshot(), Open: o.StartConversation}
	w.shell.StartPictures(wake)
	th.OnFonts(wake)
	if w.shell.Open == "" {
		w.shell.Open = b.Recall("conversation")
	}
	w.shell.FocusText = w.shell.Open != ""
	w.side.size = recalled(b, "sidebar.width", sideStart, sideMin, sideMax)
	w.beside.size = recalled(b, "panel.width", 0, 0, maxEdge)
	return w
}

func recalled(b Backend, key string, without, low, high float32) float32 {
	n, err := strconv.ParseFloat(b.Recall(key), 32)
	if err != nil || n < float64(low) || n > float64(high) {
		return without
	}
	return float32(n)
}

// Close ends what the window started and waits for it.
func (w *Window) Close() {
	w.shell.Jobs.Close()
	w.shell.StopPictures()
	w.shell.Theme.CloseFonts()
	w.views.Close()
}

// SetFocused tells whether the window has the keyboard.
func (w *Window) SetFocused(focused bool) { w.focused.Store(focused) }

// Physical reports a key by its place on a Latin keyboard; safe from any goroutine.
func (w *Window) Physical(name key.Name, mods key.Modifiers) {
	w.keyMu.Lock()
	w.keys = append(w.keys, stroke{name, mods})
	w.keyMu.Unlock()
	w.wakeup()
}

// Wait waits for what runs beside the frames; for tests.
func (w *Window) Wait() {
	w.shell.Jobs.Wait()
	w.shell.WaitPictures()
}

// Layout draws a frame.
func (w *Window) Layout(gtx C) D {
	s := &w.shell
	s.Snap = w.shell.Backend.Snapshot()
	s.Now = gtx.Now
	s.Focused = w.focused.Load()
	s.Jobs.Drain()
	gtx.Metric = w.look(gtx)
	s.Narrow = float32(gtx.Metric.PxToDp(gtx.Constraints.Max.X)) < oneColumn
	s.Begin()
	w.obey()
	w.chooseFirst()
	w.tell()
	s.BeginPictures()
	w.takeDrops()
	defer s.EndPictures()
	defer w.views.EndFrame()
	w.editing = nil
	gtx = w.access.Begin(gtx)
	return w.root.Layout(w.editing.With(gtx), s.Theme, func(gtx C) D {
		size := gtx.Constraints.Max
		below := gtx
		covered := s.Covered()
		if covered {
			below = gtx.Disabled()
		}
		w.shortcuts(gtx, covered)
		if w.first.Wanted(s) {
			w.first.Layout(below, s)
		} else {
			w.atTheDoor(below)
		}
		s.Overlay(gtx)
		if covered { // a key right behind the one that closed it counts
			w.pressed(gtx, nil, !s.Covered())
		}
		if page.Pressed(gtx, key.NameEscape, 0) {
			w.escape(gtx)
		}
		if s.Moved() {
			gtx.Execute(op.InvalidateCmd{}) // what was drawn before the change is stale
		}
		s.Flush(gtx)
		return D{Size: size}
	})
}

// chooseFirst opens a conversation when none is, where there is room beside the list.
func (w *Window) chooseFirst() {
	s := &w.shell
	if s.Open == "" && !s.Narrow && s.Page == page.PageConversation && s.Snap.Account != nil && !w.told.any {
		for _, c := range s.Snap.Conversations {
			if !c.Archived {
				s.Open = c.ID
				break
			}
		}
	}
}

// tell reports to the host what is open and whether anybody looks.
func (w *Window) tell() {
	s, conversation := &w.shell, ""
	if s.Page == page.PageConversation {
		conversation = s.Open
	}
	if w.told.any && w.told.conversation == conversation && w.told.focused == s.Focused {
		return
	}
	w.told.any, w.told.conversation, w.told.focused = true, conversation, s.Focused
	s.Backend.Focus(conversation, s.Focused)
}

// look applies the appearance settings and returns the metric of this frame.
func (w *Window) look(gtx C) unit.Metric {
	s := &w.shell
	o := s.Theme.Options
	mode := page.SettingValue(s.Snap, "appearance.theme", "system")
	if w.opts.Theme != "" {
		mode = w.opts.Theme
	}
	var desk look
	if w.desktop != nil {
		desk = w.desktop()
	}
	o.Dark = mode == "dark" || mode == "contrast-dark" || mode == "system" && desk.Dark || mode == "contrast" && desk.Dark
	o.HighContrast = mode == "contrast" || mode == "contrast-light" || mode == "contrast-dark" || mode == "system" && desk.HighContrast
	o.Density = theme.Comfortable
	if page.SettingValue(s.Snap, "appearance.density", "") == "compact" {
		o.Density = theme.Compact
	}
	scale := page.SettingValue(s.Snap, "appearance.scale", "100")
	o.TextScale = textScale(desk.TextScale, gtx.Metric.PxPerDp, w.opts.Scale > 0 || scale != "100")
	o.ReducedMotion = desk.ReducedMotion || page.SettingValue(s.Snap, "appearance.reduced_motion", "") == "true"
	o.Language = words.Choose(page.SettingValue(s.Snap, "appearance.language", "system"))
	if w.opts.Language != "" {
		o.Language = words.Choose(w.opts.Language)
	}
	words.Use(o.Language)
	if o != s.Theme.Options {
		s.Theme = s.Theme.With(o)
	}
	m := gtx.Metric
	k := w.opts.Scale
	if k <= 0 {
		n, err := strconv.Atoi(scale)
		if err != nil {
			n = 100
		}
		k = float32(min(max(n, 100), 300)) / 100
	}
	m.PxPerDp *= k
	m.PxPerSp *= k
	return m
}

// atTheDoor lays out the frame below the bars of those who wait to be let in.
func (w *Window) atTheDoor(gtx C) {
	size := gtx.Constraints.Max
	bars := gtx
	bars.Constraints = layout.Constraints{Min: image.Pt(size.X, 0), Max: size}
	call, d := widget.Measure(bars, func(gtx C) D { return w.doors.Layout(gtx, &w.shell) })
	call.Add(gtx.Ops)
	gtx.Constraints = layout.Exact(image.Pt(size.X, max(0, size.Y-d.Size.Y)))
	defer op.Offset(image.Pt(0, d.Size.Y)).Push(gtx.Ops).Pop()
	w.frame(gtx)
}

// frame lays out list, conversation and panel.
func (w *Window) frame(gtx C) {
	s := &w.shell
	size := gtx.Constraints.Max
	width := gtx.Metric.PxToDp(size.X)
	if s.Narrow {
		if s.Open == "" && s.Page == page.PageConversation {
			w.sidebar.Layout(gtx, s)
		} else {
			w.main(gtx)
		}
		return
	}
	limit := min(sideMax, float32(width)-chatMin)
	side := gtx.Dp(unit.Dp(w.side.clamp(sideMin, max(sideMin, limit))))
	w.column(gtx, 0, side, func(gtx C) { w.sidebar.Layout(gtx, s) })
	line := max(1, gtx.Dp(1))
	w.divide(gtx, side)
	w.column(gtx, side+line, size.X, w.main)
	if w.side.drag(gtx, side, false) {
		s.Backend.Remember("sidebar.width", strconv.Itoa(int(w.side.size)))
	}
}

// column lays out a part of the window between two edges.
func (w *Window) column(gtx C, from, to int, draw func(gtx C)) {
	gtx.Constraints = layout.Exact(image.Pt(max(0, to-from), gtx.Constraints.Max.Y))
	defer op.Offset(image.Pt(from, 0)).Push(gtx.Ops).Pop()
	draw(gtx)
}

func (w *Window) divide(gtx C, x int) {
	defer op.Offset(image.Pt(x, 0)).Push(gtx.Ops).Pop()
	widget.Divider{Vertical: true}.Layout(gtx, w.shell.Theme)
}

// main is what stands beside the list: a page, or the conversation and its panel.
func (w *Window) main(gtx C) {
	s := &w.shell
	if s.Page != page.PageConversation {
		w.pages.Layout(gtx, s)
		return
	}
	w.pages.Hidden()
	x := s.Panel()
	size := gtx.Constraints.Max
	width := float32(gtx.Metric.PxToDp(size.X))
	whole := float32(gtx.Metric.PxToDp(s.Theme.Frame.Size.X))
	var beside func(gtx C) // of a group or a contact
	if g := s.Details(); g != nil {
		beside = func(gtx C) { w.details.Layout(gtx, s, g) }
	} else if k := s.Person(); k != nil {
		beside = func(gtx C) { w.profile.Layout(gtx, s, k) }
	}
	switch {
	case beside != nil && whole < panelOver:
		beside(gtx)
	case beside != nil:
		split := size.X - gtx.Dp(detailsWidth)
		line := max(1, gtx.Dp(1))
		w.column(gtx, 0, split, func(gtx C) { w.chat.Layout(gtx, s, &w.views) })
		w.divide(gtx, split)
		w.column(gtx, split+line, size.X, beside)
	case x == nil:
		w.chat.Layout(gtx, s, &w.views)
	case whole < panelOver:
		w.panel.Layout(gtx, s, &w.views, x)
	default:
		if w.beside.size == 0 {
			w.beside.size = max(panelMin, width*0.45)
		}
		part := w.beside.clamp(panelMin, min(width*0.75, max(panelMin, width-chatMin*0.8)))
		split := size.X - gtx.Dp(unit.Dp(part))
		line := max(1, gtx.Dp(1))
		w.column(gtx, 0, split, func(gtx C) { w.chat.Layout(gtx, s, &w.views) })
		w.divide(gtx, split)
		w.column(gtx, split+line, size.X, func(gtx C) { w.panel.Layout(gtx, s, &w.views, x) })
		if w.beside.drag(gtx, split, true) {
			s.Backend.Remember("panel.width", strconv.Itoa(int(w.beside.size)))
		}
	}
}

// takeFill tells whether F11 was pressed since the last frame.
func (w *Window) takeFill() bool {
	f := w.fill != w.shell.TakeFill()
	w.fill = false
	return f
}
