package app

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"switchboard/host/desktop"
	"switchboard/host/desktop/tones"
	"switchboard/host/session"
	"switchboard/shared/model"
)

const (
	// alertQueue bounds the alerts that wait for the desktop; more are dropped.
	alertQueue = 128
	// maxTold bounds what is remembered of notifications and of who came online.
	maxTold = 4096
)

// alerter keeps what decides whether a person is disturbed, and hands what is to
// be shown to the one goroutine that talks to the desktop.
type alerter struct {
	jobs chan alertJob
	now  func() time.Time

	mu           sync.Mutex
	conversation string
	focused      bool
	unread       map[model.SessionKey]int // as the summaries say it; without zeros
	shown        map[string]shownNotice   // by key of the notification
	cameOnline   map[string]time.Time     // when the person was told last, by address
}

// shownNotice is what a notification is about.
type shownNotice struct {
	key    model.SessionKey
	plugin string
}

// alertJob is one thing for the desktop: a notification, a sound, or both; or one
// that is to be taken away.
type alertJob struct {
	notice   *desktop.Notice
	hidden   string // the body that a locked screen may show
	avatar   string // hash of a picture, empty for none
	sound    string
	withdraw string
	once     string // address of who was watched for once, and has come
}

func (a *alerter) init(now func() time.Time) {
	a.jobs, a.now = make(chan alertJob, alertQueue), now
	a.unread, a.shown, a.cameOnline = map[model.SessionKey]int{}, map[string]shownNotice{}, map[string]time.Time{}
}

// look notes where the person looks; what is looked at needs no notification.
func (a *alerter) look(conversation string, focused bool) {
	a.mu.Lock()
	a.conversation, a.focused = conversation, focused
	a.mu.Unlock()
	if focused {
		a.withdraw(aboutMessages + conversation)
	}
}

func (a *alerter) looksAt(conversation string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.focused && a.conversation == conversation
}

// summary notes how much of a session is unread; what was read, here or on another
// device, needs its notification no more.
func (a *alerter) summary(key model.SessionKey, unread int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if unread > 0 {
		if _, known := a.unread[key]; known || len(a.unread) < maxTold {
			a.unread[key] = unread
		}
		return
	}
	delete(a.unread, key)
	about := aboutMessages + key.Conversation
	if s, shown := a.shown[about]; shown && s.key == key {
		a.takeAway(about)
	}
}

// withdraw takes a notification away, if there is one.
func (a *alerter) withdraw(about string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, shown := a.shown[about]; shown {
		a.takeAway(about)
	}
}

// takeAway queues that; where there is no room the notification stays known, and
// is taken away when the person next looks. Its caller holds mu.
func (a *alerter) takeAway(about string) {
	if a.put(alertJob{withdraw: about}) {
		delete(a.shown, about)
	}
}

// show queues a job whose notification is about a session; never blocks.
func (a *alerter) show(j alertJob, about shownNotice) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if j.notice != nil {
		if _, known := a.shown[j.notice.Key]; !known && len(a.shown) >= maxTold {
			clear(a.shown) // their answers are lost, not those of what is new
		}
		a.shown[j.notice.Key] = about
	}
	a.put(j)
}

// put queues a job unless too many wait.
func (a *alerter) put(j alertJob) bool {
	select {
	case a.jobs <- j:
		return true
	default:
		return false
	}
}

// about gives what a notification is about.
func (a *alerter) about(key string) (shownNotice, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.shown[key]
	return s, ok
}

// count is how many messages of a session are unread, at least one.
func (a *alerter) count(key model.SessionKey) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(a.unread[key], 1)
}

// Beginnings of a notification's key, by what it is about.
const (
	aboutMessages = "messages/" // and a conversation
	aboutOffer    = "offer/"    // and a conversation and a session
	aboutPerson   = "person/"   // and an address
	aboutAsking   = "asking/"   // and an id
	aboutFailure  = "failure/"  // and the key of what was answered
	aboutWindow   = "window"    // where it went
)

// alert shows a notification of a new message or offer and plays its sound, if
// that is wanted. It never blocks.
func (a *App) alert(e session.Event) {
	s := a.Snapshot()
	if s == nil || !a.mayDisturb(s) || a.alerts.looksAt(e.Conversation) {
		return
	}
	row, known := rowOf(s, e.Conversation)
	if !a.wanted(e, row) {
		return
	}
	title := "Switchboard"
	if known {
		title = row.Title
	}
	key := model.SessionKey{Conversation: e.Conversation, Session: e.Session}
	n := &desktop.Notice{Key: aboutMessages + e.Conversation, Title: title, Open: a.says("Open")}
	job := alertJob{notice: n, sound: tones.Message, avatar: a.faceOf(e.From, e.Conversation)}
	plain, told := a.alertWords(e, key, row)
	switch e.State {
	case "offer":
		n.Key, n.Category, job.sound = aboutOffer+e.Conversation+"/"+e.Session, "call.incoming", tones.Offer
		n.Accept, n.Decline = a.says("Accept"), a.says("Decline")
	case "invited", "added", "asks":
		job.sound = tones.Offer
		if e.State != "asks" { // there may be no row yet
			n.Title = e.Text
		}
	default:
		n.Category, n.Read = "im.received", a.says("Mark read")
		if row.ReadOnly == "" {
			n.Reply, n.Hint = a.says("Reply"), a.says("Write a reply")
		}
	}
	if n.Body, job.hidden = plain, plain; a.settings.Bool("alerts.preview") {
		n.Body = told
	}
	if !a.settings.Bool("alerts.desktop") {
		job.notice = nil
	}
	a.alerts.show(job, shownNotice{key, e.Plugin})
}

// mayDisturb tells whether anything may be shown or heard now: with a window, not
// while busy, not in quiet hours.
func (a *App) mayDisturb(s *model.Snapshot) bool {
	return !a.headless && s.Presence.Status != model.Busy && !a.quietNow() && !a.hushed()
}

// quietNow tells whether quiet hours are on.
func (a *App) quietNow() bool {
	return a.settings.Bool("alerts.quiet") && quiet(a.alerts.now(), a.settings.Get("alerts.quiet_from"), a.settings.Get("alerts.quiet_to"))
}

// wanted tells whether this kind of event is to disturb in its conversation.
func (a *App) wanted(e session.Event, row model.Conversation) bool {
	mention := e.State == "mention" && a.settings.Bool("alerts.mentions")
	if e.State == "message" || e.State == "mention" {
		mention = mention || a.keyword(e.Text)
		if !mention && !a.settings.Bool("alerts.message") {
			return false
		}
	}
	return mention || !row.Muted.After(a.alerts.now())
}

// keyword tells whether a text has one of the words that always alert.
func (a *App) keyword(text string) bool {
	return hasKeyword(a.settings.Get("alerts.keywords"), text)
}

// alertWords are the body without what was written, and with it.
func (a *App) alertWords(e session.Event, key model.SessionKey, row model.Conversation) (plain, told string) {
	switch e.State {
	case "offer":
		plain = a.says("Asks you to join")
		if e.Text != "" {
			return plain, a.says("Asks you to join: %s", e.Text)
		}
		return plain, plain
	case "invited":
		plain = a.says("You are invited to this group")
		return plain, plain
	case "added":
		plain = a.says("You were added to this group")
		return plain, plain
	case "asks":
		plain = a.says("%s asks to be let into this group", a.nameOf(e.From))
		return plain, plain
	}
	n := a.alerts.count(key)
	switch {
	case n > 1:
		plain = a.says("%d new messages", n)
	case e.State == "mention":
		plain = a.says("Mentions you")
	default:
		plain = a.says("New message")
	}
	// A summary may be of my own line while the alert is for another's.
	me, _, _ := a.self()
	if e.Text == "" || e.From == me {
		return plain, plain
	}
	told = e.Text
	if row.Kind == model.Group {
		told = fmt.Sprintf("%s: %s", a.nameOf(e.From), told)
	}
	if n > 1 {
		told = plain + "\n" + told
	}
	return plain, told
}

// tellAsking tells of something that is no conversation's, such as a device that
// asks to be linked.
func (a *App) tellAsking(id, title, body string) {
	s := a.Snapshot()
	if s == nil || !a.mayDisturb(s) || !a.settings.Bool("alerts.desktop") {
		return
	}
	a.alerts.show(alertJob{notice: &desktop.Notice{Key: aboutAsking + id, Title: title, Body: body, Open: a.says("Open")}, hidden: body,
		sound: tones.Offer}, shownNotice{})
}

func rowOf(s *model.Snapshot, conversation string) (model.Conversation, bool) {
	for i := range s.Conversations {
		if s.Conversations[i].ID == conversation {
			return s.Conversations[i], true
		}
	}
	return model.Conversation{}, false
}

// faceOf is the picture of who wrote, or of the group.
func (a *App) faceOf(address, conversation string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if hash := a.people.contacts[address].Avatar; hash != "" {
		return hash
	}
	id, _ := strings.CutPrefix(conversation, "room.")
	return blobHash(a.people.groups[id].GetPicture())
}
