package theme

import (
	"math"

	"gioui.org/f32"
	"golang.org/x/exp/shiny/iconvg"
)

// pen turns drawing commands, absolute or relative, into the segments of an
// icon. It serves both the material set (iconvg.Destination) and path data.
type pen struct {
	segs       []segment
	scale      float32   // units of the drawing to one
	off        f32.Point // origin of the drawing
	cur, start f32.Point
	ctrl       f32.Point // last control point, for the smooth commands
	last       byte
}

func (d *pen) unit(p f32.Point) f32.Point { return p.Sub(d.off).Mul(d.scale) }

func (d *pen) move(p f32.Point) {
	d.segs = append(d.segs, segment{op: 'M', p: d.unit(p)})
	d.cur, d.start, d.last = p, p, 'M'
}

func (d *pen) line(p f32.Point) {
	d.segs = append(d.segs, segment{op: 'L', p: d.unit(p)})
	d.cur, d.last = p, 'L'
}

func (d *pen) quad(c, p f32.Point) {
	d.segs = append(d.segs, segment{op: 'Q', p: d.unit(c), q: d.unit(p)})
	d.cur, d.ctrl, d.last = p, c, 'Q'
}

func (d *pen) cube(c1, c2, p f32.Point) {
	d.segs = append(d.segs, segment{op: 'C', p: d.unit(c1), q: d.unit(c2), r: d.unit(p)})
	d.cur, d.ctrl, d.last = p, c2, 'C'
}

func (d *pen) close() {
	d.segs = append(d.segs, segment{op: 'Z'})
	d.cur, d.last = d.start, 'Z'
}

// smooth is the control point that continues the last curve of a kind.
func (d *pen) smooth(kind byte) f32.Point {
	if d.last != kind {
		return d.cur
	}
	return d.cur.Mul(2).Sub(d.ctrl)
}

// arc draws an elliptical arc in cubics; rotation is in turns of a circle.
func (d *pen) arc(rx, ry, rotation float32, large, sweep bool, to f32.Point) {
	from := d.cur
	a, b := math.Abs(float64(rx)), math.Abs(float64(ry))
	if a == 0 || b == 0 || from == to {
		d.line(to)
		return
	}
	sin, cos := math.Sincos(2 * math.Pi * float64(rotation))
	hx, hy := float64(from.X-to.X)/2, float64(from.Y-to.Y)/2
	x1, y1 := cos*hx+sin*hy, -sin*hx+cos*hy
	if l := x1*x1/(a*a) + y1*y1/(b*b); l > 1 {
		a, b = a*math.Sqrt(l), b*math.Sqrt(l)
	}
	f := (a*a*b*b - a*a*y1*y1 - b*b*x1*x1) / (a*a*y1*y1 + b*b*x1*x1)
	f = math.Sqrt(max(f, 0))
	if large == sweep {
		f = -f
	}
	cx1, cy1 := f*a*y1/b, -f*b*x1/a
	cx := cos*cx1 - sin*cy1 + float64(from.X+to.X)/2
	cy := sin*cx1 + cos*cy1 + float64(from.Y+to.Y)/2
	t0 := math.Atan2((y1-cy1)/b, (x1-cx1)/a)
	dt := math.Atan2((-y1-cy1)/b, (-x1-cx1)/a) - t0
	if sweep && dt < 0 {
		dt += 2 * math.Pi
	}
	if !sweep && dt > 0 {
		dt -= 2 * math.Pi
	}
	n := max(1, int(math.Ceil(math.Abs(dt)/(math.Pi/2)-1e-6)))
	step := dt / float64(n)
	k := 4.0 / 3 * math.Tan(step/4)
	at := func(x, y float64) f32.Point {
		return f32.Pt(float32(cx+cos*a*x-sin*b*y), float32(cy+sin*a*x+cos*b*y))
	}
	for i := range n {
		s0, c0 := math.Sincos(t0 + float64(i)*step)
		s1, c1 := math.Sincos(t0 + float64(i+1)*step)
		d.cube(at(c0-k*s0, s0+k*c0), at(c1+k*s1, s1-k*c1), at(c1, s1))
	}
	d.cur, d.last = to, 'A'
}

// decodeIconVG reads an icon of the material set.
func decodeIconVG(data []byte) *Icon {
	v := &vgPen{}
	if err := iconvg.Decode(v, data, nil); err != nil {
		panic("theme: an embedded icon does not decode: " + err.Error())
	}
	return &Icon{segs: v.segs}
}

// vgPen is a pen for iconvg.Decode.
type vgPen struct{ pen }

func pt(x, y float32) f32.Point             { return f32.Pt(x, y) }
func (v *vgPen) rel(x, y float32) f32.Point { return v.cur.Add(pt(x, y)) }

func (v *vgPen) Reset(m iconvg.Metadata) {
	dx, dy := m.ViewBox.AspectRatio()
	v.off = pt(m.ViewBox.Min[0], m.ViewBox.Min[1])
	v.scale = 1 / max(dx, dy)
}
func (v *vgPen) SetCSel(uint8)                        {}
func (v *vgPen) SetNSel(uint8)                        {}
func (v *vgPen) SetCReg(uint8, bool, iconvg.Color)    {}
func (v *vgPen) SetNReg(uint8, bool, float32)         {}
func (v *vgPen) SetLOD(float32, float32)              {}
func (v *vgPen) StartPath(_ uint8, x, y float32)      { v.move(pt(x, y)) }
func (v *vgPen) ClosePathEndPath()                    { v.close() }
func (v *vgPen) ClosePathAbsMoveTo(x, y float32)      { v.close(); v.move(pt(x, y)) }
func (v *vgPen) ClosePathRelMoveTo(x, y float32)      { v.close(); v.move(v.rel(x, y)) }
func (v *vgPen) AbsHLineTo(x float32)                 { v.line(pt(x, v.cur.Y)) }
func (v *vgPen) RelHLineTo(x float32)                 { v.line(v.rel(x, 0)) }
func (v *vgPen) AbsVLineTo(y float32)                 { v.line(pt(v.cur.X, y)) }
func (v *vgPen) RelVLineTo(y float32)                 { v.line(v.rel(0, y)) }
func (v *vgPen) AbsLineTo(x, y float32)               { v.line(pt(x, y)) }
func (v *vgPen) RelLineTo(x, y float32)               { v.line(v.rel(x, y)) }
func (v *vgPen) AbsSmoothQuadTo(x, y float32)         { v.quad(v.smooth('Q'), pt(x, y)) }
func (v *vgPen) RelSmoothQuadTo(x, y float32)         { v.quad(v.smooth('Q'), v.rel(x, y)) }
func (v *vgPen) AbsQuadTo(x1, y1, x, y float32)       { v.quad(pt(x1, y1), pt(x, y)) }
func (v *vgPen) RelQuadTo(x1, y1, x, y float32)       { v.quad(v.rel(x1, y1), v.rel(x, y)) }
func (v *vgPen) AbsSmoothCubeTo(x2, y2, x, y float32) { v.cube(v.smooth('C'), pt(x2, y2), pt(x, y)) }
func (v *vgPen) RelSmoothCubeTo(x2, y2, x, y float32) {
	v.cube(v.smooth('C'), v.rel(x2, y2), v.rel(x, y))
}
func (v *vgPen) AbsCubeTo(x1, y1, x2, y2, x, y float32) { v.cube(pt(x1, y1), pt(x2, y2), pt(x, y)) }
func (v *vgPen) RelCubeTo(x1, y1, x2, y2, x, y float32) {
	v.cube(v.rel(x1, y1), v.rel(x2, y2), v.rel(x, y))
}
func (v *vgPen) AbsArcTo(rx, ry, rot float32, large, sweep bool, x, y float32) {
	v.arc(rx, ry, rot, large, sweep, pt(x, y))
}
func (v *vgPen) RelArcTo(rx, ry, rot float32, large, sweep bool, x, y float32) {
	v.arc(rx, ry, rot, large, sweep, v.rel(x, y))
}
