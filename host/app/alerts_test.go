package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/host/desktop"
	"switchboard/host/session"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func TestQuietHours(t *testing.T) {
	for _, c := range []struct {
		now, from, to string
		want          bool
	}{
		{"23:30", "22:00", "07:00", true},
		{"06:59", "22:00", "07:00", true},
		{"07:00", "22:00", "07:00", false},
		{"21:59", "22:00", "07:00", false},
		{"00:00", "22:00", "00:00", false},
		{"13:00", "12:00", "14:00", true},
		{"14:00", "12:00", "14:00", false},
		{"12:00", "12:00", "12:00", false},
		{"12:00", "", "14:00", false},
		{"12:00", "11:00", "99:00", false},
	} {
		now, err := time.Parse("15:04", c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := quiet(now, c.from, c.to); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestKeywords(t *testing.T) {
	for _, c := range []struct {
		list, text string
		want       bool
	}{
		{"fire", "FIRE!", true},
		{"fire", "firefly, wildfire", false},
		{"fire", "wildfire and fire", true},
		{"übung", "die ÜBUNG beginnt", true},
		{" , ,", "anything", false},
		{"a, release party", "the Release Party is on", true},
		{"c++", "we write C++, mostly", true},
		{"", "", false},
		{strings.Repeat("x,", maxKeywords) + "late", "too late", false},
	} {
		if got := hasKeyword(c.list, c.text); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func FuzzKeywords(f *testing.F) {
	f.Add("fire,übung", "the fire")
	f.Add(",,\xff", "\xff")
	f.Add("K", "\u212a")
	f.Fuzz(func(t *testing.T, list, text string) {
		if hasKeyword(list, text) && !slices.ContainsFunc(strings.Split(strings.ToLower(list), ","), func(w string) bool {
			return strings.TrimSpace(w) != "" && strings.Contains(strings.ToLower(text), strings.TrimSpace(w))
		}) {
			t.Fatalf("%q in %q", list, text)
		}
	})
}

// atDesktop is a host whose notifications stay in the queue.
func atDesktop(t *testing.T) *App {
	t.Helper()
	a := quietApp(t)
	a.headless = false
	a.mu.Lock()
	a.people.account = &model.Account{Address: "alice@lab", Name: "Alice"}
	a.mu.Unlock()
	a.rosterChanged(&contractv1.Roster{Full: true, Contacts: []*contractv1.Contact{
		{Address: "bob@lab", Name: "Bob", State: contractv1.Contact_FRIEND, Conversation: "dm.alice.bob"}}})
	a.rebuild()
	return a
}

func jobs(a *App) (all []alertJob) {
	for len(a.alerts.jobs) > 0 {
		all = append(all, <-a.alerts.jobs)
	}
	return all
}

func TestOfferIsAnsweredWhereItIsShown(t *testing.T) {
	a := atDesktop(t)
	a.engineEvent(session.Event{Kind: "alert", State: "offer", Conversation: "dm.alice.bob", Session: "s1", Plugin: "board", From: "bob@lab", Text: "Whiteboard"})
	got := jobs(a)
	if len(got) != 1 || got[0].notice == nil {
		t.Fatalf("%+v", got)
	}
	n := *got[0].notice
	if n.Title != "Bob" || n.Body != "Asks you to join: Whiteboard" || n.Accept == "" || n.Decline == "" || n.Reply != "" || got[0].sound != "offer" {
		t.Errorf("%+v, sound %q", n, got[0].sound)
	}
	a.answered(desktop.Answer{Key: n.Key, Did: desktop.Accepted}) // there is no such session
	got = jobs(a)
	if len(got) != 2 || got[0].withdraw != n.Key || got[1].notice == nil || !strings.Contains(got[1].notice.Body, "did not work") {
		t.Errorf("a failure is told by %+v", got)
	}
	a.engineEvent(session.Event{Kind: "alert", State: "offer", Conversation: "dm.alice.bob", Session: "s2", From: "bob@lab"})
	a.engineEvent(session.Event{Kind: "session", State: string(model.Elsewhere), Conversation: "dm.alice.bob", Session: "s2"})
	if got = jobs(a); len(got) != 2 || got[1].withdraw != got[0].notice.Key {
		t.Errorf("an offer that was answered elsewhere: %+v", got)
	}
}

// A reply that cannot be sent is not lost.
func TestReplyThatFailsIsShown(t *testing.T) {
	a := atDesktop(t)
	a.set(t, "appearance.language", "de")
	a.engineEvent(session.Event{Kind: "alert", State: "message", Conversation: "dm.alice.bob", Session: "im", From: "bob@lab", Text: "hello"})
	key := jobs(a)[0].notice.Key
	a.answered(desktop.Answer{Key: key, Did: desktop.ReplyTyped, Text: "my answer"})
	got := jobs(a)
	if len(got) != 1 || got[0].notice == nil || !strings.HasPrefix(got[0].notice.Body, "Ihre Antwort wurde nicht gesendet: ") || !strings.HasSuffix(got[0].notice.Body, "\nmy answer") {
		t.Fatalf("%+v", got)
	}
	a.answered(desktop.Answer{Key: "messages/nothing", Did: desktop.ReplyTyped, Text: "to nobody"})
	if got := jobs(a); len(got) != 0 {
		t.Errorf("an answer to nothing did %+v", got)
	}
}

func (a *App) set(t *testing.T, key, value string) {
	t.Helper()
	if err := a.SetSetting(t.Context(), key, value); err != nil {
		t.Fatal(err)
	}
}

func TestHeadlessDisturbsNobody(t *testing.T) {
	a := atDesktop(t)
	a.headless = true
	a.engineEvent(session.Event{Kind: "alert", State: "message", Conversation: "dm.alice.bob", From: "bob@lab", Text: "hello"})
	a.presenceChanged(&contractv1.PresenceChange{Address: "bob@lab", Status: contractv1.SetPresence_AVAILABLE})
	if got := jobs(a); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// What is queued for a desktop that takes nothing is bounded.
func TestAlertsAreBounded(t *testing.T) {
	a := atDesktop(t)
	for range 3 * alertQueue {
		a.engineEvent(session.Event{Kind: "alert", State: "message", Conversation: "dm.alice.bob", From: "bob@lab", Text: "hello"})
	}
	if got := len(jobs(a)); got != alertQueue {
		t.Errorf("%d alerts wait", got)
	}
	now := time.Now()
	for i := range 2 * maxTold {
		a.alerts.mayTell(strings.Repeat("x", i), now)
	}
	if got := len(a.alerts.cameOnline); got != maxTold {
		t.Errorf("%d people are remembered", got)
	}
	if !a.alerts.mayTell("y", now.Add(onlineAgain)) {
		t.Error("nobody can be told of any more")
	}
}

func TestWatch(t *testing.T) {
	a := atDesktop(t)
	for _, c := range []struct{ address, mode, want string }{{"bob@lab", "once", "once"}, {"bob", "always", "always"}, {"bob@lab", "never", ""}} {
		if err := a.Watch(t.Context(), c.address, c.mode); err != nil {
			t.Fatal(err)
		}
		if got := a.current().Contacts[0].Watch; got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
		var kept map[string]string
		if _, err := a.load(keyWatch, &kept); err != nil || kept["bob@lab"] != c.want {
			t.Errorf("%+v: kept is %v, %v", c, kept, err)
		}
	}
	for _, bad := range [][2]string{{"bob@lab", "sometimes"}, {"nobody@lab", "once"}} {
		if err := a.Watch(t.Context(), bad[0], bad[1]); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

// TestReadWhileTheDesktopHangs: a notification that could not be taken away is
// taken away later.
func TestReadWhileTheDesktopHangs(t *testing.T) {
	var a alerter
	a.init(time.Now)
	key := model.SessionKey{Conversation: "dm.a.b", Session: "chat"}
	for range alertQueue {
		a.show(alertJob{notice: &desktop.Notice{Key: aboutMessages + key.Conversation}}, shownNotice{key: key})
	}
	a.summary(key, 0)
	if _, known := a.about(aboutMessages + key.Conversation); !known {
		t.Fatal("nobody will take it away any more")
	}
	for range alertQueue {
		<-a.jobs
	}
	a.look(key.Conversation, true)
	if j := <-a.jobs; j.withdraw != aboutMessages+key.Conversation {
		t.Errorf("%+v", j)
	}
}

// TestTooManyToHide: what is not remembered for a locked screen shows nothing of
// what was written.
func TestTooManyToHide(t *testing.T) {
	n := desktop.NewNotifier(nil)
	defer n.Close()
	told := map[string]alertJob{}
	for i := range 2 * alertQueue {
		key := fmt.Sprint(i)
		forgetOne(told, key, n)
		told[key] = alertJob{notice: &desktop.Notice{Key: key, Body: "secret"}, hidden: "hidden"}
	}
	if len(told) != alertQueue {
		t.Errorf("%d are remembered", len(told))
	}
}
