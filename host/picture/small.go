package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// Small reads a picture and makes it a square of side pixels, as one beside a
// sentence. It is bounded as the other functions are.
func Small(data []byte, side int) (*image.RGBA, error) {
	one.Lock()
	defer one.Unlock()
	img, _, err := decode(data)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	n := min(b.Dx(), b.Dy())
	at := b.Min.Add(image.Pt((b.Dx()-n)/2, (b.Dy()-n)/2))
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(small, small.Bounds(), img, image.Rectangle{Min: at, Max: at.Add(image.Pt(n, n))}, draw.Src, nil)
	return small, nil
}
