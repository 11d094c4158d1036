package ui

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
)

// look is what the desktop asks of every program.
type look struct {
	Dark, HighContrast, ReducedMotion bool
	// TextScale multiplies the size of text; 0 is 1.
	TextScale float32
}

// wish is a setting of the desktop: its namespace, which the portal hands on, and
// its key. Desktops ask for the same in several ways; one that asks is enough.
type wish struct{ space, key string }

// The wishes that are followed.
var (
	darkWish       = wish{appearance, "color-scheme"}   // 1 is dark
	contrastWish   = wish{appearance, "contrast"}       // 1 is more
	stillWish      = wish{appearance, "reduced-motion"} // 1 is less
	contrastWish2  = wish{"org.gnome.desktop.a11y.interface", "high-contrast"}
	animationsWish = wish{"org.gnome.desktop.interface", "enable-animations"}
	textWish       = wish{"org.gnome.desktop.interface", "text-scaling-factor"}
)

var portalWishes = []wish{darkWish, contrastWish, stillWish, contrastWish2, animationsWish, textWish}

// Bounds of the size of text that a desktop can ask for.
const minText, maxText = 0.5, 3

// lookOf is what the wishes that are known come to.
func lookOf(said map[wish]any) look {
	one := func(w wish) bool { n, ok := said[w].(uint32); return ok && n == 1 }
	yes := func(w wish) bool { b, ok := said[w].(bool); return ok && b }
	l := look{Dark: one(darkWish), HighContrast: one(contrastWish) || yes(contrastWish2), ReducedMotion: one(stillWish)}
	if moves, ok := said[animationsWish].(bool); ok && !moves {
		l.ReducedMotion = true
	}
	if f, ok := said[textWish].(float64); ok && f >= minText && f <= maxText {
		l.TextScale = float32(f)
	}
	return l
}

// desktop follows the settings portal. Without a session bus or a portal it
// stays at the zero look, which is light.
type desktop struct {
	mu     sync.Mutex
	said   map[wish]any
	now    look
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	portalName  = "org.freedesktop.portal.Desktop"
	portalPath  = "/org/freedesktop/portal/desktop"
	portalIface = "org.freedesktop.portal.Settings"
	appearance  = "org.freedesktop.appearance"
)

// followDesktop begins to follow the portal; wake asks for a frame.
func followDesktop(ctx context.Context, wake func()) *desktop {
	ctx, cancel := context.WithCancel(ctx)
	d := &desktop{cancel: cancel, done: make(chan struct{}), said: map[wish]any{}}
	go func() {
		defer close(d.done)
		d.follow(ctx, wake)
	}()
	return d
}

func (d *desktop) get() look {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desktop) close() {
	d.cancel()
	<-d.done
}

func (d *desktop) follow(ctx context.Context, wake func()) {
	changed := bus.NewPoke()
	conn, err := bus.Session(ctx, bus.Options{Heard: func(s *dbus.Signal) {
		if d.heard(s) {
			changed.Do()
		}
	}})
	if err != nil {
		return // no session bus: the look stays light
	}
	defer conn.Close()
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(portalIface), dbus.WithMatchMember("SettingChanged"),
		dbus.WithMatchObjectPath(portalPath)); err != nil {
		return
	}
	for _, w := range portalWishes {
		d.set(w, read(ctx, conn, w))
	}
	wake()
	for {
		select {
		case <-ctx.Done():
			return
		case <-conn.Context().Done():
			return
		case <-changed:
			wake()
		}
	}
}

// heard takes a signal; it tells whether that changes the look.
func (d *desktop) heard(s *dbus.Signal) bool {
	if s.Name != portalIface+".SettingChanged" || s.Path != portalPath || len(s.Body) != 3 {
		return false
	}
	space, _ := s.Body[0].(string)
	key, _ := s.Body[1].(string)
	v, _ := s.Body[2].(dbus.Variant)
	return d.set(wish{space, key}, plainValue(v))
}

// read asks the portal for one value; nil when it does not know.
func read(ctx context.Context, conn *dbus.Conn, w wish) any {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var v dbus.Variant
	call := conn.Object(portalName, portalPath).CallWithContext(ctx, portalIface+".Read", 0, w.space, w.key)
	if call.Store(&v) != nil {
		return nil
	}
	return plainValue(v)
}

// plainValue unwraps a variant; old portals put a variant into the variant.
func plainValue(v dbus.Variant) any {
	for range 3 {
		inner, ok := v.Value().(dbus.Variant)
		if !ok {
			return v.Value()
		}
		v = inner
	}
	return nil
}

// set takes what the desktop says; it tells whether that changes the look.
func (d *desktop) set(w wish, v any) bool {
	if !slices.Contains(portalWishes, w) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.now
	d.said[w] = v
	d.now = lookOf(d.said)
	return d.now != before
}

// textScale is the size of text that the desktop asks for, unless the person
// chose a size here. On X11 some desktops put their wish into the size of
// everything, too, which must not count twice.
func textScale(asked, pixels float32, own bool) float32 {
	if asked == 0 || own {
		return 1
	}
	if whole := float64(pixels / asked); whole > 0.5 && math.Abs(whole-math.Round(whole)) < 0.02 && asked != 1 {
		return 1
	}
	return asked
}
