package render

import (
	"image/color"
	"strconv"

	"gioui.org/io/semantic"
	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
)

type colour = color.NRGBA

// maxDepth is how deep a tree is drawn; the host refuses deeper ones already.
const maxDepth = contractv1.MaxDepth + 4

// node draws one element. One that this version does not know draws its fallback.
func (s *Session) node(gtx C, sc scope, n *contractv1.Node) D {
	if n == nil || sc.depth > maxDepth {
		return D{}
	}
	sc.depth++
	gtx.Constraints.Min = clampMin(gtx, n)
	draw := func(gtx C) D { return s.body(gtx, sc, n) }
	if tip := n.GetTooltip(); tip != "" && !ownTip(n) {
		return s.state(sc, n).tip.Layout(gtx, s.th, tip, false, draw)
	}
	return draw(gtx)
}

// child draws the i-th element of another, whose place is part of its identity.
func (s *Session) child(gtx C, sc scope, n *contractv1.Node, i int) D {
	l := len(s.path)
	s.path = append(s.path, '/')
	s.path = strconv.AppendInt(s.path, int64(i), 10)
	d := s.node(gtx, sc, n)
	s.path = s.path[:l]
	return d
}

// ownTip tells whether an element shows its tooltip itself.
func ownTip(n *contractv1.Node) bool {
	switch n.GetBody().(type) {
	case *contractv1.Node_Button, *contractv1.Node_IconButton, *contractv1.Node_Menu:
		return true
	}
	return false
}

// body draws an element by its kind.
func (s *Session) body(gtx C, sc scope, n *contractv1.Node) D {
	switch b := n.GetBody().(type) {
	case *contractv1.Node_Column:
		return s.column(gtx, sc, b.Column)
	case *contractv1.Node_Row:
		return s.row(gtx, sc, b.Row)
	case *contractv1.Node_Grid:
		return s.grid(gtx, sc, b.Grid)
	case *contractv1.Node_Text:
		return s.text(gtx, sc, n, b.Text)
	case *contractv1.Node_RichText:
		return s.richText(gtx, sc, n, b.RichText)
	case *contractv1.Node_Code:
		return s.code(gtx, sc, n, b.Code)
	case *contractv1.Node_Message:
		return s.message(gtx, sc, n, b.Message)
	case *contractv1.Node_List:
		return s.list(gtx, sc, n, b.List)
	case *contractv1.Node_Editor:
		return s.editor(gtx, sc, n, b.Editor)
	case *contractv1.Node_Field:
		return s.field(gtx, sc, n, b.Field)
	case *contractv1.Node_Card:
		return s.card(gtx, sc, n, b.Card)
	case *contractv1.Node_Session:
		if isCard(sc.item) {
			return s.cardRow(gtx, sc, n, b.Session)
		}
		return s.embedded(gtx, sc, n, b.Session)
	case *contractv1.Node_Tabs:
		return s.tabs(gtx, sc, n, b.Tabs)
	case *contractv1.Node_Dialog:
		return D{} // drawn over everything
	case *contractv1.Node_Popover:
		return s.popover(gtx, sc, n, b.Popover)
	case *contractv1.Node_ContextMenu:
		return s.contextMenu(gtx, sc, n, b.ContextMenu)
	case *contractv1.Node_DropTarget:
		return s.child(gtx, sc, b.DropTarget.GetChild(), 0)
	}
	return s.control(gtx, sc, n)
}

// control draws the small elements.
func (s *Session) control(gtx C, sc scope, n *contractv1.Node) D {
	switch b := n.GetBody().(type) {
	case *contractv1.Node_Button:
		return s.button(gtx, sc, n, b.Button)
	case *contractv1.Node_IconButton:
		return s.iconButton(gtx, sc, n, b.IconButton)
	case *contractv1.Node_Toggle:
		return s.toggle(gtx, sc, n, b.Toggle)
	case *contractv1.Node_Select:
		return s.choice(gtx, sc, n, b.Select)
	case *contractv1.Node_Slider:
		return s.slider(gtx, sc, n, b.Slider)
	case *contractv1.Node_Menu:
		return s.menu(gtx, sc, n, b.Menu)
	case *contractv1.Node_Chips:
		return s.chips(gtx, sc, n, b.Chips.GetChips())
	case *contractv1.Node_Image:
		return s.image(gtx, sc, n, b.Image)
	case *contractv1.Node_Progress:
		return s.progress(gtx, n, b.Progress)
	case *contractv1.Node_Avatar:
		a := b.Avatar
		return widget.Avatar{Address: a.GetAddress(), Name: a.GetName(), Size: avatarSize(a.GetSize())}.Layout(gtx, s.th)
	case *contractv1.Node_Separator:
		gtx.Constraints.Min.X = gtx.Constraints.Max.X
		return layout.Inset{Top: theme.Space8, Bottom: theme.Space8}.Layout(gtx, func(gtx C) D {
			return widget.Separator{Text: b.Separator.GetText(), Accent: b.Separator.GetAccent()}.Layout(gtx, s.th)
		})
	case *contractv1.Node_Spacer:
		g := gap(gtx, b.Spacer.GetSize(), contractv1.Box_MEDIUM)
		return D{Size: gtx.Constraints.Constrain(imagePt(g, g))}
	}
	return s.unknown(gtx, n)
}

// unknown draws the fallback of an element that this version does not know.
func (s *Session) unknown(gtx C, n *contractv1.Node) D {
	words := n.GetFallback()
	if words == "" {
		words = n.GetLabel()
	}
	if words == "" {
		words = s.th.Say.Sprintf("This needs a newer version of Switchboard.")
	}
	return widget.Text{Text: words, Color: s.th.Secondary}.Layout(gtx, s.th)
}

// labelled adds what a screen reader says to the area drawn next.
func labelled(gtx C, n *contractv1.Node) {
	if l := n.GetLabel(); l != "" {
		semantic.LabelOp(widget.Clean(l)).Add(gtx.Ops)
	}
}
