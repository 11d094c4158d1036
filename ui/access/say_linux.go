package access

import (
	"context"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	// keepNotes is for how many more announcements one that was said can be read.
	keepNotes = 8
	// askListeners bounds asking who listens.
	askListeners = time.Second
	registryPath = "/org/a11y/atspi/registry"
)

// say has screen readers say something that happened by itself, politely. There are
// two ways, and who knows the first one is not told in the second, which is older.
func (s *Server) say(ctx context.Context, conn *dbus.Conn, text string) {
	newer, older := listeners(ctx, conn)
	if newer {
		emitter{conn: conn}.send(0, "Object.Announcement", "", 1, 0, text)
	}
	if older {
		emitter{conn: conn}.state(s.note(text), "showing", true)
	}
}

// note makes a notification that lies in no list: it is there to be read by who is
// told of it, and its number is never used again. Numbers of the window's own nodes
// are positive.
func (s *Server) note(text string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said++
	n := &Node{ID: -s.said, Parent: s.now.tree.Root, Note: Note{Role: Notice, Name: text}}
	s.notes = append(s.notes, n)
	s.notes = s.notes[max(0, len(s.notes)-keepNotes):]
	return n.ID
}

// registered is a listener: its name on the bus and what it listens to.
type registered struct{ Name, Event string }

// listeners tells whether somebody listens to announcements, and whether somebody
// listens to what comes into sight and not to announcements, as Orca does before
// its version 45. Where nobody can tell, both do.
func listeners(ctx context.Context, conn *dbus.Conn) (newer, older bool) {
	ctx, cancel := context.WithTimeout(ctx, askListeners)
	defer cancel()
	var all []registered
	if conn.Object(registryName, registryPath).CallWithContext(ctx, registryName+".GetRegisteredEvents", 0).Store(&all) != nil {
		return true, true
	}
	return ways(all)
}

// ways is what the registry's list says.
func ways(all []registered) (newer, older bool) {
	announced, seen := map[string]bool{}, map[string]bool{}
	for _, r := range all {
		event := strings.ToLower(strings.ReplaceAll(r.Event, "-", ""))
		switch {
		case strings.HasPrefix(event, "object:announcement"), strings.Trim(event, ":") == "object":
			announced[r.Name] = true
		case strings.HasPrefix(event, "object:statechanged"):
			detail := strings.Trim(strings.TrimPrefix(event, "object:statechanged"), ":")
			seen[r.Name] = seen[r.Name] || detail == "" || detail == "showing"
		}
	}
	for name := range seen {
		older = older || seen[name] && !announced[name]
	}
	return len(announced) > 0, older
}
