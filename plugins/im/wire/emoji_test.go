package wire

import (
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

func TestValidEmoji(t *testing.T) {
	for _, good := range []string{"👍", "❤", "❤️", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "1️⃣", "#⃣", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "☺️", "🫠", "©"} {
		if !ValidEmoji(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", "a", "1", " ", "👍👍", "👍 ", "👍a", "<b>", "\u200d", "👍\u200d", "\u200d👍", "🇩", "🇩🇪🇩", "\ufe0f", "❤\ufe0f\ufe0f", "👍\u202e",
		"🏴\U000e0067", "\xff", "👍\u0301", strings.Repeat("👍\u200d", 20) + "👍", "中", "é"} {
		if ValidEmoji(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

// A reader that knows no reactions takes one for the deletion of nothing.
func TestReactionToAnOlderReader(t *testing.T) {
	data, err := Encode(Body{Kind: React, Target: "m1", Emoji: "👍", On: true})
	if err != nil {
		t.Fatal(err)
	}
	var m BodyMsg
	if err := proto.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	if m.Needs != 1 || m.GetDelete().GetTarget() != nobody {
		t.Errorf("an older reader sees %v", &m)
	}
	if b := Decode(data); b != (Body{Kind: React, Target: "m1", Emoji: "👍", On: true}) {
		t.Errorf("read as %+v", b)
	}
	for _, hostile := range []*ReactMsg{{Target: "m1", Emoji: "words", On: true}, {Target: "../x", Emoji: "👍"}, {}} {
		data, err := proto.Marshal(&BodyMsg{Needs: 1, React: hostile})
		if err != nil {
			t.Fatal(err)
		}
		if b := Decode(data); b.Kind != Idle {
			t.Errorf("%v is %+v", hostile, b)
		}
	}
	if _, err := Encode(Body{Kind: React, Target: "m1", Emoji: "x"}); err == nil {
		t.Error("no emoji was encoded")
	}
}

func TestForwardedToAnOlderReader(t *testing.T) {
	data, err := Encode(Body{Kind: Text, Text: "hi", Forwarded: Author{Address: "a@n", Name: "Ann"}})
	if err != nil {
		t.Fatal(err)
	}
	var m BodyMsg
	if err := proto.Unmarshal(data, &m); err != nil || m.Needs != 1 || m.GetText().GetText() != "hi" {
		t.Errorf("an older reader sees %v (%v)", &m, err)
	}
	if b := Decode(data); b.Forwarded != (Author{"a@n", "Ann"}) {
		t.Errorf("read as %+v", b)
	}
}

func FuzzValidEmoji(f *testing.F) {
	for _, seed := range []string{"👍", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "a", "\u200d", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !ValidEmoji(text) {
			return
		}
		if len(text) > contractv1.MaxEmoji || !utf8.ValidString(text) || strings.ContainsAny(text, " \n\t<>&\"'\u202e") {
			t.Fatalf("%q is taken", text)
		}
		if a := ParseAuthor(Author{Address: text, Name: text}.String()); strings.Contains(a.String(), "\n\n") {
			t.Fatalf("%q", a)
		}
	})
}
