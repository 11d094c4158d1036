package desktop

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"

	"switchboard/host/desktest"
)

// hear starts a notifier whose answers are collected.
func hear(t *testing.T) (*Notifier, chan Answer) {
	t.Helper()
	answers := make(chan Answer, 10)
	n := NewNotifier(func(a Answer) { answers <- a })
	t.Cleanup(n.Close)
	return n, answers
}

func await(t *testing.T, answers chan Answer) Answer {
	t.Helper()
	select {
	case a := <-answers:
		return a
	case <-time.After(desktest.Patience):
		t.Fatal("no answer came")
	}
	return Answer{}
}

// TestDunst shows to a real server, replaces, takes away, and hears what is chosen.
func TestDunst(t *testing.T) {
	home := desktest.Home(t)
	desktest.Bus(t)
	desktest.Screen(t)
	d := desktest.NewDunst(t, home)
	n, answers := hear(t)
	one := Notice{Key: "bob", Title: "Bob <b>", Body: "1 < 2 & \u202edlrow <b>bold</b>", Open: "Open", Read: "Mark read", Reply: "Reply",
		Image: image.NewRGBA(image.Rect(0, 0, 64, 64))}
	n.Show(one)
	desktest.Until(t, "a notification", func() bool { return len(d.Shown()) == 1 && d.Displayed() == 1 })
	if got := d.Shown()[0]; !strings.HasPrefix(got, "Bob <b>\n") || !strings.Contains(got, "&lt;b&gt;bold&lt;/b&gt;") || strings.Contains(got, "\u202e") {
		t.Errorf("dunst showed %q", got)
	}
	one.Body = "2 new messages"
	n.Show(one)
	desktest.Until(t, "its successor", func() bool { return len(d.Shown()) == 2 })
	if got := d.Displayed(); got != 1 {
		t.Errorf("%d notifications are on the screen, not one that was replaced", got)
	}
	d.Choose("Mark read")
	if a := await(t, answers); a.Key != "bob" || a.Did != ReadIt {
		t.Errorf("the answer is %+v", a)
	}
	n.Show(one)
	desktest.Until(t, "it again", func() bool { return d.Displayed() == 1 })
	d.Choose("")
	if a := await(t, answers); a.Did != Opened {
		t.Errorf("the answer is %+v", a)
	}
	n.Show(one)
	desktest.Until(t, "it once more", func() bool { return d.Displayed() == 1 })
	n.Withdraw("bob")
	desktest.Until(t, "nothing on the screen", func() bool { return d.Displayed() == 0 })

	d.End() // another server comes up in its place
	again := desktest.NewDunst(t, home)
	n.Show(one)
	desktest.Until(t, "a notification of the next server", func() bool { return len(again.Shown()) == 1 })
	n.Close()
	desktest.Until(t, "nothing left at the end", func() bool { return again.Displayed() == 0 })
}

func TestReplyIsTyped(t *testing.T) {
	desktest.Home(t)
	end := desktest.Bus(t)
	s := desktest.NewServer(t, "actions", "body", "body-markup", "inline-reply")
	n, answers := hear(t)
	n.Show(Notice{Key: "bob", Title: strings.Repeat("ß", 5000), Body: strings.Repeat("é", 5000), Reply: "Reply", Hint: "Write"})
	desktest.Until(t, "a notification", func() bool { return len(s.Notes()) == 1 })
	note := s.Notes()[0]
	if !slices.Equal(note.Actions, []string{"inline-reply", "Reply"}) || note.Hints["x-kde-reply-placeholder-text"].Value() != "Write" {
		t.Errorf("actions %v, hints %v", note.Actions, note.Hints)
	}
	if a, b := utf8.RuneCountInString(note.Title), utf8.RuneCountInString(note.Body); a != maxTitle+1 || b != maxBody+1 {
		t.Errorf("a title of %d runes and a body of %d", a, b)
	}
	forge(t, note.ID) // not the server: it must not be believed
	s.Tell("ActivationToken", note.ID, "token-1")
	s.Tell("ActionInvoked", note.ID, "default")
	s.Tell("NotificationReplied", note.ID, "On my way")
	if a := await(t, answers); a != (Answer{Key: "bob", Did: Opened, Token: "token-1"}) {
		t.Errorf("the first answer is %+v", a)
	}
	if a := await(t, answers); a != (Answer{Key: "bob", Did: ReplyTyped, Text: "On my way"}) {
		t.Errorf("the second answer is %+v", a)
	}
	s.Tell("NotificationClosed", note.ID, uint32(2))
	s.Tell("NotificationReplied", note.ID, "too late")
	s.Tell("NotificationReplied", uint32(99), "of nobody")

	end() // the bus goes away and comes back
	desktest.Bus(t)
	s = desktest.NewServer(t, "actions")
	desktest.Until(t, "a notification on the next bus", func() bool {
		n.Show(Notice{Key: "bob", Title: "Bob", Body: "<i>", Reply: "Reply"})
		return len(s.Notes()) > 0
	})
	if note := s.Notes()[0]; note.Body != "<i>" || !slices.Equal(note.Actions, []string{"reply", "Reply"}) {
		t.Errorf("a server without markup and replies was given %+v", note)
	}
	if len(answers) > 0 {
		t.Errorf("somebody else was believed: %+v", <-answers)
	}
}

// forge sends signals as if it were the server.
func forge(t *testing.T, id uint32) {
	t.Helper()
	conn, err := plain(dbus.SessionBusPrivateNoAutoStartup)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var names []string
	if err := conn.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		t.Fatal(err)
	}
	for _, to := range names {
		if strings.HasPrefix(to, ":") {
			m := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
				dbus.FieldDestination: dbus.MakeVariant(to), dbus.FieldPath: dbus.MakeVariant(notificationsPath),
				dbus.FieldInterface: dbus.MakeVariant(notifications), dbus.FieldMember: dbus.MakeVariant("NotificationReplied"),
				dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(id, "x"))}, Body: []any{id, "forged"}}
			if call := conn.Send(m, nil); call.Err != nil {
				t.Fatal(call.Err)
			}
		}
	}
	// What was sent has been delivered when the bus answers the next call.
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
}

// A server that hangs costs nobody but the notifier anything.
func TestServerHangs(t *testing.T) {
	desktest.Home(t)
	desktest.Bus(t)
	s := desktest.NewServer(t)
	defer s.Hang()()
	n, _ := hear(t)
	begin := time.Now()
	for range 3 * queue {
		n.Show(Notice{Key: "bob", Title: "Bob"})
	}
	if took := time.Since(begin); took > 200*time.Millisecond {
		t.Errorf("showing took %v", took)
	}
	time.Sleep(100 * time.Millisecond) // so that a call is under way
	begin = time.Now()
	n.Close()
	if took := time.Since(begin); took > callTime {
		t.Errorf("closing took %v", took)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                             "plain",
		"a\u202eb\u2066c\u200fd\u061ce":     "abcde",
		"tab\tbell\a nul\x00":               "tab bell  nul",
		"bad \xff utf8":                     "bad  utf8",
		"z" + strings.Repeat("\u0301", 400): "z" + strings.Repeat("\u0301", maxMarks),
		"two\nlines":                        "two\nlines",
	} {
		if got := clean(in, 50); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a", "\u202e\u202d", "é\u0301\u0301\u0301\u0301", "\xff\xfe", strings.Repeat("x", 5000), "a\r\nb\u2028c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s, 40)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 41 || strings.ContainsAny(got, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\r") {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// TestNothingStaysOnTheScreen: however many notices wait for a desktop that hangs,
// what hides them or takes them away is not lost, and each key waits once.
func TestNothingStaysOnTheScreen(t *testing.T) {
	n := &Notifier{wake: make(chan struct{}, 1)}
	for i := range 1000 {
		n.Show(Notice{Key: fmt.Sprint(i), Body: "secret"})
	}
	if len(n.orders) != queue {
		t.Fatalf("%d notices wait", len(n.orders))
	}
	for i := range 1000 {
		n.Update(Notice{Key: fmt.Sprint(i), Body: "hidden"})
	}
	if got := len(n.orders); got != queue+maxShown {
		t.Errorf("%d orders wait", got)
	}
	n.Withdraw("0")
	n.Update(Notice{Key: "0", Body: "hidden"}) // it does not bring back what goes
	n.Show(Notice{Key: "1", Body: "again"})
	for i := range queue + maxShown {
		o, ok := n.next()
		switch {
		case !ok || o.key != fmt.Sprint(i):
			t.Fatalf("order %d is %+v", i, o)
		case i == 0:
			if o.notice != nil {
				t.Errorf("it was to be taken away: %+v", o)
			}
		case i == 1:
			if o.notice.Body != "again" || o.update {
				t.Errorf("the last word on it is lost: %+v", o)
			}
		case o.notice.Body != "hidden" || o.update != (i >= queue):
			t.Errorf("order %d is %+v, %+v", i, o, o.notice)
		}
	}
	if _, ok := n.next(); ok {
		t.Error("something waits still")
	}
}
