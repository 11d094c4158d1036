package im

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	contractv1 "switchboard/shared/contract/v1"
)

// reactionsOf writes the chips of a message as a device shows them.
func reactionsOf(items []*contractv1.ListItem, id string) string {
	var out []string
	for _, i := range items {
		if i.GetKey() != id {
			continue
		}
		for _, chip := range i.GetNode().GetMessage().GetReactions() {
			one := fmt.Sprintf("%s%d %s", chip.GetText(), chip.GetCount(), chip.GetTooltip())
			if chip.GetSelected() {
				one += "!"
			}
			out = append(out, one)
		}
	}
	return strings.Join(out, "; ")
}

func reactedOf(list []Entry, id string) string {
	var out []string
	for _, e := range list {
		for _, r := range e.Reactions {
			if e.ID == id {
				out = append(out, r.Emoji+" "+strings.Join(r.From, ","))
			}
		}
	}
	return strings.Join(out, "; ")
}

func send(t *testing.T, d *sdktest.Device, text string) string {
	t.Helper()
	var answer struct{ ID string }
	if err := d.Command(t.Context(), "send", map[string]string{"text": text}, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.ID
}

func TestRoomReactions(t *testing.T) {
	r := room(t)
	desk, laptop, bob := r.Device("alice", 0), r.Device("alice", 1), r.Device("bob", 0)
	id := send(t, desk, "shall we?")
	r.Settle()
	if err := bob.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	bob.React(id, "👍")
	r.Until("the reaction", func() bool { return reactionsOf(desk.Items(listID), id) == "👍1 bob" })
	r.Until("the line of it", func() bool { return desk.Summary().GetText() == "Reacted 👍 to “shall we?”" })
	if s := desk.Summary(); s.GetUnread() != 0 || s.GetAlert() != contractv1.SummaryCall_NONE || s.GetFrom() != "bob@room" {
		t.Errorf("a reaction is no message: %v", s)
	}
	r.Until("the own one", func() bool { return reactionsOf(bob.Items(listID), id) == "👍1 You!" })

	// My two devices, one of which is away, and what I take back.
	laptop.Online(false)
	laptop.React(id, "❤️")
	r.Until("it is shown before it is sent", func() bool { return reactionsOf(laptop.Items(listID), id) == "👍1 bob; ❤️1 You!" })
	desk.React(id, "👍")
	r.Until("both", func() bool { return reactionsOf(bob.Items(listID), id) == "👍2 You, alice!" })
	laptop.Online(true)
	r.Settle()
	bob.React(id, "👍")
	r.Settle()
	for _, d := range r.Devices() {
		if got := reactedOf(historyOf(t, d), id); got != "👍 alice@room; ❤️ alice@room" {
			t.Errorf("history has %q", got)
		}
	}
	if err := laptop.Command(t.Context(), "react", map[string]string{"id": id, "emoji": "❤️"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := laptop.Command(t.Context(), "react", map[string]string{"id": id, "emoji": "no emoji"}, nil); err == nil || err.Error() != englishChat.badEmoji {
		t.Errorf("a reaction of words: %v", err)
	}
	laptop.React(id, "<script>") // nothing that a window offers, so nothing happens
	r.Settle()
	if len(laptop.Failures()) > 0 {
		t.Errorf("failures %v", laptop.Failures())
	}
	for _, d := range r.Devices() {
		if got := reactedOf(historyOf(t, d), id); got != "👍 alice@room" {
			t.Errorf("history has %q", got)
		}
	}
	if err := desk.Command(t.Context(), "delete", map[string]string{"id": id}, nil); err != nil {
		t.Fatal(err)
	}
	r.Settle()
	for _, d := range r.Devices() {
		if got := reactedOf(historyOf(t, d), id) + reactionsOf(d.Items(listID), id); got != "" {
			t.Errorf("after the deletion there is %q", got)
		}
	}
}

// Presses while the plugin is killed again and again: each counts once.
func TestRoomReactionsThroughKills(t *testing.T) {
	r := room(t)
	alice, bob := r.Device("alice", 0), r.Device("bob", 0)
	id := send(t, alice, "react!")
	r.Settle()
	emoji := []string{"👍", "❤️", "😂", "😮", "😢", "🙏", "🎉"}
	for _, d := range r.Devices() {
		d.Chaos(20)
	}
	for _, e := range emoji {
		alice.React(id, e)
		bob.React(id, e)
		r.Until("pressed", func() bool { return alice.Unhandled()+bob.Unhandled() == 0 })
	}
	for _, e := range emoji[:3] {
		alice.React(id, e)
		r.Until("pressed again", func() bool { return alice.Unhandled() == 0 })
	}
	for _, d := range r.Devices() {
		d.Chaos(0)
	}
	r.Settle()
	for _, d := range r.Devices() {
		var e Entry
		for _, one := range historyOf(t, d) {
			e = one
		}
		if len(e.Reactions) != len(emoji) {
			t.Fatalf("%d reactions: %+v", len(e.Reactions), e.Reactions)
		}
		for _, one := range e.Reactions {
			mine := !slices.Contains(emoji[:3], one.Emoji)
			if !slices.Contains(one.From, "bob@room") || slices.Contains(one.From, "alice@room") != mine || d.Fault() != "" {
				t.Errorf("%s is from %v (%s)", one.Emoji, one.From, d.Fault())
			}
		}
	}
}

func TestRoomHostileReactions(t *testing.T) {
	r := room(t)
	alice := r.Device("alice", 0)
	id := send(t, alice, "target")
	r.Settle()
	inject := func(person string, m *wire.ReactMsg) {
		body, err := wire.Encode(wire.Body{Kind: wire.React, Target: m.Target, Emoji: m.Emoji, On: m.On})
		if err != nil {
			t.Fatal(err)
		}
		r.Inject(person, person+"-9", body)
	}
	inject("bob", &wire.ReactMsg{Target: "unknown", Emoji: "👍", On: true})
	inject("bob", &wire.ReactMsg{Target: id, Emoji: "👍", On: false})
	for i := range history.MaxReactions + 8 {
		inject("bob", &wire.ReactMsg{Target: id, Emoji: string(rune(0x1f600 + i)), On: true})
		inject("bob", &wire.ReactMsg{Target: id, Emoji: string(rune(0x1f600 + i)), On: true})
	}
	r.Settle()
	list := historyOf(t, alice)
	if len(list) != 1 || len(list[0].Reactions) != history.MaxReactions || len(list[0].Reactions[0].From) != 1 {
		t.Fatalf("%d messages, %d reactions", len(list), len(list[0].Reactions))
	}
	if err := alice.Command(t.Context(), "react", map[string]string{"id": id, "emoji": "🎉"}, nil); err == nil || err.Error() != englishChat.tooManyEmoji {
		t.Errorf("one more: %v", err)
	}
	alice.React(id, "😀") // one that is there can be joined
	r.Until("two of one", func() bool { return strings.HasPrefix(reactionsOf(alice.Items(listID), id), "😀2 bob, You!") })
}

func TestRefusedReactionIsForgotten(t *testing.T) {
	st := newStage(t, bob)
	st.start()
	st.want()
	st.arrive("m1", bob, wire.Body{Kind: wire.Text, Text: "hi"})
	st.do(sdk.Action{ID: "a1", Node: "m1", List: listID, Item: "m1", Kind: sdk.React, Value: "👍"})
	if got := reactionsOf(st.items, "m1"); got != "👍1 You!" {
		t.Fatalf("shown %q", got)
	}
	st.do(sdk.Failed{ID: sdk.ID(st.made["a1/0"]), Reason: "no"})
	if got := reactionsOf(st.items, "m1"); got != "" || !slices.Contains(st.discarded, st.made["a1/0"]) {
		t.Errorf("shown %q, discarded %v", got, st.discarded)
	}
	st.reopen(bob)
	st.start()
	st.want()
	if got := reactionsOf(st.items, "m1"); got != "" {
		t.Errorf("shown %q", got)
	}
}

// What is older comes to another device with its reactions, with whose it was and
// with when it was edited.
func TestReactionsComeWithOlderMessages(t *testing.T) {
	old, fresh := newStage(t, bob), newStage(t, bob).device("d2")
	fresh.blobs = old.blobs
	old.start()
	old.arrive("early", bob, wire.Body{Kind: wire.Text, Text: "early", Forwarded: wire.Author{Address: "carol@lab", Name: "Carol"}})
	old.arrive("r1", alice, wire.Body{Kind: wire.React, Target: "early", Emoji: "👍", On: true})
	old.arrive("e1", bob, wire.Body{Kind: wire.Edit, Target: "early", Text: "earlier"})
	fresh.seq, fresh.clock = old.seq, old.clock
	old.arrive("late", bob, wire.Body{Kind: wire.Text, Text: "late"})
	fresh.do(sdk.Started{})
	fresh.arrive("late", bob, wire.Body{Kind: wire.Text, Text: "late"})
	fresh.jobs = nil
	fresh.do(sdk.CaughtUp{Trimmed: true})
	old.jobs = nil
	fresh.tell(old, olderWant+wire.OlderKey("d2"))
	old.job()
	old.tell(fresh, olderHave+wire.OlderKey("d2"))
	fresh.job()
	row, err := fresh.c.log.Row(t.Context(), "early")
	if err != nil || row == nil {
		t.Fatal(row, err)
	}
	if len(row.Reactions) != 1 || row.Reactions[0].From[0] != alice || row.Forwarded != "carol@lab\nCarol" || row.EditTime == 0 || !row.Edited {
		t.Errorf("it came as %+v", row)
	}
}
