package ui

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// portal is a settings portal for tests.
type portal struct {
	mu   sync.Mutex
	conn *dbus.Conn
	said map[wish]any
}

// Read implements the portal's method, wrapping twice as the old ones do.
func (p *portal) Read(space, key string) (dbus.Variant, *dbus.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.said[wish{space, key}]
	if !ok {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.portal.Error.NotFound", nil)
	}
	return dbus.MakeVariant(dbus.MakeVariant(v)), nil
}

// change sets a value and tells of it, as a desktop does when somebody changes it.
func (p *portal) change(t *testing.T, w wish, v any) {
	t.Helper()
	p.mu.Lock()
	p.said[w] = v
	p.mu.Unlock()
	if err := p.conn.Emit(portalPath, portalIface+".SettingChanged", w.space, w.key, dbus.MakeVariant(v)); err != nil {
		t.Fatal(err)
	}
}

// privateBus starts a session bus for a test and makes it the process's own.
func privateBus(t *testing.T) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	bus := exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=3", "--address=unix:dir="+t.TempDir())
	bus.ExtraFiles = []*os.File{w}
	bus.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := bus.Start(); err != nil {
		t.Fatalf("%v: install dbus with .ci/deps test", err)
	}
	w.Close()
	t.Cleanup(func() {
		_ = bus.Process.Signal(syscall.SIGTERM) // it may have gone by itself
		_ = bus.Wait()
	})
	if err := r.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("the session bus did not start: %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
}

// TestDesktopIsFollowed: what the desktop asks for counts from the start, and
// when it changes.
func TestDesktopIsFollowed(t *testing.T) {
	privateBus(t)
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p := &portal{conn: conn, said: map[wish]any{darkWish: uint32(1), textWish: 1.25, animationsWish: true}}
	if err := conn.Export(p, portalPath, portalIface); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(portalName, 0); err != nil {
		t.Fatal(err)
	}
	woken := make(chan struct{}, 64)
	d := followDesktop(context.Background(), func() { woken <- struct{}{} })
	defer d.close()
	await := func(want look) {
		t.Helper()
		for end := time.After(10 * time.Second); d.get() != want; {
			select {
			case <-woken:
			case <-end:
				t.Fatalf("the look is %+v, not %+v", d.get(), want)
			}
		}
	}
	want := look{Dark: true, TextScale: 1.25}
	await(want)
	p.change(t, contrastWish, uint32(1))
	want.HighContrast = true
	await(want)
	p.change(t, animationsWish, false)
	want.ReducedMotion = true
	await(want)
	p.change(t, stillWish, uint32(1))
	p.change(t, animationsWish, true) // still asked for in the other way
	p.change(t, textWish, 2.0)
	want.TextScale = 2
	await(want)
	p.change(t, textWish, 1e9) // nobody means that
	p.change(t, stillWish, uint32(0))
	p.change(t, darkWish, "dark") // no number
	await(look{HighContrast: true})
}

// TestTextScale: a size of text that was chosen here counts alone, and what the
// desktop put into the size of everything does not count twice.
func TestTextScale(t *testing.T) {
	for _, c := range []struct {
		asked, pixels float32
		own           bool
		want          float32
	}{
		{0, 1, false, 1}, {1.25, 1, false, 1.25}, {1.25, 1.25, false, 1}, {1.5, 3, false, 1}, {1.25, 1, true, 1}, {1, 2, false, 1}, {0.75, 1, false, 0.75},
	} {
		if got := textScale(c.asked, c.pixels, c.own); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
