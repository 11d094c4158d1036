// Package mark draws the program's sign: two sockets of a switchboard joined by a
// cord. It owns the one geometry from which the icon's files and the tray's
// pictures come, at any size; it knows no desktop and nothing of what is shown
// where.
package mark

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
)

// unit is the edge of the square that everything is drawn in.
const unit = 64.0

// Colours of the sign; those of the window's light theme.
var (
	ground = color.NRGBA{0x18, 0x5a, 0xd1, 0xff}
	white  = color.NRGBA{0xff, 0xff, 0xff, 0xff}
	quiet  = color.NRGBA{0xff, 0xff, 0xff, 0x8c}
)

type point struct{ x, y float64 }

// shape is something filled: its distance at a point is negative inside.
type shape struct {
	colour   color.NRGBA
	distance func(p point) float64
	svg      string
}

// The parts, from below.
var (
	corner  = 14.0
	cord    = [4]point{{19, 21}, {19, 50}, {45, 14}, {45, 43}}
	cordW   = 5.0
	sockets = []point{{19, 19}, {45, 45}}
	free    = []point{{45, 19}, {19, 45}}
)

func shapes() []shape {
	all := []shape{{ground, box(point{0, 0}, point{unit, unit}, corner),
		fmt.Sprintf(`<rect width="%g" height="%g" rx="%g" fill="%s"/>`, unit, unit, corner, hex(ground))}}
	for _, c := range free {
		all = append(all, disc(c, 4, quiet))
	}
	all = append(all, shape{white, stroke(cord, cordW), fmt.Sprintf(
		`<path d="M%g %gC%g %g %g %g %g %g" fill="none" stroke="%s" stroke-width="%g" stroke-linecap="round"/>`,
		cord[0].x, cord[0].y, cord[1].x, cord[1].y, cord[2].x, cord[2].y, cord[3].x, cord[3].y, hex(white), cordW)})
	for _, c := range sockets {
		all = append(all, disc(c, 8.5, white), disc(c, 3.2, ground))
	}
	return all
}

func disc(c point, r float64, fill color.NRGBA) shape {
	svg := fmt.Sprintf(`<circle cx="%g" cy="%g" r="%g" fill="%s"/>`, c.x, c.y, r, hex(fill))
	if fill.A != 0xff {
		svg = strings.Replace(svg, "/>", fmt.Sprintf(` fill-opacity="%.2f"/>`, float64(fill.A)/0xff), 1)
	}
	return shape{fill, circle(c, r), svg}
}

func circle(c point, r float64) func(point) float64 {
	return func(p point) float64 { return math.Hypot(p.x-c.x, p.y-c.y) - r }
}

// box is a rectangle with round corners.
func box(low, high point, r float64) func(point) float64 {
	mid := point{(low.x + high.x) / 2, (low.y + high.y) / 2}
	half := point{(high.x-low.x)/2 - r, (high.y-low.y)/2 - r}
	return func(p point) float64 {
		dx, dy := math.Abs(p.x-mid.x)-half.x, math.Abs(p.y-mid.y)-half.y
		return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - r
	}
}

// stroke is a cubic curve of a width, as short lines.
func stroke(c [4]point, width float64) func(point) float64 {
	const parts = 24
	var line [parts + 1]point
	for i := range line {
		t := float64(i) / parts
		a, b, d, e := (1-t)*(1-t)*(1-t), 3*(1-t)*(1-t)*t, 3*(1-t)*t*t, t*t*t
		line[i] = point{a*c[0].x + b*c[1].x + d*c[2].x + e*c[3].x, a*c[0].y + b*c[1].y + d*c[2].y + e*c[3].y}
	}
	return func(p point) float64 {
		best := math.Inf(1)
		for i := range parts {
			best = min(best, segment(p, line[i], line[i+1]))
		}
		return best - width/2
	}
}

func segment(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := ((p.x-a.x)*dx + (p.y-a.y)*dy) / (dx*dx + dy*dy)
	t = min(max(t, 0), 1)
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// SVG is the sign as a file.
func SVG() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" viewBox=\"0 0 %g %g\">\n", unit, unit, unit, unit)
	for _, s := range shapes() {
		fmt.Fprintf(&b, "  %s\n", s.svg)
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// Bounds of a picture's edge in pixels.
const minEdge, maxEdge = 8, 1024

// Draw is the sign as a picture; an edge outside 8 to 1024 pixels is brought
// into these bounds.
func Draw(edge int) *image.NRGBA {
	edge = min(max(edge, minEdge), maxEdge)
	img := image.NewNRGBA(image.Rect(0, 0, edge, edge))
	for _, s := range shapes() {
		fill(img, s.colour, s.distance)
	}
	return img
}

// fill puts a shape over a picture, its edge one pixel soft.
func fill(img *image.NRGBA, c color.NRGBA, distance func(point) float64) {
	over(img, distance, func(below color.NRGBA, cover float64) color.NRGBA { return mix(below, c, cover*float64(c.A)/0xff) })
}

// cut takes a shape out of a picture.
func cut(img *image.NRGBA, distance func(point) float64) {
	over(img, distance, func(below color.NRGBA, cover float64) color.NRGBA {
		below.A = uint8(math.Round(float64(below.A) * (1 - cover)))
		return below
	})
}

func over(img *image.NRGBA, distance func(point) float64, put func(below color.NRGBA, cover float64) color.NRGBA) {
	edge := img.Rect.Dx()
	scale := unit / float64(edge)
	for y := range edge {
		for x := range edge {
			d := distance(point{(float64(x) + 0.5) * scale, (float64(y) + 0.5) * scale}) / scale
			if cover := min(max(0.5-d, 0), 1); cover > 0 {
				img.SetNRGBA(x, y, put(img.NRGBAAt(x, y), cover))
			}
		}
	}
}

// mix puts a colour over another; alpha is how much of it.
func mix(below, c color.NRGBA, alpha float64) color.NRGBA {
	under := float64(below.A) / 0xff * (1 - alpha)
	sum := alpha + under
	if sum == 0 {
		return color.NRGBA{}
	}
	part := func(a, b uint8) uint8 { return uint8(math.Round((float64(a)*alpha + float64(b)*under) / sum)) }
	return color.NRGBA{part(c.R, below.R), part(c.G, below.G), part(c.B, below.B), uint8(math.Round(sum * 0xff))}
}
