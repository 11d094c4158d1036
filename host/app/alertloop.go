package app

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"switchboard/host/desktop"
	"switchboard/host/desktop/tones"
	"switchboard/host/picture"
	"switchboard/shared/model"
)

const (
	// answerTime bounds doing what a person asked for in a notification.
	answerTime = 15 * time.Second
	// maxAnswers bounds what is done for notifications at once: more than any person
	// asks for, and all that a server that has gone mad gets.
	maxAnswers = 32
	// faceTime bounds reading a picture from the disk.
	faceTime = time.Second
	// faceSide is how large a picture is in a notification, in pixels.
	faceSide = 64
)

// alertLoop shows and plays what was decided, until the app ends. What a desktop
// that hangs costs, it costs this goroutine.
func (a *App) alertLoop() {
	answering := make(chan struct{}, maxAnswers)
	notifier := desktop.NewNotifier(func(r desktop.Answer) {
		select {
		case answering <- struct{}{}:
			a.spawn(func() { a.answered(r); <-answering })
		default:
		}
	})
	defer notifier.Close()
	player := desktop.NewPlayer()
	defer player.Close()
	locked := make(chan struct{}, 1)
	a.spawn(func() {
		desktop.WatchLock(a.ctx, func() {
			select {
			case locked <- struct{}{}:
			default:
			}
		})
	})
	told := map[string]alertJob{} // with what was written, by key
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-locked:
			if !a.settings.Bool("alerts.locked_content") {
				for _, j := range told {
					notifier.Update(j.locked())
				}
				clear(told)
			}
		case j := <-a.alerts.jobs:
			if j.withdraw != "" {
				notifier.Withdraw(j.withdraw)
				delete(told, j.withdraw)
				continue
			}
			if a.carryOutAlert(j, notifier, player) {
				forgetOne(told, j.notice.Key, notifier)
				told[j.notice.Key] = j
			}
		}
	}
}

// forgetOne makes room for the notification of a key among those that are hidden
// when the screen is locked: one that is not remembered must not show what was
// written.
func forgetOne(told map[string]alertJob, key string, notifier *desktop.Notifier) {
	if _, known := told[key]; known || len(told) < alertQueue {
		return
	}
	for old, j := range told {
		notifier.Update(j.locked())
		delete(told, old)
		return
	}
}

// locked is a notification as a locked screen may show it.
func (j alertJob) locked() desktop.Notice {
	n := *j.notice
	n.Body, n.Reply, n.Read, n.Accept, n.Decline = j.hidden, "", "", "", ""
	return n
}

// carryOutAlert shows and plays; content says that what was written is shown.
func (a *App) carryOutAlert(j alertJob, notifier *desktop.Notifier, player *desktop.Player) (content bool) {
	if j.sound != "" && a.soundWanted(j.sound) {
		player.Play(j.sound)
	}
	if j.notice != nil {
		n := *j.notice
		if !a.settings.Bool("alerts.locked_content") && desktop.Locked(a.ctx) {
			n = j.locked()
		} else {
			a.addFace(&n, j.avatar)
			content = n.Body != j.hidden
		}
		notifier.Show(n)
	}
	if j.once != "" { // told, so that is over
		if err := a.Watch(a.ctx, j.once, watchNever); err != nil {
			a.log.Warn("watching somebody once could not be ended", "address", j.once, "error", err)
		}
	}
	return content
}

// soundWanted reads the settings of a sound.
func (a *App) soundWanted(name string) bool {
	key := map[string]string{tones.Message: "sounds.message", tones.Offer: "sounds.offer", tones.SignIn: "sounds.signin"}[name]
	return a.settings.Bool("sounds.on") && a.settings.Bool(key)
}

// addFace adds a picture that is here already; none is fetched for this.
func (a *App) addFace(n *desktop.Notice, hash string) {
	if hash == "" || !a.blobs.Has(hash) {
		return
	}
	ctx, cancel := context.WithTimeout(a.ctx, faceTime)
	defer cancel()
	data, err := a.blobs.Get(ctx, hash, picture.MaxAvatar)
	if err == nil {
		n.Image, err = picture.Small(data, faceSide)
	}
	if err != nil {
		a.log.Debug("a notification has no picture", "hash", hash, "error", err)
	}
}

// answered does what a person asked for in a notification.
func (a *App) answered(r desktop.Answer) {
	about, ok := a.alerts.about(r.Key)
	if !ok {
		return // it was taken away in the meantime
	}
	ctx, cancel := context.WithTimeout(a.ctx, answerTime)
	defer cancel()
	var err error
	switch r.Did {
	case desktop.Opened, desktop.ReplyWanted:
		a.alerts.withdraw(r.Key)
		a.raise(model.Raise{Conversation: about.key.Conversation, Token: r.Token})
	case desktop.ReplyTyped:
		if text := strings.TrimSpace(r.Text); text != "" {
			a.replied(ctx, r.Key, about, text)
		}
	case desktop.ReadIt:
		a.alerts.withdraw(r.Key)
		_, err = a.Command(ctx, about.key.Conversation, about.plugin, "read", nil)
	case desktop.Accepted:
		a.alerts.withdraw(r.Key)
		if err = a.Session(ctx, "accept", about.key); err == nil {
			a.raise(model.Raise{Conversation: about.key.Conversation, Token: r.Token})
		}
	case desktop.Declined:
		a.alerts.withdraw(r.Key)
		err = a.Session(ctx, "decline", about.key)
	}
	if err != nil {
		a.tellFailure(r.Key, about, a.says("That did not work: %s", err))
	}
}

// replied sends a reply. One that cannot be sent is shown again, so that what was
// written is not lost.
func (a *App) replied(ctx context.Context, key string, about shownNotice, text string) {
	args, err := json.Marshal(map[string]string{"text": text})
	if err == nil {
		_, err = a.Command(ctx, about.key.Conversation, about.plugin, "send", args)
	}
	if err != nil {
		a.tellFailure(key, about, a.says("Your reply was not sent: %s", err)+"\n"+text)
		return
	}
	a.alerts.withdraw(key)
	if _, err := a.Command(ctx, about.key.Conversation, about.plugin, "read", nil); err != nil {
		a.log.Debug("a reply left its conversation unread", "error", err)
	}
}

// tellFailure shows what the person asked for and did not get.
func (a *App) tellFailure(key string, about shownNotice, body string) {
	title := "Switchboard"
	if s := a.Snapshot(); s != nil {
		if row, ok := rowOf(s, about.key.Conversation); ok {
			title = row.Title
		}
	}
	a.alerts.show(alertJob{notice: &desktop.Notice{Key: aboutFailure + key, Title: title, Body: body, Open: a.says("Open")},
		hidden: title}, about)
}
