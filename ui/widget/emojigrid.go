package widget

import (
	"image"
	"image/color"
	"strings"

	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/op/clip"
	"gioui.org/op/paint"
	"gioui.org/text"
	"gioui.org/unit"

	"switchboard/ui/access"
	"switchboard/ui/emoji"
	"switchboard/ui/theme"
)

// Glyph draws one emoji in the middle of a box.
func Glyph(gtx C, th *theme.Theme, s string, size unit.Sp, box image.Point) D {
	glyph(gtx, th, s, size, box)
	return D{Size: box}
}

// Layout draws the picker when it is open; it takes no room.
func (p *EmojiPicker) Layout(gtx C, th *theme.Theme) {
	if !p.pop.Opened() {
		return
	}
	p.german = th.German()
	p.update(gtx)
	if q := strings.TrimSpace(p.search.Text()); q != p.query || p.rows == nil {
		p.query = q
		p.build(th)
		p.list.Position.First, p.list.Position.Offset = 0, 0
	}
	p.pop.Layout(gtx, th, func(gtx C) D {
		gtx.Constraints.Min.X = 0
		gtx.Constraints.Max.X = gtx.Dp(pickColumns*pickCell + 8)
		return layout.Flex{Axis: layout.Vertical}.Layout(gtx,
			layout.Rigid(Field{State: &p.search, Icon: "search", Hint: th.Say.Sprintf("Search emoji"), MaxBytes: 64}.W(th)),
			Gap(theme.Space8),
			layout.Rigid(func(gtx C) D {
				note := access.Note{Key: &p.groups, Role: access.Panel, Name: th.Say.Sprintf("Groups of emoji")}
				return access.Wrap(gtx, note, func(gtx C) D { return p.tabRow(gtx, th) })
			}),
			layout.Rigid(func(gtx C) D { return p.grid(gtx, th) }),
			Gap(theme.Space4),
			layout.Rigid(func(gtx C) D {
				note := access.Note{Key: &p.tones, Role: access.Panel, Name: th.Say.Sprintf("Skin tone")}
				return access.Wrap(gtx, note, func(gtx C) D { return p.foot(gtx, th) })
			}))
	})
}

// tabRow is the groups; none while something is searched.
func (p *EmojiPicker) tabRow(gtx C, th *theme.Theme) D {
	if len(p.groups) == 0 {
		return D{}
	}
	if len(p.tabs) != len(p.groups) {
		p.tabs = make([]Click, len(p.groups))
	}
	now := 0
	for i, g := range p.groups {
		if g.row <= p.list.Position.First {
			now = i
		}
	}
	each := gtx.Constraints.Max.X / len(p.groups)
	for i, g := range p.groups {
		t := op.Offset(image.Pt(i*each, 0)).Push(gtx.Ops)
		size := image.Pt(each, gtx.Dp(theme.Control))
		c := &p.tabs[i]
		c.areaAs(gtx, access.Tab, semantic.Button, g.name, func(gtx C) D {
			semantic.SelectedOp(i == now).Add(gtx.Ops)
			access.Selected(gtx, i == now)
			pointer.CursorPointer.Add(gtx.Ops)
			Fill(gtx, size, theme.RadiusControl, tint(th, c, th.Raised))
			glyph(gtx, th, g.icon, 16, size)
			if i == now {
				bar := image.Rect(gtx.Dp(4), size.Y-gtx.Dp(2), size.X-gtx.Dp(4), size.Y)
				paint.FillShape(gtx.Ops, th.Accent, clip.Rect(bar).Op())
			}
			return D{Size: size}
		})
		if c.Ringed(gtx, th) {
			Ring(gtx, th, size, theme.RadiusControl)
		}
		t.Pop()
	}
	return D{Size: image.Pt(gtx.Constraints.Max.X, gtx.Dp(theme.Control))}
}

// glyph draws one emoji in the middle of a box.
func glyph(gtx C, th *theme.Theme, s string, size unit.Sp, box image.Point) {
	typ := th.Body()
	typ.Size, typ.Height = size, size*1.25
	g := gtx
	g.Constraints = layout.Constraints{Max: box}
	call, d := Measure(g.Disabled(), Text{Type: typ, Text: s, MaxLines: 1, Align: text.Start}.W(th))
	Offset(gtx, box.Sub(d.Size).Div(2), call)
}

func (p *EmojiPicker) grid(gtx C, th *theme.Theme) D {
	high := min(gtx.Dp(pickHeight), max(gtx.Constraints.Max.Y-gtx.Dp(140), gtx.Dp(2*pickCell)))
	size := image.Pt(gtx.Constraints.Max.X, high)
	if len(p.cells) == 0 {
		g := gtx
		g.Constraints = layout.Exact(size)
		return layout.Center.Layout(g, Text{Color: th.Secondary, Text: th.Say.Sprintf("No emoji has this name.")}.W(th))
	}
	if p.reveal {
		p.reveal = false
		p.show(p.cells[p.marked].row, high/gtx.Dp(pickCell))
	}
	gtx.Constraints = layout.Exact(size)
	note := access.Note{Key: &p.list, Role: access.List, Name: th.Say.Sprintf("Emoji"), Count: len(p.cells)}
	d := access.Wrap(gtx, note, func(gtx C) D { return p.rowsOf(gtx, th) })
	p.pointer = th.Frame.Pointer
	return d
}

// rowsOf draws the rows that are in sight.
func (p *EmojiPicker) rowsOf(gtx C, th *theme.Theme) D {
	return p.list.Layout(gtx, th, len(p.rows), func(gtx C, i int) D {
		r := p.rows[i]
		if r.heading != "" {
			return layout.Inset{Top: theme.Space8, Bottom: theme.Space4, Left: theme.Space4}.Layout(gtx,
				Text{Type: th.Caption().Medium(), Color: th.Secondary, Text: r.heading, MaxLines: 1}.W(th))
		}
		cell := gtx.Dp(pickCell)
		for c := r.from; c < r.to; c++ {
			t := op.Offset(image.Pt((c-r.from)*cell, 0)).Push(gtx.Ops)
			p.cell(gtx, th, c, image.Pt(cell, cell))
			t.Pop()
		}
		return D{Size: image.Pt(gtx.Constraints.Max.X, cell)}
	})
}

// show scrolls until a row is in sight; about fits rows are.
func (p *EmojiPicker) show(row, fits int) {
	pos := p.list.Position
	switch {
	case row <= pos.First+1 && row > 0 && p.rows[row-1].heading != "":
		p.list.ScrollTo(row - 1)
	case row <= pos.First:
		p.list.ScrollTo(row)
	case pos.Count > 0 && row >= pos.First+pos.Count-1:
		p.list.ScrollTo(max(row-fits+1, 0))
	}
}

func (p *EmojiPicker) cell(gtx C, th *theme.Theme, i int, size image.Point) {
	c := p.clicks[i]
	if c == nil {
		c = &Click{}
		p.clicks[i] = c
	}
	if c.Hovered() && th.Frame.Pointer != p.pointer {
		p.marked = i // a resting pointer leaves the keyboard its choice
	}
	c.areaAs(gtx, access.ListItem, semantic.Button, emoji.All()[p.cells[i].index].Name(p.german), func(gtx C) D {
		semantic.SelectedOp(i == p.marked).Add(gtx.Ops)
		access.Selected(gtx, i == p.marked)
		access.Set(gtx, func(n *access.Note) {
			n.Place, n.Stands = i+1, i == p.marked && p.moved && gtx.Focused(&p.search.Editor)
		})
		pointer.CursorPointer.Add(gtx.Ops)
		if i == p.marked {
			Fill(gtx, size, theme.RadiusControl, th.Selected(th.Raised))
			if th.Options.HighContrast {
				Outline(gtx, size, theme.RadiusControl, 1, th.Accent)
			}
		}
		glyph(gtx, th, p.text(i), 22, size)
		return D{Size: size}
	})
}

// toneColors are the skin tones, the one of cartoons first.
var toneColors = [...]color.NRGBA{
	{R: 0xff, G: 0xcc, B: 0x22, A: 0xff}, {R: 0xf7, G: 0xde, B: 0xce, A: 0xff}, {R: 0xf3, G: 0xd2, B: 0xa2, A: 0xff},
	{R: 0xd5, G: 0xab, B: 0x88, A: 0xff}, {R: 0xaf, G: 0x7e, B: 0x57, A: 0xff}, {R: 0x7c, G: 0x53, B: 0x3e, A: 0xff},
}

// foot is the name of what is marked and the skin tones.
func (p *EmojiPicker) foot(gtx C, th *theme.Theme) D {
	name := ""
	if p.marked < len(p.cells) {
		name = emoji.All()[p.cells[p.marked].index].Name(p.german)
	}
	parts := []layout.FlexChild{layout.Flexed(1, Text{Type: th.Caption(), Color: th.Secondary, Text: name, MaxLines: 1}.W(th))}
	names := [...]string{
		th.Say.Sprintf("Without skin tone"), th.Say.Sprintf("Light skin tone"), th.Say.Sprintf("Medium-light skin tone"),
		th.Say.Sprintf("Medium skin tone"), th.Say.Sprintf("Medium-dark skin tone"), th.Say.Sprintf("Dark skin tone"),
	}
	for i := range p.tones {
		parts = append(parts, layout.Rigid(func(gtx C) D {
			box, disc := gtx.Dp(22), gtx.Dp(14)
			size := image.Pt(box, gtx.Dp(28))
			d := p.tones[i].areaAs(gtx, access.Radio, semantic.Button, names[i], func(gtx C) D {
				semantic.SelectedOp(i == p.tone).Add(gtx.Ops)
				access.Selected(gtx, i == p.tone)
				pointer.CursorPointer.Add(gtx.Ops)
				at := image.Pt((size.X-disc)/2, (size.Y-disc)/2)
				t := op.Offset(at).Push(gtx.Ops)
				Fill(gtx, image.Pt(disc, disc), 7, toneColors[i])
				Outline(gtx, image.Pt(disc, disc), 7, 1, th.Control)
				t.Pop()
				return D{Size: size}
			})
			if i == p.tone {
				outlineAt(gtx, image.Rect((size.X-disc)/2-gtx.Dp(3), (size.Y-disc)/2-gtx.Dp(3), (size.X+disc)/2+gtx.Dp(3), (size.Y+disc)/2+gtx.Dp(3)), disc, max(1, gtx.Dp(2)), th.Accent)
			}
			if p.tones[i].Ringed(gtx, th) {
				Ring(gtx, th, d.Size, theme.RadiusControl)
			}
			return d
		}))
	}
	return layout.Flex{Alignment: layout.Middle}.Layout(gtx, parts...)
}

// EmojiButton is a small button with one emoji.
type EmojiButton struct {
	State *Click
	Emoji string
	Label string
	Size  unit.Dp
}

// Layout draws the button.
func (b EmojiButton) Layout(gtx C, th *theme.Theme) D {
	size := image.Pt(gtx.Dp(b.Size), gtx.Dp(b.Size))
	return b.State.tip.Layout(gtx, th, b.Label, b.State.Ringed(gtx, th), func(gtx C) D {
		d := b.State.area(gtx, semantic.Button, b.Label, func(gtx C) D {
			pointer.CursorPointer.Add(gtx.Ops)
			Fill(gtx, size, theme.RadiusControl, tint(th, b.State, th.Raised))
			glyph(gtx, th, b.Emoji, unit.Sp(b.Size)*0.6, size)
			return D{Size: size}
		})
		if b.State.Ringed(gtx, th) {
			Ring(gtx, th, d.Size, theme.RadiusControl)
		}
		return d
	})
}
