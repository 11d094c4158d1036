package app

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOneHolder(t *testing.T) {
	p, err := NewProfile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := p.lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.lock(); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Fatalf("second holder: %v", err)
	}
	unlock()
	unlock, err = p.lock()
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestLongPathsHaveShortSockets(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("very-long-name/", 6))
	p, err := NewProfile(deep)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.create(); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(p.Run())
	if len(p.Socket()) > 100 {
		t.Fatal(p.Socket())
	}
	other, _ := NewProfile(deep + "x")
	if other.Run() == p.Run() {
		t.Fatal("two profiles share a folder for sockets")
	}
}

func TestSecrets(t *testing.T) {
	s := &secrets{dir: t.TempDir()}
	if _, found, err := s.get("nats", "seed"); found || err != nil {
		t.Fatal(found, err)
	}
	for _, value := range []string{"one", "two", ""} {
		if err := s.set("nats", "seed", []byte(value)); err != nil {
			t.Fatal(err)
		}
		got, found, err := s.get("nats", "seed")
		if err != nil || !found || string(got) != value {
			t.Fatal(string(got), found, err)
		}
	}
	if _, found, _ := s.get("im", "seed"); found {
		t.Fatal("another plugin read it")
	}
	for _, name := range []string{"", "..", "../x", "a/b", "A", strings.Repeat("a", 65)} {
		if err := s.set("nats", name, nil); err == nil {
			t.Errorf("%q was taken as a name", name)
		}
	}
	if err := s.set("nats", "big", make([]byte, contractv1.MaxSecret+1)); err == nil {
		t.Error("a secret beyond the bound was taken")
	}
	if info, _ := os.Stat(filepath.Join(s.dir, "nats", "seed")); info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
}

func TestRowsAreNamedAndOrdered(t *testing.T) {
	var p people
	p.init()
	p.account = &model.Account{Address: "bob@lab", Name: "Bob"}
	p.contacts["alice@lab"] = model.Contact{Address: "alice@lab", Name: "Alice", State: model.Friend, Conversation: "dm.alice.bob"}
	p.contacts["zed@lab"] = model.Contact{Address: "zed@lab", State: model.Friend, Conversation: "dm.bob.zed"}
	p.contacts["who@lab"] = model.Contact{Address: "who@lab", State: model.Request, Conversation: "dm.bob.who"}
	p.presences["zed@lab"] = model.Presence{Status: model.Available}
	now := time.Now()
	s := &model.Snapshot{}
	p.fill(s, []model.Conversation{{ID: "dm.alice.bob", Time: now}, {ID: "dm.bob.bob", Time: now.Add(-time.Hour), Pinned: true}, {ID: "dm.bob.gone", Time: now.Add(-time.Minute)}})
	titles := func(by string) string {
		order(s.Conversations, by, s.Contacts, newLetters("en"))
		var names []string
		for _, c := range s.Conversations {
			names = append(names, c.Title)
		}
		return strings.Join(names, ", ")
	}
	if got := titles("latest"); got != "Notes to myself, Alice, gone, zed" {
		t.Error(got)
	}
	if got := titles("presence"); got != "Notes to myself, zed, Alice, gone" {
		t.Error(got)
	}
	if got := titles("name"); got != "Notes to myself, Alice, gone, zed" {
		t.Error(got)
	}
	for _, rows := range [][]model.Conversation{nil, {{ID: "dm.alice.bob"}}, {{ID: "dm.bob.bob", Title: "Bob"}}} {
		with := &model.Snapshot{}
		p.fill(with, rows)
		var notes []model.Conversation
		for _, c := range with.Conversations {
			if c.Kind == model.Self {
				notes = append(notes, c)
			}
		}
		if len(notes) != 1 || notes[0].ID != "dm.bob.bob" || notes[0].Title != "Notes to myself" {
			t.Errorf("%+v", notes)
		}
	}
	alone := people{account: p.account}
	empty := &model.Snapshot{}
	if alone.fill(empty, nil); len(empty.Conversations) != 0 {
		t.Error("the window does not say how to begin")
	}
	if len(s.Contacts) != 3 || s.Contacts[0].Address != "alice@lab" {
		t.Error(s.Contacts)
	}
	p.nobodyThere()
	if p.presences["zed@lab"].Status != model.Offline {
		t.Error("somebody is there while we are offline")
	}
}

// A host without any plugin starts, says what is missing, keeps settings and
// ends without leaving a goroutine.
func TestBareHost(t *testing.T) {
	dir := t.TempDir()
	a, err := New(t.Context(), Options{Profile: dir, Headless: true, Executable: filepath.Join(dir, "bin", "switchboard")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(t.Context(), Options{Profile: dir, Headless: true}); !errors.Is(err, ErrHeld) {
		t.Fatalf("a second host: %v", err)
	}
	if s := a.Snapshot(); s.Account != nil || s.Connection.State != model.NoAccount {
		t.Fatalf("%+v", s)
	}
	if err := a.SetUp(t.Context(), SetUp{Mode: "local", User: "alice"}); err == nil || !strings.Contains(err.Error(), "network plugin") {
		t.Fatal(err)
	}
	if _, err := a.Command(t.Context(), "dm.a.b", "", "send", nil); err == nil {
		t.Fatal("a command without a plugin")
	}
	if err := a.SetPresence(t.Context(), model.Busy, "here"); err != nil {
		t.Fatal(err)
	}
	a.Remember("size", "10x20")
	if a.Recall("size") != "10x20" {
		t.Fatal(a.Recall("size"))
	}
	begin := time.Now()
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Fatalf("closing took %v", took)
	}
	again, err := New(t.Context(), Options{Profile: dir, Headless: true})
	if err != nil {
		t.Fatal(err)
	}
	if p := again.Snapshot().Presence; p.Status != model.Busy || p.Text != "here" {
		t.Fatalf("%+v", p)
	}
	again.Quit()
	<-again.Done()
	if err := again.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestReplaceFileIsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, data := range [][]byte{[]byte("a"), bytes.Repeat([]byte("b"), 1<<16), {}} {
		if err := replaceFile(path, data); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) {
			t.Fatal(len(got), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Dir(path) + "/.new-*"); len(left) > 0 {
		t.Fatal(left)
	}
}

// TestPluginsWaitForTheWindow: until its first picture, and not for ever.
func TestPluginsWaitForTheWindow(t *testing.T) {
	a, err := New(t.Context(), Options{Profile: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-a.hold:
		t.Error("plugins start before the window shows anything")
	default:
	}
	a.Shown()
	a.Shown() // harmless
	select {
	case <-a.hold:
	default:
		t.Error("plugins wait although the window is there")
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSnapshot is what every change costs with 1,000 contacts.
func BenchmarkSnapshot(b *testing.B) {
	var p people
	p.init()
	p.account = &model.Account{Address: "bob@lab", Name: "Bob"}
	var rows []model.Conversation
	for i := range 1000 {
		user := "p" + strconv.Itoa(i)
		c := model.Contact{Address: user + "@lab", Name: "Person " + strconv.Itoa(i), State: model.Friend, Conversation: "dm.bob." + user}
		p.contacts[c.Address] = c
		if i%10 == 0 {
			rows = append(rows, model.Conversation{ID: c.Conversation, Time: time.Unix(int64(i), 0)})
		}
	}
	b.ReportAllocs()
	names := newLetters("en")
	for b.Loop() {
		s := &model.Snapshot{}
		p.fill(s, rows)
		order(s.Conversations, "latest", s.Contacts, names)
	}
}
