package app

import (
	"strconv"

	"switchboard/host/desktop"
	"switchboard/host/settings"
)

// Settings of how the program begins and goes on.
const (
	keyRun        = "startup.run"
	keyBackground = "startup.background"
)

// backStartup makes the setting of starting at sign-in what the desktop's file
// says. What the administrator has fixed is made so where there is a window: it
// is meant for people, not for servers.
func (a *App) backStartup() {
	profile := a.profile.Dir
	if usual, err := NewProfile(""); err == nil && usual == a.profile {
		profile = ""
	}
	file, err := desktop.NewAutostart(a.exe, profile)
	if err != nil {
		a.log.Warn("start at sign-in", "error", err)
		a.settings.Back(keyRun, settings.Backing{Get: func() string { return "false" }, Set: func(string) error { return err }})
		return
	}
	a.settings.Back(keyRun, settings.Backing{
		Get: func() string { return strconv.FormatBool(file.On()) },
		Set: func(v string) error { return file.Set(v == "true") },
	})
	if want, _, fixed := a.locked(keyRun); fixed && !a.headless && file.On() != (want == "true") {
		if err := file.Set(want == "true"); err != nil {
			a.log.Warn("start at sign-in", "error", err)
		}
	}
}

// Background tells whether the program goes on when its window is closed.
func (a *App) Background() bool { return a.settings.Bool(keyBackground) }
