package im

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

func hello(text string) wire.Body { return wire.Body{Kind: wire.Text, Text: text} }

func cursor(t *testing.T, who, key string, seq int64) sdk.State {
	t.Helper()
	value, err := wire.EncodeCursor(seq)
	if err != nil {
		t.Fatal(err)
	}
	return sdk.State{Author: who, Key: key, Value: value}
}

func TestMessageOnItsWay(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.want()
	id := st.say("a1", "hi https://a.b")
	st.expect(`-- Tuesday, 24 November --
		Alice: hi https://a.b waiting`)
	st.do(sdk.Sent{ID: sdk.ID(id), Seq: 1, Time: st.clock})
	st.expect(`-- Tuesday, 24 November --
		Alice: hi https://a.b sent`)
	st.network()
	st.do(cursor(t, bob, stateDelivered, 1))
	st.expect(`-- Tuesday, 24 November --
		Alice: hi https://a.b delivered`)
	st.do(cursor(t, bob, stateRead, 1), cursor(t, bob, stateRead, 0), cursor(t, "stranger@lab", stateRead, 9))
	st.expect(`-- Tuesday, 24 November --
		Alice: hi https://a.b read`)
	if st.acked != 1 || len(st.states[stateDelivered]) > 0 {
		t.Errorf("acked %d, told as delivered %v", st.acked, st.states[stateDelivered])
	}
}

func TestRunsDaysAndTheNewLine(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.arrive("b1", bob, hello("one"))
	st.arrive("b2", bob, hello("two"))
	if st.summary.Unread != 2 || st.summary.Alert != sdk.AlertMessage || st.summary.Text != "two" || st.summary.Seq != 2 {
		t.Errorf("summary %+v", st.summary)
	}
	if seq, _ := wire.DecodeCursor(st.states[stateDelivered]); seq != 2 || st.scopes[stateDelivered] != sdk.Everyone {
		t.Errorf("delivered %d", seq)
	}
	st.do(sdk.Visible{Full: true, Focused: true})
	st.want()
	st.expect(`-- Tuesday, 24 November --
		-- new --
		Bob: one
		two`)
	st.do(sdk.Seen{List: listID, Key: "b2"})
	if seq, _ := wire.DecodeCursor(st.states[stateRead]); seq != 2 || st.scopes[stateRead] != sdk.Everyone || st.summary.Unread != 0 || st.summary.Alert != sdk.AlertNone {
		t.Errorf("read %d, summary %+v", seq, st.summary)
	}
	st.clock = st.clock.Add(24 * time.Hour)
	st.arrive("b3", bob, hello("three"))
	st.expect(`-- Tuesday, 24 November --
		-- new --
		Bob: one
		two
		-- Wednesday, 25 November --
		Bob: three`)
	st.do(sdk.Visible{}, sdk.Visible{Full: true})
	st.expect(`-- Tuesday, 24 November --
		Bob: one
		two
		-- Wednesday, 25 November --
		-- new --
		Bob: three`)
	st.say("a1", "answer")
	st.expect(`-- Tuesday, 24 November --
		Bob: one
		two
		-- Wednesday, 25 November --
		Bob: three
		Alice: answer waiting`)
}

// Whoever answers has seen what was new, wherever the answer was written.
func TestAnAnswerTakesTheNewLineAway(t *testing.T) {
	st := newStage(t, bob)
	st.start(sdk.Visible{Full: true})
	st.want()
	fresh := func(id string) {
		t.Helper()
		st.arrive(id, bob, hello(id))
		if !strings.Contains(draw(st.items), "-- new --") {
			t.Fatalf("no line above %s, which came while nobody looked:\n%s", id, draw(st.items))
		}
	}
	gone := func(how string) {
		t.Helper()
		if strings.Contains(draw(st.items), "-- new --") {
			t.Errorf("the line stands after %s:\n%s", how, draw(st.items))
		}
	}
	fresh("b1")
	st.command("c1", "send", arguments{Text: "by a command"})
	gone("a command")
	st.network()
	fresh("b2")
	st.arrive("a9", alice, hello("from my laptop"))
	gone("a message from another device")
	fresh("b3")
}

func TestReadOnMyOtherDevice(t *testing.T) {
	st := newStage(t, bob)
	st.states["setting:receipts"] = []byte("off")
	st.start()
	st.arrive("b1", bob, hello("one"))
	st.arrive("b2", bob, hello("two"))
	st.do(sdk.Visible{Full: true})
	st.want()
	st.do(cursor(t, alice, stateRead, 1))
	if st.summary.Unread != 1 {
		t.Errorf("summary %+v", st.summary)
	}
	st.do(cursor(t, alice, stateRead, 2))
	if st.summary.Unread != 0 || strings.Contains(draw(st.items), "new") {
		t.Errorf("summary %+v\n%s", st.summary, draw(st.items))
	}
	st.arrive("b3", bob, hello("three"))
	st.do(cursor(t, alice, stateRead, 3))
	if len(st.states[stateRead]) > 0 {
		t.Error("what the other device said was said again")
	}
	st.do(cursor(t, alice, stateRead, 1))
	if seq, _ := wire.DecodeCursor(st.states[stateRead]); seq != 3 || st.scopes[stateRead] != sdk.MyDevices {
		t.Errorf("the higher cursor does not hold: %d, scope %d", seq, st.scopes[stateRead])
	}
}

func TestReplyEditDelete(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.want()
	st.arrive("b1", bob, hello("question"))
	st.do(sdk.Edited{Node: composerID, Text: "half an answer", Revision: 3})
	st.do(sdk.Action{ID: "a1", List: listID, Item: "b1", Node: "b1", Kind: sdk.Press, Value: menuReply})
	if !strings.Contains(fmt.Sprint(st.root), "Reply to Bob") {
		t.Errorf("no banner in %v", st.root)
	}
	mine := st.say("a2", "answer")
	st.network()
	st.do(sdk.Action{ID: "a3", List: listID, Item: mine, Node: mine, Kind: sdk.Link, Value: "b1"})
	if got := strings.Join(st.commands, ","); got != "focus composer,scroll b1,flash b1" {
		t.Errorf("commands %s", got)
	}
	st.do(sdk.Edited{Node: composerID, Text: "a draft", Revision: 4})
	st.do(sdk.Action{ID: "a4", Node: composerID, Kind: sdk.EditLast})
	if st.text != "answer" {
		t.Errorf("the composer holds %q", st.text)
	}
	st.expect(`-- Tuesday, 24 November --
		Bob: question
		Alice: answer [being edited] [re question] sent`)
	st.do(sdk.Action{ID: "a5", Node: composerID, Kind: sdk.Cancel})
	if st.text != "a draft" {
		t.Errorf("the draft became %q", st.text)
	}
	st.do(sdk.Action{ID: "a6", Node: composerID, Kind: sdk.EditLast})
	st.say("a7", "better answer")
	st.arrive("b2", bob, wire.Body{Kind: wire.Edit, Target: mine, Text: "forged"})
	st.arrive("b3", bob, wire.Body{Kind: wire.Delete, Target: mine})
	st.arrive("b4", bob, wire.Body{Kind: wire.Edit, Target: "unknown", Text: "?"})
	st.arrive("b5", bob, wire.Body{Kind: wire.Edit, Target: "b1", Text: "a better question"})
	st.expect(`-- Tuesday, 24 November --
		Bob: a better question [edited]
		Alice: better answer [edited] [re a better question] sent`)
	st.network()
	st.do(sdk.Action{ID: "a8", List: listID, Item: mine, Node: mine, Kind: sdk.Press, Value: menuDelete},
		sdk.Action{ID: "a9", List: listID, Item: "b1", Node: "b1", Kind: sdk.Press, Value: menuDelete})
	st.expect(`-- Tuesday, 24 November --
		Bob: a better question [edited]
		Alice:  [deleted] sent`)
	if len(st.failures) != 1 || st.failures[0] != english.notYours {
		t.Errorf("failures %q", st.failures)
	}
	st.network()
	st.want()
	st.expect(`-- Tuesday, 24 November --
		Bob: a better question [edited]
		Alice:  [deleted] sent`)
}

func TestRefusalsAreSentences(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.say("a1", strings.Repeat("x", wire.MaxText+1))
	st.say("a2", "\x07")
	st.command("c1", "send", map[string]string{"text": "a", "reply_to": "nothing"})
	st.command("c2", "edit", map[string]string{"id": "nothing", "text": "x"})
	st.command("c3", "send", []int{1})
	st.refuse = fmt.Errorf("update: %w", &sdk.Error{Message: "The administrator forbids sending."})
	st.say("a3", "x")
	want := []string{wire.ErrTooLong.Error(), wire.ErrEmpty.Error(), english.notQuotable, english.noMessage, english.badArguments, "The administrator forbids sending."}
	if strings.Join(st.failures, "|") != strings.Join(want, "|") {
		t.Errorf("failures %q", st.failures)
	}
}

func TestCommandsSurviveACrash(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.command("c1", "send", map[string]string{"text": "once"})
	st.command("c2", "send", map[string]string{"text": "twice"})
	pending := []sdk.Pending{}
	for _, id := range st.order {
		pending = append(pending, sdk.Pending{ID: sdk.ID(id), Body: st.bodies[id], Time: st.clock})
	}
	st.reopen(bob)
	st.do(sdk.Started{Pending: pending}, sdk.CaughtUp{})
	st.command("c2", "send", map[string]string{"text": "twice"}) // the host asks again
	st.command("h1", "history", map[string]int{"limit": 10})
	texts := func(key string) string {
		data, err := json.Marshal(st.replies[key])
		if err != nil {
			t.Fatal(err)
		}
		var list []Entry
		if err := json.Unmarshal(data, &list); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range list {
			if _, err := time.Parse(time.RFC3339, e.Time); err != nil {
				t.Error(err)
			}
			out = append(out, e.Text+" "+e.State)
		}
		return strings.Join(out, ", ")
	}
	if got := texts("h1"); got != "once pending, twice pending" {
		t.Errorf("history %s", got)
	}
	st.network()
	st.arrive("b1", bob, hello("answer to once"))
	st.command("h2", "history", map[string]int{})
	if got := texts("h2"); got != "once sent, twice sent, answer to once received" {
		t.Errorf("history %s", got)
	}
	st.command("h3", "history", map[string]any{"before": "b1", "limit": 1})
	if got := texts("h3"); got != "twice sent" {
		t.Errorf("history %s", got)
	}
	st.command("s1", "search", map[string]string{"query": "onc"})
	if got := texts("s1"); got != "answer to once received, once sent" {
		t.Errorf("search %s", got)
	}
	st.command("r1", "read", nil)
	if st.summary.Unread != 0 {
		t.Errorf("summary %+v", st.summary)
	}
}

func TestTyping(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	on, _ := wire.EncodeTyping(true)
	line := func() string { return st.c.typingLine() }
	st.do(sdk.Signal{From: bob, Body: on}, sdk.Signal{From: "stranger@lab", Body: on}, sdk.Signal{From: bob, Body: []byte{0xff}})
	if line() != "Bob is typing…" || !st.summary.Typing {
		t.Errorf("line %q", line())
	}
	st.summary.Typing = false // as the host does after a while
	st.clock = st.clock.Add(typingEvery)
	if st.do(sdk.Signal{From: bob, Body: on}); !st.summary.Typing {
		t.Error("the summary was not renewed")
	}
	st.clock = st.clock.Add(typingFor)
	st.do(timer{what: timerTyping})
	if line() != "" || st.summary.Typing {
		t.Errorf("line %q", line())
	}
	st.do(sdk.Signal{From: bob, Body: on})
	st.arrive("b1", bob, hello("said"))
	if line() != "" || st.summary.Typing {
		t.Errorf("line %q", line())
	}
	for range 10 {
		st.do(sdk.Edited{Node: composerID, Text: "x", Revision: 1})
	}
	if len(st.signals) != 1 {
		t.Errorf("%d typing signals", len(st.signals))
	}
	st.say("a1", "done")
	if len(st.signals) != 2 {
		t.Errorf("%d typing signals", len(st.signals))
	}
	st.states["setting:typing"] = []byte("off")
	st.do(sdk.Edited{Node: composerID, Text: "secretly", Revision: 2})
	if len(st.signals) != 2 {
		t.Error("typing was told although the setting forbids it")
	}
}

func TestNotesToSelf(t *testing.T) {
	st := newStage(t)
	st.start()
	st.want()
	st.say("a1", "buy milk")
	st.network()
	st.do(sdk.Edited{Node: composerID, Text: "x"})
	st.expect(`-- Tuesday, 24 November --
		Alice: buy milk sent`)
	if len(st.signals) != 0 || st.states[stateDelivered] != nil || st.summary.Unread != 0 {
		t.Error("notes to self tell others")
	}
}

func TestHostileBodiesAreShownAsSuch(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.want()
	st.deliver("b1", bob, []byte{0xff, 0xff})
	st.deliver("b2", bob, []byte{8, 9})
	st.deliver("day:b1", bob, []byte{8, 9})
	st.arrive(strings.Repeat("x", 64), bob, hello(strings.Repeat("http://a.b/ ", 2700)))
	want := draw(st.items)
	if !strings.Contains(want, english.broken) || !strings.Contains(want, english.newer) {
		t.Fatal(want)
	}
}
