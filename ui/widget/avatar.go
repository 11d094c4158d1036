package widget

import (
	"image"
	"image/color"
	"strings"
	"unicode"
	"unicode/utf8"

	"gioui.org/f32"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/text"
	"gioui.org/unit"

	"switchboard/ui/access"
	"switchboard/ui/theme"
)

// Avatar is the picture of a person or group, or white initials on a ground that
// follows from the address, with the presence as a shape at its lower right.
type Avatar struct {
	Address, Name string
	Size          unit.Dp     // 40 when zero
	Presence      string      // available, away, busy, offline; empty draws none
	Rim           color.NRGBA // the row's colour, around the presence
	Icon          string      // instead of initials, for groups
}

// Layout draws the avatar.
func (a Avatar) Layout(gtx C, th *theme.Theme) D {
	return access.Wrap(gtx, access.Note{Hidden: true}, func(gtx C) D { return a.layout(gtx, th) }) // the name stands beside it
}

func (a Avatar) layout(gtx C, th *theme.Theme) D {
	if a.Size == 0 {
		a.Size = 40
	}
	px := gtx.Dp(a.Size)
	if th.Face != nil && a.Address != "" && (a.Icon == "" || a.Icon == "group") { // notes keep their sign
		if face, ok := th.Face(a.Address); ok {
			round(gtx, face, px)
			if a.Presence != "" {
				a.presence(gtx, th, px)
			}
			return D{Size: image.Pt(px, px)}
		}
	}
	Fill(gtx, image.Pt(px, px), a.Size/2, theme.AvatarColor(a.Address))
	g := gtx.Disabled()
	g.Constraints = layout.Exact(image.Pt(px, px))
	layout.Center.Layout(g, func(gtx C) D {
		if a.Icon != "" {
			return theme.IconOf(a.Icon).Layout(gtx, a.Size*0.55, theme.OnAvatar)
		}
		t := th.Body().Medium()
		// Initials are a picture: they keep their proportion to the disc.
		t.Size = unit.Sp(float32(a.Size) * 0.37 * gtx.Metric.PxPerDp / gtx.Metric.PxPerSp)
		t.Height = t.Size
		gtx.Constraints.Min = image.Point{}
		gtx.Constraints.Max = image.Pt(px*2, px)
		return Text{Type: t, Color: theme.OnAvatar, Text: Initials(a.Name, a.Address), MaxLines: 1, Align: text.Middle}.Layout(gtx, th)
	})
	if a.Presence != "" {
		a.presence(gtx, th, px)
	}
	return D{Size: image.Pt(px, px)}
}

// round draws a square picture as a disc.
func round(gtx C, face paint.ImageOp, px int) {
	defer clip.Ellipse{Max: image.Pt(px, px)}.Push(gtx.Ops).Pop()
	k := float32(px) / float32(max(face.Size().X, 1))
	defer op.Affine(f32.AffineId().Scale(f32.Point{}, f32.Pt(k, k))).Push(gtx.Ops).Pop()
	face.Add(gtx.Ops)
	paint.PaintOp{}.Add(gtx.Ops)
}

func (a Avatar) presence(gtx C, th *theme.Theme, px int) {
	if a.Rim.A == 0 {
		a.Rim = th.Background
	}
	edge, rim := max(gtx.Dp(10), px*28/100), gtx.Dp(2)
	at := image.Pt(px-edge+gtx.Dp(1), px-edge+gtx.Dp(1))
	s := op.Offset(at.Sub(image.Pt(rim, rim))).Push(gtx.Ops)
	paint.FillShape(gtx.Ops, a.Rim, clip.Ellipse{Max: image.Pt(edge+2*rim, edge+2*rim)}.Op(gtx.Ops))
	s.Pop()
	s = op.Offset(at).Push(gtx.Ops)
	presenceShape(gtx, th, a.Presence, a.Rim, edge)
	s.Pop()
}

// Presence is the shape of a presence alone, as in a header or a menu.
type Presence struct {
	Status string
	Size   unit.Dp     // 12 when zero
	Ground color.NRGBA // what it stands on
}

// Layout draws the shape.
func (p Presence) Layout(gtx C, th *theme.Theme) D {
	if p.Size == 0 {
		p.Size = 12
	}
	if p.Ground.A == 0 {
		p.Ground = th.Background
	}
	px := gtx.Dp(p.Size)
	presenceShape(gtx, th, p.Status, p.Ground, px)
	return D{Size: image.Pt(px, px)}
}

// presenceShape draws a disc (available), a crescent (away), a disc with a bar
// (busy) or a ring (offline), so that nobody needs to see the colour.
func presenceShape(gtx C, th *theme.Theme, status string, ground color.NRGBA, px int) {
	c := th.PresenceColor(status)
	size := image.Pt(px, px)
	paint.FillShape(gtx.Ops, c, clip.Ellipse{Max: size}.Op(gtx.Ops))
	f := float32(px)
	switch status {
	case "available":
	case "away":
		d := px * 3 / 4
		at := image.Pt(-px/8, -px/8)
		defer clip.Ellipse{Max: size}.Push(gtx.Ops).Pop()
		paint.FillShape(gtx.Ops, ground, clip.Ellipse{Min: at, Max: at.Add(image.Pt(d, d))}.Op(gtx.Ops))
	case "busy":
		h := max(f/5, 2)
		bar := image.Rect(px/5, int((f-h)/2+0.5), px-px/5, int((f+h)/2+0.5))
		paint.FillShape(gtx.Ops, ground, clip.Rect(bar).Op())
	default:
		w := max(px/5, 2)
		paint.FillShape(gtx.Ops, ground, clip.Ellipse{Min: image.Pt(w, w), Max: image.Pt(px-w, px-w)}.Op(gtx.Ops))
	}
}

// Initials are one or two letters of a name, or of the address without one.
func Initials(name, address string) string {
	name = Clean(strings.TrimSpace(name))
	if name == "" {
		name = address
	}
	fields := strings.FieldsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || r == '.' || r == '_' || r == '-' || r == '@'
	})
	var out []rune
	for i, f := range fields {
		if i > 0 && i < len(fields)-1 {
			continue
		}
		r, _ := utf8.DecodeRuneInString(f)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToUpper(r))
		}
		if strings.Contains(name, "@") || len(out) == 2 {
			break
		}
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}
