package views

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var chat = model.SessionKey{Conversation: "dm.alice.bob", Session: "im"}

type fixture struct {
	t       *testing.T
	c       *Cache
	changes int
	now     time.Time
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, now: time.Unix(1000, 0)}
	f.c = New(func(model.SessionKey) { f.changes++ })
	f.c.now = func() time.Time { return f.now }
	f.c.Open(chat, "im")
	return f
}

func (f *fixture) frame(p *contractv1.PluginFrame) {
	f.t.Helper()
	if err := f.c.Frame(chat, "im", p); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) show(generation int64, extra ...*contractv1.Node) {
	f.t.Helper()
	nodes := append([]*contractv1.Node{
		{Id: "log", Body: &contractv1.Node_List{List: &contractv1.List{StickToEnd: true, Generation: generation}}},
		{Id: "text", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Composer: true}}},
	}, extra...)
	root := &contractv1.Node{Id: "root", Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: nodes}}}
	f.frame(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Show{Show: &contractv1.Show{Root: root, Revision: 7}}})
}

func text(key string, s string) *contractv1.ListItem {
	return &contractv1.ListItem{Key: key, Node: &contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: s}}}}
}

func run(from, to int) []*contractv1.ListItem {
	var items []*contractv1.ListItem
	for i := from; i < to; i++ {
		items = append(items, text(fmt.Sprintf("k%05d", i), "x"))
	}
	return items
}

func (f *fixture) items(wantID uint64, items []*contractv1.ListItem, before, after bool) {
	f.t.Helper()
	f.frame(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Items{Items: &contractv1.ListItems{
		List: "log", WantId: wantID, Items: items, HasBefore: before, HasAfter: after, Generation: 1}}})
}

func (f *fixture) patch(ops ...*contractv1.ListOp) {
	f.t.Helper()
	f.frame(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Patch{Patch: &contractv1.ListPatch{
		List: "log", Ops: ops, Generation: 1}}})
}

func insert(after string, item *contractv1.ListItem) *contractv1.ListOp {
	return &contractv1.ListOp{Op: &contractv1.ListOp_Insert{Insert: &contractv1.ListInsert{After: after, Item: item}}}
}

func remove(key string) *contractv1.ListOp {
	return &contractv1.ListOp{Op: &contractv1.ListOp_Remove{Remove: key}}
}

func (f *fixture) want(anchor string, before, after int) *contractv1.Want {
	f.t.Helper()
	w, ok := f.c.Want(chat, "log", anchor, before, after)
	if !ok {
		f.t.Fatalf("the want around %q was not made", anchor)
	}
	return w
}

func (f *fixture) list() *model.List { return f.c.View(chat).Lists["log"] }

func (f *fixture) keys() string {
	l := f.list()
	var keys []string
	for _, i := range l.Items {
		keys = append(keys, strings.TrimLeft(strings.TrimPrefix(i.GetKey(), "k"), "0"))
	}
	return strings.Join(keys, " ")
}

func (f *fixture) expect(keys string) {
	f.t.Helper()
	if got := f.keys(); got != keys {
		f.t.Fatalf("the window holds %q, not %q", got, keys)
	}
}

func TestLoadingThenShown(t *testing.T) {
	f := newFixture(t)
	if v := f.c.View(chat); v == nil || !v.Loading || v.Root != nil {
		t.Fatalf("a new view is %+v", v)
	}
	f.show(1)
	v := f.c.View(chat)
	if v.Loading || v.Revision != 7 || v.Root.GetId() != "root" || v.Lists["log"].Loaded {
		t.Fatalf("a shown view is %+v", v)
	}
	if f.c.View(chat) != v {
		t.Fatal("an unchanged view is a new value")
	}
	f.c.Fault(chat, "Messages stopped.")
	if f.c.View(chat).Fault == "" || v.Fault != "" {
		t.Fatal("a value that was handed out changed, or the fault is not shown")
	}
	f.show(1)
	if f.c.View(chat).Fault != "" {
		t.Fatal("a fault outlived the next view")
	}
	f.c.Close(chat)
	if f.c.View(chat) != nil {
		t.Fatal("a closed view is still there")
	}
	f.show(1) // not open: checked, not kept
}

func TestBoundsAreRefused(t *testing.T) {
	f := newFixture(t)
	deep := &contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{}}}
	for range contractv1.MaxDepth + 1 {
		deep = &contractv1.Node{Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: []*contractv1.Node{deep}}}}
	}
	frames := map[string]*contractv1.PluginFrame{
		"deep":      {Body: &contractv1.PluginFrame_Show{Show: &contractv1.Show{Root: deep}}},
		"no root":   {Body: &contractv1.PluginFrame_Show{Show: &contractv1.Show{}}},
		"many":      {Body: &contractv1.PluginFrame_Items{Items: &contractv1.ListItems{List: "log", Items: run(0, 201)}}},
		"no list":   {Body: &contractv1.PluginFrame_Patch{Patch: &contractv1.ListPatch{}}},
		"long text": {Body: &contractv1.PluginFrame_ViewCommand{ViewCommand: &contractv1.ViewCommand{Command: &contractv1.ViewCommand_Copy{Copy: &contractv1.Copy{Text: strings.Repeat("x", contractv1.MaxEditor+1)}}}}},
		"not shown": {Body: &contractv1.PluginFrame_Ack{Ack: &contractv1.Ack{}}},
		"compact":   {Body: &contractv1.PluginFrame_Show{Show: &contractv1.Show{Compact: true, Root: &contractv1.Node{Id: "l", Body: &contractv1.Node_List{List: &contractv1.List{}}}}}},
	}
	for name, frame := range frames {
		if err := f.c.Frame(chat, "im", frame); err == nil || !strings.HasPrefix(err.Error(), "im: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !f.c.View(chat).Loading {
		t.Fatal("a refused frame changed the view")
	}
}

func TestWantOnce(t *testing.T) {
	f := newFixture(t)
	if _, ok := f.c.Want(chat, "log", "", 50, 0); ok {
		t.Fatal("a list that is not shown was asked for")
	}
	f.show(1)
	w := f.want("", 50, 0)
	if _, ok := f.c.Want(chat, "log", "", 50, 0); ok {
		t.Fatal("asked twice")
	}
	f.want("a", 10, 10)
	if _, ok := f.c.Want(chat, "log", "b", 10, 10); ok {
		t.Fatal("three questions are open")
	}
	f.now = f.now.Add(wantExpire + time.Second)
	f.want("b", 10, 10)
	f.items(w.GetId(), run(0, 3), false, false)
	f.expect("  1 2"[1:]) // key k00000 trims to nothing
	w = f.want("", 50, 0)
	f.items(w.GetId(), run(0, 3), false, false)
	if _, ok := f.c.Want(chat, "log", "", 50, 0); ok {
		t.Fatal("asked again although nothing changed")
	}
	f.patch(insert("$end", text("k00003", "x")))
	w = f.want("", 5000, 5000)
	if w.GetBefore()+w.GetAfter() >= contractv1.MaxListItems {
		t.Fatalf("a question for %d items cannot be answered at once", w.GetBefore()+w.GetAfter())
	}
}

func TestWindowGrowsAndMoves(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.items(f.want("", 3, 0).GetId(), run(7, 10), true, false)
	f.expect("7 8 9")
	// With the anchor in the answer, and without.
	f.items(f.want("k00007", 2, 0).GetId(), run(5, 8), true, true)
	f.expect("5 6 7 8 9")
	f.items(f.want("k00005", 2, 0).GetId(), run(3, 5), true, true)
	f.expect("3 4 5 6 7 8 9")
	if l := f.list(); !l.HasBefore || l.HasAfter {
		t.Fatalf("before %v, after %v", l.HasBefore, l.HasAfter)
	}
	f.items(f.want("k00003", 5, 0).GetId(), run(1, 4), false, true)
	if l := f.list(); l.HasBefore || l.HasAfter {
		t.Fatalf("at the top: before %v, after %v", l.HasBefore, l.HasAfter)
	}
	// The answer is the truth where it overlaps: 6 is gone.
	f.items(f.want("k00006", 1, 1).GetId(), []*contractv1.ListItem{text("k00005", "x"), text("k00007", "new")}, true, true)
	f.expect("1 2 3 4 5 7 8 9")
	// A jump elsewhere replaces the window, but only when asked for.
	f.items(99, run(50, 60), true, true)
	f.expect("1 2 3 4 5 7 8 9")
	f.items(f.want("k00055", 5, 5).GetId(), run(50, 53), true, true)
	f.expect("50 51 52")
}

func TestWindowIsBounded(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.items(f.want("", 150, 0).GetId(), run(9850, 10000), true, false)
	for first := 9850; first > 9000; first -= 100 {
		anchor := fmt.Sprintf("k%05d", first)
		f.items(f.want(anchor, 100, 0).GetId(), run(first-100, first+1), true, true)
	}
	l := f.list()
	if len(l.Items) != MaxItems || !l.HasAfter || l.Items[0].GetKey() != "k08950" {
		t.Fatalf("%d items from %s, after %v", len(l.Items), l.Items[0].GetKey(), l.HasAfter)
	}
	// The end is no longer cached, so what is appended there is not either.
	f.patch(insert("$end", text("new", "x")))
	if got := f.list().Items; got[len(got)-1].GetKey() == "new" {
		t.Fatal("an item beyond the window came into it")
	}
	// Back home.
	f.items(f.want("", 20, 0).GetId(), run(9980, 10000), true, false)
	if l := f.list(); len(l.Items) != 20 || l.HasAfter {
		t.Fatalf("home: %d items, after %v", len(l.Items), l.HasAfter)
	}
	for i := range 900 {
		f.patch(insert("$end", text(fmt.Sprintf("n%d", i), "x")))
	}
	if l := f.list(); len(l.Items) != MaxItems || l.Items[MaxItems-1].GetKey() != "n899" || !l.HasBefore || l.HasAfter {
		t.Fatalf("at home %d items, last %s", len(l.Items), l.Items[len(l.Items)-1].GetKey())
	}
}

func TestBytesAreBounded(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	big := strings.Repeat("x", 60<<10)
	f.items(f.want("", 10, 0).GetId(), run(0, 1), false, false)
	for i := range 300 {
		f.patch(insert("$end", text(fmt.Sprintf("b%d", i), big)))
	}
	if n := len(f.list().Items); n*len(big) > maxListBytes || n < 100 {
		t.Fatalf("%d items of %d bytes are kept", n, len(big))
	}
}

func TestPatch(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.patch(insert("$end", text("k00001", "x"))) // before the first answer: nothing to change
	f.items(f.want("", 10, 0).GetId(), run(1, 5), false, false)
	old := f.list()
	f.patch(
		insert("k00002", text("k00009", "x")),
		insert("", text("k00008", "x")),
		remove("k00003"),
		remove("nowhere"),
		insert("nowhere", text("k00007", "x")),
		&contractv1.ListOp{Op: &contractv1.ListOp_Replace{Replace: text("k00004", "new")}},
		&contractv1.ListOp{},
	)
	f.expect("8 1 2 9 4")
	if got := f.list().Items[4].GetNode().GetText().GetText(); got != "new" {
		t.Fatalf("replaced by %q", got)
	}
	f.patch(insert("k00004", text("k00008", "x")))
	f.expect("1 2 9 4 8")
	f.patch(insert("k00008", text("k00008", "x")))
	f.expect("1 2 9 4 8")
	if len(old.Items) != 4 || old.Items[3].GetNode().GetText().GetText() != "x" {
		t.Fatal("a value that was handed out changed")
	}
}

func TestGenerationAndCrash(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.items(f.want("", 10, 0).GetId(), run(1, 5), false, false)
	f.c.Fault(chat, "Messages stopped.")
	if _, ok := f.c.Want(chat, "log", "", 1, 0); ok {
		t.Fatal("a dead plugin was asked")
	}
	f.show(1)
	if l := f.list(); l.Loaded || len(l.Items) != 4 {
		t.Fatalf("after a restart the old items are shown until new ones come: %+v", l)
	}
	f.patch(remove("k00001"))
	f.items(f.want("", 10, 0).GetId(), run(4, 6), false, false)
	f.expect("4 5")
	f.show(2)
	if l := f.list(); l.Loaded || len(l.Items) != 0 {
		t.Fatalf("a new generation keeps %+v", l)
	}
	f.items(0, run(1, 5), false, false) // answers for the old one
	f.expect("")
}

func TestEmptyList(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.items(f.want("", 10, 0).GetId(), nil, false, false)
	if l := f.list(); !l.Loaded || len(l.Items) != 0 {
		t.Fatalf("%+v", l)
	}
	f.patch(insert("$end", text("k00001", "x")))
	f.expect("1")
	f.items(f.want("k00001", 5, 0).GetId(), nil, false, true)
	f.expect("1")
}

func TestCommandsAndClipboard(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	cmd := func(c *contractv1.ViewCommand) {
		f.frame(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_ViewCommand{ViewCommand: c}})
	}
	flash := &contractv1.ViewCommand{Command: &contractv1.ViewCommand_Flash{Flash: &contractv1.Flash{List: "log", Key: "k"}}}
	clip := &contractv1.ViewCommand{Command: &contractv1.ViewCommand_Copy{Copy: &contractv1.Copy{Text: "x"}}}
	cmd(clip)
	cmd(flash)
	if n := len(f.c.View(chat).Commands); n != 1 {
		t.Fatalf("%d commands: a plugin copied by itself", n)
	}
	f.c.Acted(chat)
	cmd(clip)
	cmd(clip)
	commands := f.c.View(chat).Commands
	if len(commands) != 2 || commands[0].N >= commands[1].N {
		t.Fatalf("after an action: %v", commands)
	}
	f.c.CommandDone(chat, commands[0].N)
	if n := len(f.c.View(chat).Commands); n != 1 {
		t.Fatalf("%d commands are left", n)
	}
	f.c.Acted(chat)
	f.now = f.now.Add(copyAfter + time.Second)
	cmd(clip)
	for range 2 * maxCommands {
		cmd(flash)
	}
	if n := len(f.c.View(chat).Commands); n != maxCommands {
		t.Fatalf("%d commands are kept", n)
	}
}
