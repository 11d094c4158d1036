package im

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	contractv1 "switchboard/shared/contract/v1"
)

// room is two people with two devices each, over the real stream.
func room(t *testing.T, people ...string) *sdktest.Room {
	t.Helper()
	return sdktest.New(t, sdktest.Options{Plugin: func() sdk.Plugin { return New() }, ID: "im", People: people,
		Devices: 2, Timeout: 15 * time.Second})
}

func historyOf(t *testing.T, d *sdktest.Device) []Entry {
	t.Helper()
	var list []Entry
	if err := d.Command(t.Context(), "history", map[string]int{"limit": maxHistory}, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func texts(list []Entry) string {
	var out []string
	for _, e := range list {
		text := e.Text
		if e.Edited {
			text += "*"
		}
		if e.Deleted {
			text += "(deleted)"
		}
		out = append(out, text)
	}
	return strings.Join(out, ",")
}

// shown is the state that a device draws for the message with a text.
func stateOf(d *sdktest.Device, text string) contractv1.Message_State {
	for _, i := range d.Items(listID) {
		m := i.GetNode().GetMessage()
		for _, s := range m.GetBody() {
			if s.GetText() == text {
				return m.GetState()
			}
		}
	}
	return contractv1.Message_STATE_UNSPECIFIED
}

func TestRoomExactlyOnceThroughKills(t *testing.T) {
	r := room(t)
	each := 25
	if slow {
		each = 8
	}
	for _, d := range r.Devices() {
		d.Chaos(25)
	}
	var mu sync.Mutex
	acknowledged := map[string]string{}
	var senders sync.WaitGroup
	for i, d := range r.Devices() {
		senders.Go(func() {
			for n := range each {
				var answer struct{ ID string }
				text := fmt.Sprintf("%d of device %d", n, i)
				if err := d.Command(context.Background(), "send", map[string]string{"text": text}, &answer); err != nil {
					t.Errorf("send: %v", err)
					return
				}
				mu.Lock()
				acknowledged[answer.ID] = text
				mu.Unlock()
				if n == each/2 {
					d.Online(false)
				}
			}
			d.Online(true)
		})
	}
	senders.Wait()
	for _, d := range r.Devices() {
		d.Chaos(0)
	}
	r.Settle()
	first := historyOf(t, r.Devices()[0])
	if len(first) != each*len(r.Devices()) || len(acknowledged) != len(first) {
		t.Fatalf("%d messages, %d acknowledged, of %d", len(first), len(acknowledged), each*len(r.Devices()))
	}
	for i, u := range r.Log() {
		if first[i].ID != string(u.ID) || acknowledged[first[i].ID] != first[i].Text {
			t.Fatalf("message %d is %+v", i, first[i])
		}
	}
	starts := 0
	for _, d := range r.Devices() {
		starts += d.Starts()
		if got := historyOf(t, d); texts(got) != texts(first) {
			t.Errorf("histories differ:\n%s\n%s", texts(got), texts(first))
		}
		if d.Fault() != "" {
			t.Errorf("fault: %s", d.Fault())
		}
	}
	t.Logf("%d messages, %d starts", len(first), starts)
	if starts < 8 {
		t.Errorf("only %d starts: nobody was killed", starts)
	}
}

func TestRoomReceiptsAndUnread(t *testing.T) {
	r := room(t)
	alice, bob, laptop := r.Device("alice", 0), r.Device("bob", 0), r.Device("bob", 1)
	laptop.Online(false)
	alice.Submit(composerID, "did you see it?")
	r.Until("delivered", func() bool { return stateOf(alice, "did you see it?") == contractv1.Message_DELIVERED })
	r.Until("unread", func() bool { return bob.Summary().GetUnread() == 1 })
	if s := bob.Summary(); s.GetAlert() != contractv1.SummaryCall_MESSAGE || s.GetText() != "did you see it?" {
		t.Errorf("summary %v", s)
	}
	laptop.Online(true)
	r.Until("unread on the laptop", func() bool { return laptop.Summary().GetUnread() == 1 })
	bob.Visible(true, false, true)
	r.Until("the new line", func() bool {
		return slices.ContainsFunc(bob.Items(listID), func(i *contractv1.ListItem) bool { return i.GetKey() == newKey })
	})
	bob.Seen(listID, historyOf(t, bob)[0].ID)
	r.Until("read", func() bool { return stateOf(alice, "did you see it?") == contractv1.Message_READ })
	r.Until("read on the laptop", func() bool { return laptop.Summary().GetUnread() == 0 })
	alice.Kill()
	r.Until("read after a restart", func() bool { return stateOf(alice, "did you see it?") == contractv1.Message_READ })

	bob.Set("receipts", "false")
	alice.Submit(composerID, "secret?")
	r.Until("delivered", func() bool { return stateOf(alice, "secret?") == contractv1.Message_DELIVERED })
	if err := bob.Command(t.Context(), "read", nil, nil); err != nil {
		t.Fatal(err)
	}
	r.Until("read on the laptop", func() bool { return laptop.Summary().GetUnread() == 0 })
	r.Settle()
	if s := stateOf(alice, "secret?"); s != contractv1.Message_DELIVERED {
		t.Errorf("alice knows that it is %v", s)
	}
}

func TestRoomEditsAndDeletesAreTheAuthors(t *testing.T) {
	r := room(t)
	alice, bob := r.Device("alice", 0), r.Device("bob", 1)
	alice.Submit(composerID, "one")
	alice.Submit(composerID, "two")
	r.Settle()
	ids := historyOf(t, alice)
	inject := func(b wire.Body) {
		body, err := wire.Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		r.Inject("bob", "bob-9", body)
	}
	inject(wire.Body{Kind: wire.Edit, Target: ids[0].ID, Text: "forged"})
	inject(wire.Body{Kind: wire.Delete, Target: ids[1].ID})
	inject(wire.Body{Kind: wire.Edit, Target: "unknown", Text: "?"})
	r.Inject("bob", "bob-9", []byte{0xff, 0x00})
	r.Inject("bob", "bob-9", []byte{8, 9})
	alice.EditLast(composerID)
	r.Until("the text to edit", func() bool { return alice.EditorText(composerID) == "two" })
	alice.Submit(composerID, "two, better")
	if err := r.Device("alice", 1).Command(t.Context(), "delete", map[string]string{"id": ids[0].ID}, nil); err != nil {
		t.Fatal(err)
	}
	if err := bob.Command(t.Context(), "edit", map[string]string{"id": ids[1].ID, "text": "forged"}, nil); err == nil || err.Error() != english.notYours {
		t.Errorf("bob edits: %v", err)
	}
	r.Settle()
	for _, d := range r.Devices() {
		if got := texts(historyOf(t, d)); got != "(deleted),two, better*,," {
			t.Errorf("history %s", got)
		}
	}
	bob.WaitText(english.newer)
	bob.WaitText(english.broken)
}

func TestRoomDraftsAndTyping(t *testing.T) {
	r := room(t)
	desk, laptop, bob := r.Device("alice", 0), r.Device("alice", 1), r.Device("bob", 0)
	r.Settle() // a signal is for those who are there
	desk.Edit(composerID, "half a tho")
	bob.WaitText("alice is typing…")
	r.Until("the draft on the laptop", func() bool {
		return laptop.EditorText(composerID) == "half a tho" && laptop.Summary().GetDraft() == "half a tho"
	})
	desk.Edit(composerID, "half a thought")
	desk.Submit(composerID, "half a thought")
	bob.WaitText("alice: half a thought")
	r.Until("no draft on the laptop", func() bool {
		return laptop.EditorText(composerID) == "" && laptop.Summary().GetDraft() == ""
	})
	r.Until("nobody to type", func() bool { return !strings.Contains(bob.Text(), "typing") })
}

func TestRoomNotesToSelf(t *testing.T) {
	r := room(t, "alice")
	r.Device("alice", 0).Submit(composerID, "buy milk")
	r.Device("alice", 1).WaitText("alice: buy milk")
	r.Settle()
	if s := r.Device("alice", 1).Summary(); s.GetUnread() != 0 || s.GetAlert() != contractv1.SummaryCall_NONE {
		t.Errorf("summary %v", s)
	}
}

// TestImportSurvivesKills: a file is imported while the plugin is killed again and
// again; in the end every message is there once, and nobody else got one.
func TestImportSurvivesKills(t *testing.T) {
	r := room(t, "alice", "bob")
	a, b := r.Device("alice", 1), r.Device("bob", 1)
	for i := range 60 {
		if err := a.Command(t.Context(), "send", map[string]string{"text": fmt.Sprint("text ", i)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	r.Settle()
	first := historyOf(t, a)[0].ID
	for range 60 { // places in the order at which no message stands
		if err := a.Command(t.Context(), "react", map[string]string{"id": first, "emoji": "👍"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	r.Settle()
	var page ExportPage
	if err := b.Command(t.Context(), "export", map[string]string{"format": "json"}, &page); err != nil || page.Cursor != "" {
		t.Fatalf("%v, more %q", err, page.Cursor)
	}
	lines := strings.Split(strings.TrimSpace(page.Text), "\n")
	before := texts(historyOf(t, b))
	entries := len(r.Log())
	// Rows that only the file has, at places that the network has passed.
	var file []json.RawMessage
	for i, line := range lines[1:] {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		row["id"], row["seq"] = fmt.Sprint("old", i), 61+i
		data, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, data)
	}
	added := 0
	for round := range 8 {
		var answer struct{ Added int }
		done := make(chan error, 1)
		go func() {
			done <- b.Command(t.Context(), "import", map[string]any{"header": json.RawMessage(lines[0]), "lines": file[:len(file)*(round+1)/8]}, &answer)
		}()
		if round%2 == 0 {
			b.Kill()
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		added += answer.Added
	}
	r.Settle()
	list := historyOf(t, b)
	if len(list) != 120 || !strings.HasPrefix(texts(list), before) || added > 60 {
		t.Errorf("%d messages, %d said to be added", len(list), added)
	}
	if len(r.Log()) != entries || len(historyOf(t, a)) != 60 {
		t.Error("an import left this computer")
	}
	if n := b.Summary().GetUnread(); n > 60 {
		t.Errorf("%d unread", n)
	}
}

// TestSearchBesideTheSession: searches run over the stream while messages come, and
// every page goes on where the one before ended.
func TestSearchBesideTheSession(t *testing.T) {
	r := room(t, "alice", "bob")
	a, b := r.Device("alice", 1), r.Device("bob", 1)
	for i := range 40 {
		if err := a.Command(t.Context(), "send", map[string]string{"text": fmt.Sprintf("cable number %d, see https://x.example/%d", i, i)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	r.Settle()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			found, cursor := map[string]bool{}, ""
			for {
				hits, next, err := b.Search(t.Context(), "cable has:link", cursor, 7)
				if err != nil {
					t.Error(err)
					return
				}
				for _, h := range hits {
					if m := h.GetMarks(); len(m) != 1 || h.GetText()[m[0].GetStart():m[0].GetEnd()] != "cable" || h.GetFrom() != "alice@room" || found[h.GetKey()] {
						t.Errorf("hit %v", h)
					}
					found[h.GetKey()] = true
				}
				if cursor = next; cursor == "" {
					break
				}
			}
			if len(found) != 40 {
				t.Errorf("%d of 40 found", len(found))
			}
		})
	}
	wait.Wait()
	var wrong *sdk.Error
	if _, _, err := b.Search(t.Context(), "has:sound", "", 5); !errors.As(err, &wrong) || wrong.Code != contractv1.Error_INVALID {
		t.Errorf("a wrong filter: %v", err)
	}
	if _, _, err := b.Search(t.Context(), "cable", "nonsense", 5); !errors.As(err, &wrong) || wrong.Code != contractv1.Error_INVALID {
		t.Errorf("a wrong cursor: %v", err)
	}
	if hits, _, err := b.Search(t.Context(), "after:2300-01-01 cable", "", 5); len(hits) != 0 || err != nil {
		t.Errorf("%v %v", hits, err)
	}
}
