package theme

import (
	"sync"

	"gioui.org/font"
	"gioui.org/font/opentype"
	"gioui.org/text"
	"gioui.org/unit"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
)

// lineHeight is the distance of baselines in sizes of type.
const lineHeight = 1.4

// Type is one step of the type scale.
type Type struct {
	Size   unit.Sp
	Font   font.Font
	Height unit.Sp // distance of baselines
}

// Bold is the same step in bold.
func (t Type) Bold() Type { t.Font.Weight = font.Bold; return t }

// Medium is the same step in the weight of names.
func (t Type) Medium() Type { t.Font.Weight = font.Medium; return t }

// Italic is the same step in italics.
func (t Type) Italic() Type { t.Font.Style = font.Italic; return t }

type faces struct{ caption, body, title, page, code Type }

// Caption is 12: times, hints, counts.
func (t *Theme) Caption() Type { return t.faces.caption }

// Body is 14: everything that is read.
func (t *Theme) Body() Type { return t.faces.body }

// Title is 16, medium: headers and dialogs.
func (t *Theme) Title() Type { return t.faces.title }

// Page is 20, medium: the name of a page.
func (t *Theme) Page() Type { return t.faces.page }

// Code is 13 in a fixed pitch.
func (t *Theme) Code() Type { return t.faces.code }

func facesOf(o Options, emoji bool) faces {
	sans, mono := font.Typeface("Go"), font.Typeface("Go Mono")
	if o.SystemFonts {
		sans = "Inter, Cantarell, Noto Sans, Segoe UI, DejaVu Sans, Go, Noto Sans CJK SC, Droid Sans Fallback, sans-serif"
		mono = "Go Mono, Noto Sans Mono, monospace"
		if o.Family != "" {
			sans = font.Typeface(quoted(o.Family)) + ", " + sans
		}
	}
	if emoji {
		sans, mono = emojiFamily+", "+sans, emojiFamily+", "+mono
	}
	step := func(face font.Typeface, size unit.Sp, w font.Weight) Type {
		size *= unit.Sp(o.TextScale)
		return Type{Size: size, Height: size * lineHeight, Font: font.Font{Typeface: face, Weight: w}}
	}
	return faces{
		caption: step(sans, 12, font.Normal),
		body:    step(sans, 14, font.Normal),
		title:   step(sans, 16, font.Medium),
		page:    step(sans, 20, font.Medium),
		code:    step(mono, 13, font.Normal),
	}
}

// quoted makes one family name safe in a comma separated list.
func quoted(family string) string {
	out := []byte{'"'}
	for i := 0; i < len(family) && i < 128; i++ {
		if c := family[i]; c != '"' && c != '\\' && c >= ' ' {
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}

// embedded parses the fonts that are part of the program, once.
var embedded = sync.OnceValue(func() []font.FontFace {
	var out []font.FontFace
	add := func(f font.Font, ttf []byte) {
		face, err := opentype.Parse(ttf)
		if err != nil {
			panic("theme: an embedded font does not parse: " + err.Error())
		}
		out = append(out, font.FontFace{Font: f, Face: face})
	}
	add(font.Font{Typeface: "Go"}, goregular.TTF)
	add(font.Font{Typeface: "Go", Weight: font.Medium}, gomedium.TTF)
	add(font.Font{Typeface: "Go", Weight: font.Bold}, gobold.TTF)
	add(font.Font{Typeface: "Go", Style: font.Italic}, goitalic.TTF)
	add(font.Font{Typeface: "Go", Style: font.Italic, Weight: font.Bold}, gobolditalic.TTF)
	add(font.Font{Typeface: "Go Mono"}, gomono.TTF)
	add(font.Font{Typeface: "Go Mono", Weight: font.Bold}, gomonobold.TTF)
	return out
})

// newShaper makes a shaper with the embedded fonts and, unless it is nil, emoji.
func newShaper(o Options, emoji *font.FontFace) *text.Shaper {
	all := embedded()
	if emoji != nil {
		all = append(all[:len(all):len(all)], *emoji)
	}
	opts := []text.ShaperOption{text.WithCollection(all)}
	if !o.SystemFonts {
		opts = append(opts, text.NoSystemFonts())
	}
	return text.NewShaper(opts...)
}
