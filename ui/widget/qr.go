package widget

import (
	"image"
	"image/color"

	"gioui.org/f32"
	"gioui.org/io/semantic"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/unit"
	"rsc.io/qr"

	"switchboard/ui/theme"
)

// QR is a text as a QR code, black on white in every theme so that any camera
// reads it. The zero value is ready.
type QR struct {
	text string
	code *qr.Code
}

// quiet is the white rim that readers need, in modules.
const quiet = 4

// Layout draws the code as a square of an edge, a little less so that modules are
// whole pixels; nothing for a text that is too long for one (about 2 KiB).
func (q *QR) Layout(gtx C, text, label string, edge unit.Dp) D {
	if q.text != text {
		q.text, q.code = text, nil
		if c, err := qr.Encode(text, qr.L); err == nil { // else nothing is drawn
			q.code = c
		}
	}
	if q.code == nil {
		return D{}
	}
	n := q.code.Size + 2*quiet
	px := max(1, min(gtx.Dp(edge), gtx.Constraints.Max.X)/n)
	size := image.Pt(n*px, n*px)
	defer clip.UniformRRect(image.Rectangle{Max: size}, gtx.Dp(theme.RadiusControl)).Push(gtx.Ops).Pop()
	semantic.LabelOp(label).Add(gtx.Ops)
	paint.Fill(gtx.Ops, color.NRGBA{R: 255, G: 255, B: 255, A: 255})
	var p clip.Path
	p.Begin(gtx.Ops)
	for y := range q.code.Size {
		for x := 0; x < q.code.Size; x++ {
			from := x
			for x < q.code.Size && q.code.Black(x, y) {
				x++
			}
			if x > from {
				rect(&p, image.Rect((from+quiet)*px, (y+quiet)*px, (x+quiet)*px, (y+quiet+1)*px))
			}
		}
	}
	paint.FillShape(gtx.Ops, color.NRGBA{A: 255}, clip.Outline{Path: p.End()}.Op())
	return D{Size: size}
}

func rect(p *clip.Path, r image.Rectangle) {
	x0, y0, x1, y1 := float32(r.Min.X), float32(r.Min.Y), float32(r.Max.X), float32(r.Max.Y)
	p.MoveTo(f32.Pt(x0, y0))
	p.LineTo(f32.Pt(x1, y0))
	p.LineTo(f32.Pt(x1, y1))
	p.LineTo(f32.Pt(x0, y1))
	p.Close()
}
