package im

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// run runs a command and gives its answer.
func (st *stage) run(name string, args any) (any, string) {
	st.t.Helper()
	data, err := json.Marshal(args)
	if err != nil {
		st.t.Fatal(err)
	}
	failed := len(st.failures)
	st.do(sdk.Command{ID: fmt.Sprint("cmd", len(st.replies), failed), Name: name, Args: data})
	if len(st.failures) > failed {
		return nil, st.failures[failed]
	}
	return st.replies[fmt.Sprint("cmd", len(st.replies)-1, failed)], ""
}

// export gives all pages of an export.
func (st *stage) export(format string) string {
	st.t.Helper()
	var b strings.Builder
	for cursor := ""; ; {
		page, failed := st.run("export", map[string]string{"format": format, "cursor": cursor})
		if failed != "" {
			st.t.Fatal(failed)
		}
		b.WriteString(page.(ExportPage).Text)
		if cursor = page.(ExportPage).Cursor; cursor == "" {
			return b.String()
		}
	}
}

// imported gives an import all lines at once.
func (st *stage) imported(file string) (int, string) {
	st.t.Helper()
	var lines []json.RawMessage
	for line := range strings.Lines(file) {
		lines = append(lines, json.RawMessage(strings.TrimSpace(line)))
	}
	answer, failed := st.run("import", map[string]any{"header": lines[0], "lines": lines[1:]})
	if failed != "" {
		return 0, failed
	}
	return answer.(map[string]int)["added"], ""
}

func talk(st *stage, n int) {
	st.start(sdk.Visible{Full: true})
	for i := range n {
		st.arrive(fmt.Sprint("m", i+1), []string{alice, bob}[i%2], wire.Body{Kind: wire.Text, Text: fmt.Sprint("text ", i+1, "\nsecond line")})
	}
}

func TestExportAndImport(t *testing.T) {
	st := newStage(t, bob)
	many := 2500
	if slow {
		many = 1000
	}
	talk(st, many)
	st.arrive("e", alice, wire.Body{Kind: wire.Edit, Target: "m1", Text: "changed"})
	st.arrive("d", bob, wire.Body{Kind: wire.Delete, Target: "m2"})
	st.arrive("r", bob, wire.Body{Kind: wire.React, Target: "m1", Emoji: "👍", On: true})
	text := st.export("text")
	if strings.Count(text, "\n") < 2*many || !strings.Contains(text, "Alice: changed\n") || !strings.Contains(text, "Bob: Message deleted\n") ||
		!strings.Contains(text, "Bob: text 4\n    second line\n") {
		t.Errorf("as text: %.400s", text)
	}
	file := st.export("json")
	if n := strings.Count(file, "\n"); n != many+1 {
		t.Fatalf("%d lines", n)
	}
	if n, failed := st.imported(file[:strings.Index(file, `{"seq":900,`)]); n != 0 || failed != "" {
		t.Errorf("%d added to what is whole: %s", n, failed)
	}

	lost := newStage(t, bob)
	lost.start(sdk.Visible{Full: true})
	lost.do(sdk.Want{List: listID, Before: 60})
	lines := strings.SplitAfter(file, "\n")
	part := lines[0] + strings.Join(lines[1:900], "")
	if n, failed := lost.imported(part); n != 899 || failed != "" {
		t.Fatalf("%d added: %s", n, failed)
	}
	if n, _ := lost.imported(part); n != 0 {
		t.Errorf("%d added by a repeat", n)
	}
	if lost.summary.Unread != 0 || !strings.Contains(lost.summary.Text, "text 899") {
		t.Errorf("summary %+v", lost.summary)
	}
	for _, key := range []string{stateDelivered, stateRead} {
		if lost.states[key] != nil {
			t.Errorf("others were told: %s", key)
		}
	}
	if len(lost.bodies) > 0 || len(lost.signals) > 0 {
		t.Error("something was sent")
	}
	if again := lost.export("json"); strings.Join(strings.SplitAfter(again, "\n")[1:], "") != strings.Join(lines[1:900], "") {
		t.Error("what was imported is not exported alike")
	}
	lost.do(sdk.Want{List: listID, Before: 60})
	if len(lost.items) < 60 {
		t.Errorf("%d items", len(lost.items))
	}
}

// TestAFileIsNotBelievedBeyondTheNetwork: rows at places above all that the network has
// told, or of days to come, are refused with a sentence; where nothing was told yet, they
// go when what is told shows that they are false. No cursor moves by any of it.
func TestAFileIsNotBelievedBeyondTheNetwork(t *testing.T) {
	st := newStage(t, bob)
	talk(st, 4)
	lines := strings.SplitAfter(st.export("json"), "\n")
	far := strings.NewReplacer(`"seq":4,`, `"seq":1000000000000,`, `"id":"m4"`, `"id":"far"`).Replace(lines[4])
	if n, failed := st.imported(lines[0] + lines[1] + far); n != 0 || failed != englishMore.aheadOfHere {
		t.Errorf("%d added: %q", n, failed)
	}
	lost := newStage(t, bob)
	lost.start(sdk.Visible{Full: true})
	lost.want()
	lost.clock = time.UnixMilli(0)
	if n, failed := lost.imported(lines[0] + lines[1]); n != 0 || !strings.Contains(failed, "is not a message") {
		t.Errorf("%d of days to come are added: %q", n, failed)
	}
	lost.clock = st.clock
	if n, failed := lost.imported(lines[0] + lines[1] + lines[2] + far); n != 3 || failed != "" {
		t.Fatalf("%d added: %s", n, failed)
	}
	if lost.summary.Unread != 0 || lost.summary.Alert != sdk.AlertNone {
		t.Errorf("an import is told as %+v", lost.summary)
	}
	lost.do(sdk.Seen{List: listID, Key: "far"})
	lost.clock = time.UnixMilli(st.c.last.Time).Add(-4 * time.Minute)
	for i := range 4 { // the network tells all
		lost.arrive(fmt.Sprint("m", i+1), []string{alice, bob}[i%2], wire.Body{Kind: wire.Text, Text: fmt.Sprint("text ", i+1, "\nsecond line")})
	}
	lost.want()
	if got := draw(lost.items); !strings.Contains(got, "text 4") || strings.Count(got, "text 4") != 2 {
		t.Errorf("as long as the network tells nothing younger it may be true:\n%s", got)
	}
	lost.arrive("m5", bob, wire.Body{Kind: wire.Text, Text: "text 5"})
	st.arrive("m5", bob, wire.Body{Kind: wire.Text, Text: "text 5"})
	lost.want()
	if got := draw(lost.items); strings.Count(got, "text 4") != 1 || !strings.HasSuffix(got, "text 5\n") {
		t.Errorf("what is false is still there:\n%s", got)
	}
	lost.do(sdk.Seen{List: listID, Key: "m5"})
	for key, want := range map[string]int64{stateRead: 5, stateDelivered: 5} {
		if seq, ok := wire.DecodeCursor(lost.states[key]); !ok || seq != want {
			t.Errorf("%s is told as %d", key, seq)
		}
	}
	lost.run("unread", nil)
	if seq, _ := wire.DecodeCursor(lost.states[stateUnread]); seq != 5 {
		t.Errorf("marked at %d", seq)
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	st := newStage(t, bob)
	talk(st, 2)
	file := st.export("json")
	for want, change := range map[string][2]string{
		englishMore.badExport:         {`switchboard conversation`, `something`},
		englishMore.newerExport:       {`"version":1`, `"version":7`},
		englishMore.otherFile:         {`"account":"alice@lab"`, `"account":"mallory@lab"`},
		englishMore.otherConversation: {`dm.alice.bob`, `dm.alice.carol`},
		"is not a message":            {`"seq":2`, `"seq":0`},
	} {
		n, failed := st.imported(strings.Replace(file, change[0], change[1], 1))
		if n != 0 || !strings.Contains(failed, want) {
			t.Errorf("%v: %q", change, failed)
		}
	}
	if _, failed := st.run("export", map[string]string{"format": "pdf"}); failed != english.badArguments {
		t.Errorf("a format that is none: %q", failed)
	}
	if _, failed := st.run("export", map[string]string{"format": "json", "cursor": "-3"}); failed != english.badArguments {
		t.Errorf("a cursor that is none: %q", failed)
	}
}

func TestGoingToWhatWasFoundAndToADay(t *testing.T) {
	st := newStage(t, bob)
	talk(st, 300)
	st.arrive("d", bob, wire.Body{Kind: wire.Delete, Target: "m2"})
	reveal := func(key string) (string, string) {
		commands, failed := len(st.commands), len(st.failures)
		st.do(sdk.Action{ID: "a" + key, Kind: sdk.Reveal, Value: key})
		return strings.Join(st.commands[commands:], " "), strings.Join(st.failures[failed:], " ")
	}
	if did, failed := reveal("m5"); !strings.Contains(did, "m5") || strings.Count(did, "m5") != 2 || failed != "" {
		t.Errorf("%q %q", did, failed)
	}
	if did, failed := reveal("m2"); did != "" || failed != englishMore.goneNow {
		t.Errorf("%q %q", did, failed)
	}
	if did, failed := reveal("nothing"); did != "" || failed != englishMore.notHere {
		t.Errorf("%q %q", did, failed)
	}
	day := func(value string) (string, string) {
		commands, failed := len(st.commands), len(st.failures)
		st.do(sdk.Action{ID: "d" + value, Kind: sdk.Date, Value: value, Node: listID})
		return strings.Join(st.commands[commands:], " "), strings.Join(st.failures[failed:], " ")
	}
	for value, want := range map[string]string{"2020-01-01": "m1", "2026-11-24": "m1"} {
		if did, failed := day(value); !strings.Contains(did+" ", want+" ") || failed != "" {
			t.Errorf("%s: %q %q", value, did, failed)
		}
	}
	if did, failed := day("2026-11-25"); did != "" || failed != englishMore.nothingSince {
		t.Errorf("%q %q", did, failed)
	}
	if _, failed := day("tomorrow"); failed != englishMore.noDay {
		t.Errorf("%q", failed)
	}
}

// TestDaysOfALongTranscript: each day leads to its first message, a day without any
// to the next that has one.
func TestDaysOfALongTranscript(t *testing.T) {
	st := newStage(t, bob)
	log, err := st.store.Log(t.Context(), "dm.alice.bob", "im")
	if err != nil {
		t.Fatal(err)
	}
	var entries []history.Entry
	begin := time.Date(2026, 1, 1, 12, 0, 0, 0, time.Local)
	for i := range 400 { // one every 36 hours
		entries = append(entries, history.Entry{ID: fmt.Sprint("x", i), From: bob, Seq: int64(3*i + 1), Time: begin.Add(time.Duration(i) * 36 * time.Hour).UnixMilli(),
			Body: wire.Body{Kind: wire.Text, Text: "x"}})
	}
	if _, err := log.Apply(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	for d := range 600 {
		day := time.Date(2026, 1, 1+d, 0, 0, 0, 0, time.Local)
		row, err := log.From(t.Context(), day.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		for _, e := range entries {
			if e.Time >= day.UnixMilli() {
				want = e.ID
				break
			}
		}
		if row == nil && want != "" || row != nil && row.ID != want {
			t.Fatalf("%v: %+v, want %s", day, row, want)
		}
	}
}

func TestOldMessagesGo(t *testing.T) {
	st := newStage(t, bob)
	talk(st, 40)
	st.do(sdk.Want{List: listID, Before: 60})
	k := &keeper{store: st.store, me: alice, setting: func() string { return "30d" }, open: map[history.Conversation]func(){}}
	told := 0
	defer k.join(history.Conversation{Name: "dm.alice.bob", Session: "im"}, func() { told++ })()
	st.c.kept = k.setting
	// All but the last ten messages are older than 30 days then.
	now := time.UnixMilli(st.c.last.Time).Add(30*24*time.Hour - 9*time.Minute - time.Second)
	// What was not read stays, however old it is: here everything from the second one on.
	if err := k.pass(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if rows, err := st.c.log.OrderFrom(t.Context(), 0, 100); err != nil || len(rows) != 39 || rows[0].ID != "m2" || told != 1 {
		t.Fatalf("%d rows are left of what was not read, told %d, %v", len(rows), told, err)
	}
	told = 0
	st.do(sdk.Seen{List: listID, Key: "m40"})
	if err := k.pass(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if told != 1 {
		t.Fatalf("an open session was told %d times", told)
	}
	st.do(aged{})
	st.do(sdk.Want{List: listID, Before: 60})
	if got := st.items[0].GetNode().GetSeparator().GetText(); got != englishMore.agedMonth {
		t.Errorf("the first row says %q", got)
	}
	rows, err := st.c.log.OrderFrom(t.Context(), 0, 100)
	if err != nil || len(rows) != 10 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if st.summary.Unread > 5 || !strings.Contains(st.summary.Text, "text 40") {
		t.Errorf("summary %+v", st.summary)
	}
	// Nobody is told, a replay brings nothing back, and "forever" removes nothing.
	st.reopen(bob)
	st.start(sdk.Visible{Full: true})
	st.seq = 0
	st.arrive("m1", alice, wire.Body{Kind: wire.Text, Text: "text 1"})
	if rows, _ = st.c.log.OrderFrom(t.Context(), 0, 100); len(rows) != 10 {
		t.Errorf("%d rows after a replay", len(rows))
	}
	k.setting = func() string { return "forever" }
	if err := k.pass(t.Context(), now.AddDate(5, 0, 0)); err != nil {
		t.Fatal(err)
	}
	k.setting = func() string { return "1y" }
	if rows, _ = st.c.log.OrderFrom(t.Context(), 0, 100); len(rows) != 10 {
		t.Errorf("%d rows are left of ten", len(rows))
	}
	st.run("unread", nil)
	if err := k.pass(t.Context(), now.AddDate(5, 0, 0)); err != nil {
		t.Fatal(err)
	}
	st.do(aged{})
	if st.c.marked != 0 || st.summary.Unread != 0 {
		t.Errorf("what is gone is still marked as unread: %d, %+v", st.c.marked, st.summary)
	}
	if got := st.c.emptyLine(); got != englishMore.agedBy {
		t.Errorf("an empty list says %q", got)
	}
}

// TestAWrongClockRemovesNothing: what is too old is so by the network's clock and by
// this computer's, whenever the person chooses and whatever either says.
func TestAWrongClockRemovesNothing(t *testing.T) {
	st := newStage(t, bob)
	talk(st, 4)
	st.do(sdk.Seen{List: listID, Key: "m4"})
	last := time.UnixMilli(st.c.last.Time)
	late, early := last.AddDate(9, 0, 0), last.AddDate(0, 0, 20)
	for _, c := range []struct {
		name          string
		server, local time.Time
		left          int
	}{
		{"the network was not heard", time.Time{}, late, 4},
		{"this computer is 9 years ahead", early, late, 4},
		{"the network is 9 years ahead", late, early, 4},
		{"this computer is two days ahead", last.AddDate(0, 0, 29), last.AddDate(0, 0, 31), 4},
		{"both agree that it is time", late, late.Add(time.Minute), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKeeper(st.store, func() string { return "30d" }, func() time.Time { return c.local }, hclog.NewNullLogger())
			k.know(alice)
			k.dated(c.server)
			k.dated(c.server.Add(-time.Hour)) // an older word changes nothing
			k.wake()
			deadline := time.Now().Add(10 * time.Second)
			for {
				rows, err := st.c.log.OrderFrom(t.Context(), 0, 9)
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == c.left && (c.left == 0 || len(k.poke) == 0) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d rows are left", len(rows))
				}
				time.Sleep(time.Millisecond)
			}
			k.close() // a look that was begun has ended
			if rows, err := st.c.log.OrderFrom(t.Context(), 0, 9); err != nil || len(rows) != c.left {
				t.Errorf("%d rows are left, %v", len(rows), err)
			}
		})
	}
}

// TestKeepKeepsWhatIsEdited: a message that is being edited stays until that is over,
// and nothing that was typed is lost.
func TestKeepKeepsWhatIsEdited(t *testing.T) {
	st := newStage(t, bob)
	talk(st, 9)
	st.do(sdk.Seen{List: listID, Key: "m9"}, sdk.Edited{Node: composerID, Text: "a draft", Revision: 1},
		sdk.Action{ID: "e1", List: listID, Item: "m3", Node: "m3", Kind: sdk.Press, Value: menuEdit})
	k := &keeper{store: st.store, me: alice, setting: func() string { return "30d" }, open: map[history.Conversation]func(){}}
	now := time.UnixMilli(st.c.last.Time).AddDate(0, 0, 31)
	left := func() (ids []string) {
		if err := k.pass(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		st.do(aged{})
		rows, err := st.c.log.OrderFrom(t.Context(), 0, 99)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return ids
	}
	for range 2 {
		if got := left(); fmt.Sprint(got) != "[m3]" || st.c.composer.editing != "m3" {
			t.Fatalf("%v are left, %q is edited", got, st.c.composer.editing)
		}
		st.reopen(bob)
		st.start(sdk.Visible{Full: true})
	}
	st.do(sdk.Action{ID: "s1", Node: composerID, Kind: sdk.Submit, Value: "what I typed"})
	if body := wire.Decode(st.bodies[st.made["s1/0"]]); body.Kind != wire.Edit || body.Text != "what I typed" || st.text != "a draft" {
		t.Errorf("sent %+v, the composer has %q", body, st.text)
	}
	if got := left(); len(got) != 0 {
		t.Errorf("%v are left when it is over", got)
	}
}
