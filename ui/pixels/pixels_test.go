package pixels

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func plain(t testing.TB, w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesComeBesideTheFrame(t *testing.T) {
	data := plain(t, 600, 300)
	var woken, fetched atomic.Int32
	c := New(func(_ context.Context, hash string, _ bool) ([]byte, error) {
		fetched.Add(1)
		if hash != "a" {
			return nil, errors.New("gone")
		}
		return data, nil
	}, func() { woken.Add(1) })
	defer c.Close()
	now := time.Now()
	for range 3 {
		if p := c.Picture("a", 300, false, now); p.State != Loading && p.State != Ready {
			t.Fatalf("%+v", p)
		}
	}
	c.Wait()
	if p := c.Picture("a", 300, false, now); p.State != Ready || p.Size != image.Pt(512, 256) || fetched.Load() != 1 || woken.Load() != 1 {
		t.Fatalf("%+v after %d", p, fetched.Load())
	}
	c.Face("a", now)
	c.Wait()
	if op, ok := c.Face("a", now); !ok || op.Size() != image.Pt(FaceSide, FaceSide) {
		t.Fatal("no face")
	}
	c.Picture("b", 300, false, now)
	c.Wait()
	p := c.Picture("b", 300, false, now)
	if p.State != Failed || p.Err == nil {
		t.Fatalf("%+v", p)
	}
	n := fetched.Load()
	c.Picture("b", 300, false, now)
	c.Wait()
	if fetched.Load() != n {
		t.Fatal("tried again at once")
	}
	c.Picture("b", 300, false, p.Retry.Add(time.Second))
	c.Wait()
	c.Picture("b", 300, true, now) // a person asks
	c.Wait()
	if fetched.Load() != n+2 {
		t.Fatalf("%d tries", fetched.Load()-n)
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	data := plain(t, 1024, 1024) // 4 MB
	c := New(func(context.Context, string, bool) ([]byte, error) { return data, nil }, func() {})
	defer c.Close()
	for i := range 40 {
		c.Picture(fmt.Sprint(i), 1024, false, time.Now())
		c.Wait()
		c.EndFrame()
	}
	if c.held > maxHeld || len(c.known) > maxHeld>>22 {
		t.Fatalf("%d bytes of %d pictures", c.held, len(c.known))
	}
	for i := range maxKnown + 200 {
		c.Picture(fmt.Sprint("x", i), 16, false, time.Now())
		if i%100 == 0 {
			c.EndFrame()
		}
	}
	if len(c.queue) > maxQueue {
		t.Fatalf("%d wait", len(c.queue))
	}
	c.EndFrame()
	c.EndFrame()
	if len(c.known) > maxKnown+maxQueue {
		t.Fatalf("%d known", len(c.known))
	}
}

func TestBombsAreNotDecoded(t *testing.T) {
	bomb := plain(t, 2, 2)
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for _, data := range [][]byte{nil, bomb, plain(t, 4, 4)[:30], []byte("<svg/>")} {
		if _, err := Decode(data); !errors.Is(err, ErrUndrawable) {
			t.Error(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(plain(f, 3, 2))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if img, err := Decode(data); err == nil && img.Bounds().Empty() {
			t.Fatal("empty")
		}
	})
}
