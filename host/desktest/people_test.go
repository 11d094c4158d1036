package desktest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/app"
	"switchboard/shared/model"
)

// clock is a time of day that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// person is a host with its real plugins.
type person struct {
	*app.App
	t    *testing.T
	name string
	o    app.Options
}

// newPerson starts a host in this process; with a desktop it is one that has a window.
func newPerson(t *testing.T, home, name string, desktop bool, c *clock) *person {
	t.Helper()
	p := &person{t: t, name: name, o: app.Options{Profile: filepath.Join(home, name), Executable: filepath.Join(bin, "switchboard"), Headless: !desktop,
		Log: hclog.NewNullLogger(), Now: c.now, Minute: 100 * time.Millisecond}}
	if err := os.CopyFS(filepath.Join(p.o.Profile, "plugins", "tally"), os.DirFS(tally)); err != nil {
		t.Fatal(err)
	}
	p.start()
	t.Cleanup(p.end)
	return p
}

func (p *person) start() {
	p.t.Helper()
	var err error
	if p.App, err = app.New(context.Background(), p.o); err != nil {
		p.t.Fatal(err)
	}
	p.Shown()
}

// end ends the host and the network that it carries.
func (p *person) end() {
	if p.App == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	p.Quit()
	<-p.Done()
	if err := p.Close(ctx); err != nil {
		p.t.Errorf("%s: %v", p.name, err)
	}
	p.App = nil
}

func (p *person) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// set changes a setting.
func (p *person) set(key, value string) {
	p.t.Helper()
	p.must(p.SetSetting(p.t.Context(), key, value))
}

// contact is how somebody looks to this person.
func (p *person) contact(user string) model.Contact {
	for _, c := range p.Snapshot().Contacts {
		if strings.HasPrefix(c.Address, user+"@") {
			return c
		}
	}
	return model.Contact{}
}

// send writes into a conversation.
func (p *person) send(conversation, text string) {
	p.t.Helper()
	args, err := json.Marshal(map[string]string{"text": text})
	p.must(err)
	_, err = p.Command(p.t.Context(), conversation, "", "send", args)
	p.must(err)
}

// has tells whether a text has arrived.
func (p *person) has(conversation, text string) bool {
	data, err := p.Command(p.t.Context(), conversation, "", "history", []byte(`{"limit": 50}`))
	if err != nil {
		return false
	}
	return strings.Contains(string(data), text)
}

// session is where a session stands.
func (p *person) session(key model.SessionKey) model.SessionState {
	for _, s := range p.Snapshot().Sessions {
		if s.Key == key {
			return s.State
		}
	}
	return ""
}

// unread is the number in the list.
func (p *person) unread(conversation string) int {
	for _, c := range p.Snapshot().Conversations {
		if c.ID == conversation {
			return c.Unread
		}
	}
	return 0
}

// friends are Alice, who sits at a desktop, and Bob on another computer.
func friends(t *testing.T, home string, c *clock) (alice, bob *person, conversation string) {
	t.Helper()
	alice, bob = newPerson(t, home, "alice", true, c), newPerson(t, home, "bob", false, c)
	alice.set("presence.away", "false") // until a test wants it
	alice.set("alerts.online", "none")
	alice.must(alice.SetUp(t.Context(), app.SetUp{Mode: "local", User: "alice", Name: "Alice"}))
	link, err := alice.Invite(t.Context())
	alice.must(err)
	bob.must(bob.SetUp(t.Context(), app.SetUp{Mode: "invite", User: "bob", Name: "Bob", Link: link}))
	bob.must(bob.Contact(t.Context(), "add", alice.Snapshot().Account.Address, ""))
	Until(t, "Bob's request", func() bool { return alice.contact("bob").State == model.Request })
	alice.must(alice.Contact(t.Context(), "accept", alice.contact("bob").Address, ""))
	Until(t, "a friend on both sides", func() bool {
		conversation = alice.contact("bob").Conversation
		return alice.contact("bob").State == model.Friend && bob.contact("alice").State == model.Friend && conversation != ""
	})
	return alice, bob, conversation
}
