package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"switchboard/host/desktop"
	"switchboard/shared/model"
)

// Times of the tray.
const (
	trayGather = 150 * time.Millisecond // changes are gathered
	trayCall   = 30 * time.Second       // for what a line of the menu does
	hushTime   = time.Hour
)

// Lines of the tray's menu; a presence's is trayPresence and its status.
const (
	trayOpen     = "open"
	trayHush     = "hush"
	traySettings = "settings"
	trayQuit     = "quit"
	trayPresence = "presence/"
)

// pageSettings is what the window calls the page of the settings.
const pageSettings = "settings"

// tray is the icon in the desktop's tray and for how long it silences alerts.
type tray struct {
	mu    sync.Mutex
	icon  *desktop.Tray
	hush  time.Time
	woken chan struct{}
}

func (t *tray) wake() {
	select {
	case t.woken <- struct{}{}:
	default:
	}
}

// TrayShown tells whether there is an icon that brings the window back.
func (a *App) TrayShown() bool {
	a.tray.mu.Lock()
	defer a.tray.mu.Unlock()
	return a.tray.icon != nil && a.tray.icon.Shown()
}

// hushed tells whether the person wants no alerts for a while.
func (a *App) hushed() bool {
	a.tray.mu.Lock()
	defer a.tray.mu.Unlock()
	return time.Now().Before(a.tray.hush)
}

// Hush silences alerts for an hour, or no longer; it does not outlive the program.
func (a *App) Hush(on bool) {
	a.tray.mu.Lock()
	a.tray.hush = time.Time{}
	if on {
		a.tray.hush = time.Now().Add(hushTime)
	}
	a.tray.mu.Unlock()
	a.tray.wake()
}

// trayLoop shows the icon from the first picture of the window on, which needs
// the processor more, until the app ends.
func (a *App) trayLoop() {
	select {
	case <-a.hold:
	case <-a.ctx.Done():
		return
	}
	icon := desktop.NewTray("Switchboard", a.trayState(), a.trayChosen)
	defer icon.Close()
	a.tray.mu.Lock()
	a.tray.icon = icon
	a.tray.mu.Unlock()
	defer a.Subscribe(a.tray.wake)()
	pause := time.NewTimer(trayGather)
	defer pause.Stop()
	unhush := time.NewTicker(time.Minute) // a silence that is over
	defer unhush.Stop()
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-a.tray.woken:
		case <-unhush.C:
		}
		icon.Set(a.trayState())
		pause.Reset(trayGather)
		select {
		case <-a.ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// trayState is what the icon shows now.
func (a *App) trayState() desktop.TrayState {
	s := a.Snapshot()
	state := desktop.TrayState{Status: model.Offline, Tooltip: "Switchboard"}
	if s == nil {
		return state
	}
	connected := s.Connection.State == model.Connected
	if connected {
		state.Status = s.Presence.Status
	}
	state.Unread = unreadOf(s, time.Now())
	switch {
	case state.Unread > 0 && !connected && s.Account != nil:
		state.Tooltip = a.says("Switchboard, not connected, %d unread", state.Unread)
	case state.Unread > 0:
		state.Tooltip = a.says("Switchboard, %d unread", state.Unread)
	case !connected && s.Account != nil:
		state.Tooltip = a.says("Switchboard, not connected")
	}
	state.Menu = a.trayMenu(s)
	return state
}

func (a *App) trayMenu(s *model.Snapshot) []desktop.TrayItem {
	menu := []desktop.TrayItem{{ID: trayOpen, Text: a.says("Open Switchboard")}, {}}
	if s.Account != nil {
		mine := s.Presence.Status
		for _, p := range []struct {
			status model.Status
			text   string
		}{{model.Available, "Available"}, {model.Away, "Away"}, {model.Busy, "Busy"}, {model.Invisible, "Invisible"}} {
			menu = append(menu, desktop.TrayItem{ID: trayPresence + string(p.status), Text: a.says(p.text), Radio: true, On: p.status == mine})
		}
		menu = append(menu, desktop.TrayItem{})
	}
	return append(menu, desktop.TrayItem{ID: trayHush, Text: a.says("No alerts for an hour"), Check: true, On: a.hushed()},
		desktop.TrayItem{ID: traySettings, Text: a.says("Settings")}, desktop.TrayItem{}, desktop.TrayItem{ID: trayQuit, Text: a.says("Quit Switchboard")})
}

// unreadOf counts what a person has not read and wants to be told of.
func unreadOf(s *model.Snapshot, now time.Time) int {
	n := 0
	for i := range s.Conversations {
		c := &s.Conversations[i]
		if c.Muted.After(now) {
			n += c.Mentions
		} else {
			n += c.Unread
		}
	}
	return n
}

// trayChosen does what was chosen in the tray; it never blocks.
func (a *App) trayChosen(id, token string) {
	switch id {
	case desktop.TrayClicked, trayOpen:
		a.raise(model.Raise{Token: token})
	case traySettings:
		a.raise(model.Raise{Page: pageSettings, Token: token})
	case trayQuit:
		a.raise(model.Raise{Quit: true, Token: token})
	case trayHush:
		a.Hush(!a.hushed())
	default:
		status, isPresence := trimPresence(id)
		if !isPresence {
			return
		}
		a.spawn(func() {
			ctx, cancel := context.WithTimeout(a.ctx, trayCall)
			defer cancel()
			s := a.Snapshot()
			if err := a.SetPresence(ctx, status, s.Presence.Text); err != nil {
				a.log.Warn("presence from the tray", "error", err)
			}
		})
	}
}

func trimPresence(id string) (model.Status, bool) {
	all := []model.Status{model.Available, model.Away, model.Busy, model.Invisible}
	i := slices.IndexFunc(all, func(s model.Status) bool { return id == trayPresence+string(s) })
	if i < 0 {
		return "", false
	}
	return all[i], true
}

// WindowGone tells the person outside the window where it went. It is shown
// whatever else is silent: they have just asked for it.
func (a *App) WindowGone(title, text string) {
	if a.headless {
		return
	}
	n := &desktop.Notice{Key: aboutWindow, Title: title, Body: text, Open: a.says("Open")}
	a.alerts.show(alertJob{notice: n, hidden: text}, shownNotice{})
}
