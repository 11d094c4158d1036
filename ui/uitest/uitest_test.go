package uitest_test

import (
	"image"
	"image/color"
	"testing"

	"gioui.org/io/key"
	"gioui.org/io/semantic"
	"gioui.org/layout"
	"gioui.org/op/clip"
	giowidget "gioui.org/widget"
	"go.uber.org/goleak"

	"switchboard/ui/uitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestClickClimbsFromALabel(t *testing.T) {
	var left, right giowidget.Clickable
	pressed := ""
	label := func(words string) layout.Widget {
		return func(gtx layout.Context) layout.Dimensions {
			size := image.Pt(50, 50)
			defer clip.Rect{Max: size}.Push(gtx.Ops).Pop()
			semantic.LabelOp(words).Add(gtx.Ops)
			return layout.Dimensions{Size: size}
		}
	}
	w := uitest.New(t, image.Pt(200, 100), 1, func(gtx layout.Context) layout.Dimensions {
		for left.Clicked(gtx) {
			pressed += "l"
		}
		for right.Clicked(gtx) {
			pressed += "r"
		}
		return layout.Flex{}.Layout(gtx,
			layout.Rigid(func(gtx layout.Context) layout.Dimensions { return left.Layout(gtx, label("left")) }),
			layout.Rigid(func(gtx layout.Context) layout.Dimensions { return right.Layout(gtx, label("right")) }))
	})
	w.Click("right")
	w.Click("le…")
	if pressed != "rl" {
		t.Errorf("pressed %q, want the right one, then the left", pressed)
	}
	w.Tab(false)
	w.Key(key.NameReturn, 0)
	if len(pressed) != 3 {
		t.Errorf("Enter on what Tab reached: %q", pressed)
	}
	if w.Has("nothing") {
		t.Error("a label that is not there was found")
	}
}

func TestDifference(t *testing.T) {
	a, b := image.NewRGBA(image.Rect(0, 0, 10, 10)), image.NewRGBA(image.Rect(0, 0, 10, 10))
	b.Set(0, 0, color.White)
	b.Set(1, 0, color.RGBA{R: 10, A: 10}) // too little to be seen
	if got := uitest.Difference(a, b); got != 0.01 {
		t.Errorf("one pixel of a hundred differs, got %v", got)
	}
	if got := uitest.Difference(a, image.NewRGBA(image.Rect(0, 0, 5, 5))); got != 1 {
		t.Errorf("other sizes: %v", got)
	}
}
