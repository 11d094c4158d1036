package wire

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

func TestBodiesSurviveTheWire(t *testing.T) {
	for _, b := range []Body{
		{Kind: Text, Text: "hello"},
		{Kind: Text, Text: "grüße\n\tzwei", ReplyTo: "0192-x"},
		{Kind: Text, Text: strings.Repeat("\"", MaxText)},
		{Kind: Text, Text: "look", Picture: onePicture},
		{Kind: Text, Picture: onePicture, ReplyTo: "x"},
		{Kind: Edit, Target: "id", Text: "better"},
		{Kind: Delete, Target: "id"},
	} {
		data, err := Encode(b)
		if err != nil {
			t.Fatalf("encode %v: %v", b.Kind, err)
		}
		if len(data) > MaxText+256 {
			t.Errorf("kind %d takes %d bytes", b.Kind, len(data))
		}
		if got := Decode(data); got != b {
			t.Errorf("got %+v, want %+v", got, b)
		}
	}
}

var onePicture = contractv1.Picture{Hash: strings.Repeat("0a", 32), Type: "image/png", Width: 3, Height: 4, Bytes: 5}

func TestPicturesOfStrangers(t *testing.T) {
	data, err := Encode(Body{Kind: Text, Picture: onePicture})
	if err != nil {
		t.Fatal(err)
	}
	var m BodyMsg
	if err := proto.Unmarshal(data, &m); err != nil || m.GetText().GetText() != "Picture" {
		t.Fatalf("an older reader sees %q, %v", m.GetText().GetText(), err)
	}
	for name, change := range map[string]func(*PictureMsg){
		"hash": func(p *PictureMsg) { p.Hash = "../../etc/passwd" }, "type": func(p *PictureMsg) { p.Type = "image/svg+xml" },
		"wide": func(p *PictureMsg) { p.Width = 1 << 31 }, "flat": func(p *PictureMsg) { p.Height = 0 },
		"large": func(p *PictureMsg) { p.Bytes = 1 << 40 }, "negative": func(p *PictureMsg) { p.Bytes = -1 },
	} {
		bad := proto.Clone(&m).(*BodyMsg)
		change(bad.GetText().Picture)
		data, err := proto.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		if got := Decode(data); got != (Body{Kind: Text, Text: "Picture"}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := Encode(Body{Kind: Text, Text: "x", Picture: contractv1.Picture{Hash: "x"}}); !errors.Is(err, ErrBody) {
		t.Error(err)
	}
}

func TestEncodeRefusesWhatCannotTravel(t *testing.T) {
	for _, b := range []Body{{}, {Kind: Newer}, {Kind: Edit, Text: "x"}, {Kind: Delete, Target: "a b"},
		{Kind: Text, Text: "x", ReplyTo: strings.Repeat("x", 65)}} {
		if _, err := Encode(b); !errors.Is(err, ErrBody) {
			t.Errorf("%+v: %v", b, err)
		}
	}
}

func TestDecodeOfStrangers(t *testing.T) {
	encode := func(m *BodyMsg) []byte {
		data, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	text := func(s string) *BodyMsg { return &BodyMsg{Needs: 1, Kind: &BodyMsg_Text{Text: &TextMsg{Text: s}}} }
	newer := text("x")
	newer.Needs = 2
	for name, c := range map[string]struct {
		data []byte
		kind Kind
	}{
		"empty":         {nil, Broken},
		"garbage":       {[]byte{0xff, 0xff, 1}, Broken},
		"newer version": {encode(newer), Newer},
		"later kind":    {append(encode(&BodyMsg{Needs: 1}), 0x3a, 0x01, 'x'), Newer},
		"too long":      {encode(text(strings.Repeat("x", MaxText+1))), Broken},
		"nothing":       {encode(text(" \n ")), Broken},
		"bad utf8":      {[]byte{8, 1, 18, 3, 10, 1, 0xff}, Broken},
		"no target":     {encode(&BodyMsg{Needs: 1, Kind: &BodyMsg_Delete{Delete: &DeleteMsg{}}}), Broken},
		"good":          {encode(text("x")), Text},
	} {
		if got := Decode(c.data); got.Kind != c.kind {
			t.Errorf("%s: kind %d, want %d", name, got.Kind, c.kind)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\rc":             "a\nb\nc",
		"\n  \n  indented\n\n":  "  indented",
		"bell\x07 esc\x1b[31m":  "bell esc[31m",
		"tab\tstays":            "tab\tstays",
		"over\u202eride\u2029x": "override\nx",
		"c1\u0085x":             "c1x",
	} {
		if got, err := Clean(in); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]error{
		" \n\t":                          ErrEmpty,
		"a\xff":                          ErrInvalid,
		strings.Repeat("é", MaxText/2+1): ErrTooLong,
	} {
		if _, err := Clean(in); !errors.Is(err, want) {
			t.Errorf("%.10q: %v, want %v", in, err, want)
		}
	}
	if _, err := Clean(strings.Repeat("é", MaxText/2)); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
}

func TestSmallValues(t *testing.T) {
	typing, _ := EncodeTyping(true)
	if on, ok := DecodeTyping(typing); !on || !ok {
		t.Error("typing lost")
	}
	if _, ok := DecodeTyping([]byte{0xff}); ok {
		t.Error("garbage is typing")
	}
	cursor, _ := EncodeCursor(7)
	if seq, ok := DecodeCursor(cursor); seq != 7 || !ok {
		t.Error("cursor lost")
	}
	if _, ok := DecodeCursor([]byte{8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}); ok {
		t.Error("a negative cursor is none")
	}
	draft, _ := EncodeDraft(Draft{Text: "half", ReplyTo: "r", Device: "d"})
	if d, ok := DecodeDraft(draft); !ok || d != (Draft{Text: "half", ReplyTo: "r", Device: "d"}) {
		t.Error("draft lost")
	}
	long, _ := EncodeDraft(Draft{Text: strings.Repeat("x", MaxDraft+1), Device: "d"})
	if d, ok := DecodeDraft(long); !ok || d.Text != "" || len(long) > 4<<10 {
		t.Error("a long draft must not travel")
	}
}

func FuzzDecode(f *testing.F) {
	for _, b := range []Body{{Kind: Text, Text: "hi", ReplyTo: "x"}, {Kind: Text, Picture: onePicture}, {Kind: Edit, Target: "x", Text: "y"}, {Kind: Delete, Target: "x"}} {
		data, err := Encode(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte{8, 9, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		b := Decode(data)
		switch b.Kind {
		case Text, Edit, Delete:
			again, err := Encode(b)
			if err != nil {
				t.Fatalf("what was read cannot be sent: %v", err)
			}
			if got := Decode(again); got != b {
				t.Fatalf("%+v became %+v", b, got)
			}
		case Newer, Broken:
		default:
			t.Fatalf("kind %d", b.Kind)
		}
		DecodeTyping(data)
		DecodeCursor(data)
		DecodeDraft(data)
	})
}

func FuzzClean(f *testing.F) {
	f.Add("a\r\n\x00b\u202e")
	f.Add(" \n x")
	f.Fuzz(func(t *testing.T, in string) {
		out, err := Clean(in)
		if err != nil {
			return
		}
		if len(out) > len(in) || len(out) > MaxText || !utf8.ValidString(out) {
			t.Fatalf("%q became %q", in, out)
		}
		for _, r := range out {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Fatalf("%q holds %U", out, r)
			}
		}
		if again, err := Clean(out); err != nil || again != out {
			t.Fatalf("%q became %q when cleaned again (%v)", out, again, err)
		}
	})
}
