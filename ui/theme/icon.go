package theme

import (
	"image"
	"image/color"
	"sync"

	"gioui.org/f32"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/unit"
)

// Icon is a one-colour drawing in a square of one unit. Drawing it costs one
// cached outline per size, whatever the colour.
type Icon struct {
	segs []segment

	mu    sync.Mutex
	sizes map[int]*outline
}

type segment struct {
	op   byte // M, L, Q, C or Z
	p, q f32.Point
	r    f32.Point
}

type outline struct {
	ops  op.Ops
	spec clip.PathSpec
}

// maxIconSizes bounds the outlines kept per icon.
const maxIconSizes = 16

// Layout draws the icon in a square of size, in one colour.
func (i *Icon) Layout(gtx layout.Context, size unit.Dp, c color.NRGBA) layout.Dimensions {
	px := gtx.Dp(size)
	if px <= 0 {
		return layout.Dimensions{}
	}
	stack := clip.Outline{Path: i.outline(px)}.Op().Push(gtx.Ops)
	paint.Fill(gtx.Ops, c)
	stack.Pop()
	return layout.Dimensions{Size: image.Pt(px, px)}
}

func (i *Icon) outline(px int) clip.PathSpec {
	i.mu.Lock()
	defer i.mu.Unlock()
	if o, ok := i.sizes[px]; ok {
		return o.spec
	}
	if i.sizes == nil || len(i.sizes) >= maxIconSizes {
		i.sizes = make(map[int]*outline)
	}
	o := new(outline)
	o.spec = i.build(&o.ops, float32(px))
	i.sizes[px] = o
	return o.spec
}

func (i *Icon) build(ops *op.Ops, k float32) clip.PathSpec {
	var p clip.Path
	p.Begin(ops)
	open := false
	for _, s := range i.segs {
		switch s.op {
		case 'M':
			if open {
				p.Close()
			}
			p.MoveTo(s.p.Mul(k))
			open = false
		case 'L':
			p.LineTo(s.p.Mul(k))
			open = true
		case 'Q':
			p.QuadTo(s.p.Mul(k), s.q.Mul(k))
			open = true
		case 'C':
			p.CubeTo(s.p.Mul(k), s.q.Mul(k), s.r.Mul(k))
			open = true
		case 'Z':
			p.Close()
			open = false
		}
	}
	if open {
		p.Close()
	}
	return p.End()
}
