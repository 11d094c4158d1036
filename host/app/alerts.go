package app

import (
	"cmp"
	"sync"
	"time"

	"switchboard/host/desktop"
	"switchboard/host/session"
	"switchboard/shared/model"
)

// alerter decides whether a person is disturbed: not while they look at the
// conversation, are busy, have muted it, or have switched alerts off.
type alerter struct {
	mu           sync.Mutex
	notifier     *desktop.Notifier
	closed       bool
	conversation string
	focused      bool
}

func (a *alerter) look(conversation string, focused bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conversation, a.focused = conversation, focused
}

func (a *alerter) looksAt(conversation string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.focused && a.conversation == conversation
}

func (a *alerter) show(title, body string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	if a.notifier == nil {
		a.notifier = desktop.NewNotifier()
	}
	a.notifier.Show(title, body)
}

func (a *alerter) close() {
	a.mu.Lock()
	n := a.notifier
	a.closed = true
	a.mu.Unlock()
	if n != nil {
		n.Close()
	}
}

// alert shows a notification of a new message or offer, if that is wanted.
func (a *App) alert(e session.Event) {
	if a.headless || !a.settings.Bool("alerts.desktop") || a.alerts.looksAt(e.Conversation) {
		return
	}
	s := a.Snapshot()
	if s == nil || s.Presence.Status == model.Busy {
		return
	}
	title := "Switchboard"
	for _, c := range s.Conversations {
		if c.ID == e.Conversation {
			if c.Muted.After(time.Now()) && !(e.State == "mention" && a.settings.Bool("alerts.mentions")) {
				return
			}
			title = c.Title
		}
	}
	if e.State == "invited" || e.State == "added" { // there may be no row yet
		title, e.Text = e.Text, ""
	}
	if e.State == "asks" {
		a.alerts.show(title, cmp.Or(e.Text, e.From)+" asks to be let into this group")
		return
	}
	body := map[string]string{"message": "New message", "mention": "Mentions you", "offer": "Asks you to join", "invited": "You are invited to this group", "added": "You were added to this group"}[e.State]
	// A summary may be of my own line while the alert is for another's.
	if me, _, _ := a.self(); a.settings.Bool("alerts.preview") && e.Text != "" && e.From != me {
		body = e.Text
	}
	a.alerts.show(title, body)
}
