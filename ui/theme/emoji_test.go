package theme

import (
	"os"
	"path/filepath"
	"testing"

	"gioui.org/text"
	"golang.org/x/image/math/fixed"
)

// emojiFile is the font that Debian's package fonts-noto-color-emoji holds.
const emojiFile = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"

func width(th *Theme, s string) fixed.Int26_6 {
	th.Shaper.LayoutString(text.Parameters{Font: th.Body().Font, PxPerEm: fixed.I(20), MaxWidth: 1 << 20}, s)
	var w fixed.Int26_6
	for g, ok := th.Shaper.NextGlyph(); ok; g, ok = th.Shaper.NextGlyph() {
		w += g.Advance
	}
	return w
}

// TestEmojiAreFound tells emoji from signs that texts use as letters.
func TestEmojiAreFound(t *testing.T) {
	for _, s := range []string{"a\U0001F600", "\u2764\ufe0f", "☺", "\U0001F1E9\U0001F1EA", "⭐", "x ⌚"} {
		if !HasEmoji(s) {
			t.Errorf("%q has none", s)
		}
	}
	for _, s := range []string{"", "abc", "→ ← ✓", "™ ©", "1\ufe0f", "größer – „so“ …", "日本語", "\xf0", "\xe2\x98"} {
		if HasEmoji(s) {
			t.Errorf("%q has one", s)
		}
	}
	if got := WithoutEmoji("a\U0001F600b"); got != "a b" {
		t.Errorf("left out: %q", got)
	}
}

// TestWithoutFont: without a font nothing is waited for.
func TestWithoutFont(t *testing.T) {
	th := New(Options{})
	if th.Emoji("\U0001F600") || th.EditShaper("\U0001F600") != th.Shaper {
		t.Error("it waits for a font that cannot come")
	}
	for name, data := range map[string]string{"empty.ttf": "", "cut.ttf": "\x00\x01\x00\x00\x00\x40", "words.ttf": "CBDT and nothing else"} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		th := New(Options{EmojiFont: file})
		before := th.Shaper
		th.Emoji("\U0001F600")
		th.CloseFonts()
		th.Refresh()
		if th.Shaper != before || th.Emoji("\U0001F600") {
			t.Errorf("%s was taken for a font", name)
		}
	}
}

// TestEmojiFont loads the real font beside the frame.
func TestEmojiFont(t *testing.T) {
	file := emojiFile
	if _, err := os.Stat(file); err != nil {
		file = findEmojiFont()
	}
	if file == "" {
		t.Log("there is no emoji font here: .ci/deps run installs one")
		return
	}
	woken := make(chan struct{}, 1)
	th := New(Options{EmojiFont: file})
	th.OnFonts(func() { woken <- struct{}{} })
	plain := width(th, "a b 12")
	if !th.Emoji("\U0001F600") {
		t.Fatal("it does not wait for the font")
	}
	if th.EditShaper("\U0001F600") == th.Shaper {
		t.Error("an editor's text goes looking for the font in the frame")
	}
	<-woken
	th.CloseFonts()
	th.Refresh()
	if th.Emoji("\U0001F600") || th.EditShaper("\U0001F600") != th.Shaper {
		t.Fatal("it still waits")
	}
	if got := width(th, "a b 12"); got != plain {
		t.Errorf("a text without emoji is %v wide, was %v", got, plain)
	}
	smile := width(th, "\U0001F600")
	if smile < fixed.I(15) || smile > fixed.I(30) {
		t.Errorf("an emoji at 20 px is %v wide", smile)
	}
	if got := width(th, "\U0001F600 "); got-smile > fixed.I(8) {
		t.Errorf("the space behind an emoji is %v wide", got-smile)
	}
	if got := width(th, "\U0001F468\u200d\U0001F469\u200d\U0001F467"); got > smile*5/4 {
		t.Errorf("a family is %v wide", got)
	}
	if got := width(th, "\U0001F44D\U0001F3FD"); got > smile*5/4 {
		t.Errorf("a thumb with a skin tone is %v wide", got)
	}
	dark := th.With(Options{EmojiFont: file, Dark: true})
	if dark.Shaper != th.Shaper || dark.Body() != th.Body() {
		t.Error("another palette loads the font again")
	}
}
