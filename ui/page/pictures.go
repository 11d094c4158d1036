package page

import (
	"context"
	"errors"
	"time"

	"gioui.org/op/paint"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/pixels"
	"switchboard/ui/words"
)

// chooseTime is how long a person may look for a file.
const chooseTime = 11 * time.Minute

// art is the pictures of a window: of people, of groups, in conversations.
type art struct {
	cache  *pixels.Cache
	of     *model.Snapshot
	hashes map[string]string // by address or conversation
	large  *largePicture
	files  *fileDialog
	busy   map[model.SessionKey]int // pictures that are being made fit
}

// StartPictures makes what pictures need; wake asks for a frame.
func (s *Shell) StartPictures(wake func()) {
	s.art.cache = pixels.New(s.Backend.Picture, wake)
	s.art.busy = map[model.SessionKey]int{}
}

// StopPictures ends it.
func (s *Shell) StopPictures() { s.art.cache.Close() }

// WaitPictures waits for pictures that are on their way; for tests.
func (s *Shell) WaitPictures() { s.art.cache.Wait() }

// BeginPictures is called at the beginning of a frame, when the theme is known.
func (s *Shell) BeginPictures() {
	if s.art.of != s.Snap {
		s.art.of = s.Snap
		s.art.hashes = map[string]string{}
		if a := s.Snap.Account; a != nil && a.Avatar != "" {
			s.art.hashes[a.Address] = a.Avatar
		}
		for i := range s.Snap.Contacts {
			if c := &s.Snap.Contacts[i]; c.Avatar != "" && c.State != model.Request {
				s.art.hashes[c.Address] = c.Avatar
			}
		}
		for i := range s.Snap.Groups {
			if g := &s.Snap.Groups[i]; g.Picture != "" {
				s.art.hashes[g.Conversation] = g.Picture
			}
		}
	}
	s.Theme.Face = s.face
}

// EndPictures is called at the end of a frame.
func (s *Shell) EndPictures() { s.art.cache.EndFrame() }

func (s *Shell) face(address string) (paint.ImageOp, bool) {
	hash := s.art.hashes[address]
	if hash == "" {
		return paint.ImageOp{}, false
	}
	return s.art.cache.Face(hash, s.Now)
}

// pictures is a picture for a view, with what is wrong in the person's language.
func (s *Shell) pictures(hash string, edge int, asked bool, now time.Time) pixels.Picture {
	p := s.art.cache.Picture(hash, edge, asked, now)
	switch {
	case errors.Is(p.Err, pixels.ErrUndrawable):
		p.Err = errors.New(words.PictureBad.Text())
	case p.Err != nil:
		p.Err = errors.New(words.Known(Sentence(p.Err)))
	}
	return p
}

// Choose lets the person choose a picture: in the desktop's dialog, or in the
// window's own where there is none.
func (s *Shell) Choose(title string, then func(path string)) {
	s.Jobs.GoFor(chooseTime, func(ctx context.Context) func() {
		path, err := s.Backend.ChoosePicture(ctx, title)
		return func() {
			switch {
			case err != nil:
				s.art.files = newFileDialog(title, then)
				s.art.files.goTo(s, "")
			case path != "":
				then(path)
			}
		}
	})
}

// attach lets a picture be chosen for an editor of a view.
func (s *Shell) attach(key model.SessionKey, node string) {
	s.Choose(words.ChoosePicture.Text(), func(path string) { s.takeAll(key, node, []string{path}) })
}

// takeAll attaches the pictures of files, one after the other: they keep their order.
func (s *Shell) takeAll(key model.SessionKey, node string, paths []string) {
	if len(paths) == 0 {
		return
	}
	s.share(key, node, func(ctx context.Context) (string, error) { return s.Backend.SharePicture(ctx, paths[0], nil) },
		func() { s.takeAll(key, node, paths[1:]) })
}

// share attaches a picture when it has been made fit to be sent, and then goes on with
// what follows, if anything does.
func (s *Shell) share(key model.SessionKey, node string, fit func(context.Context) (picture string, err error), then func()) {
	s.art.busy[key]++
	picture := ""
	s.Call(func(ctx context.Context) (err error) {
		picture, err = fit(ctx)
		return err
	}, func(err error) {
		s.art.busy[key]--
		if err == nil {
			err = s.Backend.Act(key, model.Action{Node: node, Kind: contractv1.Action_PICTURE, Value: picture})
		}
		if err != nil {
			s.Say(Sentence(err))
		}
		if then != nil {
			then()
		}
	})
}

// ChangeMyPicture lets a picture of me be chosen.
func (s *Shell) ChangeMyPicture() {
	s.Choose(words.MyPicture.Text(), func(path string) {
		s.Call(func(ctx context.Context) error { return s.Backend.SetAvatar(ctx, path) }, nil)
	})
}

// RemoveMyPicture shows my initials again.
func (s *Shell) RemoveMyPicture() {
	s.Call(func(ctx context.Context) error { return s.Backend.SetAvatar(ctx, "") }, nil)
}

// groupPictureMenu is what may be done about a group's picture.
func (s *Shell) groupPictureMenu(g *model.GroupInfo) []MenuItem {
	set := func(path string) {
		s.Call(func(ctx context.Context) error { return s.Backend.GroupPicture(ctx, g.ID, path) }, nil)
	}
	items := []MenuItem{{Text: words.ChooseAPicture.Text(), Icon: "image", Do: func() { s.Choose(words.GroupPicture.Text(), set) }}}
	if g.Picture != "" {
		items = append(items, MenuItem{Text: words.RemovePicture.Text(), Icon: "delete", Danger: true, Separate: true, Do: func() { set("") }})
	}
	return items
}
