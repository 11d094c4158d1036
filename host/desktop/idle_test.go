package desktop

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/host/desktest"
)

func TestIdleOfX11(t *testing.T) {
	desktest.Home(t)
	desktest.Need(t, "xdotool")
	i := &Idle{}
	defer i.Close()
	if _, err := i.Time(t.Context()); !errors.Is(err, ErrNoIdle) {
		t.Fatalf("without a display: %v", err)
	}
	desktest.Screen(t)
	desktest.Until(t, "half a second without input", func() bool {
		d, err := i.Time(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return d > 500*time.Millisecond && d < time.Minute
	})
	desktest.Until(t, "a key to end it", func() bool { // once more where the computer is busy
		if out, err := exec.Command("xdotool", "key", "shift").CombinedOutput(); err != nil { // by XTEST
			t.Fatalf("xdotool: %v: %s", err, out)
		}
		d, err := i.Time(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return d < 400*time.Millisecond
	})
}

// displayServer is the process that shows the display.
func displayServer(t *testing.T) int {
	t.Helper()
	conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+strings.TrimPrefix(os.Getenv("DISPLAY"), ":"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var peer *syscall.Ucred
	if cerr := raw.Control(func(fd uintptr) {
		peer, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); cerr != nil || err != nil || peer.Pid <= 1 {
		t.Fatal(cerr, err)
	}
	return int(peer.Pid)
}

// TestIdleOfX11ThatHangs: a server that does not answer costs callTime, nothing
// once nobody waits, and is asked again when it goes on.
func TestIdleOfX11ThatHangs(t *testing.T) {
	desktest.Home(t)
	desktest.Screen(t)
	i := &Idle{}
	defer i.Close()
	if _, err := i.Time(t.Context()); err != nil {
		t.Fatal(err)
	}
	pid := displayServer(t)
	signal := func(s syscall.Signal) {
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	defer signal(syscall.SIGCONT)
	start := time.Now()
	if _, err := i.Time(t.Context()); !errors.Is(err, ErrNoIdle) || time.Since(start) > 10*callTime {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // and none of them is a question of its own
		if _, err := i.Time(ctx); !errors.Is(err, ErrNoIdle) {
			t.Errorf("nobody waits: %v", err)
		}
	}
	signal(syscall.SIGCONT)
	desktest.Until(t, "an answer", func() bool {
		_, err := i.Time(t.Context())
		return err == nil
	})
}

type monitor struct{ ms atomic.Uint64 }

func (m *monitor) GetIdletime() (uint64, *dbus.Error) { return m.ms.Load(), nil }

type saver struct{ on atomic.Bool }

func (s *saver) GetActive() (bool, *dbus.Error) { return s.on.Load(), nil }

type login struct{ locked atomic.Bool }

func (l *login) Get(_, name string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(name == "LockedHint" && l.locked.Load()), nil
}

// serve puts an object on a bus under a name.
func serve(t *testing.T, open func(...dbus.ConnOption) (*dbus.Conn, error), object any, name string, path dbus.ObjectPath, iface string) {
	t.Helper()
	conn, err := plain(open)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Export(object, path, iface); err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
}

// The compositor counts on Wayland; it stands in for one that needs a whole desktop.
func TestIdleOfWayland(t *testing.T) {
	desktest.Home(t)
	desktest.Bus(t)
	t.Setenv("WAYLAND_DISPLAY", "wayland-9")
	i := &Idle{}
	defer i.Close()
	if _, err := i.Time(t.Context()); !errors.Is(err, ErrNoIdle) {
		t.Fatalf("nobody there: %v", err)
	}
	m := &monitor{}
	serve(t, dbus.SessionBusPrivateNoAutoStartup, m, "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor")
	for _, ms := range []uint64{0, 300_000, 1 << 62} {
		m.ms.Store(ms)
		if d, err := i.Time(t.Context()); err != nil || d != bounded(ms) || d < 0 {
			t.Errorf("%d: %v %v", ms, d, err)
		}
	}
}

// TestLockIsHeard from a screen saver and from the login manager.
func TestLockIsHeard(t *testing.T) {
	desktest.Home(t)
	desktest.Bus(t)
	desktest.SystemBus(t)
	heard := make(chan struct{}, 10)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		WatchLock(ctx, func() { heard <- struct{}{} })
	}()
	defer func() { cancel(); <-over }()
	props := func(on bool) func(c *dbus.Conn) error {
		return func(c *dbus.Conn) error {
			return c.Emit("/org/freedesktop/login1/session/_32", "org.freedesktop.DBus.Properties.PropertiesChanged",
				"org.freedesktop.login1.Session", map[string]dbus.Variant{"LockedHint": dbus.MakeVariant(on)}, []string{})
		}
	}
	saver := func(on bool) func(c *dbus.Conn) error {
		return func(c *dbus.Conn) error {
			return c.Emit("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver.ActiveChanged", on)
		}
	}
	for _, c := range []struct {
		open    func(...dbus.ConnOption) (*dbus.Conn, error)
		on, off func(*dbus.Conn) error
	}{{dbus.SessionBusPrivateNoAutoStartup, saver(true), saver(false)}, {dbus.SystemBusPrivate, props(true), props(false)}} {
		conn, err := plain(c.open)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		desktest.Until(t, "a lock to be heard", func() bool { // from when somebody listens
			if err := c.on(conn); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
			return len(heard) > 0
		})
		for calm := false; !calm; { // what was sent before somebody listened may be heard late
			select {
			case <-heard:
			case <-time.After(500 * time.Millisecond):
				calm = true
			}
		}
		if err := c.off(conn); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if len(heard) > 0 {
			t.Error("the end of a lock is taken for one")
		}
	}
}

func TestLocked(t *testing.T) {
	desktest.Home(t)
	if Locked(t.Context()) {
		t.Error("locked without anybody who could know")
	}
	desktest.Bus(t)
	desktest.SystemBus(t)
	s, l := &saver{}, &login{}
	serve(t, dbus.SessionBusPrivateNoAutoStartup, s, "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver", "org.gnome.ScreenSaver")
	serve(t, dbus.SystemBusPrivate, l, "org.freedesktop.login1", "/org/freedesktop/login1/session/auto", "org.freedesktop.DBus.Properties")
	for _, c := range []struct{ saver, login bool }{{false, false}, {true, false}, {false, true}} {
		s.on.Store(c.saver)
		l.locked.Store(c.login)
		if got := Locked(t.Context()); got != (c.saver || c.login) {
			t.Errorf("%+v: locked is %v", c, got)
		}
	}
}
