package page

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/shared/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestUserFrom(t *testing.T) {
	for name, want := range map[string]string{
		"Alice":                   "alice",
		"Alice Müller":            "alice-mueller",
		"  José  da Silva ":       "jose-da-silva",
		"Борис Иванов":            "boris-ivanov",
		"Ελένη":                   "eleni",
		"O'Neil-Smith":            "oneil-smith",
		"名前":                      "",
		"R2 D2":                   "r2-d2",
		"Łukasz Żółć":             "lukasz-zolc",
		strings.Repeat("ab ", 30): "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab",
	} {
		got := userFrom(name)
		if got != want {
			t.Errorf("userFrom(%q) = %q, want %q", name, got, want)
		}
		if got != "" && checkUser(got) != "" {
			t.Errorf("userFrom(%q) = %q, which is no address: %s", name, got, checkUser(got))
		}
	}
}

func TestCheckUser(t *testing.T) {
	for user, fine := range map[string]bool{
		"alice": true, "a": true, "9to5": true, "a_b-c": true, "": false, "-a": false, "_a": false,
		"Alice": false, "al ice": false, "müller": false, "*": false, strings.Repeat("a", 32): true, strings.Repeat("a", 33): false,
	} {
		if got := checkUser(user) == ""; got != fine {
			t.Errorf("checkUser(%q) is fine: %v, want %v (%s)", user, got, fine, checkUser(user))
		}
	}
}

func FuzzUserFrom(f *testing.F) {
	for _, s := range []string{"Alice", "İstanbul", "ß ẞ", "\xff\xfe", "𝔄𝔩𝔦", "Ж-ъ-ь"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if got := userFrom(name); got != "" && checkUser(got) != "" {
			t.Errorf("userFrom(%q) = %q: %s", name, got, checkUser(got))
		}
	})
}

func FuzzInvitation(f *testing.F) {
	for _, s := range []string{"switchboard://h:1/lab#k=K&i=I", "switchboard:///#k=", "http://x#k=", "#k=", "switchboard://a b#k=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, link string) {
		if isInvitation(link) && !strings.HasPrefix(strings.TrimSpace(link), "switchboard://") {
			t.Errorf("%q passed as an invitation", link)
		}
		networkOf(link)
	})
}

func TestRowTime(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 4, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{
		{}:                           "",
		now.Add(-time.Minute):        "10:03",
		now.Add(-11 * time.Hour):     "Mon",
		now.AddDate(0, 0, -6):        "Wed",
		now.AddDate(0, 0, -8):        "16 Nov",
		now.AddDate(-1, 0, 0):        "24 Nov 2025",
		now.Add(2 * time.Hour).UTC(): "12:04",
	} {
		if got := rowTime(at, now); got != want {
			t.Errorf("rowTime(%v) = %q, want %q", at, got, want)
		}
	}
}

func people() *model.Snapshot {
	return &model.Snapshot{
		Account: &model.Account{Address: "alice@lab", Name: "Alice", Network: "lab"},
		Contacts: []model.Contact{
			{Address: "bob@lab", Name: "Bob", State: model.Friend, Conversation: "dm.alice.bob"},
			{Address: "zoe@lab", Name: "Zoë Núñez", State: model.Friend, Conversation: "dm.alice.zoe"},
			{Address: "mallory@lab", State: model.Blocked, Conversation: "dm.alice.mallory"},
		},
		Conversations: []model.Conversation{
			{ID: "dm.alice.bob", Kind: model.Direct, Peer: "bob@lab", Title: "Bob", Unread: 1},
			{ID: "old", Kind: model.Group, Title: "Old group", Archived: true},
		},
	}
}

func TestJumpFindsPeopleConversationsPages(t *testing.T) {
	s := people()
	for query, want := range map[string]string{
		"bo":           "dm.alice.bob",
		"nunez":        "dm.alice.zoe",
		"zoe nu":       "dm.alice.zoe",
		"plug":         PagePlugins,
		"old":          "old",
		"carol":        "carol",
		"carol@lab":    "carol@lab",
		"keyb":         PageKeys,
		"NÚÑEZ":        "dm.alice.zoe",
		"alice.bob no": "",
	} {
		hits := jump(s, query, Pages())
		got := ""
		if len(hits) > 0 {
			got = hits[0].id
		}
		if got != want {
			t.Errorf("jump(%q) = %q, want %q", query, got, want)
		}
	}
	if n := len(jump(s, "", Pages())); n != 4 {
		t.Errorf("an empty search lists %d, want every conversation and person", n)
	}
}

func TestRowsFollowTheFilter(t *testing.T) {
	s := people()
	for f, want := range map[Filter]int{FilterAll: 1, FilterUnread: 1, FilterArchived: 1} {
		if got := len(rows(s, f, "")); got != want {
			t.Errorf("filter %d shows %d rows, want %d", f, got, want)
		}
	}
	s.Conversations[0].Unread = 0
	if len(rows(s, FilterUnread, "dm.alice.bob")) != 1 {
		t.Error("reading makes the open row vanish from the unread ones")
	}
	if len(rows(s, FilterUnread, "")) != 0 {
		t.Error("a read row is among the unread ones")
	}
}

func TestLookalikesAreNoticed(t *testing.T) {
	s := people()
	for address, want := range map[string]string{
		"bob2@lab": "Bob", "b0b@lab": "Bob", "bob@other": "Bob", "carol@lab": "", "bobby@lab": "", "zoe_@lab": "Zoë Núñez",
	} {
		if got := lookalike(s, model.Contact{Address: address, State: model.Request}); got != want {
			t.Errorf("%s looks like %q, want %q", address, got, want)
		}
	}
	if got := lookalike(s, model.Contact{Address: "x@lab", Name: "Воb", State: model.Request}); got != "Bob" {
		t.Error("a Bob in Cyrillic letters passes")
	}
}

func TestCapabilitiesSayWhyNot(t *testing.T) {
	s := people()
	s.Plugins = []model.Plugin{
		{ID: "board", Name: "Whiteboard", Enabled: true, Actions: []model.ActionEntry{{ID: "start", Title: "Whiteboard"}}},
		{ID: "off", Name: "Off", Actions: []model.ActionEntry{{ID: "start", Title: "Off"}}},
	}
	c := &s.Conversations[0]
	caps := capabilities(s, c)
	if len(caps) != 1 || caps[0].reason != "" {
		t.Fatalf("with nothing known of Bob: %+v", caps)
	}
	s.Contacts[0].Presence.Capabilities = []string{"im/1"}
	if caps = capabilities(s, c); caps[0].reason == "" {
		t.Error("Bob lacks the whiteboard and nobody says so")
	}
	s.PolicyFault = "The policy cannot be read."
	if caps = capabilities(s, c); caps[0].reason != s.PolicyFault {
		t.Errorf("a broken policy gives %q", caps[0].reason)
	}
}

func TestSentenceIsFitForPeople(t *testing.T) {
	for err, want := range map[error]string{
		nil:                             "",
		errors.New("the name is taken"): "The name is taken.",
		errors.New("Wait a moment!"):    "Wait a moment!",
		errors.New(" "):                 "This did not work, and no reason was given.",
		context.DeadlineExceeded:        "This took too long. Check the connection and try again.",
		errors.New("ärger"):             "Ärger.",
	} {
		if got := Sentence(err); got != want {
			t.Errorf("Sentence(%v) = %q, want %q", err, got, want)
		}
	}
	if got := Sentence(errors.New(strings.Repeat("ü", 1000))); len(got) > maxSentence+8 {
		t.Errorf("a long error takes %d bytes", len(got))
	}
}

func TestJobsComeBackToTheFrame(t *testing.T) {
	woken := make(chan struct{}, 8)
	j := NewJobs(context.Background(), func() { woken <- struct{}{} })
	done := false
	j.Go(func(context.Context) func() { return func() { done = true } })
	<-woken
	if done {
		t.Error("the result was applied outside of a frame")
	}
	if j.Drain(); !done {
		t.Error("the result was not applied")
	}
	j.Go(func(ctx context.Context) func() { <-ctx.Done(); return func() { t.Error("a result after the end") } })
	j.Close()
	j.Drain()
}

func TestSaidTellsEveryStateOfAnOffer(t *testing.T) {
	s := people()
	seen := map[string]model.SessionState{}
	for _, mine := range []bool{true, false} {
		for _, state := range []model.SessionState{model.Offered, model.Elsewhere, model.Declined, model.Cancelled, model.TimedOut, model.Ended, model.Left, model.Impossible} {
			x := model.Session{Key: model.SessionKey{Conversation: "dm.alice.bob", Session: "1"}, Title: "Whiteboard", By: "bob@lab", Mine: mine, State: state}
			text, _ := said(s, &x)
			if text == "" || strings.Contains(text, "%!") {
				t.Errorf("state %s, mine %v: %q", state, mine, text)
			}
			if other, ok := seen[text]; ok && other != state {
				t.Errorf("%s and %s are both told as %q", other, state, text)
			}
			seen[text] = state
		}
	}
}

func TestLoopback(t *testing.T) {
	for link, want := range map[string]bool{
		"switchboard://127.0.0.1:4430/local#k=a&i=b": true, "switchboard://[::1]:4430/local#k=a": true, "switchboard://localhost:1/local#k=a": true,
		"switchboard://127.0.0.1:4430,10.0.0.7:4430/local#k=a": false, "switchboard://chat.example.org:4430/lab#k=a": false, "": false, "nonsense": false,
	} {
		if loopback(link) != want {
			t.Errorf("%q: %v", link, !want)
		}
	}
}
