package ui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui"
)

// now is the time of every recorded world.
var now = time.Date(2026, time.November, 24, 10, 4, 0, 0, time.UTC)

// world is a recorded host: it answers from memory and keeps what it was asked.
type world struct {
	mu       sync.Mutex
	snap     *model.Snapshot
	views    map[model.SessionKey]*model.View
	compacts map[model.SessionKey]*model.View
	watch    map[int]func()
	watched  int
	calls    []string
	texts    map[string]string
	kept     map[string]string
	fail     map[string]error
	open     map[model.SessionKey]int
	setUp    ui.SetUp
	tell     func(call string)
	found    []model.FoundNetwork
	carry    model.Carry
	others   int
}

var _ ui.Backend = (*world)(nil)

func newWorld(s *model.Snapshot) *world {
	return &world{
		snap: s, views: map[model.SessionKey]*model.View{}, compacts: map[model.SessionKey]*model.View{},
		watch: map[int]func(){}, texts: map[string]string{}, kept: map[string]string{}, fail: map[string]error{},
		open: map[model.SessionKey]int{},
	}
}

// change replaces the snapshot by a changed copy and tells the window.
func (w *world) change(f func(s *model.Snapshot)) {
	w.mu.Lock()
	s := *w.snap
	s.Revision++
	s.Conversations = append([]model.Conversation(nil), s.Conversations...)
	s.Contacts = append([]model.Contact(nil), s.Contacts...)
	s.Sessions = append([]model.Session(nil), s.Sessions...)
	s.Plugins = append([]model.Plugin(nil), s.Plugins...)
	s.Settings = append([]model.Setting(nil), s.Settings...)
	f(&s)
	w.snap = &s
	var tell []func()
	for _, f := range w.watch {
		tell = append(tell, f)
	}
	w.mu.Unlock()
	for _, f := range tell {
		f()
	}
}

func (w *world) note(format string, args ...any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	call := fmt.Sprintf(format, args...)
	w.calls = append(w.calls, call)
	if w.tell != nil {
		w.tell(call)
	}
	for prefix, err := range w.fail {
		if len(call) >= len(prefix) && call[:len(prefix)] == prefix {
			return err
		}
	}
	return nil
}

// asked tells whether a call was made.
func (w *world) asked(call string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c == call {
			return true
		}
	}
	return false
}

func (w *world) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.calls...)
}

func (w *world) Snapshot() *model.Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snap
}

func (w *world) Subscribe(f func()) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watched++
	n := w.watched
	w.watch[n] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watch, n)
	}
}

func (w *world) OpenView(key model.SessionKey) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[key]++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.open[key]--
	}
}

func (w *world) View(key model.SessionKey) *model.View {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open[key] == 0 {
		return nil
	}
	return w.views[key]
}

func (w *world) Compact(key model.SessionKey) *model.View {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.compacts[key]
}

func (w *world) Want(key model.SessionKey, list, anchor string, before, after int) {
	_ = w.note("want %s %s", key.Session, list)
}
func (w *world) Seen(key model.SessionKey, list, item string) { _ = w.note("seen %s", item) }
func (w *world) Focus(conversation string, focused bool) {
	_ = w.note("focus %s %v", conversation, focused)
}

func (w *world) Edited(key model.SessionKey, node, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts[key.Conversation+" "+node] = text
	if w.tell != nil {
		w.tell("edited " + text)
	}
}

func (w *world) Act(key model.SessionKey, a model.Action) error {
	w.mu.Lock()
	if a.Kind == contractv1.Action_SUBMIT {
		if v := w.views[key]; v != nil {
			n := *v
			n.Editors = map[string]model.Editor{}
			for id, e := range v.Editors {
				n.Editors[id] = e
			}
			n.Editors[a.Node] = model.Editor{Revision: v.Editors[a.Node].Revision + 1}
			w.views[key] = &n
		}
	}
	w.mu.Unlock()
	return w.note("act %s %s %s %s", key.Conversation, a.Node, a.Kind, a.Value)
}

func (w *world) CommandDone(model.SessionKey, uint64) {}

func (w *world) SetUp(_ context.Context, s ui.SetUp) error {
	if err := w.note("setup %s %s %s", s.Mode, s.User, s.Name); err != nil {
		return err
	}
	w.mu.Lock()
	w.setUp = s
	w.mu.Unlock()
	w.change(func(m *model.Snapshot) {
		m.Account = &model.Account{Address: s.User + "@lab", Name: s.Name, Device: "this", Network: "lab", Owner: true}
		m.Connection.State = model.Connected
	})
	return nil
}

func (w *world) TalkToEcho(context.Context) (string, error) {
	return "dm.alice.echo", w.note("echo")
}
func (w *world) Invite(context.Context) (string, error) {
	return "switchboard://192.0.2.7:4222/lab#k=UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4&i=7QF3KD2M", w.note("invite")
}
func (w *world) SetPresence(_ context.Context, s model.Status, text string) error {
	err := w.note("presence %s %s", s, text)
	w.change(func(m *model.Snapshot) { m.Presence = model.Presence{Status: s, Text: text} })
	return err
}
func (w *world) ChangeGroup(_ context.Context, c model.GroupChange) (string, error) {
	if c.Op == "create" {
		c.Group = "newnewnewnewnewnewne"
	}
	words := fmt.Sprintf("group %s %s %s %s %s %v", c.Op, c.Group, c.Address, c.Name, c.Role, c.On || c.Earlier)
	return c.Group, w.note("%s", strings.Join(strings.Fields(words), " "))
}
func (w *world) Contact(_ context.Context, op, address, text string) error {
	return w.note("contact %s %s %s", op, address, text)
}
func (w *world) Watch(_ context.Context, address, mode string) error {
	err := w.note("watch %s %s", address, mode)
	w.change(func(m *model.Snapshot) {
		for i := range m.Contacts {
			if m.Contacts[i].Address == address {
				m.Contacts[i].Watch = map[string]string{"once": mode, "always": mode}[mode]
			}
		}
	})
	return err
}
func (w *world) Session(_ context.Context, op string, key model.SessionKey) error {
	if err := w.note("session %s %s", op, key.Session); err != nil {
		return err
	}
	w.change(func(m *model.Snapshot) {
		for i := range m.Sessions {
			if m.Sessions[i].Key == key && op == "accept" {
				m.Sessions[i].State = model.Active
			}
		}
	})
	return nil
}
func (w *world) Offer(_ context.Context, conversation, plugin, action string) (model.SessionKey, error) {
	return model.SessionKey{Conversation: conversation, Session: "new"}, w.note("offer %s %s %s", conversation, plugin, action)
}
func (w *world) Plugin(_ context.Context, op, id string) error {
	if err := w.note("plugin %s %s", op, id); err != nil {
		return err
	}
	w.change(func(m *model.Snapshot) {
		for i := range m.Plugins {
			if m.Plugins[i].ID == id {
				m.Plugins[i].Enabled = op != "disable"
				m.Plugins[i].State = model.Stopped
			}
		}
	})
	return nil
}
func (w *world) SetSetting(_ context.Context, key, value string) error {
	if err := w.note("setting %s %s", key, value); err != nil {
		return err
	}
	w.change(func(m *model.Snapshot) {
		for i := range m.Settings {
			if m.Settings[i].Key == key {
				m.Settings[i].Value = value
			}
		}
	})
	return nil
}
func (w *world) Devices(context.Context) ([]model.Device, error) {
	return []model.Device{
		{ID: "d1", Name: "Alice's desk", This: true, Online: true, Linked: now.AddDate(0, -2, 0), Seen: now},
		{ID: "d2", Name: "laptop", Online: false, Linked: now.AddDate(0, -1, -3), Seen: now.Add(-26 * time.Hour)},
	}, w.note("devices")
}
func (w *world) LinkDevice(context.Context) (string, error) { return "K7QM-2X4P", w.note("link") }
func (w *world) RevokeDevice(_ context.Context, id string) error {
	return w.note("revoke %s", id)
}
func (w *world) AskLink(context.Context) (model.LinkCode, error) {
	return model.LinkCode{Code: "K7QM-2X4P-9TRA", Link: "switchboard://lab.example.org:4430/lab#k=UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4&d=K7QM-2X4P-9TRA", Expires: time.Date(2026, 11, 24, 10, 14, 0, 0, time.UTC)}, w.note("ask link")
}
func (w *world) AnswerLink(_ context.Context, id string, allow bool) error {
	return w.note("answer link %s %v", id, allow)
}
func (w *world) RenameDevice(_ context.Context, id, name string) error {
	return w.note("rename device %s %s", id, name)
}
func (w *world) CreateRecovery(context.Context) (string, error) {
	err := w.note("recovery")
	w.change(func(s *model.Snapshot) { s.Recovery, s.RecoveryOffer = true, false })
	return "switchboard://lab.example.org:4430/lab#k=UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4&r=h4Xr0q2pKJ7NWE5ZQA3M", err
}
func (w *world) DismissRecovery() {
	_ = w.note("dismiss recovery")
	w.change(func(s *model.Snapshot) { s.RecoveryOffer = false })
}
func (w *world) Row(_ context.Context, op, conversation string) error {
	return w.note("row %s %s", op, conversation)
}
func (w *world) Command(_ context.Context, conversation, _, name string, args []byte) ([]byte, error) {
	return []byte("{}"), w.note("command %s %s %s", conversation, name, args)
}
func (w *world) Search(_ context.Context, q model.Query) (model.Found, error) {
	err := w.note("search %s %s %s", q.Conversation, q.Text, q.Cursor)
	if q.Cursor != "" || strings.Contains(q.Text, "nothing") {
		return model.Found{}, err
	}
	hit := func(conversation, title, item, name string, ago time.Duration, text, word string) model.Hit {
		h := model.Hit{Key: model.SessionKey{Conversation: conversation, Session: "im"}, Item: item, From: strings.ToLower(name) + "@lab", Name: name,
			Title: title, Time: now.Add(-ago), Text: text}
		if at := strings.Index(text, word); at >= 0 {
			h.Marks = [][2]int{{at, at + len(word)}}
		}
		return h
	}
	return model.Found{Cursor: "more", Hits: []model.Hit{
		hit("dm.alice.bob", "Bob", "m3", "Bob", 40*time.Minute, "The cable for the whiteboard is in the second drawer", "cable"),
		hit("dm.alice.bob", "Bob", "m1", "Alice", 26*time.Hour, "Did you find the long cable?", "cable"),
		hit("dm.alice.carol", "Carol", "m7", "Carol", 9*24*time.Hour, "…and then the cable car stopped half way up", "cable"),
	}}, err
}
func (w *world) Export(_ context.Context, conversation, format, folder string) (string, error) {
	return "/home/alice/Downloads/Bob.txt", w.note("export %s %s %s", conversation, format, folder)
}
func (w *world) Import(_ context.Context, conversation, path string) (int, error) {
	return 12, w.note("import %s %s", conversation, path)
}
func (w *world) Quit(context.Context) error { return w.note("quit") }
func (w *world) Reconnect()                 { _ = w.note("reconnect") }
func (w *world) Recall(key string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kept[key]
}
func (w *world) Remember(key, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept[key] = value
}

var errTaken = errors.New("the name alice is taken on lab, choose another")

func presence(s model.Status, text string, caps ...string) model.Presence {
	return model.Presence{Status: s, Text: text, Capabilities: caps}
}
