package page

import (
	"context"
	"image"
	"net/http"
	"path/filepath"
	"strconv"

	"gioui.org/f32"
	"gioui.org/gesture"
	"gioui.org/io/event"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/layout"

	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// update takes wheel, presses and keys; it reports whether the picture closes: a
// press beside it does that.
func (l *largePicture) update(gtx C, s *Shell, middle f32.Point) (closed bool) {
	for {
		ev, ok := gtx.Event(pointer.Filter{Target: &l.scrim, Kinds: pointer.Scroll, ScrollY: pointer.ScrollRange{Min: -1 << 16, Max: 1 << 16}})
		if !ok {
			break
		}
		if e, ok := ev.(pointer.Event); ok && e.Scroll.Y != 0 {
			by := float32(zoomStep)
			if e.Scroll.Y > 0 {
				by = 1 / by
			}
			l.zoomTo(l.zoom*by, e.Position.Sub(middle))
		}
	}
	for {
		e, ok := l.click.Update(gtx.Source)
		if !ok {
			break
		}
		if e.Kind != gesture.KindClick {
			continue
		}
		at := layout.FPt(e.Position).Sub(middle)
		over := at.Sub(l.pan)
		outside := abs(over.X) > float32(l.drawn.X)/2 || abs(over.Y) > float32(l.drawn.Y)/2
		switch {
		case outside && l.zoom == 1:
			closed = true
		case e.NumClicks == 2 && l.zoom > 1:
			l.zoomTo(1, f32.Point{})
		case e.NumClicks == 2:
			l.zoomTo(3, at)
		}
	}
	l.dragged(gtx)
	l.keys(gtx)
	l.pressedTools(gtx, s)
	return closed
}

func abs(v float32) float32 { return max(v, -v) }

// dragged moves a picture that is larger than its room.
func (l *largePicture) dragged(gtx C) {
	for {
		e, ok := l.drag.Update(gtx.Metric, gtx.Source, gesture.Both)
		if !ok {
			return
		}
		switch e.Kind {
		case pointer.Press:
			l.held = e.Position
		case pointer.Drag:
			l.pan = l.pan.Add(e.Position.Sub(l.held))
			l.held = e.Position
			l.clamp()
		}
	}
}

// keys zoom, move and go to the neighbours.
func (l *largePicture) keys(gtx C) {
	var filters []event.Filter
	for _, n := range []key.Name{"+", "=", "-", "0", key.NameLeftArrow, key.NameRightArrow, key.NameUpArrow, key.NameDownArrow} {
		filters = append(filters, key.Filter{Name: n, Optional: key.ModShift | key.ModCtrl})
	}
	step := float32(gtx.Dp(60))
	for {
		ev, ok := gtx.Event(filters...)
		if !ok {
			return
		}
		e, ok := ev.(key.Event)
		if !ok || e.State != key.Press {
			continue
		}
		switch e.Name {
		case "+", "=":
			l.zoomTo(l.zoom*zoomStep, f32.Point{})
		case "-":
			l.zoomTo(l.zoom/zoomStep, f32.Point{})
		case "0":
			l.zoomTo(1, f32.Point{})
		case key.NameLeftArrow, key.NameRightArrow:
			by := 1
			if e.Name == key.NameLeftArrow {
				by = -1
			}
			if l.zoom == 1 {
				l.step(by)
			} else {
				l.pan.X -= float32(by) * step
			}
		case key.NameUpArrow:
			l.pan.Y += step
		case key.NameDownArrow:
			l.pan.Y -= step
		}
		l.clamp()
	}
}

func (l *largePicture) pressedTools(gtx C, s *Shell) {
	for i := range l.tools {
		if !l.tools[i].Clicked(gtx) {
			continue
		}
		switch i {
		case toolOut:
			l.zoomTo(l.zoom/zoomStep, f32.Point{})
		case toolFit:
			l.zoomTo(1, f32.Point{})
		case toolIn:
			l.zoomTo(l.zoom*zoomStep, f32.Point{})
		case toolSave:
			s.savePicture(l.now().Hash)
		case toolPrev:
			l.step(-1)
		case toolNext:
			l.step(1)
		}
	}
}

// layoutTools draws what can be done, at the upper right, and the arrows at the
// sides.
func (l *largePicture) layoutTools(gtx C, s *Shell, size image.Point) {
	th, pad := s.Theme, gtx.Dp(theme.Space8)
	gtx.Constraints = layout.Constraints{Max: size}
	button := func(c *widget.Click, icon, tip string, off bool) layout.Widget {
		return widget.IconButton{State: c, Icon: icon, Tip: tip, Disabled: off}.W(th)
	}
	box := func(at func(d image.Point) image.Point, parts ...layout.Widget) {
		call, d := widget.Measure(gtx, func(gtx C) D {
			kids := make([]layout.FlexChild, len(parts))
			for i, p := range parts {
				kids[i] = layout.Rigid(p)
			}
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx, kids...)
		})
		p := at(d.Size)
		atPlace(gtx, p, func(gtx C) D {
			widget.Fill(gtx, d.Size, theme.RadiusControl, th.Raised)
			call.Add(gtx.Ops)
			return d
		})
	}
	parts := []layout.Widget{
		button(&l.tools[toolOut], "remove", words.ZoomOut.Text(), l.zoom <= 1),
		button(&l.tools[toolFit], "fullscreen_exit", words.ZoomFit.Text(), l.zoom == 1),
		button(&l.tools[toolIn], "add", words.ZoomIn.Text(), l.zoom >= maxZoom),
		button(&l.tools[toolSave], "download", words.PictureSave.Text(), false),
		button(&l.close, "close", words.Close.Text(), false),
	}
	if n := len(l.all); n > 1 {
		place := strconv.Itoa(l.at+1) + " / " + strconv.Itoa(n)
		parts = append([]layout.Widget{func(gtx C) D {
			return layout.Inset{Left: theme.Space12, Right: theme.Space8}.Layout(gtx, oneLine(th, th.Body(), th.Secondary, place))
		}}, parts...)
		y := func(d image.Point) int { return (size.Y - d.Y) / 2 }
		if l.at > 0 {
			box(func(d image.Point) image.Point { return image.Pt(pad, y(d)) }, button(&l.tools[toolPrev], "left", words.PicturePrev.Text(), false))
		}
		if l.at < n-1 {
			box(func(d image.Point) image.Point { return image.Pt(size.X-d.X-pad, y(d)) }, button(&l.tools[toolNext], "right", words.PictureNext.Text(), false))
		}
	}
	box(func(d image.Point) image.Point { return image.Pt(size.X-d.X-pad, pad) }, parts...)
}

// atPlace is at, for where a local name hides it.
func atPlace(gtx C, p image.Point, w layout.Widget) D { return at(gtx, p, w) }

// savePicture asks for a file and writes the picture there.
func (s *Shell) savePicture(hash string) {
	path := ""
	s.Call(func(ctx context.Context) error {
		data, err := s.Backend.Picture(ctx, hash, true)
		if err != nil {
			return err
		}
		f, err := s.Backend.Folder(ctx, "")
		path = filepath.Join(f.Path, hash[:min(len(hash), 8)]+extension(data))
		return err
	}, func(err error) {
		if err != nil {
			s.Say(Sentence(err))
			return
		}
		s.AskText(words.PictureSave.Text(), words.PictureWhere.Text(), path, words.PictureSaveNow.Text(), func(path string) {
			s.Call(func(ctx context.Context) error { return s.Backend.SavePicture(ctx, hash, path) }, func(err error) {
				if err != nil {
					s.Say(Sentence(err))
					return
				}
				s.Say(words.PictureSaved(path))
			})
		})
	})
}

// extension is how the file of a picture ends.
func extension(data []byte) string {
	switch http.DetectContentType(data) {
	case "image/jpeg":
		return ".jpg"
	case "image/gif":
		return ".gif"
	}
	return ".png"
}
