package im

import (
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// other is another conversation of the same history, with four messages.
func (st *stage) other(name string) {
	st.t.Helper()
	log, err := st.store.Log(st.t.Context(), name, "im")
	if err != nil {
		st.t.Fatal(err)
	}
	text := func(seq int64, id, from, text string) history.Entry {
		return history.Entry{ID: id, From: from, Seq: seq, Time: 1000 * seq, Own: from == alice, Body: wire.Body{Kind: wire.Text, Text: text}}
	}
	picture := text(3, "o3", "carol@lab", "look")
	picture.Body.Picture = contractv1.Picture{Hash: strings.Repeat("a", 64), Type: "image/png", Width: 10, Height: 20, Bytes: 30}
	again := text(4, "o4", "carol@lab", "from afar")
	again.Body.Forwarded = wire.Author{Address: "eve@lab", Name: "Eve"}
	if _, err := log.Apply(st.t.Context(), []history.Entry{text(1, "o1", alice, "mine"), text(2, "o2", "carol@lab", "hers"), picture, again,
		text(5, "o5", "carol@lab", "gone"), {ID: "d5", From: "carol@lab", Seq: 6, Body: wire.Body{Kind: wire.Delete, Target: "o5"}}}); err != nil {
		st.t.Fatal(err)
	}
}

func source(keys ...string) sdk.Source {
	return sdk.Source{Conversation: "dm.alice.carol", Session: "im", Keys: keys}
}

func TestForward(t *testing.T) {
	st := newStage(t, bob)
	st.other("dm.alice.carol")
	st.start()
	st.want()
	act := sdk.Action{ID: "f1", Kind: sdk.Forward, Source: source("o4", "o3", "o5", "nope", "o2", "o1", "o2")}
	st.do(act)
	st.do(act) // the plugin was killed before it said that it is done
	st.network()
	st.expect(`
		-- Tuesday, 24 November --
		Alice: Forwarded from Alice
		mine sent
		Forwarded from carol
		hers sent
		Forwarded from carol
		look [buttons] sent
		Forwarded from Eve
		from afar sent`)
	rows, err := st.c.log.Messages(t.Context(), history.End, 10)
	if err != nil || len(rows) != 4 {
		t.Fatal(len(rows), err)
	}
	if rows[2].Picture == "" || rows[3].Forwarded != "eve@lab\nEve" || rows[1].Forwarded != "carol@lab\ncarol" {
		t.Errorf("kept as %+v", rows)
	}
	if len(st.given) == 0 || st.given[0] != strings.Repeat("a", 64) {
		t.Errorf("given to the network: %v", st.given)
	}
	b := wire.Decode(st.bodies[rows[2].ID])
	if b.Text != "look" || b.Picture.Width != 10 || b.Forwarded.Address != "carol@lab" {
		t.Errorf("on the wire it is %+v", b)
	}
	for name, s := range map[string]sdk.Source{"nothing there": source("o5", "nope"), "no keys": source(),
		"too many": source(make([]string, contractv1.MaxForward+1)...), "unknown": {Conversation: "dm.x.y", Session: "im", Keys: []string{"o1"}}} {
		before := len(st.failures)
		st.do(sdk.Action{ID: "f" + name, Kind: sdk.Forward, Source: s})
		if len(st.failures) != before+1 {
			t.Errorf("%s: nothing was said", name)
		}
	}
	st.command("c1", "forward", map[string]string{"from": "carol", "ids": "o1, o2"})
	if got := st.replies["c1"].(map[string][]string)["ids"]; len(got) != 2 {
		t.Errorf("the command answers %v", got)
	}
	st.do(sdk.Command{ID: "h", Name: "history"})
	for _, e := range st.replies["h"].([]Entry) {
		if e.Forwarded == nil {
			t.Errorf("%+v is not marked", e)
		}
	}
}

// What was not sent is still marked as forwarded when it is sent again.
func TestForwardedAgain(t *testing.T) {
	st := newStage(t, bob)
	st.other("dm.alice.carol")
	st.start()
	st.want()
	st.do(sdk.Action{ID: "f1", Kind: sdk.Forward, Source: source("o2")})
	id := st.made["f1/0"]
	st.do(sdk.Failed{ID: sdk.ID(id), Reason: "no"})
	st.do(sdk.Action{ID: "a1", Node: buttonAgain, List: listID, Item: id, Kind: sdk.Press})
	if b := wire.Decode(st.bodies[id]); b.Forwarded.Address != "carol@lab" {
		t.Errorf("sent again as %+v", b)
	}
	st.network()
	st.expect(`
		-- Tuesday, 24 November --
		Alice: Forwarded from carol
		hers sent`)
}

// A name that is known is not taken from the one who forwards.
func TestForwardedFromAKnownPerson(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.want()
	st.arrive("m1", bob, wire.Body{Kind: wire.Text, Text: "I owe Bob", Forwarded: wire.Author{Address: alice, Name: "Somebody\u202e else"}})
	st.arrive("m2", bob, wire.Body{Kind: wire.Text, Text: "x", Forwarded: wire.Author{Address: "s@else", Name: "A\nB\u202e" + strings.Repeat("c", 300)}})
	got := draw(st.items)
	if !strings.Contains(got, "Forwarded from Alice\nI owe") || !strings.Contains(got, "Forwarded from A Bccc") || strings.Contains(got, "\u202e") {
		t.Errorf("shown\n%s", got)
	}
}

func TestRoomForwardThroughKills(t *testing.T) {
	r := room(t)
	alice := r.Device("alice", 0)
	var keys []string
	for i := range 12 {
		keys = append(keys, send(t, alice, "part "+string(rune('a'+i))))
	}
	r.Settle()
	alice.Chaos(12)
	alice.Forward("room", "im", keys...)
	r.Until("forwarded", func() bool { return alice.Unhandled() == 0 })
	alice.Chaos(0)
	r.Settle()
	for _, d := range r.Devices() {
		list := historyOf(t, d)
		if len(list) != 24 {
			t.Fatalf("%d messages", len(list))
		}
		for i, e := range list[12:] {
			if e.Text != list[i].Text || e.Forwarded == nil || e.Forwarded.Address != "alice@room" {
				t.Errorf("%d is %+v", i, e)
			}
		}
	}
	t.Logf("%d starts", alice.Starts())
}

func TestRoomMarkedUnread(t *testing.T) {
	r := room(t)
	alice, bob, laptop := r.Device("alice", 0), r.Device("bob", 0), r.Device("bob", 1)
	if err := bob.Command(t.Context(), "unread", nil, nil); err == nil || err.Error() != englishChat.nothingUnread {
		t.Errorf("nothing is there: %v", err)
	}
	id := send(t, alice, "read me")
	r.Settle()
	if err := bob.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	r.Until("read everywhere", func() bool {
		return laptop.Summary().GetUnread() == 0 && stateOf(alice, "read me") == contractv1.Message_READ
	})
	if err := bob.Command(t.Context(), "unread", nil, nil); err != nil {
		t.Fatal(err)
	}
	unread := func(n uint32) func() bool {
		return func() bool { return bob.Summary().GetUnread() == n && laptop.Summary().GetUnread() == n }
	}
	r.Until("marked on both", unread(1))
	bob.Kill()
	laptop.Kill()
	r.Settle()
	r.Until("marked after a kill", unread(1))
	if s := laptop.Summary(); s.GetAlert() != contractv1.SummaryCall_NONE {
		t.Errorf("a mark alerts: %v", s)
	}
	laptop.Visible(true, false, true)
	r.Until("the line above it", func() bool {
		items := laptop.Items(listID)
		i := slices.IndexFunc(items, func(i *contractv1.ListItem) bool { return i.GetKey() == newKey })
		return i >= 0 && i+1 < len(items) && items[i+1].GetKey() == id
	})
	r.Until("looking at it ends that on both", unread(0))
	if err := bob.Command(t.Context(), "unread", nil, nil); err != nil {
		t.Fatal(err)
	}
	r.Until("marked again", unread(1))
	bob.Seen(listID, id)
	r.Until("seen", unread(0))
	r.Settle()
	if s := stateOf(alice, "read me"); s != contractv1.Message_READ {
		t.Errorf("alice is told that it is %v", s)
	}
}

func TestRoomMessageInfo(t *testing.T) {
	r := room(t)
	alice, bob := r.Device("alice", 0), r.Device("bob", 0)
	id := send(t, alice, "do you know?")
	r.Settle()
	alice.Choose(id, menuInfo)
	alice.WaitText(english.haveReceived)
	alice.WaitText(englishChat.infoOpen)
	if err := bob.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	alice.WaitText(english.haveRead + "\nbob, ") // it follows, with the time
	if err := alice.Command(t.Context(), "edit", map[string]string{"id": id, "text": "do you?"}, nil); err != nil {
		t.Fatal(err)
	}
	alice.WaitText("Last edited")
	bob.Choose(id, menuInfo)
	bob.WaitText("From alice (alice@room)")
	bob.WaitText("Last edited")
	if strings.Contains(bob.Text(), english.haveRead+"\n") {
		t.Errorf("bob is told who else has read:\n%s", bob.Text())
	}
	bob.Press(infoCloseID)
	r.Until("closed", func() bool { return !strings.Contains(bob.Text(), englishChat.infoOpen) })
}

func TestMessageInfoOfWhatWaitsAndOfNotes(t *testing.T) {
	st := newStage(t)
	st.start()
	st.want()
	id := st.say("a1", "a note")
	info := func() string {
		st.do(sdk.Action{ID: "i" + time.Now().String(), Node: id, List: listID, Item: id, Kind: sdk.Press, Value: menuInfo})
		var b strings.Builder
		for _, n := range st.c.infoNode.GetDialog().GetContent().GetColumn().GetChildren() {
			b.WriteString(n.GetText().GetText() + "\n")
		}
		return b.String()
	}
	if got := info(); !strings.Contains(got, "It waits on this computer") {
		t.Errorf("of what waits it says\n%s", got)
	}
	st.network()
	if got := info(); !strings.Contains(got, "Sent Tuesday, 24 November 2026, 10:") || !strings.Contains(got, "note to yourself") || strings.Contains(got, english.haveNot) {
		t.Errorf("of a note it says\n%s", got)
	}
}

func TestCopySeveral(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.arrive("m1", bob, wire.Body{Kind: wire.Text, Text: "one"})
	st.arrive("m2", bob, wire.Body{Kind: wire.Text, Text: "*two*\nlines"})
	copyIt := func(id string) {
		st.do(sdk.Action{ID: "c" + id, Node: id, List: listID, Item: id, Kind: sdk.Press, Value: menuCopy})
	}
	copyIt("m1")
	copyIt("m2")
	st.clock = st.clock.Add(time.Second)
	copyIt("m1")
	want := []string{"copy one", "copy one\n*two*\nlines", "copy one"}
	if got := st.commands; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	many := map[string]bool{}
	st.want()
	st.say("a1", "mine")
	for _, i := range st.items {
		for _, e := range i.GetNode().GetMessage().GetMenu() {
			many[e.GetId()] = many[e.GetId()] || e.GetMany()
		}
	}
	if !many[menuCopy] || !many[menuDelete] || many[menuReply] || many[menuEdit] || many[menuInfo] {
		t.Errorf("for several: %v", many)
	}
}

func TestRoomEmoticonsFollowTheSetting(t *testing.T) {
	r := room(t)
	alice, bob := r.Device("alice", 0), r.Device("bob", 0)
	send(t, alice, "hello :-)")
	bob.WaitText("hello 🙂")
	r.Until("in the list", func() bool { return bob.Summary().GetText() == "hello 🙂" })
	bob.Set("emoticons", "false")
	bob.WaitText("hello :-)")
	if list := historyOf(t, bob); list[0].Text != "hello :-)" {
		t.Errorf("kept as %q", list[0].Text)
	}
	bob.Set("emoticons", "true")
	bob.WaitText("hello 🙂")
}
