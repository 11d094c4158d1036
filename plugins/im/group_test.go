package im

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	contractv1 "switchboard/shared/contract/v1"
)

// groupRoom is three people in a group, carol outside at first.
func groupRoom(t *testing.T) *sdktest.Room {
	t.Helper()
	return sdktest.New(t, sdktest.Options{Plugin: func() sdk.Plugin { return New() }, ID: "im", Group: "Lab",
		People: []string{"alice", "bob", "carol"}, Outside: []string{"carol"}, Timeout: 15 * time.Second})
}

func TestGroupTranscriptSaysWhoCameAndWent(t *testing.T) {
	r := groupRoom(t)
	alice, bob, carol := r.Device("alice", 0), r.Device("bob", 0), r.Device("carol", 0)
	alice.Submit(composerID, "one")
	bob.WaitText("one")
	r.Join("alice", "carol")
	carol.WaitText("alice added you")
	carol.Submit(composerID, "hello")
	r.Rename("alice", "Workshop")
	bob.WaitText("alice named the group “Workshop”")
	alice.WaitText("You added carol")
	r.Remove("alice", "carol")
	carol.WaitText("You are no longer in this group.")
	alice.Submit(composerID, "without carol")
	bob.WaitText("without carol")
	r.Settle()
	if got := texts(historyOf(t, bob)); got != "one,hello,without carol" {
		t.Errorf("bob's messages: %s", got)
	}
	if got := texts(historyOf(t, carol)); got != "hello" {
		t.Errorf("carol's messages: %s", got)
	}
	if !slices.ContainsFunc(bob.View().GetColumn().GetChildren(), func(n *contractv1.Node) bool { return n.GetEditor().GetMentions() }) {
		t.Error("members are not offered after an @")
	}
	if s := carol.Summary(); s.GetText() != "alice removed you" || s.GetFrom() != "" || s.GetUnread() != 0 {
		t.Errorf("carol's summary: %v", s)
	}
	if slices.ContainsFunc(carol.View().GetColumn().GetChildren(), func(n *contractv1.Node) bool {
		return n.GetEditor() != nil && !n.GetEditor().GetDisabled()
	}) {
		t.Error("who is out has a place to write")
	}
	var sent struct{ ID string }
	if err := carol.Command(t.Context(), "send", map[string]string{"text": "still here"}, &sent); err == nil {
		r.Settle() // the host of the test refuses later than a real one
		if got := texts(historyOf(t, alice)); strings.Contains(got, "still here") {
			t.Errorf("alice reads %s", got)
		}
	}
	for _, d := range []*sdktest.Device{alice, bob} {
		d.Kill()
		d.WaitText("without carol")
		if text := d.Text(); strings.Count(text, "added") != 1 || strings.Count(text, "removed") != 1 {
			t.Errorf("after a restart: %s", text)
		}
	}
}

func TestGroupReceiptsArePerPerson(t *testing.T) {
	r := groupRoom(t)
	alice, bob, carol := r.Device("alice", 0), r.Device("bob", 0), r.Device("carol", 0)
	r.Settle()
	alice.Submit(composerID, "early")
	r.Until("bob has it", func() bool { return stateOf(alice, "early") == contractv1.Message_DELIVERED })
	r.Join("alice", "carol")
	alice.Submit(composerID, "late")
	r.Until("all have it", func() bool { return stateOf(alice, "late") == contractv1.Message_DELIVERED })
	if stateOf(alice, "early") != contractv1.Message_DELIVERED {
		t.Error("who came later is waited for")
	}
	ids := historyOf(t, alice)
	ask := func(id string) (out receipts) {
		t.Helper()
		if err := alice.Command(t.Context(), "receipts", map[string]string{"id": id}, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := ask(ids[0].ID); got.of() != 1 || len(got.Delivered) != 1 {
		t.Errorf("early: %+v", got)
	}
	if err := bob.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	r.Until("bob has read", func() bool { return len(ask(ids[1].ID).Read) == 1 })
	if got := ask(ids[1].ID); got.Read[0] != "bob@room" || len(got.Delivered) != 1 || got.of() != 2 {
		t.Errorf("late: %+v", got)
	}
	if s := stateOf(alice, "late"); s != contractv1.Message_DELIVERED {
		t.Errorf("one of two has read, and it is %v", s)
	}
	r.Until("the menu says how many", func() bool {
		for _, i := range alice.Items(listID) {
			for _, e := range i.GetNode().GetMessage().GetMenu() {
				if e.GetText() == "Read by 1 of 2" {
					return true
				}
			}
		}
		return false
	})
	alice.Choose(ids[1].ID, menuReceipts)
	alice.WaitText("Read by 1 of 2")
	alice.WaitText("carol")
	alice.Press(infoCloseID)
	r.Until("the list is closed", func() bool {
		return !slices.ContainsFunc(alice.View().GetColumn().GetChildren(), func(n *contractv1.Node) bool { return n.GetDialog() != nil })
	})
	if err := carol.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	r.Until("all have read", func() bool { return stateOf(alice, "late") == contractv1.Message_READ })
	r.Leave("bob")
	r.Until("who left does not count", func() bool { return ask(ids[1].ID).of() == 1 })
	if err := carol.Command(t.Context(), "receipts", map[string]string{"id": ids[1].ID}, nil); err == nil {
		t.Error("another's message tells who has read it")
	}
}

func TestGroupMentions(t *testing.T) {
	r := groupRoom(t)
	alice, bob := r.Device("alice", 0), r.Device("bob", 0)
	alice.Submit(composerID, "nobody in particular, bob@example.org or @bobby")
	alice.Submit(composerID, "@Bob, look")
	r.Until("bob is mentioned", func() bool { return bob.Summary().GetMentions() == 1 })
	if s := bob.Summary(); s.GetAlert() != contractv1.SummaryCall_MENTION || s.GetUnread() != 2 {
		t.Errorf("%v", s)
	}
	bob.WaitText("@Bob")
	marked := func(d *sdktest.Device) (out []string) {
		for _, i := range d.Items(listID) {
			for _, s := range i.GetNode().GetMessage().GetBody() {
				if s.GetMention() {
					out = append(out, s.GetText())
				}
			}
		}
		return out
	}
	r.Until("the name is marked", func() bool {
		return slices.Equal(marked(bob), []string{"@Bob"}) && slices.Equal(marked(alice), []string{"@Bob"})
	})
	bob.Kill()
	r.Until("it counts after a restart", func() bool { return bob.Summary().GetMentions() == 1 })
	if err := bob.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	r.Until("read", func() bool { return bob.Summary().GetMentions() == 0 && bob.Summary().GetUnread() == 0 })
	r.Settle()
	if s := alice.Summary(); s.GetMentions() != 0 {
		t.Errorf("who mentions is mentioned: %v", s)
	}
}

func TestGroupSeveralType(t *testing.T) {
	r := groupRoom(t)
	r.Join("alice", "carol")
	r.Settle()
	r.Device("alice", 0).Edit(composerID, "so")
	r.Device("bob", 0).Edit(composerID, "so")
	r.Device("carol", 0).WaitText("alice and bob are typing…")
}

func TestGroupEditsAreTheAuthors(t *testing.T) {
	r := groupRoom(t)
	alice, bob := r.Device("alice", 0), r.Device("bob", 0)
	bob.Submit(composerID, "mine")
	r.Join("alice", "carol")
	r.Settle()
	id := historyOf(t, alice)[0].ID
	for _, command := range []string{"edit", "delete"} {
		if err := alice.Command(t.Context(), command, map[string]string{"id": id, "text": "x"}, nil); err == nil || err.Error() != english.notYours {
			t.Errorf("%s by the owner of the group: %v", command, err)
		}
	}
	var event string
	for _, i := range alice.Items(listID) {
		if i.GetNode().GetMessage() == nil && i.GetNode().GetSeparator() == nil {
			event = i.GetKey()
		}
	}
	for _, command := range []string{"edit", "delete"} {
		if err := alice.Command(t.Context(), command, map[string]string{"id": event, "text": "x"}, nil); event == "" || err == nil || err.Error() != english.noMessage {
			t.Errorf("%s of %q: %v", command, event, err)
		}
	}
}

func TestNamesInTexts(t *testing.T) {
	book := nameBook(map[string]string{"ann@n": "Ann", "anna@n": "Anna Lee", "tim@n": "Tim", "tim2@n": "Tim"}, []string{"ann@n", "anna@n", "tim@n", "tim2@n"})
	for text, want := range map[string]string{
		"@ann": "0-4 ann@n", "@Anna Lee!": "0-9 anna@n", "@anna lee and @ANN": "0-9 anna@n 14-18 ann@n", "(@anna)": "1-6 anna@n", "@annabel": "",
		"mail@ann": "", "@@ann": "", "@ann@n": "0-6 ann@n", "@ann@x": "0-4 ann@n", "@tim": "0-4 tim@n", "@": "", "@\n": "", "@ann\nlee": "0-4 ann@n", "ä@ann": "",
	} {
		var got []string
		for _, m := range mentionsIn(text, book) {
			got = append(got, fmt.Sprintf("%d-%d %s", m.from, m.to, m.address))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, not %q", text, got, want)
		}
	}
	if n := len(mentionsIn(strings.Repeat("@ann ", 1000), book)); n != maxMentions {
		t.Errorf("%d mentions", n)
	}
}

func FuzzMentions(f *testing.F) {
	for _, seed := range []string{"@ann", "hi @anna lee, see https://x.example/@ann", "@\xff", "@@@", "@ann@n @ANNA"} {
		f.Add(seed)
	}
	book := nameBook(map[string]string{"anna@n": "Anna Lee"}, []string{"ann@n", "anna@n"})
	f.Fuzz(func(t *testing.T, text string) {
		joined := ""
		for _, s := range format(text, book, false) {
			joined += s.GetText()
			if s.GetMention() && !strings.HasPrefix(s.GetText(), "@") {
				t.Errorf("%q is marked", s.GetText())
			}
		}
		if utf8.ValidString(text) && !within(joined, text) {
			t.Errorf("%q became %q", text, joined)
		}
	})
}

func TestLargeGroupsTellNoReceipts(t *testing.T) {
	var others []string
	for i := range maxReceipts + 1 {
		others = append(others, fmt.Sprintf("p%03d@lab", i))
	}
	st := newStage(t, others...)
	st.c.conversation.Kind = contractv1.Conversation_GROUP
	st.start()
	st.arrive("x1", others[0], wire.Body{Kind: wire.Text, Text: "hi"})
	if st.states[stateDelivered] != nil {
		t.Error("what was delivered is told to all of a large group")
	}
	st.command("c", "read", nil)
	if st.scopes[stateRead] != sdk.MyDevices {
		t.Errorf("what was read is told to %v", st.scopes[stateRead])
	}
}
