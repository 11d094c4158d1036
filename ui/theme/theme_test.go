package theme

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/text/language"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func luminance(c color.NRGBA) float64 {
	f := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestNamesCanBeRead: everybody's name in their colour, on every bubble.
func TestNamesCanBeRead(t *testing.T) {
	for _, o := range []Options{{}, {Dark: true}, {HighContrast: true}, {Dark: true, HighContrast: true}} {
		th, least := New(o), 4.45 // lightOf and luminance differ by rounding
		if o.HighContrast {
			least = 6.95
		}
		for _, ground := range []color.NRGBA{th.Theirs, th.Mine, th.Highlight} {
			for i := range 40 {
				if got := contrast(th.NameColor(string(rune('a'+i))+"@lab", ground), ground); got < least {
					t.Errorf("%+v: a name on %v has %.2f", o, ground, got)
				}
			}
		}
	}
}

// TestContrast computes the contrast of everything that can stand on everything,
// hovered, pressed and selected, in all four palettes.
func TestContrast(t *testing.T) {
	for _, high := range []bool{false, true} {
		for _, dark := range []bool{false, true} {
			p := paletteOf(dark, high)
			need := func(what string, c, ground color.NRGBA, least float64) {
				t.Helper()
				if got := contrast(c, ground); got < least {
					t.Errorf("dark=%v high=%v: %s is %.2f:1, at least %.1f:1 is needed", dark, high, what, got, least)
				}
			}
			text, control := 4.5, 3.0
			if high {
				text = 7
			}
			for name, ground := range grounds(p) {
				for what, c := range map[string]color.NRGBA{
					"text": p.Text, "secondary": p.Secondary, "accent": p.Accent, "danger": p.Danger,
					"success": p.Success, "warning": p.Warning, "offline": p.Offline,
				} {
					need(fmt.Sprintf("%s on %s", what, name), c, ground, text)
				}
				need("disabled on "+name, p.Disabled, ground, control)
				need("control on "+name, p.Control, ground, control)
				need("focus ring on "+name, p.Accent, ground, control)
			}
			for what, solid := range map[string]color.NRGBA{"accent": p.Accent} {
				for name, ground := range map[string]color.NRGBA{"": solid, "hovered ": p.Hover(solid), "pressed ": p.Pressed(solid)} {
					need("label on "+name+what, p.OnAccent, ground, text)
				}
			}
			for what, solid := range map[string]color.NRGBA{"danger": p.Danger, "success": p.Success, "warning": p.Warning} {
				need("label on "+what, p.OnSolid, solid, text)
			}
			for name, g := range map[string]color.NRGBA{"mine": p.Mine, "theirs": p.Theirs, "background": p.Background} {
				need("text on code in "+name, p.Text, p.Tint(g), text)
			}
			for name, chip := range map[string]color.NRGBA{"chip": p.Theirs, "chosen chip": p.Selected(p.Background)} {
				for how, ground := range map[string]color.NRGBA{"": chip, "hovered ": p.Hover(chip), "pressed ": p.Pressed(chip)} {
					need("text on "+how+name, p.Text, ground, text)
				}
			}
			need("text on highlight", p.Text, p.Highlight, text)
			need("text on a selection", p.Text, Mix(p.Background, p.Accent, 0.3), text)
			need("badge of a muted row", p.Background, p.Secondary, text)
			need("tooltip", p.Background, Mix(p.Background, p.Text, 0.9), text)
		}
	}
	for i, a := range Avatars {
		if got := contrast(OnAvatar, a); got < 4.5 {
			t.Errorf("avatar %d: initials are %.2f:1", i, got)
		}
	}
}

// grounds is every surface on which coloured words stand, and what it becomes
// under the pointer or when chosen.
func grounds(p Palette) map[string]color.NRGBA {
	out := map[string]color.NRGBA{}
	for name, g := range map[string]color.NRGBA{"background": p.Background, "sidebar": p.Sidebar, "raised": p.Raised} {
		out[name] = g
		out["hovered "+name] = p.Hover(g)
		out["pressed "+name] = p.Pressed(g)
		out["selected "+name] = p.Selected(g) // under the pointer it stays so
	}
	out["mine"], out["theirs"] = p.Mine, p.Theirs
	for name, g := range map[string]color.NRGBA{"mine": p.Mine, "theirs": p.Theirs, "background": p.Background, "raised": p.Raised} {
		out["quote in "+name] = p.Quote(g)
		out["mention in "+name] = p.Mention(g)
	}
	return out
}

func TestIconsOfTheSetDecode(t *testing.T) {
	for name := range iconSet {
		if i := IconNamed(name); len(i.segs) == 0 {
			t.Errorf("icon %q is empty", name)
		}
	}
	if IconNamed("no such icon") != IconNamed("extension") {
		t.Error("an unknown name should draw the puzzle piece")
	}
}

func TestParseIcon(t *testing.T) {
	for _, good := range []string{
		"M4 4h16v16H4z", "m4,4 l1-1 .5.5z", "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z", "M2 2C4 4 6 6 8 8S10 10 12 12 T3 3", "M1 1Q2 2 3 3t4 4Z",
	} {
		if _, err := ParseIcon(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "L1 1", "M1", "M1 1X2 2", "M1 1 1e9 1", "M NaN 1", "M1 1z 5", "M200 0", strings.Repeat("M1 1", 5000), "M1 1A1 1 0 2 0 3 3",
	} {
		if _, err := ParseIcon(bad); err == nil {
			t.Errorf("%q should be refused", bad)
		}
	}
}

func FuzzParseIcon(f *testing.F) {
	for _, s := range []string{"M4 4h16v16H4z", "M12 2a10 10 0 1 0 0 20z", "m1-1.5.5", "M1 1T2 2S3 3 4 4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := ParseIcon(s)
		if err != nil {
			return
		}
		for _, g := range i.segs {
			for _, p := range []float32{g.p.X, g.p.Y, g.q.X, g.q.Y, g.r.X, g.r.Y} {
				if math.IsNaN(float64(p)) || math.Abs(float64(p)) > 1e6 {
					t.Fatalf("%q gives a coordinate of %v", s, p)
				}
			}
		}
	})
}

func TestOptions(t *testing.T) {
	th := New(Options{TextScale: 2, Zone: time.UTC})
	if th.Body().Size != 28 || th.Body().Height != 28*lineHeight {
		t.Errorf("body at 200 %% is %v, %v", th.Body().Size, th.Body().Height)
	}
	d := th.With(Options{Dark: true, ReducedMotion: true, Zone: time.UTC})
	if d.Shaper != th.Shaper {
		t.Error("switching to dark should keep the shaper")
	}
	if d.Motion() != 0 || d.Background != dark.Background {
		t.Error("options were not applied")
	}
	if got := th.Clock(time.Date(2026, 11, 24, 9, 5, 0, 0, time.UTC)); got != "09:05" {
		t.Errorf("clock %q", got)
	}
}

func TestSentences(t *testing.T) {
	de, en := New(Options{Language: language.German}), New(Options{})
	for got, want := range map[string]string{
		de.Say.Sprintf("Not sent: %s", "Bob"):                               "Nicht gesendet: Bob",
		de.Say.Sprintf("This text is %d bytes too long.", 1):                "Dieser Text ist ein Byte zu lang.",
		de.Say.Sprintf("This text is %d bytes too long.", 1200):             "Dieser Text ist 1.200 Bytes zu lang.",
		en.Say.Sprintf("This message is %d bytes too long to be sent.", 1):  "This message is one byte too long to be sent.",
		en.Say.Sprintf("This message is %d bytes too long to be sent.", 14): "This message is 14 bytes too long to be sent.",
		en.Say.Sprintf("Waiting to be sent"):                                "Waiting to be sent",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestGermanIsComplete looks for sentences in the code that nobody translated.
func TestGermanIsComplete(t *testing.T) {
	sentence := regexp.MustCompile(`(?:say|Say)\.Sprintf\("([^"]*)"`)
	for _, dir := range []string{"../widget", "../render"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
		}
		for _, f := range files {
			code, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range sentence.FindAllStringSubmatch(string(code), -1) {
				_, one := german[m[1]]
				if _, chat := germanChat[m[1]]; chat {
					one = true
				}
				_, many := counted[m[1]]
				if !one && !many {
					t.Errorf("%s says %q, which has no German", f, m[1])
				}
			}
		}
	}
}
