package uitest

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gioui.org/gpu/headless"
)

func reader(s string) func() io.ReadCloser {
	return func() io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }
}

// drawing keeps pictures from being made at once: one software context is slow
// enough.
var drawing sync.Mutex

// Screenshot draws the last frame with the software renderer.
func (w *Window) Screenshot() *image.RGBA {
	w.t.Helper()
	drawing.Lock()
	defer drawing.Unlock()
	if os.Getenv("EGL_PLATFORM") == "" {
		if err := os.Setenv("EGL_PLATFORM", "surfaceless"); err != nil {
			w.t.Fatal(err)
		}
	}
	h, err := headless.NewWindow(w.Size.X, w.Size.Y)
	if err != nil {
		w.t.Fatalf("no software renderer: %v (libegl1 and libgl1-mesa-dri are needed)", err)
	}
	defer h.Release()
	if err := h.Frame(&w.ops); err != nil {
		w.t.Fatalf("drawing the picture: %v", err)
	}
	img := image.NewRGBA(image.Rectangle{Max: w.Size})
	if err := h.Screenshot(img); err != nil {
		w.t.Fatalf("reading the picture: %v", err)
	}
	return img
}

// Save writes the picture of the last frame to a file.
func (w *Window) Save(file string) {
	w.t.Helper()
	save(w, file, w.Screenshot())
}

func save(w *Window, file string, img image.Image) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		w.t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		w.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// Tolerance of reference pictures: other versions of the renderer round edges
// differently.
const (
	maxDifferent = 0.005 // part of the pixels
	maxDistance  = 24    // of one channel, below which a pixel counts as equal
)

// Golden compares the picture of the last frame with testdata/<name>.png. With
// UPDATE_GOLDEN=1 it writes the reference instead.
func (w *Window) Golden(name string) {
	w.t.Helper()
	file := filepath.Join("testdata", name+".png")
	got := w.Screenshot()
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		save(w, file, got)
		return
	}
	f, err := os.Open(file)
	if err != nil {
		w.t.Fatalf("no reference picture: %v (make it with UPDATE_GOLDEN=1)", err)
	}
	want, err := png.Decode(f)
	_ = f.Close()
	if err != nil {
		w.t.Fatalf("reference picture %s: %v", file, err)
	}
	if part := Difference(got, want); part > maxDifferent {
		out := filepath.Join(os.TempDir(), "switchboard-pictures", name+".png")
		save(w, out, got)
		w.t.Errorf("%s: %.2f %% of the pixels differ; the picture is at %s", name, part*100, out)
	}
}

// Difference is the part of pixels in which two pictures differ visibly; 1 when
// their sizes do.
func Difference(a, b image.Image) float64 {
	if a.Bounds().Size() != b.Bounds().Size() {
		return 1
	}
	n, total := 0, 0
	o := b.Bounds().Min.Sub(a.Bounds().Min)
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			total++
			if far(a.At(x, y), b.At(x+o.X, y+o.Y)) {
				n++
			}
		}
	}
	if total == 0 {
		return 0
	}
	return float64(n) / float64(total)
}

func far(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	d := func(x, y uint32) bool {
		x, y = x>>8, y>>8
		return max(x, y)-min(x, y) > maxDistance
	}
	return d(ar, br) || d(ag, bg) || d(ab, bb)
}
