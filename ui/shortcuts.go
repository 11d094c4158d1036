package ui

import (
	"gioui.org/io/key"
	"gioui.org/op"

	"switchboard/ui/page"
	"switchboard/ui/widget"
)

// pane is a part of the window that F6 goes to.
type pane int

const (
	paneList pane = iota
	paneChat
	panePanel
)

// shortcut is a key of the whole window and what it does.
type shortcut struct {
	name key.Name
	mods key.Modifiers
	do   func(w *Window, gtx C)
}

var shortcuts = []shortcut{
	{"K", key.ModCtrl, (*Window).search},
	{"F", key.ModCtrl | key.ModShift, func(w *Window, _ C) { w.goTo(page.PageSearch); w.shell.FocusText = true }},
	{"F", key.ModCtrl, func(w *Window, _ C) { w.find() }},
	{key.NameF3, 0, func(w *Window, _ C) { w.findNext(1) }},
	{key.NameF3, key.ModShift, func(w *Window, _ C) { w.findNext(-1) }},
	{key.NameTab, key.ModCtrl, func(w *Window, _ C) { w.step(1) }},
	{key.NameTab, key.ModCtrl | key.ModShift, func(w *Window, _ C) { w.step(-1) }},
	{key.NamePageDown, key.ModCtrl, func(w *Window, _ C) { w.step(1) }},
	{key.NamePageUp, key.ModCtrl, func(w *Window, _ C) { w.step(-1) }},
	{key.NameDownArrow, key.ModAlt, func(w *Window, _ C) { w.step(1) }},
	{key.NameUpArrow, key.ModAlt, func(w *Window, _ C) { w.step(-1) }},
	{key.NameLeftArrow, key.ModAlt, func(w *Window, _ C) { w.shell.Back() }},
	{key.NameF6, 0, func(w *Window, gtx C) { w.nextPane(gtx, 1) }},
	{key.NameF6, key.ModShift, func(w *Window, gtx C) { w.nextPane(gtx, -1) }},
	{",", key.ModCtrl, func(w *Window, _ C) { w.goTo(page.PageSettings) }},
	{key.NameF1, 0, func(w *Window, _ C) { w.goTo(page.PageKeys) }},
	{key.NameF2, 0, func(w *Window, _ C) { w.shell.RenameOpen() }},
	{"G", key.ModCtrl, func(w *Window, _ C) { w.shell.JumpToDate() }},
	{"Q", key.ModCtrl, func(w *Window, _ C) { w.shell.Quit() }},
	{key.NameF11, 0, func(w *Window, _ C) { w.fill = true }},
	{"A", key.ModCtrl | key.ModShift, func(w *Window, _ C) { w.chat.Offers().Answer(&w.shell, true) }},
	{"D", key.ModCtrl | key.ModShift, func(w *Window, _ C) { w.chat.Offers().Answer(&w.shell, false) }},
}

// shortcuts does what the keys of the whole window ask, before anything that is
// drawn sees them. Under a dialog only the editing keys count, and no other is
// kept for later.
func (w *Window) shortcuts(gtx C, covered bool) {
	strokes := w.strokes(gtx)
	if !covered {
		w.pressed(gtx, strokes, true)
	}
	for _, s := range strokes {
		if name := widget.EditKey(s.name, s.mods); name != "" {
			w.editing = append(w.editing, name)
			gtx.Execute(op.InvalidateCmd{})
		}
	}
}

// pressed takes the keys of the whole window, and does what they ask.
func (w *Window) pressed(gtx C, strokes []stroke, do bool) {
	for _, c := range shortcuts {
		hit := page.Pressed(gtx, c.name, c.mods)
		for _, s := range strokes {
			hit = hit || s.name == c.name && s.mods == c.mods
		}
		if !do || !hit || w.first.Wanted(&w.shell) && c.name != key.NameF11 && c.name != "Q" {
			continue
		}
		c.do(w, gtx)
		gtx.Execute(op.InvalidateCmd{})
	}
}

// strokes are the keys that were reported by their place before the last frame.
// They come by another way than Gio's: a frame later all is done that was pressed
// before them, as Esc that closed a dialog.
func (w *Window) strokes(gtx C) []stroke {
	ripe := w.ripe
	w.keyMu.Lock()
	w.ripe, w.keys = w.keys, nil
	w.keyMu.Unlock()
	if len(w.ripe) > 0 {
		gtx.Execute(op.InvalidateCmd{})
	}
	return ripe
}

func (w *Window) search(gtx C) {
	if w.shell.Narrow {
		w.shell.Go(page.PageConversation)
		w.shell.About, w.shell.Open = w.shell.Open, ""
	}
	w.shell.FocusText = false // asked for by what was pressed just before
	w.sidebar.FocusSearch(gtx)
	w.pane = paneList
}

// find opens the line that finds in the open conversation; on the page of the
// settings it goes to their own search.
func (w *Window) find() {
	if w.shell.Page == page.PageConversation {
		w.shell.Find()
	} else {
		w.shell.FocusText = true
	}
}

func (w *Window) findNext(by int) {
	if w.shell.Page == page.PageConversation {
		w.chat.FindBar().Step(&w.shell, by)
	}
}

func (w *Window) step(n int) {
	w.sidebar.Step(&w.shell, n)
	w.shell.FocusText = true
	w.pane = paneChat
}

func (w *Window) goTo(id string) {
	if w.shell.Page == id {
		w.shell.Back()
		return
	}
	w.shell.Go(id)
}

// nextPane moves the keyboard to the next part of the window.
func (w *Window) nextPane(gtx C, by int) {
	panes := []pane{paneList, paneChat}
	if w.shell.Panel() != nil || w.shell.Details() != nil || w.shell.Person() != nil {
		panes = append(panes, panePanel)
	}
	switch {
	case w.panel.HasFocus():
		w.pane = panePanel
	case w.shell.Page == page.PageConversation && w.chat.HasFocus():
		w.pane = paneChat
	}
	n := len(panes)
	at := 0
	for i, p := range panes {
		if p == w.pane {
			at = i
		}
	}
	w.pane = panes[(at+by+n)%n]
	switch w.pane {
	case paneList:
		w.sidebar.FocusList(gtx, &w.shell)
	case paneChat:
		w.shell.FocusText = true
	case panePanel:
		if w.shell.Details() != nil {
			w.details.Focus(gtx)
		} else if w.shell.Person() != nil {
			w.profile.Focus(gtx)
		} else {
			w.panel.Focus()
		}
	}
}

// escape closes what is open, one thing at a time, and never the window.
func (w *Window) escape(gtx C) {
	s := &w.shell
	switch {
	case w.sidebar.ClearSearch():
	case s.Page == page.PageConversation && w.chat.FindBar().Close(s):
	case s.Page != page.PageConversation:
		s.Back()
	case s.HideDetails():
	case s.HideSession():
	}
	s.FocusText = s.Page == page.PageConversation
	gtx.Execute(op.InvalidateCmd{})
}
