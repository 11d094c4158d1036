package render

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"

	"gioui.org/f32"
	"gioui.org/io/semantic"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/unit"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

type unitDp = unit.Dp

// maxPixels is the largest picture that is decoded: 4 megapixels, 16 MB.
const maxPixels = 4 << 20

// picture is a decoded picture, kept for as long as its element shows it.
type picture struct {
	of   *contractv1.Image
	blob bool
	op   paint.ImageOp
	size image.Point
	bad  bool
}

func (p *picture) load(i *contractv1.Image, find func(string) []byte) {
	if p.of == i && (p.blob || i.GetBlob() == "") {
		return
	}
	p.of, p.bad, p.blob = i, false, false
	data := i.GetPng()
	if len(data) == 0 && i.GetBlob() != "" && find != nil {
		data = find(i.GetBlob())
	}
	if len(data) == 0 {
		p.size = image.Point{}
		return
	}
	p.blob = true
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		p.bad = true
		return
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		p.bad = true
		return
	}
	rgba, ok := img.(*image.RGBA)
	if !ok {
		rgba = image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
		draw.Draw(rgba, rgba.Bounds(), img, img.Bounds().Min, draw.Src)
	}
	p.op, p.size = paint.NewImageOp(rgba), rgba.Bounds().Size()
}

func (s *Session) image(gtx C, sc scope, n *contractv1.Node, i *contractv1.Image) D {
	st := s.state(sc, n)
	if st.pic == nil {
		st.pic = &picture{}
	}
	st.pic.load(i, s.env.Picture)
	want := image.Pt(gtx.Dp(unit.Dp(i.GetWidth())), gtx.Dp(unit.Dp(i.GetHeight())))
	if want.X <= 0 || want.Y <= 0 {
		want = image.Pt(gtx.Dp(unit.Dp(st.pic.size.X)), gtx.Dp(unit.Dp(st.pic.size.Y)))
	}
	if want.X <= 0 || want.Y <= 0 {
		want = image.Pt(gtx.Dp(160), gtx.Dp(90))
	}
	size := fit(want, image.Pt(min(gtx.Constraints.Max.X, gtx.Dp(theme.Picture)), gtx.Dp(theme.Picture)))
	defer clip.UniformRRect(image.Rectangle{Max: size}, gtx.Dp(theme.RadiusControl)).Push(gtx.Ops).Pop()
	label := n.GetLabel()
	if label == "" {
		label = s.th.Say.Sprintf("Picture")
	}
	semantic.LabelOp(widget.Clean(label)).Add(gtx.Ops)
	if st.pic.bad || st.pic.size == (image.Point{}) {
		paint.Fill(gtx.Ops, theme.Mix(sc.ground, s.th.Text, 0.06))
		px := gtx.Dp(24)
		t := op.Offset(size.Sub(image.Pt(px, px)).Div(2)).Push(gtx.Ops)
		theme.IconNamed("image").Layout(gtx, 24, s.th.Disabled)
		t.Pop()
		return D{Size: size}
	}
	k := f32.Pt(float32(size.X)/float32(st.pic.size.X), float32(size.Y)/float32(st.pic.size.Y))
	t := op.Affine(f32.AffineId().Scale(f32.Point{}, k)).Push(gtx.Ops)
	st.pic.op.Add(gtx.Ops)
	paint.PaintOp{}.Add(gtx.Ops)
	t.Pop()
	return D{Size: size}
}

// fit makes a size smaller, in proportion, until it is inside a box.
func fit(size, box image.Point) image.Point {
	k := min(1, float64(box.X)/float64(size.X), float64(box.Y)/float64(size.Y))
	return image.Pt(max(int(float64(size.X)*k), 1), max(int(float64(size.Y)*k), 1))
}
