package desktest

import (
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/model"
)

// TestReplyFromTheNotification: what is typed into a notification arrives at the
// other person's host.
func TestReplyFromTheNotification(t *testing.T) {
	home := Home(t)
	Bus(t)
	s := NewServer(t, "actions", "body", "body-markup", "inline-reply")
	alice, bob, talk := friends(t, home, &clock{})

	bob.send(talk, "Lunch & <more>?")
	Until(t, "the notification", func() bool { return len(s.Notes()) == 1 })
	first := s.Notes()[0]
	if first.Title != "Bob" || first.Body != "Lunch &amp; &lt;more&gt;?" || !slices.Contains(first.Actions, "inline-reply") {
		t.Errorf("shown was %+v", first)
	}
	bob.send(talk, "Or later?")
	Until(t, "the next one", func() bool { return len(s.Notes()) == 2 })
	if next := s.Notes()[1]; next.Replaces != first.ID || next.Body != "2 new messages\nOr later?" {
		t.Errorf("shown was %+v", next)
	}
	s.Tell("NotificationReplied", first.ID, "At noon")
	Until(t, "the reply at Bob's", func() bool { return bob.has(talk, "At noon") })
	Until(t, "nothing unread and nothing shown", func() bool {
		return alice.unread(talk) == 0 && slices.Contains(s.Closed(), first.ID)
	})

	alice.set("alerts.preview", "false")
	bob.send(talk, "A secret")
	Until(t, "a notification without content", func() bool { return len(s.Notes()) == 3 })
	third := s.Notes()[2]
	if third.Body != "New message" {
		t.Errorf("shown was %q", third.Body)
	}
	s.Tell("ActivationToken", third.ID, "token-7")
	s.Tell("ActionInvoked", third.ID, "default")
	select {
	case r := <-alice.Raises():
		if r != (model.Raise{Conversation: talk, Token: "token-7"}) {
			t.Errorf("the window was asked for with %+v", r)
		}
	case <-time.After(Patience):
		t.Fatal("nobody asked for the window")
	}
	notShown(t, alice, bob, talk, s)
}

// notShown are the reasons for which nothing is shown.
func notShown(t *testing.T, alice, bob *person, talk string, s *Server) {
	t.Helper()
	now := time.Now()
	muted := func() bool { // as who decides about alerts sees it, a moment after it was asked for
		return slices.ContainsFunc(alice.Snapshot().Conversations, func(c model.Conversation) bool { return c.ID == talk && c.Muted.After(now) })
	}
	for name, c := range map[string]struct{ on, off func() }{
		"focus": {func() { alice.Focus(talk, true) }, func() { alice.Focus(talk, false) }},
		"muted": {func() { alice.must(alice.Row(t.Context(), "mute", talk)) }, func() { alice.must(alice.Row(t.Context(), "unmute", talk)) }},
		"busy": {func() { alice.must(alice.SetPresence(t.Context(), model.Busy, "")) },
			func() { alice.must(alice.SetPresence(t.Context(), model.Available, "")) }},
		"quiet": {func() {
			alice.set("alerts.quiet_from", now.Add(-time.Hour).Format("15:04"))
			alice.set("alerts.quiet_to", now.Add(time.Hour).Format("15:04"))
			alice.set("alerts.quiet", "true")
		}, func() { alice.set("alerts.quiet", "false") }},
		"off": {func() { alice.set("alerts.message", "false") }, func() { alice.set("alerts.message", "true") }},
	} {
		before := len(s.Notes())
		c.on()
		Until(t, "the state "+name, func() bool {
			return (name != "busy" || alice.Snapshot().Presence.Status == model.Busy) && (name != "muted" || muted())
		})
		bob.send(talk, "unseen "+name)
		Until(t, "its arrival", func() bool { return alice.has(talk, "unseen "+name) })
		c.off()
		Until(t, "the end of "+name, func() bool { return alice.Snapshot().Presence.Status == model.Available && !muted() })
		bob.send(talk, "seen after "+name)
		Until(t, "a notification after "+name, func() bool { return len(s.Notes()) > before })
		time.Sleep(50 * time.Millisecond)
		if got := len(s.Notes()) - before; got != 1 {
			t.Errorf("%s: %d notifications, not one", name, got)
		}
	}
	before := len(s.Notes())
	alice.must(alice.Row(t.Context(), "mute", talk))
	alice.set("alerts.keywords", "fire, release party")
	bob.send(talk, "the FIRE alarm")
	Until(t, "a notification for a keyword", func() bool { return len(s.Notes()) > before })
}

// TestOffersAreAnswered on the notification, and nowhere twice.
func TestOffersAreAnswered(t *testing.T) {
	home := Home(t)
	Bus(t)
	s := NewServer(t, "actions", "inline-reply")
	alice, bob, talk := friends(t, home, &clock{})
	Until(t, "Bob to know what Alice can", func() bool {
		return slices.Contains(bob.contact("alice").Presence.Capabilities, "tally/1") && alice.contact("bob").Presence.Status == model.Available
	})
	offer := func(n int) (model.SessionKey, Note) {
		key, err := bob.Offer(t.Context(), talk, "tally", "start")
		bob.must(err)
		Until(t, "the offer's notification", func() bool { return len(s.Notes()) == n })
		return key, s.Notes()[n-1]
	}
	key, note := offer(1)
	if note.Title != "Bob" || note.Body != "Asks you to join: Tally" || !slices.Equal(note.Actions, []string{"default", "Open", "accept", "Accept", "decline", "Decline"}) {
		t.Errorf("shown was %+v", note)
	}
	s.Tell("ActionInvoked", note.ID, "accept")
	Until(t, "the session at Alice's", func() bool { return alice.session(key) == model.Active })
	if r := <-alice.Raises(); r.Conversation != talk {
		t.Errorf("the window was asked for with %+v", r)
	}
	key, note = offer(2)
	s.Tell("ActionInvoked", note.ID, "decline")
	Until(t, "the refusal at Bob's", func() bool { st := bob.session(key); return st == model.Declined || st == model.Ended })
	key, note = offer(3)
	bob.must(bob.Session(t.Context(), "cancel", key))
	Until(t, "an offer that was taken back to be taken away", func() bool { return slices.Contains(s.Closed(), note.ID) })
}

// lock is a screen saver that tells whether it runs.
type lock struct{ on atomic.Bool }

func (l *lock) GetActive() (bool, *dbus.Error) { return l.on.Load(), nil }

// TestLockedScreen shows who wrote, and not what.
func TestLockedScreen(t *testing.T) {
	home := Home(t)
	Bus(t)
	s := NewServer(t, "actions", "inline-reply")
	l := &lock{}
	if err := s.conn.Export(l, "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.conn.RequestName("org.freedesktop.ScreenSaver", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	alice, bob, talk := friends(t, home, &clock{})
	shown := func(n int, locked bool, text string) Note {
		l.on.Store(locked)
		bob.send(talk, text)
		Until(t, "the notification", func() bool { return len(s.Notes()) == n })
		return s.Notes()[n-1]
	}
	if n := shown(1, true, "a secret"); n.Title != "Bob" || n.Body != "New message" || slices.Contains(n.Actions, "inline-reply") {
		t.Errorf("locked: %+v", n)
	}
	if n := shown(2, false, "no secret"); n.Body != "2 new messages\nno secret" {
		t.Errorf("unlocked: %+v", n)
	}
	if err := s.conn.Emit("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", true); err != nil {
		t.Fatal(err)
	}
	Until(t, "what is shown to be hidden", func() bool { return len(s.Notes()) == 3 })
	if n := s.Notes()[2]; n.Replaces != s.Notes()[1].ID || n.Body != "2 new messages" {
		t.Errorf("locked since: %+v", n)
	}
	alice.set("alerts.locked_content", "true")
	if n := shown(4, true, "for all to see"); n.Body != "3 new messages\nfor all to see" {
		t.Errorf("locked, and content wanted: %+v", n)
	}
}

// TestDunst is Debian's notification server with the real program behind it.
func TestDunst(t *testing.T) {
	home := Home(t)
	Bus(t)
	Screen(t)
	d := NewDunst(t, home)
	alice, bob, talk := friends(t, home, &clock{})
	bob.send(talk, "hello")
	Until(t, "the notification", func() bool { return d.Displayed() == 1 })
	if got := d.Shown(); len(got) != 1 || got[0] != "Bob\nhello" {
		t.Errorf("dunst showed %q", got)
	}
	d.Choose("Mark read")
	Until(t, "nothing unread", func() bool { return alice.unread(talk) == 0 })
	Until(t, "an empty screen", func() bool { return d.Displayed() == 0 })

	bob.send(talk, "again")
	Until(t, "the next notification", func() bool { return d.Displayed() == 1 })
	if _, err := alice.Command(t.Context(), talk, "", "read", nil); err != nil { // as another device would
		t.Fatal(err)
	}
	Until(t, "it to go once that is read", func() bool { return d.Displayed() == 0 })
}

// TestComingOnline: contacts who come, and whom somebody waits for.
func TestComingOnline(t *testing.T) {
	home := Home(t)
	Bus(t)
	s := NewServer(t, "actions")
	c := &clock{}
	alice, bob, _ := friends(t, home, c)
	comes := func() { // and goes again
		bob.start()
		Until(t, "Bob online", func() bool { return alice.contact("bob").Presence.Status == model.Available })
		bob.end()
		Until(t, "Bob offline", func() bool { return alice.contact("bob").Presence.Status == model.Offline })
	}
	count := func(want int, what string) {
		t.Helper()
		Until(t, what, func() bool { return len(s.Notes()) >= want })
		time.Sleep(100 * time.Millisecond)
		if got := len(s.Notes()); got != want {
			t.Fatalf("%s: %d notifications, not %d: %+v", what, got, want, s.Notes())
		}
	}
	bob.end()
	Until(t, "Bob offline", func() bool { return alice.contact("bob").Presence.Status == model.Offline })
	c.forward(time.Minute)
	comes()
	count(0, "none wanted")
	alice.set("alerts.online", "all")
	comes()
	count(1, "all wanted")
	if n := s.Notes()[0]; n.Title != "Bob" || n.Body != "Is online now" {
		t.Errorf("shown was %+v", n)
	}
	comes()
	count(1, "a moment later")
	c.forward(6 * time.Minute)
	alice.set("alerts.online", "chosen")
	comes()
	count(1, "not chosen")
	address := alice.contact("bob").Address
	alice.must(alice.Watch(t.Context(), address, "always"))
	comes()
	count(2, "chosen")
	alice.must(alice.Watch(t.Context(), address, "once"))
	comes()
	count(3, "once")
	Until(t, "once to be over", func() bool { return alice.contact("bob").Watch == "" })
	c.forward(6 * time.Minute)
	comes()
	count(3, "once is over")
}

// TestAway: nobody at the keyboard makes away, a key ends it, and what was set by
// hand stays.
func TestAway(t *testing.T) {
	home := Home(t)
	Need(t, "xdotool")
	Screen(t)
	alice, bob, _ := friends(t, home, &clock{})
	seen := func(want model.Status) {
		t.Helper()
		Until(t, "Bob to see Alice "+string(want), func() bool { return bob.contact("alice").Presence.Status == want })
	}
	seen(model.Available)
	alice.set("presence.away_minutes", "20") // of a tenth of a second
	alice.set("presence.away", "true")
	seen(model.Away)
	if got := alice.Snapshot().Presence.Status; got != model.Away {
		t.Errorf("Alice herself sees %s", got)
	}
	if out, err := exec.Command("xdotool", "key", "shift").CombinedOutput(); err != nil { // by XTEST
		t.Fatalf("xdotool: %v: %s", err, out)
	}
	seen(model.Available)
	alice.must(alice.SetPresence(t.Context(), model.Busy, "writing"))
	seen(model.Busy)
	time.Sleep(2500 * time.Millisecond) // longer than it takes to be away
	if c := bob.contact("alice").Presence; c.Status != model.Busy || c.Text != "writing" {
		t.Errorf("busy became %+v", c)
	}
}

// TestSoundOfAMessage is heard, and not in quiet hours.
func TestSoundOfAMessage(t *testing.T) {
	home := Home(t)
	sound := NewSound(t, home)
	alice, bob, talk := friends(t, home, &clock{})
	loudest := func(samples []int16) (top int16) {
		for _, s := range samples {
			top = max(top, s, -max(s, -32767))
		}
		return top
	}
	hear := func(text string) int16 {
		stop := sound.Record()
		bob.send(talk, text)
		Until(t, "its arrival", func() bool { return alice.has(talk, text) })
		time.Sleep(2 * time.Second) // the sound's length, and the way to who records
		return loudest(stop())
	}
	if top := hear("ping"); top < 1000 {
		t.Errorf("a message is no louder than %d", top)
	}
	time.Sleep(time.Second) // no two sounds within 1.5 s
	alice.set("sounds.message", "false")
	if top := hear("pong"); top > 10 {
		t.Errorf("switched off, a message is as loud as %d", top)
	}
}
