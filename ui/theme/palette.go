package theme

import (
	"hash/fnv"
	"image/color"
	"math"
)

// Palette is the colours by what they are for. Nothing else in the window names
// a colour.
type Palette struct {
	Background, Sidebar, Raised color.NRGBA // surfaces
	Border                      color.NRGBA // divides, carries no meaning
	Control                     color.NRGBA // outlines of fields and toggles
	Text, Secondary, Disabled   color.NRGBA
	Accent, OnAccent            color.NRGBA
	Mine, Theirs                color.NRGBA // bubbles
	Success, Warning            color.NRGBA // also available and away
	Danger                      color.NRGBA // also busy
	Offline                     color.NRGBA
	OnSolid                     color.NRGBA // labels on solid danger, success, warning
	Highlight                   color.NRGBA // search hits and flashes, under Text only
	Scrim                       color.NRGBA // over what is not to be used now
	Shadow                      color.NRGBA
}

func rgb(c uint32) color.NRGBA {
	return color.NRGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff}
}

var light = Palette{
	Background: rgb(0xFFFFFF), Sidebar: rgb(0xF3F4F6), Raised: rgb(0xFFFFFF),
	Border: rgb(0xDDE1E6), Control: rgb(0x747F8B),
	Text: rgb(0x1A1F26), Secondary: rgb(0x57606A), Disabled: rgb(0x747F8B),
	Accent: rgb(0x185AD1), OnAccent: rgb(0xFFFFFF),
	Mine: rgb(0xDDE9FF), Theirs: rgb(0xF0F2F5),
	Success: rgb(0x177131), Warning: rgb(0x865900), Danger: rgb(0xBF1F2A),
	Offline: rgb(0x5B636B), OnSolid: rgb(0xFFFFFF), Highlight: rgb(0xFFE58A),
	Scrim:  color.NRGBA{R: 0x0c, G: 0x10, B: 0x16, A: 0x80},
	Shadow: color.NRGBA{A: 0x18},
}

var dark = Palette{
	Background: rgb(0x14171B), Sidebar: rgb(0x191D22), Raised: rgb(0x1F242A),
	Border: rgb(0x2C333B), Control: rgb(0x78838F),
	Text: rgb(0xE7EBEF), Secondary: rgb(0xA3ADB8), Disabled: rgb(0x78838F),
	Accent: rgb(0x7AA7FF), OnAccent: rgb(0x0C1626),
	Mine: rgb(0x21375E), Theirs: rgb(0x232930),
	Success: rgb(0x3FB950), Warning: rgb(0xD29922), Danger: rgb(0xFA7A74),
	Offline: rgb(0x9AA2AB), OnSolid: rgb(0x0C1626), Highlight: rgb(0x5C4A00),
	Scrim:  color.NRGBA{A: 0x99},
	Shadow: color.NRGBA{A: 0x50},
}

// paletteOf picks one of the four palettes. High contrast keeps the surfaces
// apart by lines instead of shades, and darkens (or lightens) every colour that
// is read until it stands 7:1 on all of them.
func paletteOf(isDark, high bool) Palette {
	switch {
	case high && isDark:
		p := dark
		p.Background, p.Sidebar, p.Raised = rgb(0x000000), rgb(0x000000), rgb(0x000000)
		p.Text, p.Secondary, p.Disabled = rgb(0xFFFFFF), rgb(0xFFFFFF), rgb(0xC8CED4)
		p.Border, p.Control = rgb(0xC8CED4), rgb(0xFFFFFF)
		p.Accent, p.OnAccent = rgb(0xA9C7FF), rgb(0x000000)
		p.Mine, p.Theirs = rgb(0x0A1C3D), rgb(0x14181D)
		p.Success, p.Warning, p.Danger = rgb(0x8BE59A), rgb(0xFFD27A), rgb(0xFFA8A3)
		p.Offline, p.OnSolid, p.Highlight = rgb(0xD5DBE1), rgb(0x000000), rgb(0x3D3100)
		return p
	case high:
		p := light
		p.Background, p.Sidebar, p.Raised = rgb(0xFFFFFF), rgb(0xFFFFFF), rgb(0xFFFFFF)
		p.Text, p.Secondary, p.Disabled = rgb(0x000000), rgb(0x000000), rgb(0x3C434A)
		p.Border, p.Control = rgb(0x3C434A), rgb(0x000000)
		p.Accent, p.OnAccent = rgb(0x0B3D9E), rgb(0xFFFFFF)
		p.Mine, p.Theirs = rgb(0xE8F0FF), rgb(0xF3F4F6)
		p.Success, p.Warning, p.Danger = rgb(0x0B4A1E), rgb(0x573900), rgb(0x8F0F18)
		p.Offline, p.OnSolid, p.Highlight = rgb(0x3C434A), rgb(0xFFFFFF), rgb(0xFFE58A)
		return p
	case isDark:
		return dark
	}
	return light
}

// Mix lays share (0..1) of over onto under; both are taken as opaque.
func Mix(under, over color.NRGBA, share float32) color.NRGBA {
	m := func(a, b uint8) uint8 { return uint8(float32(a)*(1-share) + float32(b)*share + 0.5) }
	return color.NRGBA{R: m(under.R, over.R), G: m(under.G, over.G), B: m(under.B, over.B), A: 0xff}
}

// Fade is c with its opacity multiplied by share.
func Fade(c color.NRGBA, share float32) color.NRGBA {
	c.A = uint8(float32(c.A)*share + 0.5)
	return c
}

// Hover is what a surface becomes under the pointer.
func (p Palette) Hover(under color.NRGBA) color.NRGBA { return Mix(under, p.Text, 0.06) }

// Pressed is what a surface becomes while it is pressed.
func (p Palette) Pressed(under color.NRGBA) color.NRGBA { return Mix(under, p.Text, 0.10) }

// Selected is what a surface becomes when it is the chosen one.
func (p Palette) Selected(under color.NRGBA) color.NRGBA { return Mix(under, p.Accent, 0.12) }

// Avatars are the grounds of initials; OnAvatar is the colour of the initials.
var (
	Avatars = [...]color.NRGBA{
		rgb(0xB3261E), rgb(0x9C4A00), rgb(0x7A5B00), rgb(0x3B6E1F),
		rgb(0x0B6E63), rgb(0x1B63A8), rgb(0x5B4BC4), rgb(0x9B2F88),
	}
	OnAvatar = rgb(0xFFFFFF)
)

// AvatarColor is the ground for an address; the same everywhere and for ever.
func AvatarColor(address string) color.NRGBA {
	h := fnv.New32a()
	_, _ = h.Write([]byte(address)) // a hash never fails
	return Avatars[h.Sum32()%uint32(len(Avatars))]
}

// NameColor is the colour of somebody's name on a ground: that of their avatar,
// moved towards the text colour until it can be read there.
func (t *Theme) NameColor(address string, ground color.NRGBA) color.NRGBA {
	least := float32(4.5)
	if t.Options.HighContrast {
		least = 7
	}
	c := AvatarColor(address)
	for share := float32(0); share < 1; share += 0.05 {
		m := Mix(c, t.Text, share)
		if a, b := lightOf(m), lightOf(ground); (max(a, b)+0.05)/(min(a, b)+0.05) >= least {
			return m
		}
	}
	return t.Text
}

// Quote is the ground of quoted words in a bubble: towards the background, so
// that it never costs contrast.
func (p Palette) Quote(under color.NRGBA) color.NRGBA { return Mix(under, p.Background, 0.4) }

// Mention is the ground behind the name of somebody called.
func (p Palette) Mention(under color.NRGBA) color.NRGBA { return Mix(under, p.Background, 0.5) }

// Tint is a light shade of a surface, behind code and empty pictures.
func (p Palette) Tint(under color.NRGBA) color.NRGBA { return Mix(under, p.Text, 0.07) }

// Veil is over, so transparent that on the background it looks as Mix would. Gio
// blends light, not numbers, so a share of opacity alone would be far too strong
// in the dark.
func (p Palette) Veil(over color.NRGBA, share float32) color.NRGBA {
	under, want, full := lightOf(p.Background), lightOf(Mix(p.Background, over, share)), lightOf(over)
	if d := full - under; d > 1e-4 || d < -1e-4 {
		share = (want - under) / d
	}
	over.A = uint8(min(max(share*255+0.5, 2), 255))
	return over
}

// lightOf is how bright a colour is, 0..1, in light rather than numbers.
func lightOf(c color.NRGBA) float32 {
	f := func(v uint8) float32 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return float32(x / 12.92)
		}
		return float32(math.Pow((x+0.055)/1.055, 2.4))
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}
