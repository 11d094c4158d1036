package main

import (
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// paint FILE WIDTH HEIGHT plain|noise: writes a PNG.
func cmdPaint(ts *testscript.TestScript, _ bool, args []string) {
	w, err := strconv.Atoi(args[1])
	ts.Check(err)
	h, err := strconv.Atoi(args[2])
	ts.Check(err)
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i / 4)
		if args[3] == "noise" {
			img.Pix[i] = byte(rand.Uint32())
		}
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	img.Set(0, 0, color.White)
	f, err := os.Create(args[0])
	ts.Check(err)
	ts.Check(png.Encode(f, img))
	ts.Check(f.Close())
}

// within FILE WIDTH HEIGHT: FILE is a picture of this size.
func cmdWithin(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Open(args[0])
	ts.Check(err)
	defer f.Close()
	c, _, err := image.DecodeConfig(f)
	ts.Check(err)
	if got := fmt.Sprintf("%d %d", c.Width, c.Height); got != args[1]+" "+args[2] {
		ts.Fatalf("%s is %s", args[0], got)
	}
}

var hashOf = regexp.MustCompile(`"hash":"([0-9a-f]{64})"`)

// hash TEXT: the last hash in a text stands in $hash.
func cmdHash(ts *testscript.TestScript, _ bool, args []string) {
	all := hashOf.FindAllStringSubmatch(strings.Join(args, " "), -1)
	if len(all) == 0 {
		ts.Fatalf("no hash in %q", args)
	}
	ts.Setenv("hash", all[len(all)-1][1])
}
