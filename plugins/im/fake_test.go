package im

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/viewcheck"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDied = errors.New("the plugin was killed")

const alice, bob = "alice@lab", "bob@lab"

// stage stands in for the host of one session: it keeps what the chat showed and
// a window of its list, as the contract describes it.
type stage struct {
	t     testing.TB
	c     *chat
	store *history.Store
	made  map[string]string // action or command id → update id
	seq   int64
	clock time.Time

	current    string
	bodies     map[string][]byte
	order      []string
	states     map[string][]byte
	scopes     map[string]sdk.Scope
	signals    [][]byte
	root       view.Node
	compact    view.Node
	generation int64
	items      []view.Item
	before     bool
	after      bool
	text       string
	commands   []string
	summary    sdk.Summary
	acked      int64
	replies    map[string]any
	failures   []string
	timers     int
	refuse     error
	refuseFrom int // the update from which on it refuses, counted from 1; 0 is all
	dies       int // after so many steps of updates, two each
	discarded  []string
	blobs      map[string][]byte
	given      []string
	jobs       []func(context.Context) sdk.Event // what was begun beside the session
}

func newStage(t testing.TB, others ...string) *stage {
	return stageIn(t, t.TempDir(), others...)
}

func stageIn(t testing.TB, dir string, others ...string) *stage {
	store, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	st := &stage{t: t, store: store, made: map[string]string{}, blobs: map[string][]byte{}, bodies: map[string][]byte{}, states: map[string][]byte{},
		scopes: map[string]sdk.Scope{}, clock: time.Date(2026, 11, 24, 10, 0, 0, 0, time.Local)}
	st.reopen(others...)
	return st
}

// reopen starts a new session on the same history, as after a crash.
func (st *stage) reopen(others ...string) {
	log, err := st.store.Log(st.t.Context(), "dm.alice.bob", "im")
	if err != nil {
		st.t.Fatal(err)
	}
	members := []*contractv1.Person{{Address: alice, Name: "Alice"}}
	for _, o := range others {
		members = append(members, &contractv1.Person{Address: o, Name: strings.ToUpper(o[:1]) + o[1:3]})
	}
	st.c = newChat(st, log, about{self: sdk.Person{Address: alice, Device: "d1"}, words: english, log: hclog.NewNullLogger(),
		conversation: &contractv1.Conversation{Id: "dm.alice.bob", Members: members},
		elsewhere: func(ctx context.Context, conversation, session string) (*history.Log, error) {
			return st.store.Other(ctx, conversation, "im")
		},
		setting: func(key string) bool { return st.states["setting:"+key] == nil }})
	st.c.now = func() time.Time { return st.clock }
	st.items, st.root, st.generation, st.timers = nil, nil, 0, 0
	if err := st.c.load(st.t.Context()); err != nil {
		st.t.Fatal(err)
	}
}

func (st *stage) do(events ...sdk.Event) {
	st.t.Helper()
	for _, e := range events {
		switch v := e.(type) {
		case sdk.Action:
			st.current = v.ID
		case sdk.Command:
			st.current = v.ID
		default:
			st.current = ""
		}
		if err := st.c.handle(st.t.Context(), e); err != nil {
			st.t.Fatalf("%T: %v", e, err)
		}
	}
}

func (st *stage) start(events ...sdk.Event) {
	st.do(append(append([]sdk.Event{sdk.Started{}}, events...), sdk.CaughtUp{})...)
}

// arrive delivers a body by somebody as the next entry of the order.
func (st *stage) arrive(id, from string, b wire.Body) {
	st.t.Helper()
	body, err := wire.Encode(b)
	if err != nil {
		st.t.Fatal(err)
	}
	st.deliver(id, from, body)
}

func (st *stage) deliver(id, from string, body []byte) {
	st.t.Helper()
	st.seq++
	st.clock = st.clock.Add(time.Minute)
	st.do(sdk.Update{ID: sdk.ID(id), Seq: st.seq, From: from, Device: "d", Time: st.clock, Body: body}, timer{what: timerFlush})
}

// store gives the oldest own updates that wait their place.
func (st *stage) network() {
	st.t.Helper()
	order := st.order
	st.order = nil
	for _, id := range order {
		st.do(sdk.Sent{ID: sdk.ID(id), Seq: st.seq + 1, Time: st.clock})
		st.deliver(id, alice, st.bodies[id])
	}
}

func (st *stage) say(id, text string) string {
	st.t.Helper()
	st.do(sdk.Action{ID: id, Node: composerID, Kind: sdk.Submit, Value: text})
	return st.made[id+"/0"]
}

func (st *stage) command(id, name string, args any) {
	st.t.Helper()
	data, err := json.Marshal(args)
	if err != nil {
		st.t.Fatal(err)
	}
	st.do(sdk.Command{ID: id, Name: name, Args: data})
}

func (st *stage) Update(_ context.Context, body []byte, options ...sdk.UpdateOption) (sdk.ID, error) {
	if st.refuseFrom--; st.refuse != nil && st.refuseFrom <= 0 {
		return "", st.refuse
	}
	if st.dies--; st.dies == 0 { // before the host heard of it
		return "", errDied
	}
	call := &contractv1.UpdateCall{}
	for _, o := range options {
		o(call)
	}
	key := st.current + "/0"
	if call.GetActionId() != "" {
		key = fmt.Sprintf("%s/%d", call.GetActionId(), call.GetOrdinal())
	}
	if id := st.made[key]; id != "" {
		return sdk.ID(id), nil
	}
	id := call.GetId()
	if id == "" {
		id = fmt.Sprintf("m%03d", len(st.made)+1)
	}
	st.made[key] = id
	st.bodies[id] = body
	st.order = append(st.order, id)
	if st.dies--; st.dies == 0 { // after that
		return "", errDied
	}
	return sdk.ID(id), nil
}

func (st *stage) WantBlob(context.Context, string, int64) error { return nil }

func (st *stage) GiveBlob(_ context.Context, hash string, _ int64) error {
	st.given = append(st.given, hash)
	return nil
}

func (st *stage) PutBlob(_ context.Context, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	st.blobs[hash] = data
	return hash, nil
}

func (st *stage) GetBlob(_ context.Context, hash string) ([]byte, error) {
	data, found := st.blobs[hash]
	if !found {
		return nil, sdk.Errorf(contractv1.Error_NOT_FOUND, "The network has no such blob.")
	}
	return data, nil
}

func (st *stage) Discard(_ context.Context, id sdk.ID) error {
	if st.refuse != nil {
		return st.refuse
	}
	st.discarded = append(st.discarded, string(id))
	return nil
}

func (st *stage) SetState(_ context.Context, key string, value []byte, scope sdk.Scope) error {
	st.states[key], st.scopes[key] = value, scope
	return nil
}

func (st *stage) Signal(body []byte, _ ...string) error {
	st.signals = append(st.signals, body)
	return nil
}

func (st *stage) Show(n view.Node) error {
	if err := view.Check(n, false); err != nil {
		st.t.Errorf("show: %v", err)
	}
	st.root = n
	for _, ch := range n.GetColumn().GetChildren() {
		if l := ch.GetList(); l != nil && l.GetGeneration() != st.generation {
			st.generation, st.items = l.GetGeneration(), nil
		}
	}
	return nil
}

func (st *stage) ShowCompact(n view.Node) error {
	if err := view.Check(n, true); err != nil {
		st.t.Errorf("compact: %v", err)
	}
	st.compact = n
	return nil
}

func (st *stage) Items(w sdk.Want, items []view.Item, before, after bool, generation int64) error {
	if err := viewcheck.Items(&contractv1.ListItems{List: w.List, Items: items}); err != nil {
		st.t.Errorf("items: %v", err)
	}
	if generation != st.generation {
		st.t.Errorf("items of generation %d in %d", generation, st.generation)
	}
	st.items, st.before, st.after = items, before, after
	return nil
}

func (st *stage) Patch(list string, generation int64, ops ...view.Op) error {
	if err := viewcheck.Patch(&contractv1.ListPatch{List: list, Ops: ops}); err != nil {
		st.t.Errorf("patch: %v", err)
	}
	if generation != st.generation {
		return nil
	}
	for _, op := range ops {
		st.apply(op)
	}
	return nil
}

func (st *stage) index(key string) int {
	return slices.IndexFunc(st.items, func(i view.Item) bool { return i.GetKey() == key })
}

func (st *stage) apply(op view.Op) {
	switch o := op.GetOp().(type) {
	case *contractv1.ListOp_Remove:
		if i := st.index(o.Remove); i >= 0 {
			st.items = slices.Delete(st.items, i, i+1)
		}
	case *contractv1.ListOp_Replace:
		if i := st.index(o.Replace.GetKey()); i >= 0 {
			st.items[i] = o.Replace
		}
	case *contractv1.ListOp_Insert:
		st.apply(view.Remove(o.Insert.GetItem().GetKey()))
		at := st.index(o.Insert.GetAfter()) + 1
		if at == 0 && (o.Insert.GetAfter() != "" || st.before) {
			return
		}
		st.items = slices.Insert(slices.Clone(st.items), at, o.Insert.GetItem())
	}
}

func (st *stage) SetText(_, text string, _ int64) error { st.text = text; return nil }
func (st *stage) ScrollTo(_, key string) error {
	st.commands = append(st.commands, "scroll "+key)
	return nil
}
func (st *stage) Flash(_, key string) error {
	st.commands = append(st.commands, "flash "+key)
	return nil
}
func (st *stage) Focus(node string) error {
	st.commands = append(st.commands, "focus "+node)
	return nil
}
func (st *stage) Copy(text string) error {
	st.commands = append(st.commands, "copy "+text)
	return nil
}
func (st *stage) SetSummary(_ context.Context, sum sdk.Summary) error { st.summary = sum; return nil }
func (st *stage) Ack(seq int64) error                                 { st.acked = seq; return nil }
func (st *stage) Go(f func(context.Context) sdk.Event) {
	st.jobs = append(st.jobs, f)
	if st.current != "" {
		st.t.Errorf("a timer was set while %s was handled", st.current)
	}
	st.timers++
}
func (st *stage) Reply(c sdk.Command, result any) error {
	if st.replies == nil {
		st.replies = map[string]any{}
	}
	st.replies[c.ID] = result
	return nil
}
func (st *stage) Fail(_ sdk.Event, reason string) { st.failures = append(st.failures, reason) }

// draw writes the list as a person would read it.
func draw(items []view.Item) string {
	var b strings.Builder
	for _, i := range items {
		if s := i.GetNode().GetSeparator(); s != nil {
			fmt.Fprintf(&b, "-- %s --\n", s.GetText())
			continue
		}
		m := i.GetNode().GetMessage()
		if !m.GetContinues() {
			fmt.Fprintf(&b, "%s: ", m.GetName())
		}
		for _, s := range m.GetBody() {
			b.WriteString(s.GetText())
		}
		b.WriteString(m.GetNote())
		for _, f := range []struct {
			on   bool
			text string
		}{{m.GetDeleted(), "deleted"}, {m.GetEdited(), "edited"}, {m.GetBeingEdited(), "being edited"},
			{m.GetQuote() != nil, "re " + m.GetQuote().GetText()}, {m.GetReason() != "", m.GetReason()}, {len(m.GetExtra()) > 0, "buttons"}} {
			if f.on {
				fmt.Fprintf(&b, " [%s]", f.text)
			}
		}
		if m.GetMine() {
			b.WriteString(" " + strings.ToLower(m.GetState().String()))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// want asks for the whole list as a window does on opening.
func (st *stage) want() { st.do(sdk.Want{List: listID, Before: 150}) }

func (st *stage) expect(want string) {
	st.t.Helper()
	lines := strings.Split(strings.TrimSpace(want), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	if got := strings.TrimSpace(draw(st.items)); got != strings.Join(lines, "\n") {
		st.t.Fatalf("list\n%s\nwant\n%s", got, strings.Join(lines, "\n"))
	}
}
