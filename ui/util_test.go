package ui_test

import (
	"image"

	"gioui.org/f32"
	"gioui.org/layout"
)

func center(r image.Rectangle) f32.Point { return layout.FPt(r.Min.Add(r.Max).Div(2)) }
