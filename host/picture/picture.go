// Package picture makes pictures fit to leave this computer: bounded in what it
// reads and in what it makes, upright, and without anything but pixels, so that
// where and when one was taken stays here. It owns no state and knows neither
// files nor networks.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"sync"

	"golang.org/x/image/draw"

	contractv1 "switchboard/shared/contract/v1"
)

// Bounds.
const (
	MaxFile   = 64 << 20 // bytes of a file that is looked at
	MaxPixels = 20_000_000
	// AvatarSide and MaxAvatar bound the picture of a person or a group.
	AvatarSide = 256
	MaxAvatar  = 64 << 10
	// keepPNG is up to which size a picture without loss stays one.
	keepPNG = 1 << 20
)

// The refusals; each is one sentence for a person.
var (
	ErrKind   = errors.New("This is no picture that can be sent: PNG, JPEG and GIF can.")
	ErrPixels = fmt.Errorf("This picture has more than %d megapixels; make it smaller first.", MaxPixels/1_000_000)
	ErrFile   = fmt.Errorf("This file is larger than %d MB.", MaxFile>>20)
	ErrBytes  = fmt.Errorf("This picture is larger than %d MB even when made smaller.", contractv1.MaxSentPicture>>20)
)

// one lets a single picture be worked on at a time: each may take 100 MB.
var one sync.Mutex

// Fit makes a picture fit for a conversation: at most contractv1.MaxPictureSide
// pixels a side and contractv1.MaxSentPicture bytes. Of a moving GIF the first
// picture is taken. The Picture names what it gave back, without the hash.
func Fit(data []byte) ([]byte, contractv1.Picture, error) {
	one.Lock()
	defer one.Unlock()
	img, lossless, err := decode(data)
	if err != nil {
		return nil, contractv1.Picture{}, err
	}
	img = upright(within(img, contractv1.MaxPictureSide), orientation(data))
	out, kind, err := encode(img, lossless)
	if err != nil {
		return nil, contractv1.Picture{}, err
	}
	b := img.Bounds()
	return out, contractv1.Picture{Type: kind, Width: b.Dx(), Height: b.Dy(), Bytes: int64(len(out))}, nil
}

// Avatar makes the middle of a picture a square of AvatarSide pixels and at most
// MaxAvatar bytes.
func Avatar(data []byte) ([]byte, error) {
	one.Lock()
	defer one.Unlock()
	img, lossless, err := decode(data)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	at := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	small := image.NewRGBA(image.Rect(0, 0, AvatarSide, AvatarSide))
	draw.CatmullRom.Scale(small, small.Bounds(), img, image.Rectangle{at, at.Add(image.Pt(side, side))}, draw.Src, nil)
	square := upright(small, orientation(data))
	if lossless || !small.Opaque() {
		var out bytes.Buffer
		if err := png.Encode(&out, square); err == nil && out.Len() <= MaxAvatar {
			return out.Bytes(), nil
		}
	}
	for q := 88; q > 0; q -= 20 {
		out, err := asJPEG(square, q)
		if err != nil || len(out) <= MaxAvatar {
			return out, err
		}
	}
	return nil, ErrBytes
}

// decode reads a picture. What that takes is known, and bounded, before.
func decode(data []byte) (img image.Image, lossless bool, err error) {
	if len(data) > MaxFile {
		return nil, false, ErrFile
	}
	kind, c, err := config(data)
	if err != nil {
		return nil, false, ErrKind
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, false, ErrKind
	}
	if c.Width > MaxPixels/c.Height {
		return nil, false, ErrPixels
	}
	r := bytes.NewReader(data)
	switch kind {
	case "png":
		img, err = png.Decode(r)
	case "gif":
		img, err = gif.Decode(r)
	default:
		img, err = jpeg.Decode(r)
	}
	if err != nil || img.Bounds().Dx() <= 0 || img.Bounds().Dy() <= 0 || img.Bounds().Dx() > MaxPixels/img.Bounds().Dy() {
		return nil, false, ErrKind
	}
	if kind == "jpeg" {
		return img, false, nil
	}
	return img, true, nil
}

// config tells what a file is by its beginning, and how large its picture is.
func config(data []byte) (kind string, c image.Config, err error) {
	r := bytes.NewReader(data)
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		c, err = png.DecodeConfig(r)
		return "png", c, err
	case bytes.HasPrefix(data, []byte("GIF8")):
		c, err = gif.DecodeConfig(r)
		return "gif", c, err
	case bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}):
		c, err = jpeg.DecodeConfig(r)
		return "jpeg", c, err
	}
	return "", c, ErrKind
}

// within makes a picture smaller, in proportion, until its sides are at most so long.
func within(img image.Image, side int) image.Image {
	b := img.Bounds()
	if b.Dx() <= side && b.Dy() <= side {
		return img
	}
	k := float64(side) / float64(max(b.Dx(), b.Dy()))
	out := image.NewRGBA(image.Rect(0, 0, max(int(float64(b.Dx())*k), 1), max(int(float64(b.Dy())*k), 1)))
	draw.BiLinear.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}

// encode keeps what has no loss as it is while it is small, or see-through.
func encode(img image.Image, lossless bool) ([]byte, string, error) {
	seeThrough := false
	if o, ok := img.(interface{ Opaque() bool }); ok {
		seeThrough = !o.Opaque()
	}
	if lossless || seeThrough {
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(&out, img); err != nil {
			return nil, "", fmt.Errorf("the picture cannot be made fit to be sent: %w", err)
		}
		if out.Len() <= keepPNG || seeThrough && out.Len() <= contractv1.MaxWanted {
			return out.Bytes(), "image/png", nil
		}
	}
	for _, q := range []int{90, 75, 50} {
		out, err := asJPEG(img, q)
		if err != nil {
			return nil, "", err
		}
		if len(out) <= contractv1.MaxWanted || q == 50 && len(out) <= contractv1.MaxSentPicture {
			return out, "image/jpeg", nil
		}
	}
	return nil, "", ErrBytes
}

// asJPEG encodes on white: what is see-through would become black.
func asJPEG(img image.Image, quality int) ([]byte, error) {
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		flat := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
		draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
		img = flat
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("the picture cannot be made fit to be sent: %w", err)
	}
	return out.Bytes(), nil
}
