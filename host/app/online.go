package app

import (
	"time"

	"switchboard/host/desktop"
	"switchboard/host/desktop/tones"
	"switchboard/shared/model"
)

const (
	// settling is how long after connecting contacts who are there are not told of:
	// they were there before.
	settling = 10 * time.Second
	// onlineAgain is how long somebody who comes and goes is told of only once.
	onlineAgain = 5 * time.Minute
)

// cameOnline tells that a contact has come online, where that is wanted. It never
// blocks.
func (a *App) cameOnline(address string) {
	s := a.Snapshot()
	if s == nil || !a.mayDisturb(s) {
		return
	}
	now := a.alerts.now()
	a.mu.Lock()
	c, mode, since := a.people.contacts[address], a.people.watch[address], a.people.since
	a.mu.Unlock()
	if c.State != model.Friend || mode == "" && a.settings.Get("alerts.online") != "all" {
		return
	}
	// Once is what somebody waits for, also when it was so before we came.
	if mode != watchOnce && (now.Sub(since) < settling || !a.alerts.mayTell(address, now)) {
		return
	}
	row, _ := rowOf(s, c.Conversation)
	if mode == "" && row.Muted.After(now) || a.alerts.looksAt(c.Conversation) && mode == "" {
		return
	}
	body := a.says("Is online now")
	job := alertJob{sound: tones.SignIn, avatar: c.Avatar, hidden: body}
	if a.settings.Bool("alerts.desktop") {
		job.notice = &desktop.Notice{Key: aboutPerson + address, Title: a.nameOf(address), Body: body, Open: a.says("Open"), Category: "presence.online", Low: true}
	}
	if mode == watchOnce {
		job.once = address
	}
	a.alerts.show(job, shownNotice{key: model.SessionKey{Conversation: c.Conversation}})
}

// mayTell notes that somebody is told of now, unless they were a moment ago.
func (a *alerter) mayTell(address string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if last, known := a.cameOnline[address]; known && now.Sub(last) < onlineAgain {
		return false
	}
	if len(a.cameOnline) >= maxTold {
		for who, last := range a.cameOnline {
			if now.Sub(last) >= onlineAgain {
				delete(a.cameOnline, who)
			}
		}
		if len(a.cameOnline) >= maxTold {
			return false
		}
	}
	a.cameOnline[address] = now
	return true
}
