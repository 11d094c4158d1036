package contractv1

import (
	"strings"
	"testing"
)

var onePicture = Picture{Hash: strings.Repeat("0a", 32), Type: "image/png", Width: 3, Height: MaxPictureSide, Bytes: 10}

func TestPictureText(t *testing.T) {
	if got, err := ParsePicture(onePicture.String()); err != nil || got != onePicture {
		t.Fatalf("%+v, %v", got, err)
	}
	h := onePicture.Hash
	for _, bad := range []string{"", h, h + " image/png 1 1", h + " image/svg+xml 1 1 1", h + " image/png 0 1 1", h + " image/png 1 2561 1",
		h + " image/png 1 1 0", h + " image/png 1 1 10485761", h + " image/png 01 1 1", h + " image/png 1 1 1 ", strings.ToUpper(h) + " image/png 1 1 1",
		h[1:] + " image/png 1 1 1", h + " image/png 1 1 99999999999999999999"} {
		if p, err := ParsePicture(bad); err == nil {
			t.Errorf("%q is %+v", bad, p)
		}
	}
}

func FuzzParsePicture(f *testing.F) {
	f.Add(onePicture.String())
	f.Add("x image/png 1 1 1")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePicture(text)
		if err == nil && (!p.Valid() || p.String() != text) {
			t.Fatalf("%q became %+v", text, p)
		}
	})
}
