package page

import (
	"context"
	"errors"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/drop"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// TakesDrops tells whether something can be dropped on what is shown now.
func (s *Shell) TakesDrops() bool {
	_, _, ok := s.dropTarget()
	return ok && !s.Covered()
}

// dropTarget is the composer that takes pictures, of the conversation that is open.
func (s *Shell) dropTarget() (key model.SessionKey, node string, ok bool) {
	key, _, ok = s.chatKey()
	if !ok || s.Page != PageConversation || s.Snap.Account == nil {
		return key, "", false
	}
	v := s.Backend.View(key)
	if v == nil || v.Root == nil || v.Fault != "" {
		return key, "", false
	}
	node = composerOf(v.Root)
	return key, node, node != ""
}

// composerOf is the id of the composer below a node, when pictures can go into it.
func composerOf(n *contractv1.Node) string {
	if e := n.GetEditor(); e.GetComposer() && e.GetPictures() && !e.GetDisabled() {
		return n.GetId()
	}
	for _, c := range slices.Concat(n.GetColumn().GetChildren(), n.GetRow().GetChildren()) {
		if id := composerOf(c); id != "" {
			return id
		}
	}
	if c := n.GetDropTarget().GetChild(); c != nil {
		return composerOf(c)
	}
	return ""
}

// Dropped attaches what was dropped on the window.
func (s *Shell) Dropped(d drop.Dropped) {
	key, node, ok := s.dropTarget()
	if !ok {
		return
	}
	if d.Picture != nil {
		s.share(key, node, func(ctx context.Context) (string, error) { return s.Backend.SharePicture(ctx, "", d.Picture) }, nil)
		return
	}
	var pictures, others []string
	for _, f := range d.Files {
		if isPicture(f) {
			pictures = append(pictures, f)
		} else {
			others = append(others, f)
		}
	}
	switch {
	case len(d.Files) == 0:
		s.Say(words.DropNothing.Text())
	case len(others) == 1:
		s.Say(words.DropNotSent(filepath.Base(others[0])))
	case len(others) > 1:
		s.Say(words.DropsNotSent.Text())
	case len(pictures) > contractv1.MaxPictures:
		s.Say(words.DropFirst(contractv1.MaxPictures))
	}
	s.takeAll(key, node, pictures[:min(len(pictures), contractv1.MaxPictures)])
}

// isPicture tells by its name what the host is asked to make fit.
func isPicture(file string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif"}, strings.ToLower(filepath.Ext(file)))
}

// DropFailed says that what was dropped could not be read.
func (s *Shell) DropFailed() { s.Say(words.DropUnread.Text()) }

// paste attaches the picture on the clipboard, when there is one and no text.
func (s *Shell) paste(key model.SessionKey, node string) {
	s.Jobs.Go(func(ctx context.Context) func() {
		data, err := drop.Picture(ctx)
		return func() {
			switch {
			case errors.Is(err, drop.ErrNone):
			case err != nil:
				s.Say(words.PasteUnread.Text())
			default:
				s.share(key, node, func(ctx context.Context) (string, error) { return s.Backend.SharePicture(ctx, "", data) }, nil)
			}
		}
	})
}

// dropZone lies over the conversation while something is held over the window.
func (s *Shell) dropZone(gtx C) D {
	th := s.Theme
	return layout.UniformInset(theme.Space12).Layout(gtx, func(gtx C) D {
		size := gtx.Constraints.Max
		widget.Fill(gtx, size, theme.RadiusCard, theme.Mix(th.Background, th.Accent, 0.12))
		widget.Outline(gtx, size, theme.RadiusCard, 2, th.Accent)
		gtx.Constraints.Min = size
		layout.Center.Layout(gtx, func(gtx C) D {
			gtx.Constraints.Min = image.Point{}
			return layout.Flex{Axis: layout.Vertical, Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(icon("image", 40, th.Accent)), layout.Rigid(space(theme.Space8)),
				layout.Rigid(named(words.DropHere.Text(), label(th, th.Title(), th.Text, words.DropHere.Text()))))
		})
		return D{Size: size}
	})
}
