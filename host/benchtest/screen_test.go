package benchtest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// screen is a display of its own, without a window manager: windows stand in
// the corner, and what is measured is the window alone.
type screen struct {
	b       *testing.B
	display string
	conn    *xgb.Conn
	root    xproto.Window
	mapped  chan time.Time
}

func newScreen(b *testing.B) *screen {
	b.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x900x24", "-noreset", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		b.Fatalf("Xvfb (make bench installs it): %v", err)
	}
	w.Close()
	b.Cleanup(func() {
		_ = cmd.Process.Kill() // a display has nothing to lose
		_ = cmd.Wait()
	})
	number := make([]byte, 16)
	n, err := r.Read(number)
	if err != nil && err != io.EOF {
		b.Fatal(err)
	}
	s := &screen{b: b, mapped: make(chan time.Time, 64)}
	var display int
	if _, err := fmt.Sscan(string(number[:n]), &display); err != nil {
		b.Fatalf("Xvfb tells no display: %v", err)
	}
	s.display = fmt.Sprint(":", display)
	s.connect()
	return s
}

func (s *screen) connect() {
	var err error
	if s.conn, err = xgb.NewConnDisplay(s.display); err != nil {
		s.b.Fatal(err)
	}
	s.b.Cleanup(s.conn.Close)
	if err := xtest.Init(s.conn); err != nil {
		s.b.Fatal(err)
	}
	s.root = xproto.Setup(s.conn).DefaultScreen(s.conn).Root
	if err := xproto.ChangeWindowAttributesChecked(s.conn, s.root, xproto.CwEventMask,
		[]uint32{xproto.EventMaskSubstructureNotify}).Check(); err != nil {
		s.b.Fatal(err)
	}
	go func() { // ends with the connection
		for {
			e, err := s.conn.WaitForEvent()
			if e == nil && err == nil {
				return
			}
			if m, ok := e.(xproto.MapNotifyEvent); ok {
				select {
				case s.mapped <- time.Now():
				default:
				}
				_ = xproto.SetInputFocus(s.conn, xproto.InputFocusPointerRoot, m.Window, xproto.TimeCurrentTime)
			}
		}
	}()
}

// Where the screen is looked at: within every window, on plain ground.
const lookX, lookY = 6, 300

// painted tells whether a window has drawn there.
func (s *screen) painted() bool {
	s.b.Helper()
	img, err := xproto.GetImage(s.conn, xproto.ImageFormatZPixmap, xproto.Drawable(s.root), lookX, lookY, 1, 1, 0xffffffff).Reply()
	if err != nil {
		s.b.Fatal(err)
	}
	return img.Data[0] != 0 || img.Data[1] != 0 || img.Data[2] != 0
}

func (s *screen) await(what string, painted bool) {
	s.b.Helper()
	for end := time.Now().Add(patience); s.painted() != painted; time.Sleep(500 * time.Microsecond) {
		if time.Now().After(end) {
			s.b.Fatalf("gave up waiting for %s", what)
		}
	}
}

// open starts a program with a window and tells how long it takes from exec
// until its first picture is on the screen.
func (s *screen) open(cmd *exec.Cmd) (mapped, shown time.Duration) {
	s.b.Helper()
	s.await("an empty screen", false)
	for len(s.mapped) > 0 {
		<-s.mapped
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "DISPLAY="+s.display, "WAYLAND_DISPLAY=")
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		s.b.Fatal(err)
	}
	select {
	case t := <-s.mapped:
		mapped = t.Sub(begin)
	case <-time.After(patience):
		s.b.Fatalf("%s shows no window", cmd.Path)
	}
	s.await("a picture", true)
	return mapped, time.Since(begin)
}

// wheel turns the wheel at a place of the screen; up is negative.
func (s *screen) wheel(x, y int16, notches int, pause time.Duration) {
	s.b.Helper()
	button := byte(5)
	if notches < 0 {
		button, notches = 4, -notches
	}
	fake := func(kind, detail byte, x, y int16) {
		if err := xtest.FakeInputChecked(s.conn, kind, detail, 0, s.root, x, y, 0).Check(); err != nil {
			s.b.Fatal(err)
		}
	}
	fake(xproto.MotionNotify, 0, x, y)
	for range notches {
		fake(xproto.ButtonPress, button, 0, 0)
		fake(xproto.ButtonRelease, button, 0, 0)
		time.Sleep(pause)
	}
}
