//go:build linux

package ui_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// source is a GTK program with a button from which its arguments are dragged:
// files, or with "png" first the picture of a file.
const source = `
import sys, gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk, Gdk, GdkPixbuf
w = Gtk.Window(type=Gtk.WindowType.POPUP)
b = Gtk.Button(label="drag")
w.add(b)
w.set_default_size(80, 80)
w.move(1190, 300)
b.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
if sys.argv[1] == "png":
    b.drag_source_add_image_targets()
else:
    b.drag_source_add_uri_targets()
def get(widget, context, data, info, time):
    if sys.argv[1] == "png":
        data.set_pixbuf(GdkPixbuf.Pixbuf.new_from_file(sys.argv[2]))
    else:
        data.set_uris(sys.argv[1:])
b.connect("drag-data-get", get)
b.connect("drag-end", lambda *a: print("end", flush=True))
w.show_all()
print("shown", flush=True)
Gtk.main()
`

// dragFrom starts the GTK program and drags from it to a place in steps, as a hand
// does; the caller lets go.
func (d *display) dragFrom(x, y int, args ...string) {
	d.t.Helper()
	c := exec.Command("/usr/bin/python3", append([]string{"-c", source}, args...)...)
	c.Env = append(d.env, "NO_AT_BRIDGE=1", "GDK_BACKEND=x11")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	if n, err := out.Read(make([]byte, 16)); err != nil {
		d.t.Fatalf("the GTK program did not show (install it with .ci/deps test): %d, %v", n, err)
	}
	time.Sleep(300 * time.Millisecond)
	d.must("mousemove", "1220", "330", "mousedown", "1")
	for i := range 8 {
		d.must("mousemove", fmt.Sprint(1220+(x-1220)*(i+1)/8), fmt.Sprint(330+(y-330)*(i+1)/8))
		time.Sleep(60 * time.Millisecond)
	}
	time.Sleep(300 * time.Millisecond)
}

func (d *display) letGo() { d.must("mouseup", "1") }

// noise is a picture that does not compress, so that it comes in pieces.
func noise(t *testing.T, file string, edge int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, edge, edge))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32()) | byte(255*(i%4/3))
	}
	img.SetRGBA(0, 0, color.RGBA{1, 2, 3, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDropFromAnotherProgram drags from a real GTK program into the real window.
func TestDropFromAnotherProgram(t *testing.T) {
	d := screen(t)
	id, said, _, stop := d.window("gallery")
	defer stop()
	d.must("windowfocus", "--sync", id)
	await(t, said, "focus "+dm("bob")+" true")
	file := filepath.Join(t.TempDir(), "a picture.png")
	noise(t, file, 8)
	d.dragFrom(600, 400, "file://"+strings.ReplaceAll(file, " ", "%20"))
	d.letGo()
	await(t, said, "share "+file)
	await(t, said, "act "+dm("bob")+" text PICTURE "+sharedPicture.String())
}

// TestDropOfSeveralPictures: all of them are attached, in their order, and no more than
// go together.
func TestDropOfSeveralPictures(t *testing.T) {
	d := screen(t)
	id, said, _, stop := d.window("gallery")
	defer stop()
	d.must("windowfocus", "--sync", id)
	await(t, said, "focus "+dm("bob")+" true")
	dir := t.TempDir()
	var files, uris []string
	for i := range contractv1.MaxPictures + 1 {
		file := filepath.Join(dir, fmt.Sprintf("%02d.png", i))
		noise(t, file, 8)
		files, uris = append(files, file), append(uris, "file://"+file)
	}
	d.dragFrom(600, 400, uris...)
	d.letGo()
	for _, file := range files[:contractv1.MaxPictures] {
		await(t, said, "share "+file)
		await(t, said, "act "+dm("bob")+" text PICTURE "+sharedPicture.String())
	}
	d.must("type", "that is all")
	d.must("key", "Return")
	end := time.After(20 * time.Second)
	for {
		select {
		case line := <-said:
			if strings.HasPrefix(line, "share") {
				t.Fatalf("%q", line)
			}
			if line == "act "+dm("bob")+" text SUBMIT that is all" {
				return
			}
		case <-end:
			t.Fatal("the window takes no more text after a drop")
		}
	}
}

// TestPasteAPicture: a picture that another program copied is attached by Ctrl+V,
// also one that is too large for one piece.
func TestPasteAPicture(t *testing.T) {
	d := screen(t)
	id, said, _, stop := d.window("gallery")
	defer stop()
	d.must("windowfocus", "--sync", id)
	await(t, said, "focus "+dm("bob")+" true")
	file := filepath.Join(t.TempDir(), "large.png")
	data := noise(t, file, 1200)
	c := exec.Command("xclip", "-quiet", "-selection", "clipboard", "-t", "image/png", "-i", file)
	c.Env = d.env
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	time.Sleep(1500 * time.Millisecond)
	d.must("key", "ctrl+v")
	await(t, said, fmt.Sprintf("share %x", sha256.Sum256(data)))
	await(t, said, "act "+dm("bob")+" text PICTURE "+sharedPicture.String())
}

// TestDropOfAnotherFile: what is no picture is not taken, and the window says why;
// while it is held over the window the place to let go of it shows.
func TestDropOfAnotherFile(t *testing.T) {
	d := screen(t)
	id, said, _, stop := d.window("gallery")
	defer stop()
	d.must("windowfocus", "--sync", id)
	await(t, said, "focus "+dm("bob")+" true")
	dir := t.TempDir()
	d.dragFrom(600, 400, "file://"+dir+"/report.pdf", "http://example.org/elsewhere.png")
	if shots := os.Getenv("SHOTS"); shots != "" {
		d.shot(filepath.Join(shots, "drop-over.png"))
	}
	d.letGo()
	time.Sleep(700 * time.Millisecond)
	if shots := os.Getenv("SHOTS"); shots != "" {
		d.shot(filepath.Join(shots, "drop-refused.png"))
	}
	d.must("type", "still here")
	d.must("key", "Return")
	end := time.After(20 * time.Second)
	for {
		select {
		case line := <-said:
			if strings.HasPrefix(line, "share") {
				t.Fatalf("%q", line)
			}
			if line == "act "+dm("bob")+" text SUBMIT still here" {
				return
			}
		case <-end:
			t.Fatal("the window takes no more text after a drop")
		}
	}
}

// shot leaves a picture of the screen.
func (d *display) shot(file string) {
	d.t.Helper()
	c := exec.Command("import", "-window", "root", file)
	c.Env = d.env
	if out, err := c.CombinedOutput(); err != nil {
		d.t.Fatalf("%v %s", err, out)
	}
}
