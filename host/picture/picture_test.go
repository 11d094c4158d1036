package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"

	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	red  = color.RGBA{230, 20, 20, 255}
	blue = color.RGBA{20, 20, 230, 255}
)

// halves is red above and blue below.
func halves(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := red
			if y >= h/2 {
				c = blue
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func photo(t testing.TB, img image.Image, o byte) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02")
	exif = append(exif, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, o, 0, 0)
	exif = append(exif, []byte("\x88\x25\x00\x04\x00\x00\x00\x01SECRET GPS POSITION")...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	return append(append(out, exif...), b.Bytes()[2:]...)
}

func isRed(c color.Color) bool {
	r, _, b, _ := c.RGBA()
	return r > 2*b
}

func TestNothingButPixelsLeaves(t *testing.T) {
	for o, redAt := range map[byte]image.Point{1: {100, 10}, 3: {100, 90}, 6: {90, 100}, 8: {10, 100}} {
		data := photo(t, halves(200, 100), o)
		if !bytes.Contains(data, []byte("GPS")) {
			t.Fatal("the test has nothing to lose")
		}
		out, p, err := Fit(data)
		if err != nil || bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("Exif")) {
			t.Fatalf("orientation %d: %v", o, err)
		}
		img, _, err := image.Decode(bytes.NewReader(out))
		if err != nil || p.Type != "image/jpeg" || p.Width != img.Bounds().Dx() || p.Bytes != int64(len(out)) {
			t.Fatalf("orientation %d: %+v %v", o, p, err)
		}
		if (o >= 5) != (img.Bounds().Dy() == 200) || !isRed(img.At(redAt.X, redAt.Y)) {
			t.Errorf("orientation %d: %v, %v at %v", o, img.Bounds(), img.At(redAt.X, redAt.Y), redAt)
		}
	}
}

func TestLargeOnesAreMadeSmaller(t *testing.T) {
	out, p, err := Fit(asPNG(t, halves(4000, 1000)))
	if err != nil || p.Width != 2560 || p.Height != 640 || p.Type != "image/png" {
		t.Fatalf("%+v %v", p, err)
	}
	p.Hash = onlyHash
	if !p.Valid() {
		t.Fatalf("%+v", p)
	}
	if c, _, err := image.DecodeConfig(bytes.NewReader(out)); err != nil || c.Width != 2560 {
		t.Fatal(c, err)
	}
	noise := image.NewRGBA(image.Rect(0, 0, 1500, 1500))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rand.Uint32()) | byte(i&3/3*255)
	}
	if out, p, err = Fit(asPNG(t, noise)); err != nil || p.Type != "image/jpeg" || len(out) > contractv1.MaxWanted {
		t.Fatalf("%+v %d %v", p, len(out), err)
	}
}

const onlyHash = "00000000000000000000000000000000000000000000000000000000000000ab"

func TestWhatIsRefused(t *testing.T) {
	bomb := asPNG(t, halves(2, 2))
	binary.BigEndian.PutUint32(bomb[16:], 100_000)
	binary.BigEndian.PutUint32(bomb[20:], 100_000)
	fixCRC(bomb)
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing": {nil, ErrKind}, "text": {[]byte("<svg xmlns="), ErrKind}, "cut": {asPNG(t, halves(9, 9))[:40], ErrKind},
		"a bomb": {bomb, ErrPixels}, "a large file": {make([]byte, MaxFile+1), ErrFile},
	} {
		if _, _, err := Fit(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Avatar(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s as an avatar: %v", name, err)
		}
	}
}

func TestAvatarsAreSmallSquares(t *testing.T) {
	var moving bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{red, blue})
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	noise := image.NewRGBA(image.Rect(0, 0, 700, 900))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rand.Uint32())
	}
	for name, data := range map[string][]byte{"tall": asPNG(t, halves(100, 400)), "tiny": asPNG(t, halves(1, 1)), "gif": moving.Bytes(),
		"noise": asPNG(t, noise), "photo": photo(t, halves(640, 480), 6)} {
		out, err := Avatar(data)
		if err != nil || len(out) > MaxAvatar {
			t.Fatalf("%s: %d bytes, %v", name, len(out), err)
		}
		c, _, err := image.DecodeConfig(bytes.NewReader(out))
		if err != nil || c.Width != AvatarSide || c.Height != AvatarSide {
			t.Fatalf("%s: %v %v", name, c, err)
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add(asPNG(f, halves(5, 3)))
	f.Add(photo(f, halves(5, 3), 6))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Fuzz(func(t *testing.T, data []byte) {
		orientation(data)
		if _, c, err := config(data); err == nil && c.Width > 0 && c.Height > 1<<20/c.Width {
			return // the bound itself is tested above; here it would only be slow
		}
		out, p, err := Fit(data)
		if err != nil {
			return
		}
		p.Hash = onlyHash
		if !p.Valid() || int64(len(out)) != p.Bytes {
			t.Fatalf("%+v of %d bytes", p, len(out))
		}
	})
}
