// Package pixels turns pictures by their hash into what Gio can draw: it fetches
// and decodes beside the frame goroutine, bounded in number, pixels and memory,
// and keeps what was drawn lately. It knows neither pages nor views nor the host.
package pixels

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"sync"
	"time"

	"gioui.org/op/paint"
	"golang.org/x/image/draw"
)

// Bounds.
const (
	maxDecode = 12_000_000 // pixels of a picture that is decoded: 48 MB
	maxHeld   = 96 << 20   // bytes of decoded pictures that are kept
	maxKnown  = 2000       // pictures, with those that failed
	maxWork   = 2          // at once
	maxQueue  = 64         // that wait; others ask again with their next frame
	fetchTime = 60 * time.Second
	firstWait = 2 * time.Second // until a picture that did not come is tried again
	mostWait  = time.Minute
	// FaceSide is the edge of the picture of a person, in pixels.
	FaceSide = 128
)

// State is how things stand with a picture.
type State uint8

// The states. One that has failed is tried again by itself while it is drawn.
const (
	Loading State = iota
	Ready
	Failed
)

// Picture is what is known of a picture now.
type Picture struct {
	State State
	Op    paint.ImageOp // when Ready
	Size  image.Point   // of Op
	Err   error         // when Failed
	Retry time.Time     // when Failed: until then nothing changes
}

// ErrUndrawable is a picture that came and cannot be drawn.
var ErrUndrawable = errors.New("This picture cannot be shown here.")

// Fetch gives a picture's bytes; asked says that a person asks for this one. It
// may block until its context ends.
type Fetch func(ctx context.Context, hash string, asked bool) ([]byte, error)

// Cache holds the pictures of one window. Its methods belong to the frame
// goroutine, but for what New is given.
type Cache struct {
	fetch  Fetch
	wake   func()
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	frame  uint64

	mu      sync.Mutex
	known   map[key]*item
	queue   []*item
	running int
	held    int
}

// key is a picture in a size: one that fills a window is not that of a row.
type key struct {
	hash string
	edge int // the longest, in pixels
	face bool
}

type item struct {
	key
	pic   Picture
	asked bool
	busy  bool
	wait  time.Duration
	used  uint64
	bytes int
}

// New makes a cache; wake asks for a frame, from any goroutine.
func New(fetch Fetch, wake func()) *Cache {
	c := &Cache{fetch: fetch, wake: wake, known: map[key]*item{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Close ends what runs and waits for it.
func (c *Cache) Close() {
	c.cancel()
	c.work.Wait()
}

// Wait waits until nothing runs; for tests.
func (c *Cache) Wait() { c.work.Wait() }

// Face is the picture of a person or group, a square; false until it is here.
func (c *Cache) Face(hash string, now time.Time) (paint.ImageOp, bool) {
	p := c.get(key{hash, FaceSide, true}, false, now)
	return p.Op, p.State == Ready
}

// Picture is a picture, made smaller if need be until its longest edge has at most
// so many pixels. asked says that a person asks for it, however large it is.
func (c *Cache) Picture(hash string, edge int, asked bool, now time.Time) Picture {
	steps := 256
	for steps < edge && steps < 4096 {
		steps *= 2
	}
	return c.get(key{hash, steps, false}, asked, now)
}

func (c *Cache) get(k key, asked bool, now time.Time) Picture {
	c.mu.Lock()
	defer c.mu.Unlock()
	it := c.known[k]
	if it == nil {
		it = &item{key: k}
		c.known[k] = it
	}
	it.used = c.frame
	if it.pic.State == Failed && it.pic.Retry.IsZero() { // by the clock of the frames
		it.pic.Retry = now.Add(it.wait)
	}
	again := it.pic.State == Failed && (asked && !it.asked || now.After(it.pic.Retry))
	it.asked = it.asked || asked
	if !it.busy && (again || it.pic.State == Loading) && len(c.queue) < maxQueue && c.ctx.Err() == nil {
		it.busy = true
		c.queue = append(c.queue, it)
		c.hire()
	}
	return it.pic
}

// hire starts a worker if there may be one more. The lock is held.
func (c *Cache) hire() {
	if c.running >= maxWork {
		return
	}
	c.running++
	c.work.Add(1)
	go func() {
		defer c.work.Done()
		for c.one() {
		}
	}()
}

// one works on the next picture; false when there is none.
func (c *Cache) one() bool {
	c.mu.Lock()
	if len(c.queue) == 0 || c.ctx.Err() != nil {
		c.running--
		c.mu.Unlock()
		return false
	}
	it := c.queue[0]
	c.queue = c.queue[1:]
	k, asked := it.key, it.asked
	c.mu.Unlock()
	img, err := c.load(k, asked)
	c.mu.Lock()
	it.busy = false
	if err != nil {
		it.wait = min(max(2*it.wait, firstWait), mostWait)
		it.pic = Picture{State: Failed, Err: err}
	} else {
		it.pic = Picture{State: Ready, Op: paint.NewImageOp(img), Size: img.Bounds().Size()}
		it.bytes = len(img.Pix)
		c.held += it.bytes
	}
	c.mu.Unlock()
	c.wake()
	return true
}

func (c *Cache) load(k key, asked bool) (*image.RGBA, error) {
	ctx, cancel := context.WithTimeout(c.ctx, fetchTime)
	defer cancel()
	data, err := c.fetch(ctx, k.hash, asked)
	if err != nil {
		return nil, err
	}
	img, err := Decode(data)
	if err != nil {
		return nil, err
	}
	return scaled(img, k.edge, k.face), nil
}

// EndFrame forgets what was not drawn lately where there is too much of it.
func (c *Cache) EndFrame() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.held > maxHeld || len(c.known) > maxKnown {
		var oldest *item
		for _, it := range c.known {
			if !it.busy && it.used != c.frame && (oldest == nil || it.used < oldest.used) {
				oldest = it
			}
		}
		if oldest == nil {
			break
		}
		c.held -= oldest.bytes
		delete(c.known, oldest.key)
	}
	c.frame++
}

// Decode reads a PNG, a JPEG or the first picture of a GIF, within bounds that
// are known before anything is decoded.
func Decode(data []byte) (image.Image, error) {
	var config func(*bytes.Reader) (image.Config, error)
	var read func(*bytes.Reader) (image.Image, error)
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		config = func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) }
		read = func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }
	case bytes.HasPrefix(data, []byte{0xff, 0xd8, 0xff}):
		config = func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) }
		read = func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }
	case bytes.HasPrefix(data, []byte("GIF8")):
		config = func(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) }
		read = func(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) }
	default:
		return nil, ErrUndrawable
	}
	c, err := config(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxDecode/c.Height {
		return nil, ErrUndrawable
	}
	img, err := read(bytes.NewReader(data))
	if err != nil || img.Bounds().Empty() || img.Bounds().Dx() > maxDecode/img.Bounds().Dy() {
		return nil, ErrUndrawable
	}
	return img, nil
}

// scaled is a picture as Gio takes it fastest: RGBA, no larger than it is drawn.
// A face is the middle of it, a square.
func scaled(img image.Image, edge int, face bool) *image.RGBA {
	b := img.Bounds()
	if face {
		side := min(b.Dx(), b.Dy())
		at := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
		b = image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
	}
	k := min(1, float64(edge)/float64(max(b.Dx(), b.Dy())))
	size := image.Pt(max(int(float64(b.Dx())*k), 1), max(int(float64(b.Dy())*k), 1))
	out := image.NewRGBA(image.Rectangle{Max: size})
	if size == b.Size() {
		draw.Draw(out, out.Bounds(), img, b.Min, draw.Src)
	} else {
		draw.BiLinear.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	}
	return out
}
