package wire

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func exportedRows() []OlderRow {
	return []OlderRow{
		{Seq: 1, ID: "a", From: "alice@lab", Device: "d", Time: 1, Kind: Text, Text: "<b> & \"quoted\"\n\tü 👍x"},
		{Seq: 2, ID: "b", From: "bob@lab", Time: 1700000000123, Kind: Text, Text: "two", ReplyTo: "a", Edited: true, EditTime: 1700000001000, Mention: true,
			Picture: strings.Repeat("0a", 32) + " image/png 10 20 300", Forwarded: Author{"carol@lab", "Carol"}.String(),
			Reactions: []OlderReaction{{"👍", "alice@lab"}, {"🎉", "bob@lab"}}},
		{Seq: 3, ID: "c", From: "bob@lab", Time: 5, Kind: Text, Deleted: true},
		{Seq: 4, ID: "d", From: "bob@lab", Time: 5, Kind: 100, Event: `{"Op":1,"By":"bob@lab","Whom":""}`},
		{Seq: 5, ID: "e", From: "bob@lab", Time: 5, Kind: Text, Text: strings.Repeat(`"`, 32<<10)},
	}
}

func TestExportComesBack(t *testing.T) {
	for _, r := range exportedRows() {
		line, err := EncodeExport(r)
		if err != nil || bytes.Count(line, []byte("\n")) != 1 || len(line) > MaxExportLine {
			t.Fatalf("%s: %d bytes, %v", r.ID, len(line), err)
		}
		got, err := DecodeExport(line)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", line[:min(len(line), 300)], err, got, r)
		}
	}
	h := ExportHeader{Network: "lab", Account: "alice@lab", Conversation: "dm.alice.bob", Title: "Bob"}
	line, err := EncodeExportHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeExportHeader(line)
	if h.Kind, h.Version = exportKind, 1; err != nil || got != h {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestEveryExportComesBack: however many reacted, and with whatever, the line can be
// read again with its text.
func TestEveryExportComesBack(t *testing.T) {
	r := OlderRow{Seq: 1, ID: "a", From: "bob@lab", Time: 5, Kind: Text, Text: strings.Repeat(`"`, 32<<10)}
	for i := range MaxOlderReactions {
		r.Reactions = append(r.Reactions, OlderReaction{strings.Repeat("👍\u200d", 8) + "👍", fmt.Sprint("a-person-of-a-long-name", i, "@", strings.Repeat("network", 9))})
	}
	line, err := EncodeExport(r)
	if err != nil || len(line) > MaxExportLine {
		t.Fatalf("%d bytes, %v", len(line), err)
	}
	got, err := DecodeExport(line)
	if err != nil || got.Text != r.Text || len(got.Reactions) == 0 || !reflect.DeepEqual(got.Reactions, r.Reactions[:len(got.Reactions)]) {
		t.Errorf("%d reactions come back, %v", len(got.Reactions), err)
	}
}

func TestExportLinesAreChecked(t *testing.T) {
	good := `{"seq":1,"id":"a","time":"2026-11-24T10:00:00Z","from":"bob@lab","text":"x"}`
	if _, err := DecodeExport([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"seq":1`, `"seq":0`}, {`"seq":1`, `"seq":9999999999999999`}, {`"a"`, `"a:b"`}, {`"a"`, `""`}, {`2026-11-24T10:00:00Z`, `yesterday`},
		{`2026-11-24T10:00:00Z`, `1900-01-01T00:00:00Z`}, {`"bob@lab"`, `""`}, {`"bob@lab"`, `"bob\u0000"`}, {`"x"`, `"\u0007x"`}, {`"x"`, `" "`},
		{`"text":"x"`, `"text":"x","deleted":true`}, {`"text":"x"`, `"picture":{"hash":"z"}`}, {`"text":"x"`, `"kind":1`}, {`"text":"x"`, `"kind":300`},
		{`"text":"x"`, `"kind":2`}, {`"text":"x"`, `"kind":3`}, {`"text":"x"`, `"kind":6`}, {`"text":"x"`, `"kind":7`}, {`"text":"x"`, `"kind":99`},
		{`"text":"x"`, `"reactions":[{"emoji":"not one","from":"a"}]`}, {`"text":"x"`, `"reply_to":"a b c:"`}, {`}`, ``},
	} {
		line := strings.Replace(good, change[0], change[1], 1)
		if r, err := DecodeExport([]byte(line)); !errors.Is(err, ErrExport) {
			t.Errorf("%s is taken: %+v", line, r)
		}
	}
	if _, err := DecodeExport([]byte(`{"id":"` + strings.Repeat("x", MaxExportLine) + `"}`)); !errors.Is(err, ErrExport) {
		t.Error("a line that is too long is taken")
	}
	header := `{"switchboard":"switchboard conversation","version":1,"account":"a@lab","conversation":"c"}`
	for line, want := range map[string]error{header: nil, strings.Replace(header, `"version":1`, `"version":2`, 1): ErrExportNewer,
		strings.Replace(header, `a@lab`, ``, 1): ErrExport, good: ErrExport, "": ErrExport, strings.Replace(header, "a@lab", strings.Repeat("x", 5000), 1): ErrExport} {
		if _, err := DecodeExportHeader([]byte(line)); !errors.Is(err, want) {
			t.Errorf("%.80s: %v", line, err)
		}
	}
}

// FuzzExport: what is read of any line is written so that it is read alike.
func FuzzExport(f *testing.F) {
	for _, r := range exportedRows()[:4] {
		line, err := EncodeExport(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Add([]byte(`{"seq":1,"id":"a","time":"2026-11-24T10:00:00Z","from":"b","event": {} }`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := DecodeExport(line)
		if err != nil {
			return
		}
		again, err := EncodeExport(r)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if len(again) > MaxExportLine {
			return
		}
		got, err := DecodeExport(again)
		if err != nil {
			t.Fatalf("%s then %s: %v", line, again, err)
		}
		if n := len(got.Reactions); n < len(r.Reactions) && len(again) > MaxExportLine/3 { // cut, so that the line can be read
			r.Reactions = r.Reactions[:n]
		}
		if r.Event, got.Event = "", ""; !reflect.DeepEqual(r, got) {
			t.Fatalf("%s: %+v, %+v", line, r, got)
		}
	})
}
