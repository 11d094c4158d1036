package mark

import (
	"image"
	"image/color"
	"math"
	"strconv"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"switchboard/shared/model"
)

// Colours of what lies over the sign, bright enough for dark and light panels.
var (
	green = color.NRGBA{0x2e, 0xa0, 0x43, 0xff}
	amber = color.NRGBA{0xd2, 0x99, 0x22, 0xff}
	red   = color.NRGBA{0xcf, 0x22, 0x2e, 0xff}
	grey  = color.NRGBA{0x9a, 0xa2, 0xab, 0xff}
)

// maxCount is the largest number that a badge shows; more is "99+".
const maxCount = 99

// Tray is the sign with a presence in one corner, by shape and colour, and the
// number of unread messages in another; 0 shows none. An edge outside 8 to 1024
// pixels is brought into these bounds.
func Tray(edge int, status model.Status, unread int) *image.NRGBA {
	img := Draw(edge)
	presence(img, status)
	if unread > 0 {
		badge(img, unread)
	}
	return img
}

// presence draws disc, crescent, bar or ring, with a rim around it.
func presence(img *image.NRGBA, status model.Status) {
	at, r := point{51, 51}, 12.0
	cut(img, circle(at, r+3))
	switch status {
	case model.Available:
		fill(img, green, circle(at, r))
	case model.Away:
		moon, bite := circle(at, r), circle(point{at.x + 6, at.y - 5}, r*0.8)
		fill(img, amber, func(p point) float64 { return max(moon(p), -bite(p)) })
	case model.Busy:
		whole, bar := circle(at, r), box(point{at.x - 8, at.y - 2.5}, point{at.x + 8, at.y + 2.5}, 2)
		fill(img, red, func(p point) float64 { return max(whole(p), -bar(p)) })
	default: // invisible, offline, not connected
		out, in := circle(at, r), circle(at, r*0.5)
		fill(img, grey, func(p point) float64 { return max(out(p), -in(p)) })
	}
}

// badge draws a number on a red field in the upper right corner.
func badge(img *image.NRGBA, n int) {
	text := strconv.Itoa(n)
	if n > maxCount {
		text = strconv.Itoa(maxCount) + "+"
	}
	width := 30 + 12*float64(len(text)-1)
	low, high := point{unit - width, 0}, point{unit, 32}
	cut(img, box(point{low.x - 3, low.y - 3}, point{high.x + 3, high.y + 3}, 18))
	fill(img, red, box(low, high, 15))
	scale := float64(img.Rect.Dx()) / unit
	face := faceOf(27 * scale)
	if face == nil {
		return // a red field says it, too
	}
	defer face.Close()
	d := font.Drawer{Dst: img, Src: image.White, Face: face}
	wide := float64(d.MeasureString(text)) / 64
	bounds, _ := d.BoundString(text)
	tall := float64(bounds.Max.Y-bounds.Min.Y) / 64
	x := (low.x+high.x)/2*scale - wide/2
	y := (low.y+high.y)/2*scale + tall/2
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(math.Round(x * 64)), Y: fixed.Int26_6(math.Round(y * 64))}
	d.DrawString(text)
}

var bold = sync.OnceValue(func() *opentype.Font {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil
	}
	return f
})

// faceOf is the bold face so many pixels high; nil when it cannot be made.
func faceOf(size float64) font.Face {
	if bold() == nil {
		return nil
	}
	face, err := opentype.NewFace(bold(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil
	}
	return face
}
