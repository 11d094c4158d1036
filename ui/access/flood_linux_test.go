package access

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus/bustest"
)

// registry stands for the desktop's, with which windows register.
type registry struct {
	mu    sync.Mutex
	comes []ref
}

// Embed implements org.a11y.atspi.Socket.
func (r *registry) Embed(who ref) (ref, *dbus.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.comes = append(r.comes, who)
	return ref{"", nullPath}, nil
}

func (r *registry) all() []ref {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]ref(nil), r.comes...)
}

// listening is an accessibility bus with a registry, and a connection of somebody
// who reads the screen.
func listening(t *testing.T) (*registry, *dbus.Conn) {
	t.Helper()
	address, _ := bustest.Start(t)
	t.Setenv("AT_SPI_BUS_ADDRESS", address)
	t.Setenv(Force, "on")
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	r := &registry{}
	if err := conn.Export(r, rootPath, "org.a11y.atspi.Socket"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(registryName, 0); err != nil {
		t.Fatal(err)
	}
	return r, conn
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// window is a tree with n buttons.
func window(n int) *Tree {
	t := empty("Window")
	for i := range n {
		b := &Node{ID: int64(i + 1), Parent: t.Root, Index: i, Note: Note{Role: Button, Name: "Button"}}
		t.Root.Children = append(t.Root.Children, b)
		t.Nodes[b.ID] = b
	}
	return t
}

func options() Options {
	return Options{Name: "Switchboard", Wake: func() {}, More: func(int) string { return "" }}
}

// heap is the memory that is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestFlood: whoever asks without end costs neither goroutines nor memory, and gets
// answers still.
func TestFlood(t *testing.T) {
	r, conn := listening(t)
	var rec Recorder
	s := Start(context.Background(), &rec, options())
	defer s.Close()
	until(t, "the window", func() bool { return len(r.all()) == 1 })
	s.Show(window(500), true)
	me := r.all()[0]
	frame := conn.Object(me.Name, pathOf(0))
	children := func() (all []ref) {
		if err := frame.Call(atspi+"Accessible.GetChildren", 0).Store(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	until(t, "the tree", func() bool { return len(children()) == 500 })
	goroutines, before, top := runtime.NumGoroutine(), heap(), 0
	for range 5000 {
		m := &dbus.Message{Type: dbus.TypeMethodCall, Flags: dbus.FlagNoReplyExpected, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(me.Name), dbus.FieldPath: dbus.MakeVariant(pathOf(0)),
			dbus.FieldInterface: dbus.MakeVariant(atspi + "Accessible"), dbus.FieldMember: dbus.MakeVariant("GetChildren")}}
		if err := conn.Send(m, nil).Err; err != nil {
			t.Fatal(err)
		}
		top = max(top, runtime.NumGoroutine()-goroutines)
	}
	var after []ref
	until(t, "an answer after the flood", func() bool { // as soon as what waits is done
		return frame.Call(atspi+"Accessible.GetChildren", 0).Store(&after) == nil && len(after) == 500
	})
	grown := int64(heap()) - int64(before)
	t.Logf("%d goroutines and %d KB more", top, grown>>10)
	if top > 4 || grown > 8<<20 {
		t.Errorf("the flood made %d goroutines and holds %d bytes", top, grown)
	}
}

// TestWindowsComeAndGo: each window that is closed takes its tree with it, and the
// next one begins with its own.
func TestWindowsComeAndGo(t *testing.T) {
	r, conn := listening(t)
	goroutines := runtime.NumGoroutine()
	for n := range 5 {
		var rec Recorder
		s := Start(context.Background(), &rec, options())
		until(t, "the window", func() bool { return len(r.all()) == n+1 })
		s.Show(window(n+1), true)
		me := r.all()[n]
		var all []ref
		until(t, "its tree", func() bool {
			return conn.Object(me.Name, pathOf(0)).Call(atspi+"Accessible.GetChildren", 0).Store(&all) == nil && len(all) == n+1
		})
		s.Close()
		if rec.Enabled() {
			t.Error("it is recorded for nobody")
		}
		var there bool
		until(t, "its name to be gone", func() bool {
			return conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, me.Name).Store(&there) == nil && !there
		})
	}
	until(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= goroutines })
}

// TestWays: who knows announcements is given those, and who does not a notification.
func TestWays(t *testing.T) {
	for _, c := range []struct {
		all          []registered
		newer, older bool
	}{
		{nil, false, false},
		{[]registered{{":1", "Object:Announcement:"}, {":1", "Object:StateChanged:Showing"}}, true, false},
		{[]registered{{":1", "object:announcement"}, {":2", "Object:StateChanged:showing"}}, true, true},
		{[]registered{{":2", "Object:StateChanged:"}, {":2", "Object:TextChanged:"}}, false, true},
		{[]registered{{":2", "object:state-changed:focused"}, {":2", "Window:Activate"}}, false, false},
		{[]registered{{":3", "Object:"}}, true, false},
	} {
		if newer, older := ways(c.all); newer != c.newer || older != c.older {
			t.Errorf("%v: %v, %v", c.all, newer, older)
		}
	}
}

// TestNotes: what was said can be read for a while, and is then gone.
func TestNotes(t *testing.T) {
	s := &Server{}
	s.now.tree = empty("Window")
	first := s.note("Bob: hello")
	if !pathOf(first).IsValid() || !pathOf(0).IsValid() {
		t.Errorf("%s is no path", pathOf(first))
	}
	if x, ok := s.object(pathOf(first)); !ok || x.node.Name != "Bob: hello" || x.parent().Path != pathOf(0) {
		t.Error("it cannot be read")
	}
	for range keepNotes {
		if s.note("more") == first {
			t.Error("a number is given twice")
		}
	}
	if _, ok := s.object(pathOf(first)); ok || len(s.notes) != keepNotes {
		t.Errorf("%d are kept", len(s.notes))
	}
}
