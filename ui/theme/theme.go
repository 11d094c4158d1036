// Package theme owns how the window looks: colours, spacing, type, icons and
// fonts, each named once. A Theme is read while a frame is drawn and holds no
// state of any widget. It must not know what is shown: neither views, pages
// nor the host.
package theme

import (
	"image"
	"image/color"
	"time"

	"gioui.org/f32"
	"gioui.org/op/paint"
	"gioui.org/text"
	"gioui.org/unit"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"switchboard/ui/words"
)

// Spacing, in the only five steps there are.
const (
	Space4  unit.Dp = 4
	Space8  unit.Dp = 8
	Space12 unit.Dp = 12
	Space16 unit.Dp = 16
	Space24 unit.Dp = 24
)

// Sizes of parts.
const (
	RadiusControl unit.Dp = 6  // buttons, fields
	RadiusCard    unit.Dp = 12 // cards, bubbles

	Header     unit.Dp = 56  // height of the headers
	Control    unit.Dp = 32  // height of a control, and the smallest target
	IconSize   unit.Dp = 20  // edge of an icon
	TextColumn unit.Dp = 640 // widest column of text
	Picture    unit.Dp = 360 // longest edge of a picture in a conversation
	FocusRing  unit.Dp = 2   // width of the ring, and of the gap inside it
)

// Motion is how long anything that moves takes; zero with reduced motion.
const Motion = 120 * time.Millisecond

// Density is how tall the rows of lists are.
type Density int

// The two densities.
const (
	Comfortable Density = iota // 56 dp, two lines
	Compact                    // 36 dp, one line
)

// Options choose a theme. The zero value is light, comfortable, at normal text
// size, in English, with the embedded fonts only.
type Options struct {
	Dark          bool
	HighContrast  bool
	Density       Density
	TextScale     float32 // 1 is normal; applied to type only, not to spacing
	ReducedMotion bool
	// SystemFonts looks for the person's fonts before the embedded ones.
	SystemFonts bool
	// Family is the person's interface font, when the desktop names one.
	Family string
	// EmojiFont is the file of a font with coloured emoji; when empty, one is looked
	// for if SystemFonts is on.
	EmojiFont string
	Language  language.Tag
	// Zone is where times are shown; nil is the computer's.
	Zone *time.Location
}

// Theme is everything a frame needs to look right. It belongs to the goroutine
// of one window, because its shaper does.
type Theme struct {
	Palette
	Options Options
	Density Density
	Shaper  *text.Shaper
	// Say prints a sentence in the person's language; the English sentence is
	// the key, in the catalogue of golang.org/x/text/message.
	Say *message.Printer

	// Frame is what the window's root found out for this frame.
	Frame Frame

	// Face is the picture of a person or group by address, or by conversation; false
	// when there is none. Nil draws none.
	Face func(address string) (paint.ImageOp, bool)

	faces faces
	emoji *emojiFont
	zone  *time.Location
}

// Frame is the window of the frame that is being drawn, in pixels.
type Frame struct {
	Size             image.Point
	Pointer, Pressed f32.Point // now, and where it was last pressed
	Touched          time.Time // when a button of it last went down or up
}

// New makes a theme and its shaper.
func New(o Options) *Theme {
	t := &Theme{Shaper: newShaper(o, nil), emoji: &emojiFont{options: o}}
	t.apply(o)
	return t
}

// With is the theme under other options; it keeps the shaper when the fonts stay
// the same, so switching light and dark costs nothing.
func (t *Theme) With(o Options) *Theme {
	if o.SystemFonts != t.Options.SystemFonts {
		n := New(o)
		n.emoji.wake = t.emoji.wake
		return n
	}
	n := &Theme{Shaper: t.Shaper, emoji: t.emoji}
	n.apply(o)
	return n
}

func (t *Theme) apply(o Options) {
	if o.TextScale <= 0 {
		o.TextScale = 1
	}
	o.TextScale = min(max(o.TextScale, 0.75), 3)
	if o.Language == language.Und {
		o.Language = language.English
	}
	t.Options = o
	t.Density = o.Density
	t.Palette = paletteOf(o.Dark, o.HighContrast)
	t.Say = words.Printer(o.Language)
	t.faces = facesOf(o, t.emoji.shaper.Load() == t.Shaper)
	t.zone = o.Zone
	if t.zone == nil {
		t.zone = time.Local
	}
}

// RowHeight is the height of a list row in this density.
func (t *Theme) RowHeight() unit.Dp {
	if t.Density == Compact {
		return 36
	}
	return 56
}

// Clock is the time of day as a row or a message shows it.
func (t *Theme) Clock(at time.Time) string { return words.Clock(at.In(t.zone)) }

// German tells whether the window speaks German.
func (t *Theme) German() bool {
	base, _ := t.Options.Language.Base()
	return base.String() == "de"
}

// Zone is the time zone in which the window shows times.
func (t *Theme) Zone() *time.Location { return t.zone }

// Motion is how long a movement takes for this person: 120 ms or nothing.
func (t *Theme) Motion() time.Duration {
	if t.Options.ReducedMotion {
		return 0
	}
	return Motion
}

// PresenceColor is the colour of a presence by its word: available, away, busy,
// anything else counts as offline.
func (t *Theme) PresenceColor(status string) color.NRGBA {
	switch status {
	case "available":
		return t.Success
	case "away":
		return t.Warning
	case "busy":
		return t.Danger
	}
	return t.Offline
}
