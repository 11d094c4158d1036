package render

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"

	"gioui.org/f32"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/text"
	"gioui.org/unit"
	decimals "golang.org/x/text/number"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/pixels"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

type unitDp = unit.Dp

// maxPixels is the largest picture in a view itself that is decoded: 4 megapixels.
const maxPixels = 4 << 20

// wordyPicture is how wide the place of a picture must be, in dp, for words in it.
const wordyPicture = 140

// Shown is a picture that can be shown over everything, by the hash of its blob.
type Shown struct{ Hash, Name string }

// gallery is the pictures of the list that one stands in, and which of them it is.
func (s *Session) gallery(sc scope, hash, name string) (all []Shown, at int) {
	at = -1
	if sc.list != "" {
		for _, it := range s.listOf(sc.list).items {
			for _, e := range it.GetNode().GetMessage().GetExtra() {
				if b := e.GetImage().GetBlob(); contractv1.ValidBlob(b) && !it.GetNode().GetMessage().GetDeleted() {
					if b == hash && (at < 0 || it.GetKey() == sc.item) {
						at = len(all)
					}
					all = append(all, Shown{Hash: b, Name: s.pictureName(e)})
				}
			}
		}
	}
	if at < 0 {
		return []Shown{{Hash: hash, Name: name}}, 0
	}
	return all, at
}

// picture is a decoded picture of a view itself, kept for as long as its element
// shows it; or whether the person asked for one that is large.
type picture struct {
	of    *contractv1.Image
	op    paint.ImageOp
	size  image.Point
	asked bool
}

func (p *picture) load(i *contractv1.Image) {
	if p.of == i {
		return
	}
	p.of, p.size = i, image.Point{}
	data := i.GetPng()
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
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
	if len(i.GetPng()) == 0 && i.GetBlob() != "" {
		return s.blob(gtx, sc, st, n, i)
	}
	st.pic.load(i)
	size := pictureSize(gtx, i, st.pic.size)
	defer s.pictureFrame(gtx, n, size).Pop()
	if st.pic.size == (image.Point{}) {
		s.noPicture(gtx, sc, size, "", "image")
		return D{Size: size}
	}
	paintPicture(gtx, st.pic.op, st.pic.size, size)
	return D{Size: size}
}

// pictureFrame cuts what is drawn next to the place of a picture, and names it.
func (s *Session) pictureFrame(gtx C, n *contractv1.Node, size image.Point) clip.Stack {
	c := clip.UniformRRect(image.Rectangle{Max: size}, gtx.Dp(theme.RadiusControl)).Push(gtx.Ops)
	semantic.LabelOp(s.pictureName(n)).Add(gtx.Ops)
	return c
}

func (s *Session) pictureName(n *contractv1.Node) string {
	if l := n.GetLabel(); l != "" {
		return widget.Clean(l)
	}
	return s.th.Say.Sprintf("Picture")
}

// blob is a picture that the host keeps: its place has its size from the
// beginning, so that nothing moves when it comes.
func (s *Session) blob(gtx C, sc scope, st *state, n *contractv1.Node, i *contractv1.Image) D {
	size := pictureSize(gtx, i, image.Point{})
	if !contractv1.ValidBlob(i.GetBlob()) || s.env.Pictures == nil {
		defer s.pictureFrame(gtx, n, size).Pop()
		s.noPicture(gtx, sc, size, "", "image")
		return D{Size: size}
	}
	large := i.GetBytes() > contractv1.MaxWanted && !st.pic.asked
	var p pixels.Picture
	if !large {
		p = s.env.Pictures(i.GetBlob(), max(size.X, size.Y), st.pic.asked, gtx.Now)
	}
	for st.click.Clicked(gtx) {
		s.inner++
		switch {
		case large, p.State == pixels.Failed:
			st.pic.asked = true
			gtx.Execute(op.InvalidateCmd{})
		case p.State == pixels.Ready && s.env.Enlarge != nil:
			s.env.Enlarge(s.gallery(sc, i.GetBlob(), s.pictureName(n)))
		}
	}
	d := st.click.Area(gtx, s.pictureName(n), func(gtx C) D {
		defer clip.UniformRRect(image.Rectangle{Max: size}, gtx.Dp(theme.RadiusControl)).Push(gtx.Ops).Pop()
		pointer.CursorPointer.Add(gtx.Ops)
		switch {
		case large:
			s.noPicture(gtx, sc, size, s.th.Say.Sprintf("Show picture (%s)", megabytes(s.th, i.GetBytes())), "image")
		case p.State == pixels.Ready:
			paintPicture(gtx, p.Op, p.Size, size)
		case p.State == pixels.Failed:
			s.noPicture(gtx, sc, size, p.Err.Error(), "error")
			gtx.Execute(op.InvalidateCmd{At: p.Retry.Add(1)})
		default:
			s.noPicture(gtx, sc, size, s.th.Say.Sprintf("Loading…"), "image")
		}
		return D{Size: size}
	})
	if st.click.Ringed(gtx, s.th) {
		widget.Outline(gtx, d.Size, theme.RadiusControl, theme.FocusRing, s.th.Accent)
	}
	return d
}

// pictureSize is the room of a picture: as its sender says, within what fits here.
func pictureSize(gtx C, i *contractv1.Image, known image.Point) image.Point {
	want := image.Pt(gtx.Dp(unit.Dp(i.GetWidth())), gtx.Dp(unit.Dp(i.GetHeight())))
	if want.X <= 0 || want.Y <= 0 {
		want = image.Pt(gtx.Dp(unit.Dp(known.X)), gtx.Dp(unit.Dp(known.Y)))
	}
	if want.X <= 0 || want.Y <= 0 {
		want = image.Pt(gtx.Dp(160), gtx.Dp(90))
	}
	return fit(want, image.Pt(min(gtx.Constraints.Max.X, gtx.Dp(theme.Picture)), gtx.Dp(theme.Picture)))
}

func paintPicture(gtx C, i paint.ImageOp, of, size image.Point) {
	k := f32.Pt(float32(size.X)/float32(of.X), float32(size.Y)/float32(of.Y))
	defer op.Affine(f32.AffineId().Scale(f32.Point{}, k)).Push(gtx.Ops).Pop()
	i.Add(gtx.Ops)
	paint.PaintOp{}.Add(gtx.Ops)
}

// noPicture is what stands in the place of a picture that is not here.
func (s *Session) noPicture(gtx C, sc scope, size image.Point, words, icon string) {
	paint.Fill(gtx.Ops, theme.Mix(sc.ground, s.th.Text, 0.06))
	g := gtx
	g.Constraints = layout.Exact(size)
	if words == "" || size.X < gtx.Dp(wordyPicture) || size.Y < gtx.Dp(64) {
		px := min(gtx.Dp(24), size.X, size.Y)
		t := op.Offset(size.Sub(image.Pt(px, px)).Div(2)).Push(gtx.Ops)
		theme.IconNamed(icon).Layout(gtx, unit.Dp(float32(px)/gtx.Metric.PxPerDp), s.th.Secondary)
		t.Pop()
		return
	}
	layout.Center.Layout(g, func(gtx C) D {
		gtx.Constraints.Min = image.Point{}
		return layout.UniformInset(theme.Space8).Layout(gtx, func(gtx C) D {
			return layout.Flex{Axis: layout.Vertical, Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(func(gtx C) D { return theme.IconNamed(icon).Layout(gtx, 24, s.th.Secondary) }),
				layout.Rigid(func(gtx C) D {
					return layout.Inset{Top: theme.Space4}.Layout(gtx,
						widget.Text{Type: s.th.Caption(), Color: s.th.Secondary, Text: words, Align: text.Middle, MaxLines: 4}.W(s.th))
				}))
		})
	})
}

// megabytes is a size as a person reads it, with the comma or dot of their language.
func megabytes(th *theme.Theme, n int64) string {
	one := []decimals.Option{decimals.MinFractionDigits(1), decimals.MaxFractionDigits(1)}
	return th.Say.Sprintf("%v MB", decimals.Decimal(float64(n)/(1<<20), one...))
}

// fit makes a size smaller, in proportion, until it is inside a box.
func fit(size, box image.Point) image.Point {
	k := min(1, float64(box.X)/float64(size.X), float64(box.Y)/float64(size.Y))
	return image.Pt(max(int(float64(size.X)*k), 1), max(int(float64(size.Y)*k), 1))
}
