package desktest

import (
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	serverName = "org.freedesktop.Notifications"
	serverPath = dbus.ObjectPath("/org/freedesktop/Notifications")
)

// Note is what a Server was asked to show.
type Note struct {
	ID, Replaces uint32
	Title, Body  string
	Actions      []string
	Hints        map[string]dbus.Variant
}

// Server is a notification server that can do what dunst cannot: a reply can be
// typed into a notification.
type Server struct {
	t    *testing.T
	conn *dbus.Conn
	can  []string

	mu     sync.Mutex
	last   uint32
	notes  []Note
	closed []uint32
	hang   chan struct{}
}

// NewServer puts one on the session bus, with these capabilities.
func NewServer(t *testing.T, can ...string) *Server {
	t.Helper()
	conn, err := dbus.SessionBusPrivateNoAutoStartup()
	if err == nil {
		if err = conn.Auth(nil); err == nil {
			err = conn.Hello()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &Server{t: t, conn: conn, can: can}
	if err := conn.Export(serverCalls{s}, serverPath, serverName); err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(serverName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return s
}

// Hang has the server answer nothing until the returned function is called.
func (s *Server) Hang() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hang = make(chan struct{})
	return sync.OnceFunc(func() { close(s.hang) })
}

// Notes are all that were shown, in order.
func (s *Server) Notes() []Note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Note(nil), s.notes...)
}

// Closed are the ids that were taken away.
func (s *Server) Closed() []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]uint32(nil), s.closed...)
}

// Tell sends one of the server's signals.
func (s *Server) Tell(name string, values ...any) {
	s.t.Helper()
	if err := s.conn.Emit(serverPath, serverName+"."+name, values...); err != nil {
		s.t.Fatal(err)
	}
}

// serverCalls are the server's methods on the bus.
type serverCalls struct{ s *Server }

// GetCapabilities is the specification's.
func (c serverCalls) GetCapabilities() ([]string, *dbus.Error) { return c.s.can, nil }

// Notify is the specification's.
func (c serverCalls) Notify(_ string, replaces uint32, _, title, body string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	c.s.mu.Lock()
	hang := c.s.hang
	c.s.mu.Unlock()
	if hang != nil {
		<-hang
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	id := replaces
	if id == 0 {
		c.s.last++
		id = c.s.last
	}
	c.s.notes = append(c.s.notes, Note{id, replaces, title, body, actions, hints})
	return id, nil
}

// CloseNotification is the specification's.
func (c serverCalls) CloseNotification(id uint32) *dbus.Error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.closed = append(c.s.closed, id)
	return nil
}
