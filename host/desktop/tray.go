package desktop

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
	"switchboard/shared/model"
)

// Names of the tray's protocol.
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemIface   = "org.kde.StatusNotifierItem"
	itemPath    = "/StatusNotifierItem"
	menuIface   = "com.canonical.dbusmenu"
	menuPath    = "/StatusNotifierItem/menu"
)

// Times of the tray.
const (
	trayEvery = 200 * time.Millisecond // at least between two changes of what shows
	trayAgain = 2 * time.Second        // first pause before the bus is tried again
	trayLate  = time.Minute            // the longest one
)

// maxClicks bounds what the person chose and nobody has seen to yet.
const maxClicks = 16

// TrayItem is a line of the tray's menu. One with neither ID nor Text divides.
type TrayItem struct {
	ID, Text string
	// Radio and Check say what is drawn before the text, On whether it is set.
	Radio, Check, On bool
}

// TrayState is what the tray shows.
type TrayState struct {
	Status  model.Status // model.Offline while there is no connection
	Unread  int          // 0 shows no number
	Tooltip string
	Menu    []TrayItem
}

func (s TrayState) equal(o TrayState) bool {
	if s.Status != o.Status || s.Unread != o.Unread || s.Tooltip != o.Tooltip || len(s.Menu) != len(o.Menu) {
		return false
	}
	for i := range s.Menu {
		if s.Menu[i] != o.Menu[i] {
			return false
		}
	}
	return true
}

// Tray is the program's icon in the desktop's tray, a StatusNotifierItem with a
// menu, in one goroutine of its own. Without a session bus or a tray it shows
// nothing, waits for one, and is no error. Safe for concurrent use.
type Tray struct {
	title  string
	chosen func(id, token string)
	cancel context.CancelFunc
	done   chan struct{}
	shown  atomic.Bool
	wake   chan struct{}
	clicks chan click
	mu     sync.Mutex
	state  TrayState
}

type click struct{ id, token string }

// TrayClicked is the id of a click on the icon itself.
const TrayClicked = ""

// NewTray begins to show an icon. chosen is called, one call at a time, with the
// ID of what the person chose, TrayClicked for the icon itself, and the token with
// which a window may take the focus, if the desktop gave one.
func NewTray(title string, first TrayState, chosen func(id, token string)) *Tray {
	ctx, cancel := context.WithCancel(context.Background())
	t := &Tray{title: title, chosen: chosen, cancel: cancel, done: make(chan struct{}), state: first,
		wake: make(chan struct{}, 1), clicks: make(chan click, maxClicks)}
	go t.run(ctx)
	return t
}

// Set changes what shows, soon; it never blocks.
func (t *Tray) Set(s TrayState) {
	t.mu.Lock()
	same := t.state.equal(s)
	t.state = s
	t.mu.Unlock()
	if same {
		return
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Shown tells whether a tray shows the icon now.
func (t *Tray) Shown() bool { return t.shown.Load() }

// Close takes the icon away and waits until chosen is called no more.
func (t *Tray) Close() {
	t.cancel()
	<-t.done
}

func (t *Tray) now() TrayState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

func (t *Tray) click(id, token string) {
	select {
	case t.clicks <- click{id, token}:
	default: // sixteen clicks that nothing came of: more will not help
	}
}

// run shows the icon until ctx ends, on a new connection whenever one is lost.
func (t *Tray) run(ctx context.Context) {
	defer close(t.done)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for wait := trayAgain; ; wait = min(2*wait, trayLate) {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		began := time.Now()
		t.serve(ctx)
		t.shown.Store(false)
		if time.Since(began) > trayLate {
			wait = trayAgain
		}
		pause.Reset(wait)
	}
}

// serve shows the icon on one connection.
func (t *Tray) serve(ctx context.Context) {
	watcher := bus.NewPoke()
	conn, err := bus.Session(ctx, bus.Options{Heard: func(s *dbus.Signal) {
		if concerns(s) {
			watcher.Do()
		}
	}})
	if err != nil {
		return // no bus: tried again later
	}
	defer conn.Close()
	name := fmt.Sprintf("%s-%d-1", itemIface, os.Getpid())
	item, err := export(conn, t, t.now())
	if err == nil {
		_, err = conn.RequestName(name, dbus.NameFlagDoNotQueue)
	}
	if err != nil || follow(ctx, conn) != nil {
		return
	}
	t.register(ctx, conn, name)
	settled := time.NewTimer(0)
	defer settled.Stop()
	ready, waits := false, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-conn.Context().Done():
			return
		case <-watcher:
			t.register(ctx, conn, name)
		case c := <-t.clicks:
			t.chosen(c.id, c.token)
		case <-t.wake:
			waits = true
		case <-settled.C:
			ready = true
		}
		if ready && waits {
			item.show(t.now())
			ready, waits = false, false
			settled.Reset(trayEvery)
		}
	}
}

// follow asks to be told when the tray comes, goes or begins anew.
func follow(ctx context.Context, conn *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchInterface("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName)); err != nil {
		return err
	}
	return conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(watcherName), dbus.WithMatchPathNamespace(watcherPath))
}

// concerns tells whether a signal means that the icon must be registered again,
// or that there is nobody who shows it.
func concerns(s *dbus.Signal) bool {
	switch s.Name {
	case "org.freedesktop.DBus.NameOwnerChanged":
		return s.Sender == "org.freedesktop.DBus" && len(s.Body) == 3 && s.Body[0] == watcherName
	case watcherName + ".StatusNotifierHostRegistered", watcherName + ".StatusNotifierHostUnregistered":
		return true
	}
	return false
}

// register gives the icon to the watcher, to which once more is no more than
// once, and notes whether anybody shows it.
func (t *Tray) register(ctx context.Context, conn *dbus.Conn, name string) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	watcher := conn.Object(watcherName, watcherPath)
	err := watcher.CallWithContext(ctx, watcherName+".RegisterStatusNotifierItem", dbus.FlagNoAutoStart, name).Err
	if err != nil {
		t.shown.Store(false)
		return
	}
	var shows dbus.Variant
	err = watcher.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, watcherName, "IsStatusNotifierHostRegistered").Store(&shows)
	there, known := shows.Value().(bool)
	t.shown.Store(err != nil || !known || there) // a watcher that does not say is its own host
}
