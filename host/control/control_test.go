package control

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	controlv1 "switchboard/shared/contract/control/v1"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a host whose one conversation shows a small view.
type desk struct {
	Host // what a test does not use is nil and would panic

	mu       sync.Mutex
	acts     []model.Action
	edits    []string
	watchers []func(*controlv1.Event)
	view     *model.View
	quit     bool
}

var chat = model.SessionKey{Conversation: "dm.alice.bob", Session: "im"}

func newDesk() *desk {
	item := &contractv1.Node{Id: "m", Body: &contractv1.Node_Message{Message: &contractv1.Message{Body: []*contractv1.Span{{Text: "hello"}}}}}
	return &desk{view: &model.View{Key: chat, Plugin: "im", Revision: 7,
		Root: &contractv1.Node{Id: "root", Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: []*contractv1.Node{
			{Id: "log", Body: &contractv1.Node_List{List: &contractv1.List{StickToEnd: true}}},
			{Id: "write", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Composer: true, Leading: []*contractv1.Node{
				{Id: "attach", Body: &contractv1.Node_IconButton{IconButton: &contractv1.IconButton{Icon: "attach", Disabled: true, Reason: "offline"}}}}}}},
			{Id: "quiet", Body: &contractv1.Node_Toggle{Toggle: &contractv1.Toggle{On: true}}},
		}}}},
		Lists: map[string]*model.List{"log": {Loaded: true, HasBefore: true, Items: []*contractv1.ListItem{
			{Key: "1", Node: item, Revision: 3}, {Key: "2", Node: item, Revision: 4}}}},
		Editors: map[string]model.Editor{"write": {Text: "half a sent", Revision: 2}},
	}}
}

func (d *desk) Version() string { return "test" }
func (d *desk) Snapshot() *model.Snapshot {
	return &model.Snapshot{Account: &model.Account{Address: "alice@lab", Device: "d1"}, Connection: model.Connection{State: model.Connected},
		Contacts:      []model.Contact{{Address: "bob@lab", Name: "Bob", Conversation: "dm.alice.bob", State: model.Friend}},
		Conversations: []model.Conversation{{ID: "dm.alice.bob", Peer: "bob@lab"}, {ID: "room.7"}},
		Sessions: []model.Session{{Key: chat, Standing: true}, {Key: model.SessionKey{Conversation: "room.7", Session: "im"}},
			{Key: model.SessionKey{Conversation: "room.7", Session: "s1"}, Plugin: "whiteboard"}},
		Plugins: []model.Plugin{{ID: "im", State: model.Running, PID: 12}}}
}
func (d *desk) Subscribe(func()) func()                         { return func() {} }
func (d *desk) OpenView(model.SessionKey) func()                { return func() {} }
func (d *desk) View(model.SessionKey) *model.View               { return d.view }
func (d *desk) Want(model.SessionKey, string, string, int, int) {}
func (d *desk) Focus(string, bool)                              {}
func (d *desk) Invite(context.Context) (string, error)          { return "", errors.New("not while offline") }
func (d *desk) Quit()                                           { d.quit = true }
func (d *desk) Edited(_ model.SessionKey, node, text string) {
	d.edits = append(d.edits, node+"="+text)
}
func (d *desk) Act(_ model.SessionKey, a model.Action) error { d.acts = append(d.acts, a); return nil }
func (d *desk) SetUp(context.Context, SetUp) error           { return errors.New("taken") }
func (d *desk) Command(_ context.Context, conversation, _, name string, args []byte) ([]byte, error) {
	return json.Marshal(conversation + " " + name + " " + string(args))
}
func (d *desk) Events(f func(*controlv1.Event)) func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watchers = append(d.watchers, f)
	return func() {}
}

func serve(t *testing.T, d Host) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "control.sock")
	s, err := Serve(path, d)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Fatalf("socket mode %v", info.Mode())
	}
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Close(ctx)
		if _, err := Dial(path); !errors.Is(err, ErrNotRunning) {
			t.Errorf("after Close: %v", err)
		}
	})
	return c
}

func TestCalls(t *testing.T) {
	d := newDesk()
	c := serve(t, d)
	s, err := c.Status(t.Context(), &controlv1.Empty{})
	if err != nil || s.Account.Address != "alice@lab" || s.Plugins[0].Pid != 12 || s.Version != "test" {
		t.Fatal(s, err)
	}
	if _, err = c.Invite(t.Context(), &controlv1.Empty{}); status.Convert(err).Message() != "not while offline" {
		t.Fatal(err)
	}
	if _, err = c.SetPresence(t.Context(), &controlv1.PresenceRequest{Status: "asleep"}); status.Code(err) != codes.InvalidArgument {
		t.Fatal(err)
	}
	reply, err := c.Command(t.Context(), &controlv1.CommandRequest{Conversation: "bob", Name: "send", Args: []byte(`{}`)})
	if err != nil || string(reply.Result) != `"dm.alice.bob send {}"` {
		t.Fatal(reply, err)
	}
	if _, err := c.Quit(t.Context(), &controlv1.Empty{}); err != nil || !d.quit {
		t.Fatal(err)
	}
}

func TestViewAsDrawn(t *testing.T) {
	c := serve(t, newDesk())
	reply, err := c.View(t.Context(), &controlv1.ViewRequest{Session: "bob/im"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"hello"`, `"half a sent"`, `"key":"2"`, `"has_before":true`, `"icon":"attach"`} {
		if !strings.Contains(string(reply.Json), want) {
			t.Errorf("the tree lacks %s: %s", want, reply.Json)
		}
	}
}

func TestActs(t *testing.T) {
	d := newDesk()
	c := serve(t, d)
	for _, r := range []*controlv1.ActRequest{
		{Session: "bob/im", Node: "write", Value: "hi"}, {Session: "dm.alice.bob/im", Node: "quiet"},
		{Session: "bob/im", Node: "2/m", Value: "reply"}, {Session: "bob/im", Node: "1", Value: "delete"},
	} {
		if _, err := c.Act(t.Context(), r); err != nil {
			t.Fatal(r, err)
		}
	}
	want := []model.Action{
		{Node: "write", Value: "hi", Kind: contractv1.Action_SUBMIT, Revision: 7},
		{Node: "quiet", Value: "false", Kind: contractv1.Action_CHANGE, Revision: 7},
		{Node: "m", Value: "reply", List: "log", Item: "2", Kind: contractv1.Action_PRESS, Revision: 4},
		{Node: "m", Value: "delete", List: "log", Item: "1", Kind: contractv1.Action_PRESS, Revision: 3},
	}
	for i, a := range want {
		if !reflect.DeepEqual(d.acts[i], a) {
			t.Errorf("act %d: %+v, not %+v", i, d.acts[i], a)
		}
	}
	for node, words := range map[string]string{"m": "2 nodes", "none": "no node", "attach": "offline"} {
		if _, err := c.Act(t.Context(), &controlv1.ActRequest{Session: "bob/im", Node: node}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", node, err)
		}
	}
	if _, err := c.Edit(t.Context(), &controlv1.ActRequest{Session: "bob/im", Node: "write", Value: "x"}); err != nil || d.edits[0] != "write=x" {
		t.Fatal(err, d.edits)
	}
}

func TestWatch(t *testing.T) {
	d := newDesk()
	c := serve(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := c.Watch(ctx, &controlv1.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := stream.Recv(); err != nil || e.Type != "watching" {
		t.Fatal(e, err)
	}
	d.mu.Lock()
	tell := d.watchers[0]
	d.mu.Unlock()
	for i := range 3 * watchQueue { // more than a reader that sleeps can take
		tell(&controlv1.Event{Type: "update", N: int64(i)})
	}
	var got, missed int64
	for got+missed < 3*watchQueue {
		if got+missed == watchQueue+1000 {
			tell(&controlv1.Event{Type: "update"})
		}
		e, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "missed" {
			missed += e.N
		} else {
			got++
		}
	}
	if got == 0 {
		t.Fatal("nothing came")
	}
}

func TestAttendEndsWithTheSocket(t *testing.T) {
	d := newDesk()
	path := filepath.Join(t.TempDir(), "control.sock")
	s, err := Serve(path, d)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stream, err := c.Attend(t.Context(), &controlv1.ViewRequest{Session: "bob/im"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	begin := time.Now()
	s.Close(ctx)
	if took := time.Since(begin); took > time.Second {
		t.Fatalf("an open stream held the socket for %v", took)
	}
}

func TestNames(t *testing.T) {
	s := newDesk().Snapshot()
	for name, want := range map[string]string{"bob": "dm.alice.bob", "bob@lab": "dm.alice.bob", "dm.alice.bob": "dm.alice.bob",
		"me": "dm.alice.alice", "alice": "dm.alice.alice", "room.7": "room.7", "carol": "", "": "", "bob@other": ""} {
		if got, err := conversation(s, name); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]model.SessionKey{"bob/im": chat, "s1": {Conversation: "room.7", Session: "s1"},
		"room.7/s1": {Conversation: "room.7", Session: "s1"}, "im": {}, "nobody/im": {}, "x": {}} {
		if got, err := session(s, name); err == nil && got != want || err != nil && want != (model.SessionKey{}) {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, seed := range []string{"bob/im", "/", "me/", "a/b/c", "bob@lab/im", "im"} {
		f.Add(seed)
	}
	s := newDesk().Snapshot()
	f.Fuzz(func(t *testing.T, name string) {
		if key, err := session(s, name); err == nil && key.Conversation == "" {
			t.Fatalf("%q is a session of no conversation", name)
		}
	})
}
