package desktop

import (
	"runtime"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"switchboard/host/desktest"
)

// flood sends much to every program on the session bus: signals that look like
// those of services, and calls of the tray's icon.
func flood(t *testing.T) {
	t.Helper()
	conn, err := plain(dbus.SessionBusPrivateNoAutoStartup)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var server string // a plain one that would count
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetNameOwner", 0, notifications).Store(&server); err != nil {
		t.Fatal(err)
	}
	var names []string
	if err := conn.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
		t.Fatal(err)
	}
	message := func(to string, kind dbus.Type, path dbus.ObjectPath, face, member string, body ...any) {
		m := &dbus.Message{Type: kind, Flags: dbus.FlagNoReplyExpected, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(to), dbus.FieldPath: dbus.MakeVariant(path), dbus.FieldInterface: dbus.MakeVariant(face),
			dbus.FieldMember: dbus.MakeVariant(member), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body...))}}
		if err := conn.Send(m, nil).Err; err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("x", 20_000)
	for range 1500 {
		for _, to := range names {
			if !strings.HasPrefix(to, ":") || to == conn.Names()[0] || to == server {
				continue
			}
			message(to, dbus.TypeSignal, notificationsPath, notifications, "NotificationReplied", uint32(1), long)
			message(to, dbus.TypeSignal, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", watcherName, "", long)
			message(to, dbus.TypeSignal, watcherPath, watcherName, "StatusNotifierHostRegistered", long)
			message(to, dbus.TypeMethodCall, itemPath, itemIface, "ProvideXdgActivationToken", long)
			message(to, dbus.TypeMethodCall, menuPath, menuIface, "GetGroupProperties", make([]int32, 5000), []string{})
		}
	}
	// What was sent has been delivered when the bus answers the next call.
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
}

// TestFlood: a program that floods the bus costs the tray and the notifications
// neither goroutines nor memory, nor what the person does with them.
func TestFlood(t *testing.T) {
	desktest.Home(t)
	desktest.Bus(t)
	s := desktest.NewServer(t, "actions", "inline-reply")
	p, _ := newPanel(t, true)
	tray, chosen := showTray(t, TrayState{Menu: someMenu})
	desktest.Until(t, "the icon", tray.Shown)
	n, answers := hear(t)
	n.Show(Notice{Key: "bob", Title: "Bob", Reply: "Reply"})
	desktest.Until(t, "a notification", func() bool { return len(s.Notes()) == 1 })
	p.conn.Close() // a plain one that would count
	forged := s.Notes()[0].ID
	goroutines, before := runtime.NumGoroutine(), heap()
	stop, most := make(chan struct{}), make(chan int)
	go func() {
		top := 0
		for {
			select {
			case <-stop:
				most <- top
				return
			default:
				top = max(top, runtime.NumGoroutine()-goroutines)
				runtime.Gosched()
			}
		}
	}()
	flood(t)
	close(stop)
	top := <-most
	grown := int64(heap()) - int64(before)
	t.Logf("%d goroutines and %d KB more", top, grown>>10)
	// Some are here: the counter, the flooder's connection, and what asks for the
	// watcher of the tray.
	if top > 12 || grown > 16<<20 {
		t.Errorf("the flood made %d goroutines and holds %d bytes", top, grown)
	}
	s.Tell("NotificationReplied", forged, "On my way")
	if a := await(t, answers); a != (Answer{Key: "bob", Did: ReplyTyped, Text: "On my way"}) {
		t.Errorf("the answer is %+v", a)
	}
	p, _ = newPanel(t, true)
	desktest.Until(t, "the icon in the next tray", func() bool { return len(p.registered()) > 0 })
	if err := p.conn.Object(p.registered()[0], itemPath).Call(itemIface+".Activate", 0, int32(1), int32(1)).Err; err != nil {
		t.Fatal(err)
	}
	if c := <-chosen; c.id != TrayClicked {
		t.Errorf("a click is %+v", c)
	}
}

// heap is the memory that is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
