package ui_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/png"

	"switchboard/shared/model"
)

// photos are the pictures of the recorded worlds, by the first letter of their hash.
var photos = map[byte]func() image.Image{
	'a': func() image.Image {
		return shaded(256, 256, color.RGBA{210, 140, 90, 255}, color.RGBA{60, 40, 90, 255})
	},
	'b': func() image.Image {
		return shaded(900, 600, color.RGBA{90, 160, 220, 255}, color.RGBA{40, 110, 60, 255})
	},
}

// shaded is a sky above a ground.
func shaded(w, h int, up, down color.RGBA) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := up
			if y > h/2+(x*h/4)/w {
				c = down
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func (w *world) Picture(_ context.Context, hash string, asked bool) ([]byte, error) {
	if err := w.note("picture %s %v", hash[:1], asked); err != nil {
		return nil, err
	}
	make := photos[hash[0]]
	if make == nil {
		return nil, errors.New("The network does not have this picture: it is still on its way, or is no longer kept.")
	}
	var b bytes.Buffer
	err := png.Encode(&b, make())
	return b.Bytes(), err
}

func (w *world) SharePicture(_ context.Context, path string, data []byte) (string, error) {
	if path == "" {
		return sharedPicture.String(), w.note("share %x", sha256.Sum256(data))
	}
	return sharedPicture.String(), w.note("share %s", path)
}

func (w *world) ChoosePicture(context.Context, string) (string, error) {
	return "", w.note("choose")
}

func (w *world) SavePicture(_ context.Context, hash, path string) error {
	return w.note("save picture %s %s", hash[:8], path)
}
func (w *world) Folder(_ context.Context, path string) (model.Folder, error) {
	f := model.Folder{Path: "/home/alice/Pictures", Parent: "/home/alice", Folders: []string{"Holidays", "Work"},
		Files: []string{"cat.png", "IMG_2031.jpg", "whiteboard.png"}}
	if path == "/home/alice/Pictures/Work" {
		f = model.Folder{Path: path, Parent: "/home/alice/Pictures"}
	}
	return f, w.note("folder %s", path)
}

func (w *world) SetAvatar(_ context.Context, path string) error { return w.note("avatar %s", path) }

func (w *world) GroupPicture(_ context.Context, group, path string) error {
	return w.note("group picture %s %s", group, path)
}
